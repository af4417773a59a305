"""``bench/model_table.py``, run as a person runs it."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.embed.test_sentence_transformer import save_model
from tests.program import ROOT

CORPUS = {
    "roses": "Roses bloom in June.",
    # The two are the same text to the model: the first id ranks first.
    "court-b": "The court ruled against the firm.",
    "court-a": "The court ruled against the firm.",
}


def run_table(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(ROOT / "bench/model_table.py"), *arguments],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


@pytest.fixture
def sets(tmp_path: Path) -> Path:
    folder = tmp_path / "sets" / "small"
    folder.mkdir(parents=True)
    rows = [{"id": i, "title": f"who lost {i}", "text": text} for i, text in CORPUS.items()]
    (folder / "corpus.jsonl").write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    query = json.dumps({"id": "q", "text": "谁在法院败诉了？"}, ensure_ascii=False)
    (folder / "queries.jsonl").write_text(query, encoding="utf-8")
    (folder / "qrels.tsv").write_text("query\tdocument\tgrade\nq\tcourt-b\t1\n", encoding="utf-8")
    return folder.parent


def test_models_stand_below_one_another(sets: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.json"
    other = save_model(tmp_path / "other")
    table = tmp_path / "out.md"
    arguments = ["--tasks", "small", "--fused", "--json", str(out), "--markdown", str(table)]
    done = run_table("--evalsets", str(sets), "--encoder", str(other), *arguments)
    assert done.returncode == 0, done.stderr
    models = json.loads(out.read_text(encoding="utf-8"))["models"]
    assert models["bundled"]["dense"]["small"]["mrr@10"] == 0.5
    assert models["other/saved"]["model"]["dimension"] == 32
    assert set(models["bundled"]["legs"]["small"]) == {"dense", "lexical", "fused"}
    lines = table.read_text(encoding="utf-8").splitlines()
    assert "| set | model | R@1 | R@5 | MRR@10 | nDCG@10 |" in lines
    assert "| small | bundled | 0.0 | 100.0 | 50.0 | 63.1 |" in lines
    assert "| set | model | dense | lexical | fused | fused − better leg |" in lines
    assert str(tmp_path) not in done.stdout + table.read_text(encoding="utf-8")


def test_a_missing_set_is_named(tmp_path: Path) -> None:
    done = run_table("--evalsets", str(tmp_path))
    assert done.returncode == 1
    assert "lacks corpus.jsonl" in done.stderr
    assert "Traceback" not in done.stderr
