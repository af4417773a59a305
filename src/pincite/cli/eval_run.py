"""One run of ``pincite eval``: what it is told, what it measures, what it writes."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, get_args

from rich.console import Console
from rich.markup import escape

from pincite.errors import InputError
from pincite.records import Leg
from pincite.settings import Settings

if TYPE_CHECKING:
    from pincite.embed.encoder import Encoder
    from pincite.evaluate.against import Comparison
    from pincite.evaluate.gates import Gates
    from pincite.evaluate.journal import Journal
    from pincite.evaluate.measures import Figures
    from pincite.evaluate.report import Json
    from pincite.evaluate.retrieval import DataSetRun
    from pincite.evaluate.run import QuestionRun


# What the files of a data set end in.
_DATA = {".jsonl", ".tsv", ".gz"}


def check_outputs(outputs: Sequence[Path | None], inputs: Sequence[Path]) -> None:
    """Refuse, before anything runs, outputs that cannot be written or would destroy something.

    Raises:
        InputError: If an output's folder is missing, or it is one of the inputs or outputs too.
    """
    wanted = [path for path in outputs if path]
    if not wanted:
        return
    below = (file for path in inputs for file in path.rglob("*") if file.suffix in _DATA)
    taken = {path.resolve() for path in (*inputs, *below)}
    for path in wanted:
        if not path.parent.is_dir():
            raise InputError(
                f"there is no folder {path.parent} to write {path.name} into; make it first"
            )
        if path.resolve() in taken:
            raise InputError(
                f"{path} would overwrite what this command reads or writes too; name another file"
            )
        taken.add(path.resolve())


@dataclass(frozen=True, slots=True)
class Plan:
    """What the options say; each is named as its option."""

    location: Path
    out: Path | None
    html: Path | None
    legs: Sequence[str]
    others: Sequence[str]
    answers: bool
    corpus: str | None
    against: Path | None
    minimums: Sequence[str]
    maximums: Sequence[str]
    drops: Sequence[str]
    save_run: Path | None
    resume: bool
    no_report: bool
    limit: int | None

    @property
    def data_sets(self) -> bool:
        """Whether data sets are measured, and not a question file."""
        return self.location.is_dir()

    @property
    def kept(self) -> bool:
        """Whether the report stays in the library's folder: it tells of the whole library."""
        return not (self.no_report or self.data_sets or self.limit)

    @property
    def chosen_legs(self) -> list[Leg]:
        """The rankings to measure, in the order given."""
        known: tuple[Leg, ...] = get_args(Leg)
        default = ["fused", "dense"] if self.others else ["fused"]
        names = [name.strip() for text in self.legs for name in text.split(",")] or default
        if unknown := [name for name in names if name not in known]:
            choice = ", ".join(known)
            raise InputError(f'--legs: "{unknown[0]}" is no ranking; choose from {choice}')
        return [leg for name in dict.fromkeys(names) for leg in known if leg == name]

    @property
    def journal(self) -> Path | None:
        """Where the run notes what it has done: beside what it writes in the end."""
        beside = self.out or self.html
        return beside.with_name(f"{beside.name}.partial") if beside else None

    def check(self) -> None:
        """Refuse, before anything runs, what cannot work.

        Raises:
            InputError: If the options do not fit one another or the files.
        """
        if not self.data_sets and not self.location.is_file():
            raise InputError(f"there is no file or folder {self.location}; name a question file")
        check_outputs((self.out, self.html, self.save_run), [self.location])
        _ = self.chosen_legs
        if not self.data_sets and (self.answers or self.corpus):
            raise InputError(
                "--answers and --corpus are for data sets, folders in the BEIR shape; a question"
                " file is always answered"
            )
        if self.corpus and Path(self.corpus).name != self.corpus:
            raise InputError(f"--corpus {self.corpus}: name a file of the data set's own folder")
        if self.drops and not self.against:
            raise InputError("--max-drop compares with an older run; name it: --against OLD.json")
        if self.resume and not self.journal:
            raise InputError("--resume continues what --json or --html writes; give that option")


@dataclass(frozen=True, slots=True)
class Result:
    """What was measured: the present model's figures and JSON, and every model's runs, by name."""

    figures: "Figures"
    content: "Json"
    questions: "dict[str, QuestionRun]"
    sets: "dict[str, list[DataSetRun]]"


