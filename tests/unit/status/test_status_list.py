"""Status list tokens: signed, in date, never older than before, and never guessed."""

from __future__ import annotations

import json
import timeit
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt
import orjson
import pytest
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from ecert import limits
from ecert.errors import DocumentRefusedError, ParseError, SignatureError
from ecert.faults import DocumentFault
from ecert.reasons import Reason
from ecert.sign import jws
from ecert.sign.keys import PrivateKey
from ecert.status.packing import encode_list, pack
from ecert.status.status_list import (
    TYP,
    StatusList,
    build_token,
    check_status_succession,
    open_token,
    restore_token,
    unverified_uri,
)
from ecert.trust.succession import Mark

NOW = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)
URI = "https://status.example/lists/1"
KEY, OTHER = PrivateKey.generate(), PrivateKey.generate()
VALUES = {3: 1, 7: 2, 1000: 15}


def token(**changes: Any) -> str:
    values: dict[str, Any] = {
        "size": 1024,
        "signer": KEY,
        "issued": NOW,
        "expires": NOW + timedelta(days=7),
        "ttl": timedelta(hours=1),
    }
    return build_token(URI, VALUES, **(values | changes))


def claims(**changes: Any) -> dict[str, Any]:
    seconds = int(NOW.timestamp())
    whole: dict[str, Any] = {
        "sub": URI,
        "iat": seconds,
        "exp": seconds + 3600,
        "ttl": 60,
        "status_list": {"bits": 4, "lst": encode_list(pack(VALUES, 1024))},
    }
    return {name: value for name, value in (whole | changes).items() if value is not ...}


def hand_made(signer: PrivateKey = KEY, typ: str = TYP, **changes: Any) -> str:
    """A token that says what `build_token` would not; ``...`` leaves a claim out."""
    return jws.sign({"typ": typ}, orjson.dumps(claims(**changes)), signer)


def opened(text: str, at: datetime = NOW) -> StatusList:
    return open_token(text, [KEY.public], at=at)


def parse_refusal(text: str) -> ParseError:
    with pytest.raises(ParseError) as caught:
        opened(text)
    return caught.value


# -- the good case -------------------------------------------------------------------------------


def test_a_list_says_what_was_put_into_it() -> None:
    found = opened(token())
    assert found.uri == URI
    assert found.issued == NOW
    assert found.expires == NOW + timedelta(days=7)
    assert found.ttl == timedelta(hours=1)
    assert len(found.values) == 1024
    assert {i: v for i in range(1024) if (v := found.values.value(i))} == VALUES
    assert found.slot == f"statuslist+jwt:{URI}"
    assert found.version == int(NOW.timestamp())


def test_the_size_of_a_list_does_not_tell_how_many_were_given_out() -> None:
    empty = build_token(URI, {}, size=1024, signer=KEY, issued=NOW, expires=NOW + timedelta(days=1))
    assert len(opened(empty).values) == 1024


def test_it_should_be_fetched_again_after_its_ttl_and_speaks_until_it_expires() -> None:
    found = opened(token())
    assert found.due == NOW + timedelta(hours=1)
    assert found.is_current(found.due + SECOND)
    assert found.is_current(found.expires - SECOND)
    assert not found.is_current(found.expires)
    assert opened(token(ttl=None)).due == found.expires
    assert opened(token(ttl=timedelta(days=30))).due == found.expires


def test_another_implementation_of_jwt_opens_our_token() -> None:
    key = load_pem_public_key(KEY.public.to_pem())
    body = jwt.decode(
        token(),
        key,  # type: ignore[arg-type]  # stubs name each kind of key
        algorithms=["ES256"],
        options={"verify_exp": False, "verify_iat": False},
    )
    assert body["sub"] == URI
    assert body["ttl"] == 3600
    assert body["status_list"]["bits"] == 4
    header = jwt.get_unverified_header(token())
    assert (header["typ"], header["alg"]) == ("statuslist+jwt", "ES256")


def test_a_token_by_another_implementation_opens() -> None:
    text = jwt.encode(
        claims(iss="https://issuer.example"), jwt.PyJWK(KEY.jwk()).key, "ES256", {"typ": TYP}
    )
    assert opened(text).values.value(1000) == 15


def test_an_address_of_further_lists_is_not_looked_at() -> None:
    lists = claims()["status_list"] | {"aggregation_uri": "http://127.0.0.1:1/"}
    assert opened(hand_made(status_list=lists)).uri == URI


