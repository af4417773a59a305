"""What is done to a sentence so that it says the same in other words, or something else."""

import re
from collections.abc import Sequence
from random import Random

from pincite.quantities.find import Quantity, quantities
from pincite.text import primary_language, to_simplified, to_traditional

# Words that can be put for one another without a change of meaning.
_SAME = [
    (r"\bsaid\b", "stated"),
    (r"\babout\b", "approximately"),
    (r"\bbecause\b", "since"),
    (r"\bbut\b", "yet"),
    (r"\bhowever\b", "nevertheless"),
    (r"\balso\b", "as well"),
    (r"\blarge\b", "big"),
    (r"\bbegan\b", "started"),
    (r"\bin order to\b", "to"),
    (r"\bmany\b", "a lot of"),
    (r"\bsuch as\b", "like"),
    (r"\busually\b", "normally"),
    (r"\bcompany\b", "firm"),
    (r"\bhelp\b", "assist"),
    (r"\bget\b", "obtain"),
    (r"\bshow\b", "demonstrate"),
    (r"\bfounded\b", "established"),
    (r"\bwhich\b", "that"),
    (r"\bwhile\b", "whereas"),
    (r"\bannounced\b", "made public"),
    (r"\bimportant\b", "significant"),
    (r"\bgoal\b", "aim"),
    ("但是?", "不过"),
    ("因为", "由于"),
    ("并且", "而且"),
    ("表示", "说"),
    ("目前", "现在"),
    ("大约", "约"),
    ("以及", "和"),
    ("如果", "若"),
    ("通过", "借助"),
    ("非常", "十分"),
    ("开始", "着手"),
    ("使用", "采用"),
    ("例如", "比如"),
    ("成立", "创立"),
    ("主要", "主要是"),
    ("同时", "此外"),
    ("重要", "关键"),
    ("帮助", "协助"),
    ("进行", "开展"),
    ("获得", "取得"),
    ("公司", "企业"),
    ("其中", "当中"),
    ("位于", "坐落于"),
    ("许多", "很多"),
]
# Words that turn a sentence into its opposite; most are not in the table that is compared,
# ``pincite.answer.verification.opposites``.
_OPPOSITE = [
    (r"\bincreased?\b", "decreased"),
    (r"\brose\b", "fell"),
    (r"\blargest\b", "smallest"),
    (r"\bfirst\b", "last"),
    (r"\bbefore\b", "after"),
    (r"\bafter\b", "before"),
    (r"\bmore\b", "less"),
    (r"\bhigh\b", "low"),
    (r"\bhigher\b", "lower"),
    (r"\bwon\b", "lost"),
    (r"\bstrong\b", "weak"),
    (r"\bearly\b", "late"),
    (r"\brich\b", "poor"),
    (r"\bopened\b", "closed"),
    (r"\bnorth(ern)?\b", "southern"),
    (r"\bold\b", "new"),
    (r"\bmale\b", "female"),
    (r"\bsuccess(ful)?\b", "failed"),
    (r"\bimproved?\b", "worsened"),
    (r"\bwide\b", "narrow"),
    (r"\bsupport(ed)?\b", "opposed"),
    (r"\baccept(ed)?\b", "rejected"),
    (r"\beasy\b", "difficult"),
    (r"\blong\b", "short"),
    (r"\benhanc(?:ed|ing|e)\b", "weakened"),
    (r"\bexpand(?:ed|ing)?\b", "shrank"),
    (r"\breduc(?:ed|ing|e)\b", "raised"),
    ("增加", "减少"),
    ("上升", "下降"),
    ("提高", "降低"),
    ("最大", "最小"),
    ("最高", "最低"),
    ("首次", "最后一次"),
    ("之前", "之后"),
    ("之后", "之前"),
    ("以前", "以后"),
    ("超过", "不到"),
    ("支持", "反对"),
    ("成功", "失败"),
    ("增强", "削弱"),
    ("增长", "下滑"),
    ("扩大", "缩小"),
    ("开始", "结束"),
    ("北部", "南部"),
    ("东部", "西部"),
    ("早期", "晚期"),
    ("男性", "女性"),
    ("促进", "阻碍"),
    ("积极", "消极"),
    ("丰富", "贫乏"),
    ("优势", "劣势"),
    ("接受", "拒绝"),
    ("公开", "秘密"),
    ("富", "穷"),
    ("加强", "放松"),
    ("改善", "恶化"),
    ("盈利", "亏损"),
    ("胜利", "失败"),
    ("困难", "容易"),
    ("减少", "增加"),
    ("降低", "提高"),
]
_NEGATE = [
    (
        r"\b(is|are|was|were|will|can|could|has|have|had|should|would|must|may|does|did)\b(?! not)",
        r"\1 not",
    ),
    (
        r"(?<![不没要若总只但还就于可老])(是|能|会|可以|应该?|需要|愿意|必须|允许)(?![否不])",
        r"不\1",
    ),
    (r"(?<![没未具拥所])有(?!关|限|效|的)", "没有"),
    ("已经?(?!知)", "尚未"),
    (r"(?<!即)将(?!军|来|领)", "将不会"),
]
_UNNEGATE = [
    (
        r"\b(is|are|was|were|will|can|could|has|have|had|should|would|must|may|does|did) not\b",
        r"\1",
    ),
    (r"\bcannot\b", "can"),
    (r"\b(is|are|was|were|do|does|did|could|would)n['’]t\b", r"\1"),
    (r"\bwithout\b", "with"),
    (r"\bnever\b", "always"),
    ("不(?=是|能|会|可以|应|需要|得|愿|再|允许)", ""),
    ("没有", "有"),
    ("尚?未(?=能|有|经|曾)", ""),
]
_CLAUSE = re.compile(r"[，,；;]\s*")
_CONDITION = re.compile(
    r"\b(?:if|unless|when|but|except|not|no|while|although)\b|如果|若|除|但|虽|当|只有|不|没|未|无",
    re.I,
)
_PRONOUN = re.compile(
    r"^(?:It|He|She|The company|This company|The firm|他|她|它|該公司|该公司|公司|其)"
    r"(?=\s|[^\w]|[\u4e00-\u9fff])"
)


