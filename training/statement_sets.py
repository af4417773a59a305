"""Articles of public data sets, whose sentences the development set of statements is made of.

Of ``--evalsets``: MLQA (CC BY-SA 3.0), DRCD (CC BY-SA 3.0, traditional characters), CMRC 2018 (CC
BY-SA 4.0), CRUD-RAG's Chinese news, DragonBall (CC BY-NC-SA 4.0), RGB with its altered facts (CC
BY-NC-SA 4.0), PUD (CC BY-SA 3.0). Of ``--parallel``: NTREX (CC BY-SA 4.0, Chinese by two
translators) and TICO-19 (CC0), of which the encoder has learnt, and the official translations of
Chinese statutes, of which it has not. Their READMEs name the repositories. Nothing of them is kept.
"""

import gzip
import json
import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from pincite.ingest.sentences import sentence_spans

TEXTS = {
    "mlqa en": ("mlqa_dev/en2en", 150),
    "mlqa zh": ("mlqa_dev/zh2zh", 120),
    "drcd": ("drcd/dev", 90),
    "cmrc": ("cmrc2018/trial", 70),
    "crud": ("crud_news_zh/qa_dev", 60),
    "dragonball en": ("dragonball/finance_en_official350", 108),
    "dragonball zh": ("dragonball/finance_zh_generated", 108),
}
BITEXTS = {"ntrex": 1200, "tico19": 600, "prc_law": 300}
_TOGETHER = 6
_MOST_SENTENCES = 18
_POINT = re.compile(r"^\d+[.、)]\s*")


@dataclass(frozen=True, slots=True)
class Article:
    """Sentences that stand together.

    ``others`` are their translations, where there are any; ``retold`` other wordings of a sentence
    by its place; ``points`` statements that the article supports, written by another model.
    """

    source: str
    id: str
    title: str
    language: str
    sentences: tuple[str, ...]
    others: tuple[str, ...] = ()
    retold: tuple[tuple[int, str], ...] = ()
    answers: tuple[str, ...] = ()
    points: tuple[str, ...] = ()
    edited: bool = True

    @property
    def fitted(self) -> bool:
        """Whether the article is in the half that is fitted to; PUD is only for judging."""
        return self.source != "pud" and sha256(self.id.encode()).digest()[0] % 2 == 0


def _lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def _cut(text: str) -> tuple[str, ...]:
    found = []
    for block in re.split(r"\n+", text):
        if block.strip():
            found += [block[s.start : s.end] for s in sentence_spans(block, 0, len(block))]
    return tuple(s for s in found if len(s) > 8)[:_MOST_SENTENCES]


def texts(evalsets: Path) -> Iterator[Article]:
    """Yield the articles of one language, with the answers to their questions."""
    for source, (folder, most) in TEXTS.items():
        queries = {str(q["id"]): q for q in _lines(evalsets / folder / "queries.jsonl")}
        asked = defaultdict(list)
        for line in (evalsets / folder / "qrels.tsv").read_text(encoding="utf-8").splitlines()[1:]:
            query, relevant, *_ = line.split("\t")
            asked[relevant].append(queries[query])
        documents = _lines(evalsets / folder / "corpus.jsonl")
        documents.sort(
            key=lambda d: (str(d["id"]) not in asked, sha256(str(d["id"]).encode()).hexdigest())
        )
        for document in documents[:most]:
            name = str(document["id"])
            sentences = _cut(str(document["text"]))
            if len(sentences) > 1:
                yield Article(
                    source,
                    name,
                    str(document["title"]),
                    str(document["lang"])[:2],
                    sentences,
                    answers=tuple(dict.fromkeys(str(a) for q in asked[name] for a in q["answers"])),
                )
                yield from _pointed(source, document, sentences, asked[name])


def _pointed(
    source: str, document: dict[str, Any], sentences: Sequence[str], asked: Sequence[dict[str, Any]]
) -> Iterator[Article]:
    """Yield what DragonBall's key points are based on: the sentences that its authors name."""
    for query in asked:
        points = tuple(_POINT.sub("", point) for point in query.get("keypoints", ()))
        based = tuple(s for s in query.get("references", ()) if s in document["text"])
        if points and 0 < len(based) == len(query["references"]) <= 10:
            others = tuple(s for s in sentences if s not in based)[: 2 * _TOGETHER - len(based)]
            yield Article(
                source,
                str(document["id"]),
                document["title"],
                "en",
                (*based, *others),
                points=points[:4],
                edited=False,
            )


def altered(evalsets: Path) -> Iterator[tuple[Article, str]]:
    """Yield RGB's passages in which a fact was altered, each with the true sentence."""
    for folder in ("rgb/en_fact", "rgb/zh_fact"):
        at = evalsets / folder
        true = {str(d["id"]): str(d["text"]) for d in _lines(at / "corpus.jsonl")}
        wrong = {str(d["id"]): str(d["text"]) for d in _lines(at / "corpus_counterfactual.jsonl")}
        for instance in _lines(at / "instances.jsonl"):
            pairs = zip(instance["positive"], instance["positive_wrong"], strict=False)
            for positive, negative in pairs:
                told, changed = _cut(true[positive]), _cut(wrong[negative])
                differing = [s for s in told if s not in changed]
                if len(differing) == 1 and len(told) == len(changed):
                    article = Article("rgb", negative, "", str(instance["lang"])[:2], changed)
                    yield article, differing[0]


def _bitext(path: Path) -> list[tuple[str, str]]:
    with gzip.open(path, "rt", encoding="utf-8") as file:
        return [(en, zh) for en, zh in (line.rstrip("\n").split("\t") for line in file)]


def _together(
    source: str, pairs: list[tuple[str, str]], again: dict[str, str]
) -> Iterator[Article]:
    """Make articles of lines that follow one another, in both languages."""
    for start in range(0, len(pairs), _TOGETHER):
        part = pairs[start : start + _TOGETHER]
        english, chinese = tuple(en for en, _ in part), tuple(zh for _, zh in part)
        # Both languages of a line are in the same half.
        name = f"{source} {start}"
        retold = tuple((n, again[en]) for n, en in enumerate(english) if en in again)
        yield Article(source, name, "", "en", english, others=chinese)
        yield Article(source, name, "", "zh", chinese, others=english, retold=retold)


def bitexts(evalsets: Path, parallel: Path) -> Iterator[Article]:
    """Yield articles with their translations."""
    for source, most in BITEXTS.items():
        once: dict[str, str] = {}
        again: dict[str, str] = {}
        for english, chinese in _bitext(parallel / f"{source}.tsv.gz"):
            if english in once:
                again.setdefault(english, chinese)
            once.setdefault(english, chinese)
        yield from _together(source, [*once.items()][:most], again)
    folder = evalsets / "pud_bitext/en2zh"
    told = {str(q["id"])[3:]: str(q["text"]) for q in _lines(folder / "queries.jsonl")}
    translated = {str(d["id"])[3:]: str(d["text"]) for d in _lines(folder / "corpus.jsonl")}
    yield from _together("pud", [(told[i], translated[i]) for i in sorted(told)], {})
