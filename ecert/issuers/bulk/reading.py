"""One row while it is read: its cells by what they mean, and the faults found so far."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ecert.errors import FormatError
from ecert.sheets.cells import read_day, read_identifier, read_text

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from ecert.issuers.bulk.headings import Meaning
    from ecert.sheets.values import Raw, Values


class RowReading:
    """Reads the cells of one row; what is wrong is gathered in ``faults``.

    Args:
        values: What stands in the row, by column.
        places: The column of each meaning that the file has.

    Attributes:
        faults: Column (None where there is none) and fault.
    """

    __slots__ = ("_places", "faults", "values")

    def __init__(self, values: Values, places: Mapping[Meaning, int]) -> None:
        self.values = values
        self._places = places
        self.faults: list[tuple[int | None, FormatError]] = []

    def has(self, meaning: Meaning) -> bool:
        """Tell whether the file has such a column."""
        return meaning in self._places

    def raw(self, meaning: Meaning) -> Raw:
        """Return what is stored; None where the file has no such column."""
        place = self._places.get(meaning)
        return None if place is None else self.values[place]

    def text(self, meaning: Meaning) -> str | None:
        """Return the text of a cell, empty if it is blank, or None with a fault."""
        try:
            return read_text(self.raw(meaning))
        except FormatError as error:
            self.fault(meaning, error)
            return None

    def identifier(self, meaning: Meaning) -> str | None:
        """Return a number that identifies something, empty if blank, or None with a fault."""
        try:
            return read_identifier(self.raw(meaning))
        except FormatError as error:
            self.fault(meaning, error)
            return None

    def day(self, meaning: Meaning) -> date | None:
        """Return the day in a cell, or None, with a fault unless it is blank."""
        raw = self.raw(meaning)
        if raw is None or raw == "":
            return None
        try:
            return read_day(raw)
        except FormatError as error:
            self.fault(meaning, error)
            return None

    def fault(self, meaning: Meaning, error: FormatError) -> None:
        """Note what is wrong with a cell, or with there being no such column."""
        if not error.where:
            error.where = meaning.zh
        self.faults.append((self._places.get(meaning), error))

    def miss(self, meaning: Meaning, *, fix_zh: str = "请填写", fix_en: str = "Fill it in") -> None:
        """Note that something required is blank."""
        self.fault(
            meaning,
            FormatError("缺少必填项", "is required and missing", fix_zh=fix_zh, fix_en=fix_en),
        )
