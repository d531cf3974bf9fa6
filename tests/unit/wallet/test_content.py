"""A wallet's content: version 2 as written, version 1 as it was, and nothing else."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import orjson
import pytest
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

import ecert
from ecert.errors import VaultError
from ecert.sign.keys import PrivateKey
from ecert.wallet.content import read_content
from ecert.wallet.vault import CHEAPEST, Vault, stretch
from ecert.wallet.vault_header import HEADER_BYTES, Header
from tests.unit.wallet.holders import (
    AT,
    PASSPHRASE,
    ZHANG,
    Drawer,
    delivered,
    issue,
    office,
    wallet_in,
)

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

NOT_A_WALLET = "保险库内容不是卡包"


@pytest.fixture(scope="module")
def full() -> bytes:
    """The payload of a wallet with an owner, a licence, two keys, a log and a PIN."""
    drawer, issuer = Drawer(), office()
    wallet = wallet_in(drawer, owner=ZHANG)
    licence = issue(issuer)
    wallet.add(delivered(issuer, wallet, licence))
    wallet.keys.add("SGD_SM3_SM2")
    wallet.show(licence.id, to="三号窗口", matter="机动车业务", challenge="4821")
    wallet.pin.set("482915")
    return drawer.payload


def _first(payload: bytes) -> bytes:
    """The same licence and key as version 1 had them."""
    plain = json.loads(payload)
    deliveries = [one["delivery"] for one in plain["credentials"]]
    return orjson.dumps({"key": plain["keys"][0], "credentials": deliveries})


def test_what_is_written_is_read_again_bit_by_bit(full: bytes) -> None:
    content = read_content(full, "wallet")
    assert content.to_bytes() == full
    assert content.owner == ZHANG
    assert [key.public.alg for key in content.keys] == ["ES256", "SGD_SM3_SM2"]
    assert content.wallet == content.default == content.keys[0].id


def test_every_write_raises_the_state_by_one() -> None:
    drawer = Drawer()
    wallet = wallet_in(drawer)
    for alg in ("ES256", "SGD_SM3_SM2"):
        wallet.keys.add(alg)
    states = [json.loads(payload)["state"] for payload in drawer.written]
    assert states == [1, 2, 3]


def test_a_wallet_of_the_first_version_opens_shows_and_becomes_one_of_the_second(
    full: bytes,
) -> None:
    drawer = Drawer(_first(full))
    wallet = ecert.Wallet.over(drawer, clock=lambda: AT)
    (held,) = wallet.licences
    (key,) = wallet.keys
    assert key.licences == (held.id,)
    assert (wallet.kind, wallet.owner, wallet.pin.is_set) == ("personal", None, False)
    assert wallet.show(held.id).text.isdigit()
    upgraded = read_content(drawer.payload, "wallet")
    assert upgraded.to_bytes() == drawer.payload
    assert (upgraded.state, upgraded.wallet) == (1, key.id)


def test_only_looking_into_a_first_version_does_not_write_it_anew(full: bytes) -> None:
    drawer = Drawer(_first(full))
    wallet = ecert.Wallet.over(drawer)
    assert wallet.fields(wallet.licences[0].id)["number"]
    assert wallet.due(AT) == ()
    assert len(drawer.written) == 1


def test_content_of_newer_software_is_told_as_such(full: bytes) -> None:
    plain = json.loads(full) | {"version": 3, "something": "new"}
    with pytest.raises(VaultError) as caught:
        read_content(orjson.dumps(plain), "w")
    assert caught.value.zh == "卡包由更高版本的软件写成"
    assert caught.value.fix_zh == "请升级 ecert"


def _set(name: str, value: object) -> Callable[[dict[str, Any]], object]:
    return lambda plain: plain.update({name: value})


@pytest.mark.parametrize(
    "change",
    [
        _set("version", 1),
        _set("version", True),
        _set("typ", "ecert-delivery"),
        _set("state", -1),
        _set("state", "1"),
        _set("wallet", 7),
        _set("kind", "family"),
        _set("owner", {"name": "张伟"}),
        _set("keys", []),
        _set("default_key", "another"),
        _set("log", {"dropped": -1, "records": []}),
        _set("log", {"dropped": 0, "records": [{}]}),
        _set("pin", {"tries": 0}),
        _set("something", "unknown"),
        lambda plain: plain.pop("pin"),
        lambda plain: plain["keys"].append(plain["keys"][0]),
        lambda plain: plain["keys"][0].pop("d"),
        lambda plain: plain["credentials"].append(plain["credentials"][0]),
        lambda plain: plain["credentials"][0].update(key="another"),
        lambda plain: plain["credentials"][0].update(key=7),
        lambda plain: plain["credentials"][0].update(more=1),
        lambda plain: plain["credentials"][0]["delivery"].update(typ="other"),
        lambda plain: plain["log"]["records"][0].update(made="now"),
        lambda plain: plain["log"]["records"][0].update(pin=1),
        lambda plain: plain["log"]["records"][0].update(more=""),
        lambda plain: plain["pin"].update(tries=-1),
        lambda plain: plain["pin"].update(kdf=[8, 1]),
        lambda plain: plain["pin"].update(kdf=[1 << 30, 1, 1]),
        lambda plain: plain["pin"].update(salt="not base64url!"),
    ],
)
def test_what_does_not_have_the_shape_is_no_wallet(
    full: bytes, change: Callable[[dict[str, Any]], object]
) -> None:
    plain = json.loads(full)
    change(plain)
    with pytest.raises(VaultError) as caught:
        read_content(orjson.dumps(plain), "w")
    assert (caught.value.zh, caught.value.where) == (NOT_A_WALLET, "w")


def test_duplicate_keys_are_refused(full: bytes) -> None:
    doubled = full[:-1] + b',"state":999}'
    with pytest.raises(VaultError) as caught:
        read_content(doubled, "w")
    assert caught.value.zh == NOT_A_WALLET


def test_a_wallet_with_an_sm2_key_opens_where_sm2_cannot_sign(
    full: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    from ecert.errors import CustodyError
    from ecert.sign import sm2

    monkeypatch.setattr(sm2, "_evp", lambda: None)
    wallet = ecert.Wallet.over(Drawer(full), clock=lambda: AT)
    assert wallet.request("511600.nonce")
    with pytest.raises(CustodyError):
        wallet.request("511600.nonce", key=next(k.id for k in wallet.keys if not k.default))


def test_halves_of_two_keys_do_not_sign(full: bytes) -> None:
    plain = json.loads(full)
    plain["keys"][0]["d"] = PrivateKey.generate().jwk()["d"]
    wallet = ecert.Wallet.over(Drawer(orjson.dumps(plain)))
    with pytest.raises(VaultError) as caught:
        wallet.request("511600.nonce")
    assert caught.value.zh == NOT_A_WALLET


def test_every_flipped_bit_of_a_real_wallets_file_is_detected(tmp_path: Path, full: bytes) -> None:
    """Each of some 80,000: the header's through `Vault.open`, the others under the same key."""
    path = tmp_path / "zhang.wallet"
    Vault.holding(path, PASSPHRASE, full, kdf=CHEAPEST)
    good = path.read_bytes()
    for position in range(8 * HEADER_BYTES):
        path.write_bytes(_flipped(good, position))
        with pytest.raises(VaultError):
            Vault.open(path, PASSPHRASE)
    header = Header.parse(good, path)
    box = AESGCM(stretch(PASSPHRASE, header.salt, header.kdf))
    head, body = good[:HEADER_BYTES], bytearray(good[HEADER_BYTES:])
    opened = 0
    for position in range(8 * len(body)):
        body[position // 8] ^= 1 << position % 8
        try:
            box.decrypt(header.nonce, bytes(body), head)
            opened += 1
        except InvalidTag:
            pass
        body[position // 8] ^= 1 << position % 8
    assert opened == 0
    assert box.decrypt(header.nonce, bytes(body), head) == full
    path.write_bytes(good)
    assert Vault.open(path, PASSPHRASE).read() == full


def _flipped(data: bytes, position: int) -> bytes:
    altered = bytearray(data)
    altered[position // 8] ^= 1 << position % 8
    return bytes(altered)
