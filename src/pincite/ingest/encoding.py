"""From bytes to text: which encoding, and refusal of what is no text."""

import codecs
import re
from collections.abc import Iterator
from itertools import islice

from charset_normalizer import from_bytes

from pincite.errors import EncodingError, UnsupportedFormatError

_Reading = tuple[str | None, str]

_MAX_DAMAGED = 0.05
_MAX_CONTROLS = 0.05
_MIN_COMMON = 0.05
_SHORT = 12
_SAMPLE = 20_000
# UTF-32 first: its little-endian mark begins with the mark of UTF-16.
_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_DETECTABLE = ["cp932", "cp949", "cp1252", "cp1251"]
_DECLARED = re.compile(r"charset\s*=\s*[\"']?\s*([\w.:-]+)", re.I)
# Western labels are servers' defaults and say nothing; other codecs are not for documents.
_TRUSTED = re.compile(r"shift_jis|sjis|euc-|windows-125[013-8]|koi8")
_CONTROLS = bytes(b for b in range(32) if b not in b"\t\n\v\f\r\x1b")
# About a third of any Chinese text, in both scripts; Big5 bytes read as GB18030, which they nearly
# always are too, hold next to none of these.
_COMMON = frozenset(
    "的一是不了在人有我他这个们中来上大为和国地到以说时要就出会可也你对生能而子那得于着下自之年过发后作"
    "里用道行所然家种事成方多经么去法学如都同现当没动面起看定天分还进好小部其些主样理心她本前开但因只从"
    "想实這個們來為國說時會對於著過發後裡種經麼學現當沒動還進樣開從實，。、：；「」《》“”"
)


def declared_encoding(markup: str) -> str | None:
    """Read the encoding that a Content-Type or a meta tag declares, if such labels are true.

    As in browsers, labels of its older subsets mean GB18030, and Big5 has its extensions.
    """
    match = _DECLARED.search(markup)
    label = match[1].lower() if match else ""
    if label.startswith("gb"):
        return "gb18030"
    if label.startswith("big5"):
        return "big5hkscs"
    return label if _TRUSTED.match(label) else None


def decode(data: bytes, name: str, declared: str | None = None) -> tuple[str, str]:
    """Decode a document's bytes.

    Tried in this order: byte order mark; UTF-8; the encoding declared; GB18030 or Big5, whichever
    reads more like Chinese; the same with a few damaged characters; a detector for Shift-JIS,
    EUC-KR and the Western and Cyrillic Windows code pages.

    Returns:
        The text and the name of the encoding.

    Raises:
        UnsupportedFormatError: If the bytes are binary data.
        EncodingError: If they are text but in no encoding that can be told, hold NUL bytes, or
            more than 5 % of their characters are damaged.
    """
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return _checked(data.decode(encoding, errors="replace"), encoding, name)
    _refuse_binary(data, name)
    for text, encoding in _readings(data, declared):
        if text is not None:
            return _checked(text, encoding, name)
    raise EncodingError(
        f"{name}: its bytes are not text in UTF-8, GB18030, Big5 or any encoding that can be told; "
        "save it as UTF-8"
    )


def _readings(data: bytes, declared: str | None) -> Iterator[_Reading]:
    yield _strict(data, "utf-8")
    yield _strict(data, declared)
    yield _chinese(data, "strict")
    yield _damaged_utf8(data)
    yield _chinese(data, "replace")
    best = from_bytes(data, cp_isolation=_DETECTABLE).best()
    yield (str(best), best.encoding) if best else (None, "")


def _refuse_binary(data: bytes, name: str) -> None:
    controls = len(data) - len(data.translate(None, _CONTROLS))
    if controls > _MAX_CONTROLS * len(data):
        raise UnsupportedFormatError(
            f"{name}: binary data ({controls / len(data):.0%} control bytes, begins "
            f"{data[:8].hex(' ')}), not text, HTML, PDF or DOCX; if it is UTF-16 text without a "
            "byte order mark, save it as UTF-8"
        )
    if b"\0" in data:
        raise EncodingError(
            f"{name}: text with a NUL byte at offset {data.index(0)}; remove it or save as UTF-8"
        )


def _checked(text: str, encoding: str, name: str) -> tuple[str, str]:
    damaged = text.count("\ufffd")
    if damaged > _MAX_DAMAGED * len(text):
        raise EncodingError(
            f"{name}: {damaged} of {len(text)} characters are damaged when read as {encoding} "
            f"(at most {_MAX_DAMAGED:.0%} may be); save it as UTF-8"
        )
    if "\0" in text:
        raise EncodingError(f"{name}: {encoding} text with a NUL character; remove it")
    return text, encoding.removesuffix("-sig")


def _strict(data: bytes, encoding: str | None) -> _Reading:
    try:
        return (data.decode(encoding), encoding) if encoding else (None, "")
    except (UnicodeDecodeError, LookupError):
        return None, ""


def _chinese(data: bytes, errors: str) -> _Reading:
    readings: list[_Reading] = []
    for encoding in ("gb18030", "big5hkscs"):
        try:
            readings.append((data.decode(encoding, errors=errors), encoding))
        except UnicodeDecodeError:
            readings.append((None, ""))
    text, encoding = max(readings, key=lambda reading: _common_share(reading[0]))
    if text is None or not _few_damaged(text):
        return None, ""
    likely = _common_share(text) >= _MIN_COMMON or _short_gb2312(text)
    return (text, encoding) if likely else (None, "")


def _damaged_utf8(data: bytes) -> _Reading:
    text = data.decode("utf-8", errors="replace")
    return (text, "utf-8") if _few_damaged(text) else (None, "")


def _few_damaged(text: str) -> bool:
    foreign = len(text) - len(text.encode("ascii", errors="ignore"))
    return text.count("\ufffd") <= _MAX_DAMAGED * foreign


def _foreign(text: str | None) -> str:
    return "".join(islice((c for c in text or "" if c > "\x7f"), _SAMPLE))


def _common_share(text: str | None) -> float:
    foreign = _foreign(text)
    return sum(c in _COMMON for c in foreign) / len(foreign) if foreign else -1.0


def _short_gb2312(text: str) -> bool:
    """Tell a few characters of everyday Chinese, too few to be judged by the commonest ones."""
    foreign = _foreign(text)
    known = foreign.encode("gb2312", errors="ignore").decode("gb2312")
    return len(foreign) < _SHORT and known == foreign
