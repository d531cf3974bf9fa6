"""What a licence itself must fulfil to be recognised: a closed set of conditions.

A condition looks at the fields of the source's type, as the licence shows them, and at the day.
It is data, never a program; whether it is met is a pure function of both.
"""

from __future__ import annotations

from datetime import date  # noqa: TC003 - pydantic reads annotations at run time
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field

from ecert import limits
from ecert.interop.mapping import Line, Value, read_date
from ecert.reasons import Language, Reason
from ecert.trust.document import Strict

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

Years = Annotated[int, Field(ge=0, le=limits.MAX_AGE_YEARS)]


class Equals(Strict):
    """A field has one value, character by character.

    Attributes:
        field: Field of the source's type.
        value: What it must be.
    """

    op: Literal["equals"] = "equals"
    field: Line
    value: Value

    def judge(self, value: str, on: date) -> Reason | None:  # noqa: ARG002 - as of all conditions
        """Return None where ``value`` meets the condition, else why not."""
        return None if value == self.value else Reason.CONDITION_NOT_MET

    def told(self, language: Language = "zh") -> str:
        """Return the condition in words."""
        return (
            f"{self.field}为“{self.value}”" if language == "zh" else f"{self.field}: {self.value}"
        )


class OneOf(Strict):
    """A field has one of several values, character by character.

    Attributes:
        field: Field of the source's type.
        values: What it may be.
    """

    op: Literal["one-of"] = "one-of"
    field: Line
    values: tuple[Value, ...] = Field(min_length=1, max_length=limits.MAX_CONDITION_VALUES)

    def judge(self, value: str, on: date) -> Reason | None:  # noqa: ARG002 - as of all conditions
        """Return None where ``value`` meets the condition, else why not."""
        return None if value in self.values else Reason.CONDITION_NOT_MET

    def told(self, language: Language = "zh") -> str:
        """Return the condition in words."""
        if language == "zh":
            return f"{self.field}为“{'”或“'.join(self.values)}”"
        return f"{self.field}: {' or '.join(self.values)}"


class Age(Strict):
    """Whole years have passed since a date, the birthday itself counted.

    Who was born on 29 February completes a year on 1 March where there is no 29 February.

    Attributes:
        field: Date field of the source's type.
        at_least: Fewest years.
        at_most: Most years; who is that old stays so until the next birthday.
        on: The day on which it is counted; None is the day of checking.
    """

    op: Literal["age"] = "age"
    field: Line
    at_least: Years | None = None
    at_most: Years | None = None
    on: date | None = None

    def judge(self, value: str, on: date) -> Reason | None:
        """Return None where ``value`` meets the condition, else why not."""
        since = read_date(value)
        if since is None:
            return Reason.VALUE_UNMAPPED
        years = whole_years(since, self.on or on)
        # Whoever was not yet born had no age, and was not "at most" anything.
        low, high = self.at_least or 0, self.at_most
        if years < low or (high is not None and years > high):
            return Reason.CONDITION_NOT_MET
        return None

    def told(self, language: Language = "zh") -> str:
        """Return the condition in words."""
        low, high, day = self.at_least, self.at_most, self.on
        if language == "zh":
            bounds = [] if low is None else [f"满{low}周岁"]
            bounds += [] if high is None else [f"不超过{high}周岁"]
            as_of = "" if day is None else f"（以{day.isoformat()}为准）"
            return f"按{self.field}计算{'、'.join(bounds)}{as_of}"
        bounds = [] if low is None else [f"at least {low}"]
        bounds += [] if high is None else [f"at most {high}"]
        as_of = "" if day is None else f" on {day.isoformat()}"
        return f"{self.field}: {' and '.join(bounds)} years{as_of}"


Condition = Annotated[Equals | OneOf | Age, Field(discriminator="op")]
"""One condition of an entry."""


def whole_years(since: date, on: date) -> int:
    """Return how many years are complete on a day; negative before the first day."""
    return on.year - since.year - ((on.month, on.day) < (since.month, since.day))


def unmet(
    conditions: Iterable[Condition], shown: Mapping[str, str], on: date
) -> list[tuple[Condition, Reason]]:
    """Return the conditions that keep a licence from being recognised, each with its reason.

    The reason is `condition-not-met`; `field-missing` where the field is not shown, so that
    nobody can tell; or `value-unmapped` where an age is asked of what is no date.

    Args:
        conditions: Those of the entry.
        shown: Values that are shown in full, by the source type's field names.
        on: The day of checking.
    """
    found = []
    for condition in conditions:
        value = shown.get(condition.field)
        reason = condition.judge(value, on) if value else Reason.FIELD_MISSING
        if reason is not None:
            found.append((condition, reason))
    return found
