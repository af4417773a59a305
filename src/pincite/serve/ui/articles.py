"""The page of the articles: what the library holds, and for those who may, changing it."""

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Request, Response

from pincite.records import DocumentInfo
from pincite.responses import DocumentList
from pincite.serve.access.callers import caller_of
from pincite.serve.api.documents import listing
from pincite.serve.gate import Gate
from pincite.serve.ui.adding import render_dialogs
from pincite.serve.ui.home import render_panel
from pincite.serve.ui.markup import element, text
from pincite.serve.ui.pages import answer, empty, heading, pages_of, paging
from pincite.serve.ui.panel import about
from pincite.serve.ui.shell import ARTICLES, icon, word
from pincite.serve.ui.strings import LANGUAGES, Strings, strings_for, strings_for_request

if TYPE_CHECKING:
    from pincite.workspace import Workspace

PAGE = 50
# The columns by the field that they show and are sorted by, with the strings that name them.
_COLUMNS = {
    "title": "title",
    "source": "source",
    "published": "published_on",
    "lang": "in_language",
    "passages": "in_passages",
    "added": "added_on",
}
_Words = Annotated[str, Query(max_length=200)]


def articles_router(workspace: "Workspace", gate: Gate, max_upload_bytes: int) -> APIRouter:
    """Return the page's route."""
    router = APIRouter(include_in_schema=False)

    @router.get("/articles")
    async def articles(
        request: Request,
        q: _Words = "",
        tag: _Words = "",
        sort: Annotated[str, Query(max_length=20)] = "-added",
        page: Annotated[int, Query(ge=1, le=1_000_000)] = 1,
    ) -> Response:
        words, manage = strings_for_request(request), caller_of(request).may_manage
        infos = await gate.run(workspace.documents)
        sort = sort if sort.removeprefix("-") in _COLUMNS else "-added"
        found = listing(in_order(infos, sort), q, tag or None, PAGE, PAGE * (page - 1))
        query = {name: value for name, value in {"q": q, "tag": tag, "sort": sort}.items() if value}
        add = element(
            "button",
            icon("plus"),
            word("add_articles", words),
            type="button",
            class_="pc-primary",
            id="pc-add",
        )
        parts = [heading(ARTICLES, "articles_text", words, add if manage else "")]
        if infos:
            parts += [_search(query, words), _listed(found, query, page, words, manage=manage)]
        else:
            said = "no_articles_text" if manage else "no_articles_ask"
            parts.append(_list(empty("no_articles", words, word(said, words, "p"))))
        dialogs = render_dialogs(words, max_upload_bytes) if manage else ""
        toast = element("p", id="pc-toast", class_="pc-toast", hidden="")
        return answer(
            request,
            ARTICLES,
            *parts,
            toast,
            dialogs,
            beside=render_panel(words, "one_article"),
            scripts=("articles.js",),
        )

    return router


def in_order(infos: Sequence[DocumentInfo], sort: str) -> list[DocumentInfo]:
    """Sort articles by a field, downwards with a hyphen before it; those without it come last."""
    field = sort.removeprefix("-")
    has = [info for info in infos if getattr(info, field) is not None]
    has.sort(key=lambda info: info.title)
    has.sort(key=lambda info: getattr(info, field), reverse=sort.startswith("-"))
    return has + [info for info in infos if getattr(info, field) is None]


def _search(query: dict[str, str], words: Strings) -> str:
    kept = [
        element("input", type="hidden", name=name, value=query[name])
        for name in ("tag", "sort")
        if name in query
    ]
    shown = ""
    if "q" in query or "tag" in query:
        shown = word("show_all", words, "a", href="/articles", class_="pc-quiet")
    tag = element("span", text(f"# {query['tag']}"), class_="pc-tag") if "tag" in query else ""
    return element(
        "form",
        element(
            "input",
            type="search",
            name="q",
            value=query.get("q", ""),
            maxlength="200",
            placeholder=words.search_articles,
            aria_label=words.search_articles,
        ),
        *kept,
        word("search", words, "button", type="submit", class_="pc-small"),
        tag,
        shown,
        role="search",
        action="/articles",
        class_="pc-search",
    )


