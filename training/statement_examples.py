"""Statements that articles support, and others that they do not, each with its passages."""

import gzip
import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random

import numpy as np

import statement_edits as edits
from pincite.embed.encoder import Encoder, Matrix
from pincite.records import DocumentInfo, Hit, Passage, Span
from pincite.text import primary_language
from statement_sets import Article, altered

_IN_PASSAGE = 6
PASSAGES = 8
_OF_EACH = 2
_NAMES = ("natural_earth", "dbpedia_entities", "person_names")
_LATIN_NAME = re.compile(r"(?<=[a-z,] )[A-Z][a-z]+(?: [A-Z][a-z]+)*")


@dataclass(frozen=True, slots=True)
class Made:
    """A statement made of an article.

    ``without`` is the place of a sentence that the passages then lack; ``at`` that of the sentence
    which an LLM would have cited.
    """

    kind: str
    supported: bool
    text: str
    at: int
    without: int = -1


class Names:
    """Names in both languages, to put one for another in a sentence and its translation."""

    def __init__(self, parallel: Path) -> None:
        self._lists: list[dict[str, str]] = []
        for name in _NAMES:
            with gzip.open(parallel / f"{name}.tsv.gz", "rt", encoding="utf-8") as file:
                pairs = (line.rstrip("\n").split("\t") for line in file)
                self._lists.append(
                    {en: zh for en, zh in pairs if len(en) > 2 and len(zh) > 1 and en[0].isupper()}
                )
        self._all = [sorted(names.items()) for names in self._lists]

    def swap(self, statement: str, translation: str, random: Random) -> str | None:
        """Put another name for one that both the statement and its translation hold."""
        english = primary_language(statement) != "zh"
        text = statement if english else translation
        words = re.findall(r"[A-Z][\w'-]*(?: [A-Z][\w'-]*)*", text)
        for word in random.sample(words, len(words)):
            for names, entries in zip(self._lists, self._all, strict=True):
                zh = names.get(word)
                if zh and zh in (translation if english else statement):
                    other = random.choice(entries)
                    return statement.replace(*((word, other[0]) if english else (zh, other[1])))
        return None


def _several(article: Article, random: Random) -> list[int]:
    places = range(len(article.sentences))
    return random.sample(places, min(_OF_EACH, len(places)))


def _edited(
    sentence: str, article: Article, random: Random
) -> Iterator[tuple[str, bool, str | None]]:
    """Yield what a sentence becomes by each edit within its language."""
    yield "literal", True, sentence
    yield "shortened", True, edits.shortened(sentence)
    yield "reworded", True, edits.reworded(sentence)
    short = edits.shortened(sentence)
    yield "shortened, reworded", True, edits.reworded(short) if short else None
    yield "introduced", True, edits.introduced(sentence, random)
    yield "named", True, edits.named(sentence, article.title)
    yield "notation", True, edits.other_notation(sentence)
    if article.language == "zh":
        yield "script", True, edits.other_script(sentence)
    yield from wrong(sentence, random)
    held = [a for a in article.answers if a in sentence and 1 < len(a) < 0.5 * len(sentence)]
    if held:
        yield (
            "answer swapped",
            False,
            edits.swapped(sentence, random.choice(held), article.answers, random),
        )
    names = _LATIN_NAME.findall(sentence)
    if names:
        all_names = sorted({n for s in article.sentences for n in _LATIN_NAME.findall(s)})
        yield (
            "name swapped",
            False,
            edits.swapped(sentence, random.choice(names), all_names, random),
        )


def wrong(sentence: str, random: Random) -> Iterator[tuple[str, bool, str | None]]:
    """Yield a sentence with a number, a negation or a word turned, some reworded besides."""
    for kind, turned in (
        ("number swapped", edits.renumbered(sentence, random)),
        ("negated", edits.negated(sentence, random)),
        ("unnegated", edits.unnegated(sentence, random)),
        ("opposite", edits.opposite(sentence, random)),
    ):
        other = edits.reworded(turned) if turned and random.random() < 0.3 else None
        yield kind, False, other or turned


