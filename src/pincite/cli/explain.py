"""How ``pincite ask --explain`` shows what was searched and why each passage was used or not."""

from collections.abc import Iterator
from dataclasses import fields

from rich.console import Console
from rich.text import Text

from pincite.explanation import Explanation, Filters, Searched
from pincite.records import Answer

_STYLES = {"cited": "green", "duplicate": "dim", "same_said": "cyan"}


def show_explanation(console: Console, answer: Answer) -> None:
    """Print an answer's explanation: the search, two lines for each passage, an LLM's prompt."""
    if answer.search:
        _show_search(console, answer.search)
    rows = answer.explain or []
    if rows:
        console.print()
        _show_passages(console, rows)
    if answer.search and answer.search.prompt:
        console.print("\nThe LLM was asked:", style="dim")
        console.print(Text(answer.search.prompt.text))


def _show_search(console: Console, search: Searched) -> None:
    least = search.thresholds
    lines = {
        "searched": f"{search.passages:,} passages of {search.documents:,} documents",
        "filters": "; ".join(_filters(search.filters)) or "none",
        "without date": f"{search.undated:,} documents left out" if search.undated else "",
        "reranker": search.reranker or "",
        "confidence": f"{least.answer:.2f} to answer, {least.relevant:.2f} to be on the subject",
        "calibration": search.calibration,
        "support": f"{least.further:.2f} for a further sentence",
        "same said": f"from cosine {least.same:.2f} of two sentences",
        "neighbours": " · ".join(
            " + ".join(map(str, context.passages))
            for context in search.contexts
            if len(context.passages) > 1
        ),
        "prompt": (prompt := search.prompt)
        and f"version {prompt.version}, at most {prompt.tokens:,} tokens,"
        f" {prompt.passages:,} passages",
    }
    console.print()
    for name, line in lines.items():
        if line:
            console.print(Text.assemble((f"{name:13}", "dim"), line))


def _filters(filters: Filters) -> Iterator[str]:
    for field in fields(filters):
        value = getattr(filters, field.name)
        if value:
            yield f"{field.name} {value if isinstance(value, str) else ', '.join(value)}"


def _show_passages(console: Console, rows: list[Explanation]) -> None:
    reranked = any(row.rerank is not None for row in rows)
    translated = any(row.translated is not None for row in rows)
    header = f"{'passage':>7}  {'dense':>10}  {'lexical':>10}  {'coverage':>8}"
    header += f"{'  translated' if translated else ''}  {'fused':>6}"
    console.print(Text(f"{header}{'  rerank' if reranked else ''}  support  document", "dim"))
    for row in rows:
        numbers = (
            f"{row.passage_id:>7}  {_leg(row.dense_rank, row.cosine, '.2f'):>10}"
            f"  {_leg(row.lexical_rank, row.lexical, '.1f'):>10}  {row.coverage:>8.0%}"
        )
        if translated:
            numbers += f"  {_number(row.translated, '.0%'):>10}"
        numbers += f"  {row.fused:>6.3f}"
        if reranked:
            numbers += f"  {_number(row.rerank, '.2f'):>6}"
        style = _STYLES.get(row.code, "")
        console.print(Text(f"{numbers}  {_number(row.support, '.2f'):>7}  {row.title}", style))
        used = "used" if row.used else f"not used ({row.code})"
        console.print(Text(f"{'':9}{used}: {row.why}", "dim"))


def _leg(rank: int | None, score: float | None, form: str) -> str:
    return "–" if rank is None else f"{rank} · {_number(score, form)}"


def _number(value: float | None, form: str) -> str:
    return "–" if value is None else format(value, form)
