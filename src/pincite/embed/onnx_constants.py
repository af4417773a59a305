"""Arrays stored in an ONNX file: ONNX Runtime runs them, but does not give them out."""

from collections.abc import Collection, Iterator

import numpy as np
from numpy.typing import NDArray

# Field numbers, and the element types that are read.
_GRAPH_OF_MODEL, _ARRAY_OF_GRAPH = 7, 5
_SHAPE, _TYPE, _NAME, _DATA = 1, 2, 8, 9
_TYPES = {1: np.float32, 2: np.uint8, 10: np.float16}
# Wire types: a number, 8 bytes, bytes with their length, 4 bytes.
_NUMBER, _EIGHT, _BYTES, _FOUR = 0, 1, 2, 5
_SIZES = {_EIGHT: 8, _FOUR: 4}


def constants(model: bytes, names: Collection[str]) -> dict[str, NDArray[np.generic]]:
    """Return the arrays of these names that an ONNX model holds, as copies.

    Args:
        model: The file's bytes.
        names: Others are passed over, those that the model lacks are left out.

    Raises:
        ValueError: If the bytes are no such model, or an array wanted is not of float32, float16
            or uint8 in raw form.

    Source:
        onnx.proto, github.com/onnx/onnx (ModelProto, GraphProto, TensorProto), and Protocol
        Buffers' documentation, "Encoding".
    """
    found = {}
    try:
        for graph in _inside(memoryview(model), _GRAPH_OF_MODEL):
            for stored in _inside(graph, _ARRAY_OF_GRAPH):
                name = b"".join(bytes(part) for part in _inside(stored, _NAME)).decode()
                if name in names:
                    found[name] = _array(stored, name)
    except IndexError as exc:
        raise ValueError("the model ends too early") from exc
    return found


def _array(stored: memoryview, name: str) -> NDArray[np.generic]:
    shape: list[int] = []
    type_, data = 0, b""
    for field, value in _fields(stored):
        if field == _SHAPE:
            shape += [value] if isinstance(value, int) else _numbers(value)
        elif field == _TYPE and isinstance(value, int):
            type_ = value
        elif field == _DATA and not isinstance(value, int):
            data = bytes(value)
    if type_ not in _TYPES:
        raise ValueError(f"{name} is of the element type {type_}, wanted one of {sorted(_TYPES)}")
    array: NDArray[np.generic] = np.frombuffer(data, dtype=_TYPES[type_]).reshape(shape)
    return array


def _inside(message: memoryview, wanted: int) -> Iterator[memoryview]:
    for field, value in _fields(message):
        if field == wanted and not isinstance(value, int):
            yield value


def _fields(message: memoryview) -> Iterator[tuple[int, int | memoryview]]:
    """Yield a message's fields: their number, and a number or the bytes."""
    at = 0
    while at < len(message):
        key, at = _number(message, at)
        field, wire = key >> 3, key & 7
        if wire == _NUMBER:
            value, at = _number(message, at)
            yield field, value
            continue
        size = _SIZES.get(wire)
        if wire == _BYTES:
            size, at = _number(message, at)
        if size is None or at + size > len(message):
            raise ValueError(f"no ONNX model: wire type {wire} at byte {at} of {len(message)}")
        yield field, message[at : at + size]
        at += size


def _numbers(packed: memoryview) -> list[int]:
    numbers, at = [], 0
    while at < len(packed):
        value, at = _number(packed, at)
        numbers.append(value)
    return numbers


def _number(message: memoryview, at: int) -> tuple[int, int]:
    """Read a number in groups of seven bits, the lowest first; return it and where it ends."""
    value = shift = 0
    while True:
        byte = message[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, at
        shift += 7
