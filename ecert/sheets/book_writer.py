"""A new workbook with several sheets, which is there, whole, when all of them are written."""

from __future__ import annotations

from contextlib import contextmanager
from typing import IO, TYPE_CHECKING

from ecert.sheets import refusals
from ecert.sheets.atomic import atomic_file

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from ecert.sheets.page import PageLayout
    from ecert.sheets.printed_sheet import PrintedSheet
    from ecert.sheets.workbook_writer import WorkbookWriter
    from ecert.sheets.writing import Column


class BookWriter:
    """Adds sheets to a workbook; `create_book` makes one.

    Args:
        name: What messages call the file.
    """

    def __init__(self, name: str) -> None:
        from ecert.sheets.workbook_writer import new_book

        self._name = name
        self._book = new_book()
        self._sheets: list[WorkbookWriter | PrintedSheet] = []

    def sheet(self, title: str, columns: Sequence[Column]) -> WorkbookWriter:
        """Add a sheet with a row of headings and return its writer.

        Args:
            title: The sheet's name.
            columns: The columns.
        """
        from ecert.sheets.workbook_writer import WorkbookWriter

        writer = WorkbookWriter(columns, sheet=title, name=self._name, book=self._book)
        self._sheets.append(writer)
        return writer

    def copied(self, title: str, columns: Sequence[Column]) -> WorkbookWriter:
        """Add a sheet whose rows stand where they stood elsewhere, headings among them.

        Args:
            title: The sheet's name.
            columns: The columns; their names are not written.
        """
        from ecert.sheets.workbook_writer import WorkbookWriter

        writer = WorkbookWriter(
            columns, sheet=title, name=self._name, book=self._book, is_copy=True
        )
        self._sheets.append(writer)
        return writer

    def printed(self, title: str, layout: PageLayout) -> PrintedSheet:
        """Add a sheet that is made for paper and return its writer.

        Args:
            title: The sheet's name.
            layout: Widths and headings.
        """
        from ecert.sheets.printed_sheet import PrintedSheet

        writer = PrintedSheet(self._book, title, layout)
        self._sheets.append(writer)
        return writer

    def save(self, file: IO[bytes]) -> None:
        """Write the whole workbook to ``file``."""
        self._book.save(file)

    def discard(self) -> None:
        """Remove what openpyxl keeps on the disk until it is saved."""
        for sheet in self._sheets:
            sheet.discard()


@contextmanager
def create_book(path: Path) -> Iterator[BookWriter]:
    """Give a writer for a new workbook; the file is there, whole, when the block ends well.

    Args:
        path: The file (.xlsx); what stood there is replaced.

    Raises:
        TableError: Another kind of file, or the folder refuses.
    """
    if path.suffix.lower() != ".xlsx":
        error = refusals.unknown_kind(path.name)
        error.fix_zh, error.fix_en = "请使用.xlsx", "Use .xlsx"
        raise error
    with atomic_file(path) as file:
        writer = BookWriter(path.name)
        try:
            yield writer
            writer.save(file)
        finally:
            writer.discard()
