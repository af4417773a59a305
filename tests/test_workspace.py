"""A workspace: parts started once, changes seen at once, closed for good."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from pincite.embed.encoder import Encoder
from pincite.records import Question
from pincite.settings import Settings
from pincite.wiring import make_encoder, open_workspace, temporary_workspace


def test_threads_that_ask_first_share_one_model(tmp_path: Path) -> None:
    made: list[Encoder] = []
    with temporary_workspace(Settings()) as workspace:
        loaded = workspace.encoder
        workspace.__dict__.pop("encoder")

        def counted() -> Encoder:
            made.append(loaded)
            return loaded

        workspace._make_encoder = counted
        with ThreadPoolExecutor(8) as threads:
            found = list(threads.map(lambda _: workspace.encoder, range(16)))
    assert len(made) == 1
    assert all(encoder is loaded for encoder in found)


def test_what_changes_is_seen_by_the_next_question(tmp_path: Path) -> None:
    article = tmp_path / "a.txt"
    encoder = make_encoder(Settings())
    settings = Settings(home=tmp_path / "home")
    question = Question("How much does the ferry ticket cost?")
    with open_workspace(settings, encoder, create=True) as workspace:
        article.write_text("Ferry\n\nThe ferry ticket costs 4 euros.\n", encoding="utf-8")
        workspace.ingest([str(tmp_path / "a.txt")])
        assert "4 euros" in workspace.ask(question).answer
        article.write_text("Ferry\n\nThe ferry ticket costs 9 euros.\n", encoding="utf-8")
        (outcome,) = workspace.ingest([str(article)])
        assert outcome.action == "changed"
        assert "9 euros" in workspace.ask(question).answer
        article.unlink()
        (removed,) = workspace.ingest([str(tmp_path)], prune=True)
        assert removed.action == "removed"
        assert workspace.ask(question).reason == "no_documents"
        assert workspace.status().documents == 0


def test_warming_up_makes_all_that_the_first_answer_needs(tmp_path: Path) -> None:
    with open_workspace(Settings(home=tmp_path / "home"), create=True) as workspace:
        made = []
        make = workspace._make_assistant
        workspace._make_assistant = lambda retriever: made.append(1) or make(retriever)  # type: ignore[func-returns-value]
        workspace.warm_up()
        assert made == [1]
        workspace.ask(Question("What did the court rule?"))
        assert made == [1]
