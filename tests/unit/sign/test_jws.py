"""Compact JWS: the header is never obeyed, and every change is noticed."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ecert import limits
from ecert.errors import ParseError, SignatureError
from ecert.reasons import Reason
from ecert.sign import jws
from ecert.sign.keys import PrivateKey, PublicKey
from ecert.sign.strict import b64url, b64url_decode

KEY = PrivateKey.from_scalar("ES256", bytes(range(1, 33)))
OTHER = PrivateKey.from_scalar("ES256", bytes(range(2, 34)))
TOKEN = jws.sign({"typ": "test+jwt"}, b'{"a":1}', KEY)


def _with_header(header: Any, *, key: PrivateKey = KEY) -> str:
    """A token with any header, signed properly all the same."""
    raw = header if isinstance(header, bytes) else json.dumps(header).encode()
    signing_input = f"{b64url(raw)}.{b64url(b'payload')}"
    return f"{signing_input}.{b64url(key.sign(signing_input.encode()))}"


# -- making -----------------------------------------------------------------------------------


def test_algorithm_and_key_id_come_from_the_key() -> None:
    parsed = jws.parse(TOKEN)
    assert parsed.header == {"alg": "ES256", "kid": KEY.public.kid, "typ": "test+jwt"}
    assert parsed.payload == b'{"a":1}'
    assert parsed.kid == KEY.public.kid
    assert parsed.verify([KEY.public]) == KEY.public


@settings(max_examples=50, deadline=None)
@given(st.binary(max_size=300))
def test_any_payload_comes_back_and_is_proven(payload: bytes) -> None:
    parsed = jws.parse(jws.sign({}, payload, KEY))
    assert parsed.payload == payload
    parsed.verify([KEY.public])


# -- headers ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "parameter",
    [
        {"crit": []}, {"crit": ["exp"], "exp": 1}, {"b64": False, "crit": ["b64"]}, {"b64": True},
        {"zip": "DEF"}, {"jwk": KEY.public.jwk()}, {"jku": "http://127.0.0.1/"},
        {"x5u": "file:///etc/passwd"}, {"x5c": ["AA=="]}, {"x5t": "AA"}, {"x5t#S256": "AA"},
        {"url": "x"}, {"nonce": "x"}, {"iss": "x"}, {"": 1}, {"ALG": "none"},
    ],
)  # fmt: skip
def test_a_header_parameter_outside_the_list_is_refused(parameter: dict[str, Any]) -> None:
    with pytest.raises(ParseError) as caught:
        jws.parse(_with_header({"alg": "ES256"} | parameter))
    assert (caught.value.reason, caught.value.where) == (Reason.MALFORMED, "header")


@pytest.mark.parametrize(
    "alg",
    ["none", "None", "NONE", "nOnE", "", "HS256", "RS256", "ES384", "es256", "ES256 ", "SM2"],
)
def test_an_algorithm_that_is_not_the_keys_is_refused(alg: str) -> None:
    with pytest.raises(SignatureError) as caught:
        jws.parse(_with_header({"alg": alg})).verify([KEY.public])
    assert caught.value.reason is Reason.ALGORITHM


@pytest.mark.parametrize("alg", [["ES256"], None, 7, {"": ""}, True])
def test_an_algorithm_that_is_not_text_is_refused(alg: Any) -> None:
    with pytest.raises(ParseError) as caught:
        jws.parse(_with_header({"alg": alg}))
    assert caught.value.reason is Reason.ALGORITHM


def test_a_header_without_an_algorithm_is_refused() -> None:
    with pytest.raises(ParseError) as caught:
        jws.parse(_with_header({"typ": "x"}))
    assert caught.value.reason is Reason.ALGORITHM


@pytest.mark.parametrize(
    "header",
    [
        b'{"alg":"none","alg":"ES256"}', b'{"alg":"ES256","\\u0061lg":"ES256"}', b"[]", b"null",
        b'"ES256"', b"", b"{", b'\xef\xbb\xbf{"alg":"ES256"}',
        '{"alg":"ES256"}'.encode("utf-16"),
    ],
)  # fmt: skip
def test_a_header_that_is_not_strict_json_is_refused(header: bytes) -> None:
    with pytest.raises(ParseError) as caught:
        jws.parse(_with_header(header))
    assert caught.value.where == "header"


@pytest.mark.parametrize("kid", [["k1"], None, True, 1.5, {"k": 1}])
def test_a_key_id_is_text_or_an_integer(kid: Any) -> None:
    with pytest.raises(ParseError) as caught:
        jws.parse(_with_header({"alg": "ES256", "kid": kid}))
    assert "kid" in caught.value.en


@pytest.mark.parametrize("typ", [None, 7, ["JWT"]])
def test_a_type_is_text(typ: Any) -> None:
    with pytest.raises(ParseError) as caught:
        jws.parse(_with_header({"alg": "ES256", "typ": typ}))
    assert "typ" in caught.value.en


# -- which key --------------------------------------------------------------------------------


def _named(key: PrivateKey, kid: str) -> PublicKey:
    return PublicKey.from_jwk(key.public.jwk() | {"kid": kid})


@pytest.mark.parametrize("kid", ["K1", "k1 ", "", "k2", "x' OR '1'='1", "../k1", "k1\x00", 1])
def test_a_key_with_a_name_is_used_under_just_this_name(kid: Any) -> None:
    key = _named(KEY, "k1")
    jws.parse(_with_header({"alg": "ES256", "kid": "k1"})).verify([key])
    with pytest.raises(SignatureError) as caught:
        jws.parse(_with_header({"alg": "ES256", "kid": kid})).verify([key])
    assert caught.value.reason is Reason.UNKNOWN_ISSUER


def test_a_nameless_token_is_tried_with_every_key() -> None:
    token = jws.parse(_with_header({"alg": "ES256"}))
    assert token.kid is None
    keys = [OTHER.public, _named(OTHER, "k2"), KEY.public]
    assert token.verify(keys) == KEY.public
    assert token.verify(reversed(keys)) == KEY.public


def test_a_nameless_key_is_tried_for_every_token() -> None:
    for kid in ("anything", 42):
        token = jws.parse(_with_header({"alg": "ES256", "kid": kid}))
        assert token.verify([KEY.public]) == KEY.public


def test_without_any_key_nobody_is_known() -> None:
    with pytest.raises(SignatureError) as caught:
        jws.parse(TOKEN).verify([])
    assert caught.value.reason is Reason.UNKNOWN_ISSUER


def test_another_key_does_not_fit() -> None:
    with pytest.raises(SignatureError) as caught:
        jws.parse(TOKEN).verify([OTHER.public])
    assert caught.value.reason is Reason.SIGNATURE


# -- form and change --------------------------------------------------------------------------


def test_a_compact_jws_has_three_parts() -> None:
    for token in ("", ".", "..", "a.b", "a.b.c.d", TOKEN + ".", "." + TOKEN):
        with pytest.raises(ParseError) as caught:
            jws.parse(token)
        assert caught.value.reason is Reason.MALFORMED


def test_a_token_at_the_limit_is_read_and_one_beyond_it_is_not() -> None:
    assert jws.parse(TOKEN, max_chars=len(TOKEN)).payload == b'{"a":1}'
    with pytest.raises(ParseError) as caught:
        jws.parse(TOKEN, max_chars=len(TOKEN) - 1)
    assert caught.value.reason is Reason.TOO_LARGE
    with pytest.raises(ParseError) as caught:
        jws.parse("A" * (limits.MAX_TOKEN_CHARS + 1))
    assert caught.value.reason is Reason.TOO_LARGE


def _holds(token: str) -> bool:
    try:
        jws.parse(token).verify([KEY.public])
    except (ParseError, SignatureError):
        return False
    return True


def test_every_changed_character_is_noticed() -> None:
    assert _holds(TOKEN)
    for position in range(len(TOKEN)):
        for other in "A_.=~":
            changed = TOKEN[:position] + other + TOKEN[position + 1 :]
            assert changed == TOKEN or not _holds(changed), (position, other)
        assert not _holds(TOKEN[:position] + TOKEN[position + 1 :])
        assert not _holds(TOKEN[:position] + "A" + TOKEN[position:])


def test_every_flipped_bit_of_the_signed_bytes_is_noticed() -> None:
    parts = TOKEN.split(".")
    for number in range(3):
        raw = b64url_decode(parts[number])
        for bit in range(len(raw) * 8):
            flipped = bytearray(raw)
            flipped[bit // 8] ^= 1 << (bit % 8)
            changed = [*parts[:number], b64url(bytes(flipped)), *parts[number + 1 :]]
            assert not _holds(".".join(changed)), (number, bit)


def test_parts_of_two_good_tokens_make_no_third() -> None:
    one = TOKEN.split(".")
    two = jws.sign({"typ": "other+jwt"}, b'{"a":2}', KEY).split(".")
    for mixed in (
        [one[0], two[1], one[2]], [two[0], one[1], one[2]], [one[0], one[1], two[2]],
    ):  # fmt: skip
        assert not _holds(".".join(mixed))


@settings(max_examples=200, deadline=None)
@given(st.text(alphabet='abcAZ09-_.~= {}"é\u0000', max_size=80))
def test_any_text_is_parsed_or_refused(text: str) -> None:
    assert not _holds(text)
