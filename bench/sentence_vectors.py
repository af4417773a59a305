"""Whether sentence vectors from the passage's own forward pass select answers as well.

For each question, the sentences of its gold document are ranked by cosine; a hit is when the first
one holds the answer. Four vectors of a sentence are compared:

    apart   the sentence encoded by itself, as the product does
    pooled  the mean of its token vectors in the pass that gives the passage's vector
    mean    the mean of these two unit vectors
    titled  the sentence encoded by itself with the document's title in front

Questions whose answer no single sentence of the document holds, or every one, decide nothing and
are left out; a short answer that stands in a second sentence by chance counts there too. "chance"
is what a random sentence gives. Differences have their 95 % interval over the questions. The last
columns are medians over documents, both ways timed in turn: "apart" comes on top of the passages'
passes, "pooled" is those passes with the pooling, and "ratio" is apart to pooled, pair by pair.

    python bench/sentence_vectors.py [--model FOLDER] [--limit N] FOLDER ...

A folder holds corpus.jsonl, queries.jsonl with "answers" in the documents' language, and qrels.tsv.
Public sources: MLQA dev (github.com/google-research-datasets/lareqa at 354d67d, mlqa-r/), CMRC 2018
trial (github.com/ymcui/cmrc2018), DRCD dev (github.com/DRCKnowledgeTeam/DRCD).
"""

import argparse
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table

from pincite.embed.bundled import bundled_folder
from pincite.embed.encoder import Matrix
from pincite.embed.onnx import OnnxEncoder
from pincite.evaluate.datasets import DataSet, find_data_sets, load_data_set
from pincite.evaluate.lines import read_objects
from pincite.evaluate.verdicts import contains_answers
from pincite.ingest.split import Splitter
from pincite.library.embedding import embedding_text
from pincite.records import Chunk, ParsedDocument, Span

WAYS = ("apart", "pooled", "mean", "titled")
PASSAGE_TOKENS = 160


class PoolingEncoder(OnnxEncoder):
    """The product's encoder, which also gives parts of a text as vectors from one pass."""

    def encode_spans(self, text: str, spans: Sequence[Span]) -> Matrix:
        """Return a unit row per span: the mean of the vectors of the tokens that begin in it.

        A span that truncation leaves without tokens gets the whole text's vector.
        """
        manifest = self.graph.manifest
        if manifest.fold != "none" or manifest.passage_prompt:
            raise ValueError("this model folds or prompts its texts: its tokens have no offsets")
        encoding = self.graph.tokens(text)
        kept = encoding.ids[: self.spec.max_length]
        ids = [self.graph.token_id("[CLS]"), *kept, self.graph.token_id("[SEP]")]
        hidden = self.graph.run(ids)
        begins = np.array([-1, *(start for start, _ in encoding.offsets[: len(kept)]), -1])
        within = [(begins >= span.start) & (begins < span.end) for span in spans]
        return unit(np.stack([hidden[w if w.any() else ...].mean(axis=0) for w in within]))


@dataclass
class Tally:
    """Hits per way and question, chance, and seconds of both ways per document."""

    hits: list[list[bool]] = field(default_factory=list)
    chance: list[float] = field(default_factory=list)
    left_out: int = 0
    apart_s: list[float] = field(default_factory=list)
    pooled_s: list[float] = field(default_factory=list)


def unit(rows: Matrix) -> Matrix:
    """Scale rows to length 1."""
    scaled: Matrix = rows / np.linalg.norm(rows, axis=1, keepdims=True)
    return scaled


def pooled_rows(encoder: PoolingEncoder, document: ParsedDocument, chunks: list[Chunk]) -> Matrix:
    """Return the sentences' vectors from the passes over the passages, as the product embeds."""
    rows = []
    for chunk in chunks:
        body = document.text[chunk.start : chunk.end]
        text = embedding_text(document.title, chunk.heading, body)
        shift = len(text) - len(body) - chunk.start
        spans = [Span(span.start + shift, span.end + shift) for span in chunk.sentences]
        rows.append(encoder.encode_spans(text, spans))
    return np.vstack(rows)


def timed(work: Callable[[], Matrix], seconds: list[float]) -> Matrix:
    """Do the work and note how long it took."""
    started = time.perf_counter()
    rows = work()
    seconds.append(time.perf_counter() - started)
    return rows


