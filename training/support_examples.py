"""Examples for the support model: sentences retrieved for questions, with their features.

Development sets in BEIR shape, whose queries carry ``answers``, are dealt into libraries of several
sizes, from a few articles to half of the set, since what a similarity means depends on how many
passages compete. A library is asked the questions about its documents, and as many that it cannot
answer: half of them about left-out paragraphs of the same articles where the set has such (near
misses), the others about anything else (far misses).
"""

import json
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from pincite.answer.support import candidates
from pincite.embed.encoder import Encoder, Matrix, Progress
from pincite.evaluate.datasets import DataSet, load_data_set
from pincite.settings import Settings
from pincite.text import fold
from pincite.wiring import temporary_workspace
from pincite.workspace import Workspace

TOP_K = 8
SIZES = (3, 12, 60, 10_000)
MOST_LIBRARIES = 12
MOST_QUESTIONS = 60


@dataclass(frozen=True, slots=True)
class Example:
    """One question's candidate sentences: features (n, f), labels (n,), in the retrieval's order.

    ``labels`` are 1 for a sentence that answers, 0 for one that does not, -1 for one that cannot
    be told (it holds the answer, but its document is not marked as relevant).
    """

    features: NDArray[np.float64]
    labels: NDArray[np.int64]
    answerable: bool


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


def questions_for(data: DataSet, library: set[str], random: Random) -> list[str]:
    """Choose the ids of the questions to ask a library: answerable ones and misses in balance."""
    titles = {data.documents[i].title for i in library} - {""}
    answerable, near, far = [], [], []
    for query_id, judged in sorted(data.qrels.items()):
        gold = {d for d, relevance in judged.items() if relevance > 0 and d in data.documents}
        if gold & library:
            answerable.append(query_id)
        elif titles & {data.documents[d].title for d in gold}:
            near.append(query_id)
        else:
            far.append(query_id)
    answerable = random.sample(answerable, min(len(answerable), MOST_QUESTIONS))
    near = random.sample(near, min(len(near), (len(answerable) + 1) // 2))
    return answerable + near + random.sample(far, min(len(far), len(answerable) - len(near)))


def ask(
    workspace: Workspace, data: DataSet, query_id: str, groups: list[list[str]], library: set[str]
) -> Example | None:
    """Ask one question and label the sentences retrieved."""
    gold = {d for d, relevance in data.qrels[query_id].items() if relevance > 0}
    retrieval = workspace.retriever.search(data.queries[query_id], TOP_K)
    vectors = workspace.library.sentence_vectors([h.passage.id for h in retrieval.hits])
    found = candidates(retrieval, vectors)
    labels = []
    for candidate in found:
        holds = answers_here(candidate.text, groups)
        relevant = candidate.hit.document.source in gold
        labels.append(1 if holds and relevant else -1 if holds else 0)
    rows = np.array([c.features for c in found])
    return Example(rows, np.array(labels), bool(gold & library)) if found else None


def collect(name: str, evalsets: Path, work: Path, encoder: Encoder) -> list[Example]:
    """Return a set's examples, from the work folder if they were collected before."""
    stored = work / f"support-{name.replace('/', '-')}.npz"
    if not stored.exists():
        random = Random(name)
        data, answers = load_data_set(name, evalsets / name), read_answers(evalsets / name)
        found = []
        for library in tqdm(list(libraries(data, random)), desc=name):
            with temporary_workspace(Settings(), encoder) as workspace:
                workspace.add_parsed((i, data.documents[i]) for i in library)
                for query_id in questions_for(data, set(library), random):
                    example = ask(workspace, data, query_id, answers[query_id], set(library))
                    found += [example] if example else []
        np.savez(
            stored,
            features=np.concatenate([e.features for e in found]),
            labels=np.concatenate([e.labels for e in found]),
            sizes=[len(e.labels) for e in found],
            answerable=[e.answerable for e in found],
        )
    saved = np.load(stored)
    ends = np.cumsum(saved["sizes"])[:-1]
    return [
        Example(f, y, bool(a))
        for f, y, a in zip(
            np.split(saved["features"], ends),
            np.split(saved["labels"], ends),
            saved["answerable"],
            strict=True,
        )
    ]
