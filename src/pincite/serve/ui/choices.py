"""What one can filter by, and what a page sends along with a question."""

from collections import Counter
from collections.abc import Sequence

from pydantic import BaseModel, ConfigDict, Field

from pincite.explanation import Filters
from pincite.records import DocumentInfo
from pincite.serve.api.filters import FilterRequest, filters_of
from pincite.serve.ui.markup import origin

MOST_SOURCES = 200


class Options(BaseModel):
    """What the page sends along: the interface's language, the turn's place, the filters.

    ``conversation`` is the id of the one that goes on; without it one begins.
    """

    model_config = ConfigDict(extra="forbid")

    language: str = Field(default="en", max_length=35)
    place: int = Field(default=1, ge=1, le=1_000_000)
    conversation: str = Field(default="", max_length=64)
    filters: dict[str, object] = {}

    def chosen(self) -> Filters:
        """Return the filters.

        Raises:
            ValidationError: If one of them is none.
        """
        return filters_of(FilterRequest.model_validate(self.filters))


class Start(BaseModel):
    """What the page is told when it opens: the library's size, and what can be chosen."""

    ready: bool
    documents: int
    passages: int
    library: str
    sources: list[str]
    languages: list[str]
    tags: list[str]


def sources(documents: Sequence[DocumentInfo]) -> list[str]:
    """Return the sites and file names that documents came from, the most frequent first."""
    names = Counter(origin(info.source).name for info in documents)
    return [name for name, _ in names.most_common(MOST_SOURCES)]


def languages(documents: Sequence[DocumentInfo]) -> list[str]:
    """Return the languages of documents as BCP 47 tags."""
    return sorted({info.lang for info in documents if info.lang != "und"})


def tags(documents: Sequence[DocumentInfo]) -> list[str]:
    """Return the documents' tags."""
    return sorted({tag for info in documents for tag in info.tags})
