"""The sheet for approval as a PDF: another program finds in it all that the workbook says."""

from __future__ import annotations

from typing import TYPE_CHECKING

import openpyxl
import pypdfium2
import pytest

from ecert.errors import FormatError, PlotterMissingError
from ecert.interop.decision import ListInForce
from ecert.interop.draft import digest_of
from ecert.interop.workbook.approval import write_approval
from ecert.model.catalogue import builtin
from ecert.sheets.page import PageLayout
from ecert.show.approval_pdf import approval_pdf
from ecert.show.fonts import FontChain
from ecert.show.table_pages import TablePages
from tests.fonts import chain, poor_chain
from tests.unit.interop.workbook.test_approval import NEW, OLD

if TYPE_CHECKING:
    from pathlib import Path


def pages_of(data: bytes) -> list[str]:
    """Return the text of every page, as a reader of PDF finds it, without spaces and breaks."""
    with pypdfium2.PdfDocument(data) as document:
        assert all(page.get_width() > page.get_height() for page in document)
        texts = [page.get_textpage().get_text_range() for page in document]
    return ["".join(text.split()) for text in texts]


def table(rows: int, *, lines: int = 1) -> TablePages:
    """Return a table of two columns."""
    made = TablePages(PageLayout(("编号", "说明"), (10, 40), "页脚"))
    made.title("样例表")
    made.headings()
    for number in range(rows):
        made.row((f"甲{number}", "\n".join(f"行{number}之{line}" for line in range(lines))))
    made.blank()
    made.boxes(["四川省\n负责人：", "重庆市"], lines=5)
    return made


def test_the_pdf_says_what_the_workbook_says(tmp_path: Path) -> None:
    held, digest, path = ListInForce(OLD, digest_of(OLD)), digest_of(NEW), tmp_path / "a.xlsx"
    write_approval(path, NEW, digest=digest, catalogue=builtin(), held=held)
    data = approval_pdf(NEW, digest=digest, catalogue=builtin(), held=held, fonts=chain())
    text = "".join(pages_of(data))
    cells = [
        str(cell.value)
        for row in openpyxl.load_workbook(path)["会签对照表"].iter_rows()
        for cell in row
        if cell.value
    ]
    assert len(cells) > 40
    missing = [cell for cell in cells if "".join(cell.split()) not in text]
    assert missing == []
    assert digest in text
    # One sheet is always one file.
    again = approval_pdf(NEW, digest=digest, catalogue=builtin(), held=held, fonts=chain())
    assert again == data


def test_headings_and_foot_stand_on_every_page_and_no_row_is_lost() -> None:
    pages = pages_of(table(90).pdf(chain(), title="样例", author="x"))
    assert len(pages) > 2
    for number, page in enumerate(pages, 1):
        assert f"页脚第{number}页共{len(pages)}页" in page
        assert page.count("编号说明") == int("甲" in page)
    text = "".join(pages)
    assert all(f"甲{number}行{number}之0" in text for number in range(90))
    assert "负责人：" in pages[-1]


def test_a_row_higher_than_a_page_goes_on_on_the_next() -> None:
    pages = pages_of(table(1, lines=150).pdf(chain(), title="样例", author="x"))
    text = "".join(pages)
    assert len(pages) > 2
    assert all(f"行0之{line}" in text for line in range(150))
    assert all("编号说明" in page for page in pages)


def test_what_cannot_be_drawn_is_refused_or_marked() -> None:
    made = table(1)
    made.row(("乙", "a\u202eb"))
    with pytest.raises(FormatError):
        made.pdf(chain(), title="样例", author="x")
    with pytest.raises(PlotterMissingError):
        table(1).pdf(FontChain(system=False), title="样例", author="x")
    marked = table(1)
    marked.row(("丙", "罕字"))
    text = "".join(pages_of(marked.pdf(poor_chain("罕"), title="样例", author="x")))
    assert "罕" not in text
    assert "F55" in text  # in its box: U+7F55
    with pytest.raises(ValueError, match="2 texts"):
        marked.row(("丁",))
