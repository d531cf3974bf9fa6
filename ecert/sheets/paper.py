"""How a sheet lies on paper: A4 across, all columns on one page, the page's number below."""

from __future__ import annotations

from typing import Any, Final

from openpyxl.worksheet.properties import PageSetupProperties

# ECMA-376 part 1, 18.3.1.63.
_A4: Final = 9


def lay_across(sheet: Any) -> None:  # the stubs know little of sheets that are only written
    """Lay a sheet across; before its first row is written, for this stands at the file's top."""
    page = sheet.page_setup
    page.orientation, page.paperSize, page.fitToWidth, page.fitToHeight = "landscape", _A4, 1, 0
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    sheet.oddFooter.right.text = "第 &P 页，共 &N 页"
