"""A part of a sentence is taken literally only where what is left out does not turn it."""

import pytest

from pincite.answer.verification.facts import facts, stated
from pincite.answer.verification.quoting import is_quoted, reserved


@pytest.mark.parametrize(
    ("statement", "sentence", "quoted"),
    [
        ("It rained.", "It rained in May.", True),
        ("The court ruled against Xiaomi.", "The court ruled against Xiaomi, and it paid.", True),
        ("It paid the costs.", "The court ruled against Xiaomi, and it paid the costs.", True),
        ("法院判小米败诉。", "法院判小米败诉，须双倍返还定金。", True),
        ("小米须双倍返还定金。", "法院判小米败诉；小米须双倍返还定金，并承担诉讼费用。", True),
        ("The court ruled against Xiaomi.", "The court ruled against Xiaomi Auto.", False),
        ("It blames the price of but", "It blames the price of butter.", False),
        ("It rained in May.", "He denied that it rained in May.", False),
        ("It rained in May.", "If it rained in May, the dam is full.", False),
        ("The firm pays dividends.", "The firm pays dividends no longer.", False),
        ("The firm pays dividends.", "The firm pays dividends, she claimed.", False),
        ("The firm pays dividends.", "The firm pays dividends, but not to everyone.", False),
        ("股价将会上涨。", "如果销量增加，股价将会上涨。", False),
        ("小米须双倍返还定金。", "原告称，小米须双倍返还定金。", False),
        ("小米须双倍返还定金。", "小米否认，小米须双倍返还定金。", False),
    ],
)
def test_parts_at_the_bounds_of_clauses_are_literal(
    statement: str, sentence: str, quoted: bool
) -> None:
    assert is_quoted(statement, sentence) == quoted


@pytest.mark.parametrize(
    ("statement", "sentence", "result"),
    [
        ("It rained.", "He denied that it rained.", True),
        ("He denied that it rained.", "He denied that it rained.", False),
        ("The match is off.", "If it rains, the match is off.", True),
        ("比赛取消。", "If it rains, the match is off.", True),
        ("The firm grew.", "如果需求上升，公司将会增长。", True),
        ("Sales will rise.", "Sales may rise.", True),
        ("Sales rose in May.", "Sales rose in May.", False),
        ("公司将裁员。", "公司可能裁员。", True),
        ("公司将裁员。", "有传言称公司将裁员。", True),
    ],
)
def test_a_reservation_may_not_be_lost(statement: str, sentence: str, result: bool) -> None:
    assert reserved(facts(statement), [facts(sentence)]) == result


@pytest.mark.parametrize(
    ("text", "rest"),
    [
        ("According to the articles: It rained.", "It rained."),
        ("According to passages 1 and 3, it rained.", "It rained."),
        ("Based on passage 2, it rained.", "It rained."),
        ("Yes, the article says that it rained.", "It rained."),
        ("Passage 1 states: it rained.", "It rained."),
        ("No doubt it rained.", "No doubt it rained."),
        ("The report shows a fall in sales.", "The report shows a fall in sales."),
        ("根据文章，下雨了。", "下雨了。"),
        ("根据以上资料：下雨了。", "下雨了。"),
        ("根据第2段，下雨了。", "下雨了。"),
        ("文章还提到下雨了。", "下雨了。"),
        ("根据法院判决，小米须赔偿。", "根据法院判决，小米须赔偿。"),
        ("信息显示技术公司成立。", "信息显示技术公司成立。"),
    ],
)
def test_an_introduction_that_states_nothing_is_left_out(text: str, rest: str) -> None:
    assert stated(text) == rest
