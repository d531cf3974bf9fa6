"""One row of a sheet, read by what its columns mean; what cannot be read is noted, never raised."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from ecert.errors import EcertError, FormatError, TableError
from ecert.interop.workbook import texts
from ecert.model.application import shown_name
from ecert.sheets.cells import is_no_end, read_day, read_identifier, read_text
from ecert.sheets.table import normal_heading
from ecert.sheets.values import column_letters, day_of, text_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from datetime import date

    from ecert.interop.workbook.faults import Findings
    from ecert.interop.workbook.layout import SheetPlan
    from ecert.sheets.table import Row, Table
    from ecert.sheets.values import Raw

_Value = TypeVar("_Value")


class SheetRows:
    """The rows of one sheet.

    Args:
        table: The table.
        plan: What its columns may be.
        findings: Where faults are noted.
        quoted: Whether the workbook is one of ours, in which quotation marks keep texts whole.

    Attributes:
        places: The column of each key that is there.

    Raises:
        TableError: A column is missing, or two columns are one thing.
    """

    def __init__(self, table: Table, plan: SheetPlan, findings: Findings, *, quoted: bool) -> None:
        self.table = table
        self.plan = plan
        self.findings = findings
        self.quoted = quoted
        self.places: dict[str, int] = {}
        self.unknown: list[int] = []
        self._map_columns()
        self._note_hidden()

    def __iter__(self) -> Iterator[SheetRow]:
        """Yield every row that is not blank; one that is not shown, or does not fit, is noted."""
        extent = self.table.extent
        used = set(self.places.values())
        formulas: dict[int, list[int]] = {}
        for place, column in sorted(extent.formulas) if extent is not None else ():
            if column in used:
                formulas.setdefault(place + 1, []).append(column)
        hidden = {row + 1 for row in extent.hidden_rows} if extent is not None else set()
        for row in self.table.lenient_rows():
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
            told.append(f"{column_letters(place)} {shown_name(heading)} → {what}")
        return told

    def _map_columns(self) -> None:
        known = self.plan.keys()
        for place, heading in enumerate(self.table.header.headings):
            key = known.get(normal_heading(heading)) or known.get(_bare(heading))
            if key is None:
                self.unknown += [place] if heading else []
                continue
            if key != "ignored" and self.places.setdefault(key, place) != place:
                one, other = self.heading_at(self.places[key]), heading
                raise TableError(
                    f"“{shown_name(one)}”和“{shown_name(other)}”两列都是{self.plan.heading(key)}",
                    f"columns {column_letters(self.places[key])} and {column_letters(place)}"
                    " are one thing",
                    where=self.table.where,
                    fix_zh="请删去或改名其中一列",
                    fix_en="Remove or rename one of them",
                )
        missing = [self.plan.heading(key) for key in self.plan.needed if key not in self.places]
        if missing:
            raise TableError(
                f"缺少列：{'、'.join(missing)}",
                f"columns are missing: {', '.join(missing)}",
                where=self.table.where,
                fix_zh="请补上，或改表头的写法",
                fix_en="Add them, or rename what stands for them",
            )
        for place in self.unknown:
            heading, letters = shown_name(self.heading_at(place)), column_letters(place)
            self.findings.tell(
                f"［{self.sheet}］{letters}列“{heading}”不认识，不使用",
                f'[{self.sheet}] column {letters} "{heading}" is not known, and not used',
            )

    def _note_hidden(self) -> None:
        extent = self.table.extent
        for key, place in self.places.items():
            if extent is not None and place in extent.hidden_columns and key != "ignored":
                row = self.table.header.row
                self.fault(row, place, self.heading_at(place), _hidden(column=True))


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
        return self._read(key, lambda raw: apart(read(raw), quoted=self._rows.quoted)) or []

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
        try:
            return reader(self.raw(key))
        except FormatError as error:
            self.fault(key, error)
            return None


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


def _formula() -> FormatError:
    return FormatError(
        "是公式，结果会随其他单元格变化",
        "it is a formula, whose result changes with other cells",
        fix_zh="请复制后“选择性粘贴”为数值",
        fix_en="Copy it, and paste it as a value",
    )
