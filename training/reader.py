"""Train the reader: low-rank adapters that let the bundled model read a question with a passage.

For every token of a passage the reader gives two logits, that an answer begins and that one ends
there. They are normalised over the tokens of all passages of a question together, and over "no
answer", whose logit is 0 (the shared norm): so the scores of different passages compare, and a
question without an answer has one. Every occurrence of the answer in a relevant passage counts as
right. The model's own weights stay as they are.

    python training/reader.py --evalsets DIR --work DIR [--out FOLDER]

Writes ``reader.npz`` into the model's folder and its digest into the manifest. An interrupted
training goes on from ``WORK/reader-state.pt``; after a complete one (``WORK/reader.pt``) only the
files are written.

Source:
    Hu et al., "LoRA", arXiv:2106.09685. Clark and Gardner, "Simple and Effective Multi-Paragraph
    Reading Comprehension", arXiv:1710.10723 (shared norm).
"""

import argparse
import json
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import torch

from base import plain_tokenizer
from dossiers import LANGUAGES
from export import write_manifest
from graph import extended_model
from pincite.embed.onnx_reader import HEADING_TOKENS, PASSAGE_TOKENS, QUESTION_TOKENS
from pincite.settings import Settings
from pincite.wiring import make_encoder
from reader_examples import Passage, ReadingExample, dossier_examples, examples
from reader_split import READ
from reading_model import ReadingModel, packed
from run import PACKAGED
from teacher import padded

RATE = 6e-4
BATCH = 8
# Texts of about the same length that are run together: padding is wasted work.
TOGETHER = 8
PASSAGES = 3
UNANSWERED = 0.2
NEAREST = 8
WARM_UP = 60
KEPT_EVERY = 100
SEED = 1
_CLS, _SEP = 101, 102


@dataclass(frozen=True, slots=True)
class Read:
    """A question with one passage as tokens: ids, which are the passage's, which may answer."""

    ids: list[int]
    segments: list[int]
    possible: list[bool]
    begins: list[bool]
    ends: list[bool]


class Tokens:
    """Makes ``Read``s; as ``pincite.embed.onnx_reader`` does, for one window."""

    def __init__(self, work: Path) -> None:
        """Load the model's tokenizer."""
        self._tokenizer = plain_tokenizer(work / "tokenizer.json")

    def _encode(self, text: str) -> Any:
        return self._tokenizer.encode(text, add_special_tokens=False)

    def read(self, question: str, passage: Passage) -> Read:
        """Return a question with a passage."""
        asked = [_CLS, *self._encode(question).ids[:QUESTION_TOKENS], _SEP]
        heading = self._encode(passage.heading).ids[:HEADING_TOKENS] if passage.heading else []
        before = [*asked, *heading, *([_SEP] if heading else [])]
        text = self._encode(passage.text)
        offsets = text.offsets[:PASSAGE_TOKENS]
        possible = [any(s.start <= at < s.end for s in passage.sentences) for at, _ in offsets]
        begins, ends = [False] * len(offsets), [False] * len(offsets)
        for answer in passage.answers:
            inside = [
                i
                for i, (start, end) in enumerate(offsets)
                if possible[i] and start < answer.end and end > answer.start
            ]
            if inside:
                begins[inside[0]] = ends[inside[-1]] = True
        ids = [*before, *text.ids[:PASSAGE_TOKENS], _SEP]

        def aligned(marks: list[bool]) -> list[bool]:
            return [*[False] * len(before), *marks, False]

        segments = [int(i >= len(asked)) for i in range(len(ids))]
        return Read(ids, segments, aligned(possible), aligned(begins), aligned(ends))


def drawn(example: ReadingExample, random: Random) -> list[Passage]:
    """Draw a question's passages: one that answers among others, or none that does."""
    others = example.others[:NEAREST]
    others = random.sample(others, min(PASSAGES - 1, len(others)))
    if not example.answering or (others and random.random() < UNANSWERED):
        return others
    return [random.choice(example.answering), *others]


def logits_of(model: ReadingModel, reads: Sequence[Read]) -> list[torch.Tensor]:
    """Return each text's logits, shape (tokens, 2)."""
    found: dict[int, torch.Tensor] = {}
    order = sorted(range(len(reads)), key=lambda i: len(reads[i].ids))
    for first in range(0, len(order), TOGETHER):
        places = order[first : first + TOGETHER]
        ids, mask = padded([reads[i].ids for i in places])
        segments, _ = padded([reads[i].segments for i in places])
        with torch.autocast("cpu", torch.bfloat16):
            logits = model(ids, mask, segments.float())
        found |= {i: row[: len(reads[i].ids)] for i, row in zip(places, logits, strict=True)}
    return [found[i] for i in range(len(reads))]


