"""The filters and tags that requests carry, each value checked as the field that it is."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Annotated

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    WithJsonSchema,
    model_validator,
)

from pincite.errors import InputError
from pincite.explanation import (
    LONGEST_FILTER_VALUE,
    MOST_FILTER_VALUES,
    NO_FILTERS,
    Filters,
)
from pincite.library.tags import LONGEST_TAG, MOST_TAGS, clean_tag
from pincite.retrieve.filters import clean_language, clean_value, first_day, last_day, normalised


@contextmanager
def _as_value_error() -> Iterator[None]:
    # What pydantic tells as a fault of the field.
    try:
        yield
    except InputError as exc:
        raise ValueError(str(exc)) from exc


def _valid(clean: Callable[[str], str]) -> AfterValidator:
    def check(value: str) -> str:
        with _as_value_error():
            return clean(value)

    return AfterValidator(check)


def _told(**bounds: object) -> WithJsonSchema:
    # The bounds hold for the cleaned value, so that only the description has them.
    return WithJsonSchema({"type": "string", **bounds})


_Several = Field(max_length=MOST_FILTER_VALUES)
_Value = Annotated[str, _valid(clean_value), _told(minLength=1, maxLength=LONGEST_FILTER_VALUE)]
_Language = Annotated[str, _valid(clean_language), _told(examples=["zh"], minLength=2)]
Values = Annotated[tuple[_Value, ...], _Several]
Languages = Annotated[tuple[_Language, ...], _Several]
Tag = Annotated[str, _valid(clean_tag), _told(minLength=1, maxLength=LONGEST_TAG)]
Tags = Annotated[tuple[Tag, ...], Field(max_length=MOST_TAGS)]


class FilterRequest(BaseModel):
    """Which documents are searched: one has to pass every field, and one value of each."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [{"since": "2024-06", "sources": ["handbook/"], "tags": ["hr"]}]
        },
    )

    since: Annotated[str, _valid(first_day)] | None = Field(
        default=None,
        description="Published then or later: a day, month or year, such as 2024-06-30, 2024-06 or "
        "2024. Documents without a date are left out.",
    )
    until: Annotated[str, _valid(last_day)] | None = Field(
        default=None, description="Published then or earlier; a month or year to its last day."
    )
    sources: Values = Field(
        default=(),
        description="Whole sources, ends of them such as file names, folders or sites; * and ? "
        "stand for any characters and any one.",
    )
    documents: Values = Field(default=(), description="Document ids.")
    tags: Tags = Field(default=(), description="Tags.")
    languages: Languages = Field(default=(), description='BCP 47 tags; "zh" covers "zh-Hant" too.')

    @model_validator(mode="after")
    def _in_order(self) -> "FilterRequest":
        with _as_value_error():
            normalised(self.record())
        return self

    def record(self) -> Filters:
        """Return the record that the fields stand for."""
        return Filters(**self.model_dump())


def filters_of(request: FilterRequest | None) -> Filters:
    """Return the filters a request names."""
    return request.record() if request else NO_FILTERS


class TagsRequest(BaseModel):
    """The tags a document is to have."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"tags": ["hr", "policy"]}]}
    )

    tags: Tags = Field(description="All of them; others that it has are taken away.")


class UrlRequest(BaseModel):
    """A web page to take in."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"url": "https://example.com/a", "tags": ["news"]}]},
    )

    url: Annotated[
        str, StringConstraints(strip_whitespace=True, min_length=1, max_length=2_000)
    ] = Field(description="Its http or https address.")
    tags: Tags = Field(default=(), description="Given to it, besides those it has.")
