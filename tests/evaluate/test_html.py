"""The report, in a real browser."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from pincite.evaluate.against import compare
from pincite.evaluate.datasets import DataSet
from pincite.evaluate.html import report_page
from pincite.evaluate.report import data_sets_json, question_json
from pincite.evaluate.retrieval import DataSetRun, run_data_set
from pincite.evaluate.run import QuestionRun, run_questions
from pincite.records import ParsedDocument
from tests.browser import open_browser
from tests.evaluate.articles import ROWS, article_workspace, no_track
from tests.evaluate.stand_in import MemoryWorkspace

FACTS = {
    "model": {"name": "words", "revision": "0123456789abcdef"},
    "documents": 1,
    "passages": 4,
    "passage_tokens": 160,
    "generation": 1,
    "finished": "2025-01-02T03:04:05+00:00",
    "settings": {"encoder": "words", "legs": ["fused", "dense"], "limit": None},
    "files": {"q.jsonl": "0" * 64},
    "versions": {"python": "3"},
}
HOSTILE = (
    "<script>window.pwned=1</script>",
    "<img src=https://evil.example/x.png onerror=window.pwned=1>",
    "</title></style></svg><script>window.pwned=1</script>",
    '" onmouseover="window.pwned=1" style="background:url(https://evil.example/)',
    "'><svg/onload=window.pwned=1>",
    "{{ 7 * 7 }}{% raw %}{{ run }}",
    "<style>@import 'https://evil.example/x.css';</style>",
    "<link rel=stylesheet href=https://evil.example/x.css>",
    "<iframe srcdoc='<script>parent.pwned=1</script>'></iframe>",
    "<meta http-equiv=refresh content='0;url=https://evil.example/'>",
    "<base href=https://evil.example/><a href=javascript:window.pwned=1>x</a>",
    "</details></main><form action=https://evil.example/><button autofocus>x</button>",
    "\u202e\u2066right to left\u2069 <b>bold</b>",
)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with open_browser() as started:
        yield started


@pytest.fixture
def opened(browser: Browser, tmp_path: Path) -> Iterator[Callable[..., Page]]:
    """Open a report without scripts having a say; fail if it asks any host for anything."""
    asked: list[str] = []
    pages: list[Page] = []

    def opened(html: str, **options: object) -> Page:
        path = tmp_path / "report.html"
        path.write_text(html, encoding="utf-8")
        page = browser.new_page(**options)  # type: ignore[arg-type]
        page.on("request", lambda request: asked.append(request.url))
        page.goto(path.as_uri())
        pages.append(page)
        return page

    yield opened
    for page in pages:
        page.close()
    assert {url.split("/")[-1] for url in asked} == {"report.html"}


@pytest.fixture
def run(write_rows: Callable[..., Path]) -> QuestionRun:
    return run_questions(article_workspace(), write_rows(*ROWS), no_track, legs=("fused", "dense"))


def _page(run: QuestionRun, **more: object) -> str:
    content = question_json(run, FACTS)
    return report_page("q.jsonl", content, {"words": run}, {}, **more)  # type: ignore[arg-type]


def test_figures_curves_and_failures_are_there_and_named(
    opened: Callable[..., Page], run: QuestionRun
) -> None:
    page = opened(_page(run))
    tile = page.locator(".tile", has_text="Evidence hit")
    expect(tile.locator(".value")).to_have_text("0.500")
    expect(tile).to_contain_text("cites gold evidence")
    for name in ("Risk and coverage", "Calibration", "Recall at k", "Time"):
        chart = page.get_by_role("img", name=name)
        expect(chart).to_be_visible()
        assert len(chart.locator(".label").all_text_contents()) == 2
        assert chart.locator("desc").text_content()
    assert page.locator(".worst li").count() == 4
    expect(page.locator(".worst li").first).to_contain_text("near · confidence")
    bands = page.locator(".bands svg").get_attribute("aria-label")
    assert bands is not None
    assert bands.startswith("1 right, 1 rightly refused, 1 false answer")


def test_a_failure_leads_to_its_question_with_the_citation_in_context(
    opened: Callable[..., Page], run: QuestionRun
) -> None:
    page = opened(_page(run), java_script_enabled=False)
    page.locator(".worst a", has_text="was the ruling to return").click()
    card = page.locator(".card", has=page.locator("summary", has_text="was the ruling")).first
    expect(card.locator(".cited-in")).to_be_visible()
    assert card.locator("mark.cited").first.text_content() == " The ruling was to "
    assert card.locator("blockquote mark.cited.gold").text_content() == "return double"
    text = card.locator("blockquote").text_content()
    assert text is not None
    assert "The court ruled against the firm." in text
    expect(card).to_contain_text("treble not found")
    card.locator("summary", has_text="Why").click()
    expect(card.locator(".why tbody tr")).to_contain_text(["yes"])


def test_the_scores_that_only_some_passages_have_are_shown_where_there_are_any(
    opened: Callable[..., Page], run: QuestionRun
) -> None:
    first, *others = run.verdicts
    row = first.considered[0]
    told = replace(row.explanation, translated=0.375, rerank=-1.25)
    first = replace(first, considered=(replace(row, explanation=told), *first.considered[1:]))
    page = opened(_page(replace(run, verdicts=[first, *others])), java_script_enabled=False)
    heads = page.locator(".why thead")
    shown = [head for head in heads.all_text_contents() if "translatedreranksupport" in head]
    assert len(shown) == 1
    cells = page.locator(".why", has_text="translated").locator("tbody tr").first.locator("td")
    assert [text for text in cells.all_text_contents() if text in {"0.38", "-1.25"}] == [
        "0.38",
        "-1.25",
    ]


def test_questions_are_filtered_without_a_script(
    opened: Callable[..., Page], run: QuestionRun
) -> None:
    page = opened(_page(run), java_script_enabled=False)
    cards = page.locator(".card:visible")
    expect(cards).to_have_count(6)
    page.locator("label", has_text="failures").click()
    expect(cards).to_have_count(4)
    page.locator("fieldset", has_text="Language").locator("label", has_text="zh").click()
    expect(cards).to_have_count(1)
    page.locator("label", has_text="rightly refused").click()
    expect(cards).to_have_count(0)


def test_what_changed_is_shown(opened: Callable[..., Page], run: QuestionRun) -> None:
    content = question_json(run, FACTS)
    cited = run.verdicts[0].cited
    better = replace(run.verdicts[3], status="answered", cited=cited, contained=True)
    old = question_json(
        replace(run, verdicts=[*run.verdicts[:3], better, *run.verdicts[4:]]), FACTS
    )
    page = opened(_page(run, comparisons=compare(content, old)))
    against = page.locator("#against")
    expect(against.locator("caption")).to_have_text("6 questions: 1 broken, 5 as before")
    expect(against.locator("details li")).to_contain_text(
        "refused 竞争对手做了什么？ right → false refusal"
    )
    row = against.locator("tr", has_text="Evidence hit")
    expect(row).to_contain_text("0.750")
    # On a telephone the intervals do not pile up, and no heading runs out of the screen.
    wide = row.bounding_box()
    page.set_viewport_size({"width": 340, "height": 844})
    narrow, caption = row.bounding_box(), against.locator("caption").bounding_box()
    assert wide and narrow and caption
    assert narrow["height"] == pytest.approx(wide["height"], abs=1)
    assert caption["x"] + caption["width"] <= 340


def _hostile_run(write_rows: Callable[..., Path]) -> QuestionRun:
    workspace = MemoryWorkspace()
    rows = []
    for number, text in enumerate(HOSTILE):
        quote = f"word{number} {text}"
        parsed = ParsedDocument(text, quote, None, "en", "text/plain")
        workspace.add_parsed([(f"{text}.txt", parsed)])
        rows.append(
            {
                "id": f"{number}{text}",
                "question": f"word{number} {text}",
                "lang": text,
                "kind": text,
                "answerable": True,
                "evidence": [{"document": text, "quote": f"word{number}"}],
                "answers": [[text]],
            }
        )
    return run_questions(workspace, write_rows(*rows), no_track)


def _tree(page: Page) -> list[str]:
    found: list[str] = page.evaluate(
        "[...document.querySelectorAll('script,img,iframe,link,base,object,embed,form,style,button')]"
        ".map(e => e.localName)"
    )
    return sorted(found)


def test_hostile_text_stays_text(
    opened: Callable[..., Page], run: QuestionRun, write_rows: Callable[..., Path]
) -> None:
    plain = _tree(opened(_page(run)))
    assert plain == ["style"]
    hostile = _hostile_run(write_rows)
    content = question_json(hostile, {**FACTS, "files": {HOSTILE[2]: "0"}})
    html = report_page(HOSTILE[2], content, {HOSTILE[0]: hostile, HOSTILE[1]: hostile}, {})
    page = opened(html)
    for label in page.locator("label").all():
        label.hover()
    assert page.evaluate("window.pwned") is None
    assert _tree(page) == plain
    handlers = "[...document.querySelectorAll('*')].flatMap(e => [...e.attributes])"
    assert page.evaluate(f"{handlers}.filter(a => /^on|^src|^action/.test(a.name)).length") == 0
    links = page.evaluate("[...document.links].map(a => a.getAttribute('href'))")
    assert all(link.startswith("#") for link in links)
    assert page.locator("h1").text_content() == HOSTILE[2]
    shown = page.locator(".card summary .q").all_text_contents()
    assert sorted(shown) == sorted(v.question.text for v in hostile.verdicts)


def _set_run(name: str) -> DataSetRun:
    data = DataSet(
        name=name,
        documents={
            f"d{i}": ParsedDocument("", f"word{i} the firm.", None, "en", "text/plain")
            for i in range(30)
        },
        empty=["void"],
        queries={"q": "word3 firm", "lost": "nothing like it", "none": "word9 firm"},
        qrels={"q": {"d3": 1}, "lost": {"d29": 1}},
        missing=[],
        files={},
        unanswerable={"none"},
        tags=dict.fromkeys(("q", "lost", "none"), ("en", "query")),
    )
    return run_data_set(MemoryWorkspace(), data, no_track, legs=("fused", "dense"), mode="auto")


def test_data_sets_show_their_average_and_their_worst_queries(
    opened: Callable[..., Page],
) -> None:
    runs = [_set_run("one"), _set_run("two")]
    html = report_page("sets", data_sets_json(runs, FACTS), {}, {"words": runs})
    page = opened(html, viewport={"width": 390, "height": 844}, color_scheme="dark")
    expect(page.locator("#average .tile", has_text="nDCG@10").locator(".value")).to_be_visible()
    section = page.locator("#s2")
    expect(section.locator("h2")).to_have_text("two")
    expect(section).to_contain_text("1 empty")
    worst = section.locator(".card", has_text="nDCG@10 0.000").first
    expect(worst).to_contain_text("nothing like it")
    expect(worst).to_contain_text("d29 rank 30")
    # A filter of one set leaves the other alone.
    section.locator("label", has_text="failures").click()
    assert page.locator("#s1 .card:visible").count() > section.locator(".card:visible").count()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_what_is_open_is_printed(opened: Callable[..., Page], run: QuestionRun) -> None:
    page = opened(_page(run))
    page.emulate_media(media="print")
    assert page.locator(".card .answer:visible").count() == 3
    expect(page.locator(".filters")).to_be_hidden()
