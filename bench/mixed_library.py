"""What a library in two languages costs: Chinese and English articles together.

MLQA dev has each of its paragraphs in Chinese and in English. All of them are taken into one
library, and each question is asked twice: once without its Chinese paragraphs, so that the English
one is sought among Chinese articles on the same topics, and once the other way round. A question
loses a hit across the languages if articles in its own language, which do not answer it, push the
right one down. The first column is the same question in a library of the sought language alone.
nDCG@10 in per cent, documents ranked by their best passage.

    python bench/mixed_library.py --mlqa DIR [--encoder NAME_OR_PATH] [--markdown OUT]

DIR holds zh2en, en2zh, zh2zh and en2en (<question>2<document>) in the BEIR shape, made from
MLQA dev (github.com/google-research-datasets/lareqa, mlqa-r, commit 354d67d1).
"""

import argparse
import sys
from pathlib import Path

from model_table import LEGS, legs_row, markdown_table
from rich.console import Console
from rich.markdown import Markdown

from pincite.embed.encoder import Encoder
from pincite.errors import PinciteError
from pincite.evaluate.datasets import DataSet, load_data_set
from pincite.evaluate.measures import DATA_SET_RANKS, mean_figures, rank_figures
from pincite.evaluate.tables import progress
from pincite.records import Leg
from pincite.settings import BUNDLED, Settings
from pincite.wiring import make_encoder, temporary_workspace
from pincite.workspace import Workspace

# Question's language and the sought document's → where the same questions find the other one.
TASKS = {"zh2en": "zh2zh", "zh2zh": "zh2en", "en2zh": "en2en", "en2en": "en2zh"}
DEPTH = 100


def parallels(sought: DataSet, other: DataSet) -> dict[str, set[str]]:
    """Return for each query of ``sought`` the documents that answer it in the other language."""
    by_text = {text: set(other.qrels[id_]) for id_, text in other.queries.items()}
    return {id_: by_text[text] for id_, text in sought.queries.items() if text in by_text}


def search(
    workspace: Workspace, data: DataSet, leg: Leg, without: dict[str, set[str]]
) -> float | None:
    """Return mean nDCG@10 of the queries in ``without``, whose documents there are passed over."""
    ranked = {}
    for query, out in without.items():
        sources = [hit.document.source for hit in workspace.search(data.queries[query], DEPTH, leg)]
        ranked[query] = [source for source in dict.fromkeys(sources) if source not in out][:10]
    qrels = {query: data.qrels[query] for query in ranked}
    return mean_figures(list(rank_figures(DATA_SET_RANKS, qrels, ranked).values()))["ndcg@10"]


def measure(folder: Path, encoder: Encoder, settings: Settings) -> str:
    """Return the table in Markdown."""
    sets = {task: load_data_set(task, folder / task) for task in TASKS}
    asked = {task: parallels(sets[task], sets[other]) for task, other in TASKS.items()}
    alone = {task: {query: set[str]() for query in asked[task]} for task in TASKS}
    apart: dict[str, float | None] = {}
    rows = []
    with progress(Console(stderr=True)) as track:
        step = track("Searching", len(TASKS) * (1 + len(LEGS)))
        for language in ("en", "zh"):
            with temporary_workspace(settings, encoder) as workspace:
                tasks = [task for task in TASKS if task.endswith(language)]
                for task in tasks:
                    workspace.add_parsed(sets[task].documents.items(), sentence_vectors=False)
                for task in tasks:
                    apart[task] = search(workspace, sets[task], "fused", alone[task])
                    step()
        with temporary_workspace(settings, encoder) as workspace:
            for data in sets.values():
                workspace.add_parsed(data.documents.items(), sentence_vectors=False)
            for task, data in sets.items():
                value: dict[Leg, float] = {}
                for leg in LEGS:
                    value[leg] = search(workspace, data, leg, asked[task]) or 0.0
                    step()
                rows.append([task, f"{100 * (apart[task] or 0):.1f}", *legs_row(value)])
    return markdown_table(["sought", "fused, alone", *LEGS, "fused − better leg"], rows)


def main() -> None:
    """Measure, then print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--mlqa", type=Path, required=True, metavar="DIR")
    parser.add_argument("--encoder", default=BUNDLED, metavar="NAME_OR_PATH")
    parser.add_argument("--markdown", type=Path, metavar="OUT", help="also write the table here")
    options = parser.parse_args()
    settings = Settings(encoder=options.encoder)
    try:
        table = measure(options.mlqa, make_encoder(settings), settings)
    except PinciteError as error:
        sys.exit(f"{error.code}: {error}")
    if options.markdown:
        options.markdown.write_text(table + "\n", encoding="utf-8")
    Console().print(Markdown(table))


if __name__ == "__main__":
    main()
