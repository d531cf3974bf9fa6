"""Read one row of an office's table of matters: each cell that cannot be read is a fault."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ecert.errors import FormatError, MatterError
from ecert.interop.matters.columns import MatterMeaning
from ecert.interop.matters.materials import split_items
from ecert.interop.matters.matter import Matter
from ecert.model import regions
from ecert.sheets.cells import read_identifier, read_text
from ecert.sheets.row_faults import RowFault

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ecert.interop.matters.columns import MatterColumns
    from ecert.interop.matters.materials import MaterialReader
    from ecert.interop.matters.matter import Need
    from ecert.sheets.table import Row

_YES: Final = frozenset({"是", "√", "Y", "y", "1", "免提交", "免证办"})
_NO: Final = frozenset({"否", "×", "N", "n", "0", "不是"})
# A matter has these once, however many rows it takes.
_OF_THE_MATTER: Final = (MatterMeaning.REGION, MatterMeaning.DEPARTMENT, MatterMeaning.ALIASES)
# A region code of twelve digits names a township or village in its last six.
_LONG_REGION: Final = 12
_NO_PART: Final = "000000"


class SharedByRows:
    """What the rows of one table share."""

    def __init__(self, columns: MatterColumns, materials: MaterialReader, region: str) -> None:
        self.columns = columns
        self.materials = materials
        self._region = region
        self._known_regions: dict[str, str] = {}
        self._seen: dict[str, int] = {}

    def read_region(self, text: str) -> str:
        """Return the region that a cell names; without one, that of the office.

        Raises:
            RegionError: There is no such region.
        """
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
        """Note down that a matter of this code begins in this row.

        Raises:
            MatterError: Another row has the code already.
        """
        earlier = self._seen.setdefault(code, row)
        if earlier != row:
            raise MatterError(
                f"事项编码与第{earlier}行相同", f"row {earlier} has the same code",
                fix_zh="请核对；同一事项的各行应当相连",
                fix_en="Check it; the rows of one matter stand together",
            )  # fmt: skip


class RowReader:
    """Reads one row; each cell that cannot be read is a fault, and the next is read."""

    def __init__(self, shared: SharedByRows, row: Row) -> None:
        self.row = row
        self.faults: list[RowFault] = []
        self._shared = shared
        self._columns = shared.columns

    def head(self) -> tuple[str, str, str]:
        """Return code, name and region of the matter that this row begins."""
        return self._code(), self._name(), self._region()

    def matter(self, head: tuple[str, str, str], needs: tuple[Need, ...]) -> Matter | None:
        """Return the matter that this row begins, or None if anything in it is wrong."""
        code, name, region = head
        aliases = split_items(self._text(MatterMeaning.ALIASES))
        if self.faults:
            return None
        try:
            return Matter(
                code, name, region, self._text(MatterMeaning.DEPARTMENT), needs,
                tuple(dict.fromkeys(one for one in aliases if one != name)),
            )  # fmt: skip
        except FormatError as error:
            self._fault(_MEANING_OF.get(error.where), error)
            return None

    def require_same(self, first: RowReader) -> None:
        """Require that a row which adds a material says nothing else about the matter."""
        for meaning in _OF_THE_MATTER:
            text = self._text(meaning)
            if text and text != first._text(meaning):
                other = MatterError(
                    f"与第{first.row.number}行不一致", f"it differs from row {first.row.number}",
                    fix_zh="同一事项的各行应当一致", fix_en="The rows of one matter agree",
                )  # fmt: skip
                self._fault(meaning, other)

    def _text(self, meaning: MatterMeaning, *, identifies: bool = False) -> str:
        place = self._columns.places.get(meaning)
        if place is None:
            return ""
        raw = self.row.cell(place).raw
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
        before = len(self.faults)
        name = self._text(MatterMeaning.NAME)
        if not name and len(self.faults) == before:
            self._fault(MatterMeaning.NAME, _empty())
        return name

    def _code(self) -> str:
        before = len(self.faults)
        code = self._text(MatterMeaning.CODE, identifies=True)
        code = code or self._text(MatterMeaning.BASE_CODE, identifies=True)
        if code:
            try:
                self._shared.claim(code, self.row.number)
            except FormatError as error:
                self._fault(self._code_meaning, error)
        elif len(self.faults) == before:
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

    def needs(self) -> tuple[Need, ...]:
        """Return what the row's materials are."""
        needs: dict[Need, None] = {}
        written = False
        for meaning in (MatterMeaning.NEEDS, MatterMeaning.PAPERS):
            before = len(self.faults)
            text = self._text(meaning)
            written = written or bool(text) or len(self.faults) > before
            try:
                found = self._shared.materials.read(text, as_paper=meaning is MatterMeaning.PAPERS)
            except FormatError as error:
                self._fault(meaning, error)
                continue
            needs |= dict.fromkeys(found)
        if not written:
            self._fault(MatterMeaning.NEEDS, _blank_needs())
        return tuple(needs)

    def statement(self) -> str:
        """Return what the office says in 是否免提交."""
        return self._text(MatterMeaning.PAPERLESS)

    def check_statement(self, told: str, needs: Sequence[Need]) -> None:
        """Compare what the office says in 是否免提交 with what it lists."""
        papers = [need.papers[0].name for need in needs if need.paper_only]
        if told in _YES and papers:
            self._fault(MatterMeaning.PAPERLESS, MatterError(
                f"写“{told}”，却列有只能交纸质的“{papers[0]}”",
                f'it says "{told}", and "{papers[0]}" exists on paper only',
                fix_zh="请核对", fix_en="Check it",
            ))  # fmt: skip
        elif told in _NO and not papers:
            self._fault(MatterMeaning.PAPERLESS, MatterError(
                f"写“{told}”，却没有列出只能交纸质的材料",
                f'it says "{told}", and nothing that it lists exists on paper only',
                fix_zh="请写明是哪一种，如“申请表（纸质）”",
                fix_en="Say which paper is needed, such as 申请表（纸质）",
            ))  # fmt: skip
        elif told and told not in _YES | _NO:
            wrong = MatterError("应写“是”或“否”", "it is 是 or 否")
            self._fault(MatterMeaning.PAPERLESS, wrong)

    def _fault(self, meaning: MatterMeaning | None, error: FormatError) -> None:
        place = None if meaning is None else self._columns.places.get(meaning)
        what = "整行" if meaning is None else self._columns.heading(meaning)
        self.faults.append(RowFault.of(error, self.row.number, place, what))


_MEANING_OF: Final = {
    MatterMeaning.CODE.zh: MatterMeaning.CODE,
    MatterMeaning.NAME.zh: MatterMeaning.NAME,
    MatterMeaning.DEPARTMENT.zh: MatterMeaning.DEPARTMENT,
    MatterMeaning.ALIASES.zh: MatterMeaning.ALIASES,
    MatterMeaning.NEEDS.zh: MatterMeaning.NEEDS,
}


def _empty() -> MatterError:
    return MatterError("没有填写", "it is empty", fix_zh="请填写", fix_en="Fill it in")


def _blank_needs() -> MatterError:
    return MatterError(
        "没有填写", "it is empty",
        fix_zh="请填写；确实不需要材料的，请写“无”",
        fix_en="Fill it in; where nothing is needed, write 无",
    )  # fmt: skip
