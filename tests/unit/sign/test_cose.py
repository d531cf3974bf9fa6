"""COSE_Sign1 in its one shape: what parses is canonical, and every changed bit is noticed."""

from __future__ import annotations

import cbor2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ecert.errors import ParseError, SignatureError
from ecert.reasons import Reason
from ecert.sign import cose
from ecert.sign.keys import PrivateKey

KEY = PrivateKey.from_scalar("ES256", bytes(range(1, 33)))
PROTECTED = cbor2.dumps({1: -7})
DATA = cose.sign1(b"payload", KEY, kid=b"12345678")


def _message(*parts: object, tag: int | None = 18) -> bytes:
    message = list(parts)
    return cbor2.dumps(message if tag is None else cbor2.CBORTag(tag, message))


def _signed(protected: bytes, payload: bytes = b"payload") -> bytes:
    """A message with any protected header, signed properly all the same."""
    signature = KEY.sign(cbor2.dumps(["Signature1", protected, b"", payload]))
    return _message(protected, {}, payload, signature)


@pytest.mark.parametrize("size", [0, 1, 23, 24, 255, 256, 65535])
@pytest.mark.parametrize("kid", [None, b"", b"12345678"])
def test_a_message_is_what_rfc_9052_says_at_every_length(size: int, kid: bytes | None) -> None:
    payload = bytes(size)
    data = cose.sign1(payload, KEY, kid=kid)
    tagged = cbor2.loads(data)
    assert tagged.tag == 18
    protected, unprotected, content, signature = tagged.value
    assert cbor2.loads(protected) == ({1: -7} if kid is None else {1: -7, 4: kid})
    assert (unprotected, content, len(signature)) == ({}, payload, 64)
    # The whole is in its shortest form, and the signature is over §4.4's structure.
    assert cbor2.dumps(tagged) == data
    KEY.public.verify(signature, cbor2.dumps(["Signature1", protected, b"", payload]))


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=400), st.none() | st.binary(max_size=30))
def test_parse_undoes_sign(payload: bytes, kid: bytes | None) -> None:
    parsed = cose.parse_sign1(cose.sign1(payload, KEY, kid=kid))
    assert (parsed.payload, parsed.kid, parsed.alg) == (payload, kid, -7)
    parsed.verify(KEY.public)


def _holds(data: bytes) -> bool:
    try:
        cose.parse_sign1(data).verify(KEY.public)
    except (ParseError, SignatureError):
        return False
    return True


def test_every_flipped_bit_is_noticed() -> None:
    assert _holds(DATA)
    for bit in range(len(DATA) * 8):
        flipped = bytearray(DATA)
        flipped[bit // 8] ^= 1 << (bit % 8)
        assert not _holds(bytes(flipped)), bit


def test_every_missing_or_added_byte_is_noticed() -> None:
    for position in range(len(DATA) + 1):
        assert not _holds(DATA[:position] + b"\0" + DATA[position:])
        if position < len(DATA):
            assert not _holds(DATA[:position])
            assert not _holds(DATA[:position] + DATA[position + 1 :])


SIG = bytes(64)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\xd2",
        b"\xd2\x84",
        _message(PROTECTED, {}, b"x", SIG, tag=None),
        _message(PROTECTED, {}, b"x", SIG, tag=98),
        cbor2.dumps(cbor2.CBORTag(61, cbor2.CBORTag(18, [PROTECTED, {}, b"x", SIG]))),
        _message(PROTECTED, {4: b"k"}, b"x", SIG),
        _message(PROTECTED, {}, None, SIG),
        _message(PROTECTED, {}, "x", SIG),
        _message(PROTECTED, {}, b"x", "s"),
        _message(PROTECTED, {}, b"x"),
        _message(PROTECTED, {}, b"x", SIG, b""),
        _message({1: -7}, {}, b"x", SIG),
        b"\xd8\x12\x84" + _message(PROTECTED, {}, b"x", SIG)[2:],
        b"\xd2\x98\x04" + _message(PROTECTED, {}, b"x", SIG)[2:],
        b"\xd2\x9f" + _message(PROTECTED, {}, b"x", SIG)[2:] + b"\xff",
        b"\xd2\x84\x58\x03" + PROTECTED + b"\xa0\x41x\x58\x40" + SIG,
        b"\xd2\x84\x43" + PROTECTED + b"\xa0\x58\x01x\x58\x40" + SIG,
        b"\xd2\x84\x43" + PROTECTED + b"\xa0\x41x\x59\x00\x40" + SIG,
        b"\xd2\x84\x43" + PROTECTED + b"\xa0\x5a\x00\x00\x00\x01x\x58\x40" + SIG,
        b"\xd2\x84\x43" + PROTECTED + b"\xa0\x5f\x41x\xff\x58\x40" + SIG,
        b"\xd2\x84\x43" + PROTECTED + b"\xb8\x00\x41x\x58\x40" + SIG,
    ],
)
def test_another_shape_is_refused(data: bytes) -> None:
    with pytest.raises(ParseError) as caught:
        cose.parse_sign1(data)
    assert caught.value.reason is Reason.MALFORMED


@pytest.mark.parametrize(
    "protected",
    [
        b"",
        cbor2.dumps({}),
        cbor2.dumps([]),
        cbor2.dumps({4: b"k"}),
        cbor2.dumps({4: b"k", 1: -7}),
        cbor2.dumps({1: -7, 2: [4]}),
        cbor2.dumps({1: -7, 33: b"certificate"}),
        cbor2.dumps({1: -7, "alg": 1}),
        cbor2.dumps({1: "ES256"}),
        cbor2.dumps({1: True}),
        cbor2.dumps({True: -7}),
        cbor2.dumps({1.0: -7}),
        cbor2.dumps({1: -7, 4: "12345678"}),
        cbor2.dumps({1: -7, 4: None}),
        bytes.fromhex("a20126 0126".replace(" ", "")),
        bytes.fromhex("a1013806"),
        bytes.fromhex("bf0126ff"),
        PROTECTED + b"\0",
        bytes.fromhex("a1180126"),
    ],
)
def test_a_protected_header_holds_alg_and_kid_and_nothing_else(protected: bytes) -> None:
    with pytest.raises(ParseError):
        cose.parse_sign1(_signed(protected))


@pytest.mark.parametrize("alg", [-8, -35, 5, -65601, 0, 2**63])
def test_the_algorithm_must_be_the_keys(alg: int) -> None:
    parsed = cose.parse_sign1(_signed(cbor2.dumps({1: alg})))
    with pytest.raises(SignatureError) as caught:
        parsed.verify(KEY.public)
    assert caught.value.reason is Reason.ALGORITHM


def test_another_key_does_not_fit() -> None:
    with pytest.raises(SignatureError) as caught:
        cose.parse_sign1(DATA).verify(PrivateKey.generate().public)
    assert caught.value.reason is Reason.SIGNATURE


def test_a_signature_over_another_context_does_not_fit() -> None:
    for context, aad in (("Signature", b""), ("CounterSignature", b""), ("Signature1", b"x")):
        signature = KEY.sign(cbor2.dumps([context, PROTECTED, aad, b"payload"]))
        assert not _holds(_message(PROTECTED, {}, b"payload", signature))


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=120) | st.binary(max_size=120).map(lambda tail: b"\xd2\x84" + tail))
def test_any_bytes_are_refused_or_are_the_one_spelling(data: bytes) -> None:
    try:
        parsed = cose.parse_sign1(data)
    except ParseError:
        return
    written = _message(parsed.protected, {}, parsed.payload, parsed.signature)
    assert written == data
