"""One field of a licence type (照面要素), and the one form that each of its values has."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from ecert.errors import FieldsError
from ecert.limits import MAX_FIELD_CHARS
from ecert.model.field_values import canonical_value

FieldKind = Literal["text", "code", "date", "integer", "decimal"]

# A name of a type, field, authority: as long as a form's column heading may be.
Name = Annotated[str, Field(min_length=1, max_length=100)]
# GB/T 36903: elements of one type carry the prefix KZ_ and their pinyin initials.
ShortName = Annotated[str, Field(pattern=r"\AKZ_[A-Z0-9]{1,30}\z")]


class FieldSpec(BaseModel):
    """The definition of one field of a licence type.

    Holder, number, issuer and dates are not fields: every licence has them (GB/T 36903,
    证照基础信息); fields are what one type adds (业务信息).

    Attributes:
        key: Integer name on the wire, 1 to 99; never used again for another field.
        name: Chinese name, as printed on the licence.
        short: Short name of GB/T 36903, ``KZ_`` and pinyin initials.
        kind: ``text``; ``code`` (no spaces, no full-width characters); ``date``
            (``YYYY-MM-DD``); ``integer`` (not negative); ``decimal`` (not negative).
        required: Whether a licence of the type must have it.
        disclosable: Whether the holder may keep it back (selective disclosure).
        mask: Name of the mask that show profiles use unless they name their own.
        max_chars: Most characters of a value; not used for dates.
        values: The allowed values, or None where any will do.
        joined: Whether several of ``values`` may stand one after the other (准驾车型: A2D).
    """

    model_config = ConfigDict(frozen=True, strict=True, extra="forbid")

    key: int = Field(ge=1, le=99)
    name: Name
    short: ShortName
    kind: FieldKind
    required: bool = False
    disclosable: bool = True
    mask: str = "none"
    max_chars: int = Field(default=200, ge=1, le=MAX_FIELD_CHARS)
    values: tuple[str, ...] | None = None
    joined: bool = False

    def canonical(self, value: object) -> str:
        """Return the one text form of ``value``.

        A text comes back unchanged or is refused; nothing is trimmed or normalised.

        Args:
            value: Text; for a date also `datetime.date`, for numbers `int` or `decimal.Decimal`.

        Raises:
            FieldsError: The value is not one of this field; every fault is listed.
        """
        text, faults = canonical_value(self, value)
        if faults:
            raise FieldsError(faults, where=self.name)
        return text
