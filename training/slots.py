"""The names, terms and words that fill the slots of the templates, in two languages."""

import random
import re
from collections import defaultdict
from pathlib import Path

from amounts import Pair

_HAN = re.compile(r"[\u4e00-\u9fff]+")
_FOREIGN = re.compile(r"[\u4e00-\u9fff]+·[\u4e00-\u9fff]+")
_PLAIN = re.compile(r"[A-Za-z][A-Za-z .'&-]+")
_TWO_WORDS = re.compile(r"[A-Z][a-z]+ [A-Z][a-z]+")
_CLUB = re.compile(r"F\.?C\.?\b|\bSC\b|United|City$|Rovers|Athletic|Real |Bulls|Giants")
_THING = re.compile(
    r"(战争|战役|党|河|江|湖|山脉|车站|机场|桥|帝国|王国|王朝|协会|联盟|联赛|系列|主义|音乐|摇滚|金属|字母"
    r"|文字|方言|语族|语系|勋章|省|县|岛|法|学|运动|条约|银行|铁路|战斗机|火箭|电视台|频道|教|教会|族|军"
    r"|议院|议会|政府|宪法|奖|杯|节|塔|宫|寺|酒|茶|病|症|系统|计划|公园|博物馆|体育场|球场|乐团|乐队|组织)$"
)
# Endings of nouns that name a process, quality or device and need no article.
_NOUN = re.compile(r"(tion|ment|ness|ity|ism|ship|sis|logy|graphy|metry|ance|ence|ture|ing|age)$")
_ADJECTIVE = re.compile(r"(ly|ful|ous|ive|ic|al|less|able|ible|ed|ary|ent|ant|ish|an|y)$")
# Names that take the article inside an English sentence.
_THE = re.compile(
    r"(United|Netherlands|Philippines|Maldives|Bahamas|Gambia|Dominican R|Central A| Islands$"
    r"|Empire|\bWars?\b|Party|Republic|dynasty|Kingdom of|Treaty|Army|Navy|Order of|Museum|Railway"
    r"|Council|Parliament|Revolution)"
)
_UNSETTLED = re.compile(
    r"United Nations|European Union|Antarctica|Bouvet|Heard|Outlying|Clipperton"
)
# Kinds of slot that take in the values of another kind.
_WIDER = (
    ("event", "disaster"),
    ("product", "device"),
    ("genre", "music"),
    ("goods", "crop"),
    ("role", "position"),
    ("role", "office"),
)


def listed_values(path: Path) -> dict[str, list[Pair]]:
    """Read slots.tsv: kind<TAB>English<TAB>Chinese; a wide kind takes in a narrow one."""
    pools: dict[str, list[Pair]] = defaultdict(list)
    for line in path.read_text(encoding="utf-8").splitlines():
        kind, english, chinese = line.split("\t")
        pools[kind].append((english, chinese))
    for wide, narrow in _WIDER:
        pools[wide] += pools[narrow]
    return pools


def _names(kind: str, english: str, chinese: str) -> str | None:
    """Return the slot that an entry of a list of names can fill, if any."""
    han = bool(_HAN.fullmatch(chinese))
    if kind == "dbpedia_entities":
        return _entity(english, chinese, han)
    if not (han and _PLAIN.fullmatch(english)):
        return None
    long = len(chinese) > 1
    fits = {
        "person_names": ("part", len(english) > 2 and len(chinese) < 6),
        "natural_earth": ("place", long),
        "hk_companies": ("company", not english.isupper() and len(chinese) > 2),
        "osm_brands": ("brand", long),
        "cldr": ("language", chinese.endswith("语") and english.isalpha()),
    }
    slot, suits = fits.get(kind, ("", False))
    return slot if suits else None


