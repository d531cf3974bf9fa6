"""The columns of an export: catalogue entries and licence metadata, by their names in use.

Names that GB/T 36903 does not have are those that systems write beside it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

from ecert.model.metadata import METADATA

if TYPE_CHECKING:
    from ecert.model.licence_type import LicenceType

Names = Literal["short", "long"]
ColumnKind = Literal["text", "number"]


@dataclass(frozen=True, slots=True)
class ExportColumn:
    """One column.

    Attributes:
        name: Its name in the file.
        zh: What it is, in Chinese.
        kind: ``text``, which must stay text (numbers of 18 digits are), or ``number``.
    """

    name: str
    zh: str
    kind: ColumnKind = "text"


STATE: Final = "ZZZT"
REGION: Final = "FZJGSSXZQHDM"
PREDECESSOR: Final = "associatedZzeCertID"
CHANGED: Final = "ZZBGSJ"
EXTENSIONS: Final = "extend_info"
# Short name, long name, and what it is.
_BESIDE: Final = (
    (STATE, "status", "证照状态"),
    (REGION, "certificate_area_code", "发证机关所属行政区划代码"),
    (PREDECESSOR, "associated_certificate_identifier", "原证照标识"),
    (CHANGED, "changed_at", "变动时间"),
)
# Made when a file is signed or a copy is made: a licence in the register has none of them.
_OF_FILES: Final = frozenset({"ZZQZR", "ZZQZSJ", "ZZQZMC", "CJSJ"})
_OF_COPIES: Final = "JZJ"


def metadata_columns(names: Names, licence_type: LicenceType | None) -> tuple[ExportColumn, ...]:
    """Return the columns of licence metadata.

    Args:
        names: ``short`` for the pinyin short names of GB/T 36903, ``long`` for the English ones of
            the national platform.
        licence_type: The one type that is exported, whose fields are columns of their own; None for
            several, whose fields stand in one column as JSON (``extend_info``).
    """
    elements = [
        one
        for one in METADATA
        if one.short not in _OF_FILES and not one.short.startswith(_OF_COPIES)
    ]
    named = [(one.short, one.long, one.zh) for one in elements] + list(_BESIDE)
    columns = [ExportColumn(short if names == "short" else long, zh) for short, long, zh in named]
    if licence_type is None:
        return (*columns, ExportColumn(EXTENSIONS, "照面信息（JSON）"))
    return (*columns, *(ExportColumn(spec.short, spec.name) for spec in licence_type.fields))


def metadata_keys() -> tuple[str, ...]:
    """Return the short names of what every licence has, in the order of the columns."""
    elements = (
        one.short
        for one in METADATA
        if one.short not in _OF_FILES and not one.short.startswith(_OF_COPIES)
    )
    return (*elements, *(short for short, _, _ in _BESIDE))


CATALOGUE: Final = (
    ExportColumn("证照名称", "证照名称"),
    ExportColumn("证照类型代码", "证照类型代码"),
    ExportColumn("代码状态", "代码状态"),
    ExportColumn("代码来源", "代码来源"),
    ExportColumn("别名", "别名"),
    ExportColumn("证照定义机构", "证照定义机构"),
    ExportColumn("证照定义机构代码", "证照定义机构代码"),
    ExportColumn("业务主管机构", "业务主管机构"),
    ExportColumn("持证主体类型", "持证主体类型"),
    ExportColumn("持证主体代码类型代码", "持证主体代码类型代码"),
    ExportColumn("证照编号名称", "证照编号名称"),
    ExportColumn("有效期类型", "有效期类型"),
    ExportColumn("有效期最长年数", "有效期最长年数", "number"),
    ExportColumn("照面信息", "照面信息"),
    ExportColumn("照面信息短名", "照面信息短名"),
    ExportColumn("定义版本", "定义版本", "number"),
    ExportColumn("证照颁发机构", "证照颁发机构"),
    ExportColumn("证照颁发机构代码", "证照颁发机构代码"),
    ExportColumn("行政区划代码", "行政区划代码"),
    ExportColumn("在库有效数", "在库有效数", "number"),
)
