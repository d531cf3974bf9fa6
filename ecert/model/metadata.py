"""Metadata elements of GB/T 36903-2018: one element, and the names that systems give it.

Systems in use write the same element by its pinyin short name (``ZZBS``), by the English
name of the national platform (``certificate_identifier``) or by a name of their own.  The
fields of one licence type (照面信息) are extensions, whose short names begin with ``KZ_``.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Final

from ecert.errors import FormatError
from ecert.model.holders import HOLDER_ID_TYPES

if TYPE_CHECKING:
    from datetime import date

    from ecert.model.catalogue import LicenceType
    from ecert.model.licence import Licence

EXTENSION_PREFIX: Final = "KZ_"
# Between several holders in one element.  The standard's own form is not known here; this
# character occurs in no name and no number.
HOLDER_SEPARATOR: Final = "^"


@dataclass(frozen=True, slots=True)
class Element:
    """One metadata element (元数据元素).

    Attributes:
        short: Pinyin short name, by which it is known here.
        zh: Chinese name.
        long: English name on the national platform; empty where none is known.
        aliases: Further names in use.
    """

    short: str
    zh: str
    long: str = ""
    aliases: tuple[str, ...] = ()


METADATA: Final[tuple[Element, ...]] = (
    # 证照基础信息: what every licence has.
    Element("ZZMC", "证照名称", "certificate_name"),
    Element("ZZLXDM", "证照类型代码", "certificate_type_code", ("certificate_type_name_code",)),
    Element("ZZBH", "证照编号", "certificate_number", ("ZZHM",)),
    Element("ZZBS", "证照标识", "certificate_identifier"),
    Element(
        "ZZBFJG",
        "证照颁发机构",
        "certificate_issuing_authority_name",
        ("issue_dept", "FZJG", "FZJGMC"),
    ),
    Element(
        "ZZBFJGDM",
        "证照颁发机构代码",
        "certificate_issuing_authority_code",
        ("issue_dept_code", "FZJGDM", "FZJGZZJGDM"),
    ),
    Element("ZZBFRQ", "证照颁发日期", "certificate_issuing_authority_date", ("issue_date", "FZRQ")),
    Element("CZZT", "持证主体", "certificate_holder_name"),
    Element("CZZTDM", "持证主体代码", "certificate_holder_code"),
    Element("CZZTDMLX", "持证主体代码类型", "certificate_holder_type_name"),
    Element("CZZTDMLXDM", "持证主体代码类型代码", "certificate_holder_type"),
    Element(
        "ZZYXQQSRQ",
        "证照有效期起始日期",
        "certificate_validate_start",
        ("ZZYXQQSSJ", "YXQQSRQ"),
    ),
    Element(
        "ZZYXQJZRQ", "证照有效期截止日期", "certificate_validate_end", ("ZZYXQJZSJ", "YXQJSRQ")
    ),
    Element("ZZQZR", "证照签章人"),
    Element("ZZQZSJ", "证照签章时间"),
    Element("ZZQZMC", "证照签章名称"),
    Element("CJSJ", "创建时间"),
    # 加注件信息: a copy made for one purpose.
    Element("JZJZZSJ", "加注件制作时间", "certificate_copy_creation_time"),
    Element("JZJZZZ", "加注件制作者", "certificate_copy_creator"),
    Element("JZJZZSY", "加注件制作事由", "certificate_copy_cause"),
    Element("JZJYXQJZSJ", "加注件有效期截止时间", "certificate_copy_expiring_time"),
)


def canonical_name(name: str) -> str:
    """Return the short name of the element that has this name; case does not matter.

    Extensions (``KZ_…``) are returned as they are.

    Raises:
        FormatError: No element has this name.
    """
    if name.startswith(EXTENSION_PREFIX) and name != EXTENSION_PREFIX:
        return name
    short = _shorts().get(name.casefold())
    if short is None:
        raise FormatError(
            "没有这个元数据元素",
            "there is no such metadata element",
            where=name[:40],
            fix_zh=f"照面信息请加前缀{EXTENSION_PREFIX}",
            fix_en=f"The fields of a type have the prefix {EXTENSION_PREFIX}",
        )
    return short


def to_metadata(licence: Licence, licence_type: LicenceType | None = None) -> dict[str, str]:
    """Return a licence as metadata elements by their short names (GB/T 36903-2018).

    Dates are ``yyyymmdd``; 长期 leaves ZZYXQJZRQ out.  Several holders are joined in order.

    Args:
        licence: The licence.
        licence_type: Its type, which knows the fields' short names and which are dates.
            Without it a field is ``KZ_`` and its Chinese name, its value unchanged.
    """
    holders = licence.holders
    kinds = [HOLDER_ID_TYPES[holder.number_type] for holder in holders]
    elements = {
        "ZZMC": licence.type_name,
        "ZZLXDM": licence.type_code,
        "ZZBH": licence.number,
        "ZZBS": str(licence.id),
        "ZZBFJG": licence.issuer_name,
        "ZZBFJGDM": licence.issuer_code,
        "ZZBFRQ": _compact(licence.issued_on),
        "CZZT": HOLDER_SEPARATOR.join(holder.name for holder in holders),
        "CZZTDM": HOLDER_SEPARATOR.join(holder.number for holder in holders),
        "CZZTDMLX": HOLDER_SEPARATOR.join(kind.zh for kind in kinds),
        "CZZTDMLXDM": HOLDER_SEPARATOR.join(kind.code for kind in kinds),
        "ZZYXQQSRQ": _compact(licence.valid_from),
    }
    if licence.valid_until is not None:
        elements["ZZYXQJZRQ"] = _compact(licence.valid_until)
    return elements | _extensions(licence, licence_type)


def _extensions(licence: Licence, licence_type: LicenceType | None) -> dict[str, str]:
    elements = {}
    for name, value in licence.fields.items():
        field = licence_type.get_field(name) if licence_type is not None else None
        if field is None:
            elements[EXTENSION_PREFIX + name] = value
        else:
            elements[field.short] = value.replace("-", "") if field.kind == "date" else value
    return elements


def _compact(day: date) -> str:
    return day.isoformat().replace("-", "")


@cache
def _shorts() -> dict[str, str]:
    return {
        name.casefold(): element.short
        for element in METADATA
        for name in (element.short, element.zh, element.long, *element.aliases)
        if name
    }
