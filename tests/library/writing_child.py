"""A process that stores documents until it is killed, and says which it has stored.

``python writing_child.py HOME FIRST`` stores /FIRST, /FIRST+1, …; each second one is replaced
or removed again. A line is written when a change is durable: ``put N``, ``remove N``.
"""

import sys
from pathlib import Path

from pincite.library.store import Library
from pincite.library.writer import document_id
from tests.fakes import HashEncoder, new_document


def text_of(number: int) -> str:
    return "\n\n".join(f"Document {number}, paragraph {i} 🦊." for i in range(1 + number % 5))


def tell(change: str) -> None:
    # In one write: print writes by pieces where PYTHONUNBUFFERED is set; a kill may part them.
    sys.stdout.write(f"{change}\n")
    sys.stdout.flush()


def main(home: Path, first: int) -> None:
    encoder = HashEncoder(16)
    with Library.open(home) as library:
        for number in range(first, first + 10_000):
            with library.writing() as writer:
                writer.put(new_document(f"/{number}", text_of(number), encoder))
                tell(f"put {number}")
                if number % 3 == 0:
                    writer.remove(document_id(f"/{number}"))
                    tell(f"remove {number}")


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
