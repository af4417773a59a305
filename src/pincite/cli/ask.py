"""``pincite ask``."""

import json
from dataclasses import asdict
from typing import Any

import click
from rich.console import Console
from rich.markup import escape

from pincite.answer.messages import messages_for
from pincite.cli.explain import show_explanation
from pincite.cli.places import stored_source
from pincite.explanation import Filters
from pincite.records import (
    MOST_PASSAGES,
    PASSAGES_CONSIDERED,
    Answer,
    Citation,
    Question,
    Quotation,
)
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
@click.option("--since", metavar="DATE", help="Only articles of this day, month or year, or later.")
@click.option("--until", metavar="DATE", help="Only articles up to the end of it: 2024-06, 2024.")
@click.option(
    "--source",
    "sources",
    metavar="SOURCE",
    multiple=True,
    help="Only articles from this file, folder, URL or site; * and ? as in a shell.",
)
@click.option("--document", "documents", metavar="ID", multiple=True, help="Only this article.")
@click.option("--tag", "tags", metavar="TAG", multiple=True, help="Only articles with this tag.")
@click.option(
    "--written-in",
    "languages",
    metavar="LANG",
    multiple=True,
    help="Only articles in this language: zh, zh-Hant, en.",
)
@click.pass_context
def ask_command(
    ctx: click.Context,
    /,
    question: str,
    as_json: bool,
    explain: bool,
    mode: str,
    top_k: int,
    language: str | None,
    **filters: Any,
) -> None:
    """Answer QUESTION from the library, with the passages it comes from.

    The options that begin with "Only" choose the articles that are searched; given twice, one
    of both is enough. Articles without a date are left out by --since and --until.

    \b
    Examples:
      pincite ask "what did the court rule?"
      pincite ask "法院是怎么判的？" --json
      pincite ask "what changed?" --since 2024-06 --source handbook/ --tag hr
    """
    from pincite.wiring import open_workspace

    settings: Settings = ctx.obj
    filters["sources"] = tuple(map(stored_source, filters["sources"]))
    with open_workspace(settings) as workspace:
        answer = workspace.ask(
            Question(question, mode, top_k, language, explain, Filters(**filters))  # type: ignore[arg-type]
        )
    if as_json:
        click.echo(json.dumps(asdict(answer), ensure_ascii=False))
    else:
        console = Console(soft_wrap=True, highlight=False)
        show_answer(console, answer)
        if answer.explain is not None:
            show_explanation(console, answer)


def show_answer(console: Console, answer: Answer) -> None:
    """Print an answer with its sources, without its explanation."""
    words = messages_for(answer.language)
    console.print(escape(answer.answer), style="bold" if answer.citations else "yellow")
    if answer.degraded:
        console.print(f"{words.degraded}: {answer.degraded}", style="yellow", markup=False)
    for heading, quotations in ((words.sources, answer.citations), (words.closest, answer.closest)):
        if quotations:
            console.print(f"\n{heading}", style="dim")
        for number, quotation in enumerate(quotations, 1):
            console.print(escape(f"[{number}] “{quotation.quote}”"))
            console.print(escape(_origin(quotation, words.also_in)), style="dim")
    console.print(
        f"\n{words.confidence} {answer.confidence:.2f} · {answer.mode} · {answer.model}"
        f" · {answer.timings_ms['total']:.0f} ms",
        style="dim",
    )
    if answer.search and answer.search.undated:
        console.print(f"{words.undated}: {answer.search.undated}", style="yellow")


def _origin(quotation: Quotation, also_in: str) -> str:
    dated = f", {quotation.published}" if quotation.published else ""
    place = f"{quotation.source} · {quotation.start}–{quotation.end}"
    lines = [f"{quotation.title}{dated}", place]
    if isinstance(quotation, Citation):
        lines += [f"{also_in} {other.title} · {other.source}" for other in quotation.also_in]
    return "\n".join(f"    {line}" for line in lines)
