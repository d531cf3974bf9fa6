"""A licence shown by an agent (代办): is the mandate the holder's, the agent's, and enough?

In the order of the proof: the licences are their issuers' (`ecert.verify.proof`); the mandate is
signed by the key that the licences name; the code is signed by the key that the mandate names.
Only then its content is looked at, each limit by a check of its own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from ecert import limits
from ecert.errors import ParseError, TrustError
from ecert.interop.entry import matter_key
from ecert.reasons import Reason
from ecert.show.mandate import ALL
from ecert.status.values import StatusValue, reason_of
from ecert.verify.acting import ActingAgent
from ecert.verify.policy import Acting
from ecert.verify.proof import unproven
from ecert.verify.verdict import Finding

if TYPE_CHECKING:
    from collections.abc import Callable

    from ecert.show.mandate import MandateClaims
    from ecert.show.offline import UnverifiedShowCode
    from ecert.status.status_list import StatusList
    from ecert.verify.checks import Case
    from ecert.verify.knowledge import Knowledge
    from ecert.verify.verdict import Part


class ShownMandate(NamedTuple):
    """A proven mandate, and what its checks may look at beside the licence."""

    claims: MandateClaims
    status_list: StatusList | None
    matter: str | None
    """The matter that the window has chosen."""

    def agent(self) -> ActingAgent:
        """Return what the clerk is told of the agent."""
        claims = self.claims
        return ActingAgent(claims.agent.name, claims.agent.number, claims.matters, claims.ends)


def prove_mandate(shown: UnverifiedShowCode) -> Part | None:
    """Return nothing if the mandate and the agent's proof hold, else the part that says why."""
    mandate, proof = shown.mandate, shown.proof
    principal = shown.credentials[0].claims.holder_key
    if mandate is None or proof is None or principal is None:
        raise ValueError("not a code with a mandate")
    # (1) The principal has signed it: the key that the licences name, which their issuers proved.
    try:
        mandate.sign1.verify(principal)
    except TrustError:
        return unproven("mandate", Reason.MANDATE_SIGNATURE)
    # (2) Nobody is their own agent: the verdict would name one person and another would stand
    # at the window.
    if mandate.claims.agent.key == principal:
        return unproven("mandate", Reason.MANDATE_AGENT, "the agent's key is the principal's")
    # (3) The agent has signed this code: the key that the mandate names, and no other.  So a
    # mandate cannot be handed on: a second mandate would be the agent's, not the principal's.
    try:
        proof.verify()
    except TrustError:
        return unproven("mandate", Reason.MANDATE_AGENT)
    return None


def shown_mandate(
    shown: UnverifiedShowCode, knowledge: Knowledge, matter: str | None
) -> ShownMandate | None:
    """Return the proven mandate of a code with the list that tells whether it was withdrawn."""
    if shown.mandate is None:
        return None
    claims = shown.mandate.claims
    uri = knowledge.status_uri(claims.place.issuer_code, claims.place.list_number)
    status_list = None if uri is None else knowledge.status_list(uri)
    return ShownMandate(claims, status_list, matter)


def judge(case: Case) -> list[Finding]:
    """Return everything that the mandate does not allow; nothing where the holder shows."""
    mandate = case.mandate
    if mandate is None:
        return []
    return [found for check in CHECKS if (found := check(case, mandate)) is not None]


def taken(case: Case, mandate: ShownMandate) -> Finding | None:  # noqa: ARG001 - as its like
    """This window takes licences from agents."""
    if case.policy.mandate is Acting.REFUSE:
        return Finding("mandate-policy", Reason.MANDATE_NOT_TAKEN)
    return None


def licence(case: Case, mandate: ShownMandate) -> Finding | None:
    """The mandate covers this licence, in this version."""
    if mandate.claims.covering(case.claims) is None:
        return Finding("mandate-licence", Reason.MANDATE_LICENCE)
    return None


def profile(case: Case, mandate: ShownMandate) -> Finding | None:
    """No more of the licence is shown than the mandate allows."""
    covered = mandate.claims.covering(case.claims)
    if covered is not None and case.claims.profile not in covered.profiles:
        facts = {"profile": case.claims.profile, "allowed": covered.profiles}
        return Finding("mandate-profile", Reason.MANDATE_PROFILE, facts)
    return None


def matter(case: Case, mandate: ShownMandate) -> Finding | None:  # noqa: ARG001 - as its like
    """The mandate is for this matter; without a chosen matter only one for all matters is."""
    if mandate.claims.matters == (ALL,):
        return None
    chosen = mandate.matter
    if chosen is None or matter_key(chosen) not in map(matter_key, mandate.claims.matters):
        return Finding("mandate-matter", Reason.MANDATE_MATTER, {"matter": chosen})
    return None


def dates(case: Case, mandate: ShownMandate) -> Finding | None:
    """Now lies between the mandate's first moment and its end.

    A mandate given just now by a clock that runs ahead holds, as a code made by one does; an end
    that the principal chose is not stretched.
    """
    claims = mandate.claims
    if case.at >= claims.ends:
        return Finding("mandate-dates", Reason.MANDATE_EXPIRED, {"until": claims.ends})
    if claims.begins > case.at + case.policy.max_ahead:
        return Finding("mandate-dates", Reason.MANDATE_NOT_YET_VALID, {"from": claims.begins})
    return None


def length(case: Case, mandate: ShownMandate) -> Finding | None:  # noqa: ARG001 - as its like
    """The mandate was given for a year at most."""
    claims = mandate.claims
    if claims.ends - claims.begins > limits.MAX_MANDATE_LIFE:
        facts = {"from": claims.begins, "until": claims.ends}
        return Finding("mandate-length", Reason.MANDATE_TOO_LONG, facts)
    return None


def status(case: Case, mandate: ShownMandate) -> Finding | None:
    """A status list in date says that the mandate has not been withdrawn."""
    place, status_list = mandate.claims.place, mandate.status_list
    if status_list is None:
        facts = {"issuer": place.issuer_code, "list": place.list_number}
        return Finding("mandate-status", Reason.MANDATE_STATUS, facts)
    try:
        value = status_list.values.value(place.position)
    except ParseError:
        return Finding("mandate-status", Reason.MANDATE_STATUS, {"index": place.position})
    reason = reason_of(value)
    if reason is Reason.STATUS_MISSING:
        return Finding("mandate-status", Reason.MANDATE_STATUS, {"value": value})
    # As for licences: what a stale list says against it still stands, but for a suspension.
    stale = case.at >= status_list.expires
    if reason is not None and not (stale and value == StatusValue.SUSPENDED):
        facts = {"as_of": status_list.issued, "value": reason.value}
        return Finding("mandate-status", Reason.MANDATE_WITHDRAWN, facts)
    if stale:
        return Finding("mandate-status", Reason.MANDATE_STATUS, {"expired": status_list.expires})
    return None


CHECKS: tuple[Callable[[Case, ShownMandate], Finding | None], ...] = (
    taken,
    licence,
    profile,
    matter,
    dates,
    length,
    status,
)
"""Every check on a proven mandate; all run, so that all reasons are heard."""
