"""OnnxReader on the bundled model: which sentences of a page answer a question."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from pincite.embed.bundled import bundled_folder
from pincite.embed.encoder import Matrix
from pincite.embed.onnx import OnnxEncoder
from pincite.embed.onnx_reader import BOUND, PASSAGE_TOKENS, OnnxReader
from pincite.embed.reader import Page
from pincite.errors import EncoderError
from pincite.records import Span

BRIDGE = (
    "The Harlow footbridge was closed to walkers for most of the spring.",
    "Repairs to its deck cost the council 84,000 pounds.",
    "It reopened on 3 June 2019 with a small ceremony.",
    "Engineer Paula Redmond led the work from start to finish.",
    "Rusted bolts were the reason for the closure.",
)
LIBRARY = (
    "榕湾图书馆去年接待了六十万名读者。",
    "新馆由建筑师林书瑶设计，外墙用了本地的青砖。",
    "因为屋顶漏水，三楼阅览室从四月起停用。",
    "馆方花了两百三十万元更换屋顶。",
    "图书馆每周一闭馆。",
)
TRADITIONAL = (
    "榕灣圖書館去年接待了六十萬名讀者。",
    "新館由建築師林書瑤設計，外牆用了本地的青磚。",
    "因為屋頂漏水，三樓閱覽室從四月起停用。",
    "館方花了兩百三十萬元更換屋頂。",
    "圖書館每週一閉館。",
)


def page(sentences: Sequence[str], *, heading: str = "", before: str = "", sep: str = " ") -> Page:
    """Join sentences, each with ``before`` in front of it, which no sentence holds."""
    text, spans = "", []
    for sentence in sentences:
        start = len(text) + len(before)
        spans.append(Span(start, start + len(sentence)))
        text += before + sentence + sep
    return Page(heading, text, tuple(spans))


BRIDGE_PAGE = page(BRIDGE, heading="Harlow footbridge")
LIBRARY_PAGE = page(LIBRARY, heading="榕湾图书馆", sep="")
TRADITIONAL_PAGE = page(TRADITIONAL, heading="榕灣圖書館", sep="")
PAGES = [BRIDGE_PAGE, LIBRARY_PAGE, TRADITIONAL_PAGE, page(BRIDGE * 6), Page("", "", ())]

ANSWERED = [
    (BRIDGE_PAGE, "How much did the repairs cost?", 1),
    (BRIDGE_PAGE, "When did the footbridge reopen?", 2),
    (BRIDGE_PAGE, "Who led the repair work?", 3),
    (BRIDGE_PAGE, "修桥花了多少钱？", 1),
    (BRIDGE_PAGE, "人行桥什么时候重新开放？", 2),
    (BRIDGE_PAGE, "誰負責修橋工程？", 3),
    (LIBRARY_PAGE, "去年有多少读者？", 0),
    (LIBRARY_PAGE, "新馆是谁设计的？", 1),
    (LIBRARY_PAGE, "三樓閱覽室為什麼停用？", 2),
    (LIBRARY_PAGE, "更换屋顶花了多少钱？", 3),
    (LIBRARY_PAGE, "Who designed the new library building?", 1),
    (LIBRARY_PAGE, "How much did the new roof cost?", 3),
    (LIBRARY_PAGE, "Is the library open on Mondays?", 4),
    (TRADITIONAL_PAGE, "去年有多少讀者？", 0),
    (TRADITIONAL_PAGE, "新馆是谁设计的？", 1),
    (TRADITIONAL_PAGE, "更換屋頂花了多少錢？", 3),
]


@pytest.fixture(scope="module")
def encoder() -> OnnxEncoder:
    return OnnxEncoder(bundled_folder())


@pytest.fixture(scope="module")
def reader(encoder: OnnxEncoder) -> OnnxReader:
    return OnnxReader(encoder)


def read(reader: OnnxReader, question: str, one: Page) -> Matrix:
    (scores,) = reader.read(question, [one])
    return scores


@pytest.mark.parametrize(("one", "question", "answer"), ANSWERED)
def test_the_sentence_that_answers_is_above_the_others(
    reader: OnnxReader, one: Page, question: str, answer: int
) -> None:
    scores = read(reader, question, one)
    others = np.delete(scores, answer, axis=0)
    # Half of the least that was measured: int8 kernels differ a little between processors.
    assert (scores[answer] > others.max(axis=0) + 1).all(), scores


@pytest.mark.parametrize(
    ("one", "question"),
    [
        (BRIDGE_PAGE, "Which song won the contest in Oslo?"),
        (BRIDGE_PAGE, "这种药有哪些副作用？"),
        (LIBRARY_PAGE, "这种药有哪些副作用？"),
        (LIBRARY_PAGE, "Which song won the contest in Oslo?"),
    ],
)
def test_where_nothing_answers_no_sentence_is_above_zero(
    reader: OnnxReader, one: Page, question: str
) -> None:
    assert (read(reader, question, one) < -1).all()


@pytest.mark.parametrize(("one", "question", "answer"), ANSWERED)
def test_scores_compare_between_pages(
    reader: OnnxReader, one: Page, question: str, answer: int
) -> None:
    other = LIBRARY_PAGE if one is BRIDGE_PAGE else BRIDGE_PAGE
    found, elsewhere = reader.read(question, [one, other])
    assert found[answer, 0] > elsewhere[:, 0].max()


def test_scores_have_a_row_for_each_sentence_and_bounds(reader: OnnxReader) -> None:
    found = reader.read("How much did the repairs cost?", PAGES)
    assert [scores.shape for scores in found] == [(len(p.sentences), 2) for p in PAGES]
    every = np.concatenate(found)
    assert every.dtype == np.float32
    assert (np.abs(every) <= BOUND).all()
    assert (every[:, 0] <= every[:, 1]).all()
    assert reader.read("How much?", []) == []


def test_a_page_is_read_alike_whatever_is_beside_it(
    encoder: OnnxEncoder, reader: OnnxReader
) -> None:
    question = "更换屋顶花了多少钱？"
    alone = [read(reader, question, one) for one in PAGES]
    threaded = OnnxReader(OnnxEncoder(bundled_folder(), threads=4))
    for found in (
        reader.read(question, PAGES),
        reader.read(question, PAGES[::-1])[::-1],
        threaded.read(question, PAGES),
        threaded.read(question, PAGES * 2)[len(PAGES) :],
    ):
        assert all(map(np.array_equal, found, alone))
    assert threaded.revision == reader.revision == encoder.graph.manifest.reader != ""


def test_reading_leaves_the_vectors_of_texts_as_they_are(
    encoder: OnnxEncoder, reader: OnnxReader
) -> None:
    texts = [*BRIDGE, *LIBRARY]
    wanted = encoder.encode_passages(texts)
    scores = read(reader, "Who led the repair work?", BRIDGE_PAGE)

    def both(_: int) -> bool:
        found = encoder.encode_passages(texts)
        again = read(reader, "Who led the repair work?", BRIDGE_PAGE)
        return np.array_equal(found, wanted) and np.array_equal(again, scores)

    with ThreadPoolExecutor(4) as pool:
        assert all(pool.map(both, range(8)))


@pytest.mark.parametrize("sentences", [BRIDGE, LIBRARY])
def test_a_long_page_is_read_in_windows_of_whole_sentences(
    encoder: OnnxEncoder, reader: OnnxReader, sentences: tuple[str, ...]
) -> None:
    many = [*sentences * 7, "The mayor's dog is called Biscuit. "]
    ends = [encoder.count_tokens([page(many[:n]).text])[0] for n in range(1, len(many) + 1)]
    first = sum(end <= PASSAGE_TOKENS for end in ends)
    assert ends[-1] - ends[first - 1] > PASSAGE_TOKENS
    question = "What is the name of the mayor's dog?"
    found = read(reader, question, page(many, heading="News"))
    assert found[:, 0].argmax() == len(many) - 1
    parts = [page(many[:first], heading="News"), page(many[first:], heading="News")]
    assert np.array_equal(found, np.concatenate(reader.read(question, parts)))


@pytest.mark.parametrize("place", [0, 1, 2])
def test_a_sentence_longer_than_a_window_is_read_whole(
    encoder: OnnxEncoder, reader: OnnxReader, place: int
) -> None:
    filler = "walkers, cyclists, children with kites and old men with dogs came by, " * 14
    parts = [filler, filler]
    parts.insert(place, "the repairs cost the council 84,000 pounds, ")
    one = page(["".join(parts), "It rained.", filler])
    assert encoder.count_tokens([filler])[0] > PASSAGE_TOKENS
    scores = read(reader, "How much did the repairs cost?", one)
    assert scores[0, 0] > scores[1:, 0].max() + 1


def test_the_heading_may_tell_what_a_page_is_about(reader: OnnxReader) -> None:
    question = "When was the Harlow footbridge reopened?"
    one = "It was reopened on 3 June 2019."
    right = read(reader, question, page([one], heading="Harlow footbridge"))
    wrong = read(reader, question, page([one], heading="Salt museum"))
    assert (right > wrong).all()


def test_empty_texts_are_read(reader: OnnxReader) -> None:
    blank = [page(BRIDGE, heading=heading) for heading in ("", " ", "\n\u3000")]
    first, *others = reader.read("Who led the repair work?", blank)
    assert all(np.array_equal(first, other) for other in others)
    assert np.array_equal(read(reader, "", BRIDGE_PAGE), read(reader, " \n", BRIDGE_PAGE))
    assert read(reader, "Who?", Page("Heading", "- \n## Nothing here", ())).shape == (0, 2)
    assert read(reader, "Who?", Page("", "\u200b a", (Span(0, 1),))).tolist() == [[-BOUND] * 2]


@pytest.mark.parametrize(
    "before",
    [
        "\n- ",
        "• ",
        "## 修繕 \u200b\n\n1. ",
        "🚧👩‍👩‍👧🇫🇷🚧 ",
        "e\u0301o\u0308u\u0308 ",
        "ＡＢ ㍿ ﷺ ",
    ],
)
def test_offsets_hold_among_bullets_emoji_and_combining_marks(
    reader: OnnxReader, before: str
) -> None:
    """Each of these moves offsets in bytes, in UTF-16 or in the tokenizer's normal form."""
    for sentences, question, answer in [
        (BRIDGE, "How much did the repairs cost?", 1),
        (LIBRARY, "去年有多少读者？", 0),
        (LIBRARY, "更换屋顶花了多少钱？", 3),
    ]:
        short = [sentence[:-1] + before.strip() for sentence in sentences]
        scores = read(reader, question, page(short, before=before * 4))
        assert scores[:, 0].argmax() == answer, scores


@pytest.mark.parametrize("place", ["question", "heading", "text"])
def test_a_lone_surrogate_is_refused(reader: OnnxReader, place: str) -> None:
    texts = {"question": "who?", "heading": "above", "text": "text"} | {place: "a\ud800"}
    one = Page(texts["heading"], texts["text"], (Span(0, 2),))
    with pytest.raises(EncoderError, match=r"U\+D800 at 1"):
        reader.read(texts["question"], [one])
