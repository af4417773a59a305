"""Examples for the support model: sentences retrieved for questions, with their features.

Data sets in BEIR shape, whose queries carry ``answers``, are dealt into libraries of several
sizes, from a few articles to half of the set, since what a similarity means depends on how many
passages compete. A library is asked the questions about its documents, and as many that it cannot
answer: half of them about left-out paragraphs of the same articles where the set has such (near
misses), the others about anything else (far misses). A question file is asked of the library that
holds its documents.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING

import numpy as np

from pincite.answer.confidence.fitting import Example
from pincite.answer.confidence.support import Candidate, candidates
from pincite.answer.judge import readings
from pincite.embed.encoder import Encoder, Matrix, Progress
from pincite.embed.reader import Reader
from pincite.errors import InputError
from pincite.evaluate.context import overlaps
from pincite.evaluate.datasets import DataSet, load_data_set
from pincite.evaluate.lines import sha256
from pincite.evaluate.questions import GoldQuestion, Spans, load_questions, locate_evidence
from pincite.evaluate.run import Track
from pincite.records import PASSAGES_CONSIDERED
from pincite.text import fold

if TYPE_CHECKING:
    from pincite.workspace import Workspace

SIZES = (3, 12, 60, 10_000)
MOST_LIBRARIES = 6
MOST_QUESTIONS = 40
# RGB has such a corpus: passages found for its questions that do not answer them.
NEGATIVES = "corpus_negative_only.jsonl"
FAR = "far_miss"
"""Kind of a file's questions that are about nothing in the library."""

Spellings = list[list[str]]
"""Groups of answers as ``spelled`` gives them."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A question, the sources that answer it, its answers, and its kind as in ``Example``.

    ``evidence``, where it is known, says where in the documents the answers stand.
    """

    question: str
    documents: set[str]
    answers: Spellings
    kind: str
    evidence: Spans | None = None


@dataclass(frozen=True, slots=True)
class Round:
    """One library made of documents of a data set, and the questions to ask it."""

    data: DataSet
    library: list[str]
    questions: list[Asked]


@dataclass(frozen=True, slots=True)
class Collected:
    """The examples of one question file or data set, with the question of each.

    ``files`` holds the SHA-256 of what was read, by name.
    """

    name: str
    examples: list[Example]
    questions: list[str]
    files: dict[str, str]


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


def spelled(groups: Iterable[Iterable[str]]) -> Spellings:
    """Return answers as they are compared: case, width and script folded, no full stop."""
    flat = ([fold(answer).strip(" 。.") for answer in group] for group in groups)
    return [[answer for answer in group if answer] for group in flat]


def answers_here(text: str, groups: Spellings) -> bool:
    """Tell whether a sentence holds an answer, or is one of the reference sentences' parts."""
    folded = fold(text).strip(" 。.")
    return any(
        answer in folded or (len(folded) > 12 and folded in answer)
        for group in groups
        for answer in group
    )


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


def questions_for(data: DataSet, library: set[str], random: Random) -> dict[str, str]:
    """Choose the questions to ask a library, id → kind: answerable ones and misses in balance."""
    titles = {data.documents[i].title for i in library} - {""}
    answerable, near, far = [], [], []
    for query_id in sorted(data.queries):
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


def set_rounds(
    data: DataSet, folder: Path, answers: Mapping[str, Spellings], random: Random
) -> list[Round]:
    """Deal a data set into libraries with their questions.

    Args:
        data: The set; only its queries are asked.
        folder: Where it is; a corpus there that answers no query is asked all queries too.
        answers: Query id → what a sentence that answers holds.
        random: Decides what goes where.
    """
    rounds = []
    for library in libraries(data, random):
        chosen = questions_for(data, set(library), random)
        questions = [
            Asked(data.queries[i], set(data.qrels.get(i, {})), answers.get(i, []), kind)
            for i, kind in chosen.items()
        ]
        rounds.append(Round(data, library, questions))
    if (folder / NEGATIVES).exists():
        misses = negatives(data.name, folder, answers)
        questions = [
            Asked(text, set(), answers.get(i, []), "near") for i, text in misses.queries.items()
        ]
        rounds.append(Round(misses, list(misses.documents), questions))
    return rounds


