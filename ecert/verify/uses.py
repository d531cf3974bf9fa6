"""Which lists a verdict rests on, so that it can be examined years later."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from ecert.verify.verdict import ListUse

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ecert.interop.decision import Decision
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
    trusted, status = case.issuer_key.trust_list, case.status_list
    used = [
        _use("trust-list", trusted.owner, trusted.version, digests[trusted.slot], trusted.issued)
    ]
    if status is not None:
        used.append(_use("status-list", status.uri, status.version, status.digest, status.issued))
    if decision is not None and decision.list is not None:
        held, digest = decision.list.document, decision.list.digest
        used.append(_use("recognition-list", held.title, held.version, digest, held.issued))
    return tuple(used)


# The same few lists stand behind all verdicts of a day.
_use = lru_cache(maxsize=1024)(ListUse)
