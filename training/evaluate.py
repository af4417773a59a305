"""Stage 6: dense retrieval figures of exported models over BEIR-shaped folders.

A task folder holds ``corpus.jsonl``, ``queries.jsonl`` and ``qrels.tsv`` (with a
header line). Only the documents' text is encoded, without titles, as MTEB does for
MLQARetrieval; equal scores rank in the order of document ids.
"""

import argparse
import json
from pathlib import Path

import ir_measures
import numpy as np
from ir_measures import RR, Qrel, R, ScoredDoc, nDCG
from rich.console import Console
from rich.table import Table

from encoder import OnnxEncoder, Vectors

MEASURES = {"R@1": R @ 1, "R@5": R @ 5, "R@10": R @ 10, "MRR@10": RR @ 10, "nDCG@10": nDCG @ 10}
DEPTH = 10


def read_jsonl(path: Path) -> dict[str, str]:
    """Return id → text of a corpus or query file."""
    with path.open(encoding="utf-8") as lines:
        entries = [json.loads(line) for line in lines]
    return {entry["id"]: entry["text"] for entry in entries}


def read_qrels(path: Path) -> list[Qrel]:
    """Read query_id<TAB>doc_id<TAB>relevance below a header line."""
    lines = path.read_text(encoding="utf-8").splitlines()[1:]
    fields = (line.split("\t") for line in lines)
    return [Qrel(query, document, int(grade)) for query, document, grade in fields]


def best(
    queries: dict[str, str], corpus: dict[str, str], query_vectors: Vectors, corpus_vectors: Vectors
) -> list[ScoredDoc]:
    """Return each query's ten nearest documents by cosine, exhaustively."""
    names = sorted(corpus)
    place = {name: row for row, name in enumerate(corpus)}
    scores = query_vectors @ corpus_vectors[[place[name] for name in names]].T
    ranking = np.argsort(-scores, axis=1, kind="stable")[:, :DEPTH]
    run = []
    for row, query in enumerate(queries):
        # Rank and not score is handed over, so that ties keep the order above.
        run += [ScoredDoc(query, names[c], float(-k)) for k, c in enumerate(ranking[row])]
    return run


def evaluate(folder: Path, encoder: OnnxEncoder, known: dict[str, Vectors]) -> dict[str, float]:
    """Return the measures, in per cent, of one model on one task folder."""
    corpus = read_jsonl(folder / "corpus.jsonl")
    queries = read_jsonl(folder / "queries.jsonl")
    missing = [text for text in (*corpus.values(), *queries.values()) if text not in known]
    missing = list(dict.fromkeys(missing))
    if missing:
        known.update(zip(missing, encoder.encode(missing, quiet=False), strict=True))
    run = best(
        queries,
        corpus,
        np.stack([known[text] for text in queries.values()]),
        np.stack([known[text] for text in corpus.values()]),
    )
    qrels = read_qrels(folder / "qrels.tsv")
    found = ir_measures.calc_aggregate(list(MEASURES.values()), qrels, run)
    return {name: round(100 * found[measure], 2) for name, measure in MEASURES.items()}


def parse_model(text: str) -> tuple[str, Path, Path]:
    """Read NAME=FOLDER or NAME=TOKENIZER,MODEL."""
    name, _, place = text.partition("=")
    if "," in place:
        tokenizer, model = place.split(",")
        return name, Path(tokenizer), Path(model)
    return name, Path(place, "tokenizer.json"), Path(place, "onnx", "model.onnx")


def main() -> None:
    """Run the stage."""
    parser = argparse.ArgumentParser(description="Retrieval figures over BEIR-shaped folders.")
    parser.add_argument("--evalsets", type=Path, required=True, help="folder of the task folders")
    parser.add_argument(
        "--tasks",
        nargs="+",
        required=True,
        help="task folders below --evalsets, e.g. mlqa_dev/zh2en",
    )
    parser.add_argument(
        "--model",
        action="append",
        required=True,
        type=parse_model,
        metavar="NAME=FOLDER|NAME=TOKENIZER,MODEL",
        help="repeat to compare",
    )
    parser.add_argument("--json", type=Path, help="also write the figures here")
    parser.add_argument("--threads", type=int, default=2)
    args = parser.parse_args()

    figures: dict[str, dict[str, dict[str, float]]] = {}
    table = Table("task", "model", *MEASURES)
    for name, tokenizer, model in args.model:
        encoder = OnnxEncoder(tokenizer, model, args.threads)
        known: dict[str, Vectors] = {}
        for task in args.tasks:
            measured = evaluate(args.evalsets / task, encoder, known)
            figures.setdefault(task, {})[name] = measured
    for task, models in figures.items():
        for name, measured in models.items():
            table.add_row(task, name, *(f"{value:.1f}" for value in measured.values()))
    Console().print(table)
    if args.json:
        args.json.parent.mkdir(parents=True, exist_ok=True)
        args.json.write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
