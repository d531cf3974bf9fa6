"""The strict parser: one spelling of everything, and nothing that two readers read differently."""

from __future__ import annotations

import base64
import json
from typing import Any

import cbor2
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from ecert import limits
from ecert.errors import ParseError
from ecert.reasons import Reason
from ecert.sign.strict import (
    b64url,
    b64url_decode,
    bounded,
    parse_cbor,
    parse_json,
    parse_json_object,
)

few = settings(max_examples=200, deadline=None)

# -- base64url --------------------------------------------------------------------------------


@few
@given(st.binary(max_size=100))
def test_what_is_written_is_read_back(data: bytes) -> None:
    assert b64url_decode(b64url(data)) == data
    assert b64url(data) == base64.urlsafe_b64encode(data).decode().rstrip("=")


@few
@given(st.text(alphabet="ABab01-_+/= \n~#é", max_size=12))
@example("")
@example("A")
def test_whatever_is_read_has_just_one_spelling(text: str) -> None:
    try:
        data = b64url_decode(text)
    except ParseError:
        return
    assert b64url(data) == text


@pytest.mark.parametrize(
    "text",
    [
        "AA==", "AAA=", "=", "AA=", "A", "AAAAA", " AAAA", "AAAA\n", "AA\nAA", "AA AA", "AA#AA",
        "AAF", "AB", "AA-_ ", "++++", "////", "AA.AA", "AAAA\x00", "ＡＡＡＡ", "AA\ud800A",
    ],
)  # fmt: skip
def test_lenient_base64_is_refused(text: str) -> None:
    with pytest.raises(ParseError) as caught:
        b64url_decode(text, where="payload")
    assert (caught.value.reason, caught.value.where) == (Reason.MALFORMED, "payload")


def test_the_last_character_has_no_spare_bits() -> None:
    # One byte leaves four bits over, two bytes two: only one of 16, or of 4, spellings stands.
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    for head, count in (("A", 4), ("AA", 16)):
        taken = []
        for last in alphabet:
            try:
                b64url_decode(head + last)
            except ParseError:
                continue
            taken.append(last)
        assert len(taken) == count


# -- JSON -------------------------------------------------------------------------------------

_EXACT = st.integers(-limits.MAX_SAFE_INTEGER, limits.MAX_SAFE_INTEGER)
_TREES = st.recursive(
    st.none() | st.booleans() | _EXACT | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"]), max_size=10),
    lambda inner: st.lists(inner, max_size=4)
    | st.dictionaries(st.text(st.characters(exclude_categories=["Cs"]), max_size=5), inner,
                      max_size=4),
    max_leaves=12,
)  # fmt: skip


@few
@given(_TREES, st.booleans())
def test_json_is_read_as_it_was_written(value: Any, escaped: bool) -> None:
    assert parse_json(json.dumps(value, ensure_ascii=escaped).encode()) == value


@few
@given(st.binary(max_size=60) | st.text(alphabet='{}[]",:0123456789.eE+-tfnul \\ud8', max_size=30)
       .map(str.encode))  # fmt: skip
def test_any_bytes_parse_to_what_the_standard_library_says_or_are_refused(data: bytes) -> None:
    try:
        value = parse_json(data)
    except ParseError:
        return
    assert value == json.loads(data.decode("utf-8"))


@pytest.mark.parametrize(
    "text",
    [
        '{"a":1,"a":1}', '{"a":1,"a":2}', r'{"iss":1,"\u0069ss":2}', '[{"x":{"a":1,"b":2,"a":1}}]',
        "NaN", "[Infinity]", "[-Infinity]", "[1e400]", "[-1e400]", '{"a":1}x', '{"a":1} {}', "[1,]",
        "[01]", "[+1]", "[.5]", "[1.]", "{a:1}", "{'a':1}", "[1] // end", "", " ", "nul", "tru",
        '["\t"]', '["\x00"]', r'["\ud800"]', r'["\udc00\ud800"]', r'["\x41"]',
        "[9007199254740992]", "[-9007199254740992]", "[123456789012345678901234567890]",
        "[" * 100_000, "[" * 17 + "1" + "]" * 17, '{"a":' * 17 + "1" + "}" * 17,
    ],
)  # fmt: skip
def test_what_two_readers_could_read_differently_is_refused(text: str) -> None:
    with pytest.raises(ParseError) as caught:
        parse_json(text.encode(), where="claims")
    assert (caught.value.reason, caught.value.where) == (Reason.MALFORMED, "claims")


@pytest.mark.parametrize(
    "data",
    [
        b"\xef\xbb\xbf{}", "{}".encode("utf-16"), "{}".encode("utf-16-be"), b'["\xff"]',
        b'["\xc0\xaf"]', b'["\xed\xa0\x80"]', b'["\xf4\x90\x80\x80"]', b"{}\x00",
    ],
)  # fmt: skip
def test_bytes_that_are_not_plain_utf_8_are_refused(data: bytes) -> None:
    with pytest.raises(ParseError):
        parse_json(data)


def test_the_largest_exact_integers_and_the_deepest_nesting_are_read() -> None:
    assert parse_json(b"[9007199254740991,-9007199254740991]") == [2**53 - 1, -(2**53) + 1]
    depth = limits.MAX_JSON_DEPTH
    nested: Any = parse_json(b"[" * depth + b"1" + b"]" * depth)
    for _ in range(depth):
        (nested,) = nested
    assert nested == 1


