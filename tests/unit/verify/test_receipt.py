"""One receipt: what it says, in one spelling, under one signature."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta, timezone
from typing import TYPE_CHECKING

import orjson
import pytest
from pydantic import ValidationError

from ecert import limits
from ecert.errors import ParseError, SignatureError, TrustError
from ecert.sign import jws
from ecert.sign.keys import PrivateKey
from ecert.trust.succession import Mark
from ecert.verify.receipt import GENESIS, Receipt, ReceiptHead, knowledge_digest
from ecert.verify.signed_receipt import TYP, open_receipt, sign_receipt
from tests.unit.verify.sample_receipts import AT, a_receipt, licence_id

if TYPE_CHECKING:
    from ecert.verify.signed_receipt import SignedReceipt

ALGS = ("ES256", "SGD_SM3_SM2")


@pytest.fixture(params=ALGS)
def key(request: pytest.FixtureRequest) -> PrivateKey:
    return PrivateKey.generate(str(request.param))


def test_what_was_signed_is_read_again_with_either_suite(key: PrivateKey) -> None:
    signed = sign_receipt(a_receipt(), key)
    opened = open_receipt(signed.token)
    assert opened == signed
    assert opened.verify([key.public]) == key.public
    assert opened.kid == key.public.kid
    assert jws.parse(signed.token).header == {"alg": key.public.alg, "kid": opened.kid, "typ": TYP}


def test_another_key_does_not_prove_it() -> None:
    signed = sign_receipt(a_receipt(), PrivateKey.generate())
    with pytest.raises(SignatureError):
        signed.verify([PrivateKey.generate().public])
    with pytest.raises(SignatureError):
        signed.verify([])


def test_no_changed_character_is_taken() -> None:
    key = PrivateKey.generate()
    token = sign_receipt(a_receipt(), key).token
    for place, letter in enumerate(token):
        other = "A" if letter != "A" else "B"
        changed = f"{token[:place]}{other}{token[place + 1 :]}"
        with pytest.raises((ParseError, TrustError)):
            open_receipt(changed).verify([key.public])


def test_a_token_of_another_kind_by_the_same_key_is_no_receipt() -> None:
    key, payload = PrivateKey.generate(), a_receipt().to_payload()
    for header in ({"typ": "ecert-case-copy+jwt"}, {}, {"typ": TYP, "cty": "x"}):
        with pytest.raises(ParseError):
            open_receipt(jws.sign(header, payload, key))


@pytest.mark.parametrize(
    "change",
    [
        {"holder": "张伟"}, {"format": 2}, {"number": 0}, {"number": 1.0}, {"previous": "0" * 63},
        {"parts": []}, {"at": "2026-01-05T01:00:00Z"}, {"at": "2026-01-05T01:00:00.000000+00:00"},
        {"outcome": "fine"}, {"region": "50000"}, {"clerk": ""}, {"clerk": "王\u200b"},
        {"presented": "voice"}, {"policy": {"Max": 1}}, {"policy": {"max": 1.5}},
    ],
    ids=str,
)  # fmt: skip
def test_content_that_is_not_a_receipts_is_refused(change: dict[str, object]) -> None:
    plain = json.loads(a_receipt().to_payload()) | change
    with pytest.raises(ParseError) as caught:
        Receipt.from_payload(orjson.dumps(plain))
    assert caught.value.where


def test_there_is_one_spelling() -> None:
    payload = a_receipt().to_payload()
    for other in (
        payload.replace(b'"format":1', b'"format": 1'),
        payload.replace(b'"format":1', b'"format":1,"format":1'),
        payload.replace("王".encode(), b"\\u738b"),
        payload[:-1] + b',"challenge":null}',
        payload + b" ",
    ):
        assert other != payload
        with pytest.raises(ParseError):
            Receipt.from_payload(other)
    assert Receipt.from_payload(payload) == a_receipt()


def test_a_moment_is_kept_to_the_microsecond_in_utc() -> None:
    at = datetime(2026, 11, 22, 10, 0, 0, 123456, tzinfo=timezone(timedelta(hours=8)))
    read = Receipt.from_payload(a_receipt(at=at).to_payload())
    assert read.at == at
    assert read.at.tzinfo is UTC
    with pytest.raises(ValidationError):
        a_receipt(at=at.replace(tzinfo=None))


def _bounded(name: str, most: int) -> dict[str, object]:
    """Return a change that fills ``name`` up to ``most``."""
    sample = a_receipt()
    changes: dict[str, dict[str, object]] = {
        "case": {"case": "9" * most},
        "clerk": {"clerk": "王" * most},
        "matter": {"matter": "机" * most},
        "challenge": {"challenge": "7" * most},
        "parts": {"parts": sample.parts * most},
        "lists": {"lists": sample.lists[:1] * most},
    }
    return changes[name]


@pytest.mark.parametrize(
    ("name", "most"),
    [
        ("case", limits.MAX_CASE_CHARS), ("clerk", limits.MAX_NAME_CHARS),
        ("matter", limits.MAX_NAME_CHARS), ("challenge", limits.MAX_CHALLENGE_CHARS),
        ("parts", limits.MAX_PARTS_OF_CHECK), ("lists", limits.MAX_RECEIPT_LISTS),
    ],
)  # fmt: skip
def test_each_bound_holds_at_the_limit_and_not_above(name: str, most: int) -> None:
    full = a_receipt(**_bounded(name, most))  # type: ignore[arg-type]
    assert open_receipt(sign_receipt(full, PrivateKey.generate()).token).receipt == full
    with pytest.raises(ValidationError):
        a_receipt(**_bounded(name, most + 1))  # type: ignore[arg-type]


def test_a_check_of_a_code_and_of_a_request_for_consent_both_fit_a_receipt() -> None:
    assert max(limits.MAX_LICENCES_PER_CODE, limits.MAX_CONSENT_TYPES) == limits.MAX_PARTS_OF_CHECK


def test_the_largest_receipt_fits_and_no_longer_text_is_looked_at() -> None:
    sample = a_receipt()
    largest = a_receipt(
        case="九" * limits.MAX_CASE_CHARS,
        clerk="王" * limits.MAX_NAME_CHARS,
        matter="机" * limits.MAX_NAME_CHARS,
        parts=sample.parts * limits.MAX_PARTS_OF_CHECK,
        lists=(sample.lists[2].model_copy(update={"name": "单" * 200}),) * limits.MAX_RECEIPT_LISTS,
    )
    token = sign_receipt(largest, PrivateKey.generate()).token
    assert len(token) <= limits.MAX_RECEIPT_CHARS
    assert open_receipt(token).receipt == largest
    with pytest.raises(ParseError, match=f"over {limits.MAX_RECEIPT_CHARS}"):
        open_receipt("a" * (limits.MAX_RECEIPT_CHARS + 1))
    with pytest.raises(ParseError, match="three parts"):
        open_receipt("a" * limits.MAX_RECEIPT_CHARS)


def _chain(count: int) -> list[SignedReceipt]:
    key, head, made = PrivateKey.generate(), ReceiptHead("w"), []
    for number in range(count):
        made.append(sign_receipt(a_receipt(number, window="w").after(head), key))
        head = made[-1].head
    return made


def test_each_receipt_names_the_one_before() -> None:
    first, second, third = _chain(3)
    assert [one.receipt.number for one in (first, second, third)] == [1, 2, 3]
    assert first.receipt.previous == GENESIS
    assert second.receipt.previous == first.digest
    assert third.receipt.previous == second.digest
    assert third.head == ("w", 3, third.digest)


def test_the_licences_are_told_once_each() -> None:
    (part,) = a_receipt(7).parts
    unknown = part.model_copy(update={"licence": None})
    assert a_receipt(7, parts=(part, unknown, part)).licences == (licence_id(7),)


def test_the_digest_of_what_is_known_tells_every_document_apart() -> None:
    known = {"trust:511600": Mark(1, "a" * 64), "status:x": Mark(5, "b" * 64)}
    digest = knowledge_digest(known)
    assert knowledge_digest(dict(reversed(known.items()))) == digest
    others = [
        known | {"trust:511600": Mark(2, "a" * 64)},
        known | {"status:x": Mark(5, "c" * 64)},
        {"status:x": Mark(5, "b" * 64)},
        {},
    ]
    assert len({digest, *map(knowledge_digest, others)}) == 5


def test_the_time_of_the_sample_is_not_the_machines() -> None:
    assert a_receipt().at == AT
