"""Questions made from an article's own sentences, by rules: no model, and the same each time.

A Chinese question keeps the order of its sentence, so that a quantity gives way to its question
word (…推迟到三月 → …推迟到什么时候？). An English one is turned round where its form is plain ("X
will close Y" → "What will X close?"). What an article is about besides, its names and a table of
subjects tell, in either language.
"""

import re
from collections import Counter
from collections.abc import Iterator

from pincite.quantities.find import Kind, quantities

SHORTEST, LONGEST = 8, 90
_CLAUSE = re.compile(r"[^，。；！？：、,;!?\s（）()“”\"《》]+")
_SENTENCE = re.compile(r"[^.!?。！？\n]+[.!?。！？]?")
_HAN = re.compile(r"[\u4e00-\u9fff]")

# What takes a quantity's place in a Chinese clause.
_ASKED_ZH: dict[Kind, str] = {
    "money": "多少钱",
    "percent": "百分之多少",
    "date": "什么时候",
    "duration": "多久",
}
_PRONOUN_ZH = re.compile(r"^(?:他|她|它|这|那|其|该|此|并|但|而|也|还|又|则|因此|所以|如果|我|你)")

_SUBJECT = (
    r"(?!(?:It|He|She|We|They|This|That|There|These|Those)\b)"
    r"(?P<subject>(?:The|A|An) [a-z][\w' -]{2,40}?|[A-Z][\w.&'-]+(?: [A-Z][\w.&'-]+){0,3})"
)
_OBJECT = r"(?P<object>[a-z][^,;:]{3,60}?)"
_COSTS = re.compile(rf"^{_SUBJECT} costs? ")
_WILL = re.compile(rf"^{_SUBJECT} will (?P<verb>[a-z]+) {_OBJECT}(?: (?:from|on|in|by) .+)?[.]?$")
_SHOULD = re.compile(rf"^{_SUBJECT} (?:should|needs? to|must) (?P<verb>[a-z]+) ")
_BLAMES = re.compile(rf"^{_SUBJECT} blames? ")
_BASE = {
    "announced": "announce",
    "ordered": "order",
    "ruled": "rule",
    "promised": "promise",
    "launched": "launch",
    "mandated": "mandate",
    "agreed to": "agree to",
}
_PAST = re.compile(rf"^{_SUBJECT} (?P<verb>{'|'.join(_BASE)})\b")
_FORMS = (
    (_COSTS, "How much does {subject} cost?"),
    (_WILL, "What will {subject} {verb}?"),
    (_BLAMES, "What does {subject} blame?"),
    (_SHOULD, "What should {subject} {verb}?"),
    (_PAST, "What did {subject} {verb}?"),
)
_WHEN = "When will {subject} {verb} {object}?"
_NAME = re.compile(r"(?<![.!?] )(?<!^)\b[A-Z][a-z]{2,}(?: [A-Z][a-z]+){0,2}")
_NO_NAMES = frozenset(
    "The This That These Those Monday Tuesday Wednesday Thursday Friday Saturday Sunday January "
    "February March April May June July August September October November December".split()
)

