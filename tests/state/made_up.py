"""Answers that nothing was asked for."""

from pincite.records import Answer, Citation, Statement

QUOTE = "The ferry runs at night."


def answer(identifier: str = "a1", text: str = "Yes, at night [1].") -> Answer:
    """An answer with one citation."""
    citation = Citation(
        document_id="d1",
        title="Ferry",
        source="/docs/ferry.txt",
        published=None,
        start=0,
        end=len(QUOTE),
        quote=QUOTE,
        passage_id=7,
        score=0.5,
        marker=1,
    )
    return Answer(
        id=identifier,
        status="answered",
        answer=text,
        language="en",
        statements=[Statement(text, 0, len(text), [1], 0.5, True)],
        citations=[citation],
        closest=[],
        confidence=0.9,
        reason=None,
        mode="extractive",
        degraded=None,
        model="m@1",
        index_generation=3,
        timings_ms={"total": 1.5},
    )
