"""An office's workbook looked through for the page: every finding at its cell, and what changes."""

from __future__ import annotations

import tempfile
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from ecert.errors import DocumentRefusedError, TableError
from ecert.interop.change import compare
from ecert.interop.draft import DraftSource, digest_of
from ecert.interop.lint import lint
from ecert.interop.signing import Paper
from ecert.interop.workbook.annotated import sheets_of, write_annotated
from ecert.interop.workbook.layout import ENTRIES, INFO, PARTS
from ecert.interop.workbook.names import TypeNames
from ecert.interop.workbook.reading import read_list
from ecert.limits import MAX_LIST_ROWS
from ecert.sheets import refusals
from ecert.sheets.reading import WORKBOOK_KINDS
from ecert.sheets.values import text_of
from ecert.workspace.lists.findings import CellFinding, Suggesting, of_lint
from ecert.workspace.recognition_choices import read_choices
from ecert.workspace.signing import SigningDesk

if TYPE_CHECKING:
    from datetime import datetime

    from ecert.interop.change import Change
    from ecert.interop.decision import ListInForce
    from ecert.interop.lint import LintFinding
    from ecert.interop.recognition import RecognitionList
    from ecert.interop.workbook.head import HeadGiven
    from ecert.interop.workbook.reading import ListReading
    from ecert.workspace import Workspace

# Under this name it lies on the disk for as long as it is read: the browser's name is no path.
_STEM: Final = "上传的表格"
_SHOWN: Final = frozenset({ENTRIES.title, INFO.title, *(plan.title for plan in PARTS)})


@dataclass(frozen=True, slots=True)
class SheetText:
    """One sheet as the page shows it.

    Attributes:
        title: The sheet's name; empty for a text file.
        rows: Its rows that are not blank: the number as Excel counts, and the texts.
    """

    title: str
    rows: tuple[tuple[int, tuple[str, ...]], ...]


@dataclass(frozen=True, slots=True)
class ListCheck:
    """What has become of a workbook.

    Attributes:
        reading: What was read.
        findings: What is wrong or doubtful, each at its cell.
        sheets: The sheets that were read.
        blocked: Why the list cannot come into force here, whoever signs; None if it can.
        change: What it would change; None while it cannot be read.
        held: The list in force in its place.
        at: When it was looked through.
    """

    reading: ListReading
    findings: tuple[CellFinding, ...]
    sheets: tuple[SheetText, ...]
    blocked: DocumentRefusedError | None
    change: Change | None
    held: ListInForce | None
    at: datetime

    @property
    def is_clean(self) -> bool:
        """Whether it may be proposed: no errors, warnings at most."""
        return (
            self.reading.document is not None
            and self.blocked is None
            and not any(one.is_error for one in self.findings)
        )

    @property
    def digest(self) -> str:
        """SHA-256 in hex of what would be signed; empty while there is nothing to sign."""
        return "" if self.reading.document is None else digest_of(self.reading.document)

    @property
    def base(self) -> str:
        """The digest of the list in force; empty if there is none."""
        return "" if self.held is None else self.held.digest

    def source(self) -> DraftSource:
        """Return what the draft was made of."""
        reading = self.reading
        return DraftSource(
            draft=self.digest, file=reading.name, sha256=reading.sha256, sheet=reading.sheet,
            rows=reading.rows, made=self.at, notes=tuple(note.zh for note in reading.notes),
        )  # fmt: skip


class ListChecking:
    """Looks workbooks through against what one workspace knows; nothing is kept or changed.

    Args:
        workspace: The workspace.
    """

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace

    def check(self, data: bytes, kind: str, given: HeadGiven, at: datetime) -> ListCheck:
        """Look a workbook through.

        Args:
            data: The file.
            kind: What its name ends with, as ``.xlsx``.
            given: What is said about the list beside it.
            at: The time.

        Raises:
            TableError: The file cannot be used as a table at all.
        """
        with tempfile.TemporaryDirectory(prefix="ecert-list-") as folder:
            path = _on_disk(Path(folder), data, kind)
            catalogue = self._workspace.catalogue
            choices = read_choices(self._workspace.path)
            reading = read_list(
                path, catalogue=catalogue, at=at, given=given, choices=choices,
                in_force=self._workspace.knowledge.recognition.lists,
            )  # fmt: skip
            sheets = _texts(path, reading.sheet)
        cells = next((dict(one.rows) for one in sheets if one.title == reading.sheet), {})
        suggesting = Suggesting(reading, cells, TypeNames(catalogue, choices))
        found = [suggesting.finding(one) for one in reading.faults]
        document = reading.document
        if document is None:
            return ListCheck(reading, tuple(found), sheets, None, None, None, at)
        held = self.held(document)
        doubts = self._lint(document, held, at)
        found += [of_lint(one, reading) for one in doubts]
        blocked = None if any(one.is_error for one in doubts) else self._blocked(document, at)
        change = compare(
            None if held is None else held.document, document, digest=digest_of(document)
        )
        return ListCheck(reading, tuple(found), sheets, blocked, change, held, at)

    def annotate(self, data: bytes, kind: str, check: ListCheck, target: Path) -> None:
        """Write a copy of the workbook in which every fault is marked.

        Raises:
            TableError: It cannot be written.
        """
        with tempfile.TemporaryDirectory(prefix="ecert-list-") as folder:
            path = _on_disk(Path(folder), data, kind)
            write_annotated(target, path, check.reading.faults, more=check.reading.more)

    def held(self, document: RecognitionList) -> ListInForce | None:
        """Return the list in force in the place of ``document``."""
        lists = self._workspace.knowledge.recognition.lists
        return next((one for one in lists if one.document.slot == document.slot), None)

    def _lint(
        self, document: RecognitionList, held: ListInForce | None, at: datetime
    ) -> tuple[LintFinding, ...]:
        return lint(
            document, catalogue=self._workspace.catalogue,
            previous=None if held is None else held.document, at=at,
        )  # fmt: skip

    def _blocked(self, document: RecognitionList, at: datetime) -> DocumentRefusedError | None:
        desk = SigningDesk(self._workspace, lambda: at)
        try:
            desk.look(Paper(document, document.to_payload()), document.title)
        except DocumentRefusedError as error:
            return error
        return None


def _on_disk(folder: Path, data: bytes, kind: str) -> Path:
    if kind not in {*WORKBOOK_KINDS, ".csv"}:
        raise refusals.unknown_kind(_STEM + kind)
    path = folder / f"{_STEM}{kind}"
    path.write_bytes(data)
    return path


def _texts(path: Path, entries: str) -> tuple[SheetText, ...]:
    with ExitStack() as stack:
        found = [
            SheetText(title, tuple(
                (number, texts)
                for number, values in rows
                if any(texts := tuple(text_of(raw) for raw in values))
            ))
            for title, rows in sheets_of(stack, path)
            if title == entries or title in _SHOWN
        ]  # fmt: skip
    if sum(len(one.rows) for one in found) > MAX_LIST_ROWS * 2:
        raise TableError("内容过多，页面显示不了", "there is too much of it to be shown")
    return tuple(sorted(found, key=lambda one: one.title != entries))
