"""What Pincite itself says in an answer, in the asker's language."""

from dataclasses import dataclass, fields
from functools import cache

from pincite.records import Reason
from pincite.text import to_traditional


@dataclass(frozen=True, slots=True)
class Messages:
    """The sentences and labels of one language."""

    no_documents: str
    nothing_relevant: str
    unsupported: str
    sources: str
    closest: str
    confidence: str
    degraded: str
    full_stop: str

    def not_found(self, reason: Reason) -> str:
        """Return the refusal for a reason."""
        return str(getattr(self, reason))


_ENGLISH = Messages(
    no_documents="There are no articles in the library yet.",
    nothing_relevant="Not found in the articles: none of them is about this.",
    unsupported="Not found in the articles: some are about this subject, but none answers this.",
    sources="Sources",
    closest="The closest passages, which do not answer the question",
    confidence="confidence",
    degraded="Degraded",
    full_stop=".",
)
_CHINESE = Messages(
    no_documents="资料库里还没有文章。",
    nothing_relevant="文章中没有找到答案：没有一篇与此有关。",
    unsupported="文章中没有找到答案：有相关的内容，但没有回答这个问题。",
    sources="来源",
    closest="最接近的段落（并不能回答这个问题）",
    confidence="置信度",
    degraded="已降级",
    full_stop="。",
)


@cache
def messages_for(language: str) -> Messages:
    """Return the messages for a BCP 47 tag: Chinese in its script, English for all others."""
    tag = language.lower()
    if not tag.startswith("zh"):
        return _ENGLISH
    if tag.startswith(("zh-hant", "zh-tw", "zh-hk", "zh-mo")):
        return Messages(*(to_traditional(getattr(_CHINESE, f.name)) for f in fields(Messages)))
    return _CHINESE
