"""Stage 4a: MiniLM's vectors of the English sides, the targets of the training.

Writes ``teacher_<kind>.npy`` (float16, unit rows) in the order of ``<kind>s.tsv.gz``;
an interrupted run goes on at the first block that is missing.
"""

import argparse
from pathlib import Path
from typing import Any

import numpy as np
import torch
from tqdm import trange
from transformers import BertModel

from base import DIMENSION, MAX_LENGTH, base_folder, plain_tokenizer, read_triples
from initialise import glosses_of

KINDS = ("sentence", "passage", "templated", "term")
BLOCK = 8192
TOKENS = 4096


def target_text(kind: str, english: str) -> str:
    """Return what the teacher reads: of a dictionary entry, its first bare meanings."""
    if kind != "term":
        return english
    return "; ".join(glosses_of(english)[:3]) or english


def padded(ids: list[list[int]]) -> tuple[torch.Tensor, torch.Tensor]:
    """Return (input_ids, attention_mask) of a batch, padded with zeros."""
    width = max(map(len, ids))
    batch = torch.zeros(len(ids), width, dtype=torch.int64)
    mask = torch.zeros(len(ids), width, dtype=torch.int64)
    for row, line in enumerate(ids):
        batch[row, : len(line)] = torch.tensor(line)
        mask[row, : len(line)] = 1
    return batch, mask


def pooled(hidden: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
    """Return the unit mean of the token embeddings under the mask."""
    weights = mask.unsqueeze(-1).float()
    total = (hidden.float() * weights).sum(dim=1)
    return torch.nn.functional.normalize(total / weights.sum(dim=1), dim=-1)


def encode_block(model: Any, ids: list[list[int]]) -> torch.Tensor:
    """Return the vectors of one block, computed in batches of similar length."""
    vectors = torch.zeros(len(ids), DIMENSION)
    order = sorted(range(len(ids)), key=lambda i: len(ids[i]))
    while order:
        width = len(ids[order[-1]])
        batch = order[-max(1, TOKENS // width) :]
        order = order[: -len(batch)]
        inputs, mask = padded([ids[i] for i in batch])
        with torch.no_grad(), torch.autocast("cpu", torch.bfloat16):
            hidden = model(input_ids=inputs, attention_mask=mask).last_hidden_state
        vectors[batch] = pooled(hidden, mask)
    return vectors


def encode_kind(model: Any, tokenizer: Any, work: Path, kind: str) -> None:
    """Write the vectors of one kind of pairs, block by block."""
    texts = [target_text(kind, english) for _, english, _ in read_triples(work / f"{kind}s.tsv.gz")]
    path = work / f"teacher_{kind}.npy"
    counter = work / f"teacher_{kind}.done"
    done = int(counter.read_text()) if counter.exists() and path.exists() else 0
    store: Any = np.lib.format.open_memmap(
        path, mode="r+" if done else "w+", dtype=np.float16, shape=(len(texts), DIMENSION)
    )
    for start in trange(done, len(texts), BLOCK, desc=f"teacher, {kind}s", mininterval=10):
        block = texts[start : start + BLOCK]
        ids = [encoding.ids for encoding in tokenizer.encode_batch(block)]
        store[start : start + len(block)] = encode_block(model, ids).numpy()
        store.flush()
        counter.write_text(str(start + len(block)))


def main() -> None:
    """Run the stage."""
    parser = argparse.ArgumentParser(description="Cache the teacher's vectors.")
    parser.add_argument("--work", type=Path, required=True, help="folder for intermediate files")
    parser.add_argument("--base", type=Path, help="folder of all-MiniLM-L6-v2")
    parser.add_argument("--threads", type=int, default=2)
    args = parser.parse_args()

    torch.set_num_threads(args.threads)
    base = base_folder(args.base)
    model = BertModel.from_pretrained(base, add_pooling_layer=False).eval()
    tokenizer = plain_tokenizer(base / "tokenizer.json")
    tokenizer.enable_truncation(MAX_LENGTH)
    for kind in KINDS:
        encode_kind(model, tokenizer, args.work, kind)
    (args.work / "teacher.complete").touch()


if __name__ == "__main__":
    main()