# -- signature and kind --------------------------------------------------------------------------


def test_a_list_by_another_key_is_refused() -> None:
    """A foreign status issuer signs for somebody else's licences."""
    with pytest.raises(SignatureError) as caught:
        opened(token(signer=OTHER))
    assert caught.value.reason is Reason.SIGNATURE


def test_a_list_is_opened_with_any_of_the_registered_keys_and_with_none_by_none() -> None:
    assert open_token(token(), [OTHER.public, KEY.public], at=NOW).uri == URI
    with pytest.raises(SignatureError) as caught:
        open_token(token(), [], at=NOW)
    assert caught.value.reason is Reason.UNKNOWN_ISSUER


@pytest.mark.parametrize("part", [0, 1, 2])
def test_a_changed_token_is_refused(part: int) -> None:
    parts = token().split(".")
    parts[part] = token(issued=NOW - SECOND, signer=OTHER).split(".")[part]
    with pytest.raises((SignatureError, ParseError)):
        opened(".".join(parts))


def test_the_signature_is_looked_at_before_the_claims() -> None:
    with pytest.raises(SignatureError):
        opened(hand_made(signer=OTHER, exp="never"))


@pytest.mark.parametrize(
    "typ", ["JWT", "dc+sd-jwt", "kb+jwt", "ecert-trust-list+jws", "STATUSLIST+JWT", ""]
)
def test_a_token_of_another_kind_by_the_same_key_is_refused(typ: str) -> None:
    assert parse_refusal(hand_made(typ=typ)).where == "header"
    with pytest.raises(ParseError):
        unverified_uri(hand_made(typ=typ))


def test_a_token_that_brings_its_own_key_along_is_refused() -> None:
    text = jws.sign({"typ": TYP, "jwk": OTHER.public.jwk()}, orjson.dumps(claims()), OTHER)
    assert parse_refusal(text).where == "header"


@pytest.mark.parametrize("text", ["", ".", "..", "a.b", "a.b.c.d", "证.照.码"])
def test_what_is_no_token_is_refused(text: str) -> None:
    assert parse_refusal(text).reason is Reason.MALFORMED


def test_a_token_is_cut_off_at_the_limit() -> None:
    padding = "x" * limits.MAX_STATUS_TOKEN_CHARS
    assert parse_refusal(padding + "x").reason is Reason.TOO_LARGE
    assert parse_refusal(padding).reason is Reason.MALFORMED


# -- claims --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "where"),
    [
        ({"exp": ...}, "exp"),
        ({"exp": None}, "exp"),
        ({"exp": str(int(NOW.timestamp()) + 60)}, "exp"),
        ({"exp": NOW.timestamp() + 60.5}, "exp"),
        ({"exp": True}, "exp"),
        ({"exp": 0}, "exp"),
        ({"exp": -1}, "exp"),
        # Milliseconds would never expire.
        ({"exp": int(NOW.timestamp() * 1000) + 60}, "exp"),
        ({"exp": limits.MAX_NUMERIC_DATE + 1}, "exp"),
        ({"exp": int(NOW.timestamp())}, "exp"),
        ({"iat": ...}, "iat"),
        ({"iat": int(NOW.timestamp() * 1000)}, "iat"),
        ({"iat": 1.5}, "iat"),
        ({"ttl": 0}, "ttl"),
        ({"ttl": -60}, "ttl"),
        ({"ttl": True}, "ttl"),
        ({"ttl": None}, "ttl"),
        ({"ttl": "60"}, "ttl"),
        ({"sub": ...}, "sub"),
        ({"sub": ""}, "sub"),
        ({"sub": 1}, "sub"),
        ({"status_list": ...}, "status_list"),
        ({"status_list": []}, "status_list"),
        ({"status_list": {"bits": 4}}, "status_list"),
        ({"status_list": {"bits": 4, "lst": 1}}, "status_list"),
        ({"status_list": {"lst": encode_list(bytes(8))}}, "status_list.bits"),
        ({"status_list": {"bits": 3, "lst": encode_list(bytes(8))}}, "status_list.bits"),
        ({"status_list": {"bits": 4, "lst": "eNo"}}, "status_list.lst"),
    ],
)
def test_a_list_outside_the_profile_is_refused(changes: dict[str, Any], where: str) -> None:
    assert parse_refusal(hand_made(**changes)).where == where


