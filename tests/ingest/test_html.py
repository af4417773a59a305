from contextlib import suppress

import pytest

from pincite.errors import EmptyDocumentError
from tests.ingest.conftest import Parse

PARAGRAPH = (
    "小米汽车今日回应了<b>外界</b>对其安全问题的质疑，称已经成立<a href='/y'>专项小组</a>，"
    "并将在年底前公布调查结果。"
)
PAGE = f"""<!doctype html><html lang="zh-CN"><head><title>某站 - 小米汽车回应质疑</title>
<meta property="og:title" content="小米汽车回应质疑">
<meta property="article:published_time" content="2025-11-20T08:00:00+08:00">
<meta property="article:modified_time" content="2025-11-25T08:00:00+08:00"></head><body>
<nav><a href="/">首页</a> <a href="/x">汽车</a></nav>
<article><h1>小米汽车回应质疑</h1><p>{PARAGRAPH}</p>
<h2>背景</h2><p>此前，多位车主反映车辆在行驶过程中
出现异常，引发了广泛关注。公司表示将对所有受影响的用户负责到底。<br>第二行。</p>
<ul><li>第一，成立小组<ul><li>子项</li></ul></li><li>第二，公布结果</li></ul>
<table><tr><th>年份</th><th>销量</th></tr><tr><td>2024</td><td>10万<br>辆</td></tr></table>
<blockquote><p>我们会负责。</p><p>决不推诿。</p></blockquote>
<p>见图 <img src="http://evil.example/x.png" alt="图"> 与说明，这里还有一些文字。</p></article>
<footer>版权所有 联系我们</footer><script>alert(1)</script></body></html>"""


def test_a_page_becomes_its_main_text(parse: Parse) -> None:
    assert parse("page", PAGE.encode()).text == (
        "# 小米汽车回应质疑\n\n"
        "小米汽车今日回应了外界对其安全问题的质疑，称已经成立专项小组，并将在年底前公布调查结果。\n\n"
        "## 背景\n\n"
        "此前，多位车主反映车辆在行驶过程中出现异常，引发了广泛关注。公司表示将对所有受影响的用户负责到底。"
        "\n第二行。\n\n"
        "- 第一，成立小组\n  - 子项\n- 第二，公布结果\n\n"
        "年份 | 销量\n2024 | 10万 辆\n\n"
        "我们会负责。\n\n决不推诿。\n\n"
        "见图 与说明，这里还有一些文字。"
    )


def test_a_page_says_its_title_date_and_language(parse: Parse) -> None:
    parsed = parse("page", PAGE.encode())
    assert (parsed.title, parsed.published, parsed.lang) == ("小米汽车回应质疑", "2025-11-20", "zh")
    assert (parsed.media_type, parsed.encoding) == ("text/html", "utf-8")


def test_a_short_news_flash_is_told_from_the_menu(parse: Parse) -> None:
    markup = (
        "<html><body><nav><a href=1>首页</a><a href=2>汽车</a></nav><div class=content>"
        "<h1>小米召回</h1><p>2025年11月20日</p><p>小米公司今日宣布召回十万辆汽车。</p><ul><li>甲</li>"
        "<li>乙</li></ul></div><footer>版权所有</footer></body></html>"
    )
    parsed = parse("a.html", markup.encode())
    assert parsed.text == (
        "# 小米召回\n\n2025年11月20日\n\n小米公司今日宣布召回十万辆汽车。\n\n- 甲\n- 乙"
    )
    assert parsed.published == "2025-11-20"


def page(
    head: str, body: str = "<p>Some text of the article, long enough to be read.</p>"
) -> bytes:
    return f"<html><head>{head}</head><body>{body}</body></html>".encode()


@pytest.mark.parametrize(
    ("head", "body", "title"),
    [
        ("<title>The title</title>", "<p>Text.</p>", "The title"),
        ("<title>Site</title>", "<h1>The <i>headline</i></h1><p>Text.</p>", "The headline"),
        ("<title>Site</title>", "<h1>One</h1><h1>Two</h1><p>Text.</p>", "Site"),
        ("", "<p>Text of the page.</p>", "a"),
    ],
)
def test_where_the_title_is_found(head: str, body: str, title: str, parse: Parse) -> None:
    assert parse("a.html", page(head, body)).title == title


@pytest.mark.parametrize(
    ("head", "body", "published"),
    [
        (
            '<script type="application/ld+json">{"@type":"NewsArticle","dateModified":"2025-12-01",'
            '"datePublished": "2025-11-20T01:02:03Z"}</script>',
            "<p>Text.</p>",
            "2025-11-20",
        ),
        (
            "",
            '<time itemprop="datePublished" datetime="2025-11-20">x</time><p>T.</p>',
            "2025-11-20",
        ),
        ("", "<h1>Head</h1><p>发布时间：2025年11月20日</p><p>正文。</p>", "2025-11-20"),
        ('<meta name="last-modified" content="2025-11-20">', "<p>Text.</p>", None),
        ("", "<p>In May 5, 2024 things happened. © 2023-01-02</p>", None),
        ('<meta name="date" content="soon">', "<p>Text.</p>", None),
    ],
)
def test_only_stated_publication_dates_are_read(
    head: str, body: str, published: str | None, parse: Parse
) -> None:
    assert parse("a.html", page(head, body)).published == published


def test_a_headline_outside_the_main_text_is_put_before_it(parse: Parse) -> None:
    body = "<article>" + "<p>Paragraph number one of the article text.</p>" * 3 + "</article>"
    text = parse("a.html", page("<title>Only in the head</title>", body)).text
    assert text.startswith("# Only in the head\n\nParagraph")


@pytest.mark.parametrize(
    "markup",
    [
        "<p>A lone fragment.</p>",
        "<body><div>A lone fragment.</div>",
        "<html><body><form><span>A lone</span> fragment.</form></body></html>",
        "<?xml version='1.0' encoding='utf-8'?><html><body>A lone fragment.</body></html>",
    ],
)
def test_short_pages_lose_no_text(markup: str, parse: Parse) -> None:
    assert parse("a.html", markup.encode()).text.strip() == "A lone fragment."


@pytest.mark.parametrize(
    "markup", ["<html></html>", "<html><body><script>var a = 1</script></body></html>"]
)
def test_a_page_without_text_is_empty(markup: str, parse: Parse) -> None:
    with pytest.raises(EmptyDocumentError, match=r"a\.html"):
        parse("a.html", markup.encode())


@pytest.mark.parametrize(
    ("encoding", "declared"), [("gb18030", "gb2312"), ("big5", "big5"), ("utf-16", "utf-16")]
)
def test_the_encoding_of_a_page_is_found(encoding: str, declared: str, parse: Parse) -> None:
    markup = f'<html><head><meta charset="{declared}"></head><body><p>銷量增加</p></body></html>'
    assert parse("a.html", markup.encode(encoding)).text.strip() == "銷量增加"


def test_entities_of_a_document_type_are_not_expanded(parse: Parse) -> None:
    markup = (
        '<!DOCTYPE html [<!ENTITY file SYSTEM "file:///etc/passwd"><!ENTITY big "ha">]>'
        "<html><body><p>Text &file; &big; end.</p></body></html>"
    )
    text = parse("a.html", markup.encode()).text
    assert "root:" not in text
    assert "ha " not in text


def test_deep_nesting_is_survived(parse: Parse) -> None:
    markup = "<html><body>" + "<div>" * 50_000 + "deep text" + "</div>" * 50_000
    with suppress(EmptyDocumentError):
        assert "deep" in parse("a.html", markup.encode()).text
    assert parse("b.txt", b"next").text == "next"
