"""The signatures, which come first and alone: nothing else is looked at before they are proven."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ecert.errors import TrustError
from ecert.reasons import Reason
from ecert.verify.verdict import Finding, Part

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from ecert.show.offline import UnverifiedShowCode
    from ecert.sign.keys import PublicKey
    from ecert.trust.book import TrustBook
    from ecert.trust.index import IssuerKey
    from ecert.trust.trust_list import TrustList


def prove_issuer(
    trust: TrustBook,
    *,
    kid: bytes | str,
    issuer_code: str,
    region: str,
    verify: Callable[[PublicKey], object],
    at: datetime,
) -> IssuerKey | Part:
    """Return the registered key that made a signature, or the part that says why none did.

    Args:
        trust: The trust lists; keys come from nowhere else.
        kid: The key id that the signed thing names: a hint for look-up, not a proof.
        issuer_code: The issuer that it names; only that issuer's keys are tried.
        region: The region that it names, to tell a missing list from an unknown issuer.
        verify: Verifies the signature with one key, raising `TrustError`.
        at: The verifier's time, to tell an unknown issuer from a list that is out of date.
    """
    candidates = trust.find_keys(kid, "licence")
    if not candidates:
        return unproven("issuer", _why_unknown(trust.lists_covering(region), at))
    own = [key for key in candidates if key.issuer.code == issuer_code]
    if not own:
        return unproven("issuer", Reason.ISSUER_KEY_SCOPE, "the key is another issuer's")
    reason = Reason.SIGNATURE
    # Key ids are short and may collide: every key of the issuer with this id is tried.
    for key in own:
        try:
            verify(key.public)
        except TrustError as error:
            reason = error.reason
        else:
            return key
    return unproven("issuer-signature", reason)


def _why_unknown(lists: Sequence[TrustList], at: datetime) -> Reason:
    if not lists:
        return Reason.TRUST_LIST_MISSING
    # A newer list may name the key: only lists in date can say that nobody knows it.
    if all(at >= held.expires for held in lists):
        return Reason.TRUST_LIST_EXPIRED
    return Reason.UNKNOWN_ISSUER


def prove_holder(shown: UnverifiedShowCode) -> Part | None:
    """Return nothing if the holder's proof holds or none is due, else the part that says why."""
    if shown.proof is None:
        return None
    try:
        shown.proof.verify()
    except TrustError as error:
        return unproven("holder-proof", error.reason)
    return None


def unproven(check: str, reason: Reason, detail: str = "") -> Part:
    """Return a part of which nothing may be said but why it was not proven."""
    facts = {"detail": detail} if detail else {}
    return Part(findings=(Finding(check, reason, facts),))
