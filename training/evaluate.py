"""Reading BEIR-shaped sets and ranking their documents, for the figures during training.

A task folder holds ``corpus.jsonl``, ``queries.jsonl`` and ``qrels.tsv`` (with a
header line). Only the documents' text is encoded, without titles, as MTEB does for
MLQARetrieval; equal scores rank in the order of document ids. The finished model is
measured by ``bench/model_table.py``.
"""

import json
from pathlib import Path

import numpy as np
from ir_measures import Qrel, ScoredDoc

from encoder import Vectors

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


def parse_model(text: str) -> tuple[str, Path, Path]:
    """Read NAME=FOLDER or NAME=TOKENIZER,MODEL."""
    name, _, place = text.partition("=")
    if "," in place:
        tokenizer, model = place.split(",")
        return name, Path(tokenizer), Path(model)
    return name, Path(place, "tokenizer.json"), Path(place, "onnx", "model.onnx")
