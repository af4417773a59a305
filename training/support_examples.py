"""Examples for the support model: sentences retrieved for questions, with their features.

Development sets in BEIR shape, whose queries carry ``answers``, are dealt into libraries of several
sizes, from a few articles to half of the set, since what a similarity means depends on how many
passages compete. A library is asked the questions about its documents, and as many that it cannot
answer: half of them about left-out paragraphs of the same articles where the set has such (near
misses), the others about anything else (far misses). The articles and questions in ``questions/``
are original text in the manner of this program's readers: short, paraphrased, often vague.
"""

import json
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random

import numpy as np
from tqdm import tqdm

from pincite.answer.assistant import readings
from pincite.answer.fitting import Example
from pincite.answer.support import candidates
from pincite.embed.encoder import Encoder, Matrix, Progress
from pincite.embed.reader import Reader
from pincite.evaluate.datasets import DataSet, load_data_set
from pincite.settings import Settings
from pincite.text import fold
from pincite.wiring import temporary_workspace
from pincite.workspace import Workspace
from reader_split import READ, held_out

TOP_K = 8
SIZES = (3, 12, 60, 10_000)
MOST_LIBRARIES = 6
MOST_QUESTIONS = 40
# RGB has such a corpus: passages found for its questions that do not answer them.
NEGATIVES = "corpus_negative_only.jsonl"


@dataclass(frozen=True, slots=True)
class Asked:
    """A question, the sources that answer it, its answers: groups of spellings, and its kind."""

    question: str
    documents: set[str]
    answers: list[list[str]]
    kind: str


class RememberingEncoder:
    """An encoder that embeds each text once; the libraries share their documents."""

    def __init__(self, encoder: Encoder) -> None:
        self._encoder = encoder
        self._rows: dict[str, Matrix] = {}
        self.spec = encoder.spec
        self.count_tokens = encoder.count_tokens
        self.encode_queries = encoder.encode_queries

    def encode_passages(self, texts: Sequence[str], progress: Progress | None = None) -> Matrix:
        """Embed what was not embedded before."""
        new = [text for text in dict.fromkeys(texts) if text not in self._rows]
        self._rows.update(zip(new, self._encoder.encode_passages(new, progress), strict=True))
        return np.stack([self._rows[text] for text in texts])


