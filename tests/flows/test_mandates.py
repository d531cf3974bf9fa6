"""Days on which somebody acts for another: a child for a parent, a clerk for an enterprise."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

import ecert
from ecert.errors import ForbiddenMoveError, NotHeldError, ProofError, WalletError
from ecert.issuers.lifecycle import Move
from ecert.issuers.records import CredentialKind
from ecert.reasons import Outcome, Reason
from ecert.show import agent, mandate, offline
from ecert.show.mandate import MandatePlace
from ecert.show.mandate_package import MandatePackage
from ecert.verify.policy import TERMINAL
from ecert.verify.policy_facts import facts_of
from ecert.verify.presentation import presented_code
from ecert.verify.receipt import receipt_of
from ecert.verify.receipt_replay import ReplayResult, replay_receipt
from ecert.wallet.vault import CHEAPEST
from tests.flows.test_mixed_suites import ES256, SM2, mixed_list, window_of
from tests.flows.world import MATTER, Clock, World, refuses
from tests.wallets import held_by, key_of, vault_of

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

PASSPHRASE = "nothing secret here"
SHOP = "91511600MA62K6GH10"


@dataclass
class Family:
    """Zhang Wei, who cannot come, and his daughter Zhang Li, who goes to Chongqing for him."""

    world: World
    child: ecert.Wallet

    def give(self, *ids: object, ends: datetime | None = None, **terms: Any) -> MandatePackage:
        """Let the daughter show the licence, as far as ``terms`` say."""
        world = self.world
        ends = ends or world.clock.now + timedelta(days=30)
        shown = [str(one) for one in ids] or [str(world.licence.id)]
        place = world.police.mandates.enter(
            shown[0], world.wallet.request(world.police.nonce()), ends=ends
        )
        asked = agent.open_request(self.child.ask_mandate("张丽", "002X"))
        usual: dict[str, Any] = {
            "matters": [MATTER], "agent": asked, "place": place, "ends": ends,
        }  # fmt: skip
        package = world.wallet.give_mandate(*shown, **(usual | terms))
        # It travels as a file.
        self.child.add_mandate(MandatePackage.from_bytes(package.to_bytes()))
        world.sync()
        return package

    def code(self, package: MandatePackage, *ids: object, **how: Any) -> str:
        return self.child.show(*map(str, ids), mandate=package.id, **how).text

    def verify(self, package: MandatePackage, **how: Any) -> ecert.Verdict:
        return self.world.verify(self.code(package), **how)


@pytest.fixture
def family(world: World, tmp_path: Path) -> Family:
    child = ecert.Wallet.create(tmp_path / "li.wallet", PASSPHRASE, kdf=CHEAPEST, clock=world.clock)
    return Family(world, child)


def test_a_daughter_acts_for_her_father(family: Family) -> None:
    package = family.give()
    verdict = family.verify(package)
    assert verdict.accepted, verdict.explain("en")
    licence = verdict.licence
    assert licence.holders == (("张伟", "1237"),)
    assert licence.agent is not None
    assert licence.agent[:3] == ("张丽", "002X", (MATTER,))
    assert not licence.bearer
    told = verdict.explain("zh")
    for line in (
        "持证主体：张伟（号码后四位 1237）",
        "代办人：张丽（号码后四位 002X）",
        "委托：机动车业务，2026-12-22 10:00 前有效",
        "下一步：请核对代办人身份证件：姓名和号码后四位；并核对委托人（持证主体）姓名",
    ):
        assert line in told
    assert "Agent: 张丽 (number ends in 002X)" in verdict.explain("en")
    plain = verdict.to_dict()["parts"][0]["licence"]["agent"]
    assert (plain["name"], plain["number"]) == ("张丽", "002X")
    # Both status lists were asked, the licence's and the mandate's: each is named.
    assert [use.kind for use in verdict.lists_used].count("status-list") == 2


def test_without_an_agent_nothing_is_said_of_one(world: World) -> None:
    verdict = world.verify()
    assert verdict.licence.agent is None
    assert verdict.to_dict()["parts"][0]["licence"]["agent"] is None
    assert "代办" not in verdict.explain("zh")


def test_what_the_daughter_kept_survives_closing_the_wallet(family: Family) -> None:
    package = family.give()
    path = vault_of(family.child).path
    assert package.to_bytes() not in path.read_bytes()
    family.child = ecert.Wallet.open(path, PASSPHRASE, clock=family.world.clock)
    assert family.verify(package).accepted
    (held,) = family.child.mandates
    assert (held.given, held.agent, held.matters) == (False, "张丽", (MATTER,))
    (given,) = family.world.wallet.mandates
    assert (given.given, given.id) == (True, held.id)


# -- an enterprise ---------------------------------------------------------------------------------


def test_an_enterprises_clerk_shows_its_business_licence_in_another_region(
    family: Family,
) -> None:
    world = family.world
    shop = world.issue(
        "营业执照", number=SHOP, holder=ecert.Holder("广安红旗商贸有限公司", SHOP, "001"),
        fields={
            "类型": "有限责任公司", "法定代表人": "周强", "成立日期": "2019-05-06",
            "住所": "广安市广安区滨江路1号", "经营范围": "日用百货销售",
        },
        valid_until=None,
    )  # fmt: skip
    package = family.give(shop.id, matters=["*"])
    verdict = world.verify(family.code(package), matter="企业开办")
    assert verdict.accepted, verdict.explain("en")
    told = verdict.explain("zh")
    assert "经办人：张丽（号码后四位 002X）" in told
    assert "委托：所有事项" in told
    assert "请核对经办人身份证件：姓名和号码后四位；并核对委托单位（持证主体）名称" in told

    # The legal representative changes: the new version is another licence, and the clerk of the
    # old one acts for nobody.
    world.police.replace(
        shop.id, Move.CHANGE, {"fields": {"法定代表人": "李明"}}, reason="变更法定代表人"
    )
    world.sync()
    verdict = world.verify(family.code(package), matter="企业开办")
    refuses(verdict, Reason.SUPERSEDED)
    assert Reason.MANDATE_WITHDRAWN in {finding.reason for finding in verdict.findings}


# -- what a mandate does not allow ----------------------------------------------------------------


def test_an_agent_tries_another_matter_and_none(family: Family) -> None:
    package = family.give()
    code = family.code(package)
    verdict = family.world.verify(code, matter="执法检查")
    refuses(verdict, Reason.MANDATE_MATTER)
    assert "张丽" not in f"{verdict.explain('zh')}{verdict.to_dict()}"
    verdict = family.world.verify(code, matter=None)
    assert Reason.MANDATE_MATTER in {finding.reason for finding in verdict.findings}
    # A code that was not accepted may be shown again for the right matter, but only once.
    assert family.world.verify(code).accepted
    refuses(family.world.verify(code), Reason.REPLAYED)


def test_a_terminal_takes_nothing_from_an_agent(family: Family) -> None:
    package = family.give()
    family.world.window.policy = TERMINAL
    code = family.code(package, challenge="4711")
    refuses(family.world.verify(code, challenge="4711"), Reason.MANDATE_NOT_TAKEN)


def test_the_code_answers_the_window_as_any_other(family: Family) -> None:
    package = family.give()
    code = family.code(package, challenge="4711")
    refuses(family.world.verify(code), Reason.AUDIENCE)
    assert family.world.verify(code, challenge="4711").accepted
    late = family.code(package)
    family.world.clock.advance(seconds=91)
    refuses(family.world.verify(late), Reason.CODE_EXPIRED)


def test_a_mandate_ends_by_itself(family: Family) -> None:
    package = family.give(ends=family.world.clock.now + timedelta(hours=2))
    family.world.clock.advance(hours=2, seconds=-1)
    assert family.verify(package).accepted
    family.world.clock.advance(seconds=1)
    refuses(family.verify(package), Reason.MANDATE_EXPIRED)


# -- withdrawn ------------------------------------------------------------------------------------


def withdraw(family: Family, package: MandatePackage, wallet: ecert.Wallet) -> None:
    police = family.world.police
    police.mandates.withdraw(package.mandate, wallet.request(police.nonce()))


def test_withdrawn_at_noon_refused_at_one(family: Family) -> None:
    package, other = family.give(), family.give()
    family.world.clock.advance(hours=2)
    withdraw(family, package, family.world.wallet)
    # The window has not heard of it yet.
    assert family.verify(package).accepted
    family.world.clock.advance(hours=1)
    family.world.sync()
    refuses(family.verify(package), Reason.MANDATE_WITHDRAWN)
    # Only this mandate: the other one, and the father's own phone, go on.
    assert family.verify(other).accepted
    assert family.world.verify().accepted


def test_the_agents_phone_is_lost(family: Family) -> None:
    """Either of them can end it; whoever found the phone can use it no longer."""
    package = family.give()
    stolen = family.code(package)
    assert family.world.verify(stolen).accepted  # but the clerk compares the identity card
    withdraw(family, package, family.child)
    family.world.sync()
    refuses(family.verify(package), Reason.MANDATE_WITHDRAWN)
    (record,) = family.world.police.mandates.entered(family.world.licence.id)
    assert record.kind is CredentialKind.MANDATE
    events = family.world.police.events(family.world.licence.id)
    assert (events[-1].reason, events[-1].actor) == ("代办人交回", "代办人")


def test_the_audit_of_the_register_stays_clean(family: Family) -> None:
    world = family.world
    withdraw(family, family.give(), world.wallet)
    family.give()
    world.police.suspend(world.licence.id, reason="查", document="测〔2026〕1号")
    assert world.police.archive.check_audit().findings == ()


def test_the_office_withdraws_one_by_its_place(family: Family) -> None:
    package = family.give()
    place = package.claims.place
    family.world.police.withdraw_credential(place.credential_id, reason="家属来电")
    family.world.sync()
    refuses(family.verify(package), Reason.MANDATE_WITHDRAWN)


def test_the_principals_phone_is_lost(family: Family) -> None:
    package = family.give()
    (wallet, *_) = family.world.police.credentials(family.world.licence.id)
    family.world.police.withdraw_credential(wallet.id, reason="手机遗失")
    family.world.sync()
    refuses(family.verify(package), Reason.CREDENTIAL_WITHDRAWN)
    with pytest.raises(ProofError, match="已停用"):
        family.give()


def test_a_revoked_licence_takes_its_mandates_with_it(family: Family) -> None:
    package = family.give()
    family.world.police.suspend(family.world.licence.id, reason="查", document="测〔2026〕1号")
    family.world.sync()
    refuses(family.verify(package), Reason.SUSPENDED)
    family.world.police.reinstate(family.world.licence.id, reason="发还")
    family.world.sync()
    assert family.verify(package).accepted
    family.world.police.revoke(family.world.licence.id, reason="测", document="测〔2026〕2号")
    family.world.sync()
    refuses(family.verify(package), Reason.REVOKED)


def test_without_the_mandates_status_list_nothing_is_known(family: Family, clock: Clock) -> None:
    package = family.give()
    world = family.world
    window = ecert.Verifier("500000", clock=clock)
    window.knowledge.pin(ecert.demo_roots())
    window.knowledge.accept(world.police.trust_list())
    window.knowledge.accept(world.police.status_list(1))
    window.knowledge.accept(ecert.fixture("川渝互认清单"))
    verdict = window.verify(family.code(package), matter=MATTER)
    refuses(verdict, Reason.MANDATE_STATUS)
    assert verdict.outcome is Outcome.UNDETERMINED

    assert package.claims.place.list_number == 2
    window.knowledge.accept(world.police.status_list(2))
    assert window.verify(family.code(package), matter=MATTER).accepted
    clock.advance(days=1)
    window.knowledge.accept(world.police.status_list(1))
    clock.advance(days=6, hours=12)
    verdict = window.verify(family.code(package), matter=MATTER)
    assert Reason.MANDATE_STATUS in {finding.reason for finding in verdict.findings}
    assert verdict.outcome is Outcome.UNDETERMINED


# -- several licences, several keys ----------------------------------------------------------------


def test_one_mandate_over_two_licences_shows_both_or_one(family: Family) -> None:
    world = family.world
    card = world.issue(
        "社会保障卡", fields={"社会保障卡卡号": "A12345678"}, valid_until=None
    )  # fmt: skip
    package = family.give(card.id, world.licence.id, matters=["*"])
    code = family.child.show(mandate=package.id)
    assert code.qr_version <= 23
    verdict = world.verify(code.text, matter=MATTER)
    assert [part.reason for part in verdict.parts] == [Reason.MATTER_NOT_COVERED, Reason.OK]
    assert world.verify(family.code(package, world.licence.id)).accepted


def test_a_mandate_covers_what_it_names_and_no_more(family: Family) -> None:
    world = family.world
    other = world.issue(
        "社会保障卡", fields={"社会保障卡卡号": "A12345678"}, valid_until=None
    )  # fmt: skip
    package = family.give(matters=["*"])
    with pytest.raises(NotHeldError):
        family.code(package, other.id)
    with pytest.raises(NotHeldError):
        family.code(package, profile="full")
    # The father's own wallet file is copied, and its credentials put beside the mandate.
    taken = held_by(world.wallet, str(other.id))["minimal"]
    code = offline.write_show_code(
        [taken], key_of(family.child), made=world.clock.now, mandate=package.mandate
    )
    refuses(world.verify(code, matter="图书借阅"), Reason.MANDATE_LICENCE)


def test_a_package_is_for_its_agent_alone(family: Family, tmp_path: Path) -> None:
    package = family.give()
    thief = ecert.Wallet.create(tmp_path / "t", PASSPHRASE, kdf=CHEAPEST, clock=family.world.clock)
    with pytest.raises(WalletError, match="不是给本卡包的"):
        thief.add_mandate(package)
    with pytest.raises(WalletError, match="不需要委托"):
        family.world.wallet.show(mandate=package.id)
    # The thief writes the code by hand.
    credentials = list(package.licences[0].compact.values())
    made = family.world.clock.now
    forged = offline.write_show_code(credentials, key_of(thief), made=made, mandate=package.mandate)
    refuses(family.world.verify(forged), Reason.MANDATE_AGENT)
    # The mandate left out: the licences name the father's key, and he did not sign.
    forged = offline.write_show_code(credentials, key_of(family.child), made=made)
    refuses(family.world.verify(forged), Reason.SIGNATURE)
    # The father's proof with the daughter's mandate.
    forged = offline.write_show_code(
        credentials, key_of(family.world.wallet), made=made, mandate=package.mandate
    )
    refuses(family.world.verify(forged), Reason.MANDATE_AGENT)


def test_an_agent_cannot_hand_a_mandate_on(family: Family, tmp_path: Path) -> None:
    package = family.give()
    third = ecert.Wallet.create(tmp_path / "t", PASSPHRASE, kdf=CHEAPEST, clock=family.world.clock)
    # In the wallet: the daughter holds no licence that she could entrust.
    with pytest.raises(NotHeldError):
        family.child.give_mandate(
            family.world.licence.id,
            agent=agent.open_request(third.ask_mandate("王五", "0000")),
            place=package.claims.place, matters=["*"],
        )  # fmt: skip
    # By hand: the second mandate is not signed by the key that the licences name.
    named = agent.open_request(third.ask_mandate("王五", "0000"))
    second = mandate.sign(package.claims._replace(agent=named), key_of(family.child))
    code = offline.write_show_code(
        list(package.licences[0].compact.values()), key_of(third),
        made=family.world.clock.now, mandate=second,
    )  # fmt: skip
    refuses(family.world.verify(code), Reason.MANDATE_SIGNATURE)


def test_licences_of_two_principals_do_not_stand_in_one_code(
    family: Family, tmp_path: Path
) -> None:
    world = family.world
    package = family.give()
    mother = ecert.Wallet.create(tmp_path / "m", PASSPHRASE, kdf=CHEAPEST, clock=world.clock)
    mother.add(world.police.deliver(world.licence.id, mother.request(world.police.nonce())))
    credentials = [
        package.licences[0].compact["minimal"],
        held_by(mother, str(world.licence.id))["minimal"],
    ]
    code = offline.write_show_code(
        credentials, key_of(family.child), made=world.clock.now, mandate=package.mandate
    )
    refuses(world.verify(code), Reason.HOLDER_PROOF)


@pytest.mark.parametrize("principal", [ES256, SM2])
@pytest.mark.parametrize("acting", [ES256, SM2])
def test_every_mixture_of_suites_is_accepted(
    tmp_path: Path, clock: Clock, principal: str, acting: str
) -> None:
    police = ecert.Issuer.demo("四川省广安市公安局", region="511600", alg=principal, clock=clock)
    wallets = [
        ecert.Wallet.create(tmp_path / name, PASSPHRASE, alg=alg, kdf=CHEAPEST, clock=clock)
        for name, alg in (("zhang", principal), ("li", acting))
    ]
    window = window_of(clock, principal, principal)
    world = World(clock, police, wallets[0], window, None)  # type: ignore[arg-type]
    world.licence = world.issue()
    family = Family(world, wallets[1])
    package = family.give()
    window.knowledge.accept(mixed_list(principal, principal))
    code = family.child.show(mandate=package.id)
    assert code.qr_version <= 19
    verdict = world.verify(code.text)
    assert verdict.accepted, verdict.explain("en")
    withdraw(family, package, wallets[0])
    world.sync()
    refuses(family.verify(package), Reason.MANDATE_WITHDRAWN)


# -- at the issuer ---------------------------------------------------------------------------------


def test_a_place_is_given_once_for_each_proof(family: Family) -> None:
    world = family.world
    ends = world.clock.now + timedelta(days=1)
    proof = world.wallet.request(world.police.nonce())
    place = world.police.mandates.enter(world.licence.id, proof, ends=ends)
    assert world.police.mandates.enter(world.licence.id, proof, ends=ends) == place
    other = world.wallet.request(world.police.nonce())
    assert world.police.mandates.enter(world.licence.id, other, ends=ends) != place
    assert len(world.police.mandates.entered(world.licence.id)) == 2
    # The row knows neither the agent nor the matters.
    (record, _) = world.police.mandates.entered(world.licence.id)
    assert record.artefacts is None
    assert record.holder_jwk == key_of(world.wallet).public.jwk()
    assert MandatePlace.parse(str(place)) == place


@pytest.mark.parametrize(
    ("days", "error"),
    [(0, ForbiddenMoveError), (366, None), (366.0001, ForbiddenMoveError)],
)
def test_a_place_is_for_a_year_at_most(
    family: Family, days: float, error: type[Exception] | None
) -> None:
    world = family.world
    proof = world.wallet.request(world.police.nonce())
    ends = world.clock.now + timedelta(days=days)
    if error is None:
        assert world.police.mandates.enter(world.licence.id, proof, ends=ends)
    else:
        with pytest.raises(error, match="不超过一年"):
            world.police.mandates.enter(world.licence.id, proof, ends=ends)


def test_only_whoever_holds_the_licence_enters_a_mandate(family: Family) -> None:
    world = family.world
    ends = world.clock.now + timedelta(days=1)
    proof = family.child.request(world.police.nonce())
    with pytest.raises(ProofError, match="此卡包没有这份证照"):
        world.police.mandates.enter(world.licence.id, proof, ends=ends)
    stale = world.wallet.request(world.police.nonce())
    world.clock.advance(minutes=11)
    with pytest.raises(ProofError, match="随机数"):
        world.police.mandates.enter(world.licence.id, stale, ends=ends)
    foreign = world.wallet.request("115000000000000001.abc")
    with pytest.raises(ProofError, match="其他机构"):
        world.police.mandates.enter(world.licence.id, foreign, ends=ends)
    world.police.suspend(world.licence.id, reason="查", document="测〔2026〕1号")
    proof = world.wallet.request(world.police.nonce())
    with pytest.raises(ForbiddenMoveError):
        world.police.mandates.enter(world.licence.id, proof, ends=ends)


def test_only_so_many_mandates_stand(family: Family, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ecert.limits.MAX_STANDING_MANDATES", 2)
    first = family.give()
    family.give()
    with pytest.raises(ForbiddenMoveError, match="2份"):
        family.give()
    withdraw(family, first, family.world.wallet)
    family.give()


def test_nobody_else_withdraws_a_mandate(family: Family, tmp_path: Path) -> None:
    package = family.give()
    police = family.world.police
    stranger = ecert.Wallet.create(
        tmp_path / "s", PASSPHRASE, kdf=CHEAPEST, clock=family.world.clock
    )
    with pytest.raises(ProofError, match="既不是委托人也不是代办人"):
        police.mandates.withdraw(package.mandate, stranger.request(police.nonce()))
    # A mandate that the stranger signs over the same place, with himself as the agent.
    named = agent.open_request(stranger.ask_mandate("王五", "0000"))
    for signer in (key_of(stranger), key_of(family.child)):
        forged = mandate.sign(package.claims._replace(agent=named), signer)
        with pytest.raises(ProofError, match="不是登记时的委托人"):
            police.mandates.withdraw(forged, stranger.request(police.nonce()))
    elsewhere = replace_place(package, family, issuer_code="115000000000000001")
    with pytest.raises(ProofError, match="其他机构"):
        police.mandates.withdraw(elsewhere, family.world.wallet.request(police.nonce()))
    # The place of the licence's own credential is no mandate's.
    (wallet, *_) = police.credentials(family.world.licence.id)
    own = replace_place(package, family, list_number=wallet.list_number, position=wallet.index)
    with pytest.raises(ProofError, match="不是委托"):
        police.mandates.withdraw(own, family.world.wallet.request(police.nonce()))
    assert family.verify(package).accepted


def replace_place(package: MandatePackage, family: Family, **changes: Any) -> bytes:
    place = package.claims.place._replace(**changes)
    return mandate.sign(package.claims._replace(place=place), key_of(family.world.wallet))


# -- what a wallet of the second version adds ------------------------------------------------------


def test_giving_a_mandate_needs_the_show_pin(family: Family) -> None:
    wallet = family.world.wallet
    wallet.pin.set("274918")
    for wrong in (None, "274919"):
        with pytest.raises(WalletError):
            family.give(pin=wrong)
    assert wallet.mandates == ()
    package = family.give(pin="274918")
    assert family.verify(package).accepted


def test_an_agents_show_is_in_the_agents_log(family: Family) -> None:
    family.verify(family.give())
    (record,) = family.child.log.records
    assert [name for _, name in record.licences] == ["机动车驾驶证"]
    assert family.world.wallet.log.records == ()


def test_a_further_key_that_a_mandate_names_is_not_removed(family: Family) -> None:
    first = family.child.keys.find(key_of(family.child).public.kid).id
    package = family.give()
    family.child.keys.add(default=True)
    assert family.verify(package).accepted
    with pytest.raises(WalletError, match="委托"):
        family.child.keys.remove(first)
    family.child.remove_mandate(package.id)
    family.child.keys.remove(first)


# -- where mandates meet backups and receipts -----------------------------------------------------


def test_an_older_backup_takes_no_mandate_out_of_its_principals_hands(
    family: Family, tmp_path: Path
) -> None:
    wallet, copy = family.world.wallet, tmp_path / "copy"
    path = vault_of(wallet).path
    wallet.backup(copy)
    package = family.give()
    restored = ecert.Wallet.restore(
        copy, "nothing secret here", path, replace_newer=True, clock=family.world.clock
    )
    assert [one.id for one in restored.mandates] == [package.id]
    withdraw(family, restored.mandate(package.id), restored)
    family.world.sync()
    refuses(family.verify(package), Reason.MANDATE_WITHDRAWN)


def test_the_receipt_of_an_agents_show_is_impersonal_and_replays(family: Family) -> None:
    world, knowledge = family.world, family.world.window.knowledge
    package = family.give()
    world.clock.advance(seconds=1)
    for matter, accepted in ((MATTER, True), ("图书借阅", False)):
        code = family.code(package)
        verdict = world.verify(code, matter=matter)
        assert verdict.accepted is accepted
        receipt = receipt_of(
            verdict, presented_code(code), window="3", known=knowledge.in_force,
            policy=world.window.policy, software="ecert",
        )  # fmt: skip
        assert receipt.policy["mandate"] == "take"
        for personal in ("张丽", "002X", "张伟", "1237", package.id):
            assert personal not in receipt.to_payload().decode()
        past = knowledge.as_of(receipt.at)
        replay = replay_receipt(receipt, code, past=past, today=knowledge, at=world.clock())
        assert replay.result is ReplayResult.FOLLOWS
        withdrawn = receipt.model_copy(update={"policy": facts_of(TERMINAL)})
        replay = replay_receipt(withdrawn, code, past=past, today=knowledge, at=world.clock())
        assert replay.result is ReplayResult.DIFFERS
