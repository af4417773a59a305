"""Examples for the reader: questions with passages that the library's own search brought up.

Each development set is taken into one library. A question's passages are those of its document that
hold an answer, and the best found that hold none: what the reader will have to tell apart. A fifth
of the questions is held out for the support model (support.py), which must see the reader's scores
on texts that it was not trained on (reader_split.py).
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from unicodedata import combining, normalize

from tqdm import tqdm

from dossiers import FOLDER, Inquiry, dossiers, trained_on
from pincite.answer.judge import page_of
from pincite.embed.encoder import Encoder
from pincite.evaluate.datasets import load_data_set
from pincite.explanation import Filters
from pincite.records import Hit, Span
from pincite.settings import Settings
from pincite.text import fold, to_simplified
from pincite.wiring import temporary_workspace
from reader_split import held_out
from support_examples import read_answers

FOUND = 12
STRANGERS = 4


@dataclass(frozen=True, slots=True)
class Passage:
    """A passage to read, with the spans of the answers in it; none if it answers nothing."""

    heading: str
    text: str
    sentences: tuple[Span, ...]
    answers: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class ReadingExample:
    """A question, passages that answer it, and passages that were found and do not."""

    question: str
    answering: list[Passage]
    others: list[Passage]


def occurrences(text: str, answers: Sequence[Sequence[str]]) -> tuple[Span, ...]:
    """Return where any of some folded answers stands in a text."""
    folded, places = _folded(text)
    wanted = {answer for group in answers for answer in group if answer}
    return tuple(
        Span(places[match.start()].start, places[match.end() - 1].end)
        for answer in sorted(wanted)
        for match in re.finditer(re.escape(answer), folded)
    )


def _folded(text: str) -> tuple[str, list[Span]]:
    """Fold a text as ``fold`` does; return also where each character of the result comes from."""
    starts = [i for i, character in enumerate(text) if not i or not combining(character)]
    parts, places = [], []
    for start, end in pairwise([*starts, len(text)]):
        part = normalize("NFKC", text[start:end]).lower()
        parts.append(part)
        places += [Span(start, end)] * len(part)
    # Simplifying changes characters, never their number.
    return to_simplified("".join(parts)), places


def _passage(hit: Hit, answers: Sequence[Sequence[str]]) -> Passage:
    page = page_of(hit)
    return Passage(page.heading, page.text, page.sentences, occurrences(page.text, answers))


def _evident(hit: Hit, inquiry: Inquiry) -> Passage:
    """Return a passage with the answers in the sentences that are marked as evidence."""
    page = page_of(hit)
    spans = []
    for sentence in inquiry.evidence.get(hit.document.source, ()):
        start = page.text.find(sentence)
        if start >= 0:
            inside = occurrences(sentence, [[fold(answer) for answer in inquiry.answers]])
            whole = (Span(0, len(sentence)),)
            spans += [Span(start + s.start, start + s.end) for s in inside or whole]
    return Passage(page.heading, page.text, page.sentences, tuple(spans))


def examples(name: str, folder: Path, encoder: Encoder) -> Iterator[ReadingExample]:
    """Yield a set's examples, the held-out questions left out.

    Args:
        name: What to call the set.
        folder: A set in the BEIR shape, whose queries carry ``answers``.
        encoder: The bundled model.
    """
    data = load_data_set(name, folder)
    answers = read_answers(folder)
    with temporary_workspace(Settings(), encoder) as workspace:
        workspace.add_parsed(data.documents.items(), sentence_vectors=False)
        for query_id, question in tqdm(data.queries.items(), desc=name):
            if held_out(query_id):
                continue
            gold = {d for d, relevance in data.qrels[query_id].items() if relevance > 0}
            answering, others = [], []
            for hit in workspace.search(question, FOUND):
                passage = _passage(hit, answers[query_id])
                relevant = hit.document.source in gold
                if passage.answers and relevant:
                    answering.append(passage)
                # An answer in another document may be one too: it teaches neither.
                elif not passage.answers:
                    others.append(passage)
            if answering and others:
                yield ReadingExample(question, answering, others)


def dossier_examples(
    language: str, encoder: Encoder, folder: Path = FOLDER
) -> Iterator[ReadingExample]:
    """Yield the examples of the dossiers, whose articles are in ``language``.

    A near miss has no passage that answers. Besides the passages of the dossier itself, which a
    vague question would not find among all, there are the nearest of the others.
    """
    found = [dossier for dossier in dossiers(language, folder) if trained_on(dossier)]
    with temporary_workspace(Settings(), encoder) as workspace:
        for dossier in found:
            workspace.add_parsed(dossier.articles.items(), sentence_vectors=False)
        for dossier in tqdm(found, desc=f"dossiers, {language}"):
            own = Filters(sources=tuple(dossier.articles))
            for inquiry in dossier.inquiries:
                hits = workspace.search(inquiry.question, FOUND, filters=own)
                among = workspace.search(inquiry.question, FOUND)
                hits += [h for h in among if h.document.source not in dossier.articles][:STRANGERS]
                passages = [_evident(hit, inquiry) for hit in hits]
                answering = [p for p in passages if p.answers]
                if answering or not inquiry.evidence:
                    others = [p for p in passages if not p.answers]
                    yield ReadingExample(inquiry.question, answering, others)