def libraries(data: DataSet, random: Random) -> Iterator[list[str]]:
    """Deal a set's documents into libraries: lists of document ids.

    Articles (documents of one title) stay together, but every other paragraph of theirs is left
    out, so that near misses exist.
    """
    articles = defaultdict(list)
    for document_id, document in data.documents.items():
        articles[document.title or document_id].append(document_id)
    for size in SIZES:
        titles = sorted(articles)
        random.shuffle(titles)
        dealt = [i for title in titles for i in articles[title][: (len(articles[title]) + 1) // 2]]
        for place in range(MOST_LIBRARIES):
            if library := dealt[place * size : (place + 1) * size]:
                yield library


def read_answers(folder: Path) -> dict[str, list[list[str]]]:
    """Read each query's answers: groups that must all be there, of spellings any of which may."""
    answers = {}
    for line in (folder / "queries.jsonl").read_text(encoding="utf-8").splitlines():
        query = json.loads(line)
        groups = query.get("answer_groups") or [[a] for a in query.get("references", [])]
        groups = groups or [query.get("answers", [])]
        answers[query["id"]] = [[fold(a).strip(" 。.") for a in group if a] for group in groups]
    return answers


def answers_here(text: str, groups: list[list[str]]) -> bool:
    """Tell whether a sentence holds an answer, or is one of the reference sentences' parts."""
    folded = fold(text).strip(" 。.")
    return any(
        answer in folded or (len(folded) > 12 and folded in answer)
        for group in groups
        for answer in group
    )


def questions_for(data: DataSet, library: set[str], random: Random) -> dict[str, str]:
    """Choose the questions to ask a library, id → kind: answerable ones and misses in balance.

    Of the sets that the reader was trained on, only questions that it never saw.
    """
    titles = {data.documents[i].title for i in library} - {""}
    answerable, near, far = [], [], []
    for query_id in sorted(data.queries):
        if data.name in READ and not held_out(query_id):
            continue
        judged = data.qrels.get(query_id, {})
        gold = {d for d, relevance in judged.items() if relevance > 0 and d in data.documents}
        if gold & library:
            answerable.append(query_id)
        elif query_id in data.unanswerable or titles & {data.documents[d].title for d in gold}:
            near.append(query_id)
        else:
            far.append(query_id)
    answerable = random.sample(answerable, min(len(answerable), MOST_QUESTIONS))
    near = random.sample(near, min(len(near), (len(answerable) + 1) // 2))
    far = random.sample(far, min(len(far), len(answerable) - len(near)))
    kinds = {"answerable": answerable, "near": near, "far": far}
    return {query_id: kind for kind, ids in kinds.items() for query_id in ids}


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
        groups = [[fold(q["quote"]).strip(" 。.") for q in quotes]]
        gold = {str((folder / "articles" / q["document"]).resolve()) for q in quotes}
        miss = "far" if question["kind"] == "far_miss" else "near"
        kind = "answerable" if quotes else miss
        asked[document].append(Asked(question["question"], gold, groups, kind))
    articles = sorted(asked)
    random.shuffle(articles)
    threes = [articles[place : place + 3] for place in range(0, len(articles), 3)]
    for library in [*([article] for article in articles), *threes]:
        paths = [str(folder / "articles" / article) for article in library]
        yield paths, [question for article in library for question in asked[article]]


def set_rounds(
    data: DataSet, answers: dict[str, list[list[str]]], random: Random
) -> Iterator[tuple[list[str], list[Asked]]]:
    """Yield libraries of a BEIR-shaped set, with the questions to ask them."""
    for library in libraries(data, random):
        yield (
            library,
            [
                Asked(data.queries[i], set(data.qrels.get(i, {})), answers[i], kind)
                for i, kind in questions_for(data, set(library), random).items()
            ],
        )


def unanswerable_round(
    data: DataSet, answers: dict[str, list[list[str]]]
) -> Iterator[tuple[list[str], list[Asked]]]:
    """Yield the library of a corpus that answers none of its questions, and all of these."""
    asked = [Asked(text, set(), answers[id_], "near") for id_, text in data.queries.items()]
    yield list(data.documents), asked


def ask(workspace: Workspace, reader: Reader, asked: Asked) -> Example | None:
    """Ask one question and label the sentences retrieved."""
    retrieval = workspace.retriever.search(asked.question, TOP_K)
    vectors = workspace.library.sentence_vectors([h.passage.id for h in retrieval.hits])
    found = candidates(retrieval, vectors, readings(reader, retrieval))
    labels = []
    for candidate in found:
        holds = answers_here(candidate.text, asked.answers)
        relevant = candidate.hit.document.source in asked.documents
        labels.append(1 if holds and relevant else -1 if holds else 0)
    if not found:
        return None
    rows = np.array([c.features for c in found])
    return Example(rows, np.array(labels), asked.kind)


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
    answers = read_answers(folder)
    data = load_data_set(name, folder, to_answer=True)
    rounds = [(data, *of) for of in set_rounds(data, answers, random)]
    if (folder / NEGATIVES).exists():
        misses = load_data_set(name, folder, corpus=NEGATIVES, to_answer=True)
        rounds += [(misses, *of) for of in unanswerable_round(misses, answers)]
    for of, library, questions in tqdm(rounds, desc=name):
        with temporary_workspace(Settings(), encoder) as workspace:
            workspace.add_parsed((i, of.documents[i]) for i in library)
            yield from _asked(workspace, reader, questions)


def _asked(workspace: Workspace, reader: Reader, questions: list[Asked]) -> Iterator[Example]:
    for question in questions:
        if example := ask(workspace, reader, question):
            yield example
