"""Holders (持证主体) and the kinds of number that identify them (GB/T 36903-2018, annex A)."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Self

from ecert.errors import FormatError
from ecert.limits import MAX_NAME_CHARS
from ecert.model import masks
from ecert.model.characters import (
    PRINTABLE_ASCII,
    is_mark,
    is_plain,
    require_only,
    require_visible,
)
from ecert.model.codes import last_four, parse_resident_id, parse_uscc

MAX_NUMBER_CHARS: Final = 40

_NAME: Final = "持证主体"
_NUMBER: Final = "持证主体代码"
# Points that input methods put into a name such as 阿卜杜拉·买买提; NFC keeps them apart.
# A full stop is not among them: it also ends an abbreviated foreign name.
_MIDDLE_DOTS: Final = str.maketrans(dict.fromkeys("•‧∙⋅・･", "·"))


class HolderClass(StrEnum):
    """What kind of holder a licence type has (持证主体类型)."""

    NATURAL_PERSON = "natural-person"
    LEGAL_PERSON = "legal-person"
    MIXED = "mixed"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class HolderIdType:
    """One kind of holder's number (持证主体代码类型)."""

    code: str
    zh: str
    en: str
    holder_class: HolderClass


_PERSON: Final = HolderClass.NATURAL_PERSON
_BODY: Final = HolderClass.LEGAL_PERSON

HOLDER_ID_TYPES: Final[dict[str, HolderIdType]] = {
    kind.code: kind
    for kind in (
        HolderIdType("001", "统一社会信用代码", "unified social credit code", _BODY),
        HolderIdType("099", "其他法人或其他组织有效证件代码", "other number of a body", _BODY),
        HolderIdType("111", "公民身份号码", "resident identity number", _PERSON),
        HolderIdType("114", "中国人民解放军军官证编号", "PLA officer's card", _PERSON),
        HolderIdType("115", "中国人民武装警察部队警官证编号", "PAP officer's card", _PERSON),
        HolderIdType("118", "中国人民解放军士兵证编号", "PLA soldier's card", _PERSON),
        HolderIdType("119", "中国人民武装警察部队士兵证编号", "PAP soldier's card", _PERSON),
        HolderIdType("120", "中国人民解放军文职人员证编号", "PLA civilian's card", _PERSON),
        HolderIdType("122", "中国人民武装警察部队文职人员证编号", "PAP civilian's card", _PERSON),
        HolderIdType("411", "外交护照号", "diplomatic passport", _PERSON),
        HolderIdType("412", "公务护照号", "service passport", _PERSON),
        HolderIdType("413", "公务普通护照号", "passport for public affairs", _PERSON),
        HolderIdType("414", "普通护照号", "ordinary passport", _PERSON),
        HolderIdType("511", "台湾居民来往大陆通行证号码", "Taiwan residents' permit", _PERSON),
        HolderIdType("516", "港澳居民来往内地通行证号码", "Hong Kong and Macao permit", _PERSON),
        HolderIdType("999", "其他自然人有效证件代码", "other number of a person", _PERSON),
        # Not in the annex as other systems copy it, but used by some of them.
        HolderIdType("400", "护照号", "passport", _PERSON),
        HolderIdType("551", "港澳居民居住证号码", "Hong Kong and Macao residence card", _PERSON),
        HolderIdType("552", "台湾居民居住证号码", "Taiwan residence card", _PERSON),
    )
}


