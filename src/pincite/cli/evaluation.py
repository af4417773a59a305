"""What ``pincite serve`` gives the server of evaluation."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pincite.settings import Settings

if TYPE_CHECKING:
    from pincite.serve.evaluation import DraftQuestion, Evaluation, Measured
    from pincite.workspace import Workspace


def question_file(settings: Settings) -> Path:
    """Return the file that evaluation questions made of feedback go into."""
    return (settings.questions or settings.home / "questions.jsonl").absolute()


def evaluation_of(settings: Settings, workspace: "Workspace") -> "Evaluation":
    """Return the question file and the reports of a library."""
    from pincite.serve.evaluation import Evaluation

    path = question_file(settings)

    def add(draft: "DraftQuestion") -> str:
        # Loads what measures rankings, which a server seldom needs.
        from pincite.evaluate.add import NewQuestion, add_question, document_names
        from pincite.evaluate.questions import Evidence

        infos = workspace.documents()
        names = {info.source: document_names(infos)[info.id] for info in infos}
        new = NewQuestion(
            draft.text,
            tuple(Evidence(names.get(source, source), quote) for source, quote in draft.evidence),
            draft.answers,
            draft.lang,
            "fact" if draft.evidence else "near_miss",
            draft.note,
        )
        return add_question(path, new, infos, workspace.document).id

    return Evaluation(path, add, lambda: _newest(settings.home))


def _newest(home: Path) -> "Measured | None":
    from pincite.errors import InputError
    from pincite.evaluate.reports import newest_report
    from pincite.serve.evaluation import Measured

    found = newest_report(home)
    if found is None:
        return None
    content: Mapping[str, Any] = found[0]
    try:
        run = content["run"]
        name = ", ".join(run["files"])
        languages = content["slices"].get("lang", {})
        return Measured(name, run["finished"], _figures(content), languages, found[1])
    except (KeyError, AttributeError, TypeError) as exc:
        raise InputError(f"it is no report of this version: {exc!r}") from exc


def _figures(content: Mapping[str, Any]) -> dict[str, float | None]:
    return {name: value for name, value in content.items() if isinstance(value, int | float)}
