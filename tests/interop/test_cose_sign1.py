"""What stands in a show code, opened by the `cwt` package: the same bytes, or a refusal."""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING

import cbor2
import pytest

from ecert.show import compact, digits, offline
from tests.conformance.office import Office, open_office
from tests.interop.test_sdjwt_vc import registered_key

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from tests.interop.conftest import Oracle


@pytest.fixture
def office(tmp_path: Path, at: datetime) -> Office:
    return open_office(tmp_path, at)


def _outer(code: str) -> bytes:
    """The COSE_Sign1 that the digits carry, unpacked without our own reader."""
    # kind, length, number, check: docs/formats, "show code".
    number = int(code[5:-2])
    data = number.to_bytes((number.bit_length() + 7) // 8)[1:]
    return data if data[:1] == b"\xd2" else zlib.decompress(data)


def test_a_compact_credential_opens_with_the_registered_key(
    cwt_open: Oracle, office: Office
) -> None:
    held = office.wallet.delivery(office.licence.id).compact
    assert held
    for name, data in held.items():
        parsed = compact.parse(data)
        kid = (parsed.sign1.kid or b"").hex()
        answer = cwt_open(cose=data.hex(), jwk=registered_key(office, "licence"), kid=kid)
        assert answer == {
            "ok": True,
            "payload": parsed.sign1.payload.hex(),
            "protected": {"1": -7, "4": kid},
            "unprotected": {},
        }, name


def test_a_show_code_opens_with_the_wallets_key_and_holds_the_credential(
    cwt_open: Oracle, office: Office
) -> None:
    code = office.code(challenge="4711")
    assert digits.decode(code)[0] is digits.CodeKind.SELF_CONTAINED
    wallet_key = office.wallet.keys.signer().public.jwk()
    answer = cwt_open(cose=_outer(code).hex(), jwk=wallet_key)
    assert answer["ok"], answer
    assert answer["protected"] == {"1": -7}
    payload = cbor2.loads(bytes.fromhex(answer["payload"]))
    assert (payload[0], payload[1], payload[2], payload[4]) == (3, office.seconds, 60, "4711")
    held = office.wallet.delivery(office.licence.id).compact["minimal"]
    assert payload[5] == [held]


def test_a_paper_code_opens_with_the_registered_key(cwt_open: Oracle, office: Office) -> None:
    code = office.issuer.paper_code(office.licence.id)
    kid = (offline.read(code).credentials[0].sign1.kid or b"").hex()
    request = {"cose": _outer(code).hex(), "jwk": registered_key(office, "licence")}
    assert cwt_open(**request, kid=kid)["ok"]


def test_one_changed_bit_is_noticed_there(cwt_open: Oracle, office: Office) -> None:
    data = office.wallet.delivery(office.licence.id).compact["minimal"]
    kid = (compact.parse(data).sign1.kid or b"").hex()
    payload = data.index(compact.parse(data).sign1.payload)
    for position in (4, payload + 20, len(data) - 3):
        changed = bytearray(data)
        changed[position] ^= 1
        request = {"cose": bytes(changed).hex(), "jwk": registered_key(office, "licence")}
        assert not cwt_open(**request, kid=kid)["ok"], position


def test_another_key_does_not_open_it(cwt_open: Oracle, office: Office) -> None:
    code = office.code()
    answer = cwt_open(cose=_outer(code).hex(), jwk=registered_key(office, "licence"))
    assert not answer["ok"]
    assert answer["error"].startswith("VerifyError")
