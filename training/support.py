"""Fit the support model: how probable it is that a sentence answers a question.

Every sentence of the passages retrieved for a question is an example (``support_examples.py``); it
is positive if it stands in a relevant document and holds an answer. Every question is used twice,
the second time without the features that compare words: readers paraphrase more than the questions
of these sets do. The model is fitted with the reader's scores and without them (``pincite.answer.
fitting`` has the method), and judged on each set by models fitted to the others alone.

    python training/support.py --evalsets DIR --work DIR

Writes ``src/pincite/answer/confidence/support.json``.
"""

import argparse
import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from dossiers import FOLDER, LANGUAGES
from pincite.answer.confidence.fitting import Example, Judged, Sets, fit, weights_json
from pincite.answer.confidence.support import SENTENCE, WEIGHTS
from pincite.embed.onnx_reader import OnnxReader
from pincite.evaluate.calibrating import judged_figures
from pincite.evaluate.examples import RememberingEncoder
from pincite.settings import BUNDLED, Settings
from pincite.wiring import make_encoder, make_reader
from support_examples import BOTH, collect

SETS = (
    "mlqa_dev/zh2en mlqa_dev/en2zh mlqa_dev/zh2zh mlqa_dev/en2en rgb/zh_fact rgb/en_fact"
    " drcd/dev cmrc2018/trial dragonball/finance_en_official350 dragonball/finance_zh_generated"
).split()
DOSSIERS = {f"{FOLDER.name}/{name}": FOLDER for name in (*LANGUAGES, BOTH)}
OWN = Path(__file__).with_name("questions")
OWN_WEIGHT = 3.0
WORDS = ("coverage", "coverage_passage", "coverage_named", "unknown")


def without_words(example: Example) -> Example:
    """Return an example as if the question shared no word with the library."""
    features = example.features.copy()
    features[:, [SENTENCE.index(name) for name in WORDS]] = 0
    return replace(example, features=features)


def report(judged: Mapping[str, Judged], threshold: float) -> dict[str, dict[str, float]]:
    """Print and return the figures of each set."""
    found = {
        name: {
            figure: round(value, 3)
            for figure, value in judged_figures(of, of.confidence >= threshold).items()
            if value is not None
        }
        for name, of in judged.items()
    }
    for name, row in found.items():
        print(f"{name:36}", *(f"{k} {v:.3f} " for k, v in row.items()))
    return found


def first(judged: Judged, number: int) -> Judged:
    """Return the first questions of a set."""
    return Judged(
        judged.best[:number],
        judged.right[:number],
        judged.confidence[:number],
        judged.kinds[:number],
    )


def main() -> None:
    """Collect, fit, cross-check by leaving each set out, write."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--evalsets", type=Path, required=True, help="folder of the sets")
    parser.add_argument("--sets", nargs="+", default=SETS)
    parser.add_argument("--work", type=Path, required=True, help="folder for collected examples")
    parser.add_argument("--out", type=Path, default=WEIGHTS)
    options = parser.parse_args()
    options.work.mkdir(parents=True, exist_ok=True)
    bundled = make_encoder(Settings(encoder=BUNDLED))
    reader = make_reader(Settings(), bundled)
    assert isinstance(reader, OnnxReader)
    encoder = RememberingEncoder(bundled)
    folders = {name: options.evalsets / name for name in options.sets}
    folders |= DOSSIERS
    folders |= {f"questions/{f.name}": f for f in sorted(OWN.iterdir()) if f.is_dir()}
    plain = {name: collect(name, f, options.work, encoder, reader) for name, f in folders.items()}
    sets: Sets = {name: [*of, *map(without_words, of)] for name, of in plain.items()}
    heavier = {name: OWN_WEIGHT for name in sets if name.startswith(OWN.name)}
    stored: dict[str, object] = {
        "encoder": encoder.spec.name,
        "reader": reader.revision,
        "fitted_on": list(sets),
    }
    for name, read in (("read", True), ("unread", False)):
        model, judged = fit(
            sets,
            read=read,
            encoder=encoder.spec.name,
            reader=reader.revision,
            heavier=heavier,
            together={name: str(DOSSIERS.get(name, name)) for name in sets},
        )
        # The copies without words, which come last, are for fitting only.
        shown = {key: first(of, len(plain[key])) for key, of in judged.items()}
        print(f"{name}: threshold {model.threshold:.3f}, floor {model.floor:.3f}")
        stored[name] = weights_json(model) | {"left_out": report(shown, model.threshold)}
    options.out.write_text(json.dumps(stored, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
