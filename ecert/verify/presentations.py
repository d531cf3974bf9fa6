"""Presentations: SD-JWT VCs that a holder handed over on line, each with a key binding."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple

from ecert import limits
from ecert.errors import ParseError, TrustError
from ecert.model.calendar import SHANGHAI
from ecert.reasons import Reason
from ecert.show.compact import CompactKind
from ecert.verify import files
from ecert.verify.proof import prove_issuer, unproven
from ecert.verify.verdict import Part

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ecert.show.compact import CompactClaims
    from ecert.sign.sdjwt import KeyBinding
    from ecert.trust.index import IssuerKey
    from ecert.verify.files import UnverifiedFile
    from ecert.verify.knowledge import Knowledge


class PresentedProof(NamedTuple):
    """The holder's proof of a presentation: key bindings of one moment, all by one key."""

    made: datetime
    expires: datetime
    replay_keys: tuple[bytes, ...]
    """What identifies each licence's part in a replay memory, 32 bytes each: a part is good by
    itself, so that one that was accepted comes again in no other company or order."""
    challenge: str | None = None
    """No window's: it was made for one code of a show service instead."""
    pin: bool = False
    """No key binding tells whether a show PIN was typed."""


@dataclass(frozen=True, slots=True)
class ProvenLicence:
    """One licence of a presentation, proven with its issuer's key."""

    file: UnverifiedFile
    key: IssuerKey
    claims: CompactClaims


@dataclass(frozen=True, slots=True)
class ProvenPresentation:
    """What a presentation says, once issuers and holder are proven."""

    licences: tuple[ProvenLicence, ...]
    proof: PresentedProof


def prove(
    tokens: Sequence[str], binding: KeyBinding, knowledge: Knowledge, *, at: datetime
) -> ProvenPresentation | tuple[Part, ...]:
    """Prove a presentation: issuers first and alone, then the holder.

    Args:
        tokens: SD-JWT+KB, one for each licence.
        binding: What the key bindings must say; the verifier's wish, never read off a token.
        knowledge: Whose trust lists and licence types are used.
        at: The verifier's time.

    Returns:
        What is proven, or the parts that say why it is not.
    """
    if not 1 <= len(tokens) <= limits.MAX_LICENCES_PER_CODE:
        return (unproven("presentation", Reason.MALFORMED, "no licence, or too many"),)
    try:
        shown = [_read(token) for token in tokens]
    except (ParseError, TrustError) as error:
        return (unproven("presentation", error.reason, error.en),)
    proven = [_prove_issuer(file, knowledge, at) for file in shown]
    if failed := tuple(one for one in proven if isinstance(one, Part)):
        return failed
    # The holder's key is named by the licences, so it counts only once they are proven.
    keys = [key for key in proven if not isinstance(key, Part)]
    try:
        proof = _prove_holder(shown, binding, tokens)
        licences = [
            ProvenLicence(file, key, _claims(file, key, knowledge, at))
            for file, key in zip(shown, keys, strict=True)
        ]
    except (ParseError, TrustError) as error:
        return (unproven("holder-proof", error.reason, error.en),)
    # Whoever counts the parts must not count one licence twice, as in a code.
    if len({_named(one.claims) for one in licences}) < len(licences):
        return (unproven("presentation", Reason.MALFORMED, "a licence stands twice in it"),)
    return ProvenPresentation(tuple(licences), proof)


def _read(token: str) -> UnverifiedFile:
    file = files.read_any(token)
    if not file.is_bound:
        raise TrustError("a file that is bound to no wallet", reason=Reason.HOLDER_PROOF)
    return file


def _prove_issuer(file: UnverifiedFile, knowledge: Knowledge, at: datetime) -> IssuerKey | Part:
    return prove_issuer(
        knowledge.trust, kid=file.kid, issuer_code=file.issuer_code, region=file.region,
        verify=file.verify, at=at,
    )  # fmt: skip


def _prove_holder(
    shown: Sequence[UnverifiedFile], binding: KeyBinding, tokens: Sequence[str]
) -> PresentedProof:
    made = [file.prove_binding(binding) for file in shown]
    if len({file.holder_key() for file in shown}) > 1:
        raise TrustError("the licences name different keys", reason=Reason.HOLDER_PROOF)
    # Only what was signed: an ECDSA signature has a twin that anybody can compute.
    signed = [token.rpartition(".")[0].encode("ascii") for token in tokens]
    return PresentedProof(
        # The newest counts against the future, the oldest against its life.
        datetime.fromtimestamp(max(made), SHANGHAI),
        datetime.fromtimestamp(min(made), SHANGHAI) + limits.ONLINE_CODE_LIFE,
        tuple(hashlib.sha256(one).digest() for one in signed),
    )


def _named(claims: CompactClaims) -> tuple[str, str, str, int]:
    return claims.type_code, claims.issuer_code, claims.serial, claims.version


def _claims(
    file: UnverifiedFile, key: IssuerKey, knowledge: Knowledge, at: datetime
) -> CompactClaims:
    claims = file.claims(knowledge.catalogue, key.issuer, at=at)
    return claims._replace(kind=CompactKind.WALLET, holder_key=file.holder_key())
