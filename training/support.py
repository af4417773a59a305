"""Fit the support model: how probable it is that a sentence answers a question.

Every sentence of the passages retrieved for a question is an example (``support_examples.py``); it
is positive if it stands in a relevant document and holds an answer. Every question is used twice,
the second time without the features that compare words: readers paraphrase more than the questions
of these sets do.

    python training/support.py --evalsets DIR --work DIR

Writes ``src/pincite/answer/support.json``: the weights, and as threshold the one at which
``REFUSED`` of the far misses in ``questions/``, judged by models fitted to the other sets, are
refused. These features cannot tell most near misses there from answers (AUROC below 0.6): a
threshold that refused them would refuse the answers too.
"""

import argparse
import json
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score

from pincite.answer.support import FEATURES, WEIGHTS
from pincite.settings import BUNDLED, Settings
from pincite.wiring import make_encoder
from support_examples import Example, RememberingEncoder, collect

SETS = (
    "mlqa_dev/zh2en mlqa_dev/en2zh mlqa_dev/zh2zh mlqa_dev/en2en rgb/zh_fact rgb/en_fact"
    " drcd/dev cmrc2018/trial dragonball/finance_en_official350 dragonball/finance_zh_generated"
).split()
OWN = Path(__file__).with_name("questions")
OWN_WEIGHT = 3
REFUSED = 0.9
WORDS = ("coverage", "coverage_passage", "coverage_named", "unknown")


def without_words(example: Example) -> Example:
    """Return an example as if the question shared no word with the library."""
    features = example.features.copy()
    features[:, [FEATURES.index(name) for name in WORDS]] = 0
    return replace(example, features=features)


def fit(sets: dict[str, list[Example]]) -> LogisticRegression:
    """Fit the labels, with and without words; sets weigh the same, but ``questions/`` more."""
    rows, labels, weights = [], [], []
    for name, plain in sets.items():
        found = [*plain, *map(without_words, plain)]
        y = np.concatenate([e.labels for e in found])
        told = y >= 0
        rows.append(np.concatenate([e.features for e in found])[told])
        labels.append(y[told])
        weight = OWN_WEIGHT if name.startswith(OWN.name) else 1
        weights.append(np.full(told.sum(), weight * 1e4 / told.sum()))
    model = LogisticRegression(max_iter=5000, C=10.0)
    model.fit(np.concatenate(rows), np.concatenate(labels), np.concatenate(weights))
    return model


def judge(model: LogisticRegression, found: list[Example]) -> dict[str, NDArray[np.float64]]:
    """Return, per question, the best sentence's probability, its label, and if answerable."""
    best = [model.predict_proba(e.features)[:, 1] for e in found]
    return {
        "probability": np.array([p.max() for p in best]),
        "correct": np.array([e.labels[p.argmax()] == 1 for e, p in zip(found, best, strict=True)]),
        "answerable": np.array([e.answerable for e in found]),
        "far": np.array([e.far for e in found]),
    }


def threshold_from(judged: Iterable[dict[str, NDArray[np.float64]]]) -> float:
    """Return the threshold that refuses ``REFUSED`` of the far misses."""
    far = [j["probability"][j["far"].astype(bool)] for j in judged]
    return float(np.quantile(np.concatenate(far), REFUSED))


def report(name: str, judged: dict[str, NDArray[np.float64]], threshold: float) -> dict[str, float]:
    """Print and return one set's figures."""
    p, yes = judged["probability"], judged["answerable"].astype(bool)
    figures = {
        "auroc": float(roc_auc_score(yes, p)) if 0 < yes.mean() < 1 else float("nan"),
        "best sentence answers": float(judged["correct"][yes].mean()),
        "false refusals": float((p[yes] < threshold).mean()),
        "false answers": float((p[~yes] >= threshold).mean()) if (~yes).any() else float("nan"),
    }
    print(f"{name:36}", *(f"{k} {v:.3f} " for k, v in figures.items()), f"n {len(p)}")
    return figures


def main() -> None:
    """Collect, fit, cross-check by leaving each set out, write."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--evalsets", type=Path, required=True, help="folder of the sets")
    parser.add_argument("--sets", nargs="+", default=SETS)
    parser.add_argument("--work", type=Path, required=True, help="folder for collected examples")
    parser.add_argument("--encoder", default=BUNDLED)
    parser.add_argument("--out", type=Path, default=WEIGHTS)
    options = parser.parse_args()
    options.work.mkdir(parents=True, exist_ok=True)
    encoder = RememberingEncoder(make_encoder(Settings(encoder=options.encoder)))
    folders = {name: options.evalsets / name for name in options.sets}
    folders |= {f"questions/{f.name}": f for f in sorted(OWN.iterdir()) if f.is_dir()}
    sets = {name: collect(name, f, options.work, encoder) for name, f in folders.items()}
    model = fit(sets)
    judged = {}
    for name, found in sets.items():
        others = fit({n: f for n, f in sets.items() if n != name})
        judged[name] = judge(others, found)
        judged[f"{name}, no words"] = judge(others, [without_words(e) for e in found])
    threshold = threshold_from(judged[name] for name in folders)
    print(f"threshold {threshold:.2f}; each set judged by a model fitted to the others:")
    figures = {name: report(name, found, threshold) for name, found in judged.items()}
    stored = {
        "encoder": encoder.spec.name,
        "weights": dict(zip(FEATURES, model.coef_[0].round(4).tolist(), strict=True)),
        "bias": round(float(model.intercept_[0]), 4),
        "threshold": round(threshold, 3),
        "floor": round(threshold / 2, 3),
        "fitted_on": list(sets),
        "left_out_figures": {n: {k: round(v, 3) for k, v in f.items()} for n, f in figures.items()},
    }
    options.out.write_text(json.dumps(stored, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
