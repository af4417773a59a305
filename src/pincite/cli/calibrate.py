"""``pincite calibrate``."""

import math
from collections.abc import Sequence
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from pincite.cli.eval_run import check_outputs
from pincite.errors import InputError
from pincite.settings import Settings

if TYPE_CHECKING:
    from pincite.answer.confidence.fitting import Costs
    from pincite.embed.reader import Reader
    from pincite.evaluate.calibrating import Counts, Refit
    from pincite.evaluate.examples import Collected
    from pincite.evaluate.measures import Figures
    from pincite.workspace import Workspace

_SHARE = click.FloatRange(0, 1, min_open=True, max_open=True)


@click.command("calibrate")
@click.argument(
    "locations",
    metavar="[FILE_OR_FOLDER]...",
    nargs=-1,
    type=click.Path(exists=True, path_type=Path),
)
@click.option(
    "--false-refusals",
    type=_SHARE,
    metavar="SHARE",
    default=0.10,
    show_default=True,
    help="Refused share of the answerable questions that is as bad as --false-answers.",
)
@click.option(
    "--false-answers",
    type=_SHARE,
    metavar="SHARE",
    default=0.15,
    show_default=True,
    help="Answered share of the unanswerable ones that is as bad: the threshold makes both equal.",
)
@click.option("--dry-run", is_flag=True, help="Show what would change, and write nothing.")
@click.option("--reset", is_flag=True, help="Return to the packaged calibration.")
@click.option(
    "--json",
    "out",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write the figures and the weights here too.",
)
@click.pass_context
def calibrate_command(
    ctx: click.Context,
    *,
    locations: tuple[Path, ...],
    false_refusals: float,
    false_answers: float,
    dry_run: bool,
    reset: bool,
    out: Path | None,
) -> None:
    """Fit confidence and refusals to this library's model, with questions of yours.

    A file holds questions about documents in the library, some of which they do not answer, as
    for `pincite eval`. A folder holds data sets in the BEIR shape whose queries carry "answers";
    they are taken into temporary libraries. At least 20 questions of each sort are needed, 100
    make a threshold to rely on. With fewer than about 200 that have an answer, only confidence
    and thresholds are fitted and the packaged weights of the sentences stay.

    The result is stored beside the library (support.json) and holds for its embedding model and
    reader. Questions used here no longer measure anything: keep others for `pincite eval`. What
    the figures mean: docs/evaluation.md.

    \b
    Examples:
      pincite calibrate my-questions.jsonl --dry-run
      pincite calibrate my-questions.jsonl --false-answers 0.05
      pincite --encoder intfloat/multilingual-e5-small calibrate mlqa/ my-questions.jsonl
      pincite calibrate --reset
    """
    settings: Settings = ctx.obj
    if reset and (locations or dry_run or out):
        raise InputError("--reset deletes the library's own calibration; give it alone")
    if reset:
        _reset(settings)
        return
    if not locations:
        raise InputError(
            "name the questions to calibrate with: a question file (pincite eval add makes one) or"
            " a folder of data sets; not those that you measure with"
        )
    check_outputs([out], locations)
    from pincite.answer.confidence.fitting import Costs

    _calibrate(settings, locations, Costs(false_refusals, false_answers), out, dry_run=dry_run)


def _reset(settings: Settings) -> None:
    from pincite.answer.confidence.calibration import remove_calibration
    from pincite.wiring import open_workspace

    with open_workspace(settings):
        gone = remove_calibration(settings.home)
    now = "is in use again" if gone else "is in use: this library has none of its own"
    click.echo(f"the packaged calibration {now}", err=True)


def _calibrate(
    settings: Settings,
    locations: Sequence[Path],
    costs: "Costs",
    out: Path | None,
    *,
    dry_run: bool,
) -> None:
    from pincite.answer.confidence.calibration import write_calibration
    from pincite.answer.confidence.support import SupportModel
    from pincite.evaluate.calibrating import Refit, count, refit, require_enough
    from pincite.evaluate.report import write_json
    from pincite.wiring import make_reader, open_workspace

    with open_workspace(settings) as workspace:
        spec = workspace.encoder.spec
        reader = make_reader(settings, workspace.encoder)
        found = _collect(settings, workspace, reader, locations)
    counts = count(found)
    require_enough(counts)
    revision = reader.revision if reader else ""

    def fitted(of: str) -> Refit:
        packaged = SupportModel.load(reader=of)
        return refit(found, packaged, encoder=spec.name, reader=of, costs=costs)

    lacking = ""
    fits = {"read" if reader else "unread": fitted(revision)}
    if reader:
        try:
            fits["unread"] = fitted("")
        except InputError as exc:
            # It is for PINCITE_READER=none, which is not in use.
            lacking = str(exc)
    content: dict[str, object] = {
        "encoder": spec.name,
        "encoder_revision": spec.revision,
        "reader": revision,
        "made": datetime.now(UTC).date().isoformat(),
        "questions": counts.answerable + counts.unanswerable,
        "fitted_on": [one.name for one in found],
        "files": {name: sha for one in found for name, sha in one.files.items()},
        **{name: _stored(of) for name, of in fits.items()},
    }
    # What took long is written before it is shown: a terminal may go away.
    place = None if dry_run else write_calibration(settings.home, content)
    if out:
        write_json(out, content | {"written": place is not None})
    _show(next(iter(fits.values())), counts, costs, read=bool(reader))
    _tell(place, lacking)


