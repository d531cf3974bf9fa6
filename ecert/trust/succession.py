"""What may replace what: the rules of succession that every signed document obeys.

They answer TUF's list of attacks (specification §1.5.2): rollback, freeze, fast-forward, mix and
match.  Pure: marks and time come in, a refusal comes out.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ecert import limits
from ecert.errors import DocumentRefusedError
from ecert.faults import DocumentFault
from ecert.model.regions import covers
from ecert.trust.document import EVERYONE

if TYPE_CHECKING:
    from datetime import datetime

    from ecert.trust.document import Document


@dataclass(frozen=True, slots=True)
class Mark:
    """The high-water mark of a slot: the version accepted last, and the hash of its payload.

    It outlives the document itself, and falls only where new roots start a new epoch
    (`ecert.trust.roots.starts_new_epoch`).
    """

    version: int
    digest: str


def check_succession(
    document: Document,
    digest: str,
    mark: Mark | None,
    *,
    reader: str,
    at: datetime,
    confirmed: bool = False,
    lasting: bool = False,
) -> None:
    """Check that ``document`` may take its slot now.

    Args:
        document: The incoming document; its signatures are proven.
        digest: SHA-256 of its payload in hex.
        mark: The slot's high-water mark, if it ever held a document.
        reader: The region of the machine that would accept it.
        at: The reader's time.
        confirmed: Whether a second person has confirmed.
        lasting: Whether it holds past its expiry, as what only takes away does.

    Raises:
        DocumentRefusedError: Fault `audience`, `expired`, `from-future`, `rollback`,
            `version-conflict`, `version-jump` or `predecessor`.
    """
    _check_audience(document, reader)
    if lasting:
        check_not_ahead(document, at)
    else:
        check_dates(document, at)
    if mark is None:
        return
    check_not_older(document, digest, mark)
    step = document.version - mark.version
    if step > limits.MAX_VERSION_JUMP and not confirmed:
        raise DocumentRefusedError(
            DocumentFault.VERSION_JUMP, f"+{step}", f"+{step}", where="version"
        )
    # Only the direct successor can be held against its predecessor's hash; versions in between
    # may have been missed while this machine was off line.
    if step == 1:
        check_predecessor(document, mark)


def _check_audience(document: Document, reader: str) -> None:
    if not any(
        audience == EVERYONE or covers(audience, reader) or covers(reader, audience)
        for audience in document.audience
    ):
        raise DocumentRefusedError(
            DocumentFault.AUDIENCE, f"本地区为 {reader}", f"this is {reader}", where="audience"
        )


def check_dates(document: Document, at: datetime) -> None:
    """Check that ``document`` is neither past its time nor ahead of this machine's.

    Raises:
        DocumentRefusedError: Fault `expired` or `from-future`.
    """
    if document.expires <= document.issued or document.expires <= at:
        moment = f"{document.expires:%Y-%m-%d %H:%M}Z"
        raise DocumentRefusedError(
            DocumentFault.EXPIRED,
            moment,
            moment,
            where="expires",
            fix_zh="请向签发方索取最新版",
            fix_en="Ask the owner for the latest version",
        )
    check_not_ahead(document, at)


def check_not_ahead(document: Document, at: datetime) -> None:
    """Check that ``document`` was not made later than now, give or take two offices' clocks.

    Raises:
        DocumentRefusedError: Fault `from-future`.
    """
    if document.issued > at + limits.LIST_CLOCK_SKEW:
        moment = f"{document.issued:%Y-%m-%d %H:%M}Z"
        raise DocumentRefusedError(
            DocumentFault.FROM_FUTURE,
            moment,
            moment,
            where="issued",
            fix_zh="请校准本机时间",
            fix_en="Check this machine's clock",
        )


def check_not_older(document: Document, digest: str, mark: Mark) -> None:
    """Check that ``document`` is the marked version itself, byte for byte, or a later one.

    Raises:
        DocumentRefusedError: Fault `rollback` or `version-conflict`.
    """
    if document.version < mark.version:
        raise DocumentRefusedError(
            DocumentFault.ROLLBACK,
            f"收到第 {document.version} 版，已有第 {mark.version} 版",
            f"got version {document.version}, have {mark.version}",
            where="version",
        )
    if document.version == mark.version and digest != mark.digest:
        raise DocumentRefusedError(
            DocumentFault.VERSION_CONFLICT,
            f"第 {document.version} 版",
            f"version {document.version}",
            where="version",
        )


def check_predecessor(document: Document, mark: Mark) -> None:
    """Check that ``document`` names the marked version as the one before it.

    Raises:
        DocumentRefusedError: Fault `predecessor`.
    """
    if document.previous != mark.digest:
        raise DocumentRefusedError(DocumentFault.PREDECESSOR, where="previous")


def check_restored(document: Document, digest: str, mark: Mark | None) -> None:
    """Check that a document from the store is the very one that its mark names.

    Raises:
        DocumentRefusedError: Fault `rollback` (the store was put back to an older state than
            the marks) or `version-conflict`.
    """
    if mark is not None:
        check_not_older(document, digest, mark)
    if mark != Mark(document.version, digest):
        raise DocumentRefusedError(
            DocumentFault.VERSION_CONFLICT,
            "与存放的版本标记不一致",
            "it is not what the stored mark names",
            where="version",
        )
