"""Workbooks (.xlsx, .xls, .ods): one sheet, read whole by python-calamine."""

from __future__ import annotations

import hashlib
import io
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from ecert.errors import TableError
from ecert.limits import MAX_WORKBOOK_BYTES
from ecert.sheets import refusals
from ecert.sheets.compound import SIGNATURE
from ecert.sheets.ods_extent import ods_extents
from ecert.sheets.package import Package
from ecert.sheets.table import NumberedRow, Table, begin_table, check_cell_length
from ecert.sheets.xls_extent import xls_extents
from ecert.sheets.xlsx_extent import xlsx_extents

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator
    from pathlib import Path

    from python_calamine import CalamineWorkbook

    from ecert.sheets.extent import Extent
    from ecert.sheets.values import Raw

_ODS_KIND: Final = b"application/vnd.oasis.opendocument.spreadsheet"
# Where a workbook begins: .xlsx and .xlsb (which is not read) in whatever folder, .ods in none.
_WORKBOOKS: Final = ("workbook.xml", "workbook.bin")
_CONTENT: Final = "content.xml"
# How python-calamine's Rust tells that it has met what it did not expect.
_PANICS: Final = "pyo3_runtime"


class Workbook:
    """A workbook that has been looked through and opened; its sheets are read one by one.

    Args:
        path: The file.

    Attributes:
        name: The file's name, as messages call it.
        sha256: Hash of the file (hexadecimal).
        titles: The worksheets that are shown, in their order.
        hidden: The worksheets that are not.

    Raises:
        TableError: Not a workbook, protected, too large, or with macros or links.
    """

    def __init__(self, path: Path) -> None:
        self.name = path.name
        data = _bytes(path)
        self.sha256 = hashlib.sha256(data).hexdigest()
        self._extents, self._book = _open(data, self.name)
        self.titles, self.hidden = _sheets(self._book)

    def require(self, title: str) -> str:
        """Return ``title`` if there is such a sheet, shown or not.

        Raises:
            TableError: There is none; the message names those that there are.
        """
        return _require_sheet(self._book, title, self.name)

    def extent(self, title: str) -> Extent:
        """Return what is known of a sheet before its cells are read.

        Raises:
            TableError: The sheet is not where the workbook says.
        """
        extent = self._extents.get(title)
        if extent is None:
            raise refusals.not_a_table(self.name, "a sheet is missing")
        return extent

    def rows(self, title: str) -> Iterator[NumberedRow]:
        """Yield all rows of a sheet.

        Raises:
            TableError: The sheet is too large or damaged.
        """
        return _rows(self._book, title, self.extent(title), self.name)

    def table(self, title: str, *, headings: Collection[str], least: int) -> Table:
        """Return the table in a sheet.

        Args:
            title: The sheet.
            headings: The headings that the table may have.
            least: How many of them it must have.

        Raises:
            TableError: The sheet is too large or damaged, or has no heading.
        """
        table = begin_table(
            self.name, title, self.rows(title),
            headings=headings, least=least, sha256=self.sha256, is_text=False,
        )  # fmt: skip
        table.extent = self.extent(title)
        return table


def read_workbook(path: Path, *, headings: Collection[str], least: int, sheet: str | None) -> Table:
    """Return the table in one sheet of a workbook.

    Args:
        path: The file.
        headings: The headings that the table may have.
        least: How many of them it must have.
        sheet: The sheet; if None, the first visible one with a heading.

    Raises:
        TableError: Not a workbook, protected, too large, with macros or links; no such sheet;
            or no heading.
    """
    book = Workbook(path)
    refused: TableError | None = None
    for title in book.titles if sheet is None else [book.require(sheet)]:
        book.extent(title)
        try:
            return book.table(title, headings=headings, least=least)
        except TableError as error:
            # The sheet with a heading may come later; the first refusal tells most.
            refused = refused or error
    raise refused or refusals.empty(book.name)


def _bytes(path: Path) -> bytes:
    with path.open("rb") as file:
        data = file.read(MAX_WORKBOOK_BYTES + 1)
        if len(data) > MAX_WORKBOOK_BYTES:
            most = f"{MAX_WORKBOOK_BYTES >> 20} MiB"
            raise refusals.too_large(path.name, f"超过{most}", f"more than {most}")
        # Read again, because a program that saves while we read leaves halves of two versions.
        file.seek(0)
        if file.read(MAX_WORKBOOK_BYTES + 1) != data:
            raise refusals.changed(path.name)
    if not data:
        raise refusals.empty(path.name)
    return data


