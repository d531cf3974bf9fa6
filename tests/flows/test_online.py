"""Online codes at the window: what a presentation proves, and what each refusal is called."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

import pytest

import ecert
from ecert import limits
from ecert.clock import system_clock
from ecert.online.purpose import AccessPurpose
from ecert.online.verifiers import new_verifier
from ecert.reasons import Outcome, Reason
from ecert.service.show import make_app
from ecert.show.online import OnlineCode, audience_of, transaction_nonce
from ecert.sign import sdjwt
from ecert.sign.keys import PrivateKey
from ecert.verify.policy import TERMINAL
from ecert.wallet.vault import CHEAPEST
from ecert.workspace import Workspace
from ecert.workspace.online_window import OnlineWindow
from ecert.workspace.show_desk import show_desk
from ecert.workspace.show_services import ShowServiceAddress, ShowServices
from tests.flows.world import MATTER, ZHANG, World, refuses
from tests.online.office import WORDS
from tests.online.server import serving

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

CODE = OnlineCode("511600", "1234567890123456789")
HERE = audience_of(CODE.region)
PURPOSE = AccessPurpose.read(WORDS)


def present(world: World, *more: object, **changes: str) -> tuple[str, ...]:
    said = {"audience": HERE, "nonce": CODE.nonce} | changes
    return world.wallet.present(world.licence.id, *map(str, more), **said)  # type: ignore[arg-type]


def check(world: World, tokens: tuple[str, ...], matter: str | None = MATTER) -> ecert.Verdict:
    return world.window.verify_presentation(tokens, audience=HERE, nonce=CODE.nonce, matter=matter)


# -- what is judged -------------------------------------------------------------------------------


def test_a_presentation_is_accepted_once(world: World) -> None:
    shown = present(world)
    verdict = check(world, shown)
    assert verdict.accepted
    assert not verdict.licence.bearer
    assert verdict.parts[0].next_step() == "请与居民身份证核对姓名和号码后四位"
    refuses(check(world, shown), Reason.REPLAYED)


def test_a_twin_of_the_holder_s_signature_is_the_same_presentation(world: World) -> None:
    from ecert.sign.es256 import N
    from ecert.sign.strict import b64url, b64url_decode

    (token,) = present(world)
    assert check(world, (token,)).accepted
    signed, _, encoded = token.rpartition(".")
    raw = b64url_decode(encoded)
    twin = raw[:32] + (N - int.from_bytes(raw[32:])).to_bytes(32)
    refuses(check(world, (f"{signed}.{b64url(twin)}",)), Reason.REPLAYED)


def test_several_licences_are_told_each_on_its_own(world: World) -> None:
    library = world.issue(
        "图书馆借书证",
        number="J0001",
        fields={"读者类型": "普通读者"},
        valid_until=date(2030, 1, 1),
    )
    world.sync()
    verdict = check(world, present(world, library.id))
    assert [part.accepted for part in verdict.parts] == [True, False]
    assert verdict.outcome is not Outcome.ACCEPTED


def test_an_accepted_licence_comes_again_in_no_other_company_or_order(world: World) -> None:
    other = world.issue()
    world.sync()
    first, second = present(world, other.id)
    assert check(world, (first, second)).accepted
    for again in ((first,), (second,), (second, first)):
        refuses(check(world, again), Reason.REPLAYED)


def test_one_licence_is_not_counted_twice(world: World) -> None:
    # Two key bindings, of two moments: no replay, but one licence.
    (first,) = present(world)
    world.clock.advance(seconds=1)
    refuses(check(world, (first, *present(world))), Reason.MALFORMED)
    refuses(check(world, (first, first)), Reason.MALFORMED)
    assert check(world, (first,)).accepted


def test_one_for_another_service_or_code_is_refused(world: World) -> None:
    refuses(check(world, present(world, audience=audience_of("510000"))), Reason.AUDIENCE)
    refuses(check(world, present(world, nonce=OnlineCode.new("511600").nonce)), Reason.AUDIENCE)


@pytest.mark.parametrize(
    ("seconds", "reason"),
    [
        (330, Reason.OK), (331, Reason.CODE_EXPIRED), (-90, Reason.OK),
        (-91, Reason.CODE_FROM_FUTURE),
    ],
)  # fmt: skip
def test_a_presentation_is_of_now(world: World, seconds: int, reason: Reason) -> None:
    shown = present(world)
    world.clock.advance(seconds=seconds)
    assert check(world, shown).reason is reason


def test_without_the_holder_s_proof_it_is_nothing(world: World, tmp_path: Path) -> None:
    (token,) = present(world)
    unbound = token[: token.rindex("~") + 1]
    refuses(check(world, (unbound,)), Reason.HOLDER_PROOF)
    refuses(check(world, (world.police.file(world.licence.id),)), Reason.HOLDER_PROOF)
    fewer = "~".join(part for number, part in enumerate(token.split("~")) if number != 1)
    refuses(check(world, (fewer,)), Reason.HOLDER_PROOF)
    forged = token[:-8] + "AAAAAAAA"
    assert check(world, (forged,)).outcome is Outcome.REFUSED
    other = ecert.Wallet.create(
        tmp_path / "other", "nothing secret", kdf=CHEAPEST, clock=world.clock
    )
    licence = world.police.issue(
        "机动车驾驶证", number=ZHANG.number, holder=ZHANG, fields={"准驾车型": "C1"},
        valid_until=None,
    )  # fmt: skip
    other.add(world.police.deliver(licence.id, other.request(world.police.nonce())))
    theirs = other.present(licence.id, audience=HERE, nonce=CODE.nonce)
    refuses(check(world, (*present(world), *theirs)), Reason.HOLDER_PROOF)
    # Bound by a key that is not the one in it.
    bound = sdjwt.present(
        token[: token.rindex("~") + 1], lambda _: True, holder=PrivateKey.generate(),
        binding=sdjwt.KeyBinding(HERE, CODE.nonce), at=int(world.clock().timestamp()),
    )  # fmt: skip
    refuses(check(world, (bound,)), Reason.SIGNATURE)


@pytest.mark.parametrize("count", [0, limits.MAX_LICENCES_PER_CODE + 1])
def test_licences_of_a_presentation_are_bounded(world: World, count: int) -> None:
    refuses(check(world, present(world) * count), Reason.MALFORMED)
    more = [world.issue().id for _ in range(limits.MAX_LICENCES_PER_CODE - 1)]
    world.sync()
    most = check(world, present(world, *more))
    assert len(most.parts) == limits.MAX_LICENCES_PER_CODE


def test_the_usual_checks_are_made(world: World) -> None:
    assert check(world, present(world), "婚姻登记").reason is Reason.MATTER_NOT_COVERED
    world.police.revoke(
        world.licence.id, reason="吊销", document="公交罚〔2026〕1号", actor="李警官"
    )
    world.clock.advance(seconds=1)
    world.sync()
    refuses(check(world, present(world)), Reason.REVOKED)


def test_an_unattended_terminal_takes_none(world: World) -> None:
    world.window.policy = replace(TERMINAL)
    refuses(check(world, present(world)), Reason.AUDIENCE)


@pytest.mark.parametrize("text", ["", "x", "~", "a.b.c~", "字~字", "~" * 300])
def test_what_is_no_presentation_is_no_crash(world: World, text: str) -> None:
    assert check(world, (text,)).outcome is Outcome.REFUSED


def test_scanned_off_line_it_needs_the_network(world: World) -> None:
    verdict = world.window.verify(CODE.text, matter=MATTER)
    assert (verdict.reason, verdict.outcome) == (Reason.SERVICE_UNREACHABLE, Outcome.UNDETERMINED)
    assert "联网" in verdict.explain("zh")


# -- what the service answers ---------------------------------------------------------------------


class Town:
    """A service in Guang'an and two windows with tokens there, of which one is in Beijing."""

    def __init__(self, folder: Path, service: Workspace, url: str) -> None:
        self.desk = show_desk(service)
        self.windows: dict[str, Workspace] = {}
        for region in ("500000", "110000"):
            window = Workspace.init(folder / region, region=region, name="窗口", demo=True)
            record, token = new_verifier(region=region, office="窗口", days=1, at=system_clock())
            self.desk.store.add_verifier(record)
            address = ShowServiceAddress(region="511600", url=url, token=token, allow_http=True)
            ShowServices((address,)).write(folder / region)
            self.windows[region] = window
        self.wallet = ecert.Wallet.create(folder / "wallet", "nothing secret", kdf=CHEAPEST)
        self.issuer = issuer = service.issuer
        licence = issuer.issue(
            "机动车驾驶证", number=ZHANG.number, holder=ZHANG, fields={"准驾车型": "C1"},
            valid_until=None,
        )  # fmt: skip
        self.wallet.add(issuer.deliver(licence.id, self.wallet.request(issuer.nonce())))

    def deposit(self) -> OnlineCode:
        code, at = OnlineCode.new("511600"), system_clock()
        held = self.wallet.licences[0].id
        shown = self.wallet.present(held, audience=HERE, nonce=code.nonce, at=at)
        self.desk.deposit(code.text, shown, life=limits.ONLINE_CODE_LIFE, at=at)
        return code

    def redeem(self, code: OnlineCode, region: str = "500000") -> ecert.Verdict:
        window = OnlineWindow(
            self.windows[region], self.windows[region].verifier, at=system_clock()
        )
        return window.verify(code.text, PURPOSE, matter=MATTER)


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    with Workspace.init(
        tmp_path / "guangan", region="511600", name="四川省广安市公安局", demo=True
    ) as service:
        service.bundle()
        service.knowledge.pin(ecert.demo_roots("500000"))
        service.knowledge.accept(ecert.fixture("川渝互认清单"))
        with serving(make_app(show_desk(service))) as url:
            made = Town(tmp_path, service, url)
            yield made
            for window in made.windows.values():
                window.close()


