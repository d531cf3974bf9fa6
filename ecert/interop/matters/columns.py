"""Which column of an office's table of matters holds what."""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from typing import TYPE_CHECKING, Final

from ecert.sheets import headings
from ecert.sheets.table import normal_heading

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ecert.reasons import Language
    from ecert.sheets.table import Header

_LIKENESS: Final = 0.6


class MatterMeaning(StrEnum):
    """What a column of such a table is."""

    CODE = "code"
    BASE_CODE = "base-code"
    """The code of the national catalogue; used where the office has none of its own."""
    NAME = "name"
    REGION = "region"
    DEPARTMENT = "department"
    ALIASES = "aliases"
    NEEDS = "needs"
    PAPERS = "papers"
    PAPERLESS = "paperless"
    IGNORED = "ignored"

    @property
    def zh(self) -> str:
        """Its name in Chinese."""
        return _NAMES_ZH[self]


_NAMES_ZH: Final = {
    MatterMeaning.CODE: "事项编码",
    MatterMeaning.BASE_CODE: "基本编码",
    MatterMeaning.NAME: "事项名称",
    MatterMeaning.REGION: "行政区划代码",
    MatterMeaning.DEPARTMENT: "实施部门",
    MatterMeaning.ALIASES: "事项别名",
    MatterMeaning.NEEDS: "所需证照",
    MatterMeaning.PAPERS: "纸质材料",
    MatterMeaning.PAPERLESS: "是否免提交",
    MatterMeaning.IGNORED: "不使用",
}
_SYNONYMS: Final = {
    MatterMeaning.CODE: (
        "事项编码 事项代码 实施编码 实施清单编码 事项实施编码 业务办理项编码 办理项编码 "
        "地方实施编码 matter_code"
    ),
    MatterMeaning.BASE_CODE: "基本编码 事项基本编码 基本目录编码 国家基本编码",
    MatterMeaning.NAME: (
        "事项名称 事项 业务名称 办理项名称 业务办理项名称 实施事项名称 政务服务事项 "
        "政务服务事项名称 服务事项 服务事项名称 事项名 matter_name"
    ),
    MatterMeaning.REGION: (
        "行政区划代码 行政区划编码 行政区划 区划代码 区划编码 所属区划 办理地区代码 region"
    ),
    MatterMeaning.DEPARTMENT: (
        "实施部门 部门 实施主体 实施主体名称 部门名称 责任部门 主管部门 所属部门 办理部门 "
        "实施机构 牵头部门 department"
    ),
    MatterMeaning.ALIASES: "事项别名 别名 应用场景 场景 使用场景 情形 aliases",
    MatterMeaning.NEEDS: (
        "所需证照 申请材料 材料名称 所需材料 需提交材料 申报材料 材料清单 所需电子证照 "
        "电子证照 关联证照 关联电子证照 证照名称 提交材料 needs"
    ),
    MatterMeaning.PAPERS: "纸质材料 须交纸质材料 所需纸质材料 其他纸质材料 papers",
    MatterMeaning.PAPERLESS: "是否免提交 免提交 是否免证办 免证办 是否免证办理 paperless",
    MatterMeaning.IGNORED: "行号 原因 序号 备注",
}
_REQUIRED: Final = (MatterMeaning.NAME, MatterMeaning.NEEDS)


@dataclass(frozen=True, slots=True)
class MatterColumn:
    """One column of the table.

    Attributes:
        column: Its place, counted from 0.
        heading: Its heading, as it stands in the file.
        meaning: What it is taken for; None if it is not known.
        near: Known headings much like one that is not.
    """

    column: int
    heading: str
    meaning: MatterMeaning | None
    near: tuple[str, ...] = ()

    def told(self, language: Language = "zh") -> str:
        """Return one line that says what the column is taken for."""
        if self.meaning is MatterMeaning.IGNORED:
            return headings.told_ignored(self.column, self.heading, language)
        if self.meaning is not None:
            meant = self.meaning.zh if language == "zh" else self.meaning.value
            return headings.told_meant(self.column, self.heading, meant)
        return headings.told_unknown(self.column, self.heading, self.near, language)


@dataclass(frozen=True, slots=True)
class MatterColumns:
    """What the columns of one table are.

    Attributes:
        columns: Every column that has a heading.
        places: The column of each meaning that the table has.
    """

    columns: tuple[MatterColumn, ...]
    places: Mapping[MatterMeaning, int]

    def lines(self, language: Language = "zh") -> list[str]:
        """Return them for the table's user, one line a column."""
        return [one.told(language) for one in self.columns]

    def heading(self, meaning: MatterMeaning) -> str:
        """Return the heading of the column of that meaning; its name if there is none."""
        place = self.places.get(meaning)
        return next((one.heading for one in self.columns if one.column == place), meaning.zh)


@cache
def known_headings() -> dict[str, MatterMeaning]:
    """Return what each heading means, by its normal form."""
    return {
        normal_heading(name): meaning
        for meaning, names in _SYNONYMS.items()
        for name in names.split()
    }


def map_columns(header: Header, *, where: str) -> MatterColumns:
    """Work out what the columns are.

    Args:
        header: The heading of the table.
        where: What messages call the file.

    Raises:
        TableError: A column that must be there is missing, or two columns are one thing.
    """
    known = known_headings()
    columns: list[MatterColumn] = []
    places: dict[MatterMeaning, int] = {}
    for place, heading in enumerate(header.headings):
        if not heading:
            continue
        normal = normal_heading(heading)
        meaning = known.get(normal)
        near = () if meaning else difflib.get_close_matches(normal[:40], known, 2, _LIKENESS)
        columns.append(MatterColumn(place, heading, meaning, tuple(near)))
        if meaning is None or meaning is MatterMeaning.IGNORED:
            continue
        earlier = places.setdefault(meaning, place)
        if earlier != place:
            raise headings.twice(header, earlier, place, meaning.zh, where)
    missing = [one.zh for one in _REQUIRED if one not in places]
    if not {MatterMeaning.CODE, MatterMeaning.BASE_CODE} & places.keys():
        missing.insert(0, MatterMeaning.CODE.zh)
    if missing:
        unknown = (one.heading for one in columns if one.meaning is None)
        raise headings.missing(missing, unknown, where)
    return MatterColumns(tuple(columns), places)
