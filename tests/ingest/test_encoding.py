import codecs

import pytest

from pincite.errors import EncodingError, UnsupportedFormatError
from pincite.ingest.encoding import declared_encoding, decode

SIMPLIFIED = "小米汽车今日回应了外界对其安全问题的质疑，称已经成立专项小组，并将公布调查结果。"
TRADITIONAL = "小米汽車今日回應了外界對其安全問題的質疑，稱已經成立專項小組，並將公布調查結果。"
JAPANESE = "小米の自動車事業は、安全性への懸念と品質問題により信頼性の危機に直面している。"
FRENCH = (
    "La société a annoncé mardi qu'elle rappellerait près de cent mille véhicules après plusieurs "
    "incidents signalés à l'été."
)


@pytest.mark.parametrize(
    ("text", "written", "told"),
    [
        (SIMPLIFIED, "utf-8", "utf-8"),
        (SIMPLIFIED, "utf-8-sig", "utf-8"),
        (SIMPLIFIED, "utf-16", "utf-16"),
        (SIMPLIFIED, "utf-32", "utf-32"),
        (SIMPLIFIED, "gb18030", "gb18030"),
        (SIMPLIFIED, "gbk", "gb18030"),
        (TRADITIONAL, "gb18030", "gb18030"),
        (TRADITIONAL, "big5", "big5hkscs"),
        (JAPANESE, "cp932", "cp932"),
        (FRENCH, "cp1252", "cp1252"),
        ("小米", "gb18030", "gb18030"),
        ("plain ASCII", "ascii", "utf-8"),
    ],
)
def test_text_comes_back_as_written(text: str, written: str, told: str) -> None:
    assert decode(text.encode(written), "x.txt") == (text, told)


@pytest.mark.parametrize("mark", [codecs.BOM_UTF16_BE, codecs.BOM_UTF32_BE])
def test_big_endian_marks_are_obeyed(mark: bytes) -> None:
    encoding = "utf-16-be" if len(mark) == 2 else "utf-32-be"
    assert decode(mark + SIMPLIFIED.encode(encoding), "x")[0] == SIMPLIFIED


def test_big5_is_told_from_gb18030_though_its_bytes_are_valid_in_both() -> None:
    data = TRADITIONAL.encode("big5")
    assert data.decode("gb18030") != TRADITIONAL
    assert decode(data, "x")[0] == TRADITIONAL


def test_a_declared_encoding_decides_short_text() -> None:
    data = "銷量".encode("big5")
    assert decode(data, "x", "big5")[0] == "銷量"


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
def test_a_text_cut_within_a_character_is_still_read(encoding: str) -> None:
    text, told = decode((SIMPLIFIED * 3).encode(encoding)[:-4], "x")
    assert told == encoding
    assert text.startswith(SIMPLIFIED)


def test_a_nul_byte_is_refused_by_its_offset() -> None:
    with pytest.raises(EncodingError, match=r"a\.txt.*NUL byte at offset 5"):
        decode(b"hello\0 world, this is text with one zero byte in it", "a.txt")


def test_a_nul_character_in_utf16_is_refused() -> None:
    with pytest.raises(EncodingError, match="NUL"):
        decode("a\0b".encode("utf-16"), "a.txt")


def test_more_than_five_percent_of_damaged_characters_are_refused() -> None:
    with pytest.raises(EncodingError, match="damaged"):
        decode(("fine" + "\ufffd").encode(), "a.txt")
    assert decode(("fine" * 10 + "\ufffd").encode(), "a.txt")[1] == "utf-8"


@pytest.mark.parametrize("data", [bytes(range(256)) * 4, "hello".encode("utf-16-le") * 9])
def test_binary_data_is_refused_naming_what_was_seen(data: bytes) -> None:
    with pytest.raises(UnsupportedFormatError, match=data[:8].hex(" ")):
        decode(data, "a.txt")


@pytest.mark.parametrize(
    ("markup", "trusted"),
    [
        ("text/html; charset=GBK", "gb18030"),
        ("text/html; charset=gb2312", "gb18030"),
        ("text/html; charset=Shift_JIS", "shift_jis"),
        ('<meta charset="big5">', "big5hkscs"),
        ("text/html; charset=ISO-8859-1", None),
        ("text/html; charset=utf-7", None),
        ("text/html", None),
    ],
)
def test_only_labels_that_mean_something_are_trusted(markup: str, trusted: str | None) -> None:
    assert declared_encoding(markup) == trusted
