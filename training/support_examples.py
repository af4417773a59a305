"""The training sets as examples for the support model (``pincite.evaluate.examples``).

The articles and questions in ``questions/`` are original text in the manner of this program's
readers: short, paraphrased, often vague.
"""

import json
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from random import Random

import numpy as np
from tqdm import tqdm

from dossiers import FOLDER, LANGUAGES, NEAR, Dossier, Inquiry, dossiers, trained_on
from pincite.answer.confidence.fitting import Example
from pincite.embed.encoder import Encoder
from pincite.embed.reader import Reader
from pincite.evaluate.datasets import DataSet, load_data_set
from pincite.evaluate.examples import FAR, Asked, Spellings, ask, set_rounds, spelled
from pincite.evaluate.questions import Spans
from pincite.records import Span
from pincite.settings import Settings
from pincite.wiring import temporary_workspace
from pincite.workspace import Workspace
from reader_split import READ, held_out

BOTH = "both"
_QUESTIONS, _FAR_QUESTIONS = 6, 2


def read_answers(folder: Path) -> dict[str, Spellings]:
    """Read each query's answers: groups that must all be there, of spellings any of which may."""
    answers = {}
    for line in (folder / "queries.jsonl").read_text(encoding="utf-8").splitlines():
        query = json.loads(line)
        groups = query.get("answer_groups") or [[a] for a in query.get("references", [])]
        answers[query["id"]] = spelled(groups or [query.get("answers", [])])
    return answers


def unread(data: DataSet) -> DataSet:
    """Return a set with only the questions that the reader was not trained on."""
    if data.name not in READ:
        return data
    return replace(data, queries={i: text for i, text in data.queries.items() if held_out(i)})


def own_rounds(folder: Path, random: Random) -> Iterator[tuple[list[str], list[Asked]]]:
    """Yield libraries of one and of three articles of ``questions/``, with their questions.

    A question without evidence stands among the questions on the article that it is a miss of.
    """
    asked = defaultdict(list)
    document = ""
    for line in (folder / "questions.jsonl").read_text(encoding="utf-8").splitlines():
        question = json.loads(line)
        quotes = question["evidence"]
        document = quotes[0]["document"] if quotes else document
        groups = spelled([[q["quote"] for q in quotes]])
        gold = {str((folder / "articles" / q["document"]).resolve()) for q in quotes}
        miss = "far" if question["kind"] == FAR else "near"
        kind = "answerable" if quotes else miss
        asked[document].append(Asked(question["question"], gold, groups, kind))
    articles = sorted(asked)
    random.shuffle(articles)
    threes = [articles[place : place + 3] for place in range(0, len(articles), 3)]
    for library in [*([article] for article in articles), *threes]:
        paths = [str(folder / "articles" / article) for article in library]
        yield paths, [question for article in library for question in asked[article]]


def dossier_rounds(
    name: str, random: Random
) -> Iterator[tuple[list[Dossier], list[tuple[Inquiry, str]]]]:
    """Yield libraries of held-out dossiers, with some of their questions and these' kinds.

    Args:
        name: "en" or "zh" for libraries of one dossier in that language, "both" for one of all
            dossiers, every other one in English, the others in Chinese.
        random: Chooses the questions, and those about other dossiers.
    """
    held = {language: _held(language) for language in LANGUAGES}
    if name == BOTH:
        every = [held[LANGUAGES[i % 2]][i] for i in range(len(held["en"]))]
        yield (
            every,
            [pair for d in every for pair in map(_kind, random.sample(d.inquiries, _QUESTIONS))],
        )
        return
    for dossier in held[name]:
        others = [i for other in held[name] if other is not dossier for i in other.inquiries]
        far = random.sample(others, min(_FAR_QUESTIONS, len(others)))
        near = random.sample(dossier.inquiries, _QUESTIONS)
        yield [dossier], [*map(_kind, near), *((inquiry, "far") for inquiry in far)]


def _kind(inquiry: Inquiry) -> tuple[Inquiry, str]:
    return inquiry, "near" if inquiry.kind == NEAR else "answerable"


def _held(language: str) -> list[Dossier]:
    return [dossier for dossier in dossiers(language) if not trained_on(dossier)]


def _asked_of(workspace: Workspace, inquiry: Inquiry, kind: str) -> Asked:
    evidence: Spans = {}
    if kind == "answerable":
        for info in workspace.documents():
            text = workspace.document(info.id).text if info.source in inquiry.evidence else ""
            for sentence in inquiry.evidence.get(info.source, ()):
                start = text.index(sentence)
                evidence.setdefault(info.id, []).append(Span(start, start + len(sentence)))
    return Asked(inquiry.question, set(), [], kind, evidence)


def collect(name: str, folder: Path, work: Path, encoder: Encoder, reader: Reader) -> list[Example]:
    """Return a set's examples, from the work folder if they were collected before."""
    stored = work / f"support-{name.replace('/', '-')}.npz"
    if not stored.exists():
        found = [*_examples(name, folder, encoder, reader)]
        np.savez(
            stored,
            features=np.concatenate([e.features for e in found]),
            labels=np.concatenate([e.labels for e in found]),
            sizes=[len(e.labels) for e in found],
            kinds=[e.kind for e in found],
        )
    saved = np.load(stored)
    ends = np.cumsum(saved["sizes"])[:-1]
    parts = (np.split(saved[part], ends) for part in ("features", "labels"))
    return [Example(*one) for one in zip(*parts, map(str, saved["kinds"]), strict=True)]


def _examples(name: str, folder: Path, encoder: Encoder, reader: Reader) -> Iterator[Example]:
    random = Random(name)
    if (folder / "articles").is_dir():
        for articles, questions in tqdm(own_rounds(folder, random), desc=name):
            with temporary_workspace(Settings(), encoder) as workspace:
                workspace.ingest(articles)
                yield from _asked(workspace, reader, questions)
        return
    if folder == FOLDER:
        for library, inquiries in tqdm(dossier_rounds(name.rpartition("/")[2], random), desc=name):
            with temporary_workspace(Settings(), encoder) as workspace:
                workspace.add_parsed(pair for d in library for pair in d.articles.items())
                asked = [_asked_of(workspace, inquiry, kind) for inquiry, kind in inquiries]
                yield from _asked(workspace, reader, asked)
        return
    answers = read_answers(folder)
    data = load_data_set(name, folder, to_answer=True)
    for one in tqdm(set_rounds(unread(data), folder, answers, random), desc=name):
        with temporary_workspace(Settings(), encoder) as workspace:
            workspace.add_parsed((i, one.data.documents[i]) for i in one.library)
            yield from _asked(workspace, reader, one.questions)


def _asked(workspace: Workspace, reader: Reader, questions: list[Asked]) -> Iterator[Example]:
    for question in questions:
        if example := ask(workspace, reader, question):
            yield example
