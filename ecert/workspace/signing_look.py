"""What a signer is shown before signing, and whether the linter lets it be signed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ecert.interop.lint import lint, require_clean
from ecert.interop.recognition import RecognitionList

if TYPE_CHECKING:
    from datetime import datetime

    from ecert.interop.change import Change
    from ecert.interop.lint import LintFinding
    from ecert.interop.signing import Paper, Signable, Signatures
    from ecert.model.catalogue import Catalogue


def require_signable(
    document: Signable, *, catalogue: Catalogue, previous: RecognitionList | None, at: datetime
) -> tuple[LintFinding, ...]:
    """Require that the linter finds no error in what is to be signed.

    Args:
        document: The draft.
        catalogue: The licence types known here.
        previous: The version of a list that it follows.
        at: Now.

    Returns:
        What is doubtful in a list; the signer is told.

    Raises:
        DocumentRefusedError: There are errors.
    """
    if not isinstance(document, RecognitionList):
        return ()
    findings = lint(document, catalogue=catalogue, previous=previous, at=at)
    require_clean(findings)
    return findings


@dataclass(frozen=True, slots=True)
class Look:
    """What a signer is shown before signing.

    Attributes:
        paper: The file.
        change: Against the list in force here; None for a notice.
        signatures: How far each party has signed.
        as_party: The party that this workspace signs for.
        restores: Entries that this office's notice withholds, and the list would bring back.
        doubts: What the linter warns of.
    """

    paper: Paper
    change: Change | None
    signatures: tuple[Signatures, ...]
    as_party: str
    restores: tuple[str, ...]
    doubts: tuple[LintFinding, ...]

    def to_dict(self) -> dict[str, Any]:
        """Return plain values for JSON."""
        return {
            "kind": self.paper.document.TYP,
            "digest": self.paper.digest,
            "version": self.paper.document.version,
            "as_party": self.as_party,
            "change": None if self.change is None else self.change.to_dict(),
            "restores": list(self.restores),
            "warnings": [finding.to_dict() for finding in self.doubts],
            "signatures": [one.to_dict() for one in self.signatures],
        }
