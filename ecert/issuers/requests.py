"""Request ids: a retry gives the first answer again, other content under the same id is refused."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

import orjson

from ecert.errors import RequestConflictError
from ecert.issuers.register import RecordedRequest

if TYPE_CHECKING:
    from ecert.issuers.register import RegisterTransaction


def request_digest(content: dict[str, Any]) -> str:
    """Return the digest that stands for a request's content."""
    return hashlib.sha256(orjson.dumps(content, option=orjson.OPT_SORT_KEYS)).hexdigest()


def earlier_result(
    tx: RegisterTransaction, request_id: str | None, operation: str, digest: str
) -> str | None:
    """Return what this very request gave before, or None if it is new.

    Raises:
        RequestConflictError: The id was used with other content.
    """
    known = None if request_id is None else tx.request(request_id)
    if known is None:
        return None
    if (known.operation, known.digest) != (operation, digest):
        raise used_otherwise(request_id or "")
    return known.result


def used_otherwise(request_id: str) -> RequestConflictError:
    """Return the refusal of an id that was used for something else."""
    return RequestConflictError(
        "此申请号已用于另一份内容不同的申请",
        "this request id was used before with other content",
        where=request_id,
        fix_zh="重试须原样提交；新申请请换新的申请号",
        fix_en="Retry with the same content, or use a new id for a new request",
    )


def remember(
    tx: RegisterTransaction, request_id: str | None, operation: str, digest: str, result: str
) -> None:
    """Record a request together with its effect, in the same transaction."""
    if request_id is not None:
        tx.record_request(RecordedRequest(request_id, operation, digest, result))
