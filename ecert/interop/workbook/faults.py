"""What is wrong with a workbook and what was taken for granted, all of it, by sheet and cell."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ecert.limits import MAX_LIST_FAULTS
from ecert.sheets.row_faults import RowFault

if TYPE_CHECKING:
    from ecert.errors import EcertError
    from ecert.reasons import Language

WHOLE_SHEET = 0
"""In place of a row: the fault is the sheet's."""


@dataclass(frozen=True, slots=True)
class ListFault:
    """One fault of a workbook.

    Attributes:
        sheet: The sheet's name; empty for a text file.
        fault: The row, the cell, what is wrong and how to mend it.
    """

    sheet: str
    fault: RowFault

    @property
    def place(self) -> str:
        """The sheet and the cell: ``互认条目!C7``."""
        row = self.fault.row
        cell = "" if row == WHOLE_SHEET else self.fault.cell
        return f"{self.sheet}!{cell}" if self.sheet and cell else self.sheet or cell

    def message(self, language: Language = "zh") -> str:
        """Return one line: the sheet, the cell, what is wrong, and how to mend it."""
        one = self.fault
        if one.row == WHOLE_SHEET:
            zh, en = f"{one.what}：{one.zh}", f"{one.what}: {one.en}"
            text = zh if language == "zh" else en
            fix = one.fix_zh if language == "zh" else one.fix_en
            text += ("。" if language == "zh" else ". ") + fix if fix else ""
        else:
            text = one.message(language)
        return f"［{self.sheet}］{text}" if self.sheet else text


@dataclass(frozen=True, slots=True)
class ListNote:
    """Something that was taken for granted, or left aside, in both languages."""

    zh: str
    en: str

    def message(self, language: Language = "zh") -> str:
        """Return it in one language."""
        return self.zh if language == "zh" else self.en


@dataclass(slots=True)
class Findings:
    """Collects faults and notes while a workbook is read.

    Attributes:
        faults: What is wrong, as far as it is kept.
        notes: What is told beside it.
        more: How many faults are not kept.
    """

    faults: list[ListFault] = field(default_factory=list)
    notes: list[ListNote] = field(default_factory=list)
    more: int = 0

    def add(self, sheet: str, row: int, column: int | None, what: str, error: EcertError) -> None:
        """Note that something is wrong."""
        if len(self.faults) >= MAX_LIST_FAULTS:
            self.more += 1
            return
        self.faults.append(ListFault(sheet, RowFault.of(error, row, column, what)))

    def tell(self, zh: str, en: str) -> None:
        """Note what was taken for granted; the same is told once."""
        note = ListNote(zh, en)
        if note not in self.notes and len(self.notes) < MAX_LIST_FAULTS:
            self.notes.append(note)
