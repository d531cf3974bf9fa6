"""What is due, and a new version that takes the old one's place in one write."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import orjson
import pytest

import ecert
from ecert import limits
from ecert.errors import LicenceIdError, WalletError
from ecert.issuers.lifecycle import Move
from ecert.model.catalogue import Catalogue, LicenceType, builtin
from ecert.sign.strict import b64url, b64url_decode
from ecert.wallet.refreshing import Due, DueReason, superseded_by
from tests.unit.wallet.holders import (
    CHILD,
    NUMBER,
    ZHANG,
    Drawer,
    delivered,
    issue,
    office,
    wallet_in,
)

LAST = date(2031, 6, 1)


@pytest.fixture
def issuer() -> ecert.Issuer:
    return office()


@pytest.fixture
def wallet(issuer: ecert.Issuer) -> ecert.Wallet:
    """A wallet with one licence, valid until `LAST`."""
    wallet = wallet_in(Drawer())
    wallet.add(delivered(issuer, wallet, issue(issuer, valid_until=LAST)))
    return wallet


def _day(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 4, tzinfo=UTC)


@pytest.mark.parametrize(
    ("days_left", "reason"),
    [(31, None), (30, DueReason.EXPIRING), (0, DueReason.EXPIRING), (-1, DueReason.EXPIRED)],
)
def test_a_licence_is_due_thirty_days_before_its_last_day(
    wallet: ecert.Wallet, days_left: int, reason: DueReason | None
) -> None:
    assert limits.REFRESH_NOTICE.days == 30
    found = wallet.due(_day(LAST - timedelta(days=days_left)))
    (held,) = wallet.licences
    assert found == (() if reason is None else (Due(held, reason, LAST, days_left),))


def test_a_longer_notice_and_no_last_day(issuer: ecert.Issuer, wallet: ecert.Wallet) -> None:
    wallet.add(delivered(issuer, wallet, issue(issuer, valid_until=None)))
    (due,) = wallet.due(_day(LAST - timedelta(days=90)), notice=timedelta(days=90))
    assert due.days_left == 90


def test_a_type_that_has_changed_since_is_due(wallet: ecert.Wallet) -> None:
    catalogue, at = builtin(), _day(date(2026, 11, 23))
    assert wallet.due(at, catalogue=catalogue) == ()
    driving = catalogue.require("机动车驾驶证")
    plain = driving.model_dump(mode="json")
    plain["aliases"] = ["驾照（新）"]
    changed = Catalogue([LicenceType.model_validate_json(orjson.dumps(plain))])
    (due,) = wallet.due(at, catalogue=changed)
    assert (due.reason, due.valid_until) == (DueReason.TYPE_CHANGED, LAST)


def test_a_new_version_takes_the_place_of_the_old_one_in_one_write(issuer: ecert.Issuer) -> None:
    drawer = Drawer()
    wallet = wallet_in(drawer)
    old, other = issue(issuer), issue(issuer)
    for licence in (old, other):
        wallet.add(delivered(issuer, wallet, licence))
    new = issuer.replace(old.id, Move.RENEW, {"valid_until": date(2036, 6, 1)}, reason="到期换证")
    before = len(drawer.written)
    done = wallet.refresh(delivered(issuer, wallet, new))
    assert (done.licence.id, done.replaced) == (str(new.id), (str(old.id),))
    assert len(drawer.written) == before + 1
    assert [held.id for held in ecert.Wallet.over(drawer).licences] == [str(other.id), str(new.id)]


def test_the_same_version_again_takes_its_own_place(
    issuer: ecert.Issuer, wallet: ecert.Wallet
) -> None:
    held = wallet.licences[0].id
    before = wallet.delivery(held)
    done = wallet.refresh(delivered(issuer, wallet, issuer.licence(held)))
    assert done.replaced == (held,)
    assert wallet.delivery(held) != before


def test_an_older_version_or_a_stranger_is_no_refresh(
    issuer: ecert.Issuer, wallet: ecert.Wallet
) -> None:
    old = issuer.licence(wallet.licences[0].id)
    late = delivered(issuer, wallet, old)
    new = issuer.replace(old.id, Move.RENEW, {}, reason="到期换证")
    wallet.refresh(delivered(issuer, wallet, new))
    with pytest.raises(WalletError) as caught:
        wallet.refresh(late)
    assert caught.value.zh == "卡包中的版本更新，未作更新"
    with pytest.raises(WalletError) as caught:
        wallet.refresh(delivered(issuer, wallet, issue(issuer)))
    assert caught.value.zh == "卡包中没有这份证照的任何版本，无可更新"
    assert [held.id for held in wallet.licences] == [str(new.id)]
    with pytest.raises(LicenceIdError):
        superseded_by("not an id", {})


def test_a_refresh_to_other_holders_is_refused_as_any_delivery(issuer: ecert.Issuer) -> None:
    wallet = wallet_in(Drawer(), owner=ZHANG)
    old = issue(issuer)
    wallet.add(delivered(issuer, wallet, old))
    assert old.number == NUMBER
    other = issue(issuer, holder=CHILD, number=CHILD.number)
    with pytest.raises(WalletError) as caught:
        wallet.refresh(delivered(issuer, wallet, other))
    assert "不是本卡包所有人" in caught.value.zh


@pytest.mark.parametrize("day", ["", "x", 5, "2031-06-31"])
def test_a_delivery_whose_last_day_is_no_day_is_not_taken_in(
    issuer: ecert.Issuer, wallet: ecert.Wallet, day: object
) -> None:
    good = delivered(issuer, wallet, issue(issuer))
    jwt, *disclosures = good.sd_jwt.split("~")
    head, body, signature = jwt.split(".")
    claims = orjson.loads(b64url_decode(body)) | {"valid_until": day}
    jwt = ".".join((head, b64url(orjson.dumps(claims)), signature))
    with pytest.raises(WalletError) as caught:
        wallet.add(good._replace(sd_jwt="~".join((jwt, *disclosures))))
    assert caught.value.zh == "收到的凭证格式不对"
    assert caught.value.fix_zh
    assert len(wallet.licences) == 1
    wallet.due()
