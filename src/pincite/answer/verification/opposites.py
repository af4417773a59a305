"""Words that turn a statement into its opposite: negations, and pairs such as rise and fall."""

import re
from collections import defaultdict
from functools import lru_cache

from pincite.text import fold, to_simplified

# Each pair: one side | the other, in both languages. English by beginnings of words, unless a
# word ends in "."; Chinese anywhere. Further lines of a pair are indented.
_PAIRS = """
rise rises rose risen rising increas grow grew up. higher soar surg climb gain 上升 增长 增加
    上涨 提高 提升 上调 升至 增至 攀升 回升 | fall falls fell fallen falling decreas declin
    drop. dropped dropping down. lower reduc shrink shrank plung slump 下降 减少 下跌 降低 下滑
    下调 降至 减至 跌至 回落
before prior earlier 之前 以前 早于 | after. afterwards following. later 之后 以后 晚于
more. most. 更多 多于 超过 高于 大于 以上 至少 最多 | less. fewer least. 更少 少于 低于 小于
    不足 以下 至多 最少
win. wins won winning victor defeated 赢得 获胜 胜诉 战胜 击败 夺冠 | lose. loses lost losing
    loss. 输给 败诉 落败 失利 惨败
support backs. backed favour favor 支持 赞成 赞同 | oppos reject against. 反对 拒绝 抵制
approv accept agree adopt pass. passed 批准 通过 同意 接受 采纳 | reject refus den disapprov
    veto block 驳回 否决 拒绝 未获批准 不予
allow permit legal. authori 允许 准许 许可 合法 | ban. bans banned banning prohibit forbid
    forbad illegal outlaw 禁止 不准 不得 非法 取缔
open opens opened opening 开放 开启 开业 开幕 | close. closes closed closing shut 关闭 停业 闭幕
    封闭
start starts started begin began begun launch commenc 开始 启动 开工 开播 | end. ends ended
    finish conclud stop stops stopped ceas 结束 终止 停止 停播 完工
first. earliest 最早 首次 | last. latest final. finally 最晚 最后
buy. buys bought buying purchas acquir 购买 收购 买入 购入 | sell. sells sold selling 出售 卖出
    售出 变卖
success succe 成功 | fail 失败 未能
profit 盈利 利润 获利 | loss. losses deficit 亏损 赤字
import. imports imported 进口 | export 出口
largest biggest highest greatest tallest longest 最大 最高 最长 | smallest lowest least.
    shortest 最小 最低 最短
north. northern 北部 以北 | south. southern 南部 以南
east. eastern 东部 以东 | west. western 西部 以西
positive 积极 正面 阳性 | negative 消极 负面 阴性
include includ contain 包括 包含 | exclud except 不包括 除外
expand expan 扩大 扩张 | contract. contracted shrink 缩小 收缩
advantage benefi 优势 好处 有利 | disadvantage drawback harm 劣势 坏处 不利
guilty convict 有罪 定罪 | acquit innocent 无罪
male. man. men. boy father husband 男性 男子 父亲 丈夫 | female woman women girl mother wife
    女性 女子 母亲 妻子
join. joins joined joining 加入 | leave. leaves left. quit withdr 退出 离开
strength strong 加强 增强 强劲 | weak 减弱 削弱 疲软
early. 早期 | late. 晚期 后期
public. 公开 公立 | private. secret 私人 私立 秘密
improv better. 改善 好转 | worse deteriorat 恶化
old. older 年老 | young 年轻
major. majority 多数 主要 | minor. minority 少数 次要
always 总是 始终 | never 从不 从未
all. 全部 所有 | none. no. 没有任何
high. 高 高额 | low. 低 低额
rich wealth 富裕 富有 丰富 | poor poverty 贫穷 贫困 匮乏
wide. broad 宽 宽阔 广泛 | narrow 窄 狭窄
easy easi 容易 轻松 简单 | difficult hard. 困难 艰难 复杂
long. 长期 | short. 短期
new. newly 新的 崭新 | old. 旧的 陈旧
legal. 合法 | illegal 非法
promot encourag 促进 推动 鼓励 | hinder hamper discourag 阻碍 妨碍 抑制
heavy 重型 | light. 轻型
fast quick rapid 快速 迅速 加快 | slow 缓慢 减缓 放缓
cause 导致 造成 | prevent 防止 避免
attack 进攻 攻击 | defen 防守 防御
arriv 抵达 到达 | depart 出发 离开
create creat 创建 建立 设立 | destroy abolish 摧毁 废除 撤销
hot. warm 热 炎热 | cold. cool 寒冷 冷
internal domestic 国内 内部 | external foreign overseas abroad 国外 海外 外部
temporar 暂时 临时 | permanent 永久
necessary mandatory compulsory required 必须 强制 | optional voluntar 自愿 可选
""".strip()

