"""``pincite eval``: its options."""

from pathlib import Path

import click
from rich.console import Console

from pincite.cli.eval_add import add_command
from pincite.cli.eval_run import Plan, evaluate
from pincite.cli.main import DONE, REFUSALS
from pincite.settings import Settings

_DEFAULT = Path("eval/questions.jsonl")
_OUTPUT = click.Path(dir_okay=False, path_type=Path)


class _Eval(click.Group):
    """A command that measures what it is given, with commands beside it."""

    allow_extra_args = False
    allow_interspersed_args = True

    def make_context(
        self,
        info_name: str | None,
        args: list[str],
        parent: click.Context | None = None,
        **extra: object,
    ) -> click.Context:
        command = self.commands.get(args[0]) if args else None
        if command is None:
            return super().make_context(info_name, args, parent, **extra)
        return command.make_context(f"{info_name} {command.name}", args[1:], parent)

    def collect_usage_pieces(self, ctx: click.Context) -> list[str]:
        return click.Command.collect_usage_pieces(self, ctx)


@click.group("eval", cls=_Eval, commands={"add": add_command}, invoke_without_command=True)
@click.argument("location", metavar="[FILE_OR_FOLDER]", default=_DEFAULT, type=Path)
@click.option("--json", "out", type=_OUTPUT, help="Write every figure here.")
@click.option(
    "--html", type=_OUTPUT, help="Write a report for people here: one file, no script, no request."
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
    "--mode",
    type=click.Choice(["auto", "extractive", "llm"]),
    help="How to answer: quoted sentences (extractive), or an LLM.  [default: PINCITE_MODE]",
)
@click.option(
    "--answers",
    is_flag=True,
    help="Data sets: ask each query too, and measure the answers and refusals.",
)
@click.option(
    "--corpus",
    metavar="NAME.jsonl",
    help="Data sets: search this corpus file of the folder; queries none of whose relevant"
    " documents it holds are unanswerable.",
)
@click.option(
    "--against",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    metavar="OLD.json",
    help="Show what changed since an older run: each question, each figure with its interval.",
)
@click.option(
    "--min",
    "minimums",
    multiple=True,
    metavar="NAME=VALUE",
    help="Exit with 1 if this figure is lower; may be repeated.",
)
@click.option(
    "--max",
    "maximums",
    multiple=True,
    metavar="NAME=VALUE",
    help="Exit with 1 if this figure, of which less is better, is higher; may be repeated.",
)
@click.option(
    "--max-drop",
    "drops",
    multiple=True,
    metavar="NAME=VALUE",
    help="With --against: exit with 1 if this figure fell by more; may be repeated.",
)
@click.option(
    "--save-run",
    type=_OUTPUT,
    metavar="FILE.trec",
    help="Write the rankings as TREC runs, and the judgements beside them.",
)
@click.option("--resume", is_flag=True, help="Continue the run that was interrupted.")
@click.option(
    "--no-report", is_flag=True, help="Question files: keep no report for the server's page."
)
@click.option("--limit", type=click.IntRange(min=1), help="Run the first questions only.")
@click.pass_context
def eval_command(
    ctx: click.Context,
    *,
    location: Path,
    out: Path | None,
    html: Path | None,
    legs: tuple[str, ...],
    others: tuple[str, ...],
    mode: str | None,
    answers: bool,
    corpus: str | None,
    against: Path | None,
    minimums: tuple[str, ...],
    maximums: tuple[str, ...],
    drops: tuple[str, ...],
    save_run: Path | None,
    resume: bool,
    no_report: bool,
    limit: int | None,
) -> None:
    """Measure the answers on a file of questions, or the retrieval on a public data set.

    A file holds questions about documents in the library, with the quotes that answer them
    (default: eval/questions.jsonl). A folder holds a data set in the BEIR shape, or several,
    each of which is taken into a library of its own that is deleted afterwards. With --encoder
    other models are measured beside the present one, in such libraries; everything else looks
    at the present one alone. What the figures mean: docs/evaluation.md.

    The report of a whole question file stays in the library's folder, where the server's
    evaluation page shows the last one.

    \b
    Examples:
      pincite eval
      pincite eval --html report.html --json new.json --against old.json
      pincite eval --min evidence_hit=0.9 --max false_answer_rate=0.15 --max ece=0.05
      pincite eval beir/scifact --legs fused,dense,lexical --save-run scifact.trec
      pincite eval rgb/zh_fact --answers --corpus corpus_negative_only.jsonl
      pincite eval beir/scifact --encoder intfloat/multilingual-e5-small
      pincite eval --mode llm --max degraded=0
      pincite eval add
    """
    settings: Settings = ctx.obj
    if mode:
        settings = settings.model_copy(update={"mode": mode})
    plan = Plan(
        location=location,
        out=out,
        html=html,
        legs=legs,
        others=others,
        answers=answers,
        corpus=corpus,
        against=against,
        minimums=minimums,
        maximums=maximums,
        drops=drops,
        save_run=save_run,
        resume=resume,
        no_report=no_report,
        limit=limit,
    )
    missed = evaluate(settings, plan)
    for line in missed:
        Console(stderr=True, soft_wrap=True, highlight=False).print(f"[bold red]missed:[/] {line}")
    ctx.exit(REFUSALS if missed else DONE)
