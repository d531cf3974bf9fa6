"""Custody keys: in memory and in a file; what is wrapped opens in its own context only."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecert.errors import VaultError
from ecert.wallet import box
from ecert.wallet.custodian import CUSTODY_ID_BYTES, MemoryCustodian, custody_id
from ecert.wallet.custody_file import CustodyFile
from ecert.wallet.vault import CHEAPEST, Vault

if TYPE_CHECKING:
    from pathlib import Path

PASSPHRASE = "川渝通办-2026"
SECRET = bytes(range(32))
ALTERED = "密钥记录已损坏、被改动或被调换"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "custody.key"


def _made(path: Path) -> CustodyFile:
    return CustodyFile.create(path, PASSPHRASE, kdf=CHEAPEST)


# -- the box ----------------------------------------------------------------------------------


@given(content=st.binary(max_size=500), belongs=st.binary(max_size=50))
def test_whatever_is_locked_comes_out_where_it_belongs(content: bytes, belongs: bytes) -> None:
    key = box.new_key()
    locked = box.lock(key, content, belongs)
    assert len(locked) == len(content) + box.BOX_BYTES
    assert box.unlock(key, locked, belongs) == content
    assert box.unlock(key, locked, belongs + b"x") is None
    assert box.unlock(box.new_key(), locked, belongs) is None
    assert box.unlock(key, locked[:-1], belongs) is None


def test_a_box_is_aes_256_gcm_with_its_nonce_in_front() -> None:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    key = box.new_key()
    locked = box.lock(key, b"content", b"place")
    assert len(key) == 32
    assert AESGCM(key).decrypt(locked[:12], locked[12:], b"place") == b"content"


# -- in memory --------------------------------------------------------------------------------


def test_what_is_wrapped_opens_in_its_own_context_under_its_own_key() -> None:
    first = MemoryCustodian()
    both = first.renewed()
    wrapped = both.wrap(SECRET, b"here", under=first.newest)
    assert both.unwrap(wrapped, b"here", under=first.newest) == SECRET
    for context, under in ((b"there", first.newest), (b"here", both.newest)):
        with pytest.raises(VaultError, match=ALTERED):
            both.unwrap(wrapped, context, under=under)
    newer = both.without([first.newest])
    with pytest.raises(VaultError, match=f"没有这把保管密钥（{first.newest.hex()}）"):
        newer.unwrap(wrapped, b"here", under=first.newest)
    with pytest.raises(VaultError, match="没有这把保管密钥"):
        newer.wrap(SECRET, b"here", under=first.newest)


def test_the_newest_key_is_not_forgotten() -> None:
    custodian = MemoryCustodian()
    with pytest.raises(ValueError, match="newest"):
        custodian.without([custodian.newest])


def test_what_does_not_hold_a_key_is_refused() -> None:
    custodian = MemoryCustodian()
    wrapped = custodian.wrap(b"short", b"", under=custodian.newest)
    with pytest.raises(VaultError, match=ALTERED):
        custodian.unwrap(wrapped, b"", under=custodian.newest)


def test_an_id_tells_nothing_of_its_key_and_neither_does_repr(path: Path) -> None:
    custodian = MemoryCustodian()
    ((one, key),) = custodian.keys.items()
    assert one == custody_id(key)
    assert len(one) == CUSTODY_ID_BYTES
    assert one not in key
    assert key.hex() not in repr(custodian)
    assert repr(_made(path)) == f"CustodyFile({str(path)!r})"


# -- in a file --------------------------------------------------------------------------------


def test_a_file_keeps_its_keys_encrypted(path: Path) -> None:
    custody = _made(path)
    wrapped = custody.wrap(SECRET, b"here", under=custody.newest)
    again = CustodyFile.open(path, PASSPHRASE)
    assert again.newest == custody.newest
    assert again.unwrap(wrapped, b"here", under=again.newest) == SECRET
    data = path.read_bytes()
    (key,) = custody._held.keys.values()
    assert data.startswith(b"ECVAULT")
    assert key not in data
    assert key.hex().encode() not in data


def test_a_wrong_passphrase_and_a_wallets_file_are_refused(path: Path) -> None:
    _made(path)
    with pytest.raises(VaultError, match="口令不对"):
        CustodyFile.open(path, "another passphrase")
    other = path.with_name("zhang.wallet")
    for payload in (b"", b"{}", b'{"keys":[]}', b'{"kind":"ecert-custody-keys","keys":["00"]}'):
        Vault.create(other, PASSPHRASE, kdf=CHEAPEST).write(payload)
        with pytest.raises(VaultError, match="不是保管密钥文件") as caught:
            CustodyFile.open(other, PASSPHRASE)
        assert caught.value.where == str(other)
        other.unlink()


def test_a_key_that_another_program_added_is_found(path: Path) -> None:
    custody = _made(path)
    elsewhere = CustodyFile.open(path, PASSPHRASE)
    old = custody.newest
    new = custody.renew()
    assert custody.ids == (old, new)
    wrapped = custody.wrap(SECRET, b"here", under=new)
    assert elsewhere.newest == old
    assert elsewhere.unwrap(wrapped, b"here", under=new) == SECRET
    assert elsewhere.newest == new


def test_of_two_programs_that_add_a_key_one_is_refused(path: Path) -> None:
    first, second = _made(path), CustodyFile.open(path, PASSPHRASE)
    first.renew()
    with pytest.raises(VaultError, match="其他程序"):
        second.renew()
    assert CustodyFile.open(path, PASSPHRASE).ids == first.ids


def test_forgotten_keys_are_gone_from_the_file(path: Path) -> None:
    custody = _made(path)
    old = custody.newest
    custody.renew()
    custody.forget([old])
    assert CustodyFile.open(path, PASSPHRASE).ids == (custody.newest,)
    with pytest.raises(ValueError, match="newest"):
        custody.forget([custody.newest])


def test_the_passphrase_can_be_changed(path: Path) -> None:
    custody = _made(path)
    custody.change_passphrase("another passphrase")
    assert CustodyFile.open(path, "another passphrase").newest == custody.newest
