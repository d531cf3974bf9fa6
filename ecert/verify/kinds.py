"""Of which kind a document is, before anything in it is proven."""

from __future__ import annotations

from ecert.errors import DocumentRefusedError, ParseError
from ecert.faults import DocumentFault
from ecert.reasons import Reason
from ecert.sign import envelope, jws
from ecert.status.status_list import TYP as STATUS_KIND

__all__ = ["STATUS_KIND", "kind_of"]


def kind_of(data: bytes) -> str:
    """Return what kind of document ``data`` claims to be, from its unproven header.

    Raises:
        DocumentRefusedError: Neither an envelope nor a status list.
    """
    try:
        if data.lstrip()[:1] == b"{":
            return envelope.parse(data).typ
        head = jws.parse_header(data.decode("ascii").partition(".")[0])
    except UnicodeDecodeError as error:
        raise DocumentRefusedError(DocumentFault.MALFORMED) from error
    except ParseError as error:
        too_large = error.reason is Reason.TOO_LARGE
        fault = DocumentFault.TOO_LARGE if too_large else DocumentFault.MALFORMED
        raise DocumentRefusedError(fault, "", error.en) from error
    kind = str(head.get("typ", ""))
    # Of the documents only status lists are compact tokens; all others have several signers.
    if kind != STATUS_KIND:
        raise DocumentRefusedError(DocumentFault.WRONG_KIND, kind[:40], kind[:40], where="typ")
    return kind
