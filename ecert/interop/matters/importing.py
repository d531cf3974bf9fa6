"""Read an office's table of matters: every row as a matter, or as what is wrong with it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from ecert.errors import FormatError, MatterError
from ecert.interop.matters.columns import MatterMeaning, known_headings, map_columns
from ecert.interop.matters.materials import MaterialReader, split_items
from ecert.interop.matters.matter import Matter
from ecert.model import regions
from ecert.sheets.cells import read_identifier, read_text
from ecert.sheets.row_faults import RowFault

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from ecert.interop.matters.columns import MatterColumns
    from ecert.interop.matters.matter import Need
    from ecert.model.catalogue import Catalogue
    from ecert.sheets.table import Row, Table

MATTER_HEADINGS: Final[Collection[str]] = tuple(known_headings())
"""What the heading row of such a table may call its columns."""
_YES: Final = frozenset({"是", "√", "Y", "y", "1", "免提交", "免证办"})
_NO: Final = frozenset({"否", "×", "N", "n", "0", "不是"})
# A region code of twelve digits names a township or village in its last six.
_LONG_REGION: Final = 12
_NO_PART: Final = "000000"


@dataclass(frozen=True, slots=True)
class CheckedMatter:
    """One row of the table.

    Attributes:
        row: The row as it was read.
        matter: The matter; None if something is wrong.
        faults: Everything that is wrong with it.
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
        self._shared = _Shared(self.columns, materials, regions.parse_region(region))

    @property
    def taken_for_paper(self) -> Mapping[str, int]:
        """How often each material that is no licence type was taken for a paper."""
        return self._shared.materials.taken_for_paper

    def suggestions(self, name: str) -> tuple[str, ...]:
        """Return the licence types most like a material."""
        return self._shared.materials.suggestions(name)

    def __iter__(self) -> Iterator[CheckedMatter]:
        """Yield every row that is not blank."""
        for row in self._table.lenient_rows():
            if row.misfit is not None:
                fault = RowFault.of(row.misfit, row.number, None, "整行")
                yield CheckedMatter(row, None, (fault,))
            else:
                yield _RowReader(self._shared, row).checked()


class _Shared:
    """What the rows of one table share."""

    def __init__(self, columns: MatterColumns, materials: MaterialReader, region: str) -> None:
        self.columns = columns
        self.materials = materials
        self._region = region
        self._known_regions: dict[str, str] = {}
        self._seen: dict[str, int] = {}

    def read_region(self, text: str) -> str:
        if not text:
            return self._region
        known = self._known_regions.get(text)
        if known is None:
            code = text
            if len(text) == _LONG_REGION and text.endswith(_NO_PART):
                code = text.removesuffix(_NO_PART)
            known = self._known_regions[text] = regions.require(code).code
        return known

    def claim(self, code: str, row: int) -> None:
        earlier = self._seen.setdefault(code, row)
        if earlier != row:
            raise MatterError(
                f"事项编码与第{earlier}行相同", f"row {earlier} has the same code",
                fix_zh="请核对；同一事项的材料写在同一行", fix_en="Check it; a matter has one row",
            )  # fmt: skip


