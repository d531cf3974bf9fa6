"""What the door answers: ``result`` in every answer, and ``reason`` unless it is valid."""

from __future__ import annotations

from typing import Any, TypeAlias

from ecert.faults import DocumentFault
from ecert.reasons import Outcome, Reason

Answer: TypeAlias = dict[str, Any]

_RESULTS = {
    Outcome.ACCEPTED: "valid",
    Outcome.NOT_RECOGNISED: "invalid",
    Outcome.REFUSED: "invalid",
    Outcome.UNDETERMINED: "undetermined",
}


def valid(**extras: Any) -> Answer:
    """Answer that it holds."""
    return {"result": "valid", **extras}


def refused(why: Reason | DocumentFault, detail: str = "", **extras: Any) -> Answer:
    """Answer that it does not hold, or that nobody can tell, and why."""
    if isinstance(why, Reason):
        result = _RESULTS[why.outcome]
    else:
        # The one fault that a newer copy of the same document may cure.
        result = "undetermined" if why is DocumentFault.EXPIRED else "invalid"
    answer = {"result": result, "reason": why.value}
    return answer | ({"detail": detail} if detail else {}) | extras


def of_outcome(outcome: Outcome, reason: Reason, **extras: Any) -> Answer:
    """Answer with a verdict's outcome and headline."""
    result = _RESULTS[outcome]
    return {"result": result} | ({} if result == "valid" else {"reason": reason.value}) | extras


def malformed(detail: str) -> Answer:
    """Answer that the question itself cannot be understood."""
    return {"error": detail}
