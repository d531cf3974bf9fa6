"""How far a sheet reaches, and which of its cells hold an error: known before it is read.

The library that reads the cells makes a full rectangle of them, which two cells in opposite
corners can make too large for any machine, and gives error values as blank.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from ecert.limits import (
    MAX_BLANK_SHARE,
    MAX_ERROR_CELLS,
    MAX_MERGED_CELLS,
    MAX_NOTED_CELLS,
    MAX_SHEET_CELLS,
    MAX_SPARSE_CELLS,
    MAX_TABLE_COLUMNS,
    MAX_TABLE_ROWS,
)
from ecert.sheets import refusals
from ecert.sheets.values import Damage, Damaged, cell_reference


@dataclass(slots=True)
class Extent:
    """What is known of one sheet before its cells are read.

    Attributes:
        name: What messages call the file.
        rows: The last row that is filled, counted from 1; 0 if none is.
        columns: The last column that is filled, counted from 1.
        filled: How many cells are.
        damaged: Cells that hold an error, or a formula without its result, by row and column,
            both counted from 0.
        formulas: By column, the first rows that hold a formula, with its result or without.
        merged: The first merged cells: first and last row, first and last column.
        hidden_rows: The first rows that are filled and not shown, by hand or by a filter.
        hidden_columns: Columns that are not shown, filled or not.
    """

    name: str
    rows: int = 0
    columns: int = 0
    filled: int = 0
    damaged: dict[tuple[int, int], Damaged] = field(default_factory=dict)
    formulas: dict[int, set[int]] = field(default_factory=dict)
    merged: list[tuple[int, int, int, int]] = field(default_factory=list)
    hidden_rows: set[int] = field(default_factory=set)
    hidden_columns: set[int] = field(default_factory=set)

    def fill(self, row: int, column: int, times: int = 1) -> None:
        """Note a filled cell, counted from 0.

        Raises:
            TableError: It stands too far out.
        """
        if row >= MAX_TABLE_ROWS:
            most = f"{MAX_TABLE_ROWS:,}"
            raise refusals.too_large(self.name, f"超过{most}行", f"more than {most} rows")
        if column >= MAX_TABLE_COLUMNS:
            raise refusals.too_large(
                f"{self.name} {cell_reference(row + 1, column)}",
                f"超过{MAX_TABLE_COLUMNS}列",
                f"more than {MAX_TABLE_COLUMNS} columns",
            )
        if row >= self.rows:
            self.rows = row + 1
        if column >= self.columns:
            self.columns = column + 1
        self.filled += times

    def damage(self, row: int, column: int, damage: Damage, shown: str) -> None:
        """Note a cell whose content is lost.

        Raises:
            TableError: There are too many.
        """
        self.fill(row, column)
        self.damaged[row, column] = Damaged(damage, shown)
        if len(self.damaged) > MAX_ERROR_CELLS:
            raise refusals.too_large(
                self.name,
                f"错误值超过{MAX_ERROR_CELLS:,}个",
                f"more than {MAX_ERROR_CELLS:,} error values",
            )

    def note_formula(self, row: int, column: int) -> None:
        """Note a cell that holds a formula; after a column's first thousand nothing is noted."""
        rows = self.formulas.setdefault(min(column, MAX_TABLE_COLUMNS), set())
        if len(rows) < MAX_NOTED_CELLS:
            rows.add(row)

    def note_merged(self, first: int, last: int, left: int, right: int) -> None:
        """Note merged cells, counted from 0.

        Raises:
            TableError: There are too many to be looked at.
        """
        if len(self.merged) >= MAX_MERGED_CELLS:
            most = f"{MAX_MERGED_CELLS:,}"
            raise refusals.too_large(
                self.name, f"合并单元格超过{most}处", f"more than {most} merged cells"
            )
        self.merged.append((first, last, left, right))

    def note_hidden_row(self, row: int) -> None:
        """Note a filled row that is not shown; after the first thousand nothing is noted."""
        if len(self.hidden_rows) < MAX_NOTED_CELLS:
            self.hidden_rows.add(row)

    def note_hidden_columns(self, first: int, last: int) -> None:
        """Note columns that are not shown, as far as a table may reach."""
        self.hidden_columns.update(range(first, min(last + 1, MAX_TABLE_COLUMNS)))

    def require_bounds(self) -> None:
        """Require that the rectangle around the filled cells may be read.

        Raises:
            TableError: It is too large, or nearly all of it is blank.
        """
        area = self.rows * self.columns
        if area > MAX_SHEET_CELLS:
            most = f"{MAX_SHEET_CELLS:,}"
            raise refusals.too_large(self.name, f"超过{most}个单元格", f"more than {most} cells")
        if area > MAX_SPARSE_CELLS and area > MAX_BLANK_SHARE * self.filled:
            raise refusals.too_large(
                self.name,
                "表格以外很远处有零散内容",
                "single cells stand far away from the table",
            )