def _collect(
    settings: Settings, workspace: "Workspace", reader: "Reader | None", locations: Sequence[Path]
) -> "list[Collected]":
    from pincite.evaluate.datasets import find_data_sets
    from pincite.evaluate.examples import RememberingEncoder, collect_file, collect_set
    from pincite.evaluate.tables import progress
    from pincite.wiring import temporary_workspace

    same = {"passage_tokens": workspace.status().passage_tokens}
    encoder = RememberingEncoder(workspace.encoder)
    temporary = partial(temporary_workspace, settings.model_copy(update=same), encoder)
    found = []
    with progress(Console(stderr=True)) as track:
        for location in dict.fromkeys(locations):
            if location.is_dir():
                found += [
                    collect_set(name, folder, temporary, reader, track)
                    for name, folder in find_data_sets(location)
                ]
            else:
                found.append(collect_file(workspace, reader, location, track))
    names = [one.name for one in found]
    if twice := {name for name in names if names.count(name) > 1}:
        raise InputError(f"two sets are called {min(twice)}; rename one of them, or leave it out")
    return found


def _stored(fitted: "Refit") -> dict[str, object]:
    from pincite.answer.confidence.fitting import weights_json

    def rounded(sets: "dict[str, Figures]") -> "dict[str, Figures]":
        return {
            name: {figure: None if v is None else round(v, 4) for figure, v in figures.items()}
            for name, figures in sets.items()
        }

    return weights_json(fitted.model) | {
        "sentences": "fitted" if fitted.anew else "packaged",
        "why": fitted.why,
        "packaged": rounded(fitted.packaged),
        "calibrated": rounded(fitted.calibrated),
    }


def _show(fitted: "Refit", counts: "Counts", costs: "Costs", *, read: bool) -> None:
    from pincite.evaluate.calibrating import RELIABLE
    from pincite.evaluate.measures import mean_figures

    console = Console(highlight=False, soft_wrap=True)
    console.print(
        f"{counts.answerable:,} questions with an answer, {counts.unanswerable:,} without;"
        f" {'with' if read else 'without'} the reader"
    )
    for name, before in fitted.packaged.items():
        console.print(f"\n[bold]{escape(name)}[/]")
        console.print(_table(before, fitted.calibrated[name]))
    means = [mean_figures([*of.values()]) for of in (fitted.packaged, fitted.calibrated)]
    if len(fitted.packaged) > 1:
        console.print("\n[bold]mean of the sets[/]")
        console.print(_table(*means))
    model = fitted.model
    console.print(
        f"\nAnswers from confidence {model.threshold:.3f} on; below {model.floor:.3f} nothing is"
        " near. The calibrated figures are by cross-fitting: no question is judged by a fit to it."
    )
    kept = "fitted anew" if fitted.anew else "kept as packaged"
    console.print(escape(f"Sentence weights {kept}: {fitted.why}."))
    if counts.fewest < RELIABLE:
        share = costs.refusals if counts.answerable < counts.unanswerable else costs.answers
        off = 1.96 * math.sqrt(share * (1 - share) / counts.fewest)
        console.print(
            f"[yellow]Few questions: of {counts.fewest}, a share of {share:.2f} is known to"
            f" ±{off:.2f}. From {RELIABLE} of each sort the threshold can be relied on.[/]"
        )
    was, now = (of["calibration error"] or 0.0 for of in means)
    if now >= was:
        console.print(
            f"[yellow]The calibration error did not fall ({was:.3f} → {now:.3f}): the packaged"
            " calibration fits these questions as well, and is safer (--reset returns to it).[/]"
        )


def _table(before: "Figures", after: "Figures") -> Table:
    from pincite.evaluate.names import shown

    table = Table("figure", box=None)
    for name in ("packaged", "calibrated"):
        table.add_column(name, justify="right")
    for name in after:
        table.add_row(name, shown(name, before.get(name)), shown(name, after[name]))
    return table


def _tell(place: Path | None, lacking: str) -> None:
    told = Console(stderr=True, highlight=False, soft_wrap=True)
    if lacking:
        told.print(escape(f"Nothing was fitted for PINCITE_READER=none: {lacking}."))
    if place is None:
        told.print("Nothing was written (--dry-run).")
        return
    told.print(escape(f"Wrote {place}. A server that is running takes it up when it starts again."))
    told.print("Measure on other questions from now on: on these every figure flatters.")
