"""Folding, index terms and language of Chinese and English text."""

import re
import unicodedata
from functools import cache, cached_property, lru_cache
from threading import local

import opencc
import snowballstemmer

from pincite.quantities.terms import quantity_terms

TERMS_VERSION = 2
"""Raised with each change of the terms; a lexical index made with others is built again."""

HAN = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U000323af"
_TOKEN = re.compile(
    rf"(?P<han>[{HAN}]+)|(?P<word>[^\W_{HAN}]+(?:[-.,:/+#&'’@_]+[^\W_{HAN}]+)*[+#%]*)"
)
_PART = re.compile(r"\d+(?:[.,]\d+)*|[^\W\d_]+")
_THOUSANDS = re.compile(r"(?<=\d),(?=\d{3}(?!\d))")
_ENGLISH = re.compile(r"[a-z]+")
_KANA = re.compile("[\u3040-\u30ff]")
_HANGUL = re.compile("[\uac00-\ud7af]")
_HAN_CHARACTER = re.compile(f"[{HAN}]")
_SAMPLE = 20_000
_HAN_RUN = re.compile(f"[{HAN}]+")
_LATIN_WORD = re.compile(r"[A-Za-z\u00c0-\u024f]+")
_OTHER_WORD = re.compile(rf"[^\W\d_A-Za-z\u00c0-\u024f{HAN}]+")

_NEWLINES = re.compile("\r\n?|[\v\f\x85\u2028\u2029]")
# Controls, soft hyphens, zero-width and bidirectional marks, surrogates, noncharacters, tags and
# the variation selectors that can carry hidden text.
_INVISIBLE = re.compile(
    "[\0-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\xad\u061c\u180e\u200b\u200e\u200f\u202a-\u202e"
    "\u2060-\u206f\ud800-\udfff\ufeff\ufff9-\ufffc\ufffe\uffff\U000e0000-\U000e0fff]"
)
# Joiners mean something inside emoji and in the Arabic, Indic and South-East Asian scripts.
_JOINED = (
    "\u0600-\u08ff\u0900-\u0dff\u0f00-\u109f\u1780-\u17ff\u2190-\u2bff\ufe0f\U0001f000-\U0001faff"
)
_STRAY_JOINER = re.compile(f"(?<![{_JOINED}])[\u200c\u200d]+|[\u200c\u200d]+(?![{_JOINED}])")

ENGLISH_FUNCTION_WORDS = frozenset(
    """a about after again all also am an and any are as at be been before being between both but by
    can could did do does doing down during each few for from further give gave had has have having
    he her here hers him his how i if in into is it its itself just let list many may me might more
    most much must my name no nor not now of off on once one only or other our out over own please
    say said says shall she should so some such tell than that the their them then there these they
    this those through to too under until up us very was we were what when where which while who
    whom whose why will with would you your according s t d ll re ve""".split()
)
# Longest first: they are cut out of a question before its bigrams are made.
CHINESE_FUNCTION_WORDS = tuple(
    sorted(
        """什么 甚么 怎么 怎么样 怎样 如何 为什么 为何 为啥 多少 几个 哪个 哪些 哪里 哪儿 哪位 哪一
        哪 谁 吗 呢 吧 啊 呀 嘛 啥 咋 了 的 是 与 及 被 把 这个 那个 这些 那些 是否 有没有 是不是
        请问 告诉 我们 你们 他们 以及 关于 对于 根据 时候 何时 何地 何人 何种 多久 多大 多长
        可以 应该 一个 一下""".split(),
        key=len,
        reverse=True,
    )
)
_CHINESE_FUNCTION = re.compile("|".join(CHINESE_FUNCTION_WORDS))


def clean_text(text: str) -> str:
    """Make line ends LF and strip controls, bidi marks, tags, surrogates and stray joiners.

    Tabs and newlines stay, and joiners inside emoji. Cleaning twice changes nothing.
    """
    return _STRAY_JOINER.sub("", _NEWLINES.sub("\n", _INVISIBLE.sub("", text)))


@cache
def _converter(name: str) -> opencc.OpenCC:
    return opencc.OpenCC(name)


def to_simplified(text: str) -> str:
    """Convert traditional Chinese characters and phrases to simplified (OpenCC t2s)."""
    return str(_converter("t2s").convert(text)) if _HAN_CHARACTER.search(text) else text


