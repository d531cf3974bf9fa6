"""Rows of a list made into checked applications; a bad row gives its faults, never an exception."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ecert.errors import FormatError
from ecert.issuers.application import Application
from ecert.issuers.bulk.columns import headings_for, map_columns
from ecert.issuers.bulk.headings import Meaning
from ecert.issuers.bulk.plan import TypePlan
from ecert.issuers.bulk.reading import RowReading
from ecert.issuers.bulk.row_parts import (
    is_checkable,
    row_fields,
    row_holders,
    row_last_day,
    row_number,
)
from ecert.issuers.bulk.stock import STOCK_MEANINGS, StockMarks, read_stock
from ecert.model.application import find_faults
from ecert.model.calendar import office_day
from ecert.sheets.reading import open_table
from ecert.sheets.row_faults import RowFault

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime
    from pathlib import Path

    from ecert.issuers.bulk.columns import ColumnMapping
    from ecert.model.catalogue import Catalogue
    from ecert.model.licence_type import LicenceType
    from ecert.sheets.table import Row, Table


@dataclass(frozen=True, slots=True)
class CheckedRow:
    """One row of a list: an application, or what is wrong with it.

    Attributes:
        row: The row as it stands in the file.
        application: What is to be issued, its fields in canonical form; None if there are
            faults.
        licence_type: Its type; None if the row names none that is known.
        faults: Everything that is wrong with it.
        stock: Licence id, state and version, where the file has such columns.
    """

    row: Row
    application: Application | None
    licence_type: LicenceType | None
    faults: tuple[RowFault, ...] = ()
    stock: StockMarks | None = None

    @property
    def number(self) -> int:
        """The row's number, as Excel counts."""
        return self.row.number


class ApplicationReader:
    """Reads the applications in a table; iterate over it once.

    Args:
        table: The table.
        catalogue: The licence types that may be asked for.
        at: The time at which this is done: a licence without a first day begins then.
        type_name: The type of every row; None if a column says it.

    Attributes:
        mapping: What the columns are taken for, to be shown before anything is issued.

    Raises:
        TableError: A column is missing, or two columns are one thing.
        CatalogueError: ``type_name`` is unknown.
    """

    def __init__(
        self, table: Table, catalogue: Catalogue, *, at: datetime, type_name: str | None = None
    ) -> None:
        given = catalogue.require(type_name) if type_name is not None else None
        self.mapping: ColumnMapping = map_columns(
            table.header, catalogue, licence_type=given, where=table.where
        )
        self._table = table
        self._catalogue = catalogue
        self._today = office_day(at)
        self._places = self.mapping.places
        self._is_stock = not STOCK_MEANINGS.isdisjoint(self._places)
        self._given = TypePlan.make(given, self.mapping) if given is not None else None
        self._plans: dict[tuple[str, str], TypePlan] = {}

    def __iter__(self) -> Iterator[CheckedRow]:
        """Yield every row that is not blank.

        Raises:
            TableError: The file is damaged, too large, or changed while it is read.
        """
        return map(self.check, self._table.lenient_rows())

    def check(self, row: Row) -> CheckedRow:
        """Return what a row asks for, or everything that is wrong with it."""
        if row.misfit is not None:
            return CheckedRow(row, None, None, (RowFault.of(row.misfit, row.number, None, "整行"),))
        reading = RowReading(row.values, self._places)
        plan = self._given or self._plan(reading)
        application = None if plan is None else self._application(reading, plan)
        stock = read_stock(reading) if self._is_stock else None
        return CheckedRow(
            row,
            None if reading.faults else application,
            None if plan is None else plan.licence_type,
            tuple(self._told(row, *fault) for fault in reading.faults),
            stock,
        )

    def _told(self, row: Row, column: int | None, error: FormatError) -> RowFault:
        what = error.where if column is None else self.mapping.heading(column)
        return RowFault.of(error, row.number, column, what)

    def _plan(self, reading: RowReading) -> TypePlan | None:
        """Return the plan for the type that the row names, or None with a fault."""
        name, code = reading.text(Meaning.TYPE), reading.identifier(Meaning.TYPE_CODE)
        if name is None or code is None:
            return None
        if (plan := self._plans.get((name, code))) is not None:
            return plan
        named = Meaning.TYPE if reading.has(Meaning.TYPE) else Meaning.TYPE_CODE
        if not name and not code:
            reading.miss(named)
            return None
        try:
            licence_type = self._type(name, code)
        except FormatError as error:
            reading.fault(named if name else Meaning.TYPE_CODE, error)
            return None
        return self._plans.setdefault((name, code), TypePlan.make(licence_type, self.mapping))

    def _type(self, name: str, code: str) -> LicenceType:
        found = self._catalogue.require(code or name)
        if code and name and self._catalogue.require(name) is not found:
            raise FormatError(
                "证照类型与证照类型代码不一致",
                "the type's name and its code are of two types",
                fix_zh="请核对是哪一项有误",
                fix_en="Check which of them is wrong",
            )
        return found

    def _application(self, reading: RowReading, plan: TypePlan) -> Application | None:
        # (1) Cells, one by one; None stands for what could not be read, whose fault is noted.
        holders = row_holders(reading, plan)
        number = row_number(reading, plan, holders)
        before = len(reading.faults)
        valid_from, valid_until = reading.day(Meaning.VALID_FROM), row_last_day(reading, plan)
        is_legible = len(reading.faults) == before
        issued_on = reading.day(Meaning.ISSUED_ON)
        is_legible &= valid_from is not None or len(reading.faults) == before
        fields, unread = row_fields(reading, plan)
        # (2) All of it together, by the rules of the type.
        start = valid_from or issued_on or self._today
        values, faults = find_faults(
            plan.licence_type,
            fields,
            holders,
            number if is_checkable(reading, plan, holders, number) else None,
            (start, valid_until) if is_legible else None,
        )
        for fault in faults:
            if fault.where not in unread:
                reading.faults.append((plan.places.get(fault.where), fault))
        if reading.faults or holders is None or number is None:
            return None
        return Application(
            type_name=plan.licence_type.name,
            number=number,
            holders=holders,
            fields=values,
            valid_until=valid_until,
            valid_from=valid_from,
            issued_on=issued_on,
        )


@contextmanager
def open_applications(
    path: Path,
    catalogue: Catalogue,
    *,
    at: datetime,
    type_name: str | None = None,
    sheet: str | None = None,
) -> Iterator[ApplicationReader]:
    """Open a list of applications in a file (.csv, .xlsx, .xls, .ods).

    Args:
        path: The file.
        catalogue: The licence types that may be asked for.
        at: The time at which this is done.
        type_name: The type of every row; None if a column says it.
        sheet: The sheet of a workbook; None for the first with a heading.

    Raises:
        TableError: The file cannot be read, or its columns do not do.
        CatalogueError: ``type_name`` is unknown.
    """
    types = catalogue if type_name is None else [catalogue.require(type_name)]
    with open_table(path, headings=headings_for(types), sheet=sheet) as table:
        yield ApplicationReader(table, catalogue, at=at, type_name=type_name)