def negatives(name: str, folder: Path, answers: Mapping[str, Spellings]) -> DataSet:
    """Load a set's corpus that answers no query, and the queries of which that is true.

    A passage that was found for one query may answer another ("World Cup 2014 winner: Germany"):
    queries whose answer stands anywhere in that corpus are left out.
    """
    misses = load_data_set(name, folder, corpus=NEGATIVES, to_answer=True)
    texts = [document.text for document in misses.documents.values()]
    queries = {
        i: query
        for i, query in misses.queries.items()
        if not any(answers_here(text, answers.get(i, [])) for text in texts)
    }
    return replace(misses, queries=queries)


def file_questions(
    questions: Sequence[GoldQuestion], evidence: Mapping[str, Spans]
) -> Iterator[Asked]:
    """Yield a file's questions; those without evidence are near misses unless of kind ``FAR``."""
    for question in questions:
        miss = "far" if question.kind == FAR else "near"
        yield Asked(
            question.text,
            set(),
            spelled([piece.quote] for piece in question.evidence),
            "answerable" if question.answerable else miss,
            evidence[question.id],
        )


def ask(workspace: "Workspace", reader: Reader | None, asked: Asked) -> Example | None:
    """Ask one question and label the sentences retrieved; None if there are none."""
    retrieval = workspace.retriever.search(asked.question, PASSAGES_CONSIDERED)
    vectors = workspace.library.sentence_vectors([h.passage.id for h in retrieval.hits])
    found = candidates(retrieval, vectors, readings(reader, retrieval) if reader else None)
    if not found:
        return None
    labels = [_label(candidate, asked) for candidate in found]
    return Example(np.array([c.features for c in found]), np.array(labels), asked.kind)


def _label(candidate: Candidate, asked: Asked) -> int:
    holds = answers_here(candidate.text, asked.answers)
    document, span = candidate.hit.document, candidate.span
    if asked.evidence is None:
        answers = holds and document.source in asked.documents
    else:
        answers = overlaps(span.start, span.end, asked.evidence.get(document.id, ()))
    return 1 if answers else -1 if holds else 0


def collect_file(
    workspace: "Workspace", reader: Reader | None, path: Path, track: Track
) -> Collected:
    """Ask a file's questions of the library that holds its documents.

    Raises:
        InputError: If the file is wrong or the library lacks its documents.
    """
    questions = load_questions(path)
    evidence = locate_evidence(path, questions, workspace.documents(), workspace.document)
    step = track(f"Asking {path.name}", len(questions))
    found = []
    for asked in file_questions(questions, evidence):
        found.append((ask(workspace, reader, asked), asked.question))
        step()
    return _collected(str(path), found, {str(path): sha256(path)})


def collect_set(
    name: str,
    folder: Path,
    temporary: Callable[[], AbstractContextManager["Workspace"]],
    reader: Reader | None,
    track: Track,
) -> Collected:
    """Deal a data set into temporary libraries and ask them its queries.

    Args:
        name: What to call the set.
        folder: Where its files are.
        temporary: Makes an empty library that is deleted afterwards.
        reader: What reads the sentences, if anything does.
        track: Told the progress.

    Raises:
        InputError: If a file is wrong, or no query says what answers it.
    """
    data = load_data_set(name, folder, to_answer=True)
    told = data.answers.keys() | data.unanswerable
    data = replace(data, queries={i: text for i, text in data.queries.items() if i in told})
    answers = {i: spelled(groups) for i, groups in data.answers.items()}
    if not answers:
        raise InputError(
            f'{folder}: no query carries "answers", so it cannot be told which sentence answers;'
            ' add them to queries.jsonl, such as "answers": ["12 March"], or name another set'
        )
    rounds = set_rounds(data, folder, answers, Random(name))
    step = track(f"Asking {name}", sum(len(one.questions) for one in rounds))
    found = []
    for one in rounds:
        with temporary() as workspace:
            workspace.add_parsed((i, one.data.documents[i]) for i in one.library)
            for asked in one.questions:
                found.append((ask(workspace, reader, asked), asked.question))
                step()
    return _collected(name, found, {f"{name}/{file}": sha for file, sha in data.files.items()})


def _collected(
    name: str, found: Iterable[tuple[Example | None, str]], files: dict[str, str]
) -> Collected:
    kept = [(example, question) for example, question in found if example]
    return Collected(name, [e for e, _ in kept], [q for _, q in kept], files)
