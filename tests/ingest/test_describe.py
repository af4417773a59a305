import pytest

from pincite.errors import DocumentTooLargeError, EmptyDocumentError
from pincite.ingest.describe import MAX_CHARACTERS, document, iso_date, stated_date
from pincite.records import ParsedDocument, RawSource

RAW = RawSource("/x/notes.txt", "notes.txt", b"", "", None)


def described(text: str, **known: str) -> ParsedDocument:
    return document(RAW, text, media_type="text/plain", **known)


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("Headline\n\nBody text follows here.", "Headline"),
        ("\n\n## 标题\n\n正文。", "标题"),
        ("只有一行", "只有一行"),
        ("小米汽车回应质疑\n" + "正文在第二行，很长。" * 20, "小米汽车回应质疑"),
        ("小米汽车回应质疑\n2025-11-20 来源：新华社\n正文。", "小米汽车回应质疑"),
        ("A first line of running text that is\nwrapped at forty characters, no title.", "notes"),
        (
            "The plant opens in May.\n\nForty people will work there, more than ever before.",
            "notes",
        ),
        (
            "如果“雷军怒了”有用……\n\n正文在这里，比标题长得多，也有标点。正文在这里，比标题长得多。",
            "如果“雷军怒了”有用……",
        ),
        ("x" * 201 + "\n\nbody", "notes"),
    ],
)
def test_a_first_line_set_off_from_the_text_is_the_title(text: str, title: str) -> None:
    assert described(text).title == title


def test_a_stated_title_wins_on_one_line() -> None:
    assert described("Headline\n\nBody.", title=" Stated\n title ").title == "Stated title"


@pytest.mark.parametrize(
    ("text", "lang"),
    [
        ("出行观 | 如果“雷军怒了”有用……\n\nCore Viewpoint - Xiaomi faces a crisis.", "en"),
        ("English headline\n\n小米汽车今日回应了外界的质疑。", "zh"),
        ("標題\n\n小米汽車今日回應了外界對其安全問題的質疑。", "zh-Hant"),
        ("法院判决", "zh"),
        ("123\n\n456", "und"),
    ],
)
def test_the_language_is_that_of_the_body(text: str, lang: str) -> None:
    assert described(text).lang == lang


@pytest.mark.parametrize(
    ("declared", "text", "lang"),
    [
        ("en-US", "小米汽车今日回应了外界的质疑。", "zh"),
        ("zh-CN", "All of this is English text.", "en"),
        ("fr-FR", "La voiture est belle.", "fr"),
        ("en_GB", "All of this is English text.", "en"),
        ("zh", "2024 2025", "zh"),
        ("<script>", "All of this is English text.", "en"),
    ],
)
def test_a_declared_language_counts_where_the_script_agrees(
    declared: str, text: str, lang: str
) -> None:
    assert described(text, lang=declared).lang == lang


@pytest.mark.parametrize(
    "line",
    [
        "2025-11-20",
        "2025/11/20 10:30",
        "2025年11月20日 10:30 来源：新华网",
        "(November 20, 2025)",
        "20 Nov. 2025 | By Jane Doe",
        "Published: Nov 20, 2025",
        "Posted on 20 November 2025 by admin",
        "发布时间：2025年11月20日",
        "By Jane Doe | November 20, 2025",
        "来源：新华社 2025-11-20 08:00",
        "BEIJING, Nov. 20, 2025 (Xinhua) -- Xiaomi said it would recall cars.",
        "新华社北京2025年11月20日电 小米公司今日宣布召回。",
    ],
)
def test_dates_of_datelines_and_bylines_are_read(line: str) -> None:
    assert stated_date(f"A headline\n\n{line}\n\nThe body.") == "2025-11-20"


@pytest.mark.parametrize(
    "line",
    [
        "On November 20, 2025 the company said that it would recall cars.",
        "小米公司2025年11月20日宣布召回十万辆汽车。",
        "Updated: November 20, 2025",
        "2025-11-20 was a bad day for the company.",
        "2025-13-45",
        "Published: 11/20/2025",
        "- 2025-11-20",
        "version 2025-11-201",
    ],
)
def test_dates_within_the_story_are_not_taken_for_publication(line: str) -> None:
    assert stated_date(f"A headline\n\n{line}\n\nThe body.") is None


def test_dates_far_from_the_top_are_not_read() -> None:
    assert stated_date("line\n" * 6 + "2025-11-20") is None


@pytest.mark.parametrize(
    ("stated", "iso"),
    [
        ("2025-11-20T08:00:00+08:00", "2025-11-20"),
        ("2025-1-2", "2025-01-02"),
        ("May 5, 2024", "2024-05-05"),
        ("3 Sept 2024", "2024-09-03"),
        ("2025-02-30", None),
        ("yesterday", None),
    ],
)
def test_iso_date(stated: str, iso: str | None) -> None:
    assert iso_date(stated) == iso


@pytest.mark.parametrize("text", ["", " \n\t　\n", "\u200b\ufeff"])
def test_no_text_is_an_error(text: str) -> None:
    with pytest.raises(EmptyDocumentError, match=r"notes\.txt"):
        described(text)


def test_too_much_text_is_an_error() -> None:
    with pytest.raises(DocumentTooLargeError, match="5000001 characters"):
        described("x" * (MAX_CHARACTERS + 1))