def test_a_claim_that_stands_twice_is_refused() -> None:
    payload = json.dumps(claims())[:-1] + f', "exp": {limits.MAX_NUMERIC_DATE}}}'
    text = jws.sign({"typ": TYP}, payload.encode(), KEY)
    assert parse_refusal(text).reason is Reason.MALFORMED


def test_a_list_speaks_until_the_second_of_its_expiry() -> None:
    end = NOW + timedelta(days=7)
    assert opened(token(), at=end - SECOND).uri == URI
    for at in (end, end + SECOND, end + timedelta(days=365)):
        with pytest.raises(DocumentRefusedError) as caught:
            opened(token(), at=at)
        assert caught.value.fault is DocumentFault.EXPIRED
        assert caught.value.where == "exp"


def test_a_list_from_the_future_is_refused() -> None:
    edge = NOW + limits.LIST_CLOCK_SKEW
    assert opened(token(issued=edge)).issued == edge
    with pytest.raises(DocumentRefusedError) as caught:
        opened(token(issued=edge + SECOND))
    assert caught.value.fault is DocumentFault.FROM_FUTURE
    assert caught.value.where == "iat"


def test_a_list_accepted_before_is_known_to_have_expired() -> None:
    restored = restore_token(token(), [KEY.public])
    assert not restored.is_current(NOW + timedelta(days=8))
    with pytest.raises(SignatureError):
        restore_token(token(signer=OTHER), [KEY.public])


def test_the_address_can_be_read_to_find_the_keys() -> None:
    assert unverified_uri(token(signer=OTHER)) == URI
    with pytest.raises(ParseError) as caught:
        unverified_uri(hand_made(sub=["a"]))
    assert caught.value.where == "sub"


# -- succession ----------------------------------------------------------------------------------


def mark_of(found: StatusList) -> Mark:
    return Mark(found.version, found.digest)


def test_a_later_list_takes_the_place_of_an_earlier_one() -> None:
    first, second = opened(token()), opened(token(issued=NOW + SECOND))
    check_status_succession(first, None)
    check_status_succession(second, mark_of(first))


def test_rollback_to_a_genuine_list_from_before_a_revocation_is_refused() -> None:
    first, second = opened(token(issued=NOW - SECOND)), opened(token())
    with pytest.raises(DocumentRefusedError) as caught:
        check_status_succession(first, mark_of(second))
    assert caught.value.fault is DocumentFault.ROLLBACK
    assert caught.value.where == "iat"


def test_the_same_second_with_other_content_is_a_conflict() -> None:
    one, other = opened(token()), opened(hand_made())
    with pytest.raises(DocumentRefusedError) as caught:
        check_status_succession(other, mark_of(one))
    assert caught.value.fault is DocumentFault.VERSION_CONFLICT


def test_the_same_content_signed_again_is_no_conflict() -> None:
    one, again = opened(token()), opened(token())
    check_status_succession(again, mark_of(one))


# -- building ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "changes",
    [
        {"expires": NOW},
        {"expires": NOW - SECOND},
        {"ttl": timedelta(0)},
        {"ttl": timedelta(milliseconds=999)},
        {"size": 1000},
        {"size": 1023},
    ],
)
def test_a_list_that_everybody_would_refuse_is_not_signed(changes: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"expires|ttl|entry|size"):
        token(**changes)


def test_a_list_too_large_for_a_token_is_not_signed(monkeypatch: pytest.MonkeyPatch) -> None:
    length = len(token())
    monkeypatch.setattr(limits, "MAX_STATUS_TOKEN_CHARS", length)
    assert len(token()) == length
    monkeypatch.setattr(limits, "MAX_STATUS_TOKEN_CHARS", length - 1)
    with pytest.raises(ValueError, match="too large"):
        token()


def test_a_million_entries_are_built_signed_opened_and_looked_up_in_time() -> None:
    values = {(n * 7919) % 1_000_000: (1, 2, 3, 12, 13, 14, 15)[n % 7] for n in range(10_000)}

    def build() -> str:
        return build_token(
            URI, values, size=1_000_000, signer=KEY, issued=NOW, expires=NOW + timedelta(days=1)
        )

    # Some 6 ms and 0.4 µs here; the bounds leave room for a busy machine.
    assert min(timeit.repeat(build, number=1, repeat=5)) < 0.05
    value = opened(build()).values.value
    indexes = list(values)
    seconds = min(timeit.repeat(lambda: [value(i) for i in indexes], number=1, repeat=5))
    assert seconds / len(indexes) < 2e-6