@dataclass(frozen=True, slots=True)
class Holder:
    """One holder of a licence (持证主体): a person or a body.

    The name is kept exactly as received, because it is signed as it stands.  ``repr`` shows
    no more than the last four characters of the number, so that logs stay clean.

    Args:
        name: Full name (持证主体), 1 to 200 characters.
        number: The identifying number (持证主体代码).
        number_type: Its kind (持证主体代码类型代码), a key of ``HOLDER_ID_TYPES``.

    Raises:
        FormatError: The name is empty, too long or holds invisible or private-use
            characters; the kind is unknown; or the number does not have its form.
        ResidentIdError: The number is not a resident id, though its kind is ``111``.
        USCCError: The number is not a USCC, though its kind is ``001``.
    """

    name: str
    number: str
    number_type: str = "111"

    def __post_init__(self) -> None:
        """Validate name, kind and number."""
        _require_name(self.name)
        if self.number_type not in HOLDER_ID_TYPES:
            raise FormatError(
                "没有这种代码类型",
                "there is no such kind of number",
                where="持证主体代码类型",
                fix_zh="自然人一般用111，法人和其他组织一般用001",
                fix_en="Usually 111 for a person, 001 for a body",
            )
        _require_number(self.number, self.number_type)

    @classmethod
    def enterprise(cls, name: str, uscc: str) -> Self:
        """Make the holder that is a body with a unified social credit code.

        Raises:
            FormatError: The name does not have its form.
            USCCError: ``uscc`` is not a USCC.
        """
        return cls(name, uscc, "001")

    @classmethod
    def known(cls, name: str, number: str, number_type: str) -> Self:
        """Return a holder that was checked before and has been in our own keeping since.

        Checking takes longer than all else that bulk work does with a holder.
        """
        holder = cls.__new__(cls)
        put = object.__setattr__
        put(holder, "name", name)
        put(holder, "number", number)
        put(holder, "number_type", number_type)
        return holder

    @property
    def holder_class(self) -> HolderClass:
        """Whether this is a person or a body, told by the kind of number."""
        return HOLDER_ID_TYPES[self.number_type].holder_class

    @property
    def last_four(self) -> str:
        """The last four characters of the number: all that messages may show of it."""
        return last_four(self.number)

    @property
    def masked_name(self) -> str:
        """A person's name in part (张*三); a body's name in full, for it is public."""
        if self.holder_class is HolderClass.LEGAL_PERSON:
            return self.name
        return masks.apply("name", self.name)

    def folded_name(self) -> str:
        """Return the name for comparing only: NFC, and one middle dot (U+00B7) for all."""
        return unicodedata.normalize("NFC", self.name).translate(_MIDDLE_DOTS)

    def __repr__(self) -> str:
        return f"Holder(number=***{self.last_four}, number_type={self.number_type})"


def holder_faults(name: str, number: str, number_type: str) -> list[FormatError]:
    """Return what is wrong with a holder's name and with the number, of a kind that exists."""
    faults = []
    try:
        _require_name(name)
    except FormatError as fault:
        faults.append(fault)
    try:
        _require_number(number, number_type)
    except FormatError as fault:
        faults.append(fault)
    return faults


def _require_name(name: str) -> None:
    if not 1 <= len(name) <= MAX_NAME_CHARS:
        raise FormatError(
            f"应为1至{MAX_NAME_CHARS}个字符，实际{len(name)}个",
            f"1 to {MAX_NAME_CHARS} characters are needed, not {len(name)}",
            where=_NAME,
        )
    if is_plain(name) and name == name.strip():
        return
    require_visible(name, FormatError, where=_NAME)
    if name != name.strip():
        raise FormatError(
            "首尾有空格",
            "there are spaces at its ends",
            where=_NAME,
            fix_zh="请删去",
            fix_en="Remove them",
        )
    if is_mark(name[0]):
        raise FormatError(
            "不能以组合符号开头", "it must not begin with a combining mark", where=_NAME
        )


def _require_number(number: str, number_type: str) -> None:
    if number_type == "111":
        parse_resident_id(number)
    elif number_type == "001":
        parse_uscc(number)
    else:
        require_only(number, PRINTABLE_ASCII, FormatError, where=_NUMBER)
        if not 1 <= len(number) <= MAX_NUMBER_CHARS or number != number.strip():
            raise FormatError(
                f"应为1至{MAX_NUMBER_CHARS}个字符，首尾不能有空格",
                f"1 to {MAX_NUMBER_CHARS} characters are needed, without spaces at the ends",
                where=_NUMBER,
            )
