"""What the pages besides the chat have in common: the document round them, paging, refusals."""

from urllib.parse import urlencode

from fastapi import Request
from fastapi.responses import HTMLResponse

from pincite.serve.access.callers import caller_of
from pincite.serve.ui.markup import element, text
from pincite.serve.ui.shell import Page, head, render_shell, word
from pincite.serve.ui.strings import Strings, strings_for_request


def document(title: str, words: Strings, header: str, body: str) -> str:
    """Write a whole HTML document; ``header`` and ``body`` are markup already."""
    parts = [
        '<meta charset="utf-8">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        element("title", text(f"{title} · Pincite")),
        header,
    ]
    page = element("head", *parts) + element("body", body)
    return "<!doctype html>" + element("html", page, lang=words.tag)


def answer(
    request: Request,
    current: Page,
    *parts: str,
    beside: str = "",
    scripts: tuple[str, ...] = (),
    status: int = 200,
) -> HTMLResponse:
    """Answer with a page in its frame.

    Args:
        request: Tells the language and the caller.
        current: The page.
        parts: Its markup.
        beside: What stands beside it.
        scripts: Its own, besides those of every page.
        status: The HTTP status.
    """
    words = strings_for_request(request)
    main = element(
        "main",
        element("div", *parts, class_="pc-sheet"),
        class_="pc-main",
        id="pc-main",
        tabindex="-1",
    )
    body = render_shell(words, main + beside, current=current, caller=caller_of(request))
    page = document(str(getattr(words, current.word)), words, head("page.js", *scripts), body)
    headers = {"cache-control": "no-store", "vary": "accept-language, cookie"}
    return HTMLResponse(page, status, headers)


def refusal(request: Request, current: Page) -> HTMLResponse | None:
    """Return the page that tells a caller who may not manage so; None for those who may."""
    caller, words = caller_of(request), strings_for_request(request)
    if caller.may_manage:
        return None
    said = text(words.forbidden_text.format(name=caller.name))
    return answer(request, current, empty("forbidden", words, element("p", said)), status=403)


def heading(current: Page, about: str, words: Strings, *beside: str) -> str:
    """Write a page's title, a sentence about it, and what stands beside both."""
    return element(
        "header",
        element("div", word(current.word, words, "h1"), word(about, words, "p", class_="pc-note")),
        *beside,
        class_="pc-sheet-head",
    )


def empty(title: str, words: Strings, *parts: str) -> str:
    """Write what stands in the place of things that are not there."""
    return element("section", word(title, words, "h2"), *parts, class_="pc-empty")


def alert(sentence: str) -> str:
    """Write what went wrong."""
    return element("p", text(sentence), class_="pc-alert", role="alert", dir="auto")


def paging(path: str, query: dict[str, str], page: int, pages: int, words: Strings) -> str:
    """Write the way to the pages before and after; nothing if there is one only."""
    if pages <= 1:
        return ""

    def way(to: int, name: str) -> str:
        if not 1 <= to <= pages:
            return element("span", text(str(getattr(words, name))), class_="pc-quiet is-off")
        place = f"{path}?{urlencode({**query, 'page': str(to)})}"
        return word(name, words, "a", href=place, class_="pc-quiet")

    said = words.page_of.format(page=page, pages=pages)
    return element(
        "nav",
        way(page - 1, "previous"),
        element("span", text(said)),
        way(page + 1, "following"),
        class_="pc-paging",
        aria_label=said,
    )


def pages_of(total: int, size: int) -> int:
    """Return how many pages things take, at least one."""
    return max(1, -(-total // size))
