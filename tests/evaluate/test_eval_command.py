"""``pincite eval``, the real program on the real library."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from pincite.evaluate.reports import newest_report
from tests.embed.test_sentence_transformer import save_model
from tests.program import ROOT, run_pincite

QUESTIONS = ROOT / "eval/questions.jsonl"
Write = Callable[..., Path]


@pytest.fixture
def data_sets(tmp_path: Path) -> Path:
    """Two small data sets in one folder; the second holds one text under two ids."""
    for name, corpus in (
        ("one", {"a": "The court ruled against the firm.", "b": "Roses bloom in June.", "c": ""}),
        ("two", {"x": "The plant opened in May.", "y": "The plant opened in May."}),
    ):
        folder = tmp_path / "sets" / name
        folder.mkdir(parents=True)
        for file, rows in (
            ("corpus.jsonl", corpus),
            ("queries.jsonl", {"q": "who lost in court?" if name == "one" else "plant opened"}),
        ):
            lines = [json.dumps({"id": id_, "text": text}) for id_, text in rows.items()]
            (folder / file).write_text("\n".join(lines), encoding="utf-8")
        judged = ["q\ta\t1"] if name == "one" else ["q\tx\t1", "q\ty\t1"]
        (folder / "qrels.tsv").write_text("\n".join(judged), encoding="utf-8")
    return tmp_path / "sets"


def test_the_questions_that_come_along_run_from_end_to_end(
    seeded_home: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out.json"
    done = run_pincite(
        "eval", str(QUESTIONS), "--json", str(out), "--legs", "fused,lexical", home=seeded_home
    )
    assert done.returncode == 0, done.stderr
    content = json.loads(out.read_text(encoding="utf-8"))
    lines = QUESTIONS.read_text(encoding="utf-8").splitlines()
    assert content["questions"] == len(content["per_question"]) == len(lines)
    assert set(content["slices"]["lang"]) == {"zh", "zh-Hant", "en", "mixed"}
    assert list(content["legs"]) == ["fused", "lexical"]
    assert content["run"]["files"].keys() == {"questions.jsonl"}
    assert content["run"]["documents"] == 2
    assert str(tmp_path) not in out.read_text(encoding="utf-8")
    # Far below what is reached: this is a test of the program, not of the model.
    assert content["recall@5"] > 0.5
    assert 0 <= content["abstention_recall"] <= 1
    assert "evidence_hit" in done.stdout
    # What the server's evaluation page shows.
    kept = newest_report(seeded_home)
    assert kept
    assert (kept[0], "questions.jsonl" in kept[1]) == (content, True)


def test_a_missed_minimum_is_printed_and_ends_with_one(seeded_home: Path, tmp_path: Path) -> None:
    path = tmp_path / "q.jsonl"
    path.write_text('{"id": "a", "question": "Who won the cup?", "answerable": false}\n')
    done = run_pincite("eval", str(path), "--min", "recall@1=0.9", home=seeded_home)
    assert done.returncode == 1
    assert "recall@1 could not be measured, wanted at least 0.9" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["none.jsonl"], 2, "there is no file or folder none.jsonl"),
        ([str(QUESTIONS), "--min", "mmr=1"], 2, 'no figure "mmr"'),
        ([str(QUESTIONS), "--legs", "fused,sparse"], 2, '"sparse" is no ranking'),
        ([str(QUESTIONS), "--json", "none/out.json"], 2, "there is no folder none"),
        ([str(QUESTIONS), "--limit", "0"], 2, "--limit"),
        ([str(QUESTIONS), "--max", "mrr=1"], 2, 'no figure "mrr" that --max takes'),
        ([str(QUESTIONS), "--max-drop", "mrr=0.1"], 2, "name it: --against OLD.json"),
        ([str(QUESTIONS), "--resume"], 2, "--resume continues what --json or --html writes"),
        ([str(QUESTIONS), "--answers"], 2, "are for data sets"),
        ([str(QUESTIONS), "--html", "none/out.html"], 2, "there is no folder none"),
        ([str(QUESTIONS), "--json", str(QUESTIONS)], 2, "jsonl would overwrite what this command"),
        ([str(QUESTIONS), "--json", "out", "--html", "./out"], 2, "out would overwrite"),
        ([str(ROOT / "eval"), "--corpus", "../corpus.jsonl"], 2, "name a file of the data set's"),
        ([str(QUESTIONS)], 3, "pincite ingest"),
    ],
)
def test_what_is_wrong_is_said_with_its_exit_code(
    tmp_path: Path, arguments: list[str], code: int, message: str
) -> None:
    done = run_pincite("eval", *arguments, home=tmp_path / "none")
    assert (done.returncode, message in done.stderr) == (code, True), done.stderr


def test_a_document_that_is_not_in_the_library_is_named(
    seeded_home: Path, write_rows: Write
) -> None:
    evidence = [{"document": "other.txt", "quote": "x"}]
    path = write_rows({"id": "a", "question": "?", "answerable": True, "evidence": evidence})
    done = run_pincite("eval", str(path), home=seeded_home)
    assert done.returncode == 2
    assert "other.txt" in done.stderr
    assert "pincite ingest" in done.stderr


def test_data_sets_run_in_libraries_of_their_own(data_sets: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.json"
    home = tmp_path / "none"
    done = run_pincite("eval", str(data_sets), "--json", str(out), home=home)
    assert done.returncode == 0, done.stderr
    content = json.loads(out.read_text(encoding="utf-8"))
    assert list(content["sets"]) == ["one", "two"]
    assert content["sets"]["one"]["recall@1"] == 1
    assert content["sets"]["one"]["empty_documents"] == ["c"]
    assert content["sets"]["two"]["recall@1"] == 0.5
    assert content["sets"]["two"]["recall@5"] == 1
    assert content["recall@1"] == 0.75
    assert "Macro average" in done.stdout
    assert not home.exists()


def test_one_data_set_has_its_figures_on_top(data_sets: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.json"
    arguments = ["--json", str(out), "--legs", "lexical", "--legs", "dense", "--min", "mrr@10=1"]
    done = run_pincite("eval", str(data_sets / "two"), *arguments, home=tmp_path / "none")
    assert done.returncode == 0, done.stderr
    content = json.loads(out.read_text(encoding="utf-8"))
    assert list(content["legs"]) == ["lexical", "dense"]
    assert content["mrr@10"] == 1
    assert content["run"]["model"]["dimension"] > 0
    assert "sets" not in content


@pytest.fixture(scope="module")
def other(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A random model of 32 dimensions, by its folder."""
    return str(save_model(tmp_path_factory.mktemp("other")))


