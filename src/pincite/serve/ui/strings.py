"""Every word of the interface, in English and Chinese."""

import re
from dataclasses import dataclass, fields
from functools import cache

from pincite.text import to_traditional

_ACCEPTED = re.compile(r"\s*([A-Za-z0-9*-]+)\s*(?:;\s*q\s*=\s*([01](?:\.\d{0,3})?)\s*)?")


@dataclass(frozen=True, slots=True)
class Strings:
    """The interface in one language; ``{…}`` are filled in by ``str.format``."""

    tag: str
    tagline: str
    article: str
    articles: str
    welcome: str
    welcome_text: str
    welcome_empty: str
    placeholder: str
    send: str
    suggestion: str
    you: str
    searching: str
    answered: str
    partial: str
    not_found: str
    failed: str
    passage: str
    passages: str
    milliseconds: str
    unsupported: str
    panel: str
    panel_hint: str
    published: str
    open_source: str
    show_passage: str
    too_long: str
    internal: str
    key: str
    sign_in: str
    wrong_key: str
    name: str
    password: str
    wrong_password: str
    too_many_tries: str
    with_key: str

    def count(self, number: int, noun: str) -> str:
        """Say a number of articles or passages."""
        return f"{number:,} " + str(getattr(self, noun if number == 1 else f"{noun}s"))


_ENGLISH = Strings(
    tag="en",
    tagline="Answers from your articles, each pinned to the passage it came from.",
    article="article",
    articles="articles",
    welcome="Ask your articles",
    welcome_text="In English or Chinese. Every sentence of an answer is quoted from an article and "
    "linked to its place there. What the articles do not say, Pincite does not say.",
    welcome_empty="The library has no articles yet. Add some with: pincite ingest FILE",
    placeholder="Ask a question…",
    send="Ask",
    suggestion="What does “{title}” say?",
    you="Question",
    searching="Reading your articles…",
    answered="Answered from your articles",
    partial="Partly answered from your articles",
    not_found="Not found in your articles",
    failed="No answer: an error",
    passage="passage",
    passages="passages",
    milliseconds="{ms} ms",
    unsupported="No passage supports this",
    panel="Sources",
    panel_hint="The passages an answer quotes appear here, in their context.",
    published="Published {date}",
    open_source="Open the source",
    show_passage="Show passage {number}",
    too_long="The question has {length:,} characters; the most is {limit:,}.",
    internal="Something went wrong on the server; its log says what.",
    key="API key",
    sign_in="Sign in",
    wrong_key="That is no key of this server.",
    name="Name",
    password="Password",
    wrong_password="Name or password is wrong.",
    too_many_tries="Too many tries. Try again in {seconds} s.",
    with_key="Sign in with an API key",
)
_CHINESE = Strings(
    tag="zh",
    tagline="依据你的文章作答，每一句都标注原文出处。",
    article="篇文章",
    articles="篇文章",
    welcome="向你的文章提问",
    welcome_text="中文、英文都可以。回答中的每一句都引自文章，并链接到原文位置。"
    "文章里没有说的，Pincite 不会说。",
    welcome_empty="资料库里还没有文章。添加文章：pincite ingest 文件",
    placeholder="输入问题……",
    send="提问",
    suggestion="《{title}》说了什么？",
    you="问题",
    searching="正在查阅文章……",
    answered="已依据你的文章回答",
    partial="文章只回答了一部分",
    not_found="文章中没有找到答案",
    failed="出错了，没有得到回答",
    passage="处引文",
    passages="处引文",
    milliseconds="{ms} 毫秒",
    unsupported="没有段落支持这句话",
    panel="来源",
    panel_hint="回答所引用的段落会连同上下文显示在这里。",
    published="发布于 {date}",
    open_source="打开来源",
    show_passage="查看第 {number} 处引文",
    too_long="问题有 {length:,} 个字符，最多 {limit:,} 个。",
    internal="服务器出错了，原因见服务器日志。",
    key="API 密钥",
    sign_in="登录",
    wrong_key="密钥不正确。",
    name="用户名",
    password="密码",
    wrong_password="用户名或密码不正确。",
    too_many_tries="尝试次数过多，请在 {seconds} 秒后重试。",
    with_key="用 API 密钥登录",
)


@cache
def _traditional() -> Strings:
    words = {f.name: to_traditional(getattr(_CHINESE, f.name)) for f in fields(Strings)}
    return Strings(**{**words, "tag": "zh-Hant"})


def strings_for(tag: str) -> Strings:
    """Return the interface for a BCP 47 tag: Chinese in its script, English for all others."""
    tag = tag.lower()
    if not (tag == "zh" or tag.startswith("zh-")):
        return _ENGLISH
    if tag.startswith(("zh-hant", "zh-tw", "zh-hk", "zh-mo")):
        return _traditional()
    return _CHINESE


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
    return _ENGLISH
