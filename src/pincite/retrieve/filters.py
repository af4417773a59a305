"""Filters: which documents a search is limited to, decided before anything is ranked."""

import calendar
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from fnmatch import translate
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from pincite.errors import InputError
from pincite.explanation import LONGEST_FILTER_VALUE, MOST_FILTER_VALUES, Filters
from pincite.library.store import Library
from pincite.library.tags import clean_tag
from pincite.records import DocumentInfo

_PERIOD = re.compile(r"(\d{4})(?:-(\d{1,2})(?:-(\d{1,2}))?)?")
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8})*")


@dataclass(frozen=True, slots=True)
class Allowed:
    """What filters let through: the documents' number, and the passages' ids, ascending.

    ``undated`` counts the documents that would have passed if they had a date.
    """

    documents: int
    ids: NDArray[np.int64]
    undated: int


def first_day(period: str) -> str:
    """Return the first day of a year, month or day such as 2024, 2024-06 or 2024-06-30.

    Raises:
        InputError: If it is none.
    """
    return _days(period)[0].isoformat()


def last_day(period: str) -> str:
    """Return the last day of a year, month or day such as 2024, 2024-06 or 2024-06-30.

    Raises:
        InputError: If it is none.
    """
    return _days(period)[1].isoformat()


def clean_language(tag: str) -> str:
    """Return a language tag in lower case.

    Raises:
        InputError: If it is no BCP 47 tag, such as zh, zh-Hant or en.
    """
    if not _LANGUAGE.fullmatch(tag.strip()):
        raise InputError(f"{tag[:40]!r} is no language tag; wanted one such as zh, zh-Hant or en")
    return tag.strip().lower()


def clean_value(text: str) -> str:
    """Return a source or an id without space around it.

    Raises:
        InputError: If nothing is left or it is too long.
    """
    value = text.strip()
    if not 0 < len(value) <= LONGEST_FILTER_VALUE:
        raise InputError(
            f"{value[:40]!r} has {len(value)} characters; wanted 1 to {LONGEST_FILTER_VALUE}"
        )
    return value


def normalised(filters: Filters) -> Filters:
    """Return filters in one form, so that those which mean the same are equal.

    Raises:
        InputError: If a date, tag or language is none, ``since`` is after ``until``, or a field
            has more than 100 values.
    """
    result = Filters(
        since=first_day(filters.since) if filters.since is not None else None,
        until=last_day(filters.until) if filters.until is not None else None,
        sources=_each(clean_value, filters.sources, "sources"),
        documents=_each(clean_value, filters.documents, "documents"),
        tags=_each(clean_tag, filters.tags, "tags"),
        languages=_each(clean_language, filters.languages, "languages"),
    )
    if result.since and result.until and result.since > result.until:
        raise InputError(
            f"since {result.since} is after until {result.until}: nothing lies between"
        )
    return result


def allowed(library: Library, filters: Filters) -> Allowed:
    """Find the documents that pass normalised filters, and their passages."""
    with library.snapshot():
        undated_too = replace(filters, since=None, until=None)
        passing = [info for info in library.documents() if passes(info, undated_too)]
        dated = filters.since is not None or filters.until is not None
        chosen = [info for info in passing if _in_time(info.published, filters)]
        return Allowed(
            documents=len(chosen),
            ids=library.passage_ids_of(info.id for info in chosen),
            undated=sum(info.published is None for info in passing) if dated else 0,
        )


def passes(info: DocumentInfo, filters: Filters) -> bool:
    """Tell whether a document passes normalised filters."""
    lang = info.lang.lower()
    return (
        (not filters.documents or info.id in filters.documents)
        and (not filters.tags or not set(filters.tags).isdisjoint(info.tags))
        # Basic filtering of RFC 4647: a range covers its own tag and those that it begins.
        and (
            not filters.languages
            or f"{lang}-".startswith(tuple(f"{r}-" for r in filters.languages))
        )
        and (not filters.sources or bool(_sources(filters.sources).fullmatch(info.source)))
        and _in_time(info.published, filters)
    )


def _in_time(published: str | None, filters: Filters) -> bool:
    if filters.since is None and filters.until is None:
        return True
    if published is None:
        return False
    day = published[:10]
    return (filters.since or day) <= day <= (filters.until or day)


@lru_cache(maxsize=64)
def _sources(patterns: Sequence[str]) -> re.Pattern[str]:
    """Match sources that are, end in, or lie under one of the patterns; * and ? as in a shell."""
    found = []
    for pattern in patterns:
        # Brackets are common in file names and mean themselves.
        literal = pattern.replace("[", "[[]")
        whole = literal[-1] in "/:"
        for start in ("", "*/", "*:"):
            found += [translate(start + literal + end) for end in (["*"] if whole else ["", "/*"])]
    return re.compile("|".join(found))


def _days(period: str) -> tuple[date, date]:
    match = _PERIOD.fullmatch(period.strip())
    try:
        if match is None:
            raise ValueError
        year, month, day = (int(part) if part else 0 for part in match.groups())
        last = day or calendar.monthrange(year, month or 12)[1]
        return date(year, month or 1, day or 1), date(year, month or 12, last)
    except ValueError as exc:
        raise InputError(
            f"{period[:40]!r} is no date; wanted a day, month or year such as 2024-06-30, 2024-06"
            " or 2024"
        ) from exc


def _each(clean: Callable[[str], str], values: Iterable[str], field: str) -> tuple[str, ...]:
    cleaned = sorted({clean(value) for value in values})
    if len(cleaned) > MOST_FILTER_VALUES:
        raise InputError(f"{field} has {len(cleaned)} values; wanted at most {MOST_FILTER_VALUES}")
    return tuple(cleaned)
