"""The sheets of a list's file, whatever kind of file it is, and which of them holds what."""

from __future__ import annotations

from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from ecert.errors import TableError
from ecert.interop.workbook.layout import ENTRIES, EXPLAINING, FAULTS_TITLE, INFO, PARTS
from ecert.limits import MAX_HEADER_ROWS, MAX_LIST_PART_ROWS, MAX_LIST_ROWS
from ecert.sheets import refusals
from ecert.sheets.reading import TEXT_KINDS, WORKBOOK_KINDS, open_table

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from ecert.interop.workbook.faults import Findings
    from ecert.interop.workbook.layout import SheetPlan
    from ecert.sheets.table import Table
    from ecert.sheets.workbook import Workbook

# Headings of entries that a sheet must have to be taken for one.
_LEAST: Final = 2
_OWN: Final = (INFO, ENTRIES, *PARTS)
_CHOICES: Final = "选项"


@dataclass(slots=True)
class ListSource:
    """An open file.

    Attributes:
        name: The file's name.
        sha256: Hash of the file (hexadecimal).
        entries: The table of entries.
    """

    name: str
    sha256: str
    entries: Table
    _book: Workbook | None = None

    def part(self, plan: SheetPlan) -> Table | None:
        """Return the table of one of the other sheets, or None if there is no such sheet.

        Raises:
            TableError: It has no heading, is too large or damaged.
        """
        if self._book is None or plan.title not in self._book.titles:
            return None
        return _table(self._book, plan.title, plan, most=MAX_LIST_PART_ROWS)


@contextmanager
def open_list(path: Path, findings: Findings, *, sheet: str | None = None) -> Iterator[ListSource]:
    """Open the file of a list.

    Args:
        path: The file.
        findings: Where it is noted which sheets are left aside.
        sheet: The sheet of entries; if None, 互认条目 or the one that looks like it.

    Raises:
        TableError: The file cannot be used, or it is not clear which sheet is meant.
    """
    with ExitStack() as stack:
        if path.suffix.lower() in WORKBOOK_KINDS:
            try:
                source = _from_workbook(path, findings, sheet)
            except OSError as error:
                raise refusals.unreadable(path.name, error) from error
            yield source
            return
        if path.suffix.lower() not in TEXT_KINDS:
            raise refusals.unknown_kind(path.name)
        table = stack.enter_context(open_table(path, headings=ENTRIES.headings, least=_LEAST))
        yield ListSource(path.name, table.sha256, table)


def _from_workbook(path: Path, findings: Findings, sheet: str | None) -> ListSource:
    from ecert.sheets.workbook import Workbook

    book = Workbook(path)
    own = {plan.title for plan in _OWN}
    if concealed := [title for title in book.hidden if title in own]:
        raise TableError(
            f"工作表“{'”“'.join(concealed)}”被隐藏",
            f"hidden sheets: {', '.join(concealed)}",
            where=book.name,
            fix_zh="请取消隐藏；不要的请删去",
            fix_en="Show them, or remove them",
        )
    title = book.require(sheet) if sheet is not None else _entries_title(book)
    if FAULTS_TITLE in book.titles:
        # Formulas have become values there, and hidden rows are shown: somebody must look at it.
        raise TableError(
            "这是标注过的副本", "this is an annotated copy", where=book.name,
            fix_zh=f"请改正标红的单元格，删去“{FAULTS_TITLE}”表后再检查",
            fix_en=f"Mend the red cells and remove the sheet {FAULTS_TITLE}",
        )  # fmt: skip
    used = own | {title, *EXPLAINING}
    for kind_zh, kind_en, titles in (
        ("隐藏的工作表", "the hidden sheet", book.hidden),
        ("工作表", "the sheet", book.titles),
    ):
        for one in titles:
            if one not in used and not one.startswith(_CHOICES):
                findings.tell(f"{kind_zh}“{one}”没有读取", f'{kind_en} "{one}" is not read')
    table = _table(book, title, ENTRIES, most=MAX_LIST_ROWS)
    return ListSource(book.name, book.sha256, table, book)


def _entries_title(book: Workbook) -> str:
    """Return the sheet of entries: by its name, or the only one that looks like it."""
    if ENTRIES.title in book.titles:
        return ENTRIES.title
    own = {plan.title for plan in _OWN} | set(EXPLAINING)
    found: list[str] = []
    refused: TableError | None = None
    for title in book.titles:
        if title in own:
            continue
        try:
            _table(book, title, ENTRIES, most=MAX_LIST_ROWS)
        except TableError as error:
            refused = refused or error
        else:
            found.append(title)
    if len(found) == 1:
        return found[0]
    if not found:
        raise refused or refusals.empty(book.name)
    raise TableError(
        f"有{len(found)}个工作表像互认清单：{'、'.join(found)}",
        f"{len(found)} sheets look like a list: {', '.join(found)}",
        where=book.name,
        fix_zh="请用 --sheet 指明，或并成一个表",
        fix_en="Say which with --sheet, or make one of them",
    )


def _table(book: Workbook, title: str, plan: SheetPlan, *, most: int) -> Table:
    if book.extent(title).rows > most + MAX_HEADER_ROWS:
        raise refusals.too_large(
            f"{book.name}［{title}］", f"超过{most:,}行", f"more than {most:,} rows"
        )
    return book.table(title, headings=plan.headings, least=_LEAST)
