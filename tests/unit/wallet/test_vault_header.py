"""The vault's header: what is not a vault is told apart, and no file may ask for too much."""

from __future__ import annotations

import struct
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ecert.errors import VaultError
from ecert.wallet.vault_header import (
    CHEAPEST,
    HEADER_BYTES,
    KDF,
    STANDARD,
    TAG_BYTES,
    Header,
    require_strong,
)

PATH = Path("/home/zhang/张伟.wallet")
BOX = bytes(TAG_BYTES)


def _with(data: bytes, offset: int, form: str, value: int) -> bytes:
    changed = bytearray(data)
    struct.pack_into(form, changed, offset, value)
    return bytes(changed)


def _refused(data: bytes) -> VaultError:
    with pytest.raises(VaultError) as caught:
        Header.parse(data, PATH)
    return caught.value


def test_a_header_survives_its_fifty_bytes() -> None:
    header = Header.fresh(STANDARD)
    assert len(header.pack()) == HEADER_BYTES == 50
    assert Header.parse(header.pack() + BOX, PATH) == header


def test_the_next_header_differs_in_the_nonce_alone() -> None:
    header = Header.fresh(CHEAPEST)
    following = header.next()
    assert following.nonce != header.nonce
    assert (following.kdf, following.salt) == (header.kdf, header.salt)


def test_what_is_wrong_with_a_file_is_told_apart_and_names_it() -> None:
    good = Header.fresh(CHEAPEST).pack() + BOX
    faults = {
        "empty": _refused(b""),
        "foreign": _refused(b"\x89PNG\r\n\x1a\n" + bytes(100)),
        "cut": _refused(good[:-1]),
        "newer": _refused(_with(good, 8, ">H", 2)),
        "cost": _refused(_with(good, 10, ">I", 0xFFFFFFFF)),
    }
    assert {name: fault.zh for name, fault in faults.items()} == {
        "empty": "文件是空的，可能是创建时中断",
        "foreign": "不是卡包文件",
        "cut": "文件不完整",
        "newer": "文件由更高版本的软件写成",
        "cost": "文件要求的解锁开销不合理，可能已损坏或被改动",
    }
    for fault in faults.values():
        assert fault.where == str(PATH)
        assert fault.fix_zh
        assert fault.fix_en


def test_a_newer_version_is_told_even_if_its_header_is_shorter() -> None:
    good = Header.fresh(CHEAPEST).pack()
    assert _refused(_with(good, 8, ">H", 9)[:12]).en == "the file was written by newer software"


@pytest.mark.parametrize(
    ("kdf", "one_more"),
    [
        ((1024 * 1024, 20, 16), (1024 * 1024 + 1, 20, 16)),
        ((1024 * 1024, 20, 16), (1024 * 1024, 21, 16)),
        ((1024 * 1024, 20, 16), (1024 * 1024, 20, 17)),
        ((8 * 16, 1, 16), (8 * 16 - 1, 1, 16)),
        ((8, 1, 1), (8, 0, 1)),
        ((8, 1, 1), (8, 1, 0)),
    ],
)
def test_the_cost_is_bounded_exactly(
    kdf: tuple[int, int, int], one_more: tuple[int, int, int]
) -> None:
    header = Header.fresh(KDF(*kdf))
    assert Header.parse(header.pack() + BOX, PATH) == header
    with pytest.raises(ValueError, match="out of range"):
        KDF(*one_more)
    altered = bytearray(header.pack() + BOX)
    struct.pack_into(">III", altered, 10, *one_more)
    assert _refused(bytes(altered)).en.startswith("the file asks for an unreasonable cost")


def test_only_the_cheapest_choice_may_be_weaker_than_standard() -> None:
    require_strong(STANDARD)
    require_strong(CHEAPEST)
    require_strong(KDF(STANDARD.memory_kib, STANDARD.iterations, lanes=1))
    for weak in (
        KDF(STANDARD.memory_kib - 1, STANDARD.iterations, STANDARD.lanes),
        KDF(STANDARD.memory_kib, STANDARD.iterations - 1, STANDARD.lanes),
        KDF(16, 1, 1),
    ):
        with pytest.raises(ValueError, match="weaker than STANDARD"):
            require_strong(weak)


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=80), st.booleans())
def test_any_bytes_are_a_header_or_a_refusal(data: bytes, magic: bool) -> None:
    data = Header.fresh(CHEAPEST).pack()[:10] + data if magic else data
    with suppress(VaultError):
        assert Header.parse(data, PATH).pack() == data[:HEADER_BYTES]
