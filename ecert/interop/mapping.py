"""From the fields of one region's type to those of another's: a closed set of operations.

A recognition list is data, never a program: each field of the target is copied, renamed, given
a constant, looked up in a value table, written in another date form, or masked.
"""

from __future__ import annotations

import re
from datetime import date
from functools import lru_cache
from typing import TYPE_CHECKING, Annotated, Final, Literal, NamedTuple

from pydantic import Field, StringConstraints

from ecert import limits
from ecert.errors import FormatError
from ecert.model import masks
from ecert.model.characters import require_visible
from ecert.reasons import Reason
from ecert.trust.document import Strict, checked_by

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ecert.interop.entry import Entry


# The same names and headings stand in every entry of a list.
@lru_cache(maxsize=4096)
def require_line(text: str) -> None:
    """Require that every character of ``text`` is visible and no space stands at its ends.

    Raises:
        FormatError: Otherwise.
    """
    require_visible(text, FormatError, where="")
    if text != text.strip():
        raise FormatError("首尾有空格", "there are spaces at its ends")


def _require_mask(mask: str) -> None:
    if mask not in masks.MASKS:
        known = ", ".join(masks.MASKS)
        raise FormatError(f"没有这种脱敏方式，可用：{known}", f"no such mask; there are {known}")


# A name or a heading.
Line = Annotated[
    str,
    StringConstraints(min_length=1, max_length=limits.MAX_NAME_CHARS),
    checked_by(require_line),
]
# The value of a field.
Value = Annotated[
    str,
    StringConstraints(min_length=1, max_length=limits.MAX_FIELD_CHARS),
    checked_by(require_line),
]
MaskName = Annotated[str, checked_by(_require_mask)]


class Copy(Strict):
    """The same name, the same value."""

    op: Literal["copy"] = "copy"
    source: Line

    @property
    def target(self) -> str:
        """The name, which is that of the source."""
        return self.source

    def convert(self, value: str) -> str | None:
        """Return ``value``."""
        return value


class Rename(Strict):
    """Another name, the same value."""

    op: Literal["rename"] = "rename"
    source: Line
    target: Line

    def convert(self, value: str) -> str | None:
        """Return ``value``."""
        return value


class Constant(Strict):
    """A value that follows from the type alone (车辆类别 of a truck's licence)."""

    op: Literal["constant"] = "constant"
    target: Line
    value: Value


class ValueTable(Strict):
    """Another name for each value (值表).

    Attributes:
        values: The target's value for each of the source's.
        default: For every other value; without it such a value has no counterpart.
    """

    op: Literal["table"] = "table"
    source: Line
    target: Line
    values: dict[Value, Value] = Field(min_length=1)
    default: Value | None = None

    def convert(self, value: str) -> str | None:
        """Return the counterpart of ``value``, if it has one."""
        return self.values.get(value, self.default)


class DateForm(Strict):
    """A date in another written form.

    Attributes:
        form: How the target writes it; the source may have any of the three.
    """

    op: Literal["date"] = "date"
    source: Line
    target: Line
    form: Literal["YYYY-MM-DD", "YYYYMMDD", "YYYY年MM月DD日"]

    def convert(self, value: str) -> str | None:
        """Return the date in this form, or None if ``value`` is not a date."""
        day = read_date(value)
        if day is None:
            return None
        return _WRITTEN[self.form].format(day.year, day.month, day.day)


class Masking(Strict):
    """Part of the value (脱敏).

    Attributes:
        mask: Name of the mask, see `ecert.model.masks`.
    """

    op: Literal["mask"] = "mask"
    source: Line
    target: Line
    mask: MaskName

    def convert(self, value: str) -> str | None:
        """Return what the mask leaves, or None where it does not fit the value."""
        try:
            return masks.apply(self.mask, value)
        except ValueError:  # the mask `year` on what is not a date
            return None


FieldMap = Annotated[
    Copy | Rename | Constant | ValueTable | DateForm | Masking, Field(discriminator="op")
]
"""One line of the field comparison (照面信息对照)."""

_WRITTEN: Final = {
    "YYYY-MM-DD": "{:04}-{:02}-{:02}",
    "YYYYMMDD": "{:04}{:02}{:02}",
    "YYYY年MM月DD日": "{:04}年{:02}月{:02}日",
}
_READ: Final = (
    re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})"),
    re.compile(r"([0-9]{4})([0-9]{2})([0-9]{2})"),
    re.compile(r"([0-9]{4})年([0-9]{1,2})月([0-9]{1,2})日"),
)


def read_date(text: str) -> date | None:
    """Return the day that ``text`` writes in one of the three forms, or None."""
    for form in _READ:
        match = form.fullmatch(text)
        if match is not None:
            try:
                return date(int(match[1]), int(match[2]), int(match[3]))
            except ValueError:  # no such day
                return None
    return None


class Mapped(NamedTuple):
    """The fields as the accepting region names them, and what is wrong with them.

    Attributes:
        fields: Values by the target type's field names.
        missing: Required fields of the target that nothing shown gives.
        unmapped: Fields of the source whose value has no counterpart.
    """

    fields: Mapping[str, str]
    missing: tuple[str, ...] = ()
    unmapped: tuple[str, ...] = ()

    @property
    def reasons(self) -> tuple[Reason, ...]:
        """What this makes of the verdict: nothing, `field-missing`, `value-unmapped` or both."""
        missing = (Reason.FIELD_MISSING,) if self.missing else ()
        return missing + ((Reason.VALUE_UNMAPPED,) if self.unmapped else ())


def apply(entry: Entry, shown: Mapping[str, str]) -> Mapped:
    """Map what a licence shows as ``entry`` says.

    A field that is not shown is simply absent; it matters only where it is required.

    Args:
        entry: The entry that recognises the licence.
        shown: Values by the source type's field names.
    """
    if entry.fields is None:
        return Mapped(dict(shown), tuple(name for name in entry.required if not shown.get(name)))
    fields: dict[str, str] = {}
    unmapped: dict[str, str] = {}
    for field in entry.fields:
        if isinstance(field, Constant):
            fields[field.target] = field.value
            continue
        value = shown.get(field.source)
        if not value:
            continue
        converted = field.convert(value)
        if converted is None:
            unmapped[field.target] = field.source
        else:
            fields[field.target] = converted
    # A required field that was shown but has no counterpart is told once, as unmapped.
    missing = (name for name in entry.required if name not in fields and name not in unmapped)
    return Mapped(fields, tuple(missing), tuple(dict.fromkeys(unmapped.values())))
