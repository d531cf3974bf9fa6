"""Which licence type an office means by a name that the catalogue does not have; remembered."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Self

import orjson
from pydantic import Field, ValidationError

from ecert.errors import FormatError
from ecert.interop.entry import TypeCode  # noqa: TC001 - pydantic reads it at run time
from ecert.interop.mapping import Line  # noqa: TC001 - pydantic reads it at run time
from ecert.limits import MAX_TYPE_CHOICES
from ecert.trust.document import Strict, UTCTime

if TYPE_CHECKING:
    from collections.abc import Iterable


class TypeChoice(Strict):
    """What one name means.

    Attributes:
        name: The name as lists write it, in the form of `normal_name`.
        type: Licence type code (证照类型代码).
        by: Who has decided it.
        at: When.
    """

    name: Line
    type: TypeCode
    by: Line
    at: UTCTime


class TypeChoices(Strict):
    """What an office has decided about names; the last decision about a name counts.

    Attributes:
        choices: The decisions, each name once.
    """

    choices: Annotated[tuple[TypeChoice, ...], Field(max_length=MAX_TYPE_CHOICES)] = ()

    @classmethod
    def read(cls, data: bytes, *, where: str = "") -> Self:
        """Read them from JSON.

        Raises:
            FormatError: It has another form.
        """
        try:
            return cls.model_validate_json(data)
        except ValidationError as error:
            raise FormatError(
                "不是证照名称对应记录，或已损坏",
                f"not a record of chosen licence types ({error.error_count()} faults)",
                where=where,
                fix_zh="请从备份恢复，或删除后重新选择",
                fix_en="Restore it from a backup, or remove it and choose again",
            ) from None

    def to_bytes(self) -> bytes:
        """Return them as JSON."""
        return orjson.dumps(self.model_dump(mode="json"), option=orjson.OPT_INDENT_2) + b"\n"

    def get(self, name: str) -> str | None:
        """Return the type code that was chosen for a name in normal form, or None."""
        return next((one.type for one in self.choices if one.name == name), None)

    def with_choices(self, more: Iterable[TypeChoice]) -> TypeChoices:
        """Return them with ``more``, which take the place of earlier ones.

        Raises:
            FormatError: There would be too many.
        """
        kept = {one.name: one for one in (*self.choices, *more)}
        if len(kept) > MAX_TYPE_CHOICES:
            raise FormatError(
                f"最多记住{MAX_TYPE_CHOICES}个名称", f"at most {MAX_TYPE_CHOICES} names are kept"
            )
        return TypeChoices(choices=tuple(kept.values()))
