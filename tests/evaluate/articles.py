"""One article and a question for each thing that can happen."""

from collections.abc import Callable

from pincite.records import ParsedDocument
from tests.evaluate.stand_in import MemoryWorkspace

TEXT = """The court ruled against the firm. The ruling was to return double the deposit.
The firm sold cars in May. Rivals copied the firm."""


def no_track(_name: str, _length: int) -> Callable[[], object]:
    """Tell no one the progress."""
    return lambda: None


def article_workspace(kind: type[MemoryWorkspace] = MemoryWorkspace) -> MemoryWorkspace:
    """A library with the article."""
    workspace = kind()
    parsed = ParsedDocument("News", TEXT, None, "en", "text/plain")
    workspace.add_parsed([("/articles/news.txt", parsed)])
    return workspace


def row(id_: str, question: str, quote: str, answer: str, **more: object) -> dict[str, object]:
    """Make a line of a question file."""
    evidence = [{"document": "news.txt", "quote": quote}]
    fields = {"id": id_, "question": question, "answerable": True, "evidence": evidence}
    return {**fields, "answers": [[answer]], **more}


ROWS: list[dict[str, object]] = [
    row("right", "court ruled against whom?", "ruled against the firm", "the firm"),
    row("wrong", "firm sold what in May?", "Rivals copied the firm", "copied"),
    row("words", "was the ruling to return a deposit?", "return double", "treble"),
    row("refused", "竞争对手做了什么？", "Rivals copied", "copied", lang="zh"),
    {"id": "far", "question": "Who won the cup?", "answerable": False, "kind": "far_miss"},
    {"id": "near", "question": "Who ruled the court?", "answerable": False},
]
