"""The show log: written before the code is handed out, bounded, and inside the vault alone."""

from __future__ import annotations

from datetime import timedelta

import pytest

import ecert
from ecert import limits
from ecert.errors import CodeTooLargeError, FormatError, NotHeldError, VaultError, WalletError
from ecert.model.identifiers import LicenceId
from ecert.show import offline
from ecert.wallet.show_log import ShowLog, ShowRecord
from tests.unit.wallet.holders import AT, Drawer, delivered, issue, office, wallet_in


@pytest.fixture
def drawer() -> Drawer:
    return Drawer()


@pytest.fixture
def wallet(drawer: Drawer) -> ecert.Wallet:
    """A wallet with one licence."""
    issuer, wallet = office(), wallet_in(drawer)
    wallet.add(delivered(issuer, wallet, issue(issuer)))
    return wallet


def _id(wallet: ecert.Wallet) -> str:
    return wallet.licences[0].id


def test_every_code_leaves_a_record_of_what_to_whom_when_and_for_what(
    wallet: ecert.Wallet, drawer: Drawer
) -> None:
    later = AT + timedelta(minutes=5)
    wallet.show(_id(wallet))
    wallet.show(
        _id(wallet), profile="full", challenge="4821", to="渝中区三号窗口", matter="机动车业务",
        at=later,
    )  # fmt: skip
    shown = ((_id(wallet), "机动车驾驶证"),)
    assert ecert.Wallet.over(drawer).log == ShowLog((
        ShowRecord(int(AT.timestamp()), shown, "minimal"),
        ShowRecord(
            int(later.timestamp()), shown, "full", "4821", "渝中区三号窗口", "机动车业务"
        ),
    ))  # fmt: skip
    assert wallet.log.records[1].at == later


def test_it_is_durable_before_the_code_is_handed_out(wallet: ecert.Wallet, drawer: Drawer) -> None:
    def refuse(payload: bytes) -> None:
        raise VaultError("磁盘已满", "the disk is full")

    drawer.write = refuse  # type: ignore[method-assign]
    with pytest.raises(VaultError):
        wallet.show(_id(wallet))
    assert wallet.log.records == ()


def test_a_show_is_one_write(wallet: ecert.Wallet, drawer: Drawer) -> None:
    before = len(drawer.written)
    wallet.show(_id(wallet))
    assert len(drawer.written) == before + 1


def test_what_was_not_shown_is_not_in_it(
    wallet: ecert.Wallet, drawer: Drawer, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = len(drawer.written)
    with pytest.raises(NotHeldError):
        wallet.show(_id(wallet), profile="everything")
    with pytest.raises(NotHeldError):
        wallet.show("no such licence")
    with pytest.raises(ValueError, match="1 to 8 licences"):
        wallet.show()

    def too_large(*_: object, **__: object) -> str:
        raise CodeTooLargeError("过大", "too large")

    monkeypatch.setattr(offline, "write_show_code", too_large)
    with pytest.raises(CodeTooLargeError):
        wallet.show(_id(wallet))
    assert len(drawer.written) == before


def test_it_is_bounded_exactly_and_counts_what_made_room() -> None:
    log = ShowLog()
    for second in range(limits.MAX_SHOW_RECORDS):
        log = log.noting(ShowRecord(second, (), "minimal"))
    assert (len(log.records), log.dropped) == (limits.MAX_SHOW_RECORDS, 0)
    log = log.noting(ShowRecord(9_999, (), "minimal"))
    assert (len(log.records), log.dropped) == (limits.MAX_SHOW_RECORDS, 1)
    assert (log.records[0].made, log.records[-1].made) == (1, 9_999)


@pytest.mark.parametrize("name", ["to", "matter"])
def test_notes_are_bounded_exactly(wallet: ecert.Wallet, name: str) -> None:
    most = limits.MAX_SHOW_NOTE_CHARS
    with pytest.raises(WalletError) as caught:
        wallet.show(_id(wallet), **{name: "口" * (most + 1)})  # type: ignore[arg-type]
    assert caught.value.zh == "亮证记录中每项最多200个字符"
    assert wallet.log.records == ()
    wallet.show(_id(wallet), **{name: "口" * most})  # type: ignore[arg-type]
    assert len(wallet.log.records) == 1


def test_it_outlives_the_licence_and_is_forgotten_when_asked(
    wallet: ecert.Wallet, drawer: Drawer
) -> None:
    wallet.show(_id(wallet))
    wallet.remove(_id(wallet))
    assert len(ecert.Wallet.over(drawer).log.records) == 1
    wallet.clear_log()
    assert ecert.Wallet.over(drawer).log == ShowLog()


@pytest.mark.parametrize("name", ["to", "matter", "challenge"])
@pytest.mark.parametrize("text", ["\ud800", "三号\udcff窗口"])
def test_half_a_character_is_told_and_shows_nothing(
    wallet: ecert.Wallet, drawer: Drawer, name: str, text: str
) -> None:
    before = len(drawer.written)
    with pytest.raises(FormatError) as caught:
        wallet.show(_id(wallet), **{name: text})  # type: ignore[arg-type]
    assert caught.value.where == name
    assert caught.value.fix_zh
    assert caught.value.fix_en
    assert len(drawer.written) == before


@pytest.mark.parametrize("challenge", ["", "4" * (limits.MAX_CHALLENGE_CHARS + 1)])
def test_a_challenge_that_no_code_can_hold_says_what_to_type(
    wallet: ecert.Wallet, challenge: str
) -> None:
    with pytest.raises(FormatError) as caught:
        wallet.show(_id(wallet), challenge=challenge)
    assert caught.value.fix_zh == "请照窗口显示的重新输入，例如 12-482913"


def test_a_choice_of_licences_that_is_none_says_how_to_mend_it(wallet: ecert.Wallet) -> None:
    for chosen in ((), (_id(wallet),) * 2):
        with pytest.raises(WalletError) as caught:
            wallet.show(*chosen)
        assert isinstance(caught.value, ValueError)
        assert caught.value.fix_zh
        assert caught.value.fix_en


def test_a_profile_may_be_named_by_the_licence_id_itself(wallet: ecert.Wallet) -> None:
    wallet.show(_id(wallet), profile={LicenceId.parse(_id(wallet)): "full"})
    assert wallet.log.records[0].profile == "full"