def _open(data: bytes, name: str) -> tuple[dict[str, Extent], CalamineWorkbook]:
    """Return how far each sheet reaches, by its name, and the workbook."""
    if data.startswith(SIGNATURE):
        found = xls_extents(data, name)
        for extent in found:
            # The library reads all sheets of an old workbook when it opens it.
            extent.require_bounds()
        book = _load(data, name)
        if len(found) != len(book.sheet_names):
            raise refusals.not_a_table(name, "sheets and their names differ")
        return dict(zip(book.sheet_names, found, strict=True)), book
    package = Package(data, name)
    beginnings = len(package.ending_with(*_WORKBOOKS)) + (_CONTENT in package)
    if beginnings != 1:
        # The library takes what it can open: it must be what has been looked at.
        raise refusals.not_a_table(name, "not one workbook of one kind")
    if "mimetype" in package and b"".join(package.chunks("mimetype")).startswith(_ODS_KIND):
        extents = ods_extents(package, name)
        for extent in extents.values():
            # The same for this kind.
            extent.require_bounds()
    else:
        extents = xlsx_extents(package, name)
    return extents, _load(data, name)


def _load(data: bytes, name: str) -> CalamineWorkbook:
    from python_calamine import CalamineWorkbook

    with _calamine(name):
        return CalamineWorkbook.from_filelike(io.BytesIO(data))


@contextmanager
def _calamine(name: str) -> Iterator[None]:
    """Turn whatever python-calamine raises into a `TableError`."""
    from python_calamine import CalamineError, PasswordError

    try:
        yield
    except PasswordError:
        raise refusals.protected(name) from None
    except (CalamineError, OSError, ValueError, OverflowError) as error:
        raise refusals.not_a_table(name, type(error).__name__) from None
    except BaseException as error:
        # Its panics are no Exception, and have no name that could be imported.
        if type(error).__module__ != _PANICS:
            raise
        raise refusals.not_a_table(name, "its reader gave up") from None


def _sheets(book: CalamineWorkbook) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the worksheets that are shown, and those that are not."""
    from python_calamine import SheetTypeEnum, SheetVisibleEnum

    sheets = [one for one in book.sheets_metadata if one.typ == SheetTypeEnum.WorkSheet]
    shown = [one.name for one in sheets if one.visible == SheetVisibleEnum.Visible]
    return tuple(shown), tuple(one.name for one in sheets if one.name not in shown)


def _require_sheet(book: CalamineWorkbook, sheet: str, name: str) -> str:
    if sheet in book.sheet_names:
        return sheet
    listed = "、".join(book.sheet_names[:10])
    raise TableError(
        "没有这个工作表",
        "there is no such sheet",
        where=name,
        fix_zh=f"可用：{listed}",
        fix_en=f"There are: {listed}",
    )


def _rows(book: CalamineWorkbook, title: str, extent: Extent, name: str) -> Iterator[NumberedRow]:
    extent.require_bounds()
    if not extent.rows:
        return
    with _calamine(name):
        sheet = book.get_sheet_by_name(title)
        rows = iter(sheet.iter_rows())
    # It gives the blank rows above the first that is filled, but not the blank columns.
    left = 0 if sheet.start is None else sheet.start[1]
    broken = {row for row, _ in extent.damaged}
    row = -1
    for row, given in enumerate(rows):
        values: list[Raw] = [None] * left
        values += [None if one == "" else one for one in given]
        if row in broken:
            values = _with_damage(values, row, extent)
        check_cell_length(name, row + 1, values)
        yield row + 1, tuple(values)
    # Below the last of its rows there can be errors, which it takes for blank.
    for below in range(row + 1, extent.rows):
        yield below + 1, tuple(_with_damage([], below, extent))


def _with_damage(values: list[Raw], row: int, extent: Extent) -> list[Raw]:
    """Return the row with its errors put in: the library gives them as blank."""
    wide = values + [None] * (extent.columns - len(values))
    return [extent.damaged.get((row, column), raw) for column, raw in enumerate(wide)]
