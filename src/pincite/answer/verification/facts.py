"""What a sentence says that can be compared: its terms, quantities, names, negations, opposites.

What can be the same in both languages is: 50万 and 500,000, 没有 and "not", 上升 and "rose". Names
written in different scripts are left to the encoder.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from pincite.answer.verification.amounts import amounts
from pincite.answer.verification.opposites import negations, stances
from pincite.quantities.find import Quantity
from pincite.retrieve.retriever import passage_language, passage_terms
from pincite.text import ENGLISH_FUNCTION_WORDS, HAN, content_terms, to_simplified

_WORD = r"[A-Z\u00c0-\u00de][\w&-]*(?:[.'’][A-Za-z]\w*)*"
_LATIN_NAME = re.compile(rf"{_WORD}(?:\.?\s(?:(?:of|de|da|del|van|von|bin|al)\s)?{_WORD})*")
_BEGINS = re.compile(r"(?:^|[.!?:。！？：]|[\"“「『(（])\s*$")
_NO_NAMES = ENGLISH_FUNCTION_WORDS | frozenset(
    """january february march april june july august september october november december monday
    tuesday wednesday thursday friday saturday sunday mr mrs ms dr president chairman minister
    however although though because since despite according while meanwhile furthermore moreover
    additionally finally firstly secondly first second third next last later earlier""".split()
)
# Characters that foreign names are spelled with; three in a row are hardly ever anything else.
_SPELLING = (
    "阿艾埃安奥巴班邦贝本比彼宾波博布查达戴丹德登蒂迪丁顿多恩尔法菲费芬弗夫福盖戈格古哈海汉赫亨华霍基吉"
    "加贾杰金卡凯坎康考科克肯库拉莱赖兰廉朗劳勒雷里利莉琳林隆卢鲁露伦罗洛马玛迈麦曼梅门蒙米密莫姆穆纳娜南"
    "内尼涅宁牛纽诺欧帕潘佩彭皮普奇乔切琼丘让瑞若萨塞森沙什圣施史斯苏索塔泰汤特图托瓦万威韦维温沃乌西希"
    "锡夏肖谢辛休雅亚扬耶叶伊因英尤约泽詹兹佐"
)
_SURNAMES = (
    "赵钱孙李周吴郑王冯陈卫蒋沈韩杨朱秦许何吕施张孔曹严金魏陶姜谢邹窦章苏潘葛范彭鲁韦马苗方俞任袁柳史唐费"
    "薛雷贺倪汤罗毕郝邬安常傅皮齐康伍余顾孟黄穆萧尹姚邵汪毛戴宋庞熊纪舒屈项祝董梁杜阮蓝闵席季贾路江童颜郭"
    "梅盛林钟徐邱骆高夏蔡田樊胡霍虞万柯卢莫房丁邓洪包左石崔龚程邢裴陆翁段侯宫宁仇刘景詹叶黎白蒲卓蔺屠蒙乔"
    "温庄晏柴瞿阎慕连习易廖耿文寇欧"
)
_SAYS = "先生|女士|说|表示|称|指出|认为|透露|介绍|强调|发表|担任|出任|当选|宣布|率领|带领|主演"
_GIVEN = rf"[{HAN}](?:(?!{_SAYS})[{HAN}])?"
_HAN_NAME = re.compile(
    rf"(?P<spelled>[{_SPELLING}]{{2,}}[·・•][{_SPELLING}]{{1,6}}|[{_SPELLING}]{{3,}})"
    rf"|(?P<says>[{_SURNAMES}]{_GIVEN}|[{_SPELLING}]{{2}})(?={_SAYS})"
    r"|(?:总裁|主席|董事长|经理|局长|馆长|法官|校长|院长|主任|教练|演员|导演|歌手|总统|总理|首相"
    r"|部长|书记|市长|省长|教授|博士|医生|律师|记者|作家)"
    rf"(?P<titled>[{_SURNAMES}]{_GIVEN})"
    rf"|(?P<body>[{HAN}]{{2}}(?:大学|学院|银行|法院|医院))"
    rf"|(?P<place>[{HAN}]{{2}}[市省县州])"
)
_CLAUSE = re.compile(r"[，,；;。：:]\s*|\s+(?:but|and|while|although|whereas)\s+")
_MOST_NAMES = 4
_MOST_INTRODUCTIONS = 3
# What LLMs put before a statement without stating anything.
_SOURCE = (
    r"(?:the |this |these |those |all )?"
    r"(?:provided |given |retrieved |cited |above |first |second |third )?"
    r"(?:articles?|passages?|reports?|sources?|documents?|texts?|excerpts?|context|information)"
    r"(?: (?:provided|given|above|retrieved))?(?:\s?\d{1,2}(?:(?:,| and|, and|-|–) ?\d{1,2})*)?"
)
_HAN_SOURCE = (
    r"(?:所?提供的|以上|上述|检索到的|檢索到的|相关|相關|该|這篇|这篇"
    r"|第?[\d一二三四五六七八九]{1,2}[篇段条個个]?)?"
    r"(?:文章|资料|資料|報道|报道|报导|報導|段落|文档|文檔|内容|內容|信息|介绍|记载|新闻|新聞|文件|来源|來源|原文|段)"
    r"(?:\s?\d{1,2})?"
)
_HAN_SAYS = (
    r"(?:显示|顯示|提到|提及|指出|称(?!号|赞)|稱|表示|表明|写道|寫道|说(?!明)|說(?!明)|介绍|介紹|记载"
    r"|記載|所述)(?:到|了)?"
)
_INTRODUCTION = re.compile(
    rf"(?:(?:according to|based on|per|as per|as (?:stated|mentioned|reported|described) (?:in|by)"
    rf"|in|from) {_SOURCE}\s?[,:：，]\s*"
    rf"|{_SOURCE} (?:clearly |also |further )?"
    r"(?:say|state|mention|note|report|indicate|explain|show|describe|add|write)s?(?: that|:|：)\s*"
    r"|(?:in summary|in short|in conclusion|to summari[sz]e|overall|additionally|furthermore"
    r"|moreover|in addition|also|however|therefore|finally|as stated|yes|no"
    r"|the answer is(?: that)?)[,:]\s+"
    r"|it is (?:stated|reported|mentioned|noted) that\s+"
    r"|(?:根据|根據|依据|依據|按照|基于|基於|据|據)"
    rf"[^，。：:,]{{0,8}}?{_HAN_SOURCE}[^，。：:,]{{0,6}}[，：:,]\s*"
    rf"|{_HAN_SOURCE}[^，。：:]{{0,2}}?{_HAN_SAYS}[，：:,]\s*"
    rf"|(?:文中|(?:[该这]篇?)?文章|资料|資料|报道|報道|原文)[^，。：:]{{0,2}}?{_HAN_SAYS}\s*"
    r"|(?:综上所述|总之|总的来说|此外|另外|同时|因此|不过|是的|答案是)[，：:,])",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Facts:
    """What a text says.

    ``terms`` are its content terms in order, for comparison within a language, those of its
    quantities left out, which are compared as such; ``all_terms`` is what another text's terms are
    looked for in; ``stances`` are as ``opposites.stances`` gives them.
    """

    text: str
    language: str
    terms: tuple[str, ...]
    all_terms: frozenset[str]
    quantities: tuple[Quantity, ...]
    names: tuple[str, ...]
    negations: int
    stances: frozenset[int]


@lru_cache(maxsize=20_000)
def facts(text: str) -> Facts:
    """Return what a text says; sentences of passages never change, so it is kept."""
    stated_quantities = tuple(amounts(text))
    return Facts(
        text=text,
        language=passage_language(text),
        terms=tuple(content_terms(_without(text, stated_quantities))),
        all_terms=passage_terms(text),
        quantities=stated_quantities,
        names=tuple(dict.fromkeys(_names(text)))[:_MOST_NAMES],
        negations=negations(text),
        stances=stances(text),
    )


def _without(text: str, found: tuple[Quantity, ...]) -> str:
    for quantity in reversed(found):
        text = f"{text[: quantity.start]} {text[quantity.end :]}"
    return text


def says_something(said: Facts) -> bool:
    """Tell whether there is anything to compare: a quantity, or a word that is no function word.

    "The.", "[a]" and "1" have all that they say in every passage.
    """
    return any(quantity.unit or len(quantity.value) > 1 for quantity in said.quantities) or any(
        len(term) > 1 and term not in ENGLISH_FUNCTION_WORDS for term in said.terms
    )


def stated(text: str) -> str:
    """Return a statement without introductions that state nothing: According to the text, …"""
    rest = text
    for _ in range(_MOST_INTRODUCTIONS):
        found = _INTRODUCTION.match(rest)
        if not found or not rest[found.end() :].strip():
            break
        rest = rest[found.end() :]
    return f"{rest[0].upper()}{rest[1:]}" if rest else text


@lru_cache(maxsize=20_000)
def clauses(text: str) -> tuple[tuple[frozenset[str], int], ...]:
    """Return the content terms of each clause of a text, and how often it negates."""
    parts = [part for part in _CLAUSE.split(text) if part and part.strip()]
    return tuple((frozenset(content_terms(part)), negations(part)) for part in parts)


def _names(text: str) -> Iterator[str]:
    """Yield the names that a text's spelling gives away, in either language."""
    for match in _LATIN_NAME.finditer(text):
        name = _without_common_words(match.group())
        begins = bool(_BEGINS.search(text[max(0, match.start() - 3) : match.start()]))
        common = begins and name == match.group() and " " not in name and name[1:].islower()
        if name and not common:
            yield name
    if passage_language(text) == "zh":
        for match in _HAN_NAME.finditer(to_simplified(text)):
            if match.lastgroup and match[match.lastgroup]:
                yield match[match.lastgroup]


def _without_common_words(name: str) -> str:
    words = name.split()
    while words and words[0].lower().rstrip(".") in _NO_NAMES:
        words = words[1:]
    while words and words[-1].lower().rstrip(".") in _NO_NAMES:
        words = words[:-1]
    return " ".join(words)
