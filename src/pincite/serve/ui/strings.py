"""Every word of the interface, in the reader's language: the one way to the catalogues."""

import json
import re
from dataclasses import asdict, fields
from functools import cache

from starlette.requests import Request

from pincite.serve.ui.chinese import CHINESE
from pincite.serve.ui.english import ENGLISH
from pincite.serve.ui.wording import Strings
from pincite.text import to_traditional

__all__ = [
    "COOKIE",
    "LANGUAGES",
    "Strings",
    "strings_for",
    "strings_for_browser",
    "strings_for_request",
    "words_json",
]

# The languages one can choose, by the tags that are stored.
LANGUAGES = ("zh", "zh-Hant", "en")
COOKIE = "pincite_language"

_ACCEPTED = re.compile(r"\s*([A-Za-z0-9*-]+)\s*(?:;\s*q\s*=\s*([01](?:\.\d{0,3})?)\s*)?")


@cache
def _traditional() -> Strings:
    words = {f.name: to_traditional(getattr(CHINESE, f.name)) for f in fields(Strings)}
    return Strings(**{**words, "tag": "zh-Hant", "own_name": "繁體中文"})


def strings_for(tag: str) -> Strings:
    """Return the interface for a BCP 47 tag: Chinese in its script, English for all others."""
    tag = tag.lower()
    if not (tag == "zh" or tag.startswith("zh-")):
        return ENGLISH
    if tag.startswith(("zh-hant", "zh-tw", "zh-hk", "zh-mo")):
        return _traditional()
    return CHINESE


def strings_for_browser(accept_language: str | None) -> Strings:
    """Return the interface for the first language of an ``Accept-Language`` header that we have.

    Source:
        RFC 9110, section 12.5.4.
    """
    weighted = [
        (-float(match[2] or 1), place, match[1].lower())
        for place, part in enumerate((accept_language or "")[:500].split(","))
        if (match := _ACCEPTED.fullmatch(part))
    ]
    for weight, _, tag in sorted(weighted):
        if weight < 0 and tag.split("-")[0] in {"zh", "en"}:
            return strings_for(tag)
    return ENGLISH


def words_json(words: Strings) -> str:
    """Write all strings of a language as JSON, for the page's scripts."""
    return json.dumps(asdict(words), ensure_ascii=False)


def strings_for_request(request: Request) -> Strings:
    """Return the interface that a browser's person chose, or else the browser's own."""
    chosen = request.cookies.get(COOKIE)
    if chosen in LANGUAGES:
        return strings_for(chosen)
    return strings_for_browser(request.headers.get("accept-language"))
