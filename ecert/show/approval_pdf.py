"""The comparison sheet for approval (会签对照表) as a PDF: what the workbook says, on paper."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ecert.interop.workbook.approval import APPROVAL_TITLE, approval_layout, fill_approval
from ecert.show.table_pages import TablePages

if TYPE_CHECKING:
    from ecert.interop.decision import ListInForce
    from ecert.interop.draft import DraftSource
    from ecert.interop.recognition import RecognitionList
    from ecert.model.catalogue import Catalogue
    from ecert.show.fonts import FontChain


def approval_pdf(
    document: RecognitionList,
    *,
    digest: str,
    catalogue: Catalogue,
    fonts: FontChain,
    held: ListInForce | None = None,
    source: DraftSource | None = None,
) -> bytes:
    """Return the sheet; its arguments are those of `write_approval`, and what it is drawn with.

    Raises:
        DocumentRefusedError: The list contradicts itself.
        ExtraMissingError: The extra ``pdf`` is not installed.
        PlotterMissingError: No font has the sheet's own words.
    """
    sheet = TablePages(approval_layout(document, digest))
    fill_approval(sheet, document, digest=digest, catalogue=catalogue, held=held, source=source)
    return sheet.pdf(fonts, title=f"{document.title}{APPROVAL_TITLE}", author="ecert")
