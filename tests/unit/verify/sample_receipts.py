"""Receipts as a window would keep them, without a verdict behind each."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from ecert.model.identifiers import LicenceId
from ecert.reasons import Outcome, Reason
from ecert.verify.policy import COUNTER
from ecert.verify.policy_facts import facts_of
from ecert.verify.receipt import GENESIS, Receipt, ReceiptHead, ReceiptList, ReceiptPart
from ecert.verify.signed_receipt import SignedReceipt, sign_receipt

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from ecert.sign.custody import Signer

AT = datetime(2026, 1, 5, 1, 0, tzinfo=UTC)
WINDOW = "重庆市政务服务中心3号窗口"
TYPE, ISSUER = "111000009999999986001", "11511600008677004X"
LISTS = (
    ("trust-list", "511600", 12),
    ("status-list", "https://status.invalid/11511600008677004X/1", 1_795_312_800),
    ("recognition-list", "川渝电子证照亮证互认实施清单（样例）", 3),
)


def licence_id(number: int) -> str:
    """Return the licence id of the ``number``th licence."""
    return str(LicenceId.make(TYPE, ISSUER, f"2026{number:010d}"))


def a_receipt(number: int = 1, *, at: datetime = AT, **changes: object) -> Receipt:
    """Return the receipt of the ``number``th check, as the first of its chain."""
    content: dict[str, object] = {
        "window": WINDOW, "region": "500000", "number": 1, "previous": GENESIS,
        "clerk": "王", "at": at, "matter": "机动车业务", "case": f"2026-{number:07d}",
        "policy": facts_of(COUNTER), "outcome": Outcome.ACCEPTED, "reason": Reason.OK,
        "parts": (
            ReceiptPart(
                outcome=Outcome.ACCEPTED, type=TYPE, issuer=ISSUER, licence=licence_id(number)
            ),
        ),
        "presented": "code", "presentation": _digest(f"code {number}"),
        "lists": tuple(
            ReceiptList(
                kind=kind, name=name, version=version, digest=_digest(name),
                issued=at.replace(microsecond=0) - timedelta(minutes=7), age=420,
            )
            for kind, name, version in LISTS
        ),
        "knowledge": _digest("all that is known"), "software": "ecert 0.1.0",
    }  # fmt: skip
    return Receipt.model_validate(content | changes)


def follow(
    receipts: Sequence[Receipt], signer: Signer
) -> Callable[[ReceiptHead], list[SignedReceipt]]:
    """Return what `ReceiptStore.append` asks: these receipts, chained to the head and signed."""

    def write(head: ReceiptHead) -> list[SignedReceipt]:
        made = []
        for receipt in receipts:
            made.append(sign_receipt(receipt.after(head), signer))
            head = made[-1].head
        return made

    return write


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
