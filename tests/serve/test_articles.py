"""The page of the articles: the table, reading, and changing the library."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from playwright.sync_api import Browser, FilePayload, expect

from pincite.serve.app import create_app
from pincite.serve.ui.articles import PAGE
from pincite.state.store import State
from tests.serve.calls import configured
from tests.serve.conftest import client_of
from tests.serve.memory import MemoryWorkspace
from tests.serve.watched import Watched, open_chat


@pytest.fixture
def library(browser: Browser, address: str, workspace: MemoryWorkspace) -> Iterator[Watched]:
    assert workspace.stored
    with open_chat(browser, address, path="/articles") as watched:
        expect(watched.page.locator("#pc-library")).not_to_be_empty()
        yield watched


def _titles(client: TestClient, query: str = "") -> list[str]:
    page = client.get(f"/articles{query}").text
    return re.findall(r'<button type="button" class="pc-title"[^>]*>([^<]*)<', page)


def test_the_table_is_sorted_searched_and_paged(
    client: TestClient, workspace: MemoryWorkspace
) -> None:
    assert _titles(client, "?sort=published")[0] == "Verdict in the Acme case"
    assert _titles(client, "?sort=-published")[0] == "Verdict in the Acme case"
    assert _titles(client, "?sort=-added")[0] == "今年的收成"
    assert _titles(client, "?sort=nonsense") == _titles(client)
    assert _titles(client, "?q=ACME") == ["Verdict in the Acme case"]
    workspace.set_tags(workspace.documents()[0].id, ["law"])
    assert _titles(client, "?tag=law") == ["Verdict in the Acme case"]
    assert "No article fits" in client.get("/articles?q=zzz").text
    for number in range(PAGE):
        workspace.add(f"N{number:03}", "x", f"/n/{number}.txt")
    assert _titles(client, "?sort=title")[:2] == ["N000", "N001"]
    assert len(_titles(client, "?sort=title")) == PAGE
    assert _titles(client, "?sort=title&page=2") == ["Verdict in the Acme case", "今年的收成"]
    assert "Page 1 of 2" in client.get("/articles").text
    assert client.get("/articles?page=0").status_code == 422


def test_who_may_ask_reads_and_finds_nothing_to_change(
    tmp_path: Path, workspace: MemoryWorkspace
) -> None:
    with State.open(tmp_path) as state:
        _, ask = state.keys.add("intern", "ask")
        client = client_of(create_app(workspace.as_workspace, state, configured()))
        page = client.get("/articles", headers={"x-api-key": ask}).text
        assert "Verdict in the Acme case" in page
        assert not re.search(r"data-act|pc-adding|/evaluation", page)
        assert "intern" in page
        for path in ("/feedback-list", "/feedback-list/1", "/evaluation", "/evaluation/report"):
            refused = client.get(path, headers={"x-api-key": ask})
            assert refused.status_code == 403
            assert "This page is for those who manage the library" in refused.text
        workspace.reset()
        empty = client.get("/articles", headers={"x-api-key": ask}).text
        assert "Whoever manages the library has not added any." in empty


def _file(name: str, content: bytes) -> FilePayload:
    return {"name": name, "mimeType": "text/plain", "buffer": content}


def test_files_and_pages_are_added_with_a_result_for_each(
    library: Watched, workspace: MemoryWorkspace
) -> None:
    page = library.page
    page.get_by_role("button", name="Add articles").click()
    page.locator("#pc-new-tags").fill("News, 2025")
    page.locator("#pc-files").set_input_files(
        [
            _file("good.txt", b"A good text."),
            _file("bad.bin", b"\0\0"),
            _file("<img src=x onerror=1>.txt", b"Other."),
        ]
    )
    lines = page.locator("#pc-added li")
    expect(lines).to_have_count(3)
    expect(lines.nth(2)).to_contain_text("good.txtAdded")
    expect(lines.nth(1)).to_contain_text("Not added: The file is of no format that can be read")
    expect(lines.nth(0)).to_contain_text("<img src=x onerror=1>.txtAdded")
    page.get_by_label("Web address").fill("https://example.com/a")
    page.get_by_label("Web address").press("Enter")
    expect(lines.first).to_contain_text("https://example.com/aAdded")
    page.get_by_label("Web address").fill("http://internal.example")
    page.get_by_label("Web address").press("Enter")
    expect(lines.first).to_contain_text("only public http and https pages are")
    page.keyboard.press("Escape")
    expect(page.locator("#pc-adding")).to_be_hidden()
    expect(page.locator("tbody tr")).to_have_count(5)
    expect(page.locator("#pc-library")).to_contain_text("5 articles")
    assert {info.tags for info in workspace.documents()} == {(), ("2025", "news")}
    assert library.outside == []
    assert all("status of 4" in error for error in library.errors)


def test_an_article_is_read_replaced_tagged_and_deleted(
    library: Watched, workspace: MemoryWorkspace
) -> None:
    page = library.page
    title = page.get_by_role("button", name="Verdict in the Acme case", exact=True)
    title.press("Enter")
    expect(page.locator("#pc-panel")).to_contain_text("Witnesses spoke for two days.")
    page.keyboard.press("Escape")
    expect(page.locator("#pc-panel")).to_be_hidden()
    expect(title).to_be_focused()
    page.get_by_role("button", name="Edit tags: Verdict").click()
    page.locator("#pc-tags").fill("x" * 60)
    page.locator("#pc-tags").press("Enter")
    expect(page.locator("#pc-tags-wrong")).to_contain_text("60 characters")
    page.locator("#pc-tags").fill("Law， Courts")
    page.locator("#pc-tags").press("Enter")
    expect(page.locator("tbody .pc-tag")).to_have_text(["courts", "law"])
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="Replace with a file: Verdict").click()
    chooser.value.set_files(_file("appeal.txt", b"The appeal was lost."))
    expect(page.get_by_role("button", name="appeal.txt", exact=True)).to_be_visible()
    assert {info.title: info.tags for info in workspace.documents()} == {
        "appeal.txt": ("courts", "law"),
        "今年的收成": (),
    }
    page.get_by_role("button", name="Fetch again: 今年的收成").click()
    expect(page.locator("#pc-toast")).to_contain_text("Replaced")
    for answer in ("Cancel", "Delete"):
        page.get_by_role("button", name="Delete: appeal.txt").click()
        expect(page.locator("#pc-confirm")).to_contain_text("Delete “appeal.txt”?")
        assert "appeal.txt" in {info.title for info in workspace.documents()}
        page.locator("#pc-confirm").get_by_role("button", name=answer).click()
    expect(page.locator("tbody tr")).to_have_count(1)
    assert len(workspace.stored) == 1


def test_an_empty_library_offers_to_add(library: Watched, workspace: MemoryWorkspace) -> None:
    workspace.reset()
    library.page.reload()
    expect(library.page.locator(".pc-empty")).to_contain_text("No articles yet")
    library.page.get_by_role("button", name="Add articles").click()
    library.page.locator("#pc-files").set_input_files(_file("first.txt", b"The first."))
    expect(library.page.locator("tbody tr")).to_have_count(1)
    library.check()
