"""Follow-up questions: what the conversation before them adds, without an LLM.

One library holds the articles of training/questions/ and training/followups/. It is asked

    followups  the follow-ups of training/followups/
    questions  those of training/questions/, most of which do not name their subject, each after an
               opening question about its article, every fourth in the other language
    strangers  those of training/questions/ on subjects of no article, each after four openings
    changes    the follow-ups' standalone forms, each after a conversation about another article

in four ways: alone (the history ignored), joined (after the questions before it, always), rule
(what the program does), and written (the standalone form that a person wrote, where there is one).
The gain of the rule over the other ways has a 95 % interval by paired bootstrap.

    python bench/followups.py [--split dev|heldout] [--fit] [--json OUT] [--markdown OUT]

--fit prints the constants of answer/conversation/followup.py: slope, offset, threshold and floor of
the confidence in questions with their context. The split heldout is looked at once, at the end.
"""

import argparse
import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from math import log
from pathlib import Path
from time import perf_counter

import numpy as np
from model_table import markdown_table
from rich.console import Console
from rich.markdown import Markdown

from pincite.answer.confidence.fitting import Judged, confident, fit_confidence, thresholds
from pincite.answer.conversation.followup import READ, UNREAD, joined
from pincite.errors import PinciteError
from pincite.evaluate.bootstrap import Figure, differences, ratio
from pincite.evaluate.figures import answer_figures
from pincite.evaluate.lines import read_objects
from pincite.evaluate.questions import Evidence, GoldQuestion, file_name, locate_evidence
from pincite.evaluate.report import write_json
from pincite.evaluate.verdicts import Gold, Judge, Verdict
from pincite.records import Message, Question
from pincite.settings import Settings
from pincite.wiring import temporary_workspace
from pincite.workspace import Workspace

TRAINING = Path(__file__).resolve().parent.parent / "training"
FOLLOWUPS = TRAINING / "followups"
QUESTIONS = (TRAINING / "questions/a", TRAINING / "questions/b")
WAYS = ("alone", "joined", "rule", "written")
SHOWN = {
    "n": "questions",
    "hit@1": "hit@1",
    "evidence": "evidence_hit",
    "contained": "answer_containment",
    "false refusals": "false_refusal_rate",
    "false answers": "false_answer_rate",
}
_OTHER_LANGUAGE = 4
_STRANGERS = 4


@dataclass(frozen=True, slots=True)
class FollowUp:
    """A question with the conversation before it, and what is right for it.

    ``about`` is the file of the article that it asks about, or would; ``standalone`` the same
    question with its subject named, "" where nobody wrote one.
    """

    gold: GoldQuestion
    about: str
    history: tuple[Message, ...]
    standalone: str

    @property
    def kind(self) -> str:
        """What it is to the confidence: answerable, or what sort of miss."""
        if self.gold.answerable:
            return "answerable"
        return "far" if self.gold.kind in {"far_miss", "switch_unanswerable"} else "near"


@dataclass(frozen=True, slots=True)
class Asked:
    """What became of a question asked in one way, and whether its context was used."""

    verdict: Verdict
    followed: bool


def load(path: Path) -> list[FollowUp]:
    """Read a file of follow-ups; a question without article is about that of the one before it."""
    found: list[FollowUp] = []
    for line, fields in read_objects(path):
        evidence = tuple(Evidence(**piece) for piece in fields["evidence"])  # type: ignore[attr-defined]
        before = found[-1].about if found else ""
        gold = GoldQuestion(
            id=str(fields["id"]),
            text=str(fields["question"]),
            lang=str(fields["lang"]),
            kind=str(fields["kind"]),
            answerable=bool(fields["answerable"]),
            evidence=evidence,
            answers=tuple(map(tuple, fields["answers"])),  # type: ignore[call-overload]
            line=line,
        )
        found.append(
            FollowUp(
                gold,
                str(fields.get("about", evidence[0].document if evidence else before)),
                tuple(Message(**m) for m in fields.get("history", [])),  # type: ignore[attr-defined]
                str(fields.get("standalone", "")),
            )
        )
    return found


