"""One row of a sheet, read by what its columns mean; what cannot be read is noted, never raised."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from ecert.errors import EcertError, FormatError
from ecert.interop.workbook import texts
from ecert.limits import MAX_CELL_TEXTS
from ecert.quoting import shown_name
from ecert.sheets.cells import is_no_end, read_day, read_identifier, read_text
from ecert.sheets.values import day_of, text_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import date

    from ecert.interop.workbook.rows import SheetRows
    from ecert.sheets.table import Row
    from ecert.sheets.values import Raw

_Value = TypeVar("_Value")


class SheetRow:
    """One row.

    Args:
        rows: The sheet.
        row: The row.
    """

    __slots__ = ("_faulty", "_row", "_rows", "number")

    def __init__(self, rows: SheetRows, row: Row) -> None:
        self._rows = rows
        self._row = row
        self.number = row.number
        self._faulty: set[str | None] = set()

    @property
    def faulty(self) -> bool:
        """Whether something is wrong with the row."""
        return bool(self._faulty)

    def has(self, key: str) -> bool:
        """Tell whether something stands in the column."""
        return bool(text_of(self.raw(key)))

    def raw(self, key: str) -> Raw:
        """Return what is stored; None where there is no such column."""
        place = self._rows.places.get(key)
        values = self._row.values
        return values[place] if place is not None and place < len(values) else None

    def text(self, key: str) -> str:
        """Return one text; empty if there is none, or none that can be read."""
        return self._read(key, lambda raw: self._plain(read_text(raw))) or ""

    def number_text(self, key: str) -> str:
        """Return a number that identifies something, which must not have been stored as one."""
        return self._read(key, lambda raw: self._plain(read_identifier(raw))) or ""

    def day(self, key: str) -> date | None:
        """Return a day, or None."""
        return self._read(key, self._day)

    def texts(self, key: str, *, or_all: bool = False, codes: bool = False) -> list[str]:
        """Return the texts in a cell.

        Args:
            key: The column.
            or_all: Whether 全部 means ``*``.
            codes: Whether they are numbers that identify something.
        """
        apart: Callable[..., list[str]] = texts.split_or_all if or_all else texts.split
        read = read_identifier if codes else read_text
        found = self._read(key, lambda raw: apart(read(raw), quoted=self._rows.quoted)) or []
        if len(found) > MAX_CELL_TEXTS:
            most = f"{MAX_CELL_TEXTS:,}"
            self.fault(key, FormatError(
                f"一格超过{most}项", f"more than {most} texts in one cell",
                fix_zh="请分成几行", fix_en="Make several rows of it",
            ))  # fmt: skip
            return []
        return found

    def word(self, key: str, words: Mapping[str, str]) -> str | None:
        """Return which of the keys of ``words`` a cell means; None if it is blank or none."""
        text = self.text(key)
        if not text:
            return None
        for meant, zh in words.items():
            if text.casefold() in {meant.casefold(), zh.casefold()}:
                return meant
        self.fault(
            key,
            FormatError(
                f"“{shown_name(text)}”不是允许的填法",
                f'"{shown_name(text)}" is not among the choices',
                fix_zh=f"可填：{'、'.join(dict.fromkeys(words.values()))}",
                fix_en=f"There are: {', '.join(words)}",
            ),
        )
        return None

    def integer(self, key: str) -> int | None:
        """Return a whole number, or None."""
        text = self.text(key)
        if text.isascii() and text.isdecimal() and len(text) < 17:
            return int(text)
        if text:
            self.fault(key, FormatError("应为整数", "a whole number is needed"))
        return None

    def fault(self, key: str | None, error: EcertError) -> None:
        """Note that something is wrong with the column ``key``, or with the row."""
        self._faulty.add(key)
        self._rows.findings.add(*self.place(key), error)

    def place(self, key: str | None, what: str = "") -> tuple[str, int, int | None, str]:
        """Return where the column ``key`` of this row is: sheet, row, column and its heading."""
        place = None if key is None else self._rows.places.get(key)
        if key is None:
            what = "整行"
        elif not what:
            what = self._rows.plan.heading(key) if place is None else self._rows.heading_at(place)
        return self._rows.sheet, self.number, place, what

    def miss(self, key: str) -> None:
        """Note that a cell is blank that must not be; not where it could not even be read."""
        if key not in self._faulty:
            self.fault(
                key, FormatError("没有填写", "it is blank", fix_zh="请补上", fix_en="Fill it in")
            )

    def _plain(self, text: str) -> str:
        return texts.plain(text, quoted=self._rows.quoted)

    def _day(self, raw: Raw) -> date | None:
        # In our own workbooks 9999-12-31 is a day, and 长期 alone has no end.
        if is_no_end(raw) and not (self._rows.quoted and day_of(raw)):
            return None
        return read_day(raw)

    def _read(self, key: str, reader: Callable[[Raw], _Value]) -> _Value | None:
        raw = self.raw(key)
        if raw is None:  # most cells of most lists
            return None
        try:
            return reader(raw)
        except FormatError as error:
            self.fault(key, error)
            return None
