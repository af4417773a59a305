"""What many tests share: a library of the seed articles, and the real program run on it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from pincite.library.store import Library
from pincite.records import ParsedDocument
from pincite.settings import Settings
from pincite.wiring import temporary_workspace
from pincite.workspace import Workspace
from tests.fakes import HashEncoder, library_spec
from tests.program import SEEDS, run_pincite, serving

ARTICLES = {
    "ferry": (
        "Harbour ferry to run at night",
        "en",
        "Harbour ferry to run at night\n\n"
        "The port authority will run the harbour ferry through the night from 3 May 2025 [1]. "
        "A single night ticket costs 4.50 euros [2][3]. "
        "Two of the five boats have been fitted with electric engines 🚢.\n\n"
        "## Criticism\n\n"
        "- Residents of the old town fear more noise [4]\n"
        "- The mayor promised to review the timetable after six months [5]\n",
    ),
    "museum": (
        "市立博物馆推迟开放",
        "zh",
        "市立博物馆推迟开放\n\n"
        "市立博物馆新馆原定于今年九月开放。由于屋顶漏水，开放时间推迟到明年三月。\n\n"
        "馆长王丽表示，修缮费用约为两百万元，由保险公司承担。\n",
    ),
    "bakery": (
        "Bakery chain closes shops",
        "en",
        "Bakery chain closes shops\n\n"
        "The bakery chain Kornfeld will close twelve of its forty shops by the end of the year. "
        "It blames the price of butter, which has doubled since January. "
        "All 85 employees concerned have been offered jobs in other shops.\n",
    ),
}


@pytest.fixture
def encoder() -> HashEncoder:
    return HashEncoder(16)


@pytest.fixture
def library(tmp_path: Path, encoder: HashEncoder) -> Iterator[Library]:
    """An empty library, whose encoder is made of hashes."""
    with Library.create(tmp_path / "home", library_spec(encoder)) as made:
        yield made


@pytest.fixture(scope="session")
def workspace(articles: Workspace) -> Workspace:
    return articles


@pytest.fixture(scope="session")
def articles() -> Iterator[Workspace]:
    """A small library of made-up articles in both languages, with the bundled model."""
    with temporary_workspace(Settings()) as made:
        made.add_parsed(
            (source, ParsedDocument(title, text, None, lang, "text/plain"))
            for source, (title, lang, text) in ARTICLES.items()
        )
        yield made


@pytest.fixture(scope="session")
def seeded_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A library with the two seed articles, made by the command line."""
    home = tmp_path_factory.mktemp("seeded") / "home"
    home.parent.mkdir(exist_ok=True)
    done = run_pincite("ingest", str(SEEDS), home=home)
    assert done.returncode == 0, done.stderr
    return home


@pytest.fixture(scope="session")
def server(seeded_home: Path) -> Iterator[str]:
    """The address of a real ``pincite serve`` on the seed library, ready to answer."""
    with serving(seeded_home) as address:
        yield address