def shortened(sentence: str) -> str | None:
    """Drop the last clause, or the first if it is short; none whose loss may change the meaning."""
    parts = _CLAUSE.split(sentence.rstrip("。.!?！？"))
    end = "。" if primary_language(sentence) == "zh" else "."
    if len(parts) < 2 or any(_CONDITION.search(p) for p in (parts[0], parts[-1])):
        return None
    kept = sentence[: len(sentence.rstrip("。.!?！？")) - len(parts[-1])].rstrip("，,；; ") + end
    return kept if len(kept) >= 0.4 * len(sentence) and len(kept) > 12 else None


def reworded(sentence: str, most: int = 3) -> str | None:
    """Put other words for up to ``most`` words."""
    changed, count = sentence, 0
    for word, other in _SAME:
        if count < most and re.search(word, changed):
            changed, count = re.sub(word, other, changed, count=1), count + 1
    return changed if count else None


def introduced(sentence: str, random: Random) -> str:
    """Put an introduction before a sentence, as LLMs like to."""
    if primary_language(sentence) == "zh":
        return random.choice(["根据文章，", "据报道，", "文中提到，", "资料显示，"]) + sentence
    lead_ins = ["According to the article, ", "The report says that ", "As stated, "]
    return random.choice(lead_ins) + sentence


def named(sentence: str, title: str) -> str | None:
    """Put the title for the pronoun that begins a sentence."""
    title = title.partition("(")[0].replace("_", " ").strip()
    return _PRONOUN.sub(title, sentence, count=1) if title and _PRONOUN.match(sentence) else None


def other_script(sentence: str) -> str | None:
    """Write Chinese in the other characters."""
    other = to_simplified(sentence)
    other = to_traditional(sentence) if other == sentence else other
    return other if other != sentence else None


