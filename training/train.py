"""Stage 4b: train the Chinese rows; the transformer and all English rows stay frozen.

The vector of a Chinese text is drawn to MiniLM's vector of its English translation
(squared distance, plus InfoNCE against the other texts of the batch). English text
therefore keeps MiniLM's vectors bit for bit.

Source:
    Reimers and Gurevych, "Making Monolingual Sentence Embeddings Multilingual using
    Knowledge Distillation", arXiv:2004.09813; van den Oord et al., arXiv:1807.03748
    (InfoNCE).
"""

import argparse
import json
import time
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn
from tqdm import tqdm
from transformers import BertModel

from base import base_folder, plain_tokenizer, read_pieces
from dev import dev_figures
from plan import CUT_SHARE, Pool, character_parts, cut, load_pool, make_batches
from teacher import KINDS, padded, pooled

TEMPERATURE = 0.05
CONTRAST = 0.1
WARM_UP = 60
# Targets closer than this are translations of the same thing, not negatives.
SAME = 0.95


class Student(nn.Module):
    """MiniLM with a second, trainable table for the Chinese pieces."""

    def __init__(self, base: Path, work: Path, rows: np.ndarray[Any, Any]) -> None:
        """Freeze the base model; start the trainable table at `rows`."""
        super().__init__()
        bert: Any = BertModel.from_pretrained(
            base, add_pooling_layer=False, attn_implementation="eager"
        )
        self.bert = bert.eval().requires_grad_(requires_grad=False)
        ids, _ = read_pieces(work)
        old = len(bert.embeddings.word_embeddings.weight)
        self.rows = nn.Embedding.from_pretrained(
            torch.from_numpy(rows.copy()), freeze=False, sparse=True
        )
        position = torch.full((max(int(ids.max()) + 1, old),), -1, dtype=torch.int64)
        position[torch.from_numpy(ids)] = torch.arange(len(ids))
        self.register_buffer("position", position)

    def forward(self, ids: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        """Return one unit vector per text."""
        place = self.position[ids]  # type: ignore[index]
        chinese = place >= 0
        words = self.bert.embeddings.word_embeddings(torch.where(chinese, 0, ids))
        own = self.rows(torch.where(chinese, place, 0))
        inputs = torch.where(chinese.unsqueeze(-1), own, words)
        with torch.autocast("cpu", torch.bfloat16):
            hidden = self.bert(inputs_embeds=inputs, attention_mask=mask).last_hidden_state
        return pooled(hidden, mask)


def losses(vectors: torch.Tensor, targets: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Return (mean squared distance, InfoNCE) of a batch."""
    distance = (vectors - targets).square().sum(dim=1).mean()
    same = (targets @ targets.T > SAME).fill_diagonal_(0)
    scores = (vectors @ targets.T / TEMPERATURE).masked_fill(same, float("-inf"))
    return distance, nn.functional.cross_entropy(scores, torch.arange(len(vectors)))


def batch_inputs(
    pools: list[Pool], batch: list[tuple[int, int]], parts: dict[int, list[int]], seed: int
) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Return (input_ids, attention_mask, targets); some texts are cut into characters."""
    random = np.random.default_rng(seed)
    ids = []
    for p, i in batch:
        text = pools[p].text(i)
        ids.append(cut(text, parts) if random.random() < CUT_SHARE else text)
    targets = np.stack([pools[p].targets[i] for p, i in batch]).astype(np.float32)
    return *padded(ids), nn.functional.normalize(torch.from_numpy(targets), dim=1)


def schedule(steps: int) -> Any:
    """Return the factor of the learning rate: warm-up, then linear decay to zero."""
    return lambda step: min((step + 1) / WARM_UP, max(0.0, (steps - step) / steps))


def save(path: Path, student: Student, optimizer: Any, step: int, name: str) -> None:
    """Write a checkpoint; the plan follows from the seed and is not stored."""
    state = {
        "rows": student.rows.state_dict(),
        "optimizer": optimizer.state_dict(),
        "step": step,
        "name": name,
    }
    torch.save(state, path.with_suffix(".tmp"))
    path.with_suffix(".tmp").replace(path)


def arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description="Train the Chinese rows.")
    parser.add_argument("--work", type=Path, required=True, help="folder for intermediate files")
    parser.add_argument("--base", type=Path, help="folder of all-MiniLM-L6-v2")
    parser.add_argument("--init", type=Path, help="first rows (default: WORK/rows.npy)")
    parser.add_argument("--name", default="trained", help="names the log, checkpoint and rows")
    parser.add_argument("--sentences", type=int, default=170_000, help="sentence pairs drawn")
    parser.add_argument("--passages", type=int, default=20_000, help="passage pairs drawn")
    parser.add_argument("--templated", type=int, default=100_000, help="template pairs drawn")
    parser.add_argument("--terms", type=int, default=260_000, help="dictionary pairs drawn")
    parser.add_argument("--tokens", type=int, default=3000, help="tokens in a batch")
    parser.add_argument("--rate", type=float, default=1.5e-3, help="highest learning rate")
    parser.add_argument("--minutes", type=float, default=0, help="stop early, keep a checkpoint")
    parser.add_argument("--dev", type=Path, help="folder of mlqa_dev, to log retrieval figures")
    parser.add_argument("--every", type=int, default=300, help="steps between two dev figures")
    parser.add_argument("--seed", type=int, default=13)
    parser.add_argument("--threads", type=int, default=3)
    return parser.parse_args()


def main() -> None:
    """Run the stage."""
    args = arguments()
    torch.set_num_threads(args.threads)
    torch.manual_seed(args.seed)
    pools = [load_pool(args.work, kind) for kind in KINDS]
    counts = [args.sentences, args.passages, args.templated, args.terms]
    batches = make_batches(pools, counts, args.tokens, args.seed)
    student = Student(
        base_folder(args.base), args.work, np.load(args.init or args.work / "rows.npy")
    )
    optimizer = torch.optim.SparseAdam(student.rows.parameters(), lr=args.rate)
    factor = schedule(len(batches))
    tokenizer = plain_tokenizer(args.work / "tokenizer.json")
    ids, texts = read_pieces(args.work)
    parts = character_parts(tokenizer, dict(zip(texts, ids.tolist(), strict=True)))

    checkpoint = args.work / f"{args.name}.pt"
    first = 0
    if checkpoint.exists():
        state = torch.load(checkpoint)
        student.rows.load_state_dict(state["rows"])
        optimizer.load_state_dict(state["optimizer"])
        first = state["step"]
    began = time.monotonic()
    with (args.work / f"{args.name}.jsonl").open("a", encoding="utf-8") as log:
        for step in tqdm(
            range(first, len(batches)),
            initial=first,
            total=len(batches),
            desc="training",
            mininterval=10,
        ):
            for group in optimizer.param_groups:
                group["lr"] = args.rate * factor(step)
            inputs, mask, targets = batch_inputs(pools, batches[step], parts, args.seed + step)
            distance, contrast = losses(student(inputs, mask), targets)
            optimizer.zero_grad()
            (distance + CONTRAST * contrast).backward()
            optimizer.step()
            entry = {
                "step": step,
                "distance": distance.item(),
                "contrast": contrast.item(),
                "texts": len(mask),
                "tokens": int(mask.sum()),
            }
            if args.dev and (step + 1) % args.every == 0:
                entry["dev"] = dev_figures(student, tokenizer, args.dev)
            log.write(json.dumps(entry) + "\n")
            if (step + 1) % args.every == 0:
                log.flush()
                save(checkpoint, student, optimizer, step + 1, args.name)
            if args.minutes and time.monotonic() - began > 60 * args.minutes:
                save(checkpoint, student, optimizer, step + 1, args.name)
                break
    np.save(args.work / f"{args.name}_rows.npy", student.rows.weight.detach().numpy())


if __name__ == "__main__":
    main()
