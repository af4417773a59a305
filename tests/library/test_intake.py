"""Sources become passages once, and again only when they change."""

from pathlib import Path

import pytest

from pincite.errors import EmptyDocumentError, LibraryBusyError, ModelMismatchError
from pincite.ingest.load import Loader, discover
from pincite.ingest.split import Splitter
from pincite.library.embedding import embedding_text
from pincite.library.intake import Intake
from pincite.library.store import Library
from pincite.records import Outcome
from tests.fakes import HashEncoder, ParagraphSplitter, TextLoader, parsed_document


@pytest.fixture
def loader() -> TextLoader:
    return TextLoader()


@pytest.fixture
def intake(library: Library, loader: TextLoader, encoder: HashEncoder) -> Intake:
    return Intake(library, loader, encoder, ParagraphSplitter())


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "articles"
    made.mkdir()
    for name in ("a", "b", "c"):
        (made / f"{name}.txt").write_text(f"Article {name}.\n\nIt says {name}. And more.")
    return made


def sources(folder: Path) -> list[str]:
    return sorted(str(path) for path in folder.iterdir())


def actions(outcomes: list[Outcome]) -> list[tuple[str, str]]:
    return [(Path(outcome.source).stem, outcome.action) for outcome in outcomes]


def test_new_documents_are_added_and_unchanged_ones_cost_nothing(
    intake: Intake, library: Library, loader: TextLoader, encoder: HashEncoder, folder: Path
) -> None:
    told: list[Outcome] = []
    progress: list[int] = []
    outcomes = intake.run(sources(folder), on_outcome=told.append, on_progress=progress.append)
    assert actions(outcomes) == [("a", "added"), ("b", "added"), ("c", "added")]
    assert told == outcomes
    assert sum(progress) == encoder.embedded == 3 * (2 + 3)
    assert [info.id for info in library.documents()] == [o.document_id for o in outcomes]
    generation, parsed = library.generation, len(loader.parsed)
    assert {o.action for o in intake.run(sources(folder))} == {"unchanged"}
    assert (library.generation, len(loader.parsed)) == (generation, parsed)
    assert encoder.embedded == 15


def test_a_changed_document_replaces_its_passages(
    intake: Intake, library: Library, folder: Path
) -> None:
    intake.run(sources(folder))
    (folder / "b.txt").write_text("Article b, corrected.")
    assert actions(intake.run(sources(folder))) == [
        ("a", "unchanged"),
        ("b", "changed"),
        ("c", "unchanged"),
    ]
    passages = library.document_passages(library.find("b.txt").id)
    assert [p.text for p in passages] == ["Article b, corrected."]


def test_new_bytes_of_the_same_text_are_only_noted(
    intake: Intake, library: Library, encoder: HashEncoder, folder: Path
) -> None:
    intake.run(sources(folder))
    ids, embedded = library.passage_ids(), encoder.embedded
    (folder / "b.txt").write_text((folder / "b.txt").read_text() + "\n\n")
    assert actions(intake.run([str(folder / "b.txt")])) == [("b", "unchanged")]
    assert (library.passage_ids(), encoder.embedded) == (ids, embedded)
    assert actions(intake.run([str(folder / "b.txt")])) == [("b", "unchanged")]


def test_a_renamed_file_is_the_same_document(
    intake: Intake, library: Library, encoder: HashEncoder, folder: Path
) -> None:
    intake.run(sources(folder))
    ids, embedded = library.passage_ids(), encoder.embedded
    (folder / "b.txt").rename(folder / "z.txt")
    outcomes = intake.run(sources(folder), prune_under=[str(folder)])
    assert actions(outcomes) == [("a", "unchanged"), ("c", "unchanged"), ("z", "changed")]
    assert outcomes[2].note == f"moved from {folder / 'b.txt'}"
    assert (library.passage_ids(), encoder.embedded) == (ids, embedded)
    assert outcomes[2].document_id == library.find("z.txt").id


def test_a_copy_is_stored_once(intake: Intake, library: Library, folder: Path) -> None:
    (folder / "d.txt").write_bytes((folder / "a.txt").read_bytes())
    outcomes = intake.run(sources(folder))
    assert actions(outcomes)[3] == ("d", "unchanged")
    assert outcomes[3].note == f"the same content is stored as {folder / 'a.txt'}"
    assert outcomes[3].document_id == outcomes[0].document_id
    assert len(library.documents()) == 3


def test_a_file_that_became_a_copy_no_longer_speaks(
    intake: Intake, library: Library, folder: Path
) -> None:
    intake.run(sources(folder))
    (folder / "b.txt").write_bytes((folder / "a.txt").read_bytes())
    assert actions(intake.run(sources(folder)))[1] == ("b", "removed")
    assert len(library.documents()) == 2


def test_files_that_swapped_names_are_both_kept(
    intake: Intake, library: Library, folder: Path
) -> None:
    intake.run(sources(folder))
    a, b = (folder / "a.txt").read_text(), (folder / "b.txt").read_text()
    (folder / "a.txt").write_text(b)
    (folder / "b.txt").write_text(a)
    intake.run(sources(folder))
    stored = {Path(i.source).stem: library.document(i.id).text for i in library.documents()}
    assert (stored["a"], stored["b"]) == (b, a)


