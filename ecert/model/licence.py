"""A licence (电子证照) as the register knows it: what was granted, to whom, by whom, until when.

A licence is not a credential: a credential is one signed artefact of it.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from types import MappingProxyType
from typing import Any

import orjson

from ecert.errors import FormatError
from ecert.limits import MAX_FIELDS, MAX_HOLDERS
from ecert.model.codes import last_four
from ecert.model.holders import Holder
from ecert.model.identifiers import LicenceId
from ecert.model.licence_state import LicenceState, require_recorded

__all__ = ["Licence", "LicenceState", "require_recorded"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Licence:
    """One licence, complete and immutable; a change makes a new value.

    Attributes:
        id: The licence id (证照标识, GB/T 36904).
        type_code: The type's code, 21 characters (证照类型代码); the same as in the id.
        type_name: The type's name when the licence was issued (证照名称).
        number: The number printed on the licence (证照编号).
        holders: One or several holders (持证主体), the first being the principal one.
        fields: The fields of the face (照面信息) by their Chinese names; read-only.
        region: Region of the issuer, six digits (行政区划, GB/T 2260).
        issuer_code: Code of the issuer, as a rule its USCC (证照颁发机构代码).
        issuer_name: Name of the issuer (证照颁发机构).
        issued_on: Day of issue (证照颁发日期).
        valid_from: First day of validity (有效期起始日期).
        valid_until: Last day of validity, inclusive, to its end in Asia/Shanghai; None is 长期.
        state: The state in the register.
        predecessor: The licence that this one replaces, possibly of another region.
        portrait: SHA-256, in hex, of the holder's portrait (照片); the register keeps the picture.

    Raises:
        FormatError: A part contradicts another, or is of the wrong kind.
    """

    id: LicenceId
    type_code: str
    type_name: str
    number: str
    holders: tuple[Holder, ...]
    # Mappings have no hash; two licences that are equal still hash alike.
    fields: Mapping[str, str] = field(hash=False)
    region: str
    issuer_code: str
    issuer_name: str
    issued_on: date
    valid_from: date
    valid_until: date | None
    state: LicenceState = LicenceState.ISSUED
    predecessor: LicenceId | None = None
    portrait: str | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "holders", tuple(self.holders))
        object.__setattr__(self, "fields", MappingProxyType(dict(self.fields)))
        _check_parts(self)
        _check_dates(self)

    def __repr__(self) -> str:
        # Names, numbers and fields are personal data, and reprs end in logs.
        return f"Licence({self.type_name} ***{last_four(self.number)}, {self.state.value})"

    def __reduce__(self) -> tuple[Any, ...]:
        # A read-only mapping cannot be pickled; the dictionary form can.
        return (Licence.from_dict, (self.to_dict(),))

    def alike(
        self, licence_id: LicenceId, number: str, holders: tuple[Holder, ...],
        fields: Mapping[str, str], days: tuple[date, date, date | None],
    ) -> Licence:  # fmt: skip
        """Return another new licence of the same type and issuer; for bulk work.

        Raises:
            FormatError: Of what may differ, something is wrong.
        """
        issued_on, valid_from, valid_until = days
        made, put = Licence.__new__(Licence), object.__setattr__
        put(made, "type_code", self.type_code)
        put(made, "type_name", self.type_name)
        put(made, "region", self.region)
        put(made, "issuer_code", self.issuer_code)
        put(made, "issuer_name", self.issuer_name)
        put(made, "state", self.state)
        put(made, "predecessor", self.predecessor)
        put(made, "portrait", self.portrait)
        put(made, "id", licence_id)
        put(made, "number", number)
        put(made, "holders", holders)
        put(made, "fields", MappingProxyType(fields))
        put(made, "issued_on", issued_on)
        put(made, "valid_from", valid_from)
        put(made, "valid_until", valid_until)
        if not number or len(fields) > MAX_FIELDS or len(holders) != len(self.holders):
            _check_parts(made)
        if valid_until is not None and valid_until < valid_from:
            _check_dates(made)
        return made

    @property
    def holder(self) -> Holder:
        """The principal holder: the first."""
        return self.holders[0]

    def standing(self, on: date) -> LicenceState:
        """Return how the licence stands on a day: its state, or `EXPIRED` after its last day."""
        over = self.valid_until is not None and self.valid_until < on
        return LicenceState.EXPIRED if over and self.state is LicenceState.ISSUED else self.state

    def to_dict(self) -> dict[str, Any]:
        """Return plain values for JSON: ids as text, dates as ``YYYY-MM-DD``, 长期 as None."""
        return {
            "id": str(self.id),
            "type_code": self.type_code,
            "type_name": self.type_name,
            "number": self.number,
            "holders": [_holder_to_dict(holder) for holder in self.holders],
            "fields": dict(self.fields),
            "region": self.region,
            "issuer_code": self.issuer_code,
            "issuer_name": self.issuer_name,
            "issued_on": self.issued_on.isoformat(),
            "valid_from": self.valid_from.isoformat(),
            "valid_until": None if self.valid_until is None else self.valid_until.isoformat(),
            "state": self.state.value,
            "predecessor": None if self.predecessor is None else str(self.predecessor),
        } | ({} if self.portrait is None else {"portrait": self.portrait})

    def content(self) -> bytes:
        """Return what was granted, without the state: JSON in UTF-8, keys as in `to_dict`."""
        parts = self.to_dict()
        del parts["state"]
        # Sorted, the fields would lose their order on the licence.
        return orjson.dumps(parts)

    def digest(self) -> str:
        """Return the SHA-256 of `content` in hex: it stays the same for a licence's whole life."""
        return hashlib.sha256(self.content()).hexdigest()

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Licence:
        """Read what `to_dict` wrote.

        Raises:
            FormatError: A key is missing or unknown, or a value is not of its kind.
        """
        _check_keys(data, _LICENCE_KEYS, optional=("predecessor", "portrait"), where="licence")
        predecessor = _optional(data, "predecessor")
        return cls(
            id=LicenceId.parse(_text(data, "id")),
            type_code=_text(data, "type_code"),
            type_name=_text(data, "type_name"),
            number=_text(data, "number"),
            holders=_holders(data["holders"]),
            fields=_fields(data["fields"]),
            region=_text(data, "region"),
            issuer_code=_text(data, "issuer_code"),
            issuer_name=_text(data, "issuer_name"),
            issued_on=_day(data, "issued_on"),
            valid_from=_day(data, "valid_from"),
            valid_until=None if data["valid_until"] is None else _day(data, "valid_until"),
            state=_state(_text(data, "state")),
            predecessor=None if predecessor is None else LicenceId.parse(predecessor),
            portrait=_optional(data, "portrait"),
        )


