"""Answers and refusals on public development sets: one table, one command.

For each set a library is made in which a part of the questions has no answer, and everything is
asked through the program itself:

    answerable  questions whose documents are in the library
    near        questions whose documents were left out of it (the same articles' other paragraphs
                stay), and RGB's questions over a corpus of passages found for them which do not
                answer them (corpus_negative_only.jsonl; a question whose answer stands there all
                the same, in a passage found for another one, is left out)
    far         questions of another set, on other subjects

Of the sets that the reader was trained on (training/reader_split.py) only questions about held-out
articles are asked. Answerable questions and misses balance.

    python bench/answers.py --evalsets DIR [--sets NAME ...] [--json OUT] [--markdown OUT]

The sets' public sources are those of bench/model_table.py.
"""

import argparse
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random

from model_table import markdown_table
from rich.console import Console
from rich.markdown import Markdown

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "training"))
from pincite.embed.encoder import Encoder
from pincite.errors import PinciteError
from pincite.evaluate.answering import answer_data_set
from pincite.evaluate.datasets import DataSet, load_data_set
from pincite.evaluate.examples import NEGATIVES, negatives
from pincite.evaluate.figures import answer_figures
from pincite.evaluate.journal import Journal
from pincite.evaluate.measures import Figures
from pincite.evaluate.report import write_json
from pincite.evaluate.retrieval import told
from pincite.evaluate.run import Track
from pincite.evaluate.tables import progress
from pincite.evaluate.verdicts import Verdict
from pincite.settings import Settings
from pincite.wiring import make_encoder, temporary_workspace
from reader_split import READ, held_out
from support_examples import read_answers

SETS = (
    "mlqa_dev/zh2en mlqa_dev/en2zh mlqa_dev/zh2zh mlqa_dev/en2en rgb/zh_fact rgb/en_fact drcd/dev"
    " cmrc2018/trial"
).split()
MOST = 100
SHOWN = {
    "n": "questions",
    "hit@1": "hit@1",
    "contained": "answer_containment",
    "citation precision": "sentence_precision",
    "false refusals": "false_refusal_rate",
    "false answers": "false_answer_rate",
    "AUROC": "auroc",
    "ECE": "ece",
}


@dataclass(frozen=True, slots=True)
class Measured:
    """A set's figures and verdicts."""

    figures: Figures
    verdicts: list[Verdict]


def unseen(data: DataSet) -> list[str]:
    """Return the ids of the questions that the reader was not trained on."""
    return [i for i in data.queries if data.name not in READ or held_out(i)]


def library(data: DataSet, strangers: DataSet, random: Random) -> DataSet:
    """Return a set in which a quarter of the questions is a near miss and a quarter a far one."""
    ids = unseen(data)
    ids = random.sample(ids, min(len(ids), 3 * MOST // 2))
    asked, near = ids[: 2 * len(ids) // 3], ids[2 * len(ids) // 3 :]
    out = {document for i in near for document in data.qrels[i]}
    asked = [i for i in asked if not out & data.qrels[i].keys()]
    far = random.sample(unseen(strangers), min(len(near), len(unseen(strangers))))
    texts = {i: data.queries[i] for i in (*asked, *near)}
    texts |= {f"far {i}": strangers.queries[i] for i in far}
    kinds = dict.fromkeys(asked, "answerable") | dict.fromkeys(near, "near")
    return replace(
        data,
        documents={i: document for i, document in data.documents.items() if i not in out},
        queries=texts,
        qrels={i: data.qrels[i] for i in asked},
        unanswerable=set(texts) - set(asked),
        tags={i: (data.tags.get(i, ("", ""))[0], kinds.get(i, "far")) for i in texts},
    )


def halves(data: DataSet, folder: Path, strangers: DataSet, random: Random) -> Iterator[DataSet]:
    """Yield the libraries of a set, with what to ask them."""
    if not (folder / NEGATIVES).exists():
        yield library(data, strangers, random)
        return
    far = random.sample(unseen(strangers), min(len(data.queries) // 2, len(unseen(strangers))))
    texts = data.queries | {f"far {i}": strangers.queries[i] for i in far}
    yield replace(
        data,
        queries=texts,
        unanswerable={i for i in texts if i not in data.queries},
        tags={i: data.tags.get(i, ("", "far")) for i in texts},
    )
    misses = negatives(data.name, folder, read_answers(folder))
    asked = random.sample(sorted(misses.queries), min(len(misses.queries), len(data.queries) // 2))
    yield replace(misses, queries={i: misses.queries[i] for i in asked}, unanswerable=set(asked))


def measure(
    data: DataSet, folder: Path, strangers: DataSet, encoder: Encoder, track: Track
) -> Measured:
    """Ask all of a set's questions."""
    settings = Settings()
    verdicts: list[Verdict] = []
    for part in halves(data, folder, strangers, Random(data.name)):
        with temporary_workspace(settings, encoder) as workspace:
            step = track(f"Taking in {data.name}", len(part.documents))
            workspace.add_parsed(told(part.documents.items(), step))
            verdicts += answer_data_set(workspace, part, track, "extractive", Journal()).verdicts
    return Measured(answer_figures(verdicts) | {"questions": len(verdicts)}, verdicts)


def table(measured: dict[str, Measured]) -> str:
    """Return the figures in Markdown, all sets together in the last line."""
    every = [verdict for of in measured.values() for verdict in of.verdicts]
    together = answer_figures(every) | {"questions": len(every)}
    rows = {name: of.figures for name, of in measured.items()} | {"together": together}
    return markdown_table(
        ["set", *SHOWN],
        ([name, *(_shown(figures[f]) for f in SHOWN.values())] for name, figures in rows.items()),
    )


def _shown(value: float | None) -> str:
    if value is None:
        return "–"
    return str(value) if isinstance(value, int) else f"{value:.3f}"


def main() -> None:
    """Measure, then print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--evalsets", type=Path, required=True, metavar="DIR")
    parser.add_argument("--sets", nargs="+", default=SETS, metavar="NAME")
    parser.add_argument("--json", type=Path, metavar="OUT", help="also write every figure here")
    parser.add_argument("--markdown", type=Path, metavar="OUT", help="also write the table here")
    options = parser.parse_args()
    names: Sequence[str] = options.sets
    try:
        sets = [load_data_set(name, options.evalsets / name, to_answer=True) for name in names]
        encoder = make_encoder(Settings())
        measured = {}
        with progress(Console(stderr=True)) as track:
            for place, data in enumerate(sets):
                # Half way round the list, so that the subjects differ.
                strangers = sets[(place + len(sets) // 2) % len(sets)]
                folder = options.evalsets / data.name
                measured[data.name] = measure(data, folder, strangers, encoder, track)
        if options.json:
            write_json(options.json, {name: of.figures for name, of in measured.items()})
    except PinciteError as error:
        sys.exit(f"{error.code}: {error}")
    text = table(measured)
    if options.markdown:
        options.markdown.write_text(text + "\n", encoding="utf-8")
    Console(width=140).print(Markdown(text))


if __name__ == "__main__":
    main()