def told(verdict: ecert.Verdict) -> tuple[Reason, Outcome]:
    return verdict.reason, verdict.outcome


def test_what_the_service_refuses_says_nothing_of_the_licence(town: Town) -> None:
    code = town.deposit()
    assert told(town.redeem(code, "110000")) == (Reason.SERVICE_REFUSED, Outcome.UNDETERMINED)
    # Fetched all the same by the window that the list covers; without lists it cannot judge.
    assert told(town.redeem(code)) == (Reason.TRUST_LIST_MISSING, Outcome.UNDETERMINED)
    assert told(town.redeem(code)) == (Reason.NOT_REDEEMABLE, Outcome.REFUSED)


def test_a_window_that_guesses_is_told_to_wait(town: Town) -> None:
    for _ in range(limits.MAX_MISSES_OF_VERIFIER):
        town.redeem(OnlineCode.new("511600"))
    assert told(town.redeem(town.deposit())) == (Reason.SERVICE_BUSY, Outcome.UNDETERMINED)


def test_a_holder_who_declines_is_told_apart(town: Town) -> None:
    from ecert.online.consent import ConsentDesk

    code, at = OnlineCode.new("511600"), system_clock()
    desk, held = ConsentDesk(town.desk), town.wallet.licences[0].id
    desk.open(
        code.text, town.wallet.present(held, fields=(), audience=HERE, nonce=code.nonce), at=at
    )

    def decline() -> bool:
        if not answered:
            answered.append(1)
            desk.decline(town.wallet.ask("decline", HERE, about=code.text), at=system_clock())
        return True

    answered: list[int] = []
    window = OnlineWindow(town.windows["500000"], town.windows["500000"].verifier, at=at)
    types = ["111000009999999986001"]
    (verdict,) = window.ask(code.text, types, PURPOSE, matter=MATTER, wait=decline)
    assert told(verdict) == (Reason.CONSENT_DECLINED, Outcome.REFUSED)


