"""What is written by hand is, byte for byte, what another library writes in canonical form."""

from __future__ import annotations

from typing import Any

import cbor2
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from ecert.sign import cbor
from ecert.sign.strict import parse_cbor

_EDGES = [0, 23, 24, 255, 256, 65535, 65536, 2**32 - 1, 2**32, 2**64 - 1]
numbers = st.integers(-(2**64), 2**64 - 1) | st.sampled_from(_EDGES).map(lambda edge: -1 - edge)


@given(numbers)
@settings(max_examples=300, deadline=None)
def test_an_integer(value: int) -> None:
    assert cbor.number(value) == cbor2.dumps(value)


@pytest.mark.parametrize("edge", _EDGES)
def test_an_integer_at_the_edge_of_a_form(edge: int) -> None:
    for value in (edge, -1 - edge):
        assert cbor.number(value) == cbor2.dumps(value)


@pytest.mark.parametrize("value", [2**64, -(2**64) - 1])
def test_an_integer_beyond_64_bits_is_not_written(value: int) -> None:
    with pytest.raises(OverflowError):
        cbor.number(value)


@given(st.text(max_size=400))
@example("张" * 85)
@example("张" * 86)
@settings(max_examples=200, deadline=None)
def test_a_text(value: str) -> None:
    assert cbor.text(value) == cbor2.dumps(value)


@pytest.mark.parametrize("size", [0, 23, 24, 255, 256, 65535, 65536])
def test_strings_arrays_and_maps_at_the_edge_of_a_form(size: int) -> None:
    assert cbor.data(bytes(size)) == cbor2.dumps(bytes(size))
    assert cbor.text("x" * size) == cbor2.dumps("x" * size)
    assert cbor.array(size) + bytes(size) == cbor2.dumps([0] * size)
    written = b"".join(cbor.number(key) + b"\x00" for key in range(size))
    assert cbor.pairs(size) + written == cbor2.dumps(dict.fromkeys(range(size), 0))


def test_a_lone_surrogate_is_not_written() -> None:
    with pytest.raises(UnicodeEncodeError):
        cbor.text("\ud800")


@given(
    st.recursive(
        numbers.filter(lambda value: -(2**63) <= value < 2**64)
        | st.text(max_size=30)
        | st.binary(max_size=30)
        | st.none()
        | st.booleans(),
        lambda inner: st.lists(inner, max_size=30) | st.dictionaries(st.integers(-300, 300), inner),
        max_leaves=10,
    )
)
@settings(max_examples=200, deadline=None)
def test_pieces_put_together_are_read_back_strictly(value: Any) -> None:
    written = _write(value)
    assert written == cbor2.dumps(value)
    assert parse_cbor(written) == value


def _write(value: Any) -> bytes:
    if value is None or isinstance(value, bool):
        return {None: cbor.NULL, True: cbor.TRUE, False: cbor.FALSE}[value]
    if isinstance(value, int):
        return cbor.number(value)
    if isinstance(value, bytes):
        return cbor.data(value)
    if isinstance(value, str):
        return cbor.text(value)
    if isinstance(value, list):
        return cbor.array(len(value)) + b"".join(map(_write, value))
    written = [_write(key) + _write(item) for key, item in value.items()]
    return cbor.pairs(len(written)) + b"".join(written)
