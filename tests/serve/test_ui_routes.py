"""What the page fetches, and the page itself as it is served."""

import re

import pytest
from fastapi.testclient import TestClient
from starlette.requests import Request

from pincite.serve.access.callers import LOCAL
from pincite.serve.ui.frame import with_chat
from pincite.serve.ui.strings import COOKIE, LANGUAGES
from tests.serve.memory import RULING, MemoryWorkspace


def test_the_page_is_told_what_the_library_holds(
    client: TestClient, workspace: MemoryWorkspace
) -> None:
    workspace.set_tags(workspace.documents()[0].id, ["law", "2025"])
    told = client.get("/ui/start", headers={"accept-language": "zh-CN"}).json()
    assert isinstance(told.pop("ready"), bool)
    assert told == {
        "documents": 2,
        "passages": 7,
        "library": "2 篇文章 · 7 个段落",
        "sources": ["acme.txt", "news.example.com"],
        "languages": ["en", "zh"],
        "tags": ["2025", "law"],
    }


@pytest.mark.parametrize("tag", LANGUAGES)
def test_every_language_has_all_words(client: TestClient, tag: str) -> None:
    words = client.get(f"/ui/words/{tag}").json()
    assert words["tag"] == tag
    assert words.keys() == client.get("/ui/words/en").json().keys()
    assert client.get("/ui/words/xx").status_code == 404


def test_an_article_is_escaped_and_highlighted(
    client: TestClient, workspace: MemoryWorkspace
) -> None:
    document = workspace.add("<b>Bold</b>", f"{RULING}\n\n<script>alert(1)</script>", "b.txt")
    start = RULING.index("Acme must")
    page = client.get(f"/ui/article/{document.info.id}?start={start}&end={start + 9}")
    assert "<mark>Acme must</mark>" in page.text
    assert "&lt;script&gt;" in page.text
    assert "<script" not in page.text
    assert "<b>" not in page.text
    assert client.get("/ui/article/none").status_code == 404
    assert client.get(f"/ui/article/{document.info.id}?start=-1").status_code == 422


def test_a_choice_of_language_outweighs_the_browsers(client: TestClient) -> None:
    headers = {"accept-language": "en", "cookie": f"{COOKIE}=zh-Hant"}
    page = client.get("/", headers=headers)
    assert 'lang="zh-Hant"' in page.text
    assert page.headers["cache-control"] == "no-store"
    assert int(page.headers["content-length"]) == len(page.content)
    forged = client.get("/", headers={"accept-language": "en", "cookie": f"{COOKIE}=<script>"})
    assert re.search(r'<html\s+lang="en"', forged.text)
    assert "pincite_language" not in forged.text


def test_a_page_of_an_unknown_gradio_is_refused() -> None:
    scope = {"type": "http", "headers": [], "query_string": b"", "state": {"caller": LOCAL}}
    request = Request(scope)
    with pytest.raises(ValueError, match="pyproject"):
        with_chat(b"<html><p>no body</p></html>", request)
