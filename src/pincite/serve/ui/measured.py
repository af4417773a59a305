"""The page of the evaluation: the last report's figures, and the report itself in a sandbox."""

from fastapi import APIRouter, Request, Response

from pincite.errors import InputError
from pincite.serve.evaluation import Evaluation, Figures, Measured
from pincite.serve.gate import Gate
from pincite.serve.ui.conversation import duration
from pincite.serve.ui.markup import element, text
from pincite.serve.ui.pages import alert, answer, empty, heading, refusal
from pincite.serve.ui.shell import EVALUATION, word
from pincite.serve.ui.strings import LANGUAGES, Strings, strings_for, strings_for_request

# The headline figures by the names that reports give them.
_SHARES = {
    "recall@5": "figure_recall",
    "citation_precision": "figure_citations",
    "abstention_recall": "figure_refusals",
}
_LATENCY = "latency_ms_p50"
_POLICY = element(
    "meta",
    http_equiv="Content-Security-Policy",
    content="default-src 'none'; style-src 'unsafe-inline'",
)


def evaluation_router(gate: Gate, evaluation: Evaluation | None) -> APIRouter:
    """Return the page's routes."""
    router = APIRouter(include_in_schema=False)

    async def newest() -> Measured | None:
        return await gate.run(evaluation.newest) if evaluation else None

    @router.get("/evaluation")
    async def report(request: Request) -> Response:
        if refused := refusal(request, EVALUATION):
            return refused
        words = strings_for_request(request)
        top = heading(EVALUATION, "evaluation_text", words)
        try:
            found = await newest()
        except InputError as error:
            said = words.report_broken.format(fault=error)
            return answer(request, EVALUATION, top, alert(said))
        if found is None:
            path = str(evaluation.questions) if evaluation else "questions.jsonl"
            command = element("code", text(f"pincite eval {path}"), class_="pc-command")
            nothing = empty("no_report", words, word("no_report_text", words, "p"), command)
            return answer(request, EVALUATION, top, nothing)
        return answer(request, EVALUATION, top, *_shown(found, words))

    @router.get("/evaluation/report")
    async def file(request: Request) -> Response:
        if refused := refusal(request, EVALUATION):
            return refused
        found = await newest()
        if found is None:
            words = strings_for_request(request)
            return answer(request, EVALUATION, empty("no_report", words), status=404)
        day = found.finished[:10]
        headers = {"content-disposition": f'attachment; filename="pincite-evaluation-{day}.html"'}
        return Response(found.page, headers=headers, media_type="text/html")

    return router


def _shown(found: Measured, words: Strings) -> list[str]:
    date = f"{found.finished[:10]} {found.finished[11:16]} UTC"
    said = words.report_of.format(date=date, name=found.name)
    tiles = [_tile(found.figures, name, label, words) for name, label in _SHARES.items()]
    tiles.append(_latency(found.figures, words))
    save = word(
        "save_report", words, "a", href="/evaluation/report", class_="pc-quiet", download=""
    )
    # No scripts, no forms, no origin of its own; the policy is there whatever the file says.
    frame = element(
        "iframe",
        sandbox="",
        srcdoc=f"<!doctype html>{_POLICY}{found.page}",
        title=words.report,
        class_="pc-report",
        referrerpolicy="no-referrer",
    )
    return [
        element("p", text(said), class_="pc-note", dir="auto"),
        element("dl", *tiles, class_="pc-tiles"),
        _languages(found, words),
        element("div", word("report", words, "h2"), save, class_="pc-report-head"),
        frame,
    ]


def _share(value: float | None) -> str:
    return "–" if value is None else f"{value:.0%}"


def _time(value: float | None, words: Strings) -> str:
    return "–" if value is None else duration(value, words)


def _tile(figures: Figures, name: str, label: str, words: Strings) -> str:
    value = figures.get(name)
    meter = ""
    if value is not None:
        said = str(getattr(words, label))
        meter = element("meter", min="0", max="1", value=f"{value:.3f}", aria_label=said)
    return element(
        "div",
        word(label, words, "dt"),
        element("dd", element("b", text(_share(value))), meter, word(f"{label}_text", words, "p")),
    )


def _latency(figures: Figures, words: Strings) -> str:
    value = element("b", text(_time(figures.get(_LATENCY), words)))
    about = word("figure_latency_text", words, "p")
    return element("div", word("figure_latency", words, "dt"), element("dd", value, about))


def _languages(found: Measured, words: Strings) -> str:
    labels = ["in_language", "figure_questions", *_SHARES.values(), "figure_latency"]
    head = (element("th", text(str(getattr(words, label))), scope="col") for label in labels)
    rows = {words.all_languages: found.figures}
    for tag, figures in found.languages.items():
        rows[strings_for(tag).own_name if tag in LANGUAGES else tag] = figures
    body = (
        element(
            "tr",
            element("th", text(name), scope="row"),
            element("td", f"{figures.get('questions') or 0:,.0f}"),
            *(element("td", _share(figures.get(share))) for share in _SHARES),
            element("td", text(_time(figures.get(_LATENCY), words))),
        )
        for name, figures in rows.items()
    )
    table = element(
        "table",
        element("thead", element("tr", *head)),
        element("tbody", *body),
        class_="pc-table is-figures",
    )
    return element(
        "div",
        table,
        class_="pc-scroll",
        tabindex="0",
        role="region",
        aria_label=words.in_language,
    )
