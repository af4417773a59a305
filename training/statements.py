"""Fit how probable it is that sentences support a statement: the verification of LLM answers.

Statements are made of the sentences of public data sets (``statement_sets.py``) by edits that keep
or turn what they say (``statement_examples.py``), in both languages and between them, and are
judged among eight passages: those of the article and those of the nearest others. The model is
fitted to half of the articles, the thresholds are chosen there, and it is reported on the other
half; PUD is only reported on. Which sentences support a statement is not told to the fit
(``statement_fit.py``).

    python training/statements.py --evalsets DIR --parallel DIR --work DIR

Writes ``src/pincite/answer/verification/statement_support.json``. The figures weigh the kinds of
statements equally, and supported ones as much as unsupported ones.
"""

import argparse
import json
import pickle
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from random import Random

import numpy as np
from tqdm import tqdm

from pincite.answer.verification.comparison import BETWEEN, WITHIN
from pincite.answer.verification.facts import stated
from pincite.answer.verification.grounds import Said, Sentences, literal
from pincite.answer.verification.statement_model import WEIGHTS
from pincite.embed.encoder import Encoder
from pincite.settings import BUNDLED, Settings
from pincite.wiring import make_encoder
from statement_examples import Made, Names, Shelf, counterfactual, made
from statement_fit import WIDTH, Judged, report, scale
from statement_sets import Article, bitexts, texts

MOST_OF_KIND = 100
# Wanted of "supported" on the half that is fitted to. Between languages 0.95 would leave next to
# nothing: a swapped name or an opposite in a translation moves the vectors too little. Half of
# these statements are false; of a model that errs in one of five, 0.76 here is 0.93.
PRECISION = {"within": 0.95, "between": 0.76}


def collect(evalsets: Path, parallel: Path, encoder: Encoder) -> list[Judged]:
    """Make the statements and compare each with its passages."""
    random = Random(1)
    names = Names(parallel)
    articles = [*texts(evalsets), *bitexts(evalsets, parallel)]
    changed = random.sample([*counterfactual(evalsets)], 2 * MOST_OF_KIND)
    shelf = Shelf([*articles, *(article for article, _ in changed)], encoder)
    work = [(article, one) for article in articles for one in made(article, random, names)]
    work = [*_capped(work, random), *changed]
    found = [_judged(article, one, shelf, encoder) for article, one in tqdm(work)]
    # A few articles quote sentences of the other language.
    return [judged for judged in found if judged.crosses or not judged.between.any()]


def _capped(work: list[tuple[Article, Made]], random: Random) -> Iterator[tuple[Article, Made]]:
    """Yield at most so many statements of a kind in a language."""
    random.shuffle(work)
    seen: Counter[tuple[str, str, bool]] = Counter()
    for article, one in work:
        key = (article.language, one.kind, article.source == "pud")
        seen[key] += 1
        if seen[key] <= MOST_OF_KIND:
            yield article, one


def _judged(article: Article, one: Made, shelf: Shelf, encoder: Encoder) -> Judged:
    said = Said(stated(one.text), encoder)
    hits, vectors, cited = shelf.hits(article, one, said.vector)
    sentences = Sentences(hits, vectors, encoder)
    grounds = [
        (stage, ground)
        for stage, among in enumerate((sentences.of([cited]), sentences.all))
        for ground in sentences.grounds(said, among)
    ]
    return Judged(
        pair=f"{_told(said.facts.language)}→{_told(article.language)}",
        kind=one.kind,
        source=article.source,
        supported=one.supported,
        fitted=article.fitted,
        literal=literal(said.facts.text, sentences.all) is not None,
        text=said.facts.text,
        rows=np.stack([np.pad(g.features, (0, WIDTH - len(g.features))) for _, g in grounds]),
        stage=np.array([stage for stage, _ in grounds]),
        size=np.array([len(g.sentences) for _, g in grounds]),
        between=np.array([g.between for _, g in grounds]),
        excluded=np.array([g.excluded for _, g in grounds]),
    )


def _told(language: str) -> str:
    """Return the language for the report: a few Chinese sentences are all kana or numbers."""
    return "en" if language == "en" else "zh"


def main() -> None:
    """Collect, fit on one half, report on the other, write."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--evalsets", type=Path, required=True, help="folder of the sets")
    parser.add_argument("--parallel", type=Path, required=True, help="folder of the bitexts")
    parser.add_argument("--work", type=Path, required=True, help="folder for what is collected")
    parser.add_argument("--out", type=Path, default=WEIGHTS)
    options = parser.parse_args()
    encoder = make_encoder(Settings(encoder=BUNDLED))
    stored = options.work / "statements.pickle"
    if not stored.exists():
        options.work.mkdir(parents=True, exist_ok=True)
        found = collect(options.evalsets, options.parallel, encoder)
        stored.write_bytes(pickle.dumps(found))
    found = pickle.loads(stored.read_bytes())  # noqa: S301 written by this script
    written: dict[str, object] = {"encoder": encoder.spec.name}
    for name, features in (("within", WITHIN), ("between", BETWEEN)):
        of = [j for j in found if j.crosses == (name == "between")]
        fitted = scale([j for j in of if j.fitted], features, PRECISION[name])
        print(f"\n{name}: {fitted.english:.3f}, {fitted.other:.3f}; the half not fitted to:")
        pairs = zip(features, fitted.logistic.weights, strict=True)
        weights = {key: round(float(weight), 4) for key, weight in pairs}
        print(weights)
        written[name] = {
            "weights": weights,
            "bias": round(fitted.logistic.bias, 4),
            "threshold": {"english": round(fitted.english, 3), "other": round(fitted.other, 3)},
            "held_out": report([j for j in of if not j.fitted], fitted),
        }
    text = json.dumps(written, indent=1, ensure_ascii=False)
    options.out.write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