def _entity(english: str, chinese: str, han: bool) -> str | None:
    """Return the slot that a DBpedia entry can fill, told from the form of its two names."""
    if _FOREIGN.fullmatch(chinese) and _TWO_WORDS.fullmatch(english):
        return "known"
    if not han or "," in english:
        return None
    if re.search(r"University|College|Institute of", english) and chinese.endswith(("学", "学院")):
        return "university"
    if _CLUB.search(english) and chinese.endswith(("俱乐部", "球会", "队", "联", "牛")):
        return "club"
    if english.endswith(" language") and chinese.endswith("语"):
        return "language"
    return "entity" if _THING.search(chinese) and len(chinese) > 2 else None


def _nouns(triples: list[tuple[str, str, str]]) -> list[Pair]:
    """Return words with one meaning, on which two dictionaries agree; most are nouns.

    CC-CEDICT writes verbs with "to", so that a bare gloss is a noun or an adjective.
    """
    cedict: dict[str, set[str]] = defaultdict(set)
    wordnet: dict[str, set[str]] = defaultdict(set)
    for source, english, chinese in triples:
        if source == "cedict":
            cedict[chinese].update(gloss.strip().lower() for gloss in english.split(";"))
        elif source == "cow_wordnet":
            wordnet[chinese].add(english.split(";")[0])
    return [
        (gloss, chinese)
        for chinese, glosses in wordnet.items()
        for gloss in glosses & cedict[chinese]
        if len(glosses) == 1
        and _HAN.fullmatch(chinese)
        and 2 <= len(chinese) <= 6
        and re.fullmatch("[a-z]{3,}( [a-z]{3,})?", gloss)
        and not (chinese.endswith(("的", "地")) or _ADJECTIVE.search(gloss))
    ]


def _terms(triples: list[tuple[str, str, str]], nouns: list[Pair]) -> list[Pair]:
    """Return the nouns, and those of a medical glossary, that need no article."""
    medical = [
        (english, chinese)
        for source, english, chinese in triples
        if source == "tico19_terms"
        and _HAN.fullmatch(chinese)
        and re.fullmatch("[a-z]+( [a-z]+)?", english)
    ]
    compounds = [pair for pair in nouns if " " in pair[0] or _NOUN.search(pair[0])]
    return compounds + [pair for pair in medical if _NOUN.search(pair[0])]


def with_article(name: str) -> str:
    """Return a name as it stands inside an English sentence."""
    bare = name.startswith(("The ", "the ")) or not _THE.search(name)
    return name if bare else f"the {name}"


def name_pools(triples: list[tuple[str, str, str]]) -> dict[str, list[Pair]]:
    """Sort the entries of the term lists into pools of names, in the order of the lists."""
    pools: dict[str, dict[Pair, None]] = defaultdict(dict)
    for source, english, chinese in triples:
        if english.startswith("flag: ") and chinese.startswith("旗: "):
            country = english.removeprefix("flag: ").replace("&", "and").replace(" - ", "-")
            country = re.sub(r" \(.*\)", "", country)
            if not _UNSETTLED.search(country):
                pools["country"][with_article(country), chinese.removeprefix("旗: ")] = None
            continue
        slot = _names(source, english, chinese)
        if slot is not None:
            name = english.removesuffix(" language") if slot == "language" else english
            pools[slot][with_article(name) if slot == "entity" else name, chinese] = None
    nouns = _nouns(triples)
    lists = {slot: list(values) for slot, values in pools.items()}
    return lists | {"noun": nouns, "term": _terms(triples, nouns)}


def person(pools: dict[str, list[Pair]], draw: random.Random) -> Pair:
    """Draw a known person, or compose a foreign or a Chinese name of its parts."""
    style = draw.random()
    if style < 0.25:
        return draw.choice(pools["known"])
    if style < 0.45:
        surname, given = draw.choice(pools["surname"]), draw.choice(pools["given"])
        return f"{surname[0]} {given[0]}", surname[1] + given[1]
    parts = draw.sample(pools["part"], 3 if style > 0.93 else 2)
    return " ".join(en for en, _ in parts), "·".join(zh for _, zh in parts)