def test_data_sets_are_run_with_each_encoder(data_sets: Path, other: str, tmp_path: Path) -> None:
    out = tmp_path / "out.json"
    # The random model misses the minimum, the present one does not.
    arguments = ["--encoder", other, "--encoder", other, "--min", "ndcg@10=0.9"]
    done = run_pincite(
        "eval", str(data_sets), *arguments, "--json", str(out), home=tmp_path / "none"
    )
    assert done.returncode == 0, done.stderr
    content = json.loads(out.read_text(encoding="utf-8"))
    assert list(content["compared"]) == [other]
    compared = content["compared"][other]
    assert list(content["legs"]) == list(compared["legs"]) == ["fused", "dense"]
    assert list(content["sets"]) == list(compared["sets"]) == ["one", "two"]
    assert compared["run"]["model"]["dimension"] == 32
    assert content["run"]["model"]["dimension"] != 32
    lines = [line.split() for line in done.stdout.splitlines()]
    for name, leg in (("one", "fused"), ("two", "dense")):
        figures = [c["sets"][name]["legs"][leg]["ndcg@10"] for c in (content, compared)]
        assert [name, leg, *(f"{figure:.3f}" for figure in figures)] in lines
    figures = [c["legs"]["dense"]["ndcg@10"] for c in (content, compared)]
    assert ["macro", "average", "dense", *(f"{figure:.3f}" for figure in figures)] in lines


def test_questions_are_asked_with_each_encoder_on_the_same_documents(
    seeded_home: Path, other: str, tmp_path: Path
) -> None:
    out = tmp_path / "out.json"
    before = run_pincite("status", home=seeded_home).stdout
    arguments = ["--encoder", other, "--encoder", "bundled", "--limit", "5"]
    done = run_pincite("eval", str(QUESTIONS), *arguments, "--json", str(out), home=seeded_home)
    assert done.returncode == 0, done.stderr
    content = json.loads(out.read_text(encoding="utf-8"))
    assert list(content["compared"]) == [other]
    compared = content["compared"][other]
    for one in (content, compared):
        assert one["questions"] == 5
        assert one["run"]["documents"] == 2
    assert compared["run"]["model"]["dimension"] == 32
    assert content["per_question"] != compared["per_question"]
    assert "evidence_hit" in done.stdout
    assert run_pincite("status", home=seeded_home).stdout == before


