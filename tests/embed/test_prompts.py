"""Prompts of known model families."""

import pytest

from pincite.embed.prompts import Prompts, prompts_for


@pytest.mark.parametrize(
    ("name", "query", "passage"),
    [
        ("intfloat/multilingual-e5-small", "query: ", "passage: "),
        ("intfloat/e5-base-v2", "query: ", "passage: "),
        ("models/multilingual-e5-large/snapshot", "query: ", "passage: "),
        ("C:\\models\\e5-small", "query: ", "passage: "),
        ("BAAI/bge-m3", "", ""),
        ("BAAI/bge-small-zh-v1.5", "为这个句子生成表示以用于检索相关文章：", ""),
        (
            "BAAI/bge-large-en-v1.5",
            "Represent this sentence for searching relevant passages: ",
            "",
        ),
        (
            "Snowflake/snowflake-arctic-embed-m",
            "Represent this sentence for searching relevant passages: ",
            "",
        ),
        ("Snowflake/snowflake-arctic-embed-l-v2.0", "query: ", ""),
        ("nomic-ai/nomic-embed-text-v1.5", "search_query: ", "search_document: "),
        ("thenlper/gte-base-zh", "", ""),
        ("sentence-transformers/all-MiniLM-L6-v2", "", ""),
        ("acme/phase5-large", "", ""),
    ],
)
def test_a_family_is_known_by_its_name(name: str, query: str, passage: str) -> None:
    assert prompts_for(name, {"query": "", "document": ""}) == Prompts(query, passage)


@pytest.mark.parametrize(
    "name",
    [
        "intfloat/multilingual-e5-large-instruct",
        "Qwen/Qwen3-Embedding-0.6B",
        "Alibaba-NLP/gte-Qwen2-1.5B-instruct",
    ],
)
def test_instructed_models_get_an_instruction_before_questions_only(name: str) -> None:
    prompts = prompts_for(name, {})
    assert prompts.query.startswith("Instruct: ")
    assert "\nQuery:" in prompts.query
    assert prompts.passage == ""


def test_the_model_s_own_prompts_win() -> None:
    own = {"query": "Q: ", "document": None, "passage": "P: "}
    assert prompts_for("intfloat/e5-base", own) == Prompts("Q: ", "P: ")
    assert prompts_for("intfloat/e5-base", {"query": "Q: "}) == Prompts("Q: ", "")
    assert prompts_for("intfloat/e5-base", {"document": "D: "}) == Prompts("", "D: ")
