"""A conversation as a file of its own: Markdown or a web page, with its citations."""

import re
from collections.abc import Sequence
from datetime import date
from typing import Literal, get_args

from pincite.answer.citations import shown_text
from pincite.answer.messages import messages_for
from pincite.records import Answer, Quotation
from pincite.serve.ui.conversation import Turn, certainty, made_by
from pincite.serve.ui.markup import element, origin, text
from pincite.serve.ui.strings import Strings, strings_for

Kind = Literal["markdown", "html"]
KINDS: tuple[Kind, ...] = get_args(Kind)

# What Markdown would read as a mark, a link, an image or HTML.
_SPECIAL = re.compile(r"([\\`*_{}\[\]<>#+\-!|~$&])")
_STYLE = """body{font:16px/1.7 system-ui,"PingFang SC","Noto Sans CJK SC","Microsoft YaHei",
sans-serif;max-width:44rem;margin:3rem auto;padding:0 1.25rem;color:#17211f;background:#fff;
overflow-wrap:anywhere}h1{font-size:1.5rem}h2{font-size:1.15rem;margin-top:2.5rem}
.about,li cite{color:#52605c;font-size:.9rem;font-style:normal}.answer{white-space:pre-line}
h3{font-size:1rem}ul{list-style:none;padding:0}li{margin:.8rem 0}
blockquote{margin:.2rem 0;padding-left:.9rem;border-left:3px solid #e8b33d}"""


def export(
    turns: Sequence[Turn], kind: Kind, words: Strings, day: date, title: str | None = None
) -> str:
    """Write the answered turns of a conversation, as Markdown or as a page without scripts.

    Without a title the conversation is called by its first question.
    """
    write = as_html if kind == "html" else as_markdown
    return write(turns, words, day, title)


def as_markdown(turns: Sequence[Turn], words: Strings, day: date, title: str | None = None) -> str:
    """Write a conversation as Markdown; whatever it holds is text there and nothing else."""
    blocks = [f"# {_plain(title or _title(turns, words))}", _plain(words.exported.format(date=day))]
    for turn, answer in _answered(turns):
        own = strings_for(answer.language)
        blocks.append(f"## {_plain(turn.question)}")
        blocks.append(_plain(_verdict(answer, own)))
        blocks.append(_plain(answer.answer))
        quotations = _quotations(answer)
        if quotations:
            blocks.append(f"### {_plain(_heading(answer, own))}")
            blocks.append("\n".join(_bullet(label, quoted, own) for label, quoted in quotations))
    return "\n\n".join(blocks) + "\n"


def as_html(turns: Sequence[Turn], words: Strings, day: date, title: str | None = None) -> str:
    """Write a conversation as one page, with its style and without any script or outside file."""
    title = title or _title(turns, words)
    parts = [element("h1", text(title))]
    parts.append(element("p", text(words.exported.format(date=day)), class_="about"))
    for turn, answer in _answered(turns):
        own = strings_for(answer.language)
        parts += [
            element("h2", text(turn.question), dir="auto"),
            element("p", text(_verdict(answer, own)), class_="about"),
            element("p", text(answer.answer), class_="answer", dir="auto", lang=answer.language),
        ]
        quotations = _quotations(answer)
        if quotations:
            parts.append(element("h3", text(_heading(answer, own))))
            items = (_item(label, quoted, own) for label, quoted in quotations)
            parts.append(element("ul", *items))
    policy = "default-src 'none'; style-src 'unsafe-inline'"
    head = "".join(
        [
            '<meta charset="utf-8">',
            f'<meta http-equiv="Content-Security-Policy" content="{policy}">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            element("title", text(title)),
            f"<style>{_STYLE}</style>",
        ]
    )
    page = element("head", head) + element("body", *parts)
    return "<!doctype html>\n" + element("html", page, lang=words.tag) + "\n"


def _answered(turns: Sequence[Turn]) -> list[tuple[Turn, Answer]]:
    return [(turn, turn.answer) for turn in turns if turn.answer]


def _title(turns: Sequence[Turn], words: Strings) -> str:
    return turns[0].question[:120] if turns else words.new_conversation


def _verdict(answer: Answer, words: Strings) -> str:
    if answer.status == "not_found":
        return words.not_found
    return f"{certainty(answer, words)} ({answer.confidence:.0%}) · {made_by(answer, words)}"


def _heading(answer: Answer, words: Strings) -> str:
    return words.sources if answer.citations else messages_for(answer.language).closest


def _quotations(answer: Answer) -> list[tuple[str, Quotation]]:
    if answer.citations:
        return [(f"[{citation.marker}]", citation) for citation in answer.citations]
    return [("", quotation) for quotation in answer.closest]


def _where(quoted: Quotation, words: Strings) -> str:
    span = f"{quoted.start}–{quoted.end}"
    return f"{quoted.published or words.undated} · {span}"


def _bullet(label: str, quoted: Quotation, words: Strings) -> str:
    quote = _plain(shown_text(quoted.quote))
    return f"- {_plain(label)} “{quote}” — {_cited(quoted, words)}"


def _cited(quoted: Quotation, words: Strings) -> str:
    place = origin(quoted.source)
    # Angle brackets keep a Markdown address whole; what could end them is percent-encoded.
    address = re.sub(r"[<>\s\\]", lambda m: f"%{ord(m[0]):02X}", place.url) if place.url else None
    name = f"<{address}>" if address else _plain(place.name)
    return f"{_plain(quoted.title)}. {name}. {_plain(_where(quoted, words))}"


def _plain(value: str) -> str:
    return _SPECIAL.sub(r"\\\1", " ".join(value.split()))


def _item(label: str, quoted: Quotation, words: Strings) -> str:
    place = origin(quoted.source)
    name = element("a", text(place.name), href=place.url) if place.url else text(place.name)
    about = [text(quoted.title), name, text(_where(quoted, words))]
    return element(
        "li",
        text(label),
        element("blockquote", text(shown_text(quoted.quote)), dir="auto"),
        element("cite", " · ".join(about)),
    )
