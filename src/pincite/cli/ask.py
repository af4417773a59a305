"""``pincite ask``."""

import json
from dataclasses import asdict

import click
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from pincite.answer.messages import messages_for
from pincite.records import MOST_PASSAGES, PASSAGES_CONSIDERED, Answer, Question
from pincite.settings import Settings


@click.command("ask")
@click.argument("question")
@click.option("--json", "as_json", is_flag=True, help="Print the answer as one JSON object.")
@click.option("--explain", is_flag=True, help="Show why each passage was used or dropped.")
@click.option(
    "--mode",
    type=click.Choice(["auto", "extractive", "llm"]),
    default="auto",
    show_default=True,
    help="How to answer: quoted sentences (extractive), or an LLM.",
)
@click.option(
    "--top-k",
    type=click.IntRange(1, MOST_PASSAGES),
    default=PASSAGES_CONSIDERED,
    show_default=True,
    help="Passages to consider.",
)
@click.option("--language", help="Language of labels and refusals: zh, zh-Hant, en.")
@click.pass_context
def ask_command(
    ctx: click.Context,
    question: str,
    as_json: bool,
    explain: bool,
    mode: str,
    top_k: int,
    language: str | None,
) -> None:
    """Answer QUESTION from the library, with the passages it comes from.

    \b
    Examples:
      pincite ask "what did the court rule?"
      pincite ask "法院是怎么判的？" --json
    """
    from pincite.wiring import open_workspace

    settings: Settings = ctx.obj
    with open_workspace(settings) as workspace:
        answer = workspace.ask(
            Question(question, mode, top_k, language, explain)  # type: ignore[arg-type]
        )
    if as_json:
        click.echo(json.dumps(asdict(answer), ensure_ascii=False))
    else:
        _show(Console(soft_wrap=True, highlight=False), answer)


def _show(console: Console, answer: Answer) -> None:
    words = messages_for(answer.language)
    console.print(escape(answer.answer), style="bold" if answer.citations else "yellow")
    if answer.degraded:
        console.print(f"{words.degraded}: {answer.degraded}", style="yellow", markup=False)
    for heading, quotations in ((words.sources, answer.citations), (words.closest, answer.closest)):
        if quotations:
            console.print(f"\n{heading}", style="dim")
        for number, quotation in enumerate(quotations, 1):
            dated = f", {quotation.published}" if quotation.published else ""
            console.print(escape(f"[{number}] “{quotation.quote}”"))
            console.print(
                escape(
                    f"    {quotation.title}{dated}\n    {quotation.source}"
                    f" · {quotation.start}–{quotation.end}"
                ),
                style="dim",
            )
    console.print(
        f"\n{words.confidence} {answer.confidence:.2f} · {answer.mode} · {answer.model}"
        f" · {answer.timings_ms['total']:.0f} ms",
        style="dim",
    )
    if answer.explain:
        _show_explanation(console, answer)


def _show_explanation(console: Console, answer: Answer) -> None:
    table = Table(box=None, header_style="dim")
    for name in ("passage", "document", "dense", "lexical", "fused", "cosine", "coverage", "used"):
        table.add_column(name, justify="right" if name not in ("document", "used") else "left")
    for row in answer.explain or []:
        table.add_row(
            str(row.passage_id),
            row.document_id,
            str(row.dense_rank or "–"),
            str(row.lexical_rank or "–"),
            f"{row.fused:.4f}",
            f"{row.cosine:.2f}",
            f"{row.coverage:.2f}",
            "yes" if row.used else f"no: {row.why}",
        )
    console.print(table)