def _list(*parts: str) -> str:
    # Fetched again as a whole when something changed.
    return element("div", *parts, id="pc-list", aria_live="off")


def _listed(
    found: DocumentList, query: dict[str, str], page: int, words: Strings, *, manage: bool
) -> str:
    if not found.documents:
        return _list(empty("no_match", words))
    count = words.count(found.total, "article")
    if "q" in query or "tag" in query:
        count = words.found_articles.format(count=count)
    head = [_column(field, name, query, words) for field, name in _COLUMNS.items()]
    head.append(element("th", text(words.tags), scope="col"))
    if manage:
        unseen = element("span", text(words.actions), class_="pc-unseen")
        head.append(element("th", unseen, scope="col"))
    rows = (_row(info, query, words, manage=manage) for info in found.documents)
    table = element(
        "table",
        element("caption", text(count)),
        element("thead", element("tr", *head)),
        element("tbody", *rows),
        class_="pc-table",
    )
    return _list(table, paging("/articles", query, page, pages_of(found.total, PAGE), words))


def _column(field: str, name: str, query: dict[str, str], words: Strings) -> str:
    label, sort = str(getattr(words, name)), query["sort"]
    now = {field: "ascending", f"-{field}": "descending"}.get(sort)
    to = f"-{field}" if sort == field else field
    arrow = {"ascending": " ↑", "descending": " ↓"}.get(now or "", "")
    place = f"/articles?{urlencode({**query, 'sort': to})}"
    link = element("a", text(label), element("span", arrow, aria_hidden="true"), href=place)
    return element("th", link, scope="col", aria_sort=now)


def _row(info: DocumentInfo, query: dict[str, str], words: Strings, *, manage: bool) -> str:
    def cell(label: str, *parts: str, kind: str | None = None) -> str:
        return element("td", *parts, data_label=str(getattr(words, label)), class_=kind)

    place = {"q": query.get("q", ""), "sort": query["sort"]}
    tags = (
        element(
            "a",
            text(tag),
            href=f"/articles?{urlencode({**place, 'tag': tag})}",
            class_="pc-tag",
            dir="auto",
        )
        for tag in info.tags
    )
    title = element(
        "button",
        text(info.title),
        type="button",
        class_="pc-title",
        data_read=info.id,
        aria_haspopup="dialog",
        dir="auto",
    )
    cells = [
        element("th", title, scope="row"),
        cell("source", *about(info.source, None, words), kind="pc-from"),
        cell(
            "published_on",
            text(info.published or "–"),
            kind=None if info.published else "is-none",
        ),
        cell("in_language", text(_language(info.lang))),
        cell("in_passages", f"{info.passages:,}", kind="is-number"),
        cell("added_on", text(info.added[:10]), kind="is-added"),
        cell("tags", *tags, kind="pc-tags"),
    ]
    if manage:
        cells.append(element("td", _actions(info, words), class_="pc-row-actions"))
    return element(
        "tr",
        *cells,
        data_id=info.id,
        data_title=info.title,
        data_tags=json.dumps(info.tags, ensure_ascii=False),
    )


def _actions(info: DocumentInfo, words: Strings) -> str:
    acts = [("tag", "edit_tags"), ("replace", "replace"), ("delete", "delete")]
    web = info.source.startswith(("http://", "https://"))
    if web:
        acts[1] = ("replace", "fetch_again")
    buttons = (
        element(
            "button",
            icon(name),
            type="button",
            class_="pc-icon-button",
            data_act=label,
            data_source=info.source if label == "fetch_again" else None,
            title=str(getattr(words, label)),
            aria_label=f"{getattr(words, label)}: {info.title}",
        )
        for name, label in acts
    )
    label = words.actions_for.format(title=info.title)
    return element("div", *buttons, role="group", aria_label=label)


def _language(tag: str) -> str:
    if tag == "und":
        return "–"
    return strings_for(tag).own_name if tag in LANGUAGES else tag
