"""Every field of a mandate, narrowed or exceeded, signed by the right key and by a wrong one."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, NamedTuple

import pytest

import ecert
from ecert import limits
from ecert.reasons import Outcome, Reason
from ecert.show import mandate, offline
from ecert.show.mandate import CoveredLicence, MandateClaims, MandatePlace
from ecert.sign.keys import PrivateKey
from tests.flows.test_mandates import Family, family
from tests.flows.world import MATTER, refuses
from tests.wallets import key_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.flows.world import World

__all__ = ["family"]
SECOND = timedelta(seconds=1)
STRANGER = PrivateKey.from_scalar("ES256", bytes(31) + b"\x07")


class Right(NamedTuple):
    """A right mandate, and everybody around it."""

    family: Family
    claims: MandateClaims
    credentials: list[bytes]

    @property
    def world(self) -> World:
        return self.family.world

    def verify(self, claims: MandateClaims, by: PrivateKey | None = None) -> ecert.Verdict:
        """Let the daughter show the licence under ``claims``, by default signed by her father."""
        principal = key_of(self.world.wallet) if by is None else by
        return self.show(mandate.sign(claims, principal))

    def show(self, signed: bytes) -> ecert.Verdict:
        code = offline.write_show_code(
            self.credentials, key_of(self.family.child), made=self.world.clock.now, mandate=signed
        )
        return self.world.verify(code)


@pytest.fixture
def right(family: Family) -> Right:
    package = family.give()
    credentials = list(package.licences[0].compact.values())
    return Right(family, package.claims, credentials)


def _agent(right: Right, **changes: object) -> MandateClaims:
    return right.claims._replace(agent=right.claims.agent._replace(**changes))  # type: ignore[arg-type]


def _covered(right: Right, *profiles: int, digest: bytes | None = None) -> MandateClaims:
    (one,) = right.claims.licences
    return right.claims._replace(licences=(CoveredLicence(digest or one.digest, profiles),))


def _times(right: Right, begins: timedelta, ends: timedelta) -> MandateClaims:
    now = right.world.clock.now
    return right.claims._replace(begins=now + begins, ends=now + ends)


def _place(right: Right, **changes: object) -> MandateClaims:
    return right.claims._replace(place=right.claims.place._replace(**changes))  # type: ignore[arg-type]


def _withdrawn(right: Right) -> MandateClaims:
    """The place of another mandate, which was withdrawn."""
    other = right.family.give().claims.place
    right.world.police.withdraw_credential(other.credential_id, reason="撤回")
    right.world.sync()
    return right.claims._replace(place=other)


DAY, YEAR = timedelta(days=1), limits.MAX_MANDATE_LIFE
CHANGES: dict[str, tuple[Callable[[Right], MandateClaims], Reason]] = {
    "nothing": (lambda r: r.claims, Reason.OK),
    "0 another id: the licences are named by it": (
        lambda r: r.claims._replace(id=bytes(8)), Reason.MANDATE_LICENCE,
    ),
    "2 another name: the clerk compares it": (lambda r: _agent(r, name="王五"), Reason.OK),
    "2 another number: the clerk compares it": (lambda r: _agent(r, number="0000"), Reason.OK),
    "3 another agent's key": (lambda r: _agent(r, key=STRANGER.public), Reason.MANDATE_AGENT),
    "3 the principal's own key": (
        lambda r: _agent(r, key=key_of(r.world.wallet).public), Reason.MANDATE_AGENT,
    ),
    "4 another licence": (
        lambda r: _covered(r, 1, digest=bytes(16)), Reason.MANDATE_LICENCE,
    ),
    "4 another licence beside": (
        lambda r: r.claims._replace(
            licences=(CoveredLicence(bytes(16), (1,)), *r.claims.licences)
        ),
        Reason.OK,
    ),
    "4 more profiles": (lambda r: _covered(r, 1, 2), Reason.OK),
    "4 only another profile": (lambda r: _covered(r, 2), Reason.MANDATE_PROFILE),
    "5 another matter": (
        lambda r: r.claims._replace(matters=("执法检查",)), Reason.MANDATE_MATTER,
    ),
    "5 the matter as a beginning": (
        lambda r: r.claims._replace(matters=("机动车",)), Reason.MANDATE_MATTER,
    ),
    "5 another matter beside": (
        lambda r: r.claims._replace(matters=("执法检查", MATTER)), Reason.OK,
    ),
    "5 all matters": (lambda r: r.claims._replace(matters=("*",)), Reason.OK),
    "6 begins within the tolerance": (
        lambda r: _times(r, limits.SHOW_CODE_MAX_AHEAD, DAY), Reason.OK,
    ),
    "6 begins a second later": (
        lambda r: _times(r, limits.SHOW_CODE_MAX_AHEAD + SECOND, DAY),
        Reason.MANDATE_NOT_YET_VALID,
    ),
    "6 begins now": (lambda r: _times(r, 0 * SECOND, DAY), Reason.OK),
    "6 ends now": (lambda r: _times(r, -DAY, 0 * SECOND), Reason.MANDATE_EXPIRED),
    "6 ends in a second": (lambda r: _times(r, -DAY, SECOND), Reason.OK),
    "6 a year": (lambda r: _times(r, -DAY, YEAR - DAY), Reason.OK),
    "6 a year and a second": (
        lambda r: _times(r, -DAY, YEAR - DAY + SECOND), Reason.MANDATE_TOO_LONG,
    ),
    "7 another issuer": (
        lambda r: _place(r, issuer_code="115000000000000001"), Reason.MANDATE_STATUS,
    ),
    "7 another list": (lambda r: _place(r, list_number=999), Reason.MANDATE_STATUS),
    "7 beyond the list": (
        lambda r: _place(r, position=limits.STATUS_LIST_SIZE), Reason.MANDATE_STATUS,
    ),
    "7 a place that was withdrawn": (_withdrawn, Reason.MANDATE_WITHDRAWN),
}  # fmt: skip


@pytest.mark.parametrize("change", CHANGES)
def test_every_field_that_is_narrowed_or_exceeded_has_its_own_reason(
    right: Right, change: str
) -> None:
    make, reason = CHANGES[change]
    claims = make(right)
    verdict = right.verify(claims)
    if reason is Reason.OK:
        assert verdict.accepted, verdict.explain("en")
        agent = verdict.licence.agent
        assert agent is not None
        assert (agent.name, agent.number) == claims.agent[:2]
        return
    refuses(verdict, reason)
    assert [finding.reason for finding in verdict.findings] == [reason]
    undetermined = reason is Reason.MANDATE_STATUS
    assert verdict.outcome is (Outcome.UNDETERMINED if undetermined else Outcome.REFUSED)
    if reason is not Reason.MANDATE_AGENT:
        assert verdict.about is not None  # the licence itself is proven
    assert claims.agent.name not in f"{verdict.explain('zh')}{verdict.to_dict()}"


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("by", ["agent", "stranger"])
def test_whatever_a_wrong_key_signs_is_refused_as_that(right: Right, change: str, by: str) -> None:
    """The agent cannot write what the principal did not, and nobody else can either."""
    key = key_of(right.family.child) if by == "agent" else STRANGER
    verdict = right.verify(CHANGES[change][0](right), by=key)
    refuses(verdict, Reason.MANDATE_SIGNATURE)
    assert verdict.about is None


def test_every_limit_that_is_passed_is_told(right: Right) -> None:
    """All checks run, so that one visit tells everything that is wrong."""
    claims = right.claims._replace(
        matters=("公证办理",),
        licences=(CoveredLicence(bytes(16), (1,)),),
        begins=right.world.clock.now - 3 * YEAR,
        ends=right.world.clock.now - DAY,
        place=MandatePlace("115000000000000001", 1, 1),
    )
    verdict = right.verify(claims)
    assert {finding.reason for finding in verdict.findings} == {
        Reason.MANDATE_MATTER, Reason.MANDATE_LICENCE, Reason.MANDATE_EXPIRED,
        Reason.MANDATE_TOO_LONG, Reason.MANDATE_STATUS,
    }  # fmt: skip
    assert verdict.reason is Reason.MANDATE_EXPIRED


def test_no_bit_of_a_signed_mandate_can_be_changed(right: Right) -> None:
    signed = mandate.sign(right.claims, key_of(right.world.wallet))
    reasons = set()
    for place in range(len(signed)):
        for bit in (0x01, 0x80):
            changed = bytearray(signed)
            changed[place] ^= bit
            verdict = right.show(bytes(changed))
            assert verdict.outcome is Outcome.REFUSED
            reasons.add(verdict.reason)
    # A key of another suite than there is cannot even be read.
    assert reasons == {Reason.MALFORMED, Reason.ALGORITHM, Reason.MANDATE_SIGNATURE}


def test_matters_are_compared_as_recognition_lists_compare_them(right: Right) -> None:
    claims = right.claims._replace(matters=("ＡＢＣ业务 ",))
    code = offline.write_show_code(
        right.credentials, key_of(right.family.child), made=right.world.clock.now,
        mandate=mandate.sign(claims, key_of(right.world.wallet)),
    )  # fmt: skip
    verdict = right.world.verify(code, matter="ABC业务")
    assert Reason.MANDATE_MATTER not in {finding.reason for finding in verdict.findings}
