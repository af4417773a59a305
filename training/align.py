"""Word alignment of the parallel text: which English tokens a Chinese piece stands for.

IBM model 1, trained by expectation-maximisation, with an empty Chinese word that
takes up English function words. The expected English row of a piece complements
its dictionary glosses: it follows the sense the texts use and covers function words.

Source:
    Brown et al., "The Mathematics of Statistical Machine Translation",
    Computational Linguistics 19(2), 1993 (model 1).
"""

import random
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer
from tqdm import trange

from base import DIMENSION, plain_tokenizer, read_triples, source_weights

PAIRS = 200_000
ITERATIONS = 5
MAX_TOKENS = 48
# A piece seen in fewer sentences than this keeps its glosses.
LEAST_SEEN = 3

Ints = NDArray[np.int64]


def sampled_pairs(work: Path, seed: int) -> list[tuple[str, str]]:
    """Draw pairs without repetition, the better sources first."""
    weights = source_weights(work)
    draw = random.Random(seed)
    triples = read_triples(work / "sentences.tsv.gz")
    # Efraimidis and Spirakis (2006): the largest u ** (1 / w) are a weighted sample.
    keyed = [(draw.random() ** (1 / weights[s]), en, zh) for s, en, zh in triples]
    keyed.sort(reverse=True)
    return [(en, zh) for _, en, zh in keyed[:PAIRS]]


def links(
    pairs: list[tuple[str, str]], english: Tokenizer, chinese: Tokenizer, position: Ints
) -> tuple[Ints, Ints]:
    """Return every possible link as (link code, English occurrence).

    The link code is Chinese position × 2**16 + English id; position 0 is the empty word.
    """
    codes, groups = [], []
    occurrence = 0
    english_ids = english.encode_batch([en for en, _ in pairs], add_special_tokens=False)
    chinese_ids = chinese.encode_batch([zh for _, zh in pairs], add_special_tokens=False)
    for en, zh in zip(english_ids, chinese_ids, strict=True):
        target = np.array(en.ids[:MAX_TOKENS], dtype=np.int64)
        pieces = position[np.array(zh.ids[:MAX_TOKENS], dtype=np.int64)]
        source = np.append(pieces[pieces > 0], 0)
        codes.append((source[:, None] << 16 | target[None, :]).ravel())
        groups.append(np.tile(np.arange(occurrence, occurrence + len(target)), len(source)))
        occurrence += len(target)
    return np.concatenate(codes), np.concatenate(groups)


def translation_table(codes: Ints, groups: Ints) -> tuple[Ints, NDArray[np.float64]]:
    """Run EM; return the distinct link codes and t(English | Chinese) for each."""
    distinct, index = np.unique(codes, return_inverse=True)
    source = distinct >> 16
    probability = np.ones(len(distinct))
    for _ in trange(ITERATIONS, desc="alignment"):
        weight = probability[index]
        weight /= np.bincount(groups, weight)[groups]
        counts = np.bincount(index, weight, minlength=len(distinct))
        probability = counts / np.bincount(source, counts)[source]
    return distinct, probability


def aligned_rows(
    work: Path, english: Tokenizer, table: NDArray[np.float32], seed: int = 13
) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
    """Return each piece's expected English row, and which pieces were seen often enough."""
    ids = np.loadtxt(work / "pieces.tsv", dtype=np.int64, usecols=0, delimiter="\t")
    chinese = plain_tokenizer(work / "tokenizer.json")
    position = np.zeros(chinese.get_vocab_size(), dtype=np.int64)
    position[ids] = np.arange(1, len(ids) + 1)
    codes, groups = links(sampled_pairs(work, seed), english, chinese, position)
    distinct, probability = translation_table(codes, groups)
    rows = np.zeros((len(ids) + 1, DIMENSION), dtype=np.float32)
    # Squaring favours the few real translations over the long tail of chance links.
    weight = (probability**2).astype(np.float32)
    order = np.split(np.arange(len(distinct)), np.flatnonzero(np.diff(distinct >> 16)) + 1)
    for part in order:
        piece = int(distinct[part[0]] >> 16)
        rows[piece] = weight[part] @ table[distinct[part] & 0xFFFF] / weight[part].sum()
    seen_in = np.bincount(codes >> 16, minlength=len(ids) + 1)
    links_per_sentence = len(codes) / max(1, len(np.unique(groups)))
    seen = seen_in >= LEAST_SEEN * links_per_sentence
    return rows[1:], seen[1:]
