"""``pincite eval``."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, get_args

import click
from rich.console import Console
from rich.markup import escape

from pincite.cli.main import DONE, REFUSALS
from pincite.errors import InputError
from pincite.records import Leg
from pincite.settings import Settings

if TYPE_CHECKING:
    from pincite.embed.encoder import Encoder
    from pincite.evaluate.measures import Figures
    from pincite.evaluate.report import Json
    from pincite.evaluate.retrieval import DataSetRun
    from pincite.evaluate.run import QuestionRun
    from pincite.workspace import Workspace

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
    help="Rankings to measure, repeated or parted by commas.  [default: fused; with --encoder:"
    " fused,dense]",
)
@click.option(
    "--encoder",
    "others",
    multiple=True,
    metavar="NAME_OR_PATH",
    help="Embedding model to compare with the present one, side by side; may be repeated.",
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
    others: tuple[str, ...],
    minimums: tuple[str, ...],
    limit: int | None,
) -> None:
    """Measure the answers on a file of questions, or the retrieval on a public data set.

    A file holds questions about documents in the library, with the quotes that answer them
    (default: eval/questions.jsonl). A folder holds a data set in the BEIR shape, or several,
    each of which is taken into a library of its own that is deleted afterwards. With --encoder
    other models are measured beside the present one, in such libraries, and --min looks at the
    present one alone. What the figures mean: docs/evaluation.md.

    \b
    Examples:
      pincite eval
      pincite eval --min evidence_hit=0.9 --min abstention_recall=0.9
      pincite eval beir/scifact --legs fused,dense,lexical --json scifact.json
      pincite eval beir/scifact --encoder intfloat/multilingual-e5-small
    """
    from pincite.evaluate.report import missed_minimums, parse_minimums, write_json

    data_sets = location.is_dir()
    if not data_sets and not location.is_file():
        raise InputError(f"there is no file or folder {location}; name a question file")
    if out and not out.parent.is_dir():
        raise InputError(f"there is no folder {out.parent} to write {out.name} into; make it first")
    wanted = parse_minimums(minimums, data_sets=data_sets)
    run = _run_data_sets if data_sets else _run_questions
    chosen = _parse_legs(legs, ["fused", "dense"] if others else ["fused"])
    figures, content = run(ctx.obj, location, chosen, limit, _compared(ctx.obj, others))
    if out:
        write_json(out, content)
    missed = missed_minimums(figures, wanted)
    for line in missed:
        Console(stderr=True, soft_wrap=True, highlight=False).print(f"[bold red]missed:[/] {line}")
    ctx.exit(REFUSALS if missed else DONE)


def _parse_legs(given: Sequence[str], default: list[str]) -> list[Leg]:
    known: tuple[Leg, ...] = get_args(Leg)
    names = [name.strip() for text in given for name in text.split(",")] or default
    if unknown := [name for name in names if name not in known]:
        raise InputError(f'--legs: "{unknown[0]}" is no ranking; choose from {", ".join(known)}')
    return [leg for name in dict.fromkeys(names) for leg in known if leg == name]


def _compared(settings: Settings, names: Sequence[str]) -> list[tuple[Settings, "Encoder"]]:
    """Load the models to compare, before anything runs: a wrong name must not cost an hour."""
    from pincite.wiring import make_encoder

    chosen = [
        settings.model_copy(update={"encoder": name, "encoder_revision": None})
        for name in dict.fromkeys(names)
        if name != settings.encoder
    ]
    return [(other, make_encoder(other)) for other in chosen]


def _run_questions(
    settings: Settings,
    path: Path,
    legs: list[Leg],
    limit: int | None,
    compared: "list[tuple[Settings, Encoder]]",
) -> "tuple[Figures, Json]":
    from pincite.evaluate.report import compared_json
    from pincite.evaluate.tables import compare_questions, show_questions
    from pincite.wiring import open_workspace

    console = Console(highlight=False)
    runs: dict[str, QuestionRun] = {}
    contents: dict[str, Json] = {}
    with open_workspace(settings, create=False) as workspace:
        runs[settings.encoder], contents[settings.encoder] = _ask(
            settings, path, legs, limit, workspace
        )
        for other, encoder in compared:
            with _taken_in_again(workspace, other, encoder) as elsewhere:
                runs[other.encoder], contents[other.encoder] = _ask(
                    other, path, legs, limit, elsewhere
                )
    for name, run in runs.items():
        _show_encoder(console, name, compared)
        show_questions(console, run)
    if compared:
        compare_questions(console, runs)
    return runs[settings.encoder].figures, compared_json(contents)


def _ask(
    settings: Settings, path: Path, legs: list[Leg], limit: int | None, workspace: "Workspace"
) -> "tuple[QuestionRun, Json]":
    from pincite.evaluate.lines import sha256
    from pincite.evaluate.report import question_json, run_facts
    from pincite.evaluate.run import run_questions
    from pincite.evaluate.tables import progress

    with progress(Console(stderr=True)) as track:
        run = run_questions(workspace, path, track, legs=legs, mode=settings.mode, limit=limit)
    how = _how(settings, legs, limit) | {"mode": settings.mode}
    return run, question_json(run, run_facts(how, workspace.status(), {path.name: sha256(path)}))


@contextmanager
def _taken_in_again(
    workspace: "Workspace", settings: Settings, encoder: "Encoder"
) -> "Iterator[Workspace]":
    """Yield a library of the same documents in passages of the same length, deleted afterwards."""
    from pincite.evaluate.retrieval import told
    from pincite.evaluate.tables import progress
    from pincite.wiring import temporary_workspace

    same = {"passage_tokens": workspace.status().passage_tokens}
    infos = workspace.documents()
    documents = ((info.source, workspace.library.parsed(info.id)) for info in infos)
    with temporary_workspace(settings.model_copy(update=same), encoder) as elsewhere:
        with progress(Console(stderr=True)) as track:
            elsewhere.add_parsed(told(documents, track("Taking in the library", len(infos))))
        yield elsewhere


def _run_data_sets(
    settings: Settings,
    folder: Path,
    legs: list[Leg],
    limit: int | None,
    compared: "list[tuple[Settings, Encoder]]",
) -> "tuple[Figures, Json]":
    from pincite.evaluate.report import compared_json, data_set_json, data_sets_json, macro_average
    from pincite.evaluate.tables import compare_data_sets, show_data_sets
    from pincite.wiring import make_encoder

    console = Console(highlight=False)
    runs: dict[str, list[DataSetRun]] = {}
    contents: dict[str, Json] = {}
    for chosen, encoder in [(settings, make_encoder(settings)), *compared]:
        done, facts = _search(chosen, folder, legs, limit, encoder)
        _show_encoder(console, chosen.encoder, compared)
        show_data_sets(console, done)
        runs[chosen.encoder] = done
        contents[chosen.encoder] = (
            {**data_set_json(done[0]), "run": facts}
            if len(done) == 1
            else data_sets_json(done, facts)
        )
    if compared:
        compare_data_sets(console, runs)
    first = runs[settings.encoder]
    figures = first[0].figures if len(first) == 1 else macro_average(first)
    return figures, compared_json(contents)


def _search(
    settings: Settings, folder: Path, legs: list[Leg], limit: int | None, encoder: "Encoder"
) -> "tuple[list[DataSetRun], Json]":
    from pincite.evaluate.datasets import find_data_sets, load_data_set
    from pincite.evaluate.report import run_facts
    from pincite.evaluate.retrieval import run_data_set
    from pincite.evaluate.tables import progress
    from pincite.wiring import temporary_workspace

    runs = []
    for name, place in find_data_sets(folder):
        data = load_data_set(name, place, limit)
        with (
            temporary_workspace(settings, encoder) as workspace,
            progress(Console(stderr=True)) as track,
        ):
            runs.append(run_data_set(workspace, data, track, legs=legs))
            status = workspace.status()
    return runs, run_facts(_how(settings, legs, limit), status, {})


def _show_encoder(console: Console, name: str, compared: Sequence[object]) -> None:
    if compared:
        console.print(f"\n[bold]{escape(name)}[/]", soft_wrap=True)


def _how(settings: Settings, legs: list[Leg], limit: int | None) -> dict[str, object]:
    return {"encoder": settings.encoder, "legs": legs, "limit": limit}
