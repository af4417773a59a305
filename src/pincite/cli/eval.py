"""``pincite eval``."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, get_args

import click
from rich.console import Console

from pincite.cli.main import DONE, REFUSALS
from pincite.errors import InputError
from pincite.records import Leg
from pincite.settings import Settings

if TYPE_CHECKING:
    from pincite.evaluate.measures import Figures
    from pincite.evaluate.report import Json

_DEFAULT = Path("eval/questions.jsonl")


@click.command("eval")
@click.argument("location", metavar="[FILE_OR_FOLDER]", default=_DEFAULT, type=Path)
@click.option(
    "--json",
    "out",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write every figure here.",
)
@click.option(
    "--legs",
    multiple=True,
    metavar="dense|lexical|fused",
    help="Rankings to measure, repeated or parted by commas.  [default: fused]",
)
@click.option(
    "--min",
    "minimums",
    multiple=True,
    metavar="NAME=VALUE",
    help="Exit with 1 if this figure is lower; may be repeated.",
)
@click.option("--limit", type=click.IntRange(min=1), help="Run the first questions only.")
@click.pass_context
def eval_command(
    ctx: click.Context,
    *,
    location: Path,
    out: Path | None,
    legs: tuple[str, ...],
    minimums: tuple[str, ...],
    limit: int | None,
) -> None:
    """Measure the answers on a file of questions, or the retrieval on a public data set.

    A file holds questions about documents in the library, with the quotes that answer them
    (default: eval/questions.jsonl). A folder holds a data set in the BEIR shape, or several,
    each of which is taken into a library of its own that is deleted afterwards. What the
    figures mean: docs/evaluation.md.

    \b
    Examples:
      pincite eval
      pincite eval --min evidence_hit=0.9 --min abstention_recall=0.9
      pincite eval beir/scifact --legs fused,dense,lexical --json scifact.json
    """
    from pincite.evaluate.report import missed_minimums, parse_minimums, write_json

    data_sets = location.is_dir()
    if not data_sets and not location.is_file():
        raise InputError(f"there is no file or folder {location}; name a question file")
    if out and not out.parent.is_dir():
        raise InputError(f"there is no folder {out.parent} to write {out.name} into; make it first")
    wanted = parse_minimums(minimums, data_sets=data_sets)
    run = _run_data_sets if data_sets else _run_questions
    figures, content = run(ctx.obj, location, _parse_legs(legs), limit)
    if out:
        write_json(out, content)
    missed = missed_minimums(figures, wanted)
    for line in missed:
        Console(stderr=True, soft_wrap=True, highlight=False).print(f"[bold red]missed:[/] {line}")
    ctx.exit(REFUSALS if missed else DONE)


def _parse_legs(given: Sequence[str]) -> list[Leg]:
    known: tuple[Leg, ...] = get_args(Leg)
    names = [name.strip() for text in given for name in text.split(",")] or ["fused"]
    if unknown := [name for name in names if name not in known]:
        raise InputError(f'--legs: "{unknown[0]}" is no ranking; choose from {", ".join(known)}')
    return [leg for name in dict.fromkeys(names) for leg in known if leg == name]


def _run_questions(
    settings: Settings, path: Path, legs: list[Leg], limit: int | None
) -> "tuple[Figures, Json]":
    from pincite.evaluate.lines import sha256
    from pincite.evaluate.report import question_json, run_facts
    from pincite.evaluate.run import run_questions
    from pincite.evaluate.tables import progress, show_questions
    from pincite.wiring import open_workspace

    with open_workspace(settings, create=False) as workspace:
        with progress(Console(stderr=True)) as track:
            run = run_questions(workspace, path, track, legs=legs, mode=settings.mode, limit=limit)
        status = workspace.status()
    show_questions(Console(highlight=False), run)
    how = _how(settings, legs, limit) | {"mode": settings.mode}
    return run.figures, question_json(run, run_facts(how, status, {path.name: sha256(path)}))


def _run_data_sets(
    settings: Settings, folder: Path, legs: list[Leg], limit: int | None
) -> "tuple[Figures, Json]":
    from pincite.evaluate.datasets import find_data_sets, load_data_set
    from pincite.evaluate.report import data_set_json, data_sets_json, macro_average, run_facts
    from pincite.evaluate.retrieval import run_data_set
    from pincite.evaluate.tables import progress, show_data_sets
    from pincite.wiring import temporary_workspace

    runs = []
    for name, place in find_data_sets(folder):
        data = load_data_set(name, place, limit)
        with temporary_workspace(settings) as workspace, progress(Console(stderr=True)) as track:
            runs.append(run_data_set(workspace, data, track, legs=legs))
            status = workspace.status()
    show_data_sets(Console(highlight=False), runs)
    facts = run_facts(_how(settings, legs, limit), status, {})
    if len(runs) == 1:
        return runs[0].figures, {**data_set_json(runs[0]), "run": facts}
    return macro_average(runs), data_sets_json(runs, facts)


def _how(settings: Settings, legs: list[Leg], limit: int | None) -> dict[str, object]:
    return {"encoder": settings.encoder, "legs": legs, "limit": limit}
