"""一人一码, 一企一码: a wallet that knows whose it is takes nobody else's by mistake."""

from __future__ import annotations

import pytest

import ecert
from ecert.errors import WalletError
from ecert.model.codes import make_uscc
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

FIRM = ecert.Holder.enterprise("广安某某有限公司", make_uscc("91", "511600", "MA62A000"))


def test_a_wallet_that_knows_no_owner_asks_nothing() -> None:
    issuer, wallet = office(), wallet_in(Drawer())
    for holder in (ZHANG, CHILD):
        licence = issue(issuer, holder=holder, number=holder.number)
        wallet.add(delivered(issuer, wallet, licence))
    assert len(wallet.licences) == 2
    assert (wallet.kind, wallet.owner) == ("personal", None)


def test_somebody_elses_licence_is_refused_unless_it_is_meant() -> None:
    issuer, wallet = office(), wallet_in(Drawer(), owner=ZHANG)
    own, childs = issue(issuer), issue(issuer, holder=CHILD, number=CHILD.number)
    wallet.add(delivered(issuer, wallet, own))
    delivery = delivered(issuer, wallet, childs)
    with pytest.raises(WalletError) as caught:
        wallet.add(delivery)
    assert caught.value.zh == "此证照的持证主体（***0029）不是本卡包所有人（***1237）"
    assert NUMBER not in str(caught.value)
    assert CHILD.number not in str(caught.value)
    assert CHILD.name not in str(caught.value)
    assert len(wallet.licences) == 1
    wallet.add(delivery, of_another=True)
    assert len(wallet.licences) == 2


def test_of_several_holders_one_is_enough() -> None:
    issuer, wallet = office(), wallet_in(Drawer(), owner=ZHANG)
    shared = issuer.issue(
        "不动产权证书", number="川（2026）广安市不动产权第0000001号", holder=(CHILD, ZHANG),
        valid_until=None,
        fields={
            "权利类型": "国有建设用地使用权", "坐落": "广安区金安大道1号",
            "不动产单元号": "511602001001GB00012F00050123",
        },
    )  # fmt: skip
    assert wallet.add(delivered(issuer, wallet, shared)).id == str(shared.id)


@pytest.mark.parametrize(("kind", "owner"), [("personal", FIRM), ("enterprise", ZHANG)])
def test_a_persons_wallet_is_no_bodys_nor_the_reverse(kind: str, owner: ecert.Holder) -> None:
    drawer = Drawer()
    with pytest.raises(WalletError) as caught:
        wallet_in(drawer, kind=kind, owner=owner)
    assert "的所有人应为" in caught.value.zh
    assert drawer.payload == b""
    wallet = wallet_in(drawer, kind=kind)
    with pytest.raises(WalletError):
        wallet.set_owner(owner)


def test_an_owner_is_noted_later_changed_and_forgotten() -> None:
    drawer = Drawer()
    wallet = wallet_in(drawer)
    wallet.set_owner(FIRM, kind="enterprise")
    again = ecert.Wallet.over(drawer)
    assert (again.kind, again.owner) == ("enterprise", FIRM)
    again.set_owner(ZHANG, kind="personal")
    again.set_owner(None)
    assert (again.kind, again.owner) == ("personal", None)


def test_another_kind_of_wallet_is_misuse() -> None:
    with pytest.raises(ValueError, match="family"):
        wallet_in(Drawer(), kind="family")
