"""Stage 5: write the model folder that Pincite ships.

The folder is read in two ways: by Pincite (``manifest.json``, ``tokenizer.json``,
``onnx/model.onnx``) and by sentence-transformers (``modules.json`` and the files it
names, ``backend="onnx"``).
"""

import argparse
import hashlib
import json
from pathlib import Path
from typing import Any

import numpy as np
import torch

from base import DIMENSION, MAX_LENGTH, base_folder, plain_tokenizer, read_triples
from graph import TextEmbeddings, base_model, export_onnx, extended_model
from quantise import quantise

NAME = "pincite-zh-en-minilm"
LIMIT_BYTES = 45_000_000
SAMPLES = 150
_CARD = {"manifest.json", "README.md"}
READER = "reader.npz"


def write_json(path: Path, content: Any) -> None:
    """Write indented JSON with a final newline."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(content, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")


def sample_texts(work: Path) -> list[str]:
    """Return passages and sentences of both languages that show the usual activations."""
    triples = read_triples(work / "passages.tsv.gz")[:SAMPLES]
    triples += read_triples(work / "sentences.tsv.gz")[:SAMPLES]
    return [side for _, english, chinese in triples for side in (english, chinese)]


def write_companions(base: Path, target: Path, vocabulary: int, dimension: int) -> None:
    """Write the small files by which sentence-transformers knows the folder."""
    config = json.loads((base / "config.json").read_text(encoding="utf-8"))
    for key in ("_name_or_path", "transformers_version", "gradient_checkpointing"):
        config.pop(key, None)
    write_json(target / "config.json", {**config, "vocab_size": vocabulary})
    write_json(
        target / "modules.json",
        [
            {"idx": i, "name": str(i), "path": path, "type": f"sentence_transformers.models.{kind}"}
            for i, (path, kind) in enumerate(
                [("", "Transformer"), ("1_Pooling", "Pooling"), ("2_Normalize", "Normalize")]
            )
        ],
    )
    write_json(
        target / "1_Pooling" / "config.json",
        {"word_embedding_dimension": dimension, "pooling_mode_mean_tokens": True},
    )
    write_json(
        target / "sentence_bert_config.json",
        {"max_seq_length": MAX_LENGTH, "do_lower_case": False},
    )
    special = {
        f"{name}_token": f"[{name.upper()}]" for name in ("unk", "sep", "pad", "cls", "mask")
    }
    # The generic class reads tokenizer.json as it is; BertTokenizer would rebuild
    # the normalizer and lose the folding.
    write_json(
        target / "tokenizer_config.json",
        {
            **special,
            "tokenizer_class": "PreTrainedTokenizerFast",
            "model_max_length": MAX_LENGTH,
            "model_input_names": ["input_ids", "attention_mask"],
            "clean_up_tokenization_spaces": True,
        },
    )
    write_json(target / "special_tokens_map.json", special)


def write_manifest(target: Path, dimension: int | None = None) -> str:
    """List every file with its digest; return the revision, a digest of that list.

    The reader's weights have a revision of their own: vectors do not depend on them.

    Args:
        target: The model folder.
        dimension: Of its vectors; None for what the manifest there says.
    """
    if dimension is None:
        before = json.loads((target / "manifest.json").read_text(encoding="utf-8"))
        dimension = int(before["dimension"])
    files = {}
    for path in sorted(target.rglob("*")):
        name = path.relative_to(target).as_posix()
        if path.is_file() and name not in _CARD:
            content = path.read_bytes()
            files[name] = {"sha256": hashlib.sha256(content).hexdigest(), "bytes": len(content)}
    listed = {name: entry for name, entry in files.items() if name != READER}
    revision = hashlib.sha256(json.dumps(listed).encode()).hexdigest()[:12]
    write_json(
        target / "manifest.json",
        {
            "name": NAME,
            "revision": revision,
            "dimension": dimension,
            "max_length": MAX_LENGTH,
            "pooling": "mean",
            "normalize": True,
            "fold": "none",
            "query_prompt": "",
            "passage_prompt": "",
            "reader": str(files[READER]["sha256"])[:12] if READER in files else "",
            "files": files,
        },
    )
    return revision


def main() -> None:
    """Run the stage."""
    parser = argparse.ArgumentParser(description="Write the model folder.")
    parser.add_argument("--work", type=Path, required=True, help="folder for intermediate files")
    parser.add_argument("--out", type=Path, required=True, help="model folder to write")
    parser.add_argument("--base", type=Path, help="folder of all-MiniLM-L6-v2")
    parser.add_argument("--rows", type=Path, help="rows to export (default: WORK/rows.npy)")
    parser.add_argument("--static", type=Path, help="static part (default: WORK/static.npy)")
    args = parser.parse_args()

    model = extended_model(args.base, args.work, args.rows)
    (args.out / "onnx").mkdir(parents=True, exist_ok=True)
    static = torch.from_numpy(np.load(args.static or args.work / "static.npy"))
    export_onnx(TextEmbeddings(model, static), args.work / "fp32.onnx")
    # The base model beside it, for the comparisons of checks.py and evaluate.py.
    export_onnx(TextEmbeddings(base_model(args.base), None), args.work / "base.onnx")
    plain_tokenizer(base_folder(args.base) / "tokenizer.json").save(
        str(args.work / "base_tokenizer.json")
    )
    tokenizer = plain_tokenizer(args.work / "tokenizer.json")
    tokenizer.enable_truncation(MAX_LENGTH)
    target = args.out / "onnx" / "model.onnx"
    quantise(args.work / "fp32.onnx", target, tokenizer, sample_texts(args.work))
    (args.out / "tokenizer.json").write_bytes((args.work / "tokenizer.json").read_bytes())
    dimension = DIMENSION + static.shape[1]
    write_companions(base_folder(args.base), args.out, model.config.vocab_size, dimension)
    revision = write_manifest(args.out, dimension)
    size = sum(path.stat().st_size for path in args.out.rglob("*") if path.is_file())
    print(f"{args.out.name}: revision {revision}, {size / 1e6:.1f} MB")
    if size > LIMIT_BYTES:
        raise SystemExit(f"{size:,} bytes; the folder may have {LIMIT_BYTES:,}")


if __name__ == "__main__":
    main()
