"""Examples from data sets and question files, with the bundled model."""

import json
from collections.abc import Callable
from pathlib import Path
from random import Random

import pytest

from pincite.answer.confidence.support import READING, SENTENCE
from pincite.embed.onnx import OnnxEncoder, shared_encoder
from pincite.errors import InputError
from pincite.evaluate.datasets import load_data_set
from pincite.evaluate.examples import (
    Collected,
    RememberingEncoder,
    answers_here,
    collect_file,
    collect_set,
    libraries,
    negatives,
    questions_for,
    spelled,
)
from pincite.records import ParsedDocument
from pincite.settings import Settings
from pincite.wiring import make_encoder, make_reader, temporary_workspace
from pincite.workspace import Workspace
from tests.evaluate.articles import no_track
from tests.fakes import HashEncoder

RIVERS = {"Orsk": "salmon", "Pell": "herring", "Quern": "trout", "Rothe": "perch"}


@pytest.fixture
def rivers(tmp_path: Path) -> Path:
    """Four articles of two paragraphs, with a question about each."""
    folder = tmp_path / "rivers"
    folder.mkdir()
    corpus: list[dict[str, object]] = []
    queries: list[dict[str, object]] = []
    qrels: list[str] = []
    for name, fish in RIVERS.items():
        texts = (f"The {name} is a river. It holds {fish}.", f"The {name} is 9 miles long.")
        corpus += [
            {"_id": f"{name}-{n}", "title": f"River {name}", "text": text}
            for n, text in enumerate(texts)
        ]
        answers = {f"{name}-0": fish.upper(), f"{name}-1": "9 miles"}
        asked = {
            f"{name}-0": f"Which fish live in the {name}?",
            f"{name}-1": f"How long is {name}?",
        }
        queries += [{"_id": f"q{i}", "text": asked[i], "answers": [answers[i]]} for i in asked]
        qrels += [f"q{i}\t{i}\t1" for i in asked]
    queries.append({"_id": "none", "text": "Who owns the Orsk?", "unanswerable": True})
    for file, rows in (("corpus.jsonl", corpus), ("queries.jsonl", queries)):
        (folder / file).write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    (folder / "qrels.tsv").write_text("\n".join(qrels), encoding="utf-8")
    return folder


def _right(one: Collected) -> dict[str, int]:
    """Count by kind the examples in which some sentence answers."""
    counts: dict[str, int] = {}
    for example in one.examples:
        counts[example.kind] = counts.get(example.kind, 0) + bool((example.labels == 1).any())
    return counts


def test_half_of_each_article_is_left_out_and_asked_about_all_the_same(rivers: Path) -> None:
    data = load_data_set("rivers", rivers, to_answer=True)
    dealt = list(libraries(data, Random(1)))
    assert {len(library) for library in dealt} == {3, 1, 4}
    assert all(document.endswith("-0") for library in dealt for document in library)
    three = next(library for library in dealt if len(library) == 3)
    kinds = questions_for(data, set(three), Random(1))
    answerable = {query for query, kind in kinds.items() if kind == "answerable"}
    assert answerable == {f"q{document}" for document in three}
    near = {query for query, kind in kinds.items() if kind == "near"}
    assert near <= {"none", *(f"q{document[:-1]}1" for document in three)}
    assert len(near) == 2
    assert list(kinds.values()).count("far") == 1


def test_a_data_set_gives_labelled_examples_the_same_each_time(rivers: Path) -> None:
    encoder = make_encoder(Settings())
    reader = make_reader(Settings(), encoder)
    remembering = RememberingEncoder(encoder)

    def collect() -> Collected:
        return collect_set(
            "rivers",
            rivers,
            lambda: temporary_workspace(Settings(), remembering),
            reader,
            no_track,
        )

    one = collect()
    kinds = [example.kind for example in one.examples]
    assert kinds.count("answerable") >= kinds.count("near") + kinds.count("far") > 0
    # The sentence with the answer is always retrieved from so few, and never for a miss.
    assert _right(one) == {"answerable": kinds.count("answerable"), "near": 0, "far": 0}
    widths = {example.features.shape[1] for example in one.examples}
    assert widths == {len(SENTENCE) + len(READING)}
    assert set(one.files) == {f"rivers/{f}" for f in ("corpus.jsonl", "queries.jsonl", "qrels.tsv")}
    again = collect()
    assert [e.features.tolist() for e in again.examples] == [
        e.features.tolist() for e in one.examples
    ]


