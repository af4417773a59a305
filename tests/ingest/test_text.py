from pathlib import Path

import pytest

from pincite.errors import EmptyDocumentError
from pincite.ingest.load import Loader
from tests.ingest.conftest import Parse

SEEDS = sorted(Path(__file__).parents[2].joinpath("seeds").glob("*.txt"))


@pytest.mark.parametrize("path", SEEDS, ids=lambda path: path.stem)
def test_a_seed_keeps_its_text_with_its_headline_as_title(path: Path, loader: Loader) -> None:
    whole = path.read_text(encoding="utf-8")
    parsed = loader.parse(loader.fetch(str(path)))
    assert parsed.text == whole
    assert parsed.title == whole.splitlines()[0]
    assert (parsed.lang, parsed.published) == ("en", None)
    assert (parsed.media_type, parsed.encoding) == ("text/plain", "utf-8")


def test_there_are_seeds() -> None:
    assert len(SEEDS) >= 2


FRONT = """---
title: "小米: a case"
date: 2025-11-20
lang: en
tags: [a, b]
---

# Another heading

Body text.
"""


def test_front_matter_is_read_and_left_out(parse: Parse) -> None:
    parsed = parse("case.md", FRONT.encode())
    assert (parsed.title, parsed.published, parsed.lang) == ("小米: a case", "2025-11-20", "en")
    assert parsed.text == "# Another heading\n\nBody text.\n"
    assert parsed.media_type == "text/markdown"


def test_front_matter_in_a_plain_text_is_text(parse: Parse) -> None:
    assert parse("case.txt", FRONT.encode()).text == FRONT


@pytest.mark.parametrize(
    "head",
    [
        "---\nnot: [closed\n---\n",
        "---\njust words\n---\n",
        "---\ndate: 2025-13-45\n---\n",
        "---\n!!python/object/apply:os.system ['true']\n---\n",
    ],
)
def test_what_is_no_front_matter_stays_in_the_text(head: str, parse: Parse) -> None:
    assert parse("a.md", (head + "\nBody.").encode()).text == head + "\nBody."


def test_the_first_heading_of_markdown_is_its_title(parse: Parse) -> None:
    parsed = parse("a.md", b"Some words before.\n\n# The title #\n\nBody with [link](http://x).")
    assert parsed.title == "The title"
    assert "[link](http://x)" in parsed.text, "text and Markdown are kept as they stand"


def test_a_content_type_can_say_markdown(parse: Parse) -> None:
    assert parse("download", FRONT.encode(), "text/markdown").published == "2025-11-20"


def test_text_is_cleaned(parse: Parse) -> None:
    parsed = parse("a.txt", "Head\u202e\r\n\r\nBo\0dy\u200b".replace("\0", "").encode())
    assert parsed.text == "Head\n\nBody"


@pytest.mark.parametrize("encoding", ["gb18030", "big5", "utf-16", "utf-32"])
def test_the_encoding_is_recorded(encoding: str, parse: Parse) -> None:
    text = "標題\n\n公司今日回應了外界對其安全問題的質疑，並將公布結果。"
    parsed = parse("a.txt", text.encode(encoding))
    assert parsed.text == text
    assert (parsed.encoding or "").startswith(encoding)


def test_the_encoding_a_server_states_is_used(parse: Parse) -> None:
    assert parse("a.txt", "銷量".encode("big5"), "text/plain; charset=big5").text == "銷量"


def test_white_space_is_empty(parse: Parse) -> None:
    with pytest.raises(EmptyDocumentError, match=r"a\.txt"):
        parse("a.txt", b" \n\t\n")