def _numbers(sentence: str) -> list[Quantity]:
    return [q for q in quantities(sentence) if re.search(r"\d", sentence[q.start : q.end])]


def other_notation(sentence: str) -> str | None:
    """Write the numbers in another notation: thousands, 万, months, percent."""
    changed = sentence
    if primary_language(sentence) == "zh":
        changed = re.sub(r"(\d+(?:\.\d+)?)%", r"百分之\1", changed)
        changed = re.sub(
            r"(?<![\d.])(\d+)万(?![亿\d])", lambda m: f"{int(m[1]) * 10000:,}", changed
        )
        changed = re.sub(r"(?<=\d),(?=\d{3}(?!\d))", "", changed)
        changed = re.sub(r"(\d{4})年(\d{1,2})月(\d{1,2})日", r"\1-\2-\3", changed)
    else:
        changed = re.sub(r"(\d+(?:\.\d+)?)\s?%", r"\1 percent", changed)
        changed = re.sub(r"\$(\d+(?:\.\d+)?) million", r"\1 million dollars", changed)
        changed = re.sub(r"\b([A-Z][a-z]{2,8}) (\d{1,2}), (\d{4})", r"\2 \1 \3", changed)
        changed = re.sub(r"\b(\d{1,3}),(\d{3})\b(?!,)", r"\1\2", changed)
        for word, digits in (
            ("two", "2"),
            ("three", "3"),
            ("four", "4"),
            ("five", "5"),
            ("ten", "10"),
            ("twelve", "12"),
        ):
            changed = re.sub(rf"\b{word}\b(?= \w+s\b)", digits, changed)
    return changed if changed != sentence else None


def renumbered(sentence: str, random: Random) -> str | None:
    """Change a number or a date in a sentence."""
    found = _numbers(sentence)
    if not found:
        return None
    quantity = random.choice(found)
    text = sentence[quantity.start : quantity.end]
    places = [*re.finditer(r"\d+", text)]
    place = random.choice(places)
    old = int(place[0])
    if quantity.kind == "date" and old < 32:
        new = random.choice([n for n in range(1, 13) if n != old])
    else:
        new = random.choice([old + 1, old + 2, max(1, old - 1), old * 2, old + 10, old * 10 + 5])
        new = new if new != old else old + 3
    return (
        sentence[: quantity.start]
        + text[: place.start()]
        + str(new).zfill(len(place[0]) if place[0][0] == "0" else 1)
        + text[place.end() :]
        + sentence[quantity.end :]
    )


def swapped(sentence: str, one: str, others: Sequence[str], random: Random) -> str | None:
    """Put another thing of the same article for one that the sentence names."""
    fitting = [
        o
        for o in others
        if o not in sentence
        and o not in one
        and one not in o
        and abs(len(o) - len(one)) < 0.8 * len(one) + 4
        and bool(re.search(r"\d", o)) == bool(re.search(r"\d", one))
    ]
    return sentence.replace(one, random.choice(fitting)) if fitting else None


def _one_of(table: list[tuple[str, str]], sentence: str, random: Random) -> str | None:
    fitting = [(word, other) for word, other in table if re.search(word, sentence)]
    if not fitting:
        return None
    word, other = random.choice(fitting)
    return re.sub(word, other, sentence, count=1)


def negated(sentence: str, random: Random) -> str | None:
    """Negate a sentence."""
    return _one_of(_NEGATE, sentence, random)


def unnegated(sentence: str, random: Random) -> str | None:
    """Take a negation out of a sentence."""
    return _one_of(_UNNEGATE, sentence, random)


def opposite(sentence: str, random: Random) -> str | None:
    """Put its opposite for a word."""
    return _one_of(_OPPOSITE, sentence, random)


def joined(one: str, other: str) -> str:
    """Make one sentence of two."""
    one = one.rstrip("。.!?！？")
    chinese = primary_language(one) == "zh"
    return f"{one}，{other}" if chinese else f"{one}, and {other}"