def sentence_rows(
    encoder: PoolingEncoder,
    document: ParsedDocument,
    chunks: list[Chunk],
    sentences: list[str],
    tally: Tally,
) -> list[Matrix]:
    """Return the sentences' vectors in each way, in the order of ``WAYS``."""

    def encode_apart() -> Matrix:
        return timed(lambda: encoder.encode_passages(sentences), tally.apart_s)

    def encode_pooled() -> Matrix:
        return timed(lambda: pooled_rows(encoder, document, chunks), tally.pooled_s)

    # Each goes first on every other document, so that warm caches favour neither.
    if len(tally.apart_s) % 2:
        apart, pooled = encode_apart(), encode_pooled()
    else:
        pooled, apart = encode_pooled(), encode_apart()
    titled = [f"{document.title}\n{sentence}".strip() for sentence in sentences]
    return [apart, pooled, unit(apart + pooled), encoder.encode_passages(titled)]


def read_answers(folder: Path) -> dict[str, list[str]]:
    """Return each query's answers, of which any will do."""
    found = {}
    for _, fields in read_objects(folder / "queries.jsonl"):
        answers = cast(list[str], fields.get("answers", []))
        query_id = str(fields.get("_id", fields.get("id")))
        found[query_id] = [answer for answer in answers if answer.strip()]
    return found


def judge(data: DataSet, answers: dict[str, list[str]], encoder: PoolingEncoder) -> Tally:
    """Rank the gold documents' sentences for every question of a set."""
    tally = Tally()
    splitter = Splitter(encoder.count_tokens, PASSAGE_TOKENS)
    asked: dict[str, list[str]] = {}
    for query_id, judged in data.qrels.items():
        gold = max(judged, key=lambda document_id: judged[document_id])
        if gold in data.documents and answers.get(query_id):
            asked.setdefault(gold, []).append(query_id)
    for document_id, query_ids in asked.items():
        document = data.documents[document_id]
        chunks = splitter.split(document.text)
        spans = [span for chunk in chunks for span in chunk.sentences]
        sentences = [document.text[span.start : span.end] for span in spans]
        held = [
            np.array([contains_answers(text, [answers[query_id]]) for text in sentences])
            for query_id in query_ids
        ]
        telling = [i for i, right in enumerate(held) if right.any() and not right.all()]
        tally.left_out += len(query_ids) - len(telling)
        if telling:
            ways = sentence_rows(encoder, document, chunks, sentences, tally)
            questions = encoder.encode_queries([data.queries[query_ids[i]] for i in telling])
            for i, question in zip(telling, questions, strict=True):
                tally.hits.append([bool(held[i][np.argmax(rows @ question)]) for rows in ways])
                tally.chance.append(float(held[i].mean()))
    return tally


def difference(hits: NDArray[np.float64], way: str) -> str:
    """Describe how far a way is from apart, in points, with the 95 % interval."""
    gains = hits[:, WAYS.index(way)] - hits[:, WAYS.index("apart")]
    error = 1.96 * gains.std() / np.sqrt(len(gains))
    return f"{100 * gains.mean():+.1f} ± {100 * error:.1f}"


def report(name: str, tally: Tally) -> list[str]:
    """Return a set's line of the table."""
    hits = np.array(tally.hits, dtype=np.float64)
    ratios = [a / b for a, b in zip(tally.apart_s, tally.pooled_s, strict=True)]
    return [
        name,
        str(len(hits)),
        str(tally.left_out),
        f"{100 * statistics.mean(tally.chance):.1f}",
        *(f"{100 * share:.1f}" for share in hits.mean(axis=0)),
        difference(hits, "pooled"),
        difference(hits, "titled"),
        f"{1000 * statistics.median(tally.apart_s):.1f}",
        f"{1000 * statistics.median(tally.pooled_s):.1f}",
        f"{statistics.median(ratios):.2f}",
    ]


def main() -> None:
    """Judge each set and print the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folders", nargs="+", type=Path, help="data sets, or folders of them")
    parser.add_argument("--model", type=Path, default=bundled_folder(), help="[the bundled one]")
    parser.add_argument("--limit", type=int, help="the first N questions of each set only")
    options = parser.parse_args()
    encoder = PoolingEncoder(options.model)
    head = ("set", "asked", "left out", "chance", *WAYS, "pooled - apart", "titled - apart")
    table = Table(*head, "apart ms", "pooled ms", "ratio", title=encoder.spec.name)
    for folder in options.folders:
        for name, place in find_data_sets(folder):
            data = load_data_set(name, place, options.limit)
            tally = judge(data, read_answers(place), encoder)
            if tally.hits:
                full = place.resolve()
                table.add_row(*report(f"{full.parent.name}/{full.name}", tally))
    Console(width=160).print(table)


if __name__ == "__main__":
    main()
