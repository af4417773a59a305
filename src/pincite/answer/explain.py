"""Why each passage was used or not, and what was searched: the same on every surface."""

from collections import defaultdict
from collections.abc import Collection, Sequence

from pincite.answer.extractive import Selection
from pincite.answer.messages import messages_for
from pincite.explanation import Explanation, Fate, Prompted, Searched
from pincite.records import Citation, Hit
from pincite.retrieve.contexts import contexts
from pincite.retrieve.retriever import Retrieval


def explanations(
    retrieval: Retrieval,
    selection: Selection,
    citations: Sequence[Citation],
    language: str,
    shown: Collection[int] | None = None,
) -> list[Explanation]:
    """Explain every passage considered, in rank order, each followed by its duplicates.

    Args:
        retrieval: What was retrieved.
        selection: What was chosen of it.
        citations: The answer's citations.
        language: Of the sentences.
        shown: Ids of the passages that a language model answered from; None if sentences were
            chosen.
    """
    words = messages_for(language)
    markers: dict[int, list[str]] = defaultdict(list)
    for citation in citations:
        markers[citation.passage_id].append(f"[{citation.marker}]")
    places = {
        passage_id: number
        for number, context in enumerate(contexts(retrieval.hits), 1)
        for passage_id in context.passages
    }

    def row(hit: Hit, fate: Fate, duplicate_of: int | None = None) -> Explanation:
        passage_id = hit.passage.id
        support = selection.support.get(passage_id)
        return Explanation(
            passage_id=passage_id,
            document_id=hit.document.id,
            title=hit.document.title,
            dense_rank=hit.dense_rank,
            lexical_rank=hit.lexical_rank,
            cosine=round(hit.cosine, 4),
            lexical=None if hit.lexical is None else round(hit.lexical, 4),
            coverage=round(hit.coverage, 4),
            translated=None if hit.translated is None else round(hit.translated, 4),
            fused=round(hit.fused, 6),
            rerank=None if hit.rerank is None else round(hit.rerank, 4),
            support=None if support is None else round(support, 4),
            used=fate == "cited",
            code=fate,
            why=words.why(fate).format(
                markers=" ".join(markers[passage_id]),
                support=support or 0.0,
                confidence=selection.confidence,
                threshold=selection.thresholds.answer,
                passage=duplicate_of,
            ),
            context=places.get(passage_id),
            duplicate_of=duplicate_of,
        )

    rows = []
    for hit in retrieval.hits:
        cited = hit.passage.id in markers
        fate = _fate_as_quoted(hit, selection) if shown is None else _fate_as_shown(hit, shown)
        rows.append(row(hit, "cited" if cited else fate))
        rows += [row(other, "duplicate", hit.passage.id) for other in hit.duplicates]
    return rows


def searched(
    retrieval: Retrieval,
    selection: Selection,
    documents: int,
    *,
    calibration: str,
    reranker: str | None = None,
    prompt: Prompted | None = None,
) -> Searched:
    """Tell what was searched, under which filters, and the thresholds that decided.

    Args:
        retrieval: What was retrieved.
        selection: What was chosen of it.
        documents: The number of documents searched.
        calibration: What the calibration in use is called.
        reranker: Name and revision of the reranker, if there was one.
        prompt: What a language model was asked, if one was.
    """
    return Searched(
        filters=retrieval.filters,
        documents=documents,
        passages=retrieval.size,
        undated=retrieval.allowed.undated if retrieval.allowed else 0,
        reranker=reranker,
        thresholds=selection.thresholds,
        calibration=calibration,
        contexts=tuple(contexts(retrieval.hits)),
        prompt=prompt,
    )


def _fate_as_shown(hit: Hit, shown: Collection[int]) -> Fate:
    return "not_used" if hit.passage.id in shown else "no_room"


def _fate_as_quoted(hit: Hit, selection: Selection) -> Fate:
    if selection.support.get(hit.passage.id) is None:
        return "no_sentences"
    if selection.reason:
        return "below_threshold"
    return "same_said" if hit.passage.id in selection.same_said else "others_better"
