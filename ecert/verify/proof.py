"""The signatures, which come first and alone: nothing else is looked at before they are proven."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ecert.errors import TrustError
from ecert.reasons import Reason
from ecert.verify.verdict import Finding, Part

if TYPE_CHECKING:
    from collections.abc import Callable

    from ecert.show.offline import UnverifiedShowCode
    from ecert.sign.keys import PublicKey
    from ecert.trust.book import TrustBook
    from ecert.trust.index import IssuerKey


def prove_issuer(
    trust: TrustBook,
    *,
    kid: bytes | str,
    issuer_code: str,
    region: str,
    verify: Callable[[PublicKey], object],
) -> IssuerKey | Part:
    """Return the registered key that made a signature, or the part that says why none did.

    Args:
        trust: The trust lists; keys come from nowhere else.
        kid: The key id that the signed thing names: a hint for look-up, not a proof.
        issuer_code: The issuer that it names; only that issuer's keys are tried.
        region: The region that it names, to tell a missing list from an unknown issuer.
        verify: Verifies the signature with one key, raising `TrustError`.
    """
    candidates = trust.find_keys(kid, "licence")
    if not candidates:
        known = trust.lists_covering(region)
        return unproven("issuer", Reason.UNKNOWN_ISSUER if known else Reason.TRUST_LIST_MISSING)
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


def prove_holder(shown: UnverifiedShowCode) -> Part | None:
    """Return nothing if the holder's proof holds or none is due, else the part that says why."""
    if shown.proof is None:
        return None
    try:
        shown.proof.verify()
    except TrustError as error:
        known = error.reason is Reason.ALGORITHM
        return unproven("holder-proof", Reason.ALGORITHM if known else Reason.HOLDER_PROOF)
    return None


def unproven(check: str, reason: Reason, detail: str = "") -> Part:
    """Return a part of which nothing may be said but why it was not proven."""
    facts = {"detail": detail} if detail else {}
    return Part(findings=(Finding(check, reason, facts),), about=None, _licence=None)