def opened() -> Iterator[FollowUp]:
    """Yield the questions of training/questions/, each after an opening about its article."""
    openings = {
        (str(fields["about"]), str(fields["lang"])): tuple(
            Message(**message)
            for message in fields["history"]  # type: ignore[attr-defined]
        )
        for _, fields in read_objects(FOLLOWUPS / "openings.jsonl")
    }
    for folder in QUESTIONS:
        for place, asked in enumerate(load(folder / "questions.jsonl"), 1):
            chinese = (asked.gold.lang != "en") ^ (place % _OTHER_LANGUAGE == 0)
            yield replace(asked, history=openings[asked.about, "zh" if chinese else "en"])


def strange(asked: Sequence[FollowUp]) -> Iterator[FollowUp]:
    """Yield the questions on subjects of no article, each after four of the others' openings."""
    openings = list(dict.fromkeys(one.history for one in asked))
    for place, one in enumerate(one for one in asked if one.kind == "far"):
        for turn in range(_STRANGERS):
            history = openings[(place + turn * len(openings) // _STRANGERS) % len(openings)]
            gold = replace(one.gold, id=f"{one.gold.id}.{turn}")
            yield replace(one, gold=gold, history=history)


def changed(followups: Sequence[FollowUp]) -> Iterator[FollowUp]:
    """Yield the standalone forms, each after the conversation of a follow-up half a list away."""
    own = [asked for asked in followups if not asked.gold.kind.startswith("switch")]
    for place, asked in enumerate(own):
        others = [*own[place + len(own) // 2 :], *own]
        other = next(other for other in others if other.about != asked.about)
        gold = replace(asked.gold, text=asked.standalone)
        yield replace(asked, gold=gold, history=other.history)


def sets(split: str) -> dict[str, list[FollowUp]]:
    """Return the sets of one split; no article is in both."""
    followups = load(FOLLOWUPS / f"{split}.jsonl")
    held_out = {asked.about for asked in load(FOLLOWUPS / "heldout.jsonl")}
    questions = [a for a in opened() if (a.about in held_out) == (split == "heldout")]
    return {
        "followups": followups,
        "questions": questions,
        "strangers": list(strange(questions)),
        "changes": list(changed(followups)),
    }


def ask(workspace: Workspace, judge: Judge, asked: FollowUp, way: str) -> Asked:
    """Ask one question in one way."""
    text = {
        "joined": joined(asked.gold.text, [m.content for m in asked.history if m.role == "user"]),
        "written": asked.standalone or asked.gold.text,
    }.get(way, asked.gold.text)
    history = asked.history if way == "rule" else ()
    started = perf_counter()
    answer = workspace.ask(Question(text, mode="extractive", history=history))
    took = 1000 * (perf_counter() - started)
    return Asked(judge.verdict(asked.gold, answer, took), answer.resolved is not None)


def measure(workspace: Workspace, asked: Sequence[FollowUp]) -> dict[str, list[Asked]]:
    """Ask the questions of a set in every way."""
    infos = workspace.documents()
    golds = [one.gold for one in asked]
    spans = locate_evidence(FOLLOWUPS, golds, infos, workspace.document)
    judge = Judge(workspace, Gold(spans, {info.id: file_name(info.source) for info in infos}))
    ways = WAYS if all(one.standalone for one in asked) else WAYS[:-1]
    return {way: [ask(workspace, judge, one, way) for one in asked] for way in ways}


def table(name: str, measured: dict[str, list[Asked]]) -> str:
    """Return one set's figures in Markdown, with those by language and kind."""
    rows = []
    for way, found in measured.items():
        verdicts = [one.verdict for one in found]
        slices = {"all": verdicts}
        for by in ("lang", "kind"):
            for value in sorted({getattr(v.question, by) for v in verdicts}):
                slices[value] = [v for v in verdicts if getattr(v.question, by) == value]
        for label, some in slices.items():
            figures = answer_figures(some) | {"questions": len(some)}
            rows.append((label, way, [_shown(figures[f]) for f in SHOWN.values()]))
    labels = list(dict.fromkeys(label for label, _, _ in rows))
    rows.sort(key=lambda row: (labels.index(row[0]), WAYS.index(row[1])))
    return markdown_table(
        [name, "way", *SHOWN], ([label, way, *shown] for label, way, shown in rows)
    )


def gains(measured: dict[str, list[Asked]]) -> str:
    """Return what the rule gains over the other ways, with intervals, in Markdown."""
    rows = []
    rule = _resampled(measured["rule"])
    for way, asked in measured.items():
        if way != "rule":
            found = differences([_resampled(asked)], [rule], [len(asked)])
            rows += [
                [f"rule − {way}", d.name, f"{d.change:+.3f}", f"{d.low:+.3f} to {d.high:+.3f}"]
                for d in found
                if d.change is not None
            ]
    return str(markdown_table(["difference", "figure", "change", "95 % interval"], rows))


def _resampled(found: Sequence[Asked]) -> dict[str, Figure]:
    yes = [float(one.verdict.question.answerable) for one in found]
    no = [1 - value for value in yes]
    given = [float(one.verdict.answered) for one in found]
    hit = [float(one.verdict.answered and one.verdict.right) for one in found]
    return {
        "hit@1": ratio(hit, yes),
        "evidence_hit": ratio([float(one.verdict.evidenced) for one in found], yes),
        "false_refusal_rate": ratio([y * (1 - g) for y, g in zip(yes, given, strict=True)], yes),
        "false_answer_rate": ratio([n * g for n, g in zip(no, given, strict=True)], no),
    }


def fit(measured: dict[str, dict[str, list[Asked]]], asked: dict[str, list[FollowUp]]) -> str:
    """Fit confidence and thresholds to the questions whose context was used."""
    platt = READ if Settings().reader != "none" else UNREAD
    judged = {}
    for name in ("followups", "questions", "strangers"):
        ways = measured[name]
        used = [p for p in zip(ways["rule"], asked[name], strict=True) if p[0].followed]
        best = [
            (log(c / (1 - c)) - platt.offset) / platt.slope
            for c in (min(max(one.verdict.confidence, 1e-4), 1 - 1e-4) for one, _ in used)
        ]
        judged[name] = Judged(
            best=np.array(best),
            right=np.array([int(one.verdict.right) for one, _ in used]),
            confidence=np.zeros(len(used)),
            kinds=np.array([of.kind for _, of in used]),
        )
    slope, offset = fit_confidence(judged)
    scaled = {name: confident(seen, slope, offset) for name, seen in judged.items()}
    threshold, floor = thresholds(scaled)
    return f"slope={slope:.3f} offset={offset:.3f} threshold={threshold:.3f} floor={floor:.3f}"


def _shown(value: float | None) -> str:
    if value is None:
        return "–"
    return str(value) if isinstance(value, int) else f"{value:.3f}"


def main() -> None:
    """Measure, then print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--split", choices=["dev", "heldout"], default="dev")
    parser.add_argument("--fit", action="store_true", help="also fit the confidence's constants")
    parser.add_argument("--json", type=Path, metavar="OUT", help="also write every verdict here")
    parser.add_argument("--markdown", type=Path, metavar="OUT", help="also write the tables here")
    options = parser.parse_args()
    try:
        asked = sets(options.split)
        with temporary_workspace(Settings()) as workspace:
            folders = [folder / "articles" for folder in (*QUESTIONS, FOLLOWUPS)]
            workspace.ingest([str(folder) for folder in folders])
            measured = {name: measure(workspace, some) for name, some in asked.items()}
        if options.json:
            rows: dict[str, object] = {
                n: {way: list(map(asdict, of[way])) for way in of} for n, of in measured.items()
            }
            write_json(options.json, rows)
    except PinciteError as error:
        sys.exit(f"{error.code}: {error}")
    parts = [part for name, of in measured.items() for part in (table(name, of), gains(of))]
    if options.fit:
        parts.append(fit(measured, asked))
    text = "\n\n".join(parts)
    if options.markdown:
        options.markdown.write_text(text + "\n", encoding="utf-8")
    Console(width=140).print(Markdown(text))


if __name__ == "__main__":
    main()
