"""Evaluation questions drafted from feedback."""

from pincite.state.feedback import StoredOpinion


def question_draft(stored: StoredOpinion) -> dict[str, object]:
    """Return a line for a question file, for a person to check and complete.

    A thumb up takes the answer for right: what it cited is the evidence, and a refusal an
    unanswerable question. After a thumb down nobody has said yet what is right: ``answerable`` is
    left out, without which `pincite eval` refuses the line and names it.
    """
    opinion = stored.opinion
    draft: dict[str, object] = {"id": f"feedback-{stored.id}", "question": opinion.question}
    if opinion.language:
        draft["lang"] = opinion.language
    if opinion.rating == "up" and opinion.status == "not_found":
        draft["answerable"] = False
    elif opinion.rating == "up" and opinion.evidence:
        draft["answerable"] = True
        draft["evidence"] = [
            {"document": source, "quote": quote} for source, quote in opinion.evidence
        ]
    said = f"; Pincite said: {opinion.answer}" if opinion.answer else ""
    comment = f": {opinion.comment}" if opinion.comment else ""
    draft["note"] = f"rated {opinion.rating} on {stored.created[:10]}{comment}{said}"
    return draft
