"""Data sets in the BEIR shape, in all the ways they come."""

import gzip
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from pincite.errors import InputError
from pincite.evaluate.datasets import find_data_sets, load_data_set
from pincite.evaluate.lines import sha256

CORPUS = [
    {"_id": "d1", "title": "Court", "text": "The court ruled against the firm."},
    {"_id": "d2", "title": "", "text": "法院判决公司败诉。", "metadata": {}},
    {"_id": "d3", "text": "Cars sold well.", "lang": "en"},
]
QUERIES = [
    {"_id": "q1", "text": "who lost in court?"},
    {"_id": "q2", "text": "谁败诉了？"},
    {"_id": "q3", "text": "not judged"},
]
QRELS = "query-id\tcorpus-id\tscore\nq2\td2\t1\nq1\td1\t2\nq1\td3\t0\n"


def _lines(rows: list[dict[str, object]]) -> str:
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)


@pytest.fixture
def write(tmp_path: Path) -> Callable[..., Path]:
    """Write a data set's files, some of them changed; None leaves one out."""

    def write(**changed: str | None) -> Path:
        files = {
            "corpus.jsonl": changed.get("corpus", _lines(CORPUS)),  # type: ignore[arg-type]
            "queries.jsonl": changed.get("queries", _lines(QUERIES)),  # type: ignore[arg-type]
            "qrels.tsv": changed.get("qrels", QRELS),
        }
        for name, text in files.items():
            if text is not None:
                (tmp_path / name).write_text(text, encoding="utf-8")
        return tmp_path

    return write


def test_a_data_set_is_read_as_written(write: Callable[..., Path]) -> None:
    folder = write()
    data = load_data_set("set", folder)
    assert list(data.documents) == ["d1", "d2", "d3"]
    assert data.documents["d1"].title == "Court"
    assert [document.lang for document in data.documents.values()] == ["en", "zh", "en"]
    assert list(data.queries) == ["q1", "q2"]
    assert data.qrels == {"q1": {"d1": 2, "d3": 0}, "q2": {"d2": 1}}
    assert (data.empty, data.missing) == ([], [])
    assert data.files["qrels.tsv"] == sha256(folder / "qrels.tsv")
    assert list(load_data_set("set", folder, limit=1).queries) == ["q1"]


@pytest.mark.parametrize(
    "qrels",
    [
        QRELS.split("\n", 1)[1],
        "query_id\tdoc_id\trelevance\r\nq2\td2\t1\r\nq1\td1\t2\r\nq1\td3\t0\r\n",
        "q2\t0\td2\t1\nq1\t0\td1\t2\nq1\t0\td3\t0",
        "q2 Q0 d2 1\nq1 Q0 d1 2\nq1 Q0 d3 0\n",
    ],
    ids=["no header", "CRLF", "TREC", "TREC with spaces"],
)
def test_judgements_come_in_several_shapes(write: Callable[..., Path], qrels: str) -> None:
    assert load_data_set("set", write(qrels=qrels)).qrels == load_data_set("set", write()).qrels


def test_gzipped_files_and_a_folder_of_judgements(tmp_path: Path) -> None:
    (tmp_path / "qrels").mkdir()
    for name, text in (
        ("corpus.jsonl.gz", _lines(CORPUS)),  # type: ignore[arg-type]
        ("queries.jsonl.gz", _lines(QUERIES)),  # type: ignore[arg-type]
        ("qrels/test.tsv.gz", QRELS),
    ):
        (tmp_path / name).write_bytes(gzip.compress(text.encode()))
    data = load_data_set("set", tmp_path)
    assert (len(data.documents), len(data.queries)) == (3, 2)
    assert list(data.files) == ["corpus.jsonl.gz", "queries.jsonl.gz", "qrels/test.tsv.gz"]


def test_ids_may_be_named_either_way_and_be_numbers(write: Callable[..., Path]) -> None:
    folder = write(
        corpus='{"id": 1, "text": "a"}\n{"_id": "2", "text": "b"}\n',
        queries='{"id": 0, "text": "?"}\n',
        qrels="0\t1\t1\n",
    )
    data = load_data_set("set", folder)
    assert list(data.documents) == ["1", "2"]
    assert data.qrels == {"0": {"1": 1}}