def evaluate(settings: Settings, plan: Plan) -> list[str]:
    """Run, print and write what was asked for; return the gates that were missed, as lines.

    Raises:
        InputError: If the options or the files are wrong.
    """
    from pincite.cli.eval_sets import run_data_sets, run_question_file
    from pincite.evaluate.against import compare, overall
    from pincite.evaluate.gates import dropped, missed
    from pincite.evaluate.rows import read_parts, read_run

    plan.check()
    gates = _gates(plan)
    older = read_run(plan.against) if plan.against else None
    if older:
        read_parts(older)
    result = (run_data_sets if plan.data_sets else run_question_file)(settings, plan)
    comparisons = compare(result.content, older) if older else []
    # What took long is written before it is shown: a terminal may go away.
    _write(settings, plan, result, comparisons)
    _show(result, comparisons)
    return missed(result.figures, gates) + dropped(*overall(comparisons), gates)


def _gates(plan: Plan) -> "Gates":
    from pincite.evaluate.gates import Gates, parse_gates
    from pincite.evaluate.names import gated

    more = gated(data_sets=plan.data_sets, answers=plan.answers, better=1)
    less = gated(data_sets=plan.data_sets, answers=plan.answers, better=-1)
    return Gates(
        parse_gates("--min", plan.minimums, more),
        parse_gates("--max", plan.maximums, less),
        parse_gates("--max-drop", plan.drops, more),
    )


def _write(
    settings: Settings, plan: Plan, result: Result, comparisons: "Sequence[Comparison]"
) -> None:
    from pincite.evaluate.html import report_page
    from pincite.evaluate.report import write_json, write_text
    from pincite.evaluate.reports import keep_report
    from pincite.evaluate.trec import save_question_run, save_set_runs

    told = Console(stderr=True, soft_wrap=True, highlight=False)
    written = [path for path in (plan.out, plan.html) if path]
    if plan.out:
        compared = {"against": [asdict(one) for one in comparisons]} if comparisons else {}
        write_json(plan.out, {**result.content, **compared})
    if plan.html or plan.kept:
        page = report_page(
            plan.location.resolve().name,
            result.content,
            result.questions,
            result.sets,
            comparisons,
        )
        if plan.html:
            write_text(plan.html, page)
        if plan.kept:
            keep_report(settings.home, result.content, page)
    if plan.save_run:
        if result.sets:
            written += save_set_runs(plan.save_run, next(iter(result.sets.values())))
        else:
            written += save_question_run(plan.save_run, next(iter(result.questions.values())))
            told.print("The runs name passages by their ids in this library, at this generation.")
    if written:
        told.print(escape(f"Wrote {', '.join(map(str, written))}"))
    if plan.journal:
        plan.journal.unlink(missing_ok=True)


def _show(result: Result, comparisons: "Sequence[Comparison]") -> None:
    from pincite.evaluate import tables

    console = Console(highlight=False)
    several = len(result.questions) + len(result.sets) > 1
    for name in (*result.questions, *result.sets):
        if several:
            console.print(f"\n[bold]{escape(name)}[/]", soft_wrap=True)
        if name in result.questions:
            tables.show_questions(console, result.questions[name])
        else:
            tables.show_data_sets(console, result.sets[name])
    if several and result.questions:
        tables.compare_questions(console, result.questions)
    elif several:
        tables.compare_data_sets(console, result.sets)
    tables.show_comparisons(console, comparisons)


@contextmanager
def journaled(plan: Plan, key: Mapping[str, object]) -> "Iterator[Journal]":
    """Yield the run's journal, which is kept if the run is cut short."""
    from pincite.evaluate.journal import Journal, open_journal

    if plan.journal is None:
        yield Journal()
        return
    told = Console(stderr=True, soft_wrap=True, highlight=False)
    if plan.journal.exists() and not plan.resume:
        told.print(escape(f"An interrupted run left {plan.journal}; starting anew."))
    if plan.resume and not plan.journal.exists():
        told.print(escape(f"No interrupted run left {plan.journal}; starting anew."))
    with open_journal(plan.journal, key, resume=plan.resume) as journal:
        try:
            yield journal
        except KeyboardInterrupt:
            told.print("Interrupted; the same command with --resume goes on from here.")
            raise


def compared_encoders(settings: Settings, names: Sequence[str]) -> "list[tuple[Settings, Encoder]]":
    """Load the models to compare, before anything runs: a wrong name must not cost an hour."""
    from pincite.wiring import make_encoder

    chosen = [
        settings.model_copy(update={"encoder": name, "encoder_revision": None})
        for name in dict.fromkeys(names)
        if name != settings.encoder
    ]
    return [(other, make_encoder(other)) for other in chosen]