def test_true_is_not_one() -> None:
    (value,) = parse_json(b"[true]")
    assert value is True


@pytest.mark.parametrize("data", [b"[]", b'"x"', b"1", b"null"])
def test_where_an_object_belongs_nothing_else_does(data: bytes) -> None:
    with pytest.raises(ParseError) as caught:
        parse_json_object(data, where="header")
    assert caught.value.where == "header"
    assert parse_json_object(b'{"a":1}') == {"a": 1}


# -- CBOR -------------------------------------------------------------------------------------

_ITEMS = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**64), 2**64 - 1) | st.binary(max_size=40)
    | st.text(st.characters(exclude_categories=["Cs"]), max_size=10),
    lambda inner: st.lists(inner, max_size=4)
    | st.dictionaries(st.integers(-30, 300) | st.text(st.characters(exclude_categories=["Cs"]),
                                                      max_size=4), inner, max_size=4),
    max_leaves=12,
)  # fmt: skip


def _depth(value: Any) -> int:
    if isinstance(value, dict):
        return 1 + max(map(_depth, value.values()), default=0)
    return 1 + max(map(_depth, value), default=0) if isinstance(value, list) else 0


@few
@given(_ITEMS.filter(lambda value: _depth(value) < limits.MAX_CBOR_DEPTH))
def test_cbor_is_read_as_it_was_written(value: Any) -> None:
    found = parse_cbor(cbor2.dumps(value))
    assert found == value
    assert cbor2.dumps(found) == cbor2.dumps(value)


@few
@given(st.binary(max_size=40) | _ITEMS.map(cbor2.dumps).flatmap(
    lambda data: st.tuples(st.just(data), st.integers(0, len(data) - 1), st.integers(0, 255))
    .map(lambda change: change[0][: change[1]] + bytes([change[2]]) + change[0][change[1] + 1 :])
))  # fmt: skip
def test_whatever_bytes_are_read_are_the_one_spelling_of_their_value(data: bytes) -> None:
    try:
        value = parse_cbor(data)
    except ParseError:
        return
    assert cbor2.dumps(value) == data


@pytest.mark.parametrize(
    ("hexadecimal", "what"),
    [
        ("", "nothing"),
        ("1800", "0 in two bytes"),
        ("190018", "24 in three bytes"),
        ("1b0000000000000001", "1 in nine bytes"),
        ("580161", "a length in its long form"),
        ("9f01ff", "an array of indefinite length"),
        ("bf0102ff", "a map of indefinite length"),
        ("5f4101ff", "bytes of indefinite length"),
        ("7f6161ff", "text of indefinite length"),
        ("ff", "a break"),
        ("1c", "a reserved length"),
        ("0101", "a second item"),
        ("8101f6", "bytes behind the end"),
        ("820102 03".replace(" ", ""), "a third element in an array of two"),
        ("8201", "an array cut short"),
        ("6261", "text cut short"),
        ("9bffffffffffffffff", "an array without end"),
        ("5bffffffffffffffff00", "bytes without end"),
        ("a2010201 03".replace(" ", ""), "a key twice"),
        ("a20102f503", "1 and true as keys"),
        ("a1f502", "true as a key"),
        ("a1f602", "null as a key"),
        ("a1410102", "bytes as a key"),
        ("a1810102", "an array as a key"),
        ("61ff", "text that is not UTF-8"),
        ("f93c00", "a half float"),
        ("fb3ff8000000000000", "a float"),
        ("f97e00", "not a number"),
        ("f7", "undefined"),
        ("f0", "a simple value"),
        ("f820", "a simple value in two bytes"),
        ("c11a514b67b0", "a time"),
        ("c249010000000000000000", "a big number"),
        ("c4821b7fffffffffffffff01", "a decimal of astronomical size"),
        ("c5821b7fffffffffffffff01", "a big float of astronomical size"),
        ("d9d9f700", "the self-describing tag"),
        ("d818420101", "encoded CBOR"),
        ("d81c81d81d00", "an array that contains itself"),
        ("d81cd2d81d00", "a tag that contains itself"),
        ("82d81c8101d81d00", "an array that stands twice"),
    ],
)
def test_cbor_beyond_the_formats_is_refused(hexadecimal: str, what: str) -> None:
    with pytest.raises(ParseError) as caught:
        parse_cbor(bytes.fromhex(hexadecimal), where="compact")
    assert (caught.value.reason, caught.value.where) == (Reason.MALFORMED, "compact"), what


def test_what_looks_like_a_tag_inside_a_string_is_just_bytes() -> None:
    assert parse_cbor(bytes.fromhex("46d81cd2d81d00")) == bytes.fromhex("d81cd2d81d00")


def test_cbor_is_read_to_the_bound_of_depth_and_no_deeper() -> None:
    depth = limits.MAX_CBOR_DEPTH
    assert _parses(b"\x81" * depth + b"\x01")
    assert not _parses(b"\x81" * (depth + 1) + b"\x01")
    assert not _parses(b"\x81" * 100_000 + b"\x01")


def _parses(data: bytes) -> bool:
    try:
        parse_cbor(data)
    except ParseError:
        return False
    return True


# -- size -------------------------------------------------------------------------------------


def test_a_bound_lets_its_own_size_through_and_one_byte_more_not() -> None:
    assert bounded(b"12345", 5) == b"12345"
    with pytest.raises(ParseError) as caught:
        bounded(b"123456", 5, where="file")
    assert (caught.value.reason, caught.value.where) == (Reason.TOO_LARGE, "file")
