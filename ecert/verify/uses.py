"""Which lists a verdict rests on, so that it can be examined years later."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ecert.verify.verdict import ListUse

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from ecert.interop.decision import Decision
    from ecert.status.status_list import StatusList
    from ecert.trust.document import Document
    from ecert.verify.checks import Case


def lists_used(
    case: Case, decision: Decision | None, digests: Mapping[str, str]
) -> tuple[ListUse, ...]:
    """Return the lists on which the verdict of ``case`` rests.

    Args:
        case: The proven licence.
        decision: What recognition came to, for a licence of another province.
        digests: SHA-256 of the documents in force, by slot.
    """
    at, trusted, status = case.at, case.issuer_key.trust_list, case.status_list
    used = [_use("trust-list", trusted.owner, trusted, digests[trusted.slot], at)]
    if status is not None:
        used.append(_use("status-list", status.uri, status, status.digest, at))
    if decision is not None and decision.list is not None:
        held = decision.list
        used.append(_use("recognition-list", held.document.title, held.document, held.digest, at))
    return tuple(used)


def _use(
    kind: str, name: str, document: Document | StatusList, digest: str, at: datetime
) -> ListUse:
    age = int((at - document.issued).total_seconds())
    return ListUse(kind, name, document.version, digest, document.issued, age)