_SHA256 = re.compile(r"[0-9a-f]{64}")
_LICENCE_KEYS = frozenset(Licence.__dataclass_fields__)
_HOLDER_KEYS = frozenset({"name", "number", "number_type"})


def _check_parts(licence: Licence) -> None:
    for name in ("type_code", "type_name", "number", "region", "issuer_code", "issuer_name"):
        if not isinstance(getattr(licence, name), str) or not getattr(licence, name):
            raise _fault(name, "不能为空", "must be text and not empty")
    if licence.id.type_code != licence.type_code:
        en = "differs from the type code inside the licence id"
        raise _fault("type_code", "与证照标识中的证照类型代码不一致", en)
    if not 1 <= len(licence.holders) <= MAX_HOLDERS:
        raise _fault(
            "holders",
            f"持证主体须为 1 至 {MAX_HOLDERS} 个",
            f"a licence has 1 to {MAX_HOLDERS} holders",
        )
    if not _SHA256.fullmatch(licence.portrait or "0" * 64):
        raise _fault("portrait", "应为SHA-256摘要", "must be a SHA-256 digest in hex")
    if len(licence.fields) > MAX_FIELDS:
        raise _fault(
            "fields", f"照面信息最多 {MAX_FIELDS} 项", f"a licence has at most {MAX_FIELDS} fields"
        )


def _check_dates(licence: Licence) -> None:
    for name in ("issued_on", "valid_from", "valid_until"):
        day = getattr(licence, name)
        if day is None and name == "valid_until":
            continue
        # A datetime is a date to Python, but compares and prints differently.
        if not isinstance(day, date) or isinstance(day, datetime):
            raise _fault(name, "须为日期（不含时间）", "must be a date without a time")
    require_recorded(licence.state)
    if licence.valid_until is not None and licence.valid_until < licence.valid_from:
        raise _fault(
            "valid_until",
            "有效期截止日期早于起始日期",
            "the last day of validity is before the first",
        )


def _fault(where: str, zh: str, en: str) -> FormatError:
    return FormatError(zh, en, where=where)


def _check_keys(
    data: object, keys: frozenset[str], *, optional: Sequence[str] = (), where: str
) -> Mapping[str, Any]:
    if not isinstance(data, Mapping):
        raise _fault(where, "应为键值结构", "must be a mapping")
    missing = sorted(keys - data.keys() - set(optional))
    if missing:
        raise _fault(missing[0], "缺少此项", "is missing")
    unknown = sorted(str(key) for key in data.keys() - keys)
    if unknown:
        raise _fault(where, f"有未知项 {unknown[0]!r}", f"unknown key {unknown[0]!r}")
    return data


def _text(data: Mapping[str, Any], key: str) -> str:
    value = data[key]
    if not isinstance(value, str):
        raise _fault(key, "应为文本", "must be text")
    return value


def _optional(data: Mapping[str, Any], key: str) -> str | None:
    return None if data.get(key) is None else _text(data, key)


def _day(data: Mapping[str, Any], key: str) -> date:
    try:
        day = date.fromisoformat(_text(data, key))
    except ValueError:
        day = None
    # fromisoformat also takes 20240101 and 2024-W01-1, which this form does not.
    if day is None or day.isoformat() != data[key]:
        raise _fault(key, "日期应写成 YYYY-MM-DD", "a date is written YYYY-MM-DD")
    return day


def _state(value: str) -> LicenceState:
    try:
        return LicenceState(value)
    except ValueError:
        raise _fault("state", "没有这种证照状态", "no such licence state") from None


def _fields(value: object) -> dict[str, str]:
    if not isinstance(value, Mapping):
        raise _fault("fields", "应为键值结构", "must be a mapping")
    for name, text in value.items():
        if not isinstance(name, str) or not isinstance(text, str):
            raise _fault("fields", "名称和值都应为文本", "names and values must be text")
    return dict(value)


def _holders(value: object) -> tuple[Holder, ...]:
    if not isinstance(value, (list, tuple)):
        raise _fault("holders", "应为列表", "must be a list")
    return tuple(_holder_from_dict(item) for item in value)


def _holder_to_dict(holder: Holder) -> dict[str, str]:
    return {"name": holder.name, "number": holder.number, "number_type": holder.number_type}


def _holder_from_dict(data: object) -> Holder:
    known = _check_keys(data, _HOLDER_KEYS, where="holders")
    return Holder(
        name=_text(known, "name"),
        number=_text(known, "number"),
        number_type=_text(known, "number_type"),
    )
