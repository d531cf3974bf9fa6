"""What is wrong with one row of a list: the cell, what, and how to mend it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

from ecert.sheets.rejects import Remark
from ecert.sheets.values import cell_reference

if TYPE_CHECKING:
    from ecert.errors import EcertError
    from ecert.reasons import Language


@dataclass(frozen=True, slots=True)
class RowFault:
    """One fault of one row.

    Attributes:
        row: The row, as Excel counts.
        column: The column, counted from 0; None where no column holds it.
        what: What is faulty: the column's heading, or what should have been there.
        zh: What is wrong, in Chinese.
        en: What is wrong, in English.
        fix_zh: How to mend it, in Chinese.
        fix_en: How to mend it, in English.
    """

    row: int
    column: int | None
    what: str
    zh: str
    en: str
    fix_zh: str = ""
    fix_en: str = ""

    @classmethod
    def of(cls, error: EcertError, row: int, column: int | None, what: str) -> Self:
        """Return an error as the fault of a row."""
        return cls(row, column, what, error.zh, error.en, error.fix_zh, error.fix_en)

    @property
    def cell(self) -> str:
        """The cell as Excel names it; the row's number alone where no column holds it."""
        if self.column is None:
            return str(self.row)
        return cell_reference(self.row, self.column)

    def message(self, language: Language = "zh") -> str:
        """Return one line: the cell, what is wrong, and how to mend it."""
        if language == "zh":
            place = f"第{self.row}行" if self.column is None else self.cell
            return f"{place} {self.what}：{self.zh}" + (f"。{self.fix_zh}" if self.fix_zh else "")
        place = f"row {self.row}" if self.column is None else self.cell
        return f"{place} {self.what}: {self.en}" + (f". {self.fix_en}" if self.fix_en else "")

    def remark(self) -> Remark:
        """Return it for the annotated copy."""
        return Remark(self.column, self.message("zh"), self.message("en"))