def test_equal_texts_under_two_ids_both_stay(write: Callable[..., Path]) -> None:
    twice = '{"id": "a", "text": "same"}\n{"id": "b", "text": "same"}\n'
    data = load_data_set("set", write(corpus=twice, qrels="q1\ta\t1\nq1\tb\t1\n"))
    assert list(data.documents) == ["a", "b"]


def test_empty_documents_are_counted_and_titles_alone_are_text(
    write: Callable[..., Path],
) -> None:
    rows = [
        {"id": "blank", "text": " \n"},
        {"id": "signs", "text": "…", "title": ""},
        {"id": "nothing"},
        {"id": "title", "title": "Only a title", "text": ""},
    ]
    folder = write(corpus=_lines(rows), qrels="q1\ttitle\t1\nq1\tblank\t1\n")  # type: ignore[arg-type]
    data = load_data_set("set", folder)
    assert data.empty == ["blank", "nothing", "signs"]
    assert data.documents["title"].text == "Only a title"
    assert data.missing == []


def test_judged_documents_that_are_not_there_are_counted(write: Callable[..., Path]) -> None:
    data = load_data_set("set", write(qrels="q1\td1\t1\nq1\tgone\t1\nq2\td2\t1\n"))
    assert data.missing == ["gone"]
    assert data.qrels["q1"] == {"d1": 1, "gone": 1}


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"corpus": '{"id": "a", "text": "x"}\nnonsense\n'}, "corpus.jsonl, line 2: not JSON"),
        ({"corpus": '{"text": "x"}\n'}, 'corpus.jsonl, line 1: the line needs an "_id" or "id"'),
        ({"corpus": '{"id": true, "text": "x"}\n'}, 'line 1: the line needs an "_id" or "id"'),
        ({"corpus": '{"id": " ", "text": "x"}\n'}, 'line 1: the line needs an "_id" or "id"'),
        ({"corpus": '{"id": "a", "text": 5}\n'}, 'line 1: "text" must be text; found a number'),
        (
            {"corpus": '{"id": "a", "text": "x"}\n{"id": "a", "text": "y"}\n'},
            'corpus.jsonl, line 2: id "a" stands on an earlier line',
        ),
        ({"corpus": '{"id": "a", "text": ""}\n'}, "corpus.jsonl holds no document with text"),
        ({"queries": '{"id": "q1"}\n'}, 'queries.jsonl, line 1: "text" must be text'),
        ({"queries": '{"id": "q1", "text": " "}\n'}, 'queries.jsonl, line 1: "text" is blank'),
        ({"qrels": "q1\td1\n"}, "qrels.tsv, line 1: found 2 columns"),
        ({"qrels": "q1\td1\t1\nq1\td3\tyes\n"}, "line 2: relevance must be a whole number; found"),
        ({"qrels": "q1\td1\t0.5\nq1\td3\t0.5\n"}, "line 2: relevance must be a whole number"),
        ({"qrels": "q1\td1\t1\nq9\td1\t1\n"}, 'qrels.tsv, line 2: query "q9" is not in'),
        ({"qrels": "q1\tx\t1\n"}, "judges no document of"),
        ({"qrels": "q1\td1\t0\n"}, "calls no document relevant"),
        ({"corpus": None}, "lacks corpus.jsonl"),
        ({"queries": None}, "lacks queries.jsonl"),
        ({"qrels": None}, "lacks qrels.tsv or qrels/test.tsv"),
    ],
)
def test_a_fault_is_named_with_its_file_and_line(
    write: Callable[..., Path], changed: dict[str, str | None], message: str
) -> None:
    folder = write(**changed)
    with pytest.raises(InputError) as caught:
        load_data_set("set", folder)
    assert message in str(caught.value)
    assert str(folder) in str(caught.value)


def test_sets_are_found_in_a_folder_or_below_it(tmp_path: Path) -> None:
    for name in ("b/en", "a", "b/zh"):
        (tmp_path / name).mkdir(parents=True)
        (tmp_path / name / "corpus.jsonl").touch()
    (tmp_path / "c").mkdir()
    assert [name for name, _ in find_data_sets(tmp_path)] == ["a", "b/en", "b/zh"]
    assert find_data_sets(tmp_path / "a") == [("a", tmp_path / "a")]
    with pytest.raises(InputError, match="holds no data set"):
        find_data_sets(tmp_path / "c")
