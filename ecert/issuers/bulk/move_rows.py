"""Rows of a file that names licences: by licence id, or by number and type."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Final

from ecert.errors import EcertError, FormatError
from ecert.sheets.cells import read_identifier, read_text
from ecert.sheets.refusals import no_header
from ecert.sheets.row_faults import RowFault
from ecert.sheets.table import normal_heading

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ecert.issuers.register import Register
    from ecert.issuers.register_view import RegisterView
    from ecert.model.catalogue import Catalogue
    from ecert.sheets.table import Row, Table

_IDS: Final = ("证照标识", "ZZBS", "licence_id")
_NUMBERS: Final = ("证照编号", "编号", "证号", "ZZBH", "number")
_TYPES: Final = ("证照类型", "证照名称", "证照类型代码", "ZZMC", "ZZLXDM", "type")
# Looked up in one view of the register.
_ROWS_AT_ONCE: Final = 500
MOVE_HEADINGS: Final = (*_IDS, *_NUMBERS, *_TYPES)
"""What the heading row of such a file may call its columns."""


class MoveReader:
    """Finds the licence that each row names; iterate over it once.

    Args:
        table: The table.
        register: Where the licences are.
        catalogue: The types, to tell licences of one number apart.

    Raises:
        TableError: No column names a licence.
    """

    def __init__(self, table: Table, register: Register, catalogue: Catalogue) -> None:
        self._table = table
        self._register = register
        self._catalogue = catalogue
        self._id = _column(table, _IDS)
        self._number = _column(table, _NUMBERS)
        self._type = _column(table, _TYPES)
        if self._id is None and self._number is None:
            raise no_header(table.name, (*_IDS[:1], *_NUMBERS[:1]))

    def __iter__(self) -> Iterator[tuple[Row, str | None, tuple[RowFault, ...]]]:
        """Yield every row that is not blank, with the licence it names or what is wrong."""
        rows = iter(self._table.lenient_rows())
        while batch := list(islice(rows, _ROWS_AT_ONCE)):
            # Closed before they are handed on: what is made of them may be recorded meanwhile.
            with self._register.view() as view:
                named = [self._named(row, view) for row in batch]
            yield from named

    def _named(self, row: Row, view: RegisterView) -> tuple[Row, str | None, tuple[RowFault, ...]]:
        if row.misfit is not None:
            return row, None, (RowFault.of(row.misfit, row.number, None, "整行"),)
        try:
            return row, self._licence_id(row, view), ()
        except EcertError as error:
            place = self._number if self._id is None else self._id
            return row, None, (RowFault.of(error, row.number, place, "证照"),)

    def _licence_id(self, row: Row, view: RegisterView) -> str:
        if self._id is not None and (given := read_identifier(row.cell(self._id).raw)):
            return str(view.licence(given).id)
        if self._number is None or not (number := read_identifier(row.cell(self._number).raw)):
            raise FormatError(
                "没有填写证照标识或证照编号", "neither a licence id nor a number is given",
                fix_zh="请填写", fix_en="Fill one in",
            )  # fmt: skip
        found = view.find_by_number(number)
        if self._type is not None and (name := read_text(row.cell(self._type).raw)):
            code = self._catalogue.require(name).code
            found = tuple(one for one in found if one.type_code == code)
        # Older versions of a licence have its number too; only the newest is not superseded.
        newest = [one for one in found if one.state.value != "superseded"]
        if len(newest) != 1:
            raise FormatError(
                "证照库中没有这个编号的证照" if not newest else f"有{len(newest)}份证照用这个编号",
                f"{len(newest)} licences have this number",
                fix_zh="请核对编号，或加“证照类型”“证照标识”列",
                fix_en="Check it, or add a column for the type or the licence id",
            )
        return str(newest[0].id)


def _column(table: Table, names: tuple[str, ...]) -> int | None:
    wanted = {normal_heading(name) for name in names}
    for place, heading in enumerate(table.header.headings):
        if normal_heading(heading) in wanted:
            return place
    return None
