"""``pincite feedback``."""

import json
from collections.abc import Callable
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import click
from rich.console import Console
from rich.table import Column, Table

from pincite.settings import Settings

if TYPE_CHECKING:
    from pincite.state.feedback import Rating, StoredOpinion

_DAY = click.DateTime(["%Y-%m-%d"])


def _choice(command: Callable[..., None]) -> Callable[..., None]:
    rating = click.option("--rating", type=click.Choice(["up", "down"]), help="Only these.")
    since = click.option("--since", type=_DAY, help="Only those from this day on (UTC).")
    return rating(since(command))


@click.group("feedback")
def feedback_command() -> None:
    """Read what people thought of answers, and make evaluation questions of it.

    \b
    Examples:
      pincite feedback list --rating down
      pincite feedback export --since 2026-01-01 > feedback.jsonl
      pincite feedback export --as questions --mark drafts.jsonl > drafts.jsonl
    """


@feedback_command.command("list")
@_choice
@click.option("--limit", type=click.IntRange(1), default=50, show_default=True, help="Most shown.")
@click.pass_context
def _list(ctx: click.Context, rating: "Rating | None", since: Any, limit: int) -> None:
    """List ratings, newest first."""
    found = _found(ctx, rating, since, limit=limit)
    if not found:
        click.echo("there is no such feedback", err=True)
        return
    table = Table(Column("id", no_wrap=True), "day", "rating", "by", "question", box=None)
    table.add_column("comment")
    for item in found:
        opinion = item.opinion
        by = f"{opinion.caller_name} ({opinion.person})" if opinion.person else opinion.caller_name
        row = (item.created[:10], opinion.rating, by, opinion.question, opinion.comment or "–")
        table.add_row(str(item.id), *row)
    Console(highlight=False).print(table, markup=False)


@feedback_command.command("export")
@_choice
@click.option(
    "--as",
    "form",
    type=click.Choice(["records", "questions"]),
    default="records",
    show_default=True,
    help="Everything that is kept; or drafts of evaluation questions, of ratings that are not"
    " marked. A draft after a thumb down lacks `answerable` and evidence: fill them in.",
)
@click.option("--mark", metavar="NAME", help="Mark what was exported as used for this.")
@click.pass_context
def _export(
    ctx: click.Context, rating: "Rating | None", since: Any, form: str, mark: str | None
) -> None:
    """Print ratings, one JSON object a line, newest first."""
    from pincite.state.drafts import question_draft

    questions = form == "questions"
    found = _found(ctx, rating, since, unused=questions)
    for item in found:
        line = question_draft(item) if questions else _record(item)
        click.echo(json.dumps(line, ensure_ascii=False))
    if mark:
        from pincite.state.store import State

        settings: Settings = ctx.obj
        with State.open(settings.home) as state:
            state.feedback.mark([item.id for item in found], mark)


@feedback_command.command("clear")
@click.option("--before", type=_DAY, required=True, help="Delete those before this day (UTC).")
@click.pass_context
def _clear(ctx: click.Context, before: Any) -> None:
    """Delete old ratings for good."""
    from pincite.state.store import State

    settings: Settings = ctx.obj
    with State.open(settings.home) as state:
        gone = state.feedback.clear(before=f"{before:%Y-%m-%d}")
    click.echo(f"deleted {gone:,} ratings", err=True)


def _found(
    ctx: click.Context, rating: "Rating | None", since: Any, **choice: Any
) -> list["StoredOpinion"]:
    from pincite.state.store import State

    settings: Settings = ctx.obj
    start = f"{since:%Y-%m-%d}" if since else ""
    with State.open(settings.home) as state:
        return state.feedback.listed(rating=rating, since=start, **choice)


def _record(item: "StoredOpinion") -> dict[str, object]:
    times = {"id": item.id, "created": item.created, "used_as": item.used_as}
    return {**times, **asdict(item.opinion)}
