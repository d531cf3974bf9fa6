"""A licence type (证照类型): its code, fields, show profiles and rules, as data."""

from __future__ import annotations

import base64
import hashlib
from functools import cached_property
from typing import TYPE_CHECKING, Final, Literal, NamedTuple, Self

import orjson
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from ecert.errors import CatalogueError
from ecert.limits import MAX_FIELDS, MAX_HOLDERS
from ecert.model.application import check_application
from ecert.model.definition import require_sound
from ecert.model.field_spec import FieldKind, FieldSpec, Name
from ecert.model.holders import Holder, HolderClass
from ecert.quoting import shown_name

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date


class _Document(BaseModel):
    model_config = ConfigDict(frozen=True, strict=True, extra="forbid")


class ProfileField(_Document):
    """One field in a show profile, with the mask used there (None: the field's own)."""

    name: Name
    mask: str | None = None


class ShowProfile(_Document):
    """What one kind of show code tells (亮证范围): a fixed set of fields with their masks.

    Attributes:
        name: Name of the profile; every type has ``minimal``.
        number: Its number on the wire, 1 to 15; never used again for another profile.
        holder_number: How much of the holder's number is told.
        holder_name: Whether the holder's name is told in full or masked.
        licence_number: Whether the licence number (证照编号) is told.
        fields: The fields that are told.
    """

    name: Name
    number: int = Field(ge=1, le=15)
    holder_number: Literal["last4", "full", "hidden"]
    holder_name: Literal["full", "masked"]
    licence_number: bool = False
    fields: tuple[ProfileField, ...]


class ToldField(NamedTuple):
    """One field as a show profile tells it: the definition's words and the mask, settled."""

    name: str
    key: int
    kind: FieldKind
    mask: str


class Validity(_Document):
    """How long licences of a type are valid.

    Attributes:
        rule: ``fixed`` has a last day, ``open`` has none (长期), ``either`` may have one.
        max_years: Most years from the first day to the last, or None for no bound.
    """

    rule: Literal["fixed", "open", "either"]
    max_years: int | None = Field(default=None, ge=1, le=100)


class Authority(_Document):
    """An authority that defines licence types (证照定义机构)."""

    code: str
    name: Name


