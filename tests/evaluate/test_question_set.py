"""The questions that come with Pincite: enough of each sort, and true to the articles."""

from collections import Counter
from pathlib import Path

import pytest

from pincite.evaluate.questions import GoldQuestion, load_questions
from pincite.text import detect_language, fold, is_traditional

ROOT = Path(__file__).parents[2]
QUESTIONS = load_questions(ROOT / "eval/questions.jsonl")
ANSWERABLE = [q for q in QUESTIONS if q.answerable]
KINDS = {"fact", "reason", "advice", "yes_no", "summary", "multi"}
MISSES = {"near_miss", "far_miss"}


def test_there_are_enough_of_each_sort() -> None:
    languages = Counter(q.lang for q in QUESTIONS)
    unanswerable = Counter((q.lang, q.kind) for q in QUESTIONS if not q.answerable)
    assert len(ANSWERABLE) >= 72
    assert languages.keys() == {"zh", "zh-Hant", "en", "mixed"}
    assert min(languages.values()) >= 15
    assert sum(unanswerable.values()) >= 18
    assert all(unanswerable[lang, kind] >= 2 for lang in languages for kind in MISSES)
    assert all(count >= 6 for count in Counter(q.kind for q in QUESTIONS).values())


def test_kinds_fit_whether_there_is_an_answer() -> None:
    assert {q.kind for q in ANSWERABLE} == KINDS
    assert {q.kind for q in QUESTIONS if not q.answerable} == MISSES


def test_ids_and_questions_are_unique_and_in_order() -> None:
    ids = [q.id for q in QUESTIONS]
    assert ids == sorted(set(ids))
    assert len({fold(q.text) for q in QUESTIONS}) == len(QUESTIONS)


def test_the_reference_questions_are_among_them() -> None:
    assert {"what did the court rule?", "法院是怎么判的？"} <= {q.text for q in ANSWERABLE}


def test_both_articles_and_most_sentences_are_asked_about() -> None:
    quotes = {(e.document, e.quote) for q in ANSWERABLE for e in q.evidence}
    counts = Counter(document for document, _ in quotes)
    assert counts == {"000_63e08a905cfa0a35.txt": 15, "004_ab675029e0c7c2a4.txt": 15}


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda q: q.id)
def test_the_language_is_the_one_the_question_is_in(question: GoldQuestion) -> None:
    if question.lang == "mixed":
        scripts = {character.isascii() for character in question.text if character.isalpha()}
        assert scripts == {True, False}
    elif question.lang == "zh-Hant":
        assert is_traditional(question.text)
    else:
        assert detect_language(question.text) == question.lang


@pytest.mark.parametrize("question", ANSWERABLE, ids=lambda q: q.id)
def test_quotes_are_literal_and_hold_the_answers(question: GoldQuestion) -> None:
    for piece in question.evidence:
        assert piece.quote in (ROOT / "seeds" / piece.document).read_text(encoding="utf-8")
    quoted = fold(" ".join(piece.quote for piece in question.evidence))
    assert question.answers
    for group in question.answers:
        assert any(fold(answer) in quoted for answer in group), group


@pytest.mark.parametrize("question", ANSWERABLE, ids=lambda q: q.id)
def test_questions_are_paraphrased_and_not_copied(question: GoldQuestion) -> None:
    words = fold(question.text).rstrip("?").split()
    runs = {" ".join(words[i : i + 5]) for i in range(len(words) - 4)}
    quoted = fold(" ".join(piece.quote for piece in question.evidence))
    assert not [run for run in runs if run in quoted]