def test_a_model_that_cannot_be_had_is_named_before_anything_runs(
    data_sets: Path, tmp_path: Path
) -> None:
    done = run_pincite(
        "eval",
        str(data_sets),
        "--encoder",
        "acme/no-such-model",
        home=tmp_path / "none",
        environment={"HF_HUB_OFFLINE": "1"},
    )
    assert done.returncode == 3
    assert "model acme/no-such-model could not be loaded" in done.stderr
    assert done.stdout == ""


def test_a_run_is_written_held_against_an_older_one_and_gated(
    seeded_home: Path, tmp_path: Path
) -> None:
    old, new, html = tmp_path / "old.json", tmp_path / "new.json", tmp_path / "new.html"
    first = run_pincite("eval", str(QUESTIONS), "--json", str(old), home=seeded_home)
    assert first.returncode == 0, first.stderr
    arguments = ["--json", str(new), "--html", str(html), "--against", str(old), "--limit", "40"]
    gates = ["--max-drop", "evidence_hit=0", "--max", "latency_ms_p95=0.001"]
    trec = ["--save-run", str(tmp_path / "new.trec"), "--legs", "dense"]
    done = run_pincite("eval", str(QUESTIONS), *arguments, *gates, *trec, home=seeded_home)
    assert done.returncode == 1
    assert "only the 40 questions in common are compared" in done.stdout
    # Nothing changed but the time.
    assert [line.split()[1] for line in done.stderr.splitlines() if "missed:" in line] == [
        "latency_ms_p95"
    ]
    content = json.loads(new.read_text(encoding="utf-8"))
    assert content["against"][0]["questions"] == 40
    page = html.read_text(encoding="utf-8")
    assert "Against the older run" in page
    assert "<script" not in page
    names = {"old.json", "new.json", "new.html", "new.trec", "new.qrels"}
    assert {path.name for path in tmp_path.iterdir()} == names
    assert _timeless(content["per_question"]) == _timeless(
        [
            {**row, "ranks": new_row["ranks"]}
            for row, new_row in zip(
                json.loads(old.read_text(encoding="utf-8"))["per_question"],
                content["per_question"],
                strict=False,
            )
        ]
    )


def _timeless(rows: list[dict[str, object]]) -> list[dict[str, object]]:
    return [{name: row[name] for name in row if name != "latency_ms"} for row in rows]


def test_an_interrupted_run_is_continued_by_its_command(data_sets: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.json"
    arguments = ["eval", str(data_sets), "--answers", "--json", str(out)]
    whole = run_pincite(*arguments, "--resume", home=tmp_path / "none")
    assert whole.returncode == 0, whole.stderr
    assert "No interrupted run left" in whole.stderr
    first = json.loads(out.read_text(encoding="utf-8"))
    # A second data set that cannot be read stops the run after the first.
    queries = data_sets / "two" / "queries.jsonl"
    text = queries.read_text(encoding="utf-8")
    queries.write_text("nonsense")
    assert run_pincite(*arguments, home=tmp_path / "none").returncode == 2
    journal = tmp_path / "out.json.partial"
    assert "one\\ttake in" in journal.read_text(encoding="utf-8")
    queries.write_text(text, encoding="utf-8")
    done = run_pincite(*arguments, "--resume", "--legs", "dense", home=tmp_path / "none")
    assert (done.returncode, "left by another run (not the same: settings)" in done.stderr) == (
        2,
        True,
    )
    done = run_pincite(*arguments, "--resume", home=tmp_path / "none")
    assert done.returncode == 0, done.stderr
    assert "starting anew" not in done.stderr
    second = json.loads(out.read_text(encoding="utf-8"))
    assert not journal.exists()
    assert second["sets"]["one"]["answers"]["per_question"][0]["status"] == "answered"
    for name in ("recall@1", "ndcg@10", "evidence_hit", "ece", "aurc", "passages"):
        assert first[name] == second[name]


def test_a_data_set_is_not_overwritten(data_sets: Path, tmp_path: Path) -> None:
    corpus = data_sets / "one" / "corpus.jsonl"
    before = corpus.read_bytes()
    done = run_pincite("eval", str(data_sets), "--json", str(corpus), home=tmp_path / "none")
    assert (done.returncode, "would overwrite" in done.stderr) == (2, True)
    assert corpus.read_bytes() == before


def test_help_names_the_commands_beside_it(tmp_path: Path) -> None:
    done = run_pincite("eval", "--help", home=tmp_path / "none")
    assert "eval [OPTIONS] [FILE_OR_FOLDER]" in done.stdout
    assert "add  Add a question to a question file." in done.stdout
    done = run_pincite("eval", "one.jsonl", "two.jsonl", home=tmp_path / "none")
    assert (done.returncode, "unexpected extra argument" in done.stderr) == (2, True)