def test_a_service_that_hands_over_another_type_than_was_asked_for_is_refused(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    from ecert.client.show_service import ShowServiceClient
    from ecert.online.consent import ConsentDesk

    window, at = town.windows["500000"], system_clock()
    window.knowledge.pin(ecert.demo_roots())
    window.knowledge.accept(town.issuer.trust_list())
    card, driving = (window.catalogue.require(one).code for one in ("居民身份证", "机动车驾驶证"))
    code, held = OnlineCode.new("511600"), town.wallet.licences[0].id
    desk = ConsentDesk(town.desk)
    desk.open(
        code.text, town.wallet.present(held, fields=(), audience=HERE, nonce=code.nonce), at=at
    )

    def agree() -> bool:
        if not answered:
            answered.append(1)
            shown = town.wallet.present(
                held, audience=HERE, nonce=transaction_nonce(code.transaction)
            )
            desk.agree(town.wallet.ask("agree", HERE, about=code.text), shown, at=system_clock())
        return True

    answered: list[int] = []
    true = ShowServiceClient.fetch
    monkeypatch.setattr(
        ShowServiceClient, "fetch",
        lambda client, trx, _, purpose: true(client, trx, driving, purpose),
    )  # fmt: skip
    asking = OnlineWindow(window, window.verifier, at=at)
    (first, _) = asking.ask(code.text, [card, driving], PURPOSE, matter=MATTER, wait=agree)
    refuses(first, Reason.OTHER_TYPE)
