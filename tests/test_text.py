"""Folding, terms and language."""

import sys
from concurrent.futures import ThreadPoolExecutor

import pytest
import snowballstemmer
from hypothesis import given
from hypothesis import strategies as st

from pincite.text import (
    clean_text,
    content_terms,
    detect_language,
    fold,
    index_terms,
    to_traditional,
)


@pytest.mark.parametrize(
    ("question", "terms"),
    [
        ("what did the court rule?", ["court", "rule"]),
        ("法院是怎么判的？", ["法院", "判"]),
        ("請問法院怎麼判？", ["法院", "判"]),
        ("小米什么时候卖出50万辆车？", ["小米", "卖出", "50", "万辆", "辆车", "#500000"]),
        ("How many cars were sold?", ["car", "sold"]),
        ("what is it?", ["what", "is", "it"]),
    ],
)
def test_content_terms_leave_function_words_out(question: str, terms: list[str]) -> None:
    assert content_terms(question) == terms


def test_a_questions_terms_are_found_in_what_it_asks_about() -> None:
    article = set(
        index_terms("The court's ruling: Xiaomi SU7 ships 1,361,000 units. 法院判令返还。")
    )
    for question in ("SU7", "1361000 units", "rule", "法院怎么判的", "小米"):
        assert bool(article & set(content_terms(question))) == (question != "小米")


def test_traditional_full_width_and_case_fold_away() -> None:
    assert index_terms("法院判決，ＳＵ７") == index_terms("法院判决,su7")
    assert fold("雙倍定金") == fold("双倍定金")


def test_compounds_give_their_parts_and_themselves() -> None:
    assert index_terms("user-first GPT-4") == ["user", "first", "user-first", "gpt", "4", "gpt-4"]


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("what did the court rule?", "en"),
        ("法院是怎么判的？", "zh"),
        ("法院判決小米返還雙倍定金嗎", "zh-Hant"),
        ("小米 SU7 的 deposit 要退多少?", "zh"),
        ("日本の首都はどこですか", "ja"),
        ("수도는 어디입니까", "ko"),
        ("Кто выиграл?", "und"),
        ("12 + 30 = ?", "und"),
        ("", "und"),
    ],
)
def test_language_is_told_by_script(text: str, language: str) -> None:
    assert detect_language(text) == language


def test_traditional_is_spelled_as_in_taiwan() -> None:
    assert to_traditional("为什么在这里核对？") == "為什麼在這裡核對？"


def test_clean_takes_out_what_hides_or_reorders_and_keeps_emoji_whole() -> None:
    family = "👩\u200d👩\u200d👧"
    assert (
        clean_text(f"a\u202eb\r\nc\x00d\ud800e\U000e0041 {family}\ttab") == f"ab\ncde {family}\ttab"
    )


@given(st.text())
def test_any_text_is_handled(text: str) -> None:
    cleaned = clean_text(text)
    cleaned.encode("utf-8")
    assert clean_text(cleaned) == cleaned
    assert set(content_terms(cleaned)) <= {*index_terms(cleaned), *content_terms(cleaned)}
    assert all(term and not term.isspace() for term in index_terms(cleaned))
    assert detect_language(cleaned)


def test_threads_do_not_mix_up_each_others_words() -> None:
    words = [f"{a}{b}{c}ational" for a in "bcdfg" for b in "aeiou" for c in "lmnrst"]
    texts = [" ".join(words[i::8]) for i in range(8)]
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        with ThreadPoolExecutor(8) as pool:
            found = list(pool.map(index_terms, texts))
    finally:
        sys.setswitchinterval(interval)
    alone = snowballstemmer.stemmer("english")
    assert found == [alone.stemWords(text.split()) for text in texts]
