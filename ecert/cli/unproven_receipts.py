"""Takes apart what a window keeps of its checks: receipts and case copies."""

from __future__ import annotations

from typing import Any, Final

from ecert.cli.unproven import Unproven

RECEIPT: Final = "ecert-receipt+jwt"
CASE_COPY: Final = "ecert-case-copy+jwt"
KINDS: Final = (RECEIPT, CASE_COPY)


def token(text: str) -> Unproven:
    """Take apart a receipt or a case copy.

    Raises:
        ParseError: Malformed.
    """
    from ecert.sign import jws

    if jws.parse_header(text.partition(".")[0])["typ"] == RECEIPT:
        return Unproven("receipt", "核验回执", "a receipt", receipt_facts(text))
    return _case_copy(text)


def receipt_facts(text: str) -> dict[str, Any]:
    """Return what a receipt says, with its key and its hash.

    Raises:
        ParseError: Malformed.
    """
    from ecert.verify.signed_receipt import open_receipt

    found = open_receipt(text)
    said = found.receipt.model_dump(mode="json", exclude_none=True)
    return {"key": found.kid, "sha256": found.digest} | said


def _case_copy(text: str) -> Unproven:
    from ecert.verify.case_copy import open_case_copy

    found = open_case_copy(text)
    said = found.model_dump(mode="json", exclude_none=True)
    personal = {"licences": said.pop("licences"), "presentation": said.pop("presentation", None)}
    said["receipt"] = receipt_facts(found.receipt)
    return Unproven("case-copy", "存卷件", "a case copy", said, personal)
