"""Check what the model folder promises, and write the findings down.

Cosine of the 8-bit model to float32 and, for English, to all-MiniLM-L6-v2; equal
vectors for traditional and simplified Chinese; English tokenised as before; numbers
and Latin codes kept; speed on one thread.
"""

import argparse
import json
import time
from pathlib import Path
from typing import Any

import numpy as np
from opencc import OpenCC

from base import DIMENSION, base_folder, plain_tokenizer, read_triples
from encoder import OnnxEncoder, Vectors
from evaluate import read_jsonl

SENTENCES = 100
CODES = [
    "型号A12-B3于2023年发布",
    "電話：+886-2-1234",
    "ＩＳＯ９００１認證",
    "增长了12.5%，达到$3,400",
]


def summary(first: Vectors, second: Vectors) -> dict[str, float]:
    """Return mean and least cosine of two sets of unit rows."""
    cosines = (first * second).sum(axis=1)
    return {"mean": round(float(cosines.mean()), 5), "least": round(float(cosines.min()), 5)}


def transformer_part(vectors: Vectors) -> Vectors:
    """Return the transformer's columns as unit rows: what MiniLM's vectors compare with."""
    part = vectors[:, :DIMENSION]
    unit: Vectors = part / np.linalg.norm(part, axis=1, keepdims=True)
    return unit


def one_by_one(encoder: OnnxEncoder, texts: list[str]) -> tuple[Vectors, float]:
    """Encode each text in a call of its own; return the vectors and seconds per text."""
    encoder.encode(texts[:3])
    start = time.perf_counter()
    rows = [encoder.encode([text])[0] for text in texts]
    return np.stack(rows), (time.perf_counter() - start) / len(texts)


def tokenisation(folder: Path, base: Path, english: list[str], chinese: list[str]) -> Any:
    """Compare English tokens with MiniLM's, and measure the speed on Chinese text."""
    ours, old = plain_tokenizer(folder / "tokenizer.json"), plain_tokenizer(base / "tokenizer.json")
    same = sum(ours.encode(text).ids == old.encode(text).ids for text in english)
    start = time.perf_counter()
    lengths = [len(ours.encode(text).ids) for text in chinese]
    seconds = time.perf_counter() - start
    size = sum(len(text.encode()) for text in chinese)
    return {
        "english_texts": len(english),
        "english_texts_tokenised_as_before": same,
        "chinese_megabytes_per_second": round(size / seconds / 1e6, 2),
        "chinese_characters_per_token": round(sum(map(len, chinese)) / sum(lengths), 2),
        "codes": {text: " ".join(ours.encode(text).tokens) for text in CODES},
    }


def main() -> None:
    """Run the checks."""
    parser = argparse.ArgumentParser(description="Check a model folder.")
    parser.add_argument("--work", type=Path, required=True, help="folder for intermediate files")
    parser.add_argument("--out", type=Path, required=True, help="model folder to check")
    parser.add_argument("--base", type=Path, help="folder of all-MiniLM-L6-v2")
    parser.add_argument("--dev", type=Path, required=True, help="folder of mlqa_dev, for passages")
    args = parser.parse_args()

    base = base_folder(args.base)
    ours = OnnxEncoder(args.out / "tokenizer.json", args.out / "onnx" / "model.onnx", 1)
    exact = OnnxEncoder(args.out / "tokenizer.json", args.work / "fp32.onnx", 1)
    minilm = OnnxEncoder(base / "tokenizer.json", args.work / "base.onnx", 1)

    def has_han(text: str) -> bool:
        return any("\u3400" <= character <= "\u9fff" for character in text)

    triples = read_triples(args.work / "sentences.tsv.gz")[-SENTENCES:]
    english, chinese = [t[1] for t in triples], [t[2] for t in triples]
    traditional = [OpenCC("s2t").convert(text) for text in chinese]
    passages = list(read_jsonl(args.dev / "zh2zh" / "corpus.jsonl").values())[:200]
    english_passages = list(read_jsonl(args.dev / "en2en" / "corpus.jsonl").values())
    plain = [text for text in english_passages if not has_han(text)]
    queries = list(read_jsonl(args.dev / "zh2zh" / "queries.jsonl").values())[:200]
    mixed = english + chinese

    _, per_query = one_by_one(ours, queries)
    ours_passages, per_passage = one_by_one(ours, passages)
    findings = {
        "int8_to_fp32": summary(one_by_one(ours, mixed)[0], exact.encode(mixed)),
        "int8_to_fp32_passages": summary(ours_passages, exact.encode(passages)),
        "english_fp32_to_minilm": summary(
            transformer_part(exact.encode(english)), minilm.encode(english)
        ),
        "english_int8_to_minilm": summary(
            transformer_part(one_by_one(ours, english)[0]), minilm.encode(english)
        ),
        "traditional_to_simplified": summary(
            one_by_one(ours, traditional)[0], one_by_one(ours, chinese)[0]
        ),
        "batched_to_single": summary(ours.encode(mixed), one_by_one(ours, mixed)[0]),
        "milliseconds_per_query": round(1e3 * per_query, 2),
        "passages_per_second": round(1 / per_passage, 1),
        "tokenisation": tokenisation(args.out, base, plain, passages),
    }
    text = json.dumps(findings, ensure_ascii=False, indent=1)
    (args.work / "checks.json").write_text(text + "\n", encoding="utf-8")
    print(text)


if __name__ == "__main__":
    main()
