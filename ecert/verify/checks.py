"""The checks, one function each; the docstring is the sentence that the check asserts.

They run only on what a signature has proven.  Each returns a `Finding` or nothing.  A check that
crashes is a bug and propagates: it never becomes a finding, and never an acceptance.
"""

from __future__ import annotations

from datetime import datetime, time
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from ecert import limits
from ecert.errors import ParseError
from ecert.model.calendar import SHANGHAI, office_day
from ecert.model.regions import covers
from ecert.reasons import Reason
from ecert.status.values import reason_of
from ecert.verify.audience import judge
from ecert.verify.policy import DemoKeys, Paper, Pin
from ecert.verify.verdict import Finding

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date

    from ecert.model.catalogue import LicenceType
    from ecert.show.compact import CompactClaims
    from ecert.show.offline import HolderProof
    from ecert.status.status_list import StatusList
    from ecert.trust.index import IssuerKey
    from ecert.trust.trust_list import KeyRecord
    from ecert.verify.audience import Asked
    from ecert.verify.mandates import ShownMandate
    from ecert.verify.policy import Policy
    from ecert.verify.presentations import PresentedProof
    from ecert.verify.recognised import PurposeCopy


class Case(NamedTuple):
    """One proven licence and everything that a check may look at."""

    claims: CompactClaims
    proof: HolderProof | PresentedProof | None
    issuer_key: IssuerKey
    licence_type: LicenceType | None
    status_uri: str | None
    status_list: StatusList | None
    policy: Policy
    asked: Asked
    newest_signed: datetime | None
    at: datetime
    today: date
    purpose: PurposeCopy | None = None
    """What a file is limited to, if it is a purpose copy (加注件)."""
    mandate: ShownMandate | None = None
    """Under which an agent shows it."""
    portrait: bytes | None = None
    """The holder's portrait (照片), if a file discloses it."""
    real_roots: bool = False
    """Whether real root sets are pinned here."""


def clock(case: Case) -> Finding | None:
    """This machine's time is not earlier than what it has already received."""
    newest = case.newest_signed
    if newest is not None and case.at < newest - limits.LIST_CLOCK_SKEW:
        return Finding("clock", Reason.CLOCK_DOUBTFUL, {"at": case.at, "newest_list": newest})
    return None


def trust_list_freshness(case: Case) -> Finding | None:
    """The trust list that names the issuer's key, and the roots behind it, are in date."""
    expires = min(case.issuer_key.trust_list.expires, case.issuer_key.roots.expires)
    if case.at >= expires:
        return Finding("trust-list", Reason.TRUST_LIST_EXPIRED, {"expired": expires})
    return None


def demo_key(case: Case) -> Finding | None:
    """The issuer is vouched for by real keys; or these are demonstration keys, and no others."""
    if case.issuer_key.roots.demo and (case.real_roots or case.policy.demo is DemoKeys.REFUSE):
        return Finding("demo-key", Reason.DEMO_KEY, {"roots": case.issuer_key.roots.owner})
    return None


def issuer_key_scope(case: Case) -> Finding | None:
    """The key may sign licences of this type, issued in this region, on that day."""
    record, claims = case.issuer_key.record, case.claims
    if (
        record.covers_type(claims.type_code)
        and _good_that_day(record, claims.signed_on)
        and covers(case.issuer_key.issuer.region, claims.region)
    ):
        return None
    facts = {
        "state": record.state,
        "signed_on": claims.signed_on,
        "valid_from": record.valid_from,
        "valid_until": record.valid_until,
    }
    return Finding("issuer-key", Reason.ISSUER_KEY_SCOPE, facts)


def _good_that_day(record: KeyRecord, day: date) -> bool:
    # A compact credential tells the day of its signature, not the hour: the key must have been
    # good at some hour of that day.
    until = record.valid_until
    return (
        record.state != "compromised"
        and _day_of(record.valid_from) <= day
        and (until is None or _begin_of(day) < until)
    )


# The same few keys, and the same days, in every code.
_day_of = lru_cache(maxsize=4096)(office_day)


@lru_cache(maxsize=4096)
def _begin_of(day: date) -> datetime:
    return datetime.combine(day, time.min, SHANGHAI)


def licence_type_known(case: Case) -> Finding | None:
    """The type's definition is at hand, so that its fields can be read."""
    if case.licence_type is None:
        return Finding("type", Reason.TYPE_UNKNOWN, {"type": case.claims.type_code})
    return None


def validity(case: Case) -> Finding | None:
    """Today lies within the licence's own dates, both days inclusive."""
    claims = case.claims
    if claims.valid_until is not None and case.today > claims.valid_until:
        return Finding("validity", Reason.EXPIRED, {"valid_until": claims.valid_until})
    if case.today < claims.valid_from:
        return Finding("validity", Reason.NOT_YET_VALID, {"valid_from": claims.valid_from})
    return None


def status(case: Case) -> Finding | None:
    """A status list in date says that neither licence nor credential has been cut off."""
    status_list = case.status_list
    if status_list is None:
        return Finding("status", Reason.STATUS_MISSING, {"list": case.claims.status_list})
    try:
        reason = reason_of(status_list.values.value(case.claims.status_index))
    except ParseError:
        # An index outside the list is not "not revoked": the list is not the one meant.
        return Finding("status", Reason.STATUS_MISSING, {"index": case.claims.status_index})
    # What a stale list says against a licence still stands, except a suspension, which may
    # have been lifted since; what it says in favour no longer does.
    stale = case.at >= status_list.expires
    if reason is not None and not (stale and reason is Reason.SUSPENDED):
        return Finding("status", reason, {"as_of": status_list.issued})
    if stale:
        return Finding("status", Reason.STATUS_STALE, {"expired": status_list.expires})
    return None


def code_freshness(case: Case) -> Finding | None:
    """The code was made just now, by the holder's clock within the tolerances."""
    proof = case.proof
    if proof is None:
        return None
    if proof.made > case.at + case.policy.max_ahead:
        return Finding("code", Reason.CODE_FROM_FUTURE, {"made": proof.made, "at": case.at})
    if case.at > proof.expires + case.policy.max_late:
        return Finding("code", Reason.CODE_EXPIRED, {"expired": proof.expires, "at": case.at})
    return None


def audience(case: Case) -> Finding | None:
    """The code answers this window's challenge, if there is one on either side."""
    return judge(case.asked, case.proof, case.policy, case.at)


def holder_proof(case: Case) -> Finding | None:
    """The holder has signed, unless this window takes printed codes."""
    if case.proof is None and case.policy.paper is Paper.REFUSE:
        return Finding("holder-proof", Reason.HOLDER_PROOF)
    return None


def pin(case: Case) -> Finding | None:
    """The holder typed the show PIN for this code, if this window asks for it."""
    if case.policy.pin is Pin.REQUIRED and not (case.proof is not None and case.proof.pin):
        return Finding("pin", Reason.PIN_REQUIRED)
    return None


STANDARD: tuple[Callable[[Case], Finding | None], ...] = (
    clock,
    trust_list_freshness,
    demo_key,
    issuer_key_scope,
    licence_type_known,
    validity,
    status,
    code_freshness,
    audience,
    holder_proof,
    pin,
)
"""Every check on a proven licence; recognition follows them."""
