"""The follow-up questions are sound: literal evidence, both languages, no article in two splits."""

import json
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parents[2] / "training"
ARTICLES = {path.name: path.read_text(encoding="utf-8") for path in FOLDER.rglob("articles/*.txt")}


def _rows(name: str) -> list[dict[str, Any]]:
    path = FOLDER / "followups" / name
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def test_every_quote_is_literal_and_holds_the_expected_words() -> None:
    for row in _rows("dev.jsonl") + _rows("heldout.jsonl"):
        assert row["answerable"] == bool(row["evidence"]) == bool(row["answers"]), row["id"]
        quotes = [piece["quote"] for piece in row["evidence"]]
        assert all(piece["quote"] in ARTICLES[piece["document"]] for piece in row["evidence"])
        for group in row["answers"]:
            assert any(word in quote for word in group for quote in quotes), row["id"]


def test_the_splits_share_no_article_and_both_languages_are_there() -> None:
    dev, held_out = _rows("dev.jsonl"), _rows("heldout.jsonl")
    assert not {row["about"] for row in dev} & {row["about"] for row in held_out}
    for language in ("zh", "en"):
        assert sum(row["lang"] == language for row in dev) >= 30


def test_every_conversation_ends_with_an_answer() -> None:
    for row in _rows("dev.jsonl") + _rows("heldout.jsonl") + _rows("openings.jsonl"):
        roles = [message["role"] for message in row["history"]]
        assert roles == ["user", "assistant"] * (len(roles) // 2)
        assert roles