# A subject that many articles have: how to tell it in either language, and what one asks then.
_SUBJECTS = tuple(
    (re.compile(cue, re.IGNORECASE), english, chinese)
    for cue, english, chinese in (
        (
            r"\bcourt\b|\bruling\b|\bverdict\b|法院|判决|裁定",
            "What did the court decide?",
            "法院是怎么判的？",
        ),
        (
            r"\bchallenges?\b|\bcrisis\b|\brisks?\b|挑战|危机|风险",
            "What challenges does {name} face?",
            "{name}面临哪些挑战？",
        ),
        (
            r"\bshould\b|\brecommend|\bneeds? to\b|建议|应当|应该",
            "What should {name} do?",
            "{name}应该怎么做？",
        ),
        (
            r"\b(?:units|copies|tickets|cars|homes)\b.{0,12}\bsold\b|\bsales of\b|销量|售出|卖出",
            "How many did {name} sell?",
            "{name}卖出了多少？",
        ),
        (
            r"\brevenues?\b|\bturnover\b|营收|营业收入",
            "What revenue did {name} report?",
            "{name}的营收是多少？",
        ),
        (
            r"\bprofits?\b|净利润|利润",
            "What profit did {name} make?",
            "{name}的利润是多少？",
        ),
        (
            r"\bacquir|\bmerge[rds]?\b|\btakeover\b|收购|并购|合并",
            "Who is acquiring whom?",
            "谁收购了谁？",
        ),
        (
            r"\binjured\b|\bkilled\b|\bvictims?\b|受伤|遇难|伤亡",
            "How many people were hurt?",
            "有多少人伤亡？",
        ),
        (
            r"\bappointed\b|\bsucceeds?\b|\bnew chief\b|任命|接任|出任",
            "Who was appointed?",
            "谁获得了任命？",
        ),
        (
            r"\bstrikes?\b|\bunions?\b|\blay-?offs?\b|罢工|工会|裁员",
            "What do the employees demand?",
            "员工有什么要求？",
        ),
        (
            r"\bstud(?:y|ies)\b|\bresearchers?\b|研究发现|研究人员",
            "What did the researchers find?",
            "研究人员发现了什么？",
        ),
        (
            r"\bstrateg(?:y|ies)\b|策略|战略",
            "What is the strategy of {name}?",
            "{name}的策略是什么？",
        ),
    )
)


def candidates(title: str, body: str, language: str) -> list[str]:
    """Return questions that an article may answer, the most particular first.

    Args:
        title: The article's.
        body: Its text, or the beginning of it.
        language: Of the questions, "zh" or "en".
    """
    chinese = language == "zh"
    own = _from_chinese(body) if chinese else _from_english(body)
    about = _about(title, body, chinese=chinese)
    return list(dict.fromkeys([*own, *about]))


def _from_chinese(body: str) -> Iterator[str]:
    for match in _CLAUSE.finditer(body):
        clause = match[0]
        if not SHORTEST <= len(clause) <= LONGEST // 2 or _PRONOUN_ZH.search(clause):
            continue
        if len(_HAN.findall(clause)) < len(clause) / 2:
            continue
        found = [q for q in quantities(clause) if q.kind in _ASKED_ZH]
        if len(found) != 1:
            continue
        quantity = found[0]
        before = re.sub(
            r"(?:约为|约|近|超过|达到?|原定于|于|在|今年|明年|去年|后年|前年)+$",
            "",
            clause[: quantity.start],
        )
        asked = _ASKED_ZH[quantity.kind]
        if before != clause[: quantity.start] and quantity.kind != "date":
            asked = f"是{asked}"
        yield f"{before}{asked}{clause[quantity.end :]}？"


def _from_english(body: str) -> Iterator[str]:
    for match in _SENTENCE.finditer(body):
        sentence = " ".join(match[0].split())
        question = _turned(sentence)
        if question and SHORTEST <= len(question) <= LONGEST:
            yield question


def _turned(sentence: str) -> str | None:
    for form, question in _FORMS:
        if match := form.search(sentence):
            parts = {**match.groupdict(), "subject": _subject(match)}
            if form is _PAST:
                parts["verb"] = _BASE[match["verb"]]
            dated = form is _WILL and any(q.kind == "date" for q in quantities(sentence))
            return (_WHEN if dated else question).format(**parts)
    return None


def _subject(match: re.Match[str]) -> str:
    subject = match["subject"]
    first = subject.split()[0]
    return subject[0].lower() + subject[1:] if first in {"The", "A", "An"} else subject


def _about(title: str, body: str, *, chinese: bool) -> Iterator[str]:
    name = main_name(body)
    whole = f"{title}\n{body}"
    for cue, english, mandarin in _SUBJECTS:
        question = mandarin if chinese else english
        if cue.search(whole) and (name or "{name}" not in question):
            yield question.format(name=name)


def main_name(body: str) -> str | None:
    """Return the name that an article in Latin letters has most often, if twice or more."""
    names = Counter(
        name for name in _NAME.findall(body) if not _NO_NAMES.intersection(name.split())
    )
    found = [(-count, body.index(name), name) for name, count in names.items() if count >= 2]
    return min(found)[2] if found else None