class _RowReader:
    """Reads one row; each cell that cannot be read is a fault, and the next is read."""

    def __init__(self, shared: _Shared, row: Row) -> None:
        self._shared = shared
        self._columns = shared.columns
        self._row = row
        self._faults: list[RowFault] = []

    def checked(self) -> CheckedMatter:
        code = self._code()
        name = self._name()
        region = self._region()
        needs = self._needs()
        aliases = split_items(self._text(MatterMeaning.ALIASES))
        matter: Matter | None = None
        if not self._faults:
            try:
                matter = Matter(
                    code, name, region, self._text(MatterMeaning.DEPARTMENT), needs,
                    tuple(dict.fromkeys(one for one in aliases if one != name)),
                )  # fmt: skip
                self._check_statement(matter)
            except FormatError as error:
                matter = None
                self._fault(_MEANING_OF.get(error.where), error)
        return CheckedMatter(self._row, None if self._faults else matter, tuple(self._faults))

    def _text(self, meaning: MatterMeaning, *, identifies: bool = False) -> str:
        place = self._columns.places.get(meaning)
        if place is None:
            return ""
        raw = self._row.cell(place).raw
        try:
            text = read_identifier(raw) if identifies else read_text(raw)
        except FormatError as error:
            self._fault(meaning, error)
            return ""
        # Names are broken into lines to fit their cells; materials keep the breaks between them.
        if meaning in {MatterMeaning.NEEDS, MatterMeaning.PAPERS, MatterMeaning.ALIASES}:
            return text
        return "".join(text.splitlines())

    def _name(self) -> str:
        before = len(self._faults)
        name = self._text(MatterMeaning.NAME)
        if not name and len(self._faults) == before:
            self._fault(MatterMeaning.NAME, _empty())
        return name

    def _code(self) -> str:
        before = len(self._faults)
        code = self._text(MatterMeaning.CODE, identifies=True)
        code = code or self._text(MatterMeaning.BASE_CODE, identifies=True)
        if code:
            try:
                self._shared.claim(code, self._row.number)
            except FormatError as error:
                self._fault(self._code_meaning, error)
        elif len(self._faults) == before:
            self._fault(self._code_meaning, _empty())
        return code

    @property
    def _code_meaning(self) -> MatterMeaning:
        places = self._columns.places
        return MatterMeaning.CODE if MatterMeaning.CODE in places else MatterMeaning.BASE_CODE

    def _region(self) -> str:
        text = self._text(MatterMeaning.REGION)
        try:
            return self._shared.read_region(text)
        except FormatError as error:
            self._fault(MatterMeaning.REGION, error)
            return ""

    def _needs(self) -> tuple[Need, ...]:
        needs: dict[Need, None] = {}
        written = False
        for meaning in (MatterMeaning.NEEDS, MatterMeaning.PAPERS):
            before = len(self._faults)
            text = self._text(meaning)
            written = written or bool(text) or len(self._faults) > before
            try:
                found = self._shared.materials.read(text, as_paper=meaning is MatterMeaning.PAPERS)
            except FormatError as error:
                self._fault(meaning, error)
                continue
            needs |= dict.fromkeys(found)
        if not written:
            self._fault(MatterMeaning.NEEDS, _blank_needs())
        return tuple(needs)

    def _check_statement(self, matter: Matter) -> None:
        """Compare what the office says in 是否免提交 with what it lists."""
        told = self._text(MatterMeaning.PAPERLESS)
        if told in _YES:
            papers = [need.papers[0].name for need in matter.needs if need.paper_only]
            if papers:
                raise MatterError(
                    f"写“{told}”，却列有只能交纸质的“{papers[0]}”",
                    f'it says "{told}", and "{papers[0]}" exists on paper only',
                    where=MatterMeaning.PAPERLESS.zh, fix_zh="请核对", fix_en="Check it",
                )  # fmt: skip
        elif told in _NO:
            if matter.paperless:
                raise MatterError(
                    f"写“{told}”，却没有列出只能交纸质的材料",
                    f'it says "{told}", and nothing that it lists exists on paper only',
                    where=MatterMeaning.PAPERLESS.zh,
                    fix_zh="请写明是哪一种，如“申请表（纸质）”",
                    fix_en="Say which paper is needed, such as 申请表（纸质）",
                )
        elif told:
            raise MatterError("应写“是”或“否”", "it is 是 or 否", where=MatterMeaning.PAPERLESS.zh)

    def _fault(self, meaning: MatterMeaning | None, error: FormatError) -> None:
        place = None if meaning is None else self._columns.places.get(meaning)
        what = "整行" if meaning is None else self._columns.heading(meaning)
        self._faults.append(RowFault.of(error, self._row.number, place, what))


_MEANING_OF: Final = {
    MatterMeaning.CODE.zh: MatterMeaning.CODE,
    MatterMeaning.NAME.zh: MatterMeaning.NAME,
    MatterMeaning.DEPARTMENT.zh: MatterMeaning.DEPARTMENT,
    MatterMeaning.ALIASES.zh: MatterMeaning.ALIASES,
    MatterMeaning.NEEDS.zh: MatterMeaning.NEEDS,
    MatterMeaning.PAPERLESS.zh: MatterMeaning.PAPERLESS,
}


def _empty() -> MatterError:
    return MatterError("没有填写", "it is empty", fix_zh="请填写", fix_en="Fill it in")


def _blank_needs() -> MatterError:
    return MatterError(
        "没有填写", "it is empty",
        fix_zh="请填写；确实不需要材料的，请写“无”",
        fix_en="Fill it in; where nothing is needed, write 无",
    )  # fmt: skip
