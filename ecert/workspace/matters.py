"""The matters of a workspace's office: one file in its folder, and how a table gets into it."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from ecert.errors import MatterError
from ecert.interop.matters.catalogue import MatterCatalogue
from ecert.interop.matters.importing import MATTER_HEADINGS, MatterTable
from ecert.interop.matters.matter_file import read_matters, write_matters
from ecert.interop.matters.request import request_for, scene
from ecert.interop.matters.requirements import HeldType, requirements
from ecert.limits import MAX_MATTERS_BYTES
from ecert.model.identifiers import LicenceId
from ecert.sheets.atomic import atomic_file
from ecert.sheets.reading import open_table
from ecert.sheets.rejects import annotated_path, create_rejects

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping
    from datetime import date, datetime
    from pathlib import Path

    from ecert.interop.matters.columns import MatterColumns
    from ecert.interop.matters.matter import Matter
    from ecert.interop.matters.request import MatterRequest
    from ecert.interop.matters.requirements import Requirements
    from ecert.sheets.rejects import RejectsWriter
    from ecert.sheets.row_faults import RowFault
    from ecert.wallet.wallet import Wallet
    from ecert.workspace.workspace import Workspace

FILE: Final = "matters.json"
_TOLD_FAULTS: Final = 1_000


@dataclass(frozen=True, slots=True)
class MatterImport:
    """What became of a table of matters.

    Attributes:
        added: How many are new.
        changed: How many say something else than before.
        unchanged: How many are as before.
        removed: How many are gone, where the table replaces all.
        bad_rows: How many rows have faults; if any has, nothing is taken in.
        faults: The first of them.
        papers: How often each material that is no licence type was taken for a paper.
        near: For each such material, licence types much like it.
        annotated: The copy of the bad rows; None if there is none.
    """

    added: int
    changed: int
    unchanged: int
    removed: int
    bad_rows: int
    faults: tuple[RowFault, ...]
    papers: Mapping[str, int]
    near: Mapping[str, tuple[str, ...]]
    annotated: Path | None


@dataclass(slots=True)
class _Read:
    """What has been read of a table."""

    matters: list[Matter] = field(default_factory=list)
    faults: list[RowFault] = field(default_factory=list)
    bad_rows: int = 0
    papers: dict[str, int] = field(default_factory=dict)
    near: dict[str, tuple[str, ...]] = field(default_factory=dict)
    annotated: Path | None = None


class MatterDesk:
    """The matters of one workspace.

    Args:
        workspace: Whose.
    """

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._path = workspace.path / FILE
        self._stamp: tuple[int, int, int] | None = None
        self._catalogue = MatterCatalogue()

    @property
    def catalogue(self) -> MatterCatalogue:
        """The matters as the file has them now; empty before the first import.

        Raises:
            MatterError: The file is damaged.
        """
        try:
            told = self._path.stat()
        except FileNotFoundError:
            self._stamp, self._catalogue = None, MatterCatalogue()
            return self._catalogue
        stamp = told.st_ino, told.st_size, told.st_mtime_ns
        if stamp != self._stamp:
            with self._path.open("rb") as file:
                data = file.read(MAX_MATTERS_BYTES + 1)
            self._catalogue, self._stamp = MatterCatalogue(read_matters(data)), stamp
        return self._catalogue

    def import_table(
        self,
        path: Path,
        *,
        sheet: str | None = None,
        replace: bool = False,
        others_are_paper: bool = False,
        dry_run: bool = False,
        told_columns: Callable[[MatterColumns], None] | None = None,
    ) -> MatterImport:
        """Take the matters of a table in (.csv, .xlsx, .xls, .ods): all of them, or none.

        Args:
            path: The file.
            sheet: The sheet of a workbook; None for the first with a heading.
            replace: Whether matters that it does not have are removed.
            others_are_paper: Whether a material that is no licence type is taken for a paper.
            dry_run: Tell what would be done, and write nothing.
            told_columns: Told what the columns are taken for, before the rows are read.

        Raises:
            TableError: The file cannot be read or written, or its columns do not do.
            MatterError: There would be too many, or the present file is damaged.
        """
        before = self.catalogue
        # (1) Every row is read; those with faults are copied.
        read = self._read(
            path, sheet, told_columns, others_are_paper=others_are_paper, annotates=not dry_run
        )
        if not read.matters and not read.bad_rows:
            raise MatterError("表中没有事项", "the table has no matter", where=path.name)
        # (2) What the office would then have is sound as a whole.
        after = MatterCatalogue(read.matters) if replace else before.with_matters(read.matters)
        # (3) It is written whole, or not at all.
        if not read.bad_rows and not dry_run:
            self._write(after)
        known = [one for one in read.matters if one.code in before]
        changed = sum(1 for one in known if before.get(one.code) != one)
        return MatterImport(
            added=len(read.matters) - len(known),
            changed=changed,
            unchanged=len(known) - changed,
            removed=sum(1 for one in before if one.code not in after),
            bad_rows=read.bad_rows,
            faults=tuple(read.faults),
            papers=read.papers,
            near=read.near,
            annotated=read.annotated,
        )

    def _read(
        self,
        path: Path,
        sheet: str | None,
        told_columns: Callable[[MatterColumns], None] | None,
        *,
        others_are_paper: bool,
        annotates: bool,
    ) -> _Read:
        read = _Read()
        catalogue, region = self._workspace.catalogue, self._workspace.settings.region
        rejects: RejectsWriter | None = None
        with (
            open_table(path, headings=MATTER_HEADINGS, sheet=sheet) as table,
            ExitStack() as stack,
        ):
            rows = MatterTable(table, catalogue, region, others_are_paper=others_are_paper)
            if told_columns is not None:
                told_columns(rows.columns)
            for checked in rows:
                if checked.matter is not None:
                    read.matters.append(checked.matter)
                if not checked.faults:
                    continue
                read.bad_rows += 1
                read.faults += checked.faults[: max(_TOLD_FAULTS - len(read.faults), 0)]
                if rejects is None and annotates:
                    read.annotated = annotated_path(path)
                    rejects = stack.enter_context(create_rejects(read.annotated, table.header))
                if rejects is not None:
                    rejects.write(checked.row, [fault.remark() for fault in checked.faults])
        read.papers = dict(rows.taken_for_paper)
        read.near = {name: rows.suggestions(name) for name in read.papers}
        return read

    def _write(self, catalogue: MatterCatalogue) -> None:
        data = write_matters(catalogue)
        with atomic_file(self._path) as file:
            file.write(data)

    def request(
        self, name: str, region: str, *, at: datetime, types: Collection[str] | None = None
    ) -> MatterRequest:
        """Return what is asked of a wallet for a matter, by the recognition lists in force here.

        A name that no matter of the office has is taken for a scene (应用场景) of the lists.

        Args:
            name: Code, name or alias of the matter, or a scene.
            region: Where it is handled.
            at: The time.
            types: Only licences of these types matter; None for those that the matter needs, and
                for a scene all.

        Raises:
            MatterError: It is not handled there, several matters have the name, or neither a
                matter nor an entry in force has it.
            RegionError: A region code does not have its form.
        """
        known, lists = self.catalogue, self._workspace.knowledge.recognition.lists
        if known.get(name) is not None or known.named(name):
            return request_for(known.require(name, region), region, lists=lists, at=at, types=types)
        found = request_for(scene(name, region), region, lists=lists, at=at)
        if not any(one.matter is not None for one in found.entries):
            known.require(name, region)  # which suggests names that are like it
        return found if types is None else found.about(types)

    def requirements(
        self, matter: Matter, region: str, *, at: datetime, holds: Iterable[HeldType] = ()
    ) -> Requirements:
        """Answer what ``matter`` needs in ``region``, by the recognition lists in force here.

        Raises:
            MatterError: It is not handled there.
            RegionError: A region code does not have its form.
        """
        workspace = self._workspace
        return requirements(
            matter,
            region,
            lists=workspace.knowledge.recognition.lists,
            catalogue=workspace.catalogue,
            at=at,
            holds=holds,
        )


def held_in(wallet: Wallet, day: date) -> tuple[HeldType, ...]:
    """Return what a wallet holds that has not expired on ``day``.

    What the wallet says of itself: whether it is in force, only its verification says.
    """
    found = []
    for held in wallet.licences:
        claims = wallet.fields(held.id)
        until = claims.get("valid_until")
        if isinstance(until, str) and until < day.isoformat():
            continue
        licence_id = LicenceId.parse(held.id)
        found.append(HeldType(licence_id.type_code, str(claims["region"]), licence_id.issuer))
    return tuple(found)
