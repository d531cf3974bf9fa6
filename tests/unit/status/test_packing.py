"""Bits into bytes and back: the draft's own vectors, and lists made to do harm."""

from __future__ import annotations

import json
import zlib
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ecert import limits
from ecert.errors import ParseError
from ecert.reasons import Reason
from ecert.sign.strict import b64url, b64url_decode
from ecert.status.packing import BITS, DecodedList, decode_list, encode_list, pack

if TYPE_CHECKING:
    from pathlib import Path


def refusal(bits: Any, lst: str) -> ParseError:
    with pytest.raises(ParseError) as caught:
        decode_list(bits, lst)
    return caught.value


def squeezed(packed: bytes) -> str:
    return b64url(zlib.compress(packed, 9))


# -- the draft's vectors -------------------------------------------------------------------------


@pytest.mark.parametrize("position", range(4))
def test_the_drafts_lists_decode_at_every_index(vectors: Path, position: int) -> None:
    """All 2^20 entries of each of the four lists, not only those that the draft names."""
    text = (vectors / "token-status-list.json").read_text(encoding="utf-8")
    vector = json.loads(text)["lists"][position]
    decoded = decode_list(vector["bits"], vector["lst"])
    assert len(decoded) == vector["entries"] == 1 << 20
    listed = {int(index): value for index, value in vector["nonzero_or_listed"].items()}
    found = {index: value for index in range(len(decoded)) if (value := decoded.value(index))}
    assert found == {index: value for index, value in listed.items() if value}


def test_the_four_lists_of_the_draft_have_four_widths(vectors: Path) -> None:
    text = (vectors / "token-status-list.json").read_text(encoding="utf-8")
    assert tuple(vector["bits"] for vector in json.loads(text)["lists"]) == BITS


def test_the_drafts_worked_example_byte_by_byte() -> None:
    """Section "Compressed Byte Array": sixteen entries of one bit, lowest bit first."""
    ones = dict.fromkeys((0, 3, 4, 5, 7, 8, 9, 13, 15), 1)
    assert pack(ones, 16, bits=1) == bytes([0xB9, 0xA3])
    assert decode_list(1, "eNrbuRgAAhcBXQ") == DecodedList(1, bytes([0xB9, 0xA3]))


def test_the_drafts_worked_example_of_two_bits() -> None:
    values = dict(enumerate([1, 2, 0, 3, 0, 1, 0, 1, 1, 2, 3, 3]))
    assert pack(values, 12, bits=2) == bytes([0xC9, 0x44, 0xF9])
    assert decode_list(2, "eNo76fITAAPfAgc") == DecodedList(2, bytes([0xC9, 0x44, 0xF9]))


# -- packing -------------------------------------------------------------------------------------


@st.composite
def lists(draw: st.DrawFn) -> tuple[int, int, dict[int, int]]:
    bits = draw(st.sampled_from(BITS))
    size = draw(st.integers(1, 64)) * 8
    values = draw(st.dictionaries(st.integers(0, size - 1), st.integers(0, (1 << bits) - 1)))
    return bits, size, values


@given(lists())
@settings(max_examples=200, deadline=None)
def test_what_is_packed_is_found_again_at_every_index(
    case: tuple[int, int, dict[int, int]],
) -> None:
    bits, size, values = case
    decoded = decode_list(bits, encode_list(pack(values, size, bits)))
    assert len(decoded) == size
    assert [decoded.value(index) for index in range(size)] == [
        values.get(index, 0) for index in range(size)
    ]


@pytest.mark.parametrize(
    ("values", "size", "bits"),
    [
        ({16: 1}, 16, 4),
        ({-1: 1}, 16, 4),
        ({0: 16}, 16, 4),
        ({0: -1}, 16, 4),
        ({}, 16, 3),
        ({}, 0, 4),
        ({}, -8, 4),
        # A spare half byte would be an entry that nobody has given out, and valid.
        ({}, 17, 4),
        ({}, limits.MAX_STATUS_BYTES * 2 + 2, 4),
    ],
)
def test_entries_that_do_not_fit_are_not_packed(
    values: dict[int, int], size: int, bits: int
) -> None:
    with pytest.raises(ValueError, match=r"entry|size|bits"):
        pack(values, size, bits)


def test_the_largest_list_is_packed_and_read() -> None:
    size = limits.MAX_STATUS_BYTES * 2
    decoded = decode_list(4, encode_list(pack({size - 1: 15}, size)))
    assert len(decoded) == size
    assert decoded.value(size - 1) == 15


