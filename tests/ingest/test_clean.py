import pytest
from hypothesis import given
from hypothesis import strategies as st

from pincite.ingest.clean import clean_name, one_line, plain_ideographs
from pincite.text import clean_text


@pytest.mark.parametrize(
    ("dirty", "clean"),
    [
        ("a\r\nb\rc\u2028d\fe", "a\nb\nc\nd\ne"),
        ("tab\tstays\nand newline", "tab\tstays\nand newline"),
        ("\0a\x07b\x1bc\x7fd\x9fe", "abcde"),
        ("pay \u202ereversed\u202c \u2066x\u2069\u200f", "pay reversed x"),
        ("hi\U000e0069\U000e0067\U000e007f\U000e0100", "hi"),
        ("lone \ud800 surrogate \udfff", "lone  surrogate "),
        ("\ufeffzero\u200bwidth\u2060 soft\xadhyphen", "zerowidth softhyphen"),
        ("小\u200d米 a\u200cb", "小米 ab"),
        ("👩\u200d💻 ❤\ufe0f\u200d🔥", "👩\u200d💻 ❤\ufe0f\u200d🔥"),
        ("می\u200cخواهم", "می\u200cخواهم"),
        ("全角　空格，𠮷", "全角　空格，𠮷"),
    ],
)
def test_clean_text_takes_out_what_no_reader_sees(dirty: str, clean: str) -> None:
    assert clean_text(dirty) == clean


@given(st.text(st.characters(exclude_categories=()), max_size=200))
def test_cleaning_twice_changes_nothing_and_the_result_can_be_stored(text: str) -> None:
    cleaned = clean_text(text)
    assert clean_text(cleaned) == cleaned
    assert cleaned.encode("utf-8").decode("utf-8") == cleaned
    assert "\r" not in cleaned


def test_one_line_joins_lines() -> None:
    assert one_line(" a\n\n b\t c ") == "a b c"


def test_radicals_and_ligatures_become_characters() -> None:
    assert plain_ideographs("⼩⽶⻋⻔⺠ ﬁrm") == "小米车门民 firm"
    assert plain_ideographs("①Ａ㎡") == "①Ａ㎡", "other compatibility characters stay"


@pytest.mark.parametrize(
    ("given_name", "kept"),
    [
        ("report.pdf", "report.pdf"),
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\me\\文档.docx", "文档.docx"),
        ("invoice\u202efdp.exe", "invoicefdp.exe"),
        ("a\0b\nc.txt", "ab c.txt"),
        ("..", "document"),
        ("", "document"),
        ("/", "document"),
        (" .hidden ", "hidden"),
    ],
)
def test_clean_name_keeps_a_harmless_base_name(given_name: str, kept: str) -> None:
    assert clean_name(given_name) == kept


def test_clean_name_keeps_the_ending_of_a_long_name() -> None:
    name = clean_name("长" * 300 + ".pdf")
    assert len(name) == 200
    assert name.endswith("长.pdf")
