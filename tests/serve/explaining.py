"""What became of a passage that was not chosen."""

from pincite.explanation import Explanation
from pincite.records import Hit


def not_chosen(hit: Hit) -> Explanation:
    return Explanation(
        passage_id=hit.passage.id,
        document_id=hit.document.id,
        title=hit.document.title,
        dense_rank=hit.dense_rank,
        lexical_rank=hit.lexical_rank,
        cosine=hit.cosine,
        lexical=None,
        coverage=hit.coverage,
        translated=hit.translated,
        fused=hit.fused,
        rerank=None,
        support=None,
        used=False,
        code="others_better",
        why="not chosen",
    )
