"""An answer as Markdown for chat clients: its text, and its citations as footnotes below it.

Such clients render what they get, and much of it comes from documents. So no image, no HTML and no
link but the address of a source that has one is left in it.
"""

import re
from collections.abc import Sequence
from urllib.parse import quote

from pincite.answer.citations import shown_text
from pincite.answer.messages import messages_for
from pincite.records import Answer, Citation, Quotation
from pincite.serve.ui.markup import origin
from pincite.text import to_traditional

LONGEST_QUOTE = 200
_RULE = "\n\n---\n\n"
# The characters that would make an image, a link, a link's definition or a tag.
_LIVE = re.compile(r"(?<=!)\[|(?<=\])[(:]|<(?=[A-Za-z/!?])")
_ACTIVE = re.compile(r"[\\`*\[\]<>#]")
_URL_CHARACTERS = ":/?#@$&',;=%+-._~"
_RESTARTED_ENGLISH = "The LLM failed: what stands above is void, the answer follows."
_RESTARTED_CHINESE = "大语言模型出错：以上内容作废，答案如下。"
_LANGUAGES = ("en", "zh", "zh-Hant")


class Escaper:
    """Makes an answer's text, which may come in pieces, harmless as Markdown."""

    def __init__(self) -> None:
        self._sent = ""
        self._held = ""

    def feed(self, piece: str) -> str:
        """Return what can be sent now: a last ``<`` waits for what follows it."""
        text = self._held + piece
        self._held = "<" if text.endswith("<") else ""
        text = text.removesuffix("<") if self._held else text
        escaped = _LIVE.sub(r"\\\g<0>", self._sent + text)[len(self._sent) :]
        self._sent = text[-1:] or self._sent
        return escaped

    def rest(self) -> str:
        """Return what is left at the end."""
        return self._held


def restarted(language: str) -> str:
    """Return the notice that parts a void text from the one that takes its place."""
    return f"\n\n*{_restarted_words(language)}*\n\n"


def _restarted_words(language: str) -> str:
    if messages_for(language) is messages_for("en"):
        return _RESTARTED_ENGLISH
    simplified = messages_for(language) is messages_for("zh")
    return _RESTARTED_CHINESE if simplified else to_traditional(_RESTARTED_CHINESE)


def footnotes(answer: Answer) -> str:
    """Return what is appended to an answer: its sources, or the closest passages; and its notes."""
    words = messages_for(answer.language)
    parts = []
    if answer.citations:
        parts.append(_section(words.sources, answer.citations))
    elif answer.closest:
        parts.append(_section(words.closest, answer.closest))
    if answer.degraded:
        parts.append(f"*{words.degraded}: {_literal(answer.degraded)}*")
    return _RULE + "\n\n".join(parts) if parts else ""


def without_additions(text: str) -> str:
    """Return an earlier answer, as a client sends it back, without what was added here."""
    for language in _LANGUAGES:
        words = messages_for(language)
        text = text.rpartition(restarted(language))[2]
        for label in (words.sources, words.closest):
            text = text.partition(_RULE + _heading(label))[0]
    return text


def _heading(label: str) -> str:
    return f"**{label}**"


def _section(label: str, quotations: Sequence[Quotation]) -> str:
    return "\n".join([_heading(label), "", *map(_footnote, quotations)])


def _footnote(quotation: Quotation) -> str:
    marker = f"[{quotation.marker}] " if isinstance(quotation, Citation) else ""
    where = origin(quotation.source)
    parts = [
        _literal(quotation.title),
        quotation.published,
        quote(where.url, _URL_CHARACTERS) if where.url else _literal(where.name),
        f"“{_literal(_shortened(shown_text(quotation.quote)))}”",
    ]
    return f"- {marker}{' · '.join(part for part in parts if part)}"


def _shortened(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= LONGEST_QUOTE else f"{line[:LONGEST_QUOTE].rstrip()}…"


def _literal(text: str) -> str:
    return _ACTIVE.sub(r"\\\g<0>", " ".join(text.split()))
