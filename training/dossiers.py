"""The training questions in ``dossiers/``: articles in both languages that belong together.

A dossier is a few articles that a search finds together, in English and in Chinese, sentence by
sentence, with questions in both languages. Every sentence that answers a question is marked;
seven questions of eighteen are near misses, which none answers. All of it is original text.

    python training/dossiers.py        checks the files and counts
"""

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pincite.records import ParsedDocument
from reader_split import held_out

FOLDER = Path(__file__).with_name("dossiers")
LANGUAGES = ("en", "zh")
NEAR = "near"
_PARAGRAPH = 4


@dataclass(frozen=True, slots=True)
class Inquiry:
    """A question in one language, about articles in one language.

    ``evidence`` are the sentences that answer it, by article; none for a near miss. ``answers`` are
    the answers' words in them; empty where a whole sentence is the answer.
    """

    id: str
    question: str
    kind: str
    evidence: dict[str, list[str]]
    answers: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Dossier:
    """A dossier in one language: its articles by source, and what is asked about them."""

    id: str
    articles: dict[str, ParsedDocument]
    inquiries: list[Inquiry]


def dossiers(language: str, folder: Path = FOLDER) -> Iterator[Dossier]:
    """Yield the dossiers with their articles in ``language``, the questions in both languages."""
    side = LANGUAGES.index(language)
    for path in sorted(folder.glob("*.jsonl")):
        for line in path.read_text(encoding="utf-8").splitlines():
            yield _dossier(json.loads(line), side)


def trained_on(dossier: Dossier) -> bool:
    """Tell whether the reader is trained on a dossier, or it is held out."""
    return not held_out(dossier.id)


def _dossier(stored: dict[str, Any], side: int) -> Dossier:
    sentences = {
        (article["id"], number): pair[side]
        for article in stored["articles"]
        for number, pair in enumerate(article["sentences"], 1)
    }
    articles = {
        f"{stored['id']}-{article['id']}": _document(article, side)
        for article in stored["articles"]
    }
    inquiries = []
    for number, asked in enumerate(stored["questions"], 1):
        evidence: dict[str, list[str]] = {}
        for article, place in asked["evidence"]:
            source = f"{stored['id']}-{article}"
            evidence.setdefault(source, []).append(sentences[article, place])
        answers = tuple(asked.get("answers", ()))
        inquiries += [
            Inquiry(f"{stored['id']}-{number}-{of}", asked[of], asked["kind"], evidence, answers)
            for of in LANGUAGES
        ]
    return Dossier(stored["id"], articles, inquiries)


def _document(article: dict[str, Any], side: int) -> ParsedDocument:
    said: Sequence[str] = [pair[side] for pair in article["sentences"]]
    between = "" if LANGUAGES[side] == "zh" else " "
    paragraphs = [said[at : at + _PARAGRAPH] for at in range(0, len(said), _PARAGRAPH)]
    text = "\n\n".join(between.join(paragraph) for paragraph in paragraphs)
    return ParsedDocument(article["title"][side], text, None, LANGUAGES[side], "text/plain")


def main() -> None:
    """Count."""
    found = [dossier for language in LANGUAGES for dossier in dossiers(language)]
    counts = Counter[str]()
    for dossier in found:
        for inquiry in dossier.inquiries:
            for source, sentences in inquiry.evidence.items():
                text = dossier.articles[source].text
                missing = [sentence for sentence in sentences if sentence not in text]
                if missing:
                    raise SystemExit(f"{inquiry.id}: not in {source}: {missing}")
            counts[inquiry.kind] += 1
    print(len(found) // len(LANGUAGES), "dossiers", dict(counts.most_common()))


if __name__ == "__main__":
    main()
