"""Receipts as the auditor's page is told them: what they say, and in which words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ecert.errors import EcertError, ParseError

if TYPE_CHECKING:
    from ecert.model.catalogue import Catalogue
    from ecert.reasons import Reason
    from ecert.verify.receipt import Receipt, ReceiptPart
    from ecert.verify.receipt_check import ReceiptReport
    from ecert.verify.receipt_replay import Replay
    from ecert.verify.receipts import StoredReceipt
    from ecert.verify.signed_receipt import SignedReceipt


def _reason(reason: Reason) -> dict[str, str]:
    return {"reason": reason.value, "number": reason.number, "zh": reason.zh, "en": reason.en}


def plain_row(stored: StoredReceipt) -> dict[str, Any]:
    """Return what a list of receipts tells of one; of a damaged one what it is found by."""
    row: dict[str, Any] = {
        "window": stored.window, "number": stored.number, "at": stored.at.isoformat(),
        "case": stored.case, "outcome": stored.outcome, "licences": list(stored.licences),
    }  # fmt: skip
    try:
        said = stored.open().receipt
    except ParseError:
        return row | {"damaged": True}
    return row | {
        "damaged": False, "clerk": said.clerk, "matter": said.matter, "demo": said.demo,
        "reason": _reason(said.reason),
    }  # fmt: skip


def plain_receipt(
    signed: SignedReceipt, catalogue: Catalogue, fault: EcertError | None
) -> dict[str, Any]:
    """Return all that a receipt says, its key and hash, and whether its signature is proven."""
    said = signed.receipt
    return said.model_dump(mode="json", exclude_none=True) | {
        "reason": _reason(said.reason),
        "parts": [_part(one, catalogue) for one in said.parts],
        "sha256": signed.digest,
        "key": signed.kid,
        "proven": fault is None,
        "fault": None if fault is None else {"zh": fault.zh, "en": fault.en},
        "can_replay": _can_replay(said),
    }


def _can_replay(said: Receipt) -> bool:
    return said.presentation is not None and said.presented != "online"


def _part(one: ReceiptPart, catalogue: Catalogue) -> dict[str, Any]:
    known = None if one.type is None else catalogue.get(one.type)
    return {
        "outcome": one.outcome.value,
        "reasons": [_reason(reason) for reason in one.reasons],
        "type": one.type,
        "type_name": None if known is None else known.name,
        "issuer": one.issuer,
        "licence": one.licence,
    }


def plain_report(report: ReceiptReport) -> dict[str, Any]:
    """Return what a check of chains has found."""
    return {
        "clean": report.clean,
        "receipts": report.receipts,
        "heads": [head._asdict() for head in report.heads],
        "findings": [
            {
                "fault": one.fault.value, "window": one.window, "number": one.number,
                "detail": one.detail, "zh": one.fault.zh, "en": one.fault.en,
            }
            for one in report.findings
        ],
        "more": report.more,
    }  # fmt: skip


def plain_replay(done: Replay) -> dict[str, Any]:
    """Return what a replay has found: answers and reasons, and nothing of a licence."""
    return {
        "result": done.result.value,
        "wording": {"zh": done.result.zh, "en": done.result.en},
        "receipt": {
            "outcome": done.receipt.outcome.value, "reason": _reason(done.receipt.reason)
        },
        "then": {"outcome": done.then.outcome.value, "reason": _reason(done.then.reason)},
        "missing": [one.model_dump(mode="json") for one in done.missing],
        "known_alike": done.known_alike,
        "not_repeatable": [_reason(one) for one in done.not_repeatable],
        "today": {
            "outcome": done.today.value,
            "reasons": [_reason(one) for one in done.today_reasons],
        },
    }  # fmt: skip
