"""The dossiers: what they claim holds, and only marked sentences count as answers."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from pincite.records import Span
from tests.fakes import HashEncoder

DOSSIER = {
    "id": "t1",
    "articles": [
        {
            "id": "1",
            "title": ["The lift of Tarn", "塔恩的电梯"],
            "sentences": [
                ["The lift opened in 1950.", "电梯于1950年启用。"],
                ["It was closed for repairs on 3 May.", "5月3日电梯停运检修。"],
                ["The repairs take until 3 May next year.", "检修将持续到明年5月3日。"],
            ],
        }
    ],
    "questions": [
        {
            "en": "When did the lift stop running?",
            "zh": "电梯哪天停的？",
            "kind": "when",
            "evidence": [["1", 2]],
            "answers": ["3 May", "5月3日"],
        },
        {
            "en": "What happened on 3 May?",
            "zh": "5月3日怎么了？",
            "kind": "result",
            "evidence": [["1", 2]],
        },
        {"en": "Who built the lift?", "zh": "电梯是谁造的？", "kind": "near", "evidence": []},
    ],
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """One dossier in a folder."""
    (tmp_path / "t.jsonl").write_text(json.dumps(DOSSIER), encoding="utf-8")
    return tmp_path


@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_dossier_keeps_what_the_readme_says(
    script: Callable[[str], Any], language: str
) -> None:
    module = script("dossiers")
    found = list(module.dossiers(language))
    assert len(found) > 200
    assert len({dossier.id for dossier in found}) == len(found)
    for dossier in found:
        for inquiry in dossier.inquiries:
            assert (inquiry.kind == module.NEAR) == (not inquiry.evidence), inquiry.id
            for source, sentences in inquiry.evidence.items():
                for sentence in sentences:
                    assert sentence in dossier.articles[source].text, inquiry.id
                    inside = any(answer in sentence for answer in inquiry.answers)
                    assert inside or not inquiry.answers, inquiry.id


def test_an_answer_counts_in_marked_sentences_alone(
    script: Callable[[str], Any], folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    module, examples = script("dossiers"), script("reader_examples")
    monkeypatch.setattr(examples, "trained_on", lambda dossier: True)
    found = list(examples.dossier_examples("en", HashEncoder(), folder))
    stop, chinese_stop, whole, _, near, _ = found
    (passage,) = stop.answering
    second = passage.text.index("3 May")
    assert passage.answers == (Span(second, second + len("3 May")),)
    assert chinese_stop.answering == stop.answering
    (passage,) = whole.answering
    assert [passage.text[s.start : s.end] for s in passage.answers] == [
        "It was closed for repairs on 3 May."
    ]
    assert not near.answering
    assert len(near.others) == 1
    chinese = next(module.dossiers("zh", folder))
    assert (
        chinese.articles["t1-1"].text
        == "电梯于1950年启用。5月3日电梯停运检修。检修将持续到明年5月3日。"
    )
    assert chinese.inquiries[0].evidence == {"t1-1": ["5月3日电梯停运检修。"]}
