"""What kind of quantity a question asks for, and whether a text holds one of that kind."""

import re
from functools import cache

from pincite.quantities.find import Kind, Quantity, quantities
from pincite.quantities.numerals import folded

_YUAN = "(?:[千百万亿]{0,2})(?:钱|元|美元|美金|港元|港币|日元|欧元|英镑|人民币|块)"
# The characters below that are written otherwise in traditional Chinese; 甚麼 and 什么 too.
_PAIRS = (
    "麼么麽么甚什價价費费額额營营業业獎奖罰罚錢钱佔占長长漲涨資资簽签為为達达遠远寬宽經经樓楼線线"
    "議议見见潤润"
)
_SIMPLIFIED = {ord(a): b for a, b in zip(_PAIRS[::2], _PAIRS[1::2], strict=True)}
# In this order: the first that a question matches is what it asks for.
_ASKED: tuple[tuple[Kind, str], ...] = (
    (
        "percent",
        r"百分之(?:几|多少)|几成|(?:比例|占比|份额|[长降降业资签率]率|概率|百分比|率)(?:是|为|达|有|到|约)?了?多少"
        r"|多少(?:个)?百分[点比]|\bwhat (?:percent|percentage|proportion|share|fraction)\b"
        r"|\bhow many (?:percent|per cent)\b|\bby what percent",
    ),
    (
        "money",
        rf"多少{_YUAN}|几{_YUAN}|(?:价|价格|售价|费用|成本|金额|营收|收入|利润|工资|薪水|年薪|市值|票房|奖金|罚款)"
        r"(?:是|为|达|有|到|共)?了?多少"
        r"|\bhow much (?:money"
        r"|(?:do|does|did|will|would|must|should|can|has|have|is|was|were|are)\b"
        r"(?=.*\b(?:pay|pays|paid|cost|costs|spend|spent|earn|earned|raise|raised|charge|charged|worth"
        r"|price|priced|invest|invested|owe|owed|fined?|sell|sold|money|acquire|buy|bought"
        r"|purchased?)\b))"
        r"|\bhow many (?:dollars|yuan|euros|pounds|yen|rubles|roubles|rupees)\b"
        r"|\bwhat (?:(?:is|was|were|are) the )?(?:[\w-]+ )?"
        r"(?:price|cost|salary|fee|fine|revenue|budget)\b",
    ),
    ("time", r"几点(?!意见|建议)|\b(?:at )?what time\b|\bwhat hour\b"),
    (
        "date",
        r"何时|什么时[候间]|什么日[子期]|哪一?[年天月日]|几月|几[号日](?!楼|线)|何年|何月|日期是|生日是"
        r"|民国几年|哪一?个?(?:年代|世纪|季度|月)|^(?!.*(?:什么|谁|哪|怎|为何|多)).*(?:日期|时间|年份)[？?。]?$"
        r"|^(?:[\w\s,'-]*[,;] ?)?(?:and |so |but )?(?:since |until |by )?when\b"
        r"|\b(?:what|which) (?:year|date|day|month|decade|century)\b",
    ),
    (
        "duration",
        r"多久|多长时间|(?:多少|几)个?(?:年|月|星期|周|礼拜|天|小时|钟头|分钟|秒)(?!前|级)|多大年纪|多大岁数|几岁"
        r"|\bhow many (?:years|months|weeks|days|hours|minutes|seconds)\b|\bhow old\b"
        r"|\bhow long (?:ago |before |after |until "
        r"|do|does|did|will|would|has|have|had|can|must|should)\b"
        r"|\bfor how long\b",
    ),
    ("ordinal", r"第几|排名?多少|\bwhat (?:rank|place did)\b"),
    (
        "number",
        r"多少|几(?![乎经率何十百千万亿])|多[大长高远重宽深快厚]"
        r"|\bhow (?:many|much|long|far|often|high|large|big|tall|heavy|deep|wide|fast|hot|cold)\b"
        r"|\bwhat (?:is|was|were|are) the (?:[\w-]+ )?(?:population|number|amount|size"
        r"|length|height|weight|area|distance|speed|temperature|depth|total|capacity|altitude|elevation)\b"
        r"|\bwhat (?:number|amount|quantity)\b",
    ),
)
_PATTERNS = tuple((kind, re.compile(pattern)) for kind, pattern in _ASKED)
# 一个 and "one" state no quantity by themselves, but answer a question after a number.
_ONE = re.compile(
    r"一[个名位家人辆台次件条只张本部座间所艘]|\b(?:one|once|twice|single)\b(?! of\b)"
)
_AMOUNTS = frozenset(("number", "money", "percent", "measure", "duration"))


@cache
def asked_kind(question: str) -> Kind | None:
    """Tell which kind of quantity a question asks for.

    Returns:
        "date", "time", "money", "percent", "duration", "ordinal", or "number" for any amount;
        None if it asks for none, or the kind cannot be told from its words.
    """
    asked = folded(question.strip()).translate(_SIMPLIFIED)
    return next((kind for kind, pattern in _PATTERNS if pattern.search(asked)), None)


def holds(kind: Kind, text: str) -> bool:
    """Tell whether a text states a quantity that can answer a question after ``kind``.

    An amount of any unit answers "number", and so does "one"; a date or a time does not. A
    fraction answers "percent", and a large number without a unit "money": 亏损达1.2亿.
    """
    found = quantities(text)
    if kind == "number":
        return any(q.kind in _AMOUNTS for q in found) or bool(_ONE.search(folded(text)))
    return any(_answers(kind, q) for q in found)


def _answers(kind: Kind, quantity: Quantity) -> bool:
    if quantity.kind == kind:
        return True
    if quantity.kind != "number" or quantity.unit:
        return False
    fraction = "/" in quantity.value
    return fraction if kind == "percent" else kind == "money" and not fraction and _large(quantity)


def _large(quantity: Quantity) -> bool:
    return len(quantity.value.partition(".")[0].lstrip("-")) > 3
