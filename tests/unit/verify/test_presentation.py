"""The hash of what was scanned: one for one code, and none of what a person may have typed."""

from __future__ import annotations

import hashlib

import pytest

from ecert.show import digits
from ecert.show.digits import CodeKind
from ecert.verify.presentation import (
    Presented,
    is_file,
    presented_code,
    presented_file,
    presented_picture,
)

CODE = digits.encode(CodeKind.SELF_CONTAINED, bytes(range(100)))


@pytest.mark.parametrize(
    "scanned",
    [
        CODE,
        f" {CODE[:50]} {CODE[50:]}\r\n",
        f"]Q1{CODE}",
        CODE.translate({ord("0") + digit: ord("０") + digit for digit in range(10)}),
    ],
    ids=["plain", "spaces", "symbology", "full-width"],
)
def test_one_code_has_one_hash_whatever_the_scanner_made_of_it(scanned: str) -> None:
    presented = presented_code(scanned)
    assert presented.text == CODE
    assert presented.digest == hashlib.sha256(CODE.encode()).hexdigest()


@pytest.mark.parametrize(
    "typed", ["510681199003071237", "张伟 510681199003071237", CODE[1:], CODE * 2, "", "?"]
)
def test_what_is_no_whole_code_has_none_since_it_may_be_a_persons_number(typed: str) -> None:
    assert presented_code(typed) == Presented("code", None, None)


def test_a_text_with_a_tilde_that_is_no_file_has_none() -> None:
    assert is_file("张伟~510681199003071237")
    assert presented_file("张伟~510681199003071237").digest is None


def test_a_picture_is_known_by_its_bytes() -> None:
    assert presented_picture(b"x").digest == hashlib.sha256(b"x").hexdigest()
