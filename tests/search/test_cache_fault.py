"""What is wrong with the index files is told, and nothing is mended."""

from pincite.library.store import Library
from pincite.search.cache import IndexCache
from tests.fakes import HashEncoder, new_document


def put(library: Library, encoder: HashEncoder, source: str) -> None:
    with library.writing() as writer:
        writer.put_many([new_document(source, f"About {source}.", encoder)])


def test_missing_old_and_altered_files_are_told(library: Library, encoder: HashEncoder) -> None:
    folder = library.home / "index"
    put(library, encoder, "/apples")
    assert IndexCache(folder).fault(library) == "there are none on disk"
    assert not folder.exists()
    IndexCache(folder).current(library)
    assert IndexCache(folder).fault(library) is None
    put(library, encoder, "/pears")
    assert "generation 1, wanted 2" in (IndexCache(folder).fault(library) or "")
    IndexCache(folder).current(library)
    (dense,) = folder.glob("index-*/dense.faiss")
    dense.write_bytes(dense.read_bytes()[:-1] + b"?")
    assert "was altered" in (IndexCache(folder).fault(library) or "")
