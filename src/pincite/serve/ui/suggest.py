"""Suggested questions: made from the newest articles, and kept only if the library answers them."""

import asyncio
import hashlib
from collections.abc import Sequence
from functools import partial
from itertools import chain, zip_longest
from typing import TYPE_CHECKING

from pincite.records import Document, DocumentInfo, Question
from pincite.serve.gate import Gate
from pincite.serve.ui.cues import candidates
from pincite.text import to_traditional

if TYPE_CHECKING:
    from pincite.workspace import Workspace

SUGGESTIONS = 4
# Each candidate that is tried is a question asked; each article is read for its beginning only.
_ARTICLES, _PER_ARTICLE, _TRIED = 8, 6, 20
_BEGINNING = 4_000
_LIBRARIES_KEPT = 8

Made = dict[str, str]


class Suggester:
    """Makes suggestions for the library as it is, once for each language."""

    def __init__(self, workspace: "Workspace", gate: Gate) -> None:
        self._workspace = workspace
        self._gate = gate
        self._made: dict[tuple[str, str], Made] = {}
        self._lock = asyncio.Lock()

    async def suggestions(self, tag: str) -> list[str]:
        """Return questions that the library answers, in the interface's language.

        Raises:
            PinciteError: If the library cannot be asked now.
        """
        documents = await self._gate.run(self._workspace.documents)
        newest = sorted(documents, key=lambda info: (info.added, info.title), reverse=True)
        newest = newest[:_ARTICLES]
        key = (_digest(newest), tag)
        async with self._lock:
            if key not in self._made:
                made = await self._make(newest, tag)
                while len(self._made) >= _LIBRARIES_KEPT:
                    del self._made[next(iter(self._made))]
                self._made[key] = made
        return list(self._made[key])

    def known(self, tag: str, documents: Sequence[str]) -> tuple[str, ...]:
        """Return suggestions made already, those from some documents first; none are made now."""
        made = next((made for (_, own), made in reversed(self._made.items()) if own == tag), {})
        return tuple(sorted(made, key=lambda question: made[question] not in documents))

    async def _make(self, newest: Sequence[DocumentInfo], tag: str) -> Made:
        ways = [await self._gate.run(partial(self._candidates, info, tag)) for info in newest]
        # In turns, so that not all of them are about one article.
        in_turns = chain.from_iterable(zip_longest(*ways))
        offered = [pair for pair in in_turns if pair][:_TRIED]
        made: Made = {}
        for question, document_id in offered:
            if question not in made and await self._gate.run(
                partial(self._answered, question, document_id)
            ):
                made[question] = document_id
            if len(made) == SUGGESTIONS:
                break
        return made

    def _candidates(self, info: DocumentInfo, tag: str) -> list[tuple[str, str]]:
        document: Document = self._workspace.document(info.id)
        questions = candidates(info.title, document.text[:_BEGINNING], tag.partition("-")[0])
        if tag == "zh-Hant":
            questions = [to_traditional(question) for question in questions]
        return [(question, info.id) for question in questions[:_PER_ARTICLE]]

    def _answered(self, question: str, document_id: str) -> bool:
        answer = self._workspace.ask(Question(question, mode="extractive"))
        return answer.status == "answered" and any(
            citation.document_id == document_id for citation in answer.citations
        )


def _digest(newest: Sequence[DocumentInfo]) -> str:
    named = "\n".join(f"{info.id} {info.sha256}" for info in newest)
    return hashlib.sha256(named.encode()).hexdigest()