class LicenceType(_Document):
    """The definition of one licence type.

    Attributes:
        code: Licence type code (证照类型代码, GB/T 36904): USCC of the defining authority and
            three digits.
        code_status: ``official``, or ``provisional`` where the code is inferred or a placeholder.
        code_source: Where the code comes from, in Chinese.
        name: Name of the type (证照名称).
        aliases: Other names in use.
        version: Version of this definition; rises with every change.
        defining_authority: The authority whose USCC begins the code.
        competent_authority: The authority competent for the matter, where that is another.
        holder_classes: Classes of holder that may hold it.
        holder_number_types: Kinds of holder's number that it takes, or None for all.
        max_holders: Most holders of one licence.
        number_rule: ``resident-id`` and ``uscc``: the licence number is the holder's own.
        number_label: What the licence number is called on the licence.
        validity: How long it is valid.
        leading_field: The one field that the profile ``minimal`` tells.
        portrait: Whether its licences may carry the holder's portrait (照片).
        fields: The fields.
        profiles: The show profiles.

    Raises:
        CatalogueError: The definition contradicts itself; every fault is told.
    """

    code: str = Field(pattern=r"\A[0-9A-Z]{18}[0-9]{3}\z")
    code_status: Literal["official", "provisional"]
    code_source: str = Field(min_length=1, max_length=500)
    name: Name
    aliases: tuple[Name, ...] = ()
    version: int = Field(ge=1)
    defining_authority: Authority
    competent_authority: Name | None = None
    holder_classes: tuple[HolderClass, ...] = Field(min_length=1)
    holder_number_types: tuple[str, ...] | None = None
    max_holders: int = Field(default=MAX_HOLDERS, ge=1, le=MAX_HOLDERS)
    number_rule: Literal["resident-id", "uscc", "free"]
    number_label: Name
    validity: Validity
    leading_field: str | None = None
    portrait: bool = False
    fields: tuple[FieldSpec, ...] = Field(max_length=MAX_FIELDS)
    profiles: tuple[ShowProfile, ...] = Field(max_length=15)

    @model_validator(mode="after")
    def _require_sound(self) -> Self:
        require_sound(self)
        return self

    @classmethod
    def read(cls, data: bytes | str, *, where: str = "") -> Self:
        """Read a definition from JSON.

        Args:
            data: The JSON text.
            where: What messages call it, for example the file.

        Raises:
            CatalogueError: Not a definition, or one that contradicts itself.
        """
        try:
            return cls.model_validate_json(data)
        except ValidationError as error:
            raise _unreadable(error, where) from None

    def get_field(self, name: str) -> FieldSpec | None:
        """Return the field of that name or short name, or None."""
        return self._by_name.get(name)

    def field(self, name: str) -> FieldSpec:
        """Return the field of that name or short name.

        Raises:
            CatalogueError: There is none; the message names those that exist.
        """
        spec = self._by_name.get(name)
        if spec is None:
            raise self._unknown("照面信息", "field", name, [spec.name for spec in self.fields])
        return spec

    def field_by_key(self, key: int) -> FieldSpec | None:
        """Return the field with that integer key, or None."""
        return self._by_key.get(key)

    def profile(self, name: str) -> ShowProfile:
        """Return the show profile of that name.

        Raises:
            CatalogueError: There is none; the message names those that exist.
        """
        for profile in self.profiles:
            if profile.name == name:
                return profile
        raise self._unknown("亮证范围", "show profile", name, [one.name for one in self.profiles])

    def profile_by_number(self, number: int) -> ShowProfile | None:
        """Return the show profile with that number, or None."""
        return self._by_number.get(number)

    def split(self, fields: Mapping[str, str]) -> tuple[dict[str, str], dict[str, str]]:
        """Return the fields that stay visible, and those that the holder may keep back.

        Raises:
            CatalogueError: A field is not one of this type's.
        """
        visible: dict[str, str] = {}
        hidden: dict[str, str] = {}
        known = self._by_name
        for name, value in fields.items():
            spec = known.get(name) or self.field(name)
            (hidden if spec.disclosable else visible)[name] = value
        return visible, hidden

    def told_by(self, profile: ShowProfile) -> tuple[ToldField, ...]:
        """Return the fields that a show profile of this type tells, in its order."""
        told, fields = self._told.get(profile.number, (None, ()))
        return fields if told is profile else self._settle(profile)

    def check_fields(
        self,
        fields: Mapping[str, object],
        holders: Sequence[Holder],
        number: str,
        valid_from: date,
        valid_until: date | None,
    ) -> dict[str, str]:
        """Check what is to be issued, and return the canonical values in this type's order.

        Args:
            fields: Values by field name or short name (``KZ_…``).
            holders: The holders, the principal one first.
            number: The licence number (证照编号).
            valid_from: First day of validity.
            valid_until: Last day of validity, None for 长期.

        Raises:
            FieldsError: Something does not fit; every fault is in ``faults``.
        """
        return check_application(self, fields, holders, number, valid_from, valid_until)

    def integrity(self) -> str:
        """Return the hash of the definition, ``sha256-…``, for ``vct#integrity``.

        The form is that of W3C Subresource Integrity, over JSON with sorted keys and without
        what equals its default: a definition keeps its hash when a later release of this
        library knows more attributes.  Nor does ``portrait`` count: fields are read as before.
        """
        return self._integrity

    # What issuing and verification look up for every licence is worked out once for each type.

    @cached_property
    def _by_name(self) -> dict[str, FieldSpec]:
        names = {spec.name: spec for spec in self.fields}
        return names | {spec.short: spec for spec in self.fields}

    @cached_property
    def _by_key(self) -> dict[int, FieldSpec]:
        return {spec.key: spec for spec in self.fields}

    @cached_property
    def _by_number(self) -> dict[int, ShowProfile]:
        return {profile.number: profile for profile in self.profiles}

    @cached_property
    def _told(self) -> dict[int, tuple[ShowProfile, tuple[ToldField, ...]]]:
        return {profile.number: (profile, self._settle(profile)) for profile in self.profiles}

    def _settle(self, profile: ShowProfile) -> tuple[ToldField, ...]:
        wanted = [(one, self.field(one.name)) for one in profile.fields]
        return tuple(
            ToldField(one.name, spec.key, spec.kind, one.mask or spec.mask) for one, spec in wanted
        )

    @cached_property
    def _integrity(self) -> str:
        plain = self.model_dump(mode="json", exclude_defaults=True, exclude={"portrait"})
        digest = hashlib.sha256(orjson.dumps(plain, option=orjson.OPT_SORT_KEYS)).digest()
        return f"sha256-{base64.b64encode(digest).decode()}"

    def _unknown(self, zh: str, en: str, name: str, known: list[str]) -> CatalogueError:
        return CatalogueError(
            f"没有{zh}“{shown_name(name)}”",
            f'no {en} "{shown_name(name)}"',
            where=self.name,
            fix_zh=f"可用：{'、'.join(known)}",
            fix_en=f"there are: {', '.join(known)}",
        )


# What pydantic finds, in the office's words; everything else is 格式不对.
_FINDINGS_ZH: Final = {
    "missing": "缺少",
    "extra_forbidden": "多余",
    "json_invalid": "不是有效的 JSON",
    "json_type": "不是有效的 JSON",
}


def _unreadable(error: ValidationError, where: str) -> CatalogueError:
    count = error.error_count()
    # The input is left out: a message repeats no more of a foreign document than its keys.
    first = error.errors(include_url=False, include_input=False)[0]
    place = ".".join(str(part) for part in first["loc"])
    finding = _FINDINGS_ZH.get(first["type"], "格式不对")
    return CatalogueError(
        f"证照类型定义有{count}处错误，第一处：{place or '全文'} {finding}",
        f"{count} faults in the definition of a licence type, the first: "
        f"{place or 'the whole'}: {first['msg']}",
        where=where,
        fix_zh="请对照现有类型的定义修改",
        fix_en="compare with the definition of another type",
    )
