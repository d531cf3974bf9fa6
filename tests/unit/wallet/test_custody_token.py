"""Custody keys on a token: what it wraps opens in its own context only."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from ecert.errors import CustodyError, VaultError
from ecert.store.engine import open_engine
from ecert.store.hosted import SQLHostedRows
from ecert.wallet.custody_token import TokenCustodian
from ecert.wallet.hosted import HostedWallets
from tests.unit.sign.softhsm import PIN, tokens

pkcs11 = pytest.importorskip("pkcs11", reason="python-pkcs11 (extra hsm) is not installed")

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SECRET = bytes(range(32))
ALTERED = "密钥记录已损坏、被改动或被调换"


def _generate(session: Any, label: str, key_id: bytes, **attributes: object) -> None:
    flags = pkcs11.MechanismFlag
    session.generate_key(
        pkcs11.KeyType.AES, 256, label=label, id=key_id, store=True,
        capabilities=flags.WRAP | flags.UNWRAP,
        template={pkcs11.Attribute[name]: value for name, value in attributes.items()},
    )  # fmt: skip


@pytest.fixture(scope="module")
def driver(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with tokens(tmp_path_factory.mktemp("softhsm"), "wallets") as path:
        token = pkcs11.lib(path).get_token(token_label="wallets")
        with token.open(rw=True, user_pin=PIN) as session:
            for number in (1, 2):
                _generate(
                    session, f"custody-{number}", bytes([number]), EXTRACTABLE=False, SENSITIVE=True
                )
            _generate(session, "no-wrapping", b"\x03", WRAP=False)
        yield path


def _open(driver: str, *labels: str, pin: str = PIN) -> TokenCustodian:
    return TokenCustodian.open(
        [f"pkcs11:token=wallets;object={label}?module-path={driver}" for label in labels],
        lambda _: pin,
    )


def test_what_is_wrapped_opens_in_its_own_context_under_its_own_key(driver: str) -> None:
    custodian = _open(driver, "custody-1", "custody-2")
    old = _open(driver, "custody-1").newest
    wrapped = custodian.wrap(SECRET, b"here", under=old)
    assert len(wrapped) == 72
    assert SECRET not in wrapped
    assert custodian.unwrap(wrapped, b"here", under=old) == SECRET
    for context, under in ((b"there", old), (b"here", custodian.newest)):
        with pytest.raises(VaultError, match=ALTERED):
            custodian.unwrap(wrapped, context, under=under)
    with pytest.raises(VaultError, match="没有这把保管密钥"):
        _open(driver, "custody-2").unwrap(wrapped, b"here", under=old)


@pytest.mark.parametrize("bit", range(0, 8 * 72, 37))
def test_a_flipped_bit_is_an_altered_record_and_not_a_broken_token(driver: str, bit: int) -> None:
    custodian = _open(driver, "custody-1")
    wrapped = bytearray(custodian.wrap(SECRET, b"here", under=custodian.newest))
    wrapped[bit // 8] ^= 1 << bit % 8
    with pytest.raises(VaultError, match=ALTERED):
        custodian.unwrap(bytes(wrapped), b"here", under=custodian.newest)


@pytest.mark.parametrize("length", [0, 8, 24, 71])
def test_what_is_cut_off_is_refused(driver: str, length: int) -> None:
    custodian = _open(driver, "custody-1")
    wrapped = custodian.wrap(SECRET, b"here", under=custodian.newest)
    with pytest.raises(VaultError, match=ALTERED):
        custodian.unwrap(wrapped[:length], b"here", under=custodian.newest)


def test_hosted_wallets_live_and_rotate_under_a_token(driver: str, tmp_path: Path) -> None:
    with open_engine(tmp_path / "wallets.db") as engine:
        rows = SQLHostedRows(engine)
        wallets = HostedWallets.set_up(rows, _open(driver, "custody-1"))
        wallet = wallets.create("zhang")
        assert wallets.open("zhang").licences == wallet.licences == ()
        both = HostedWallets(rows, _open(driver, "custody-1", "custody-2"))
        assert both.rotate() == 1
        new = HostedWallets(rows, _open(driver, "custody-2"))
        assert new.open("zhang").licences == ()
        with pytest.raises(VaultError, match="没有这把保管密钥"):
            HostedWallets(rows, _open(driver, "custody-1"))


def test_a_token_that_was_restarted_is_opened_anew(driver: str) -> None:
    custodian = _open(driver, "custody-1")
    wrapped = custodian.wrap(SECRET, b"here", under=custodian.newest)
    pkcs11.lib(driver).finalize()
    assert custodian.unwrap(wrapped, b"here", under=custodian.newest) == SECRET
    pkcs11.lib(driver).finalize()
    again = custodian.wrap(SECRET, b"here", under=custodian.newest)
    assert custodian.unwrap(again, b"here", under=custodian.newest) == SECRET


@pytest.mark.parametrize(
    ("address", "zh"),
    [
        ("pkcs11:token=wallets;object=no-wrapping?module-path={}", "不能包裹其他密钥"),
        ("pkcs11:token=wallets;object=absent?module-path={}", "没有这个密钥"),
        ("file:/somewhere", "包裹密钥只能在令牌上"),
    ],
)
def test_a_key_of_another_kind_is_refused(driver: str, address: str, zh: str) -> None:
    with pytest.raises(CustodyError, match=zh):
        TokenCustodian.open([address.format(driver)], lambda _: PIN)


def test_keys_need_names_of_their_own(driver: str) -> None:
    with pytest.raises(ValueError, match="names"):
        _open(driver, "custody-1", "custody-1")
    with pytest.raises(ValueError, match="names"):
        TokenCustodian([])
