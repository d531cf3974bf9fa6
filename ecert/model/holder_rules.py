"""Which holders a licence type takes: how many, of which class, with which kind of number."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ecert.errors import FormatError
from ecert.model.holders import HOLDER_ID_TYPES, Holder, HolderClass

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ecert.model.licence_type import LicenceType

_HOLDERS: Final = "持证主体"
_CLASS_ZH: Final = {
    HolderClass.NATURAL_PERSON: "自然人",
    HolderClass.LEGAL_PERSON: "法人和其他组织",
    HolderClass.MIXED: "自然人和法人混合",
    HolderClass.OTHER: "其他",
}


def licence_holder_faults(
    licence_type: LicenceType, holders: Sequence[Holder]
) -> list[FormatError]:
    """Return what does not fit: how many they are, of which class, with which kind of number."""
    if not 1 <= len(holders) <= licence_type.max_holders:
        most = licence_type.max_holders
        return [
            _fault(
                _HOLDERS,
                f"应有1至{most}个，实际{len(holders)}个"
                if most > 1
                else f"应有1个，实际{len(holders)}个",
                f"1 to {most} are needed, not {len(holders)}",
                "请核对申请表",
                "check the application",
            )
        ]
    if len(holders) == 1:
        return _one_holder_faults(licence_type, holders[0])
    faults = [fault for holder in holders for fault in _one_holder_faults(licence_type, holder)]
    if len({(holder.number_type, holder.number) for holder in holders}) < len(holders):
        twice = ("同一持证主体填了两次", "one holder is given twice")
        faults.append(_fault(_HOLDERS, *twice, "请删去重复的", "remove the repetition"))
    if not faults and not _may_stand_together(licence_type, holders):
        mixed = ("自然人与法人不能共同持证", "persons and bodies may not hold it together")
        faults.append(_fault(_HOLDERS, *mixed, "请核对证照类型", "check the licence type"))
    return faults


def _one_holder_faults(licence_type: LicenceType, holder: Holder) -> list[FormatError]:
    faults: list[FormatError] = []
    if holder.holder_class not in _allowed_classes(licence_type):
        listed = "、".join(_CLASS_ZH[one] for one in licence_type.holder_classes)
        faults.append(
            _fault(
                _HOLDERS,
                f"“{licence_type.name}”不发给{_CLASS_ZH[holder.holder_class]}",
                f'"{licence_type.name}" is not for holders of class {holder.holder_class.value}',
                f"应为{listed}；法人的代码类型一般用001",
                "it is for " + ", ".join(one.value for one in licence_type.holder_classes),
            )
        )
    kinds = licence_type.holder_number_types
    if not faults and kinds is not None and holder.number_type not in kinds:
        faults.append(
            _fault(
                "持证主体代码类型",
                f"“{licence_type.name}”不用{HOLDER_ID_TYPES[holder.number_type].zh}",
                f'"{licence_type.name}" does not take {HOLDER_ID_TYPES[holder.number_type].en}',
                "应为" + "、".join(f"{kind}（{HOLDER_ID_TYPES[kind].zh}）" for kind in kinds),
                "use " + ", ".join(f"{kind} ({HOLDER_ID_TYPES[kind].en})" for kind in kinds),
            )
        )
    return faults


def _allowed_classes(licence_type: LicenceType) -> set[HolderClass]:
    allowed = set(licence_type.holder_classes)
    if HolderClass.MIXED in allowed:
        allowed |= {HolderClass.NATURAL_PERSON, HolderClass.LEGAL_PERSON}
    return allowed


def _may_stand_together(licence_type: LicenceType, holders: Sequence[Holder]) -> bool:
    one_class = len({holder.holder_class for holder in holders}) == 1
    return one_class or HolderClass.MIXED in licence_type.holder_classes


def _fault(where: str, zh: str, en: str, fix_zh: str, fix_en: str) -> FormatError:
    return FormatError(zh, en, where=where, fix_zh=fix_zh, fix_en=fix_en)
