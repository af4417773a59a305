"""The report for people: one HTML file that needs no script and asks no host for anything."""

from collections.abc import Mapping, Sequence
from functools import cache

from jinja2 import Environment, PackageLoader, StrictUndefined, Template

from pincite.evaluate.against import Comparison, changes_line, difference_cells, moved
from pincite.evaluate.charts import BOTTOM, HEIGHT, LEFT, RIGHT, TOP, WIDTH
from pincite.evaluate.names import MEANINGS
from pincite.evaluate.page import (
    Table,
    groups,
    models_table,
    question_section,
    set_section,
)
from pincite.evaluate.report import Json, macro_average
from pincite.evaluate.retrieval import DataSetRun
from pincite.evaluate.run import QuestionRun


@cache
def _template() -> Template:
    # Everything that is put in is escaped: questions and documents are untrusted text.
    environment = Environment(
        loader=PackageLoader("pincite.evaluate"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.tests["moved"] = moved
    environment.globals.update(
        moved=moved,
        meanings=MEANINGS,
        difference_cells=difference_cells,
        changes_line=changes_line,
        plot={"width": WIDTH, "height": HEIGHT, "left": LEFT, "right": RIGHT, "top": TOP}
        | {"bottom": BOTTOM},
    )
    return environment.get_template("report.html")


def report_page(
    name: str,
    content: Json,
    questions: Mapping[str, QuestionRun],
    sets: Mapping[str, Sequence[DataSetRun]],
    comparisons: Sequence[Comparison] = (),
) -> str:
    """Make the report of a run.

    Args:
        name: The question file's or the folder's.
        content: The run's JSON.
        questions: By model, the present one first: the runs of a question file.
        sets: By model: the runs of data sets; one of the two is empty.
        comparisons: What changed against an older run.
    """
    present = next(iter(sets.values()), [])
    sections = [question_section(name, run) for run in list(questions.values())[:1]]
    sections += [set_section(run) for run in present]
    average = groups(macro_average(present)) if len(present) > 1 else {}
    return _template().render(
        name=name,
        run=content["run"],
        sections=sections,
        average=average,
        models=_models(questions, sets),
        comparisons=comparisons,
    )


def _models(
    questions: Mapping[str, QuestionRun], sets: Mapping[str, Sequence[DataSetRun]]
) -> Table | None:
    rows = {model: run.figures for model, run in questions.items()}
    rows |= {
        model: macro_average(runs) if len(runs) > 1 else runs[0].figures
        for model, runs in sets.items()
    }
    return models_table(rows) if len(rows) > 1 else None
