"""The error tree: drawn as it is, with stable and distinct codes."""

import re

from pincite import errors
from pincite.errors import PinciteError


def _tree(kind: type[PinciteError], depth: int = 0) -> list[tuple[str, int]]:
    found = [(kind.__name__, depth)]
    for child in kind.__subclasses__():
        if child.__module__ == errors.__name__:
            found += _tree(child, depth + 1)
    return found


def test_the_drawing_at_the_top_is_the_tree() -> None:
    drawn = [
        (match[2], len(match[1]) // 4)
        for match in re.finditer(r"^([│├└─ ]*)(\w+Error)", errors.__doc__ or "", re.MULTILINE)
    ]
    assert sorted(drawn) == sorted(_tree(PinciteError))


def test_every_error_has_a_code_of_its_own() -> None:
    kinds = [getattr(errors, name) for name, _ in _tree(PinciteError)]
    codes = [kind.code for kind in kinds]
    assert len(set(codes)) == len(codes)
    assert all(re.fullmatch("[a-z_]+", code) for code in codes)
