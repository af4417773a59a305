"""What a language model can do with the library: the tools and the one resource."""

from collections.abc import Callable
from functools import partial
from threading import Event
from typing import TYPE_CHECKING, Annotated, Literal, TypeVar

from mcp.server.mcpserver.exceptions import ResourceError, ResourceNotFoundError
from mcp.types import CallToolResult, TextContent
from pydantic import BaseModel, Field, RootModel

from pincite.errors import DocumentNotFoundError, InputError, PinciteError
from pincite.records import PASSAGES_CONSIDERED, Answer, Question
from pincite.responses import DocumentList, SearchResponse
from pincite.serve.api.ask import found_passage
from pincite.serve.api.documents import listing
from pincite.serve.api.filters import FilterRequest, Tag, filters_of
from pincite.serve.api.schemas import Language, Text, TopK
from pincite.serve.gate import Gate
from pincite.serve.mcp.readable import answer_text, documents_text, passages_text
from pincite.serve.mcp.reading import DocumentSlice, read_slice, slice_text

if TYPE_CHECKING:
    from pincite.workspace import Workspace

LONGEST_RESOURCE = 200_000

AnswerResult = RootModel[Answer]
Result = TypeVar("Result", bound=BaseModel)
_Filters = Annotated[
    FilterRequest | None, Field(description="Which documents are searched; null: all.")
]
_TopK = Annotated[TopK, Field(description="Passages to consider.")]
_DocumentId = Annotated[str, Field(min_length=1, max_length=200, description="A document's id.")]


class Tools:
    """What a model can do; every piece of work passes the gate."""

    def __init__(self, workspace: "Workspace", gate: Gate) -> None:
        self._workspace = workspace
        self._gate = gate

    async def ask(
        self,
        question: Annotated[Text, Field(description="A whole question, in any language.")],
        language: Annotated[
            Language | None,
            Field(description='Of labels and refusals, such as "zh"; null: the question\'s own.'),
        ] = None,
        mode: Annotated[
            Literal["auto", "extractive", "llm"],
            Field(description="Quoted sentences (extractive), or written by the server's LLM."),
        ] = "auto",
        filters: _Filters = None,
        top_k: _TopK = PASSAGES_CONSIDERED,
    ) -> Annotated[CallToolResult, AnswerResult]:
        """Answer a question from the articles, every sentence with its source.

        The status is answered, partial or not_found; a quote is `text[start:end]` of its document.
        """
        asked = Question(question, mode, top_k, language, filters=filters_of(filters))
        return await self._result(
            lambda cancel: AnswerResult(self._workspace.ask(asked, cancel)),
            lambda result: answer_text(result.root),
        )

    async def search(
        self,
        query: Annotated[Text, Field(description="Words or a question, in any language.")],
        top_k: _TopK = PASSAGES_CONSIDERED,
        filters: _Filters = None,
    ) -> Annotated[CallToolResult, SearchResponse]:
        """Find the passages that are nearest to a text, best first, with ids and offsets."""

        def find(_: Event) -> SearchResponse:
            found = self._workspace.search(
                query, top_k, "fused", filters_of(filters), collapse=True
            )
            return SearchResponse(hits=[found_passage(hit) for hit in found])

        return await self._result(find, lambda result: passages_text(result.hits))

    async def read_document(
        self,
        document_id: _DocumentId,
        start: Annotated[int, Field(ge=0, description="First character, from 0.")] = 0,
        end: Annotated[
            int | None, Field(ge=1, description="Where to stop; null: as far as one call goes.")
        ] = None,
    ) -> Annotated[CallToolResult, DocumentSlice]:
        """Read a document, or a part of it; at most 20,000 characters a call."""
        return await self._result(
            lambda _: read_slice(self._workspace, document_id, start, end), slice_text
        )

    async def list_documents(
        self,
        query: Annotated[
            str, Field(max_length=200, description="Only titles or sources with this in them.")
        ] = "",
        tag: Annotated[Tag | None, Field(description="Only those with this tag.")] = None,
        limit: Annotated[int, Field(ge=1, le=200)] = 50,
        offset: Annotated[int, Field(ge=0, le=10_000_000)] = 0,
    ) -> Annotated[CallToolResult, DocumentList]:
        """List the articles of the library by title."""
        return await self._result(
            lambda _: listing(self._workspace.documents(), query, tag, limit, offset),
            lambda result: documents_text(result.documents, result.total),
        )

    async def document(self, document_id: str) -> str:
        """Read the whole text of a document."""
        try:
            text = (await self._gate.run(partial(self._workspace.document, document_id))).text
        except DocumentNotFoundError as error:
            raise ResourceNotFoundError(_told(error)) from error
        except PinciteError as error:
            raise ResourceError(_told(error)) from error
        if len(text) > LONGEST_RESOURCE:
            raise ResourceError(
                f"{InputError.code}: the document has {len(text):,} characters, a resource at most "
                f"{LONGEST_RESOURCE:,}; read it in parts with the tool read_document"
            )
        return text

    async def _result(
        self, work: Callable[[Event], Result], shown: Callable[[Result], str]
    ) -> CallToolResult:
        try:
            result = await self._gate.run_cancellable(work)
        except PinciteError as error:
            return failure(error.code, str(error))
        # What an article says may be repeated by the model, and no image must be fetched for it.
        # The structured content is literal.
        text = TextContent(type="text", text=shown(result).replace("![", r"!\["))
        return CallToolResult(content=[text], structured_content=result.model_dump(mode="json"))


def _told(error: PinciteError) -> str:
    return f"{error.code}: {error}"


def failure(code: str, message: str) -> CallToolResult:
    """Make the result of a call that failed, with its stable code."""
    return CallToolResult(
        content=[TextContent(type="text", text=f"{code}: {message}")],
        structured_content={"code": code, "message": message},
        is_error=True,
    )
