"""Neighbouring passages become one context, and nothing else is merged."""

from hypothesis import given
from hypothesis import strategies as st

from pincite.records import DocumentInfo, Hit, Passage, Span
from pincite.retrieve.contexts import contexts


def hit(document: str, ordinal: int) -> Hit:
    start = 100 * ordinal
    span = Span(start, start + 90)
    info = DocumentInfo(document, "T", "/s", None, "en", "text/plain", "0", "now", 5000, 50)
    number = 1000 * ord(document) + ordinal
    passage = Passage(number, document, ordinal, span.start, span.end, "", "x" * 90, (span,))
    return Hit(passage, info, 0.0, None, None, 0.0, 0.0)


def test_neighbours_are_merged_in_the_order_of_their_best() -> None:
    hits = [hit("b", 4), hit("a", 2), hit("b", 7), hit("a", 1), hit("b", 5), hit("a", 4)]
    found = contexts(hits)
    assert [(c.document_id, c.start, c.end) for c in found] == [
        ("b", 400, 590),
        ("a", 100, 290),
        ("b", 700, 790),
        ("a", 400, 490),
    ]
    assert found[1].passages == (hits[3].passage.id, hits[1].passage.id)
    assert contexts([]) == []


@given(st.lists(st.tuples(st.sampled_from("abc"), st.integers(0, 12)), unique=True))
def test_each_passage_is_in_one_context_that_covers_it(places: list[tuple[str, int]]) -> None:
    hits = [hit(document, ordinal) for document, ordinal in places]
    found = contexts(hits)
    members = [i for context in found for i in context.passages]
    assert sorted(members) == sorted(h.passage.id for h in hits)
    by_id = {h.passage.id: h.passage for h in hits}
    for context in found:
        ordinals = [by_id[i].ordinal for i in context.passages]
        assert ordinals == list(range(ordinals[0], ordinals[0] + len(ordinals)))
        assert context.start == by_id[context.passages[0]].start
        assert context.end == by_id[context.passages[-1]].end
        following = (context.document_id, ordinals[-1] + 1)
        assert following not in places
