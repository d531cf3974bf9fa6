"""From the bytes of an envelope to a document that enough of the right keys have signed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ecert.errors import DocumentRefusedError, ParseError, RegionError, SignatureError
from ecert.faults import DocumentFault
from ecert.model.regions import parse_region
from ecert.reasons import Reason
from ecert.sign import envelope
from ecert.sign.strict import parse_json_object

if TYPE_CHECKING:
    from ecert.sign.envelope import Envelope
    from ecert.trust.roots import Role, RootSet


def open_envelope(data: bytes, *kinds: str) -> Envelope:
    """Take apart an envelope that must hold a document of one of these kinds (``typ``).

    Raises:
        DocumentRefusedError: Fault `malformed`, `too-large` or `wrong-kind`.
    """
    try:
        opened = envelope.parse(data)
    except ParseError as error:
        raise _refused_form(error) from error
    if opened.typ not in kinds:
        raise DocumentRefusedError(
            DocumentFault.WRONG_KIND,
            f"应为 {'、'.join(kinds)}，实为 {opened.typ[:40]!r}",
            f"{' or '.join(kinds)} is wanted, this is {opened.typ[:40]!r}",
            where="typ",
        )
    return opened


def unverified_owner(opened: Envelope) -> str:
    """Return who the payload says has made it: good for finding the keys to prove it by.

    Raises:
        DocumentRefusedError: Fault `malformed`.
    """
    try:
        owner = parse_json_object(opened.unverified_payload).get("owner")
        return parse_region(owner if isinstance(owner, str) else "")
    except ParseError as error:
        raise _refused_form(error) from error
    except RegionError as error:
        raise DocumentRefusedError(
            DocumentFault.MALFORMED, error.zh, error.en, where="owner"
        ) from error


def is_signed(opened: Envelope, roots: RootSet, role: Role) -> bool:
    """Tell whether `require_signed` would pass."""
    try:
        require_signed(opened, roots, role)
    except DocumentRefusedError:
        return False
    return True


def require_signed(opened: Envelope, roots: RootSet, role: Role) -> None:
    """Require the signatures that ``roots`` asks for in ``role``, by distinct keys.

    Raises:
        DocumentRefusedError: Fault `signature` (one in the name of a key of the role does not
            fit) or `too-few-signatures`.
    """
    try:
        found = len(opened.valid_signers(roots.keys_for(role)))
    except SignatureError as error:
        raise DocumentRefusedError(
            DocumentFault.SIGNATURE, roots.owner, error.en, where="signatures"
        ) from error
    needed = roots.threshold(role)
    if found < needed:
        raise DocumentRefusedError(
            DocumentFault.TOO_FEW_SIGNATURES,
            f"{roots.owner} 的 {role} 需 {needed} 个，有效 {found} 个",
            f"{role} of {roots.owner} needs {needed}, valid are {found}",
            where="signatures",
        )


def _refused_form(error: ParseError) -> DocumentRefusedError:
    too_large = error.reason is Reason.TOO_LARGE
    return DocumentRefusedError(
        DocumentFault.TOO_LARGE if too_large else DocumentFault.MALFORMED,
        "" if too_large else error.zh,
        error.en,
        where=error.where,
    )
