"""What Pincite itself says in an answer, in the asker's language."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from functools import cache
from typing import Literal

from pincite.explanation import Fate
from pincite.records import Reason
from pincite.text import to_traditional


@dataclass(frozen=True, slots=True)
class Messages:
    """The sentences and labels of one language."""

    no_documents: str
    filtered_out: str
    nothing_relevant: str
    unsupported: str
    unanswered: str
    removed: str
    sources: str
    closest: str
    confidence: str
    degraded: str
    full_stop: str
    question_mark: str
    also_in: str
    undated: str
    cited: str
    below_threshold: str
    others_better: str
    same_said: str
    no_sentences: str
    not_used: str
    no_room: str
    duplicate: str

    def not_found(self, reason: Reason) -> str:
        """Return the refusal for a reason."""
        return str(getattr(self, reason))

    def not_answered(self, parts: Sequence[str]) -> str:
        """Return the sentence that names the parts of a question that stay open.

        A part that was cut off before "and" or a comma gets the question mark that it lacks, which
        parts it from the next one.
        """
        asked = [
            part if part.rstrip("”’\"'」』)）").endswith(("?", "？")) else part + self.question_mark
            for part in parts
        ]
        return self.unanswered.format(parts=" ".join(asked))

    def left_out(self, statements: int) -> str:
        """Return the sentence that tells how many of a model's statements were removed."""
        return self.removed.format(statements=statements)

    def why(self, fate: Fate) -> str:
        """Return why a passage was used or not; some of the sentences have places to fill."""
        return str(getattr(self, fate))


_ENGLISH = Messages(
    no_documents="There are no articles in the library yet.",
    filtered_out="Not found: the filters leave no article to look in.",
    nothing_relevant="Not found in the articles: none of them is about this.",
    unsupported="Not found in the articles: some are about this subject, but none answers this.",
    unanswered="Not found among the passages for the whole question (asked alone, it is searched"
    " for by itself): {parts}",
    removed="Left out, since no passage supports them: {statements} of the model's statements.",
    sources="Sources",
    closest="The closest passages, which do not answer the question",
    confidence="confidence",
    degraded="Degraded",
    full_stop=".",
    question_mark="?",
    also_in="also in",
    undated="Articles left out only because they have no date",
    cited="cited as {markers}",
    below_threshold="its best sentence is at {support:.2f}; the best of all gave a confidence of"
    " {confidence:.2f}, an answer needs {threshold:.2f}",
    others_better="other sentences answer better",
    same_said="a cited sentence says the same",
    no_sentences="it has no sentences to quote",
    not_used="the model was shown it, and no verified statement rests on it",
    no_room="the model's context had no room for it",
    duplicate="says the same as passage {passage}",
)
_CHINESE = Messages(
    no_documents="资料库里还没有文章。",
    filtered_out="没有找到答案：筛选条件没有留下任何可供查找的文章。",
    nothing_relevant="文章中没有找到答案：没有一篇与此有关。",
    unsupported="文章中没有找到答案：有相关的内容，但没有回答这个问题。",
    unanswered="在为整个问题找到的段落中没有答案（单独提问会另行检索）：{parts}",
    removed="已略去模型的 {statements} 条陈述：没有段落支持。",
    sources="来源",
    closest="最接近的段落（并不能回答这个问题）",
    confidence="置信度",
    degraded="已降级",
    full_stop="。",
    question_mark="？",
    also_in="另见",
    undated="只因没有日期而被排除的文章",
    cited="引用为 {markers}",
    below_threshold="最好的一句为 {support:.2f}；答案的置信度为 {confidence:.2f}，"
    "作答需要 {threshold:.2f}",
    others_better="其他句子回答得更好",
    same_said="已引用的句子说了同样的内容",
    no_sentences="没有可引用的句子",
    not_used="已提供给模型，但没有经核实的陈述以它为依据",
    no_room="模型的上下文放不下它",
    duplicate="与段落 {passage} 内容相同",
)


def script_of(language: str) -> Literal["en", "zh", "zh-Hant"]:
    """Return what Pincite itself writes for a BCP 47 tag: Chinese in its script, or English."""
    tag = language.lower()
    if not tag.startswith("zh"):
        return "en"
    return "zh-Hant" if tag.startswith(("zh-hant", "zh-tw", "zh-hk", "zh-mo")) else "zh"


@cache
def messages_for(language: str) -> Messages:
    """Return the messages for a BCP 47 tag: Chinese in its script, English for all others."""
    match script_of(language):
        case "en":
            return _ENGLISH
        case "zh":
            return _CHINESE
    return Messages(*(to_traditional(getattr(_CHINESE, f.name)) for f in fields(Messages)))
