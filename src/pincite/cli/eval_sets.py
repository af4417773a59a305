"""Question files and data sets measured with one model or several."""

import hashlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from functools import partial
from typing import TYPE_CHECKING

from rich.console import Console
from rich.markup import escape

from pincite import __version__
from pincite.cli.eval_run import Plan, Result, compared_encoders, journaled
from pincite.evaluate.datasets import find_data_sets, load_data_set
from pincite.evaluate.journal import Journal
from pincite.evaluate.lines import sha256
from pincite.evaluate.report import (
    Json,
    compared_json,
    data_set_json,
    data_sets_json,
    library_facts,
    macro_average,
    question_json,
    run_facts,
)
from pincite.evaluate.retrieval import DataSetRun, run_data_set, told
from pincite.evaluate.run import QuestionRun, run_questions
from pincite.evaluate.tables import progress
from pincite.settings import Settings
from pincite.wiring import calibration, make_encoder, open_workspace, temporary_workspace
from pincite.workspace import Workspace

if TYPE_CHECKING:
    from pincite.embed.encoder import Encoder


def run_question_file(settings: Settings, plan: Plan) -> Result:
    """Ask the questions of the library, and of libraries made with the other models."""
    compared = compared_encoders(settings, plan.others)
    runs: dict[str, QuestionRun] = {}
    contents: dict[str, Json] = {}
    with open_workspace(settings, create=False) as workspace:
        _warn_if_fitted_to(settings, workspace, plan)
        key = _how(settings, plan, compared) | _library(workspace) | {"file": sha256(plan.location)}
        with journaled(plan, key) as journal:
            runs[settings.encoder], contents[settings.encoder] = _ask(
                settings, plan, workspace, journal
            )
            for other, encoder in compared:
                with _taken_in_again(workspace, other, encoder) as elsewhere:
                    part = journal.within(other.encoder)
                    runs[other.encoder], contents[other.encoder] = _ask(
                        other, plan, elsewhere, part
                    )
    return Result(runs[settings.encoder].figures, compared_json(contents), runs, {})


def _warn_if_fitted_to(settings: Settings, workspace: Workspace, plan: Plan) -> None:
    if sha256(plan.location) in calibration(settings, workspace.library.spec.encoder).files:
        Console(stderr=True, soft_wrap=True, highlight=False).print(
            f"[yellow]{escape(str(plan.location))}: the library's confidence was calibrated on"
            " these questions, so its figures here flatter; measure on others.[/]"
        )


def _ask(
    settings: Settings, plan: Plan, workspace: Workspace, journal: Journal
) -> tuple[QuestionRun, Json]:
    with progress(Console(stderr=True)) as track:
        run = run_questions(
            workspace,
            plan.location,
            track,
            legs=plan.chosen_legs,
            mode=settings.mode,
            limit=plan.limit,
            journal=journal,
        )
    files = {plan.location.name: sha256(plan.location)}
    facts = run_facts(_settings(settings, plan), library_facts(workspace.status()), files)
    return run, question_json(run, facts)


@contextmanager
def _taken_in_again(
    workspace: Workspace, settings: Settings, encoder: "Encoder"
) -> Iterator[Workspace]:
    """Yield a library of the same documents in passages of the same length, deleted afterwards."""
    same = {"passage_tokens": workspace.status().passage_tokens}
    infos = workspace.documents()
    documents = ((info.source, workspace.library.parsed(info.id)) for info in infos)
    with temporary_workspace(settings.model_copy(update=same), encoder) as elsewhere:
        with progress(Console(stderr=True)) as track:
            elsewhere.add_parsed(told(documents, track("Taking in the library", len(infos))))
        yield elsewhere


def run_data_sets(settings: Settings, plan: Plan) -> Result:
    """Take each data set below the folder into a library of its own, and search it."""
    compared = compared_encoders(settings, plan.others)
    present = (settings, make_encoder(settings))
    runs: dict[str, list[DataSetRun]] = {}
    contents: dict[str, Json] = {}
    key = _how(settings, plan, [present, *compared]) | {"passage_tokens": settings.passage_tokens}
    with journaled(plan, key) as journal:
        for chosen, encoder in [present, *compared]:
            done, facts = _search(chosen, plan, encoder, journal.within(chosen.encoder))
            runs[chosen.encoder] = done
            contents[chosen.encoder] = (
                {**data_set_json(done[0]), "run": facts}
                if len(done) == 1
                else data_sets_json(done, facts)
            )
    first = runs[settings.encoder]
    figures = first[0].figures if len(first) == 1 else macro_average(first)
    return Result(figures, compared_json(contents), {}, runs)


def _search(
    settings: Settings, plan: Plan, encoder: "Encoder", journal: Journal
) -> tuple[list[DataSetRun], Json]:
    runs = []
    for name, place in find_data_sets(plan.location):
        part = journal.within(name)
        data = load_data_set(name, place, plan.limit, corpus=plan.corpus, to_answer=plan.answers)
        part.require("files", data.files, f"files in {place}")
        with (
            temporary_workspace(settings, encoder) as workspace,
            progress(Console(stderr=True)) as track,
        ):
            mode = settings.mode if plan.answers else None
            runs.append(
                run_data_set(workspace, data, track, legs=plan.chosen_legs, mode=mode, journal=part)
            )
            # A set that was complete before the interruption is not taken in again.
            library = part.once("library", partial(_facts, workspace))
    assert isinstance(library, dict)
    return runs, run_facts(_settings(settings, plan), library, {})


def _facts(workspace: Workspace) -> Json:
    return library_facts(workspace.status())


def _settings(settings: Settings, plan: Plan) -> dict[str, object]:
    how: dict[str, object] = {
        "encoder": settings.encoder,
        "legs": plan.chosen_legs,
        "limit": plan.limit,
    }
    if plan.data_sets:
        how |= {"answers": plan.answers, "corpus": plan.corpus}
    if plan.answers or not plan.data_sets:
        how["mode"] = settings.mode
        if settings.llm != "none" and settings.mode != "extractive":
            how["llm"] = settings.llm_model
    return how


def _how(
    settings: Settings, plan: Plan, encoders: "Sequence[tuple[Settings, Encoder]]"
) -> dict[str, object]:
    models = [asdict(encoder.spec) for _, encoder in encoders]
    return {"version": __version__, "settings": _settings(settings, plan), "models": models}


def _library(workspace: Workspace) -> dict[str, object]:
    """Describe the library that is asked: its model, its generation, its documents."""
    status = workspace.status()
    texts = "\n".join(sorted(f"{info.source} {info.sha256}" for info in workspace.documents()))
    return {
        "model": asdict(status.model),
        "generation": status.generation,
        "passages": status.passages,
        "documents": hashlib.sha256(texts.encode()).hexdigest(),
    }