def test_a_set_without_answers_is_refused(rivers: Path) -> None:
    queries = rivers / "queries.jsonl"
    rows = [json.loads(line) for line in queries.read_text(encoding="utf-8").splitlines()]
    bare = [{key: value for key, value in row.items() if key != "answers"} for row in rows]
    queries.write_text("\n".join(map(json.dumps, bare)), encoding="utf-8")
    with pytest.raises(InputError, match='no query carries "answers"'):
        collect_set("rivers", rivers, lambda: temporary_workspace(Settings()), None, no_track)


def test_a_files_sentences_answer_where_the_evidence_stands(
    workspace: Workspace, write_rows: Callable[..., Path]
) -> None:
    quote = "It blames the price of butter"
    bakery = {"question": "What does the bakery blame?", "answerable": True}
    path = write_rows(
        {"id": "a", **bakery, "evidence": [{"document": "bakery", "quote": quote}]},
        {"id": "n", "question": "Who owns the bakery?", "answerable": False, "kind": "near_miss"},
        {"id": "f", "question": "Who won the cup?", "answerable": False, "kind": "far_miss"},
    )
    one = collect_file(workspace, None, path, no_track)
    assert one.questions == [bakery["question"], "Who owns the bakery?", "Who won the cup?"]
    assert _right(one) == {"answerable": 1, "near": 0, "far": 0}
    assert sum((example.labels == 1).sum() for example in one.examples) == 1
    assert {example.features.shape[1] for example in one.examples} == {len(SENTENCE)}


def test_answers_are_compared_as_they_are_spelled() -> None:
    groups = spelled([["９ Miles.", ""], ["雙倍定金"]])
    assert answers_here("It is 9 miles long.", groups)
    assert answers_here("返还双倍定金。", groups)
    assert not answers_here("It is 19 mills.", groups)
    assert not answers_here("anything", spelled([["。"]]))
    # A reference sentence, of which the document's is a part.
    assert answers_here("the mill closed in May", spelled([["In short, the mill closed in May"]]))
    assert not answers_here("in May", spelled([["In short, the mill closed in May"]]))


def test_each_text_is_embedded_once() -> None:
    plain = HashEncoder()
    encoder = RememberingEncoder(plain)
    first = encoder.encode_passages(["a", "b", "a"])
    second = encoder.encode_passages(["b", "c"])
    assert plain.embedded == 3
    assert (first[1] == second[0]).all()
    assert (first[0] == first[2]).all()


def test_a_corpus_without_answers_is_asked_only_what_it_cannot_answer(rivers: Path) -> None:
    rows = [
        {"_id": "n1", "text": "The Orsk is cold."},
        {"_id": "n2", "text": "Anglers of the Pell catch Herring."},
    ]
    path = rivers / "corpus_negative_only.jsonl"
    path.write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    answers = {"qOrsk-0": spelled([["salmon"]]), "qPell-0": spelled([["herring"]])}
    misses = negatives("rivers", rivers, answers)
    assert "qOrsk-0" in misses.queries
    assert "qPell-0" not in misses.queries
    assert set(misses.documents) == {"n1", "n2"}


def test_libraries_with_another_encoder_load_the_bundled_model_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    loaded = []
    load = OnnxEncoder.__init__

    def counted(self: OnnxEncoder, folder: Path, *, threads: int = 1) -> None:
        loaded.append(folder)
        load(self, folder, threads=threads)

    monkeypatch.setattr(OnnxEncoder, "__init__", counted)
    shared_encoder.cache_clear()
    for _ in range(2):
        with temporary_workspace(Settings(), RememberingEncoder(HashEncoder())) as workspace:
            article = ParsedDocument("One", "河里有鲑鱼。", None, "zh", "text/plain")
            workspace.add_parsed([("one", article)])
            assert workspace.search("Which fish are there?", 1)[0].translated is not None
    assert len(loaded) == 1