def loss_of(logits: Sequence[torch.Tensor], reads: Sequence[Read]) -> torch.Tensor:
    """Return the loss of one question, whose passages' logits have shape (tokens, 2) each."""
    possible = torch.tensor([may for read in reads for may in read.possible])
    found, nothing = torch.cat(list(logits))[possible], torch.zeros(1)
    losses = []
    for column, marks in ((0, [r.begins for r in reads]), (1, [r.ends for r in reads])):
        right = found[torch.tensor([mark for of in marks for mark in of])[possible], column]
        every = torch.cat([nothing, found[:, column]])
        losses.append(
            torch.logsumexp(every, 0) - torch.logsumexp(right if len(right) else nothing, 0)
        )
    return torch.stack(losses).mean()


def batches(found: list[ReadingExample], epochs: float) -> Iterator[list[ReadingExample]]:
    """Yield the examples in batches, shuffled anew in each epoch."""
    random = Random(SEED)
    order: list[ReadingExample] = []
    for _ in range(int(epochs * len(found)) // BATCH):
        if len(order) < BATCH:
            order = random.sample(found, len(found))
        yield [order.pop() for _ in range(BATCH)]


def train(
    model: ReadingModel, found: list[ReadingExample], work: Path, epochs: float, rate: float
) -> None:
    """Train and keep the tensors in ``reader.pt``, the losses in ``reader.jsonl``."""
    tokens = Tokens(work)
    model.halve()
    trained = [p for p in model.parameters() if p.requires_grad]
    optimiser = torch.optim.AdamW(trained, lr=rate, weight_decay=0.01)
    steps = int(epochs * len(found)) // BATCH
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimiser, lambda step: min((step + 1) / WARM_UP, 1) * max(0.02, 1 - step / steps)
    )
    state, done = work / "reader-state.pt", 0
    if state.exists():
        kept = torch.load(state)
        model.load_state_dict(kept["trained"], strict=False)
        optimiser.load_state_dict(kept["optimiser"])
        schedule.load_state_dict(kept["schedule"])
        done = kept["done"]
    began = time.time()
    with (work / "reader.jsonl").open("a", encoding="utf-8") as log:
        for step, batch in enumerate(batches(found, epochs)):
            if step < done:
                continue
            random = Random(f"{SEED} {step}")
            of = [[tokens.read(e.question, p) for p in drawn(e, random)] for e in batch]
            logits = iter(logits_of(model, [read for reads in of for read in reads]))
            losses = [loss_of([next(logits) for _ in reads], reads) for reads in of]
            loss = torch.stack(losses).mean()
            optimiser.zero_grad()
            loss.backward()
            torch.nn.utils.clip_grad_norm_(trained, 1.0)
            optimiser.step()
            schedule.step()
            entry = {"step": step, "of": steps, "loss": round(loss.item(), 4)}
            log.write(json.dumps({**entry, "seconds": round(time.time() - began)}) + "\n")
            log.flush()
            if (step + 1) % KEPT_EVERY == 0:
                kept = {"trained": model.trained(), "optimiser": optimiser.state_dict()}
                torch.save(kept | {"schedule": schedule.state_dict(), "done": step + 1}, state)
    torch.save(model.trained(), work / "reader.pt")


def averaged(runs: Sequence[str]) -> dict[str, torch.Tensor]:
    """Return the average of trained tensors; ``runs`` are "FILE=WEIGHT", of one chain of runs.

    Source:
        Izmailov et al., "Averaging Weights Leads to Wider Optima and Better Generalization",
        arXiv:1803.05407.
    """
    pairs = [run.rpartition("=") for run in runs]
    kept = [(torch.load(path), float(weight)) for path, _, weight in pairs]
    return {name: sum(of[name] * weight for of, weight in kept) for name in kept[0][0]}


def main() -> None:
    """Collect, train, write."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--evalsets", type=Path, required=True, help="folder of the sets")
    parser.add_argument("--work", type=Path, required=True, help="folder of the earlier stages")
    parser.add_argument("--out", type=Path, default=PACKAGED, help="model folder")
    parser.add_argument("--epochs", type=float, default=3.0)
    parser.add_argument("--rate", type=float, default=RATE, help="learning rate")
    parser.add_argument("--init", type=Path, help="reader.pt of another run to start from")
    parser.add_argument(
        "--average",
        nargs="+",
        metavar="FILE=WEIGHT",
        help="do not train: write the average of other runs' reader.pt",
    )
    parser.add_argument("--threads", type=int, default=3)
    options = parser.parse_args()
    torch.manual_seed(SEED)
    torch.set_num_threads(options.threads)
    model = ReadingModel(extended_model(None, options.work, options.work / "trained_rows.npy"))
    stored = options.work / "reader.pt"
    if options.average:
        torch.save(averaged(options.average), stored)
    if not stored.exists():
        encoder = make_encoder(Settings())
        found = [e for name in READ for e in examples(name, options.evalsets / name, encoder)]
        found += [e for language in LANGUAGES for e in dossier_examples(language, encoder)]
        if options.init:
            model.load_state_dict(torch.load(options.init), strict=False)
        train(model, found, options.work, options.epochs, options.rate)
    arrays: Any = packed(torch.load(stored))
    np.savez(options.out / "reader.npz", **arrays)
    write_manifest(options.out)


if __name__ == "__main__":
    main()
