"""What the interface can say: one field for each sentence or label, filled in per language."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Strings:
    """The interface in one language; ``{…}`` are filled in by ``str.format``."""

    tag: str
    own_name: str
    # The frame of every page.
    skip: str
    pages: str
    page_chat: str
    menu: str
    close: str
    language: str
    new_conversation: str
    this_conversation: str
    export: str
    export_markdown: str
    export_html: str
    # Counted things.
    article: str
    articles: str
    passage: str
    passages: str
    # The empty chat and the composer.
    welcome: str
    welcome_text: str
    welcome_empty: str
    suggestions: str
    loading: str
    ready: str
    placeholder: str
    send: str
    stop: str
    keys: str
    # Filters.
    filters: str
    filters_text: str
    source: str
    source_example: str
    since: str
    until: str
    article_language: str
    tag_name: str
    any: str
    apply: str
    clear: str
    remove_filter: str
    from_day: str
    to_day: str
    bad_filters: str
    # A turn.
    you: str
    waiting: str
    searching: str
    reading: str
    writing: str
    well_supported: str
    supported: str
    weakly_supported: str
    confidence: str
    partial: str
    partial_text: str
    not_found: str
    failed: str
    stopped: str
    stopped_text: str
    quoted: str
    written: str
    understood: str
    unsupported: str
    milliseconds: str
    seconds: str
    copy_answer: str
    # Nothing found.
    searched: str
    searched_with: str
    rephrase: str
    tip_words: str
    tip_one: str
    tip_name: str
    without_filters: str
    answerable: str
    # Why.
    why: str
    why_text: str
    compared: str
    by_meaning: str
    by_words: str
    support: str
    outcome: str
    rank: str
    unranked: str
    # Sources.
    panel: str
    published: str
    undated: str
    also_in: str
    open_source: str
    show_source: str
    show_nearest: str
    show_passage: str
    show_article: str
    back: str
    copy_citation: str
    copied: str
    copy_failed: str
    citation: str
    article_gone: str
    # Feedback.
    feedback: str
    helpful: str
    unhelpful: str
    comment: str
    send_comment: str
    feedback_sent: str
    comment_sent: str
    feedback_failed: str
    # An exported conversation.
    exported: str
    sources: str
    # What goes wrong.
    too_long: str
    internal: str
    unreachable: str
    lost: str
    ask_again: str
    # Signing in.
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