def test_any_zlib_reader_takes_our_stream() -> None:
    packed = pack({5: 3, 70: 15}, 1024)
    assert zlib.decompress(b64url_decode(encode_list(packed))) == packed


def test_a_million_entries_with_one_in_a_hundred_set_stay_small() -> None:
    values = {index: (1, 2, 3, 12, 13, 14, 15)[index % 7] for index in range(0, 1_000_000, 100)}
    scattered = {(index * 7919) % 1_000_000: value for index, value in values.items()}
    assert len(b64url_decode(encode_list(pack(scattered, 1_000_000)))) < 25_000


# -- indexes -------------------------------------------------------------------------------------

SIXTEEN = DecodedList(4, bytes(8))


def test_the_first_and_the_last_index_are_inside() -> None:
    assert SIXTEEN.value(0) == SIXTEEN.value(15) == 0


@pytest.mark.parametrize(
    "index",
    [
        -1, 16, 17, 1 << 20, 2**63, -(2**63), True, False, 1.0, 0.5, float("nan"), "1", "", b"1",
        None, [1],
    ],
)  # fmt: skip
def test_an_index_that_is_no_entry_is_refused_and_never_valid(index: Any) -> None:
    with pytest.raises(ParseError) as caught:
        SIXTEEN.value(index)
    assert caught.value.reason is Reason.MALFORMED
    assert caught.value.where == "status"


@pytest.mark.parametrize("bits", BITS)
def test_the_bound_is_exact_for_every_width(bits: int) -> None:
    decoded = DecodedList(bits, b"\xff\xff")
    assert decoded.value(len(decoded) - 1) == (1 << bits) - 1
    with pytest.raises(ParseError):
        decoded.value(len(decoded))


# -- hostile lists -------------------------------------------------------------------------------


@pytest.mark.parametrize("bits", [3, 0, -1, 16, True, 4.0, "4", None])
def test_only_four_widths_exist(bits: Any) -> None:
    assert refusal(bits, squeezed(bytes(8))).where == "status_list.bits"


STREAM = zlib.compress(bytes(range(64)), 9)


@pytest.mark.parametrize("cut", range(len(STREAM)))
def test_a_list_cut_short_anywhere_is_refused(cut: int) -> None:
    assert refusal(4, b64url(STREAM[:cut])).where == "status_list.lst"


@pytest.mark.parametrize(
    "data",
    [
        STREAM + b"\0",
        STREAM + STREAM,
        bytes(8),
        zlib.compress(bytes(8))[2:-4],  # raw deflate
        b"\x1f\x8b" + STREAM,  # gzip
        STREAM[:-1] + bytes([STREAM[-1] ^ 1]),  # checksum
        zlib.compress(b""),
    ],
    ids=["trailing", "twice", "no stream", "raw", "gzip", "checksum", "empty"],
)
def test_anything_but_one_whole_stream_is_refused(data: bytes) -> None:
    error = refusal(4, b64url(data))
    assert error.where == "status_list.lst"
    assert error.reason is Reason.MALFORMED


def test_a_stream_with_a_preset_dictionary_is_refused() -> None:
    packer = zlib.compressobj(zdict=b"licence")
    assert (
        refusal(4, b64url(packer.compress(bytes(64)) + packer.flush())).where == "status_list.lst"
    )


@pytest.mark.parametrize("lst", ["!", "eNo=", squeezed(bytes(8)) + "=", " ", "证照"])
def test_what_is_not_base64url_is_refused(lst: str) -> None:
    assert refusal(4, lst).where == "status_list.lst"


def test_a_bomb_is_stopped_at_the_limit() -> None:
    assert len(decode_list(8, squeezed(bytes(limits.MAX_STATUS_BYTES)))) == limits.MAX_STATUS_BYTES
    assert refusal(8, squeezed(bytes(limits.MAX_STATUS_BYTES + 1))).reason is Reason.TOO_LARGE


def test_a_large_bomb_is_not_inflated_first() -> None:
    import tracemalloc

    bomb = squeezed(bytes(64 * limits.MAX_STATUS_BYTES))
    tracemalloc.start()
    try:
        assert refusal(4, bomb).reason is Reason.TOO_LARGE
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 8 * limits.MAX_STATUS_BYTES


@given(st.binary(max_size=200), st.sampled_from(BITS))
@settings(max_examples=200, deadline=None)
def test_arbitrary_bytes_are_a_list_or_a_refusal(data: bytes, bits: int) -> None:
    try:
        decoded = decode_list(bits, b64url(data))
    except ParseError:
        with pytest.raises(zlib.error):
            zlib.decompress(data)
    else:
        assert zlib.decompress(data) == decoded.packed
