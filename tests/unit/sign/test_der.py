"""Signatures in DER: one form for each, and nothing else is taken."""

from __future__ import annotations

import pytest
from cryptography.hazmat.primitives.asymmetric.utils import (
    decode_dss_signature,
    encode_dss_signature,
)
from hypothesis import given, settings
from hypothesis import strategies as st

from ecert.errors import SignatureError
from ecert.sign import der

numbers = st.integers(1, 2**256 - 1) | st.integers(1, 300) | st.just(2**255)


@given(numbers, numbers)
@settings(max_examples=200, deadline=None)
def test_der_is_what_another_library_writes_and_reads_back(r: int, s: int) -> None:
    raw = r.to_bytes(32) + s.to_bytes(32)
    assert der.signature(raw) == encode_dss_signature(r, s)
    assert der.parse_signature(encode_dss_signature(r, s)) == raw


@given(st.binary(max_size=80))
@settings(max_examples=200, deadline=None)
def test_what_is_taken_is_the_one_form_of_its_numbers(data: bytes) -> None:
    try:
        raw = der.parse_signature(b"\x30" + data)
    except SignatureError:
        return
    assert der.signature(raw) == b"\x30" + data
    assert decode_dss_signature(b"\x30" + data) == (
        int.from_bytes(raw[:32]),
        int.from_bytes(raw[32:]),
    )


@given(numbers, numbers, st.data())
@settings(max_examples=500, deadline=None)
def test_of_a_changed_form_only_the_one_form_of_other_numbers_is_taken(
    r: int, s: int, data: st.DataObject
) -> None:
    changed = bytearray(encode_dss_signature(r, s))
    # The bytes that tell lengths and kinds are tried as often as all others together.
    telling = [0, 1, 2, 3, 4, 4 + changed[3], 5 + changed[3], 6 + changed[3]]
    place = data.draw(st.sampled_from(telling) | st.integers(0, len(changed) - 1))
    changed[place] = data.draw(st.integers(0, 255))
    try:
        raw = der.parse_signature(bytes(changed))
    except SignatureError:
        return
    assert len(raw) == 64
    assert encode_dss_signature(*decode_dss_signature(bytes(changed))) == changed
    assert der.signature(raw) == changed


@pytest.mark.parametrize("halves", [(1, 1), (2**248 - 1, 2**255), (2**248, 2**255 - 1)])
def test_numbers_at_the_edges_of_a_form(halves: tuple[int, int]) -> None:
    for r, s in (halves, halves[::-1]):
        written = encode_dss_signature(r, s)
        assert der.signature(r.to_bytes(32) + s.to_bytes(32)) == written
        assert der.parse_signature(written) == r.to_bytes(32) + s.to_bytes(32)


@pytest.mark.parametrize(
    "hexed",
    [
        "",
        "30",
        "3006020101020101ff",  # a byte too many
        "300602010102010",  # cut short
        "30070201010202 0001",  # a needless zero
        "3006020100020101",  # nought
        "30060201ff020101",  # negative
        "308106020101020101",  # a long length
        "3080020101020101 0000",  # no length
        "3009020101020101020101",  # a third number
        "3105020101020101",  # a SET
        "30060301010201 01",  # a BIT STRING
        "3003020101",
    ],
)
def test_other_forms_are_refused(hexed: str) -> None:
    text = hexed.replace(" ", "")
    with pytest.raises(SignatureError):
        der.parse_signature(bytes.fromhex(text if len(text) % 2 == 0 else text + "0"))


def test_a_number_over_256_bits_is_refused() -> None:
    with pytest.raises(SignatureError):
        der.parse_signature(encode_dss_signature(2**256, 1))