_LATIN_NEGATION = re.compile(
    r"\b(?:not|no|never|none|neither|nor|without|cannot|nobody|nothing|nowhere|unable|fail(?:s|ed|ing)?"
    r"|lacks?|lacked|den(?:y|ies|ied)|refus\w+|hardly|barely)\b|n['’]t\b"
)
_HAN_NEGATION = re.compile(
    r"不(?![断过仅但只管论少同久妨如止单光禁由得不])|没(?!收)|未(?!来|婚)|无(?!论|锡|线|人机)|非(?!洲|常|官方)|勿|莫(?=[能非])"
    r"|否(?=认|决|定)|拒绝|尚缺|缺乏"
)
_NEGATION = re.compile(rf"{_LATIN_NEGATION.pattern}|{_HAN_NEGATION.pattern}")
_HAN = re.compile("[\u3400-\u9fff]")


def _words() -> dict[str, list[int]]:
    """Return the sides that each word takes, as it stands in the table."""
    sides: dict[str, list[int]] = defaultdict(list)
    for number, pair in enumerate(re.split(r"\n(?! )", _PAIRS), 1):
        one, _, other = pair.partition(" | ")
        for side, words in ((number, one), (-number, other)):
            for word in words.split():
                sides[word].append(side)
    return dict(sides)


_SIDES = _words()
_LONGEST_FIRST = sorted(_SIDES, key=len, reverse=True)
_LATIN_WORDS = "|".join(
    rf"{word[:-1]}\b" if word.endswith(".") else word
    for word in _LONGEST_FIRST
    if not _HAN.match(word)
)
_HAN_WORDS = "|".join(word for word in _LONGEST_FIRST if _HAN.match(word))
_WORDS = re.compile(rf"{_HAN_WORDS}|\b(?:{_LATIN_WORDS})")
# Bounds of quantities, which ``held.py`` compares: they take no side.
_BOUNDS = re.compile(
    r"\bat (?:least|most)\b|\bno(?:t)? (?:more|less|fewer) than\b|不(?=超过|少于|低于)"
)


@lru_cache(maxsize=20_000)
def stances(text: str) -> frozenset[int]:
    """Return which sides of the pairs of opposites a text takes: n for one side, -n for the other.

    A pair of which both sides are there is left out: nothing can be told from it.
    """
    found = {
        side
        for word in _WORDS.findall(_BOUNDS.sub(" ", fold(text)))
        for side in (*_SIDES.get(word, ()), *_SIDES.get(f"{word}.", ()))
    }
    return frozenset(side for side in found if -side not in found)


@lru_cache(maxsize=20_000)
def negations(text: str) -> int:
    """Count the negations in a text of either language."""
    return len(_NEGATION.findall(fold(text)))


def without_negation(text: str) -> list[str]:
    """Return a text without each of its negations in turn."""
    return _without(text, _NEGATION)


def without_side(text: str) -> list[str]:
    """Return a text without each of the words in turn that take a side."""
    return _without(text, _WORDS)


def _without(text: str, words: re.Pattern[str]) -> list[str]:
    plain = to_simplified(text)
    lower = plain.lower()
    plain = plain if len(plain) == len(lower) else lower
    return [plain[: m.start()] + plain[m.end() :] for m in words.finditer(lower)]
