"""Retrieval figures of the model in training, on the development set only."""

from pathlib import Path
from typing import Any

import ir_measures
import numpy as np
import torch
from ir_measures import nDCG
from tokenizers import Tokenizer

from base import DIMENSION, MAX_LENGTH
from evaluate import best, read_jsonl, read_qrels
from teacher import padded

TASKS = ("zh2en", "en2zh", "zh2zh")
_fixed: dict[str, Any] = {}


def _vectors(student: Any, tokenizer: Tokenizer, texts: list[str]) -> Any:
    lines = [
        [*e.ids[: MAX_LENGTH - 1], e.ids[-1]] if len(e.ids) > MAX_LENGTH else e.ids
        for e in tokenizer.encode_batch(texts)
    ]
    order = sorted(range(len(lines)), key=lambda i: len(lines[i]))
    out = np.zeros((len(lines), DIMENSION), dtype=np.float32)
    with torch.no_grad():
        for start in range(0, len(order), 24):
            batch = order[start : start + 24]
            out[batch] = student(*padded([lines[i] for i in batch])).numpy()
    return out


def dev_figures(student: Any, tokenizer: Tokenizer, folder: Path) -> dict[str, float]:
    """Return nDCG@10, in per cent, on the cross-lingual and Chinese tasks."""
    figures = {}
    known: dict[str, Any] = {}
    for task in TASKS:
        sides = []
        for part in ("queries.jsonl", "corpus.jsonl"):
            texts = read_jsonl(folder / task / part)
            # English vectors never change while the Chinese rows are trained.
            english = task.split("2")[0 if part.startswith("q") else 1] == "en"
            store = _fixed if english else known
            missing = [text for text in texts.values() if text not in store]
            if missing:
                rows = _vectors(student, tokenizer, missing)
                store.update(zip(missing, rows, strict=True))
            sides.append((texts, np.stack([store[text] for text in texts.values()])))
        (queries, query_vectors), (corpus, corpus_vectors) = sides
        run = best(queries, corpus, query_vectors, corpus_vectors)
        qrels = read_qrels(folder / task / "qrels.tsv")
        found = ir_measures.calc_aggregate([nDCG @ 10], qrels, run)
        figures[task] = round(100 * found[nDCG @ 10], 2)
    return figures
