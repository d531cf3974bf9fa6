"""Read an office's table of matters: every row as a matter, or as what is wrong with it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from ecert.interop.matters.columns import MatterMeaning, known_headings, map_columns
from ecert.interop.matters.materials import MaterialReader
from ecert.interop.matters.row_reading import RowReader, SharedByRows
from ecert.model import regions
from ecert.sheets.row_faults import RowFault

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

    from ecert.interop.matters.columns import MatterColumns
    from ecert.interop.matters.matter import Matter
    from ecert.model.catalogue import Catalogue
    from ecert.sheets.table import Cell, Row, Table

MATTER_HEADINGS: Final[Collection[str]] = tuple(known_headings())
"""What the heading row of such a table may call its columns."""
# By these a matter is known.
_NAMING: Final = (MatterMeaning.CODE, MatterMeaning.BASE_CODE, MatterMeaning.NAME)


@dataclass(frozen=True, slots=True)
class CheckedMatter:
    """One row of the table.

    Attributes:
        row: The row as it was read.
        matter: The matter, on its first row; None on the rows that only add materials to it, and
            if anything is wrong with it.
        faults: Everything that is wrong with the row.
    """

    row: Row
    matter: Matter | None
    faults: tuple[RowFault, ...]


class MatterTable:
    """Reads the matters of one table; iterate over it once.

    Args:
        table: The table.
        catalogue: The licence types that its names are matched with.
        region: The region of rows that name none.
        others_are_paper: Whether a material that is no licence type is taken for a paper.

    Attributes:
        columns: What its columns are.

    Raises:
        TableError: A column that must be there is missing, or two are one thing.
    """

    def __init__(
        self, table: Table, catalogue: Catalogue, region: str, *, others_are_paper: bool = False
    ) -> None:
        self._table = table
        self.columns: MatterColumns = map_columns(table.header, where=table.where)
        materials = MaterialReader(catalogue, others_are_paper=others_are_paper)
        self._shared = SharedByRows(self.columns, materials, regions.parse_region(region))

    @property
    def taken_for_paper(self) -> Mapping[str, int]:
        """How often each material that is no licence type was taken for a paper."""
        return self._shared.materials.taken_for_paper

    def suggestions(self, name: str) -> tuple[str, ...]:
        """Return the licence types most like a material."""
        return self._shared.materials.suggestions(name)

    def __iter__(self) -> Iterator[CheckedMatter]:
        """Yield every row that is not blank."""
        for rows in self._matters():
            yield from _read_matter(self._shared, rows)

    def _matters(self) -> Iterator[list[Row]]:
        """Yield the rows of each matter: one, or one for each of its materials."""
        rows: list[Row] = []
        for row in self._table.lenient_rows():
            if rows and self._goes_on(rows[0], row):
                rows.append(row)
                continue
            if rows:
                yield rows
            rows = [row]
        if rows:
            yield rows

    def _goes_on(self, first: Row, row: Row) -> bool:
        """Tell whether ``row`` is another material of the matter that ``first`` begins.

        Code and name stand there again, or only in the first row, as merged cells have it.
        """
        if first.misfit is not None or row.misfit is not None:
            return False
        named = [self.columns.places.get(one) for one in _NAMING]
        cells = [
            (_shown(first.cell(place)), _shown(row.cell(place)))
            for place in named
            if place is not None
        ]
        return all(text in {"", above} for above, text in cells) and any(
            above for above, _ in cells
        )


def _shown(cell: Cell) -> str:
    return "" if cell.raw is None else str(cell.raw).strip()


def _read_matter(shared: SharedByRows, rows: Sequence[Row]) -> Iterator[CheckedMatter]:
    first = rows[0]
    if first.misfit is not None:
        yield CheckedMatter(first, None, (RowFault.of(first.misfit, first.number, None, "整行"),))
        return
    readers = [RowReader(shared, row) for row in rows]
    head = readers[0].head()
    needs = [reader.needs() for reader in readers]
    for reader in readers[1:]:
        reader.require_same(readers[0])
    # What stands in each row is said of its material, what stands in the first alone of all.
    told = [reader.statement() for reader in readers]
    together = tuple(dict.fromkeys(need for each in needs for need in each))
    for reader, said, own in zip(readers, told, needs, strict=True):
        reader.check_statement(said, own if any(told[1:]) else together)
    matter = readers[0].matter(head, together)
    is_sound = not any(reader.faults for reader in readers)
    for reader in readers:
        whole = matter if is_sound and reader is readers[0] else None
        yield CheckedMatter(reader.row, whole, tuple(reader.faults))