def to_traditional(text: str) -> str:
    """Convert simplified Chinese to traditional as Taiwan writes it (OpenCC s2tw)."""
    return str(_converter("s2tw").convert(text))


def fold(text: str) -> str:
    """Fold what does not change the meaning: width, compatibility forms, case, Chinese script.

    The length may change, so offsets into the result are not offsets into ``text``.
    """
    return to_simplified(unicodedata.normalize("NFKC", text)).lower()


class _OfThread(local):
    # A stemmer keeps the word that it works on, so threads must not share one.
    @cached_property
    def stemmer(self) -> snowballstemmer.stemmer:
        return snowballstemmer.stemmer("english")


_OF_THREAD = _OfThread()


@lru_cache(maxsize=65536)
def _stem(word: str) -> str:
    return str(_OF_THREAD.stemmer.stemWord(word)) if len(word) > 3 else word


def _bigrams(run: str) -> list[str]:
    return [run[i : i + 2] for i in range(len(run) - 1)]


@lru_cache(maxsize=65536)
def _word_terms(word: str) -> tuple[str, ...]:
    word = _THOUSANDS.sub("", word)
    parts = _PART.findall(word)
    terms = [_stem(part) if _ENGLISH.fullmatch(part) else part for part in parts]
    if len(parts) > 1:
        terms.append(word)
    return tuple(terms)


def _folded_terms(folded: str, *, characters: bool) -> list[str]:
    terms: list[str] = []
    for match in _TOKEN.finditer(folded):
        if run := match["han"]:
            terms += _bigrams(run)
            terms += run if characters or len(run) == 1 else ""
        else:
            terms += _word_terms(match["word"])
    return terms


def index_terms(text: str) -> list[str]:
    """List the terms a text is indexed under, in order, with repetitions.

    Chinese runs give their character bigrams and their characters; other words are lower-cased
    and, if English, stemmed (Snowball); numbers lose their thousands separators; compounds such
    as "user-first" or "GPT-4" give their parts and themselves. Last come the quantities in one
    notation, as ``quantity_terms`` gives them, so that 50万 and 500,000 have a term in common.
    """
    return [*_folded_terms(fold(text), characters=True), *quantity_terms(text)]


def content_terms(question: str) -> list[str]:
    """List a question's distinct terms that carry content: function words left out.

    Chinese function words are cut out before bigrams are made, and a character stands alone only
    where no neighbour is left, so that 法院是怎么判的 gives 法院 and 判. A question made of
    function words only gives all its terms.
    """
    folded = fold(question)
    kept = _HAN_RUN.sub(lambda run: _CHINESE_FUNCTION.sub(" ", run.group()), folded)
    words = [w for w in _TOKEN.finditer(kept) if w.group() not in ENGLISH_FUNCTION_WORDS]
    terms = [t for word in words for t in _folded_terms(word.group(), characters=False)]
    terms = terms or _folded_terms(folded, characters=False)
    return list(dict.fromkeys((*terms, *quantity_terms(question))))


def is_traditional(text: str) -> bool:
    """Tell whether Chinese text is written in traditional characters rather than simplified."""
    simplified, traditional = to_simplified(text), str(_converter("s2t").convert(text))
    return sum(map(str.__ne__, text, simplified)) > sum(map(str.__ne__, text, traditional))


def detect_language(text: str) -> str:
    """Tell a text's language from its scripts, as ``primary_language`` does, or "zh-Hant"."""
    language = primary_language(text)
    return "zh-Hant" if language == "zh" and is_traditional(text[:_SAMPLE]) else language


def primary_language(text: str) -> str:
    """Tell a text's language from its scripts, traditional and simplified Chinese as one.

    Returns:
        "zh", "en" (any Latin script), "ja", "ko", or "und" when no letters decide. A Han
        character weighs as much as a Latin word, so that a Chinese question that names English
        products is Chinese.
    """
    sample = text[:_SAMPLE]
    han = len(_HAN_CHARACTER.findall(sample))
    latin = len(_LATIN_WORD.findall(sample))
    kana = len(_KANA.findall(sample))
    hangul = len(_HANGUL.findall(sample))
    other = len(_OTHER_WORD.findall(sample)) - bool(kana) - bool(hangul)
    if kana > 0.1 * (han + kana) and kana + han > latin:
        return "ja"
    if hangul > han + latin:
        return "ko"
    if han >= latin and han > 0:
        return "zh"
    return "en" if latin > other else "und"
