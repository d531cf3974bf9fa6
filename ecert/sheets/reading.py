"""Open a table in a file, whatever kind it is."""

from __future__ import annotations

from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Final

from ecert.sheets import refusals
from ecert.sheets.delimited import read_delimited

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator
    from pathlib import Path

    from ecert.sheets.table import Table

TEXT_KINDS: Final = (".csv", ".tsv", ".txt")
WORKBOOK_KINDS: Final = (".xlsx", ".xls", ".ods")


@contextmanager
def open_table(
    path: Path,
    *,
    headings: Collection[str],
    least: int = 2,
    sheet: str | None = None,
) -> Iterator[Table]:
    """Open the table in a file.

    Text files (.csv: comma, tab or semicolon; UTF-8 or GB18030) are read as a stream; of a
    workbook (.xlsx, .xls, .ods) one sheet is read whole.

    Args:
        path: The file.
        headings: The headings that the table may have; its first row is found by them.
        least: How many of them it must have.
        sheet: The sheet of a workbook; if None, the first visible one with a heading.

    Raises:
        TableError: Not a table, empty, protected, too large, in another encoding, or without
            heading; later, when its rows are read, damaged or changed.
    """
    with ExitStack() as stack:
        try:
            table = _open(path, stack, headings, least, sheet)
        except OSError as error:
            raise refusals.unreadable(path.name, error) from error
        yield table


def _open(
    path: Path, stack: ExitStack, headings: Collection[str], least: int, sheet: str | None
) -> Table:
    kind = path.suffix.lower()
    if kind in TEXT_KINDS:
        # Unbuffered: what was read to find the encoding is read again from the file.
        file = stack.enter_context(path.open("rb", buffering=0))
        return read_delimited(file, headings=headings, least=least, name=path.name)
    if kind in WORKBOOK_KINDS:
        from ecert.sheets.workbook import read_workbook

        return read_workbook(path, headings=headings, least=least, sheet=sheet)
    raise refusals.unknown_kind(path.name)
