"""What known families of embedding models want before a question and before a passage."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

_RETRIEVE = (
    "Instruct: Given a web search query, retrieve relevant passages that answer the query\nQuery:"
)
_REPRESENT = "Represent this sentence for searching relevant passages: "
_PASSAGE_NAMES = ("document", "passage", "corpus")


@dataclass(frozen=True, slots=True)
class Prompts:
    """Texts put before every question and every passage."""

    query: str = ""
    passage: str = ""


# By model name, the first that matches; from the model cards of each family.
_FAMILIES: tuple[tuple[str, Prompts], ...] = (
    (r"e5-.*instruct|e5-mistral", Prompts(f"{_RETRIEVE} ")),
    (r"(?:^|[-_/])e5[-_]", Prompts("query: ", "passage: ")),
    (r"qwen3-embedding", Prompts(_RETRIEVE)),
    (r"gte-qwen", Prompts(f"{_RETRIEVE} ")),
    (r"bge-m3", Prompts()),
    (r"bge-.*-zh", Prompts("为这个句子生成表示以用于检索相关文章：")),
    (r"bge-.*-en|mxbai-embed|snowflake-arctic-embed-(?!.*v2)", Prompts(_REPRESENT)),
    (r"snowflake-arctic-embed-.*v2", Prompts("query: ")),
    (r"nomic-embed-text|modernbert-embed", Prompts("search_query: ", "search_document: ")),
    (
        r"jina-embeddings-v3",
        Prompts(
            "Represent the query for retrieving evidence documents: ",
            "Represent the document for retrieval: ",
        ),
    ),
    (r"embeddinggemma", Prompts("task: search result | query: ", "title: none | text: ")),
)


def prompts_for(name: str, own: Mapping[str, str | None]) -> Prompts:
    """Return a model's prompts: its own where it has any, else those of its family, else none.

    Args:
        name: The model's name, or its folder's path.
        own: The prompts in its configuration, by name: "query", "document" or "passage".
    """
    query = own.get("query") or ""
    passage = next((own[key] for key in _PASSAGE_NAMES if own.get(key)), "") or ""
    if query or passage:
        return Prompts(query, passage)
    last = "/".join(re.split(r"[/\\]", name.lower())[-2:])
    return next((p for pattern, p in _FAMILIES if re.search(pattern, last)), Prompts())
