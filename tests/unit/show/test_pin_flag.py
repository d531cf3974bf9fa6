"""The flag of the PIN in a show code: key 6 with the value 1, or nothing at all."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import cbor2
import pytest

import ecert
from ecert.errors import ParseError
from ecert.show import offline
from ecert.show.digits import CodeKind, encode
from ecert.sign import cose
from ecert.wallet.vault import CHEAPEST

if TYPE_CHECKING:
    from pathlib import Path

AT = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)


@pytest.fixture
def wallet(tmp_path: Path) -> ecert.Wallet:
    """A wallet with one licence."""
    issuer = ecert.Issuer.demo("四川省广安市公安局", region="511600", clock=lambda: AT)
    wallet = ecert.Wallet.create(tmp_path / "w", "passphrase", kdf=CHEAPEST, clock=lambda: AT)
    licence = issuer.issue(
        "社会保障卡", number="510681199003071237", valid_until=None,
        holder=ecert.Holder("张伟", "510681199003071237"),
        fields={"社会保障卡卡号": "SC12345678"},
    )  # fmt: skip
    wallet.add(issuer.deliver(licence.id, wallet.request(issuer.nonce())))
    return wallet


def _payload(text: str) -> dict[int, object]:
    proof = offline.read(text).proof
    assert proof is not None
    payload: dict[int, object] = cbor2.loads(proof.sign1.payload)
    return payload


@pytest.mark.parametrize("challenge", [None, "4821"])
@pytest.mark.parametrize("pin", [False, True])
def test_the_flag_is_there_or_not_and_keys_rise(
    wallet: ecert.Wallet, challenge: str | None, pin: bool
) -> None:
    credential = wallet.delivery(wallet.licences[0].id).compact["minimal"]
    text = offline.write_show_code(
        [credential], wallet.keys.signer(), made=AT, challenge=challenge, pin=pin
    )
    proof = offline.read(text).proof
    assert proof is not None
    assert proof.pin is pin
    payload = _payload(text)
    wanted = [0, 1, 2, 3, *([4] if challenge else []), 5, *([6] if pin else [])]
    assert list(payload) == wanted
    assert payload.get(6) == (1 if pin else None)


@pytest.mark.parametrize("value", [0, 2, True, "1", None, b"\x01"])
def test_any_other_value_is_malformed(wallet: ecert.Wallet, value: object) -> None:
    payload = _payload(wallet.show(wallet.licences[0].id).text) | {6: value}
    with pytest.raises(ParseError, match="PIN"):
        offline.read(_signed(wallet, payload))


def test_keys_in_another_order_are_malformed(wallet: ecert.Wallet) -> None:
    payload = {6: 1} | _payload(wallet.show(wallet.licences[0].id).text)
    with pytest.raises(ParseError, match="shape"):
        offline.read(_signed(wallet, payload))


def _signed(wallet: ecert.Wallet, payload: dict[int, object]) -> str:
    data = cose.sign1(cbor2.dumps(payload), wallet.keys.signer())
    return encode(CodeKind.SELF_CONTAINED, data)
