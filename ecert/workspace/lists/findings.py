"""What is wrong or doubtful in an office's table, at its cell and in words that fit a page."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from ecert.interop.workbook.faults import WHOLE_SHEET
from ecert.interop.workbook.layout import ENTRIES
from ecert.interop.workbook.reading import column_of
from ecert.limits import MAX_SUGGESTED_NAMES
from ecert.sheets.values import cell_reference

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ecert.interop.lint import LintFinding
    from ecert.interop.workbook.faults import ListFault
    from ecert.interop.workbook.names import Suggestion, TypeNames
    from ecert.interop.workbook.reading import ListReading

# Nobody at the page has a command line.
_OPTIONS: Final = (
    (re.compile(r"，或用 --[a-z-]+ 给出"), "，或在页面的“清单信息”中填写"),
    (re.compile(r", or give it with --[a-z-]+"), ", or under List details on this page"),
    (re.compile(r"改版请加 --next"), "改版请勾选“作为现行清单的下一版”"),
    (re.compile(r"--next follows it"), "tick Next version of the list in force"),
    (re.compile(r"请用 --sheet 指明，或并成一个表"), "请只留一个互认清单的表"),
    (re.compile(r"Say which with --sheet, or make one of them"), "Keep one of them alone"),
)
_NAMED: Final = ("source_name", "target_name")
_CHOOSE_ZH: Final = "请点选它是哪一种证照；也可在表中改名称或填类型代码后重新上传"
_CHOOSE_EN: Final = "Choose which licence it is; or mend the table and upload it again"


def page_words(text: str) -> str:
    """Return what a message says to somebody at the page, who has no command line."""
    for pattern, words in _OPTIONS:
        text = pattern.sub(words, text)
    return text


@dataclass(frozen=True, slots=True, kw_only=True)
class CellFinding:
    """One finding.

    Attributes:
        sheet: The sheet; empty for a text file.
        row: The row as Excel counts; 0 for the sheet or the list as a whole.
        column: The column, counted from 0; None where no column holds it.
        what: The column's heading, or what should have been there.
        is_error: Whether it forbids proposing.
        number: The linter's number of the rule; empty for what could not be read.
        zh: What is the matter, in Chinese.
        en: The same in English.
        fix_zh: How to mend it, in Chinese.
        fix_en: The same in English.
        name: The name of a licence type that nobody knows; empty otherwise.
        suggestions: What that name may mean, the likeliest first.
    """

    sheet: str
    row: int
    column: int | None
    what: str
    is_error: bool
    number: str = ""
    zh: str
    en: str
    fix_zh: str
    fix_en: str
    name: str = ""
    suggestions: tuple[Suggestion, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Return plain values for JSON."""
        placed = self.row != WHOLE_SHEET
        return {
            "sheet": self.sheet,
            "row": self.row,
            "column": self.column,
            "cell": cell_reference(self.row, self.column)
            if placed and self.column is not None
            else str(self.row) if placed else "",
            "what": self.what,
            "severity": "error" if self.is_error else "warning",
            "number": self.number,
            "zh": self.zh,
            "en": self.en,
            "fix_zh": self.fix_zh,
            "fix_en": self.fix_en,
            "name": self.name,
            "suggestions": [{"name": one.name, "code": one.code} for one in self.suggestions],
        }  # fmt: skip


class Suggesting:
    """Finds out whether a fault is a name that the office may choose a type for.

    Args:
        reading: What was read.
        cells: The texts of the sheet of entries, by row.
        names: The types that are known.
    """

    def __init__(
        self, reading: ListReading, cells: Mapping[int, tuple[str, ...]], names: TypeNames
    ) -> None:
        self._sheet = reading.sheet
        self._columns = {reading.places[key] for key in _NAMED if key in reading.places}
        self._cells = cells
        self._names = names
        self._found: dict[str, tuple[Suggestion, ...]] = {}

    def finding(self, fault: ListFault) -> CellFinding:
        """Return a fault as the page shows it."""
        one, name = fault.fault, self._unknown_name(fault)
        return CellFinding(
            sheet=fault.sheet, row=one.row, column=one.column, what=one.what, is_error=True,
            zh=page_words(one.zh), en=page_words(one.en),
            fix_zh=_CHOOSE_ZH if name else page_words(one.fix_zh),
            fix_en=_CHOOSE_EN if name else page_words(one.fix_en),
            name=name, suggestions=self._suggestions(name) if name else (),
        )  # fmt: skip

    def _unknown_name(self, fault: ListFault) -> str:
        row, column = fault.fault.row, fault.fault.column
        if fault.sheet != self._sheet or column is None or column not in self._columns:
            return ""
        texts = self._cells.get(row, ())
        text = texts[column] if column < len(texts) else ""
        return text if text and not self._names.is_known(text) else ""

    def _suggestions(self, name: str) -> tuple[Suggestion, ...]:
        if name not in self._found and len(self._found) < MAX_SUGGESTED_NAMES:
            self._found[name] = tuple(self._names.suggestions(name))
        return self._found.get(name, ())


def of_lint(finding: LintFinding, reading: ListReading) -> CellFinding:
    """Return what the linter has found at the row that the entry comes from."""
    wording, row = finding.rule.wording, reading.entry_rows.get(finding.entry, WHOLE_SHEET)
    tail = finding.where.removeprefix(f"entries.{finding.entry}").removeprefix(".")
    key = column_of(tail) if row != WHOLE_SHEET else None
    column = None if key is None else _column(key, reading.places)
    detail_zh = f"（{finding.detail_zh}）" if finding.detail_zh else ""
    detail_en = f" ({finding.detail_en})" if finding.detail_en else ""
    return CellFinding(
        sheet=reading.sheet, row=row, column=column,
        what=finding.where if key is None else ENTRIES.heading(key),
        is_error=finding.is_error, number=wording.number,
        zh=wording.zh + detail_zh, en=wording.en + detail_en,
        fix_zh=wording.fix_zh, fix_en=wording.fix_en,
    )  # fmt: skip


def _column(key: str, places: Mapping[str, int]) -> int | None:
    """Return the column of a key, or of what the office writes in its place."""
    side = key.partition("_")[0]
    for one in (key, key.replace("_type", "_name"), f"{side}_type", f"{side}_name"):
        if one in places:
            return places[one]
    # What an office writes once for both sides.
    return places.get("source_name") if key.startswith("target_") else None
