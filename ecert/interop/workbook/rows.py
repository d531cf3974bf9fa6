"""The rows of one sheet, by what its columns mean; what may not be there is noted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ecert.errors import EcertError, FormatError
from ecert.interop.workbook.sheet_row import SheetRow
from ecert.limits import MAX_LIST_PART_ROWS
from ecert.quoting import shown_name
from ecert.sheets import headings, refusals
from ecert.sheets.table import normal_heading
from ecert.sheets.values import column_letters

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ecert.interop.workbook.faults import Findings
    from ecert.interop.workbook.layout import SheetPlan
    from ecert.sheets.table import Table


class SheetRows:
    """The rows of one sheet.

    Args:
        table: The table.
        plan: What its columns may be.
        findings: Where faults are noted.
        quoted: Whether the workbook is one of ours, in which quotation marks keep texts whole.
        most: So many rows there may be.

    Attributes:
        places: The column of each key that is there.

    Raises:
        TableError: A column is missing, or two columns are one thing.
    """

    def __init__(
        self,
        table: Table,
        plan: SheetPlan,
        findings: Findings,
        *,
        quoted: bool,
        most: int = MAX_LIST_PART_ROWS,
    ) -> None:
        self.table = table
        self.plan = plan
        self.findings = findings
        self.quoted = quoted
        self._most = most
        self.places: dict[str, int] = {}
        self.unknown: list[int] = []
        self._map_columns()
        self._note_hidden()
        self._note_merged()

    def __iter__(self) -> Iterator[SheetRow]:
        """Yield every row that is not blank; one that is not shown, or does not fit, is noted."""
        extent = self.table.extent
        formulas = self._formulas()
        hidden = {row + 1 for row in extent.hidden_rows} if extent is not None else set()
        for count, row in enumerate(self.table.lenient_rows(), start=1):
            if count > self._most:
                most = f"{self._most:,}"
                raise refusals.too_large(
                    self.table.where, f"超过{most}行", f"more than {most} rows"
                )
            if row.misfit is not None:
                self.fault(row.number, None, "整行", row.misfit)
            if row.number in hidden:
                self.fault(row.number, None, "整行", _hidden())
            for column in formulas.get(row.number, ()):
                self.fault(row.number, column, self.heading_at(column), _formula())
            yield SheetRow(self, row)

    @property
    def sheet(self) -> str:
        """The sheet's name."""
        return self.table.sheet

    def fault(self, row: int, column: int | None, what: str, error: EcertError) -> None:
        """Note a fault of this sheet."""
        self.findings.add(self.table.sheet, row, column, what, error)

    def heading_at(self, column: int) -> str:
        """Return the heading of a column, as it stands in the file."""
        headings = self.table.header.headings
        return headings[column] if column < len(headings) else ""

    def lines(self) -> list[str]:
        """Return what the columns are taken for, one line for each."""
        meant = {place: key for key, place in self.places.items()}
        told = []
        for place, heading in enumerate(self.table.header.headings):
            if not heading:
                continue
            key = meant.get(place)
            what = "不使用" if key in {None, "ignored"} else self.plan.heading(str(key))
            told.append(headings.told_meant(place, shown_name(heading), what))
        return told

    def _map_columns(self) -> None:
        known = self.plan.keys()
        for place, heading in enumerate(self.table.header.headings):
            key = known.get(normal_heading(heading)) or known.get(_bare(heading))
            if key is None:
                self.unknown += [place] if heading else []
                continue
            if key != "ignored" and self.places.setdefault(key, place) != place:
                raise headings.twice(
                    self.table.header, self.places[key], place, self.plan.heading(key),
                    self.table.where,
                )  # fmt: skip
        missing = [self.plan.heading(key) for key in self.plan.needed if key not in self.places]
        if missing:
            unknown = (self.heading_at(place) for place in self.unknown)
            raise headings.missing(missing, unknown, self.table.where)
        for place in self.unknown:
            heading, letters = shown_name(self.heading_at(place)), column_letters(place)
            self.findings.tell(
                f"［{self.sheet}］{letters}列“{heading}”不认识，不使用",
                f'[{self.sheet}] column {letters} "{heading}" is not known, and not used',
            )

    def _formulas(self) -> dict[int, list[int]]:
        """Return the columns in use that hold a formula, by row."""
        found: dict[int, list[int]] = {}
        known = self.table.extent.formulas if self.table.extent is not None else {}
        for column in sorted(self.places.values()):
            for row in known.get(column, ()):
                found.setdefault(row + 1, []).append(column)
        return found

    def _note_merged(self) -> None:
        used, header = set(self.places.values()), self.table.header.row
        for first, last, left, right in self.table.extent.merged if self.table.extent else ():
            columns = used.intersection(range(left, min(right, max(used)) + 1))
            # Two columns may share one heading; below it, and downwards, a value has one cell.
            if columns and last >= header and (first >= header or last > header):
                self.fault(first + 1, left, self.heading_at(left), _merged())

    def _note_hidden(self) -> None:
        extent = self.table.extent
        for key, place in self.places.items():
            if extent is not None and place in extent.hidden_columns and key != "ignored":
                row = self.table.header.row
                self.fault(row, place, self.heading_at(place), _hidden(column=True))


def _bare(heading: str) -> str:
    """Return a heading without a remark in brackets behind it: 适用事项（可多选）."""
    return normal_heading(heading).partition("(")[0]


def _hidden(*, column: bool = False) -> FormatError:
    what_zh, what_en = ("列", "column") if column else ("行", "row")
    return FormatError(
        f"这一{what_zh}被隐藏或被筛选掉",
        f"this {what_en} is hidden or filtered out",
        fix_zh=f"请取消隐藏和筛选；不要的{what_zh}请删去",
        fix_en=f"Show it, or remove the {what_en}",
    )


def _merged() -> FormatError:
    return FormatError(
        "是合并单元格，除第一格外都是空的",
        "it is merged with others, which are blank",
        fix_zh="请取消合并，并在每一行填写",
        fix_en="Split it, and fill in every row",
    )


def _formula() -> FormatError:
    return FormatError(
        "是公式，结果会随其他单元格变化",
        "it is a formula, whose result changes with other cells",
        fix_zh="请复制后“选择性粘贴”为数值",
        fix_en="Copy it, and paste it as a value",
    )