def test_one_refused_source_does_not_stop_the_others(
    intake: Intake, library: Library, folder: Path
) -> None:
    (folder / "b.txt").write_text("  ")
    outcomes = intake.run([*sources(folder), str(folder / "nowhere.txt"), "/bad\udcff.txt"])
    assert [o.action for o in outcomes] == ["added", "refused", "added", "refused", "refused"]
    assert [o.code for o in outcomes if o.code] == [
        "empty_document",
        "source_not_found",
        "source_unreadable",
    ]
    assert "nowhere.txt" in (outcomes[3].message or "")
    assert outcomes[4].source == "/bad?.txt"
    assert len(library.documents()) == 2


def test_pruning_removes_what_is_gone_from_these_folders_only(
    intake: Intake, library: Library, folder: Path, tmp_path: Path
) -> None:
    other = tmp_path / "articles-old"
    other.mkdir()
    (other / "x.txt").write_text("Elsewhere.")
    intake.run([*sources(folder), *sources(other)])
    (folder / "a.txt").unlink()
    (other / "x.txt").unlink()
    assert actions(intake.run(sources(folder))) == [("b", "unchanged"), ("c", "unchanged")]
    outcomes = intake.run(sources(folder), prune_under=[str(folder)])
    assert actions(outcomes)[2:] == [("a", "removed")]
    assert [Path(i.source).stem for i in library.documents()] == ["b", "c", "x"]
    gone = str(other / "x.txt")
    assert actions(intake.run([gone], prune_under=[gone])) == [("x", "refused"), ("x", "removed")]


def test_a_folder_that_cannot_be_read_loses_no_document(
    intake: Intake, library: Library, folder: Path
) -> None:
    intake.run(sources(folder))
    folder.rename(folder.with_name("unmounted"))
    outcomes = intake.run([str(folder)], prune_under=[str(folder)])
    assert [o.action for o in outcomes] == ["refused"]
    assert len(library.documents()) == 3


def test_small_documents_are_embedded_together(
    library: Library, encoder: HashEncoder, loader: TextLoader, tmp_path: Path
) -> None:
    calls: list[int] = []
    for i in range(70):
        (tmp_path / f"{i:02d}.txt").write_text(f"Number {i}.")
    Intake(library, loader, encoder, ParagraphSplitter()).run(
        [str(path) for path in sorted(tmp_path.glob("*.txt"))], on_progress=calls.append
    )
    assert calls == [128, 12]
    assert library.generation == 2


def test_an_upload_is_taken_in_and_its_refusal_is_an_error(
    intake: Intake, library: Library, loader: TextLoader
) -> None:
    outcome = intake.add(loader.wrap("upload:a.txt", b"Uploaded."))
    assert (outcome.action, outcome.document_id) == ("added", library.documents()[0].id)
    assert intake.add(loader.wrap("upload:a.txt", b"Uploaded.")).action == "unchanged"
    again = intake.add(loader.wrap("upload:b.txt", b"Uploaded."))
    assert (again.action, again.note) == ("unchanged", "the same content is stored as upload:a.txt")
    with pytest.raises(EmptyDocumentError):
        intake.add(loader.wrap("upload:c.txt", b" "))


def test_data_sets_are_taken_in_by_the_hundred(
    intake: Intake, library: Library, encoder: HashEncoder
) -> None:
    items = [(f"set:{i}", parsed_document(f"Number {i % 1000}.")) for i in range(1100)]
    outcomes = intake.add_parsed(items, sentence_vectors=False)
    assert {o.action for o in outcomes} == {"added"}
    assert library.counts().documents == 1100
    assert library.generation == 3
    assert library.sentence_vectors(library.passage_ids()) == {}
    embedded = encoder.embedded
    assert {o.action for o in intake.add_parsed(items)} == {"unchanged"}
    assert encoder.embedded == embedded == 1100


def test_a_run_needs_the_right_model_and_the_lock(
    intake: Intake, library: Library, loader: TextLoader, folder: Path
) -> None:
    other = Intake(library, loader, HashEncoder(16, name="other"), ParagraphSplitter())
    with pytest.raises(ModelMismatchError, match="other"):
        other.run(sources(folder))
    with library.writing(), pytest.raises(LibraryBusyError):
        intake.run(sources(folder))
    assert library.documents() == []


def test_the_embedding_text_names_what_the_passage_is_about() -> None:
    assert embedding_text("Title", "One › Two", "Text.") == "Title\nOne › Two\nText."
    assert embedding_text("", "", "Text.") == "Text."


def test_the_real_loader_and_splitter(library: Library, encoder: HashEncoder, folder: Path) -> None:
    (folder / "gb.txt").write_bytes("小米公司的汽车业务发展很快。法院判决如下。".encode("gb18030"))
    (folder / "page.html").write_text("<html><h1>Head</h1><p>Some text here.</p></html>")
    with Loader() as real:
        splitter = Splitter(encoder.count_tokens, 200)
        outcomes = Intake(library, real, encoder, splitter).run(discover([str(folder)]))
    assert {o.action for o in outcomes} == {"added"}
    noted = {Path(o.source).name: o.note for o in outcomes if o.note}
    assert list(noted) == ["gb.txt"]
    assert "gb18030" in (noted["gb.txt"] or "").lower()
    for info in library.documents():
        text = library.document(info.id).text
        for passage in library.document_passages(info.id):
            assert text[passage.start : passage.end] == passage.text