def made(article: Article, random: Random, names: Names) -> Iterator[Made]:
    """Yield statements made of an article, in its own language and by its translation."""
    for at in _several(article, random) if article.edited else ():
        sentence = article.sentences[at]
        for kind, supported, text in _edited(sentence, article, random):
            if text and (kind == "literal" or text != sentence):
                yield Made(kind, supported, text, at)
        if len(article.sentences) > 2:
            other = random.choice([n for n in range(len(article.sentences)) if n != at])
            yield Made("neighbour", False, sentence, other, without=at)
            both = edits.joined(article.sentences[other], edits.shortened(sentence) or sentence)
            yield Made("extended", False, both, other, without=at)
            yield Made("merged", True, both, other)
        if article.others:
            yield from _translated(article, at, random, names)
    for at, text in article.retold[:_OF_EACH]:
        yield Made("retold", True, text, at)
    for text in article.points:
        yield Made("points", True, text, 0)
        for kind, supported, turned in wrong(text, random):
            if turned and turned != text:
                yield Made(f"points, {kind}", supported, turned, 0)


def _translated(article: Article, at: int, random: Random, names: Names) -> Iterator[Made]:
    translation, sentence = article.others[at], article.sentences[at]
    yield Made("translated", True, translation, at)
    if notation := edits.other_notation(translation):
        yield Made("translated, notation", True, notation, at)
    if shortened := edits.shortened(translation):
        yield Made("translated, shortened", True, shortened, at)
    if reworded := edits.reworded(translation):
        yield Made("translated, reworded", True, reworded, at)
    for kind, supported, turned in wrong(translation, random):
        if turned and turned != translation:
            yield Made(f"translated, {kind}", supported, turned, at)
    if other := names.swap(translation, sentence, random):
        yield Made("translated, name swapped", False, other, at)
    if len(article.sentences) > 2:
        place = random.choice([n for n in range(len(article.sentences)) if n != at])
        yield Made("translated, neighbour", False, translation, place, without=at)
        both = edits.joined(article.others[place], translation)
        yield Made("translated, extended", False, both, place, without=at)
        yield Made("translated, merged", True, both, place)


def counterfactual(evalsets: Path) -> Iterator[tuple[Article, Made]]:
    """Yield true sentences beside passages in which the fact was altered."""
    for article, sentence in altered(evalsets):
        yield article, Made("fact altered", False, sentence, 0)


class Shelf:
    """All articles as passages with their vectors, to find what else would have been retrieved."""

    def __init__(self, articles: Sequence[Article], encoder: Encoder) -> None:
        self._encoder = encoder
        self.vectors = {a: encoder.encode_passages(a.sentences) for a in articles}
        self._by_language = defaultdict(list)
        for article in articles:
            self._by_language[article.language].append(article)
        self._means = {
            language: np.stack([self.vectors[a].mean(axis=0) for a in found])
            for language, found in self._by_language.items()
        }

    def hits(
        self, article: Article, made: Made, vector: Matrix
    ) -> tuple[list[Hit], dict[int, Matrix], int]:
        """Return the passages retrieved for a statement, their vectors, and the cited number."""
        hits: list[Hit] = []
        vectors: dict[int, Matrix] = {}
        cited = 1
        order = np.argsort(-(self._means[article.language] @ vector))
        others = [
            a
            for place in order[: 2 * PASSAGES]
            if (a := self._by_language[article.language][place]).id != article.id
        ]
        for one in (article, *others):
            kept = [n for n in range(len(one.sentences)) if one is not article or n != made.without]
            for start in range(0, len(kept), _IN_PASSAGE):
                part = kept[start : start + _IN_PASSAGE]
                number = len(hits) + 1
                if one is article and made.at in part:
                    cited = number
                if len(hits) < PASSAGES or number == cited:
                    hits.append(_hit(number, one, [one.sentences[n] for n in part]))
                    vectors[number] = self.vectors[one][part]
            if len(hits) >= PASSAGES:
                break
        return hits, vectors, min(cited, len(hits))


def _hit(number: int, article: Article, sentences: Sequence[str]) -> Hit:
    text, spans = "", []
    for sentence in sentences:
        text += "\n" if text else ""
        spans.append(Span(len(text), len(text) + len(sentence)))
        text += sentence
    info = DocumentInfo(
        article.id, article.title, "", None, article.language, "text/plain", "", "", len(text), 1
    )
    passage = Passage(number, article.id, number, 0, len(text), "", text, tuple(spans))
    return Hit(passage, info, 0.0, None, None, 0.0, 0.0)
