"""What a wallet signs into a mandate, takes in, and refuses."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any

import orjson
import pytest

import ecert
from ecert import limits
from ecert.errors import FormatError, NotHeldError, ParseError, WalletError
from ecert.show import agent, mandate
from ecert.show.mandate import MandatePlace
from ecert.show.mandate_package import EntrustedLicence, MandatePackage
from ecert.sign.keys import PrivateKey
from ecert.wallet.vault import CHEAPEST
from tests.wallets import held_by, vault_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

NOW = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)
PASSPHRASE = "nothing secret here"
PLACE = MandatePlace("115116003189451948", 2, 77)


def wallet_in(path: Path) -> ecert.Wallet:
    return ecert.Wallet.create(path, PASSPHRASE, kdf=CHEAPEST, clock=lambda: NOW)


@pytest.fixture
def father(tmp_path: Path) -> ecert.Wallet:
    """A wallet with one licence."""
    police = ecert.Issuer.demo("四川省广安市公安局", region="511600", clock=lambda: NOW)
    wallet = wallet_in(tmp_path / "father")
    licence = police.issue(
        "机动车驾驶证", number="510681199003071237",
        holder=ecert.Holder("张伟", "510681199003071237"),
        fields={"准驾车型": "C1"}, valid_until=date(2031, 6, 1),
    )  # fmt: skip
    wallet.add(police.deliver(licence.id, wallet.request(police.nonce())))
    return wallet


@pytest.fixture
def child(tmp_path: Path) -> ecert.Wallet:
    return wallet_in(tmp_path / "child")


def give(father: ecert.Wallet, child: ecert.Wallet, **terms: Any) -> MandatePackage:
    named = agent.open_request(child.ask_mandate("张丽", "002X"))
    usual = {"agent": named, "place": PLACE, "matters": ["机动车业务"]}
    return father.give_mandate(father.licences[0].id, **(usual | terms))


def test_a_mandate_lasts_thirty_days_if_nobody_says(
    father: ecert.Wallet, child: ecert.Wallet
) -> None:
    claims = give(father, child).claims
    assert (claims.begins, claims.ends) == (NOW, NOW + timedelta(days=30))
    (covered,) = claims.licences
    assert covered.profiles == (1,)


def test_the_package_holds_no_more_than_was_entrusted(
    father: ecert.Wallet, child: ecert.Wallet
) -> None:
    package = give(father, child)
    (entrusted,) = package.licences
    assert list(entrusted.compact) == ["minimal"]
    data = package.to_bytes().decode()
    assert "sd_jwt" not in data
    assert MandatePackage.from_bytes(data.encode()) == package
    assert list(give(father, child, profiles=["minimal", "full"]).licences[0].compact) == [
        "minimal", "full",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("terms", "error", "said"),
    [
        ({"ends": NOW}, FormatError, "不超过一年"),
        ({"ends": NOW + limits.MAX_MANDATE_LIFE + timedelta(seconds=1)}, FormatError, "不超过一年"),
        ({"matters": []}, FormatError, "委托事项"),
        ({"matters": ["*", "机动车业务"]}, FormatError, "委托事项"),
        ({"matters": ["机动车业务"] * 2}, FormatError, "委托事项"),
        ({"matters": [str(n) for n in range(17)]}, FormatError, "委托事项"),
        ({"matters": ["事" * 101]}, FormatError, "委托事项"),
        ({"matters": [f"{n:02d}" + "事" * 98 for n in range(16)]}, FormatError, "过长"),
        ({"profiles": ["minimal", "nothing"]}, NotHeldError, "亮证方式"),
        ({"profiles": []}, NotHeldError, "亮证方式"),
        ({"place": PLACE._replace(issuer_code="1")}, FormatError, "不是这些证照的颁发机构"),
    ],
)
def test_terms_that_do_not_fit_are_refused_before_anything_is_signed(
    father: ecert.Wallet, child: ecert.Wallet, terms: Any, error: type[Exception], said: str
) -> None:
    with pytest.raises(error, match=said):
        give(father, child, **terms)
    assert father.mandates == ()


def test_at_the_limit_of_a_year_a_mandate_is_made(
    father: ecert.Wallet, child: ecert.Wallet
) -> None:
    assert give(father, child, ends=NOW + limits.MAX_MANDATE_LIFE)


def test_nobody_is_their_own_agent(father: ecert.Wallet) -> None:
    with pytest.raises(WalletError, match="不能委托给本卡包自己"):
        give(father, father)


def test_an_agent_that_did_not_come_from_a_request_is_looked_at(
    father: ecert.Wallet, child: ecert.Wallet
) -> None:
    named = agent.open_request(child.ask_mandate("张丽", "002X"))
    with pytest.raises(FormatError, match="姓名"):
        give(father, child, agent=named._replace(name="张丽（核验通过）"))


def test_a_wallet_forgets_a_mandate_without_withdrawing_it(
    father: ecert.Wallet, child: ecert.Wallet
) -> None:
    package = give(father, child)
    child.add_mandate(package)
    child.add_mandate(package)
    assert len(child.mandates) == 1
    assert child.mandate(package.id) == package
    child.remove_mandate(package.id)
    for forgotten in (child.mandate, child.remove_mandate):
        with pytest.raises(NotHeldError, match="没有这份委托"):
            forgotten(package.id)
    assert father.mandates != ()


def test_a_wallet_keeps_so_many(
    father: ecert.Wallet, child: ecert.Wallet, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "MAX_KEPT_MANDATES", 2)
    first = give(father, child)
    give(father, child)
    with pytest.raises(WalletError, match="已达2份"):
        give(father, child)
    father.add_mandate(first)  # is there already
    father.remove_mandate(first.id)
    give(father, child)


def test_parts_that_do_not_belong_together_are_refused(
    father: ecert.Wallet, child: ecert.Wallet
) -> None:
    package = give(father, child)
    (licence,) = package.licences
    full = held_by(father, licence.licence_id)["full"]
    beyond = licence._replace(compact={"minimal": licence.compact["minimal"], "full": full})
    signed = mandate.sign(package.claims, PrivateKey.from_scalar("ES256", bytes(31) + b"\x07"))
    for spoilt in (package._replace(licences=(beyond,)), package._replace(mandate=signed)):
        with pytest.raises(WalletError, match="委托书无效"):
            child.add_mandate(MandatePackage.from_bytes(spoilt.to_bytes()))
    assert child.mandates == ()


@pytest.mark.parametrize(
    "spoil",
    [
        lambda plain: plain | {"typ": "ecert-delivery"},
        lambda plain: plain | {"more": 1},
        lambda plain: plain | {"mandate": 1},
        lambda plain: plain | {"mandate": "AAAA"},
        lambda plain: plain | {"licences": []},
        lambda plain: plain | {"licences": plain["licences"] * 9},
        lambda plain: plain | {"licences": [1]},
        lambda plain: plain | {"licences": [plain["licences"][0] | {"compact": {}}]},
        lambda plain: plain | {"licences": [plain["licences"][0] | {"compact": {"minimal": 1}}]},
        lambda plain: plain | {"licences": [plain["licences"][0] | {"compact": {"x": "AAAA"}}]},
        lambda plain: plain | {"licences": [plain["licences"][0] | {"licence_id": None}]},
        lambda _: [],
    ],
)
def test_no_other_file_is_a_package(
    father: ecert.Wallet, child: ecert.Wallet, spoil: Callable[[Any], Any]
) -> None:
    plain = give(father, child).to_plain()
    with pytest.raises(ParseError):
        MandatePackage.from_bytes(orjson.dumps(spoil(plain)))


def test_a_paper_credential_is_no_part_of_a_package(
    father: ecert.Wallet, child: ecert.Wallet
) -> None:
    from ecert.show import compact

    package = give(father, child)
    (licence,) = package.licences
    claims = compact.parse(licence.compact["minimal"]).claims
    paper = compact.sign(
        claims._replace(kind=compact.CompactKind.PAPER, holder_key=None),
        PrivateKey.from_scalar("ES256", bytes(31) + b"\x07"),
    )
    held = EntrustedLicence(licence.licence_id, "", "", {"minimal": paper})
    with pytest.raises(ParseError):
        package._replace(licences=(held,)).verify()


def test_a_wallet_of_before_has_no_mandates(father: ecert.Wallet) -> None:
    content = orjson.loads(vault_of(father).read())
    assert "mandates" not in content
    path = vault_of(father).path
    assert ecert.Wallet.open(path, PASSPHRASE).mandates == ()
