"""The ways in which rows of offices are bad, each put into a row that was good."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    import random
    from collections.abc import Callable, Mapping, Sequence

    from ecert.model.catalogue import LicenceType

_FULL_WIDTH: Final = {ord("0") + digit: ord("０") + digit for digit in range(10)}


@dataclass(frozen=True, slots=True)
class Row:
    """One row while it is made.

    Attributes:
        values: Its cells.
        places: The column of each heading.
        type: Its licence type.
    """

    values: list[str]
    places: Mapping[str, int]
    type: LicenceType

    def put(self, heading: str, value: str) -> None:
        """Write a cell."""
        self.values[self.places[heading]] = value

    def get(self, heading: str) -> str:
        """Return a cell."""
        return self.values[self.places[heading]]


def _ruined_number(row: Row) -> bool:
    row.put("持证主体代码", "5.11602E+17")
    return True


def _wrong_check_digit(row: Row) -> bool:
    number = row.get("持证主体代码")
    row.put("持证主体代码", number[:-1] + ("1" if number[-1] != "1" else "2"))
    return True


def _old_resident_id(row: Row) -> bool:
    row.put("持证主体代码", "511602800101123")
    return True


def _full_width_digits(row: Row) -> bool:
    row.put("持证主体代码", row.get("持证主体代码").translate(_FULL_WIDTH))
    return True


def _two_names_one_number(row: Row) -> bool:
    row.put("持证主体", "张示例^李示例")
    row.put("持证主体代码", row.get("持证主体代码").partition("^")[0])
    return True


def _no_name(row: Row) -> bool:
    row.put("持证主体", "")
    return True


def _invisible_character(row: Row) -> bool:
    row.put("持证主体", row.get("持证主体")[:1] + "\u200b" + row.get("持证主体")[1:])
    return True


def _no_number(row: Row) -> bool:
    row.put("证照编号", "")
    return True


def _error_value(row: Row) -> bool:
    row.put("证照编号", "#N/A")
    return True


def _unknown_type(row: Row) -> bool:
    row.put("证照类型", "没有定义过的许可证")
    row.put("证照类型代码", "")
    return True


def _no_type(row: Row) -> bool:
    row.put("证照类型", "")
    row.put("证照类型代码", "")
    return True


def _no_such_day(row: Row) -> bool:
    column = "有效期截止日期" if row.type.validity.rule != "open" else "有效期起始日期"
    row.put(column, "2027年2月30日")
    return True


def _serial_of_a_day(row: Row) -> bool:
    row.put("证照颁发日期", "45292")
    return True


def _no_last_day(row: Row) -> bool:
    row.put("有效期截止日期", "")
    return row.type.validity.rule != "open"


def _ends_before_it_begins(row: Row) -> bool:
    row.put("有效期截止日期", "1999-12-31")
    return row.type.validity.rule != "open"


def _required_missing(row: Row) -> bool:
    row.put(next(spec.name for spec in row.type.fields if spec.required), "")
    return True


def _not_in_the_table(row: Row) -> bool:
    names = [one.name for one in row.type.fields if one.values and one.name in row.places]
    for name in names[:1]:
        row.put(name, "特级")
    return bool(names)


def _no_quantity(row: Row) -> bool:
    names = [
        one.name
        for one in row.type.fields
        if one.kind in ("integer", "decimal") and one.name in row.places
    ]
    for name in names[:1]:
        row.put(name, "约30")
    return bool(names)


def _too_long(row: Row) -> bool:
    specs = [one for one in row.type.fields if one.kind == "text" and one.name in row.places]
    for spec in specs[:1]:
        row.put(spec.name, "长" * (spec.max_chars + 1))
    return bool(specs)


def _cell_too_many(row: Row) -> bool:
    row.values.append("多")
    return True


# Those that ask for more than the row itself are made in `spoil`.
_MAKERS: Final[Mapping[str, Callable[[Row], bool]]] = {
    "ruined number": _ruined_number,
    "wrong check digit": _wrong_check_digit,
    "old resident id": _old_resident_id,
    "full-width digits": _full_width_digits,
    "two names, one number": _two_names_one_number,
    "no name": _no_name,
    "invisible character": _invisible_character,
    "no licence number": _no_number,
    "error value": _error_value,
    "unknown type": _unknown_type,
    "no type": _no_type,
    "no such day": _no_such_day,
    "serial of a day": _serial_of_a_day,
    "no last day": _no_last_day,
    "ends before it begins": _ends_before_it_begins,
    "required field missing": _required_missing,
    "value not in the table": _not_in_the_table,
    "no quantity": _no_quantity,
    "text too long": _too_long,
    "one cell too many": _cell_too_many,
}
_DUPLICATE: Final = "duplicate"
_OTHER_CODE: Final = "code of another type"
_STRANGER: Final = "field of another type"
FAULTS: Final = (*_MAKERS, _DUPLICATE, _OTHER_CODE, _STRANGER)
"""Every way, in the order in which they come."""


def spoil(
    row: Row, fault: str, recent: Sequence[Row], types: Sequence[LicenceType], chance: random.Random
) -> str:
    """Make a row bad, and return how: by another fault where its type does not know this one.

    Args:
        row: The row; its cells are changed.
        fault: One of `FAULTS`.
        recent: Good rows above it.
        types: All types.
        chance: What is drawn from.
    """
    if fault == _DUPLICATE and recent:
        row.values[1:] = chance.choice(recent).values[1:]
        return fault
    if fault == _OTHER_CODE:
        other = next(one for one in types if one.code != row.type.code)
        row.put("证照类型", row.type.name)
        row.put("证照类型代码", other.code)
        return fault
    if fault == _STRANGER:
        known = {spec.name for one in types for spec in one.fields} & set(row.places)
        strange = sorted(known.difference(spec.name for spec in row.type.fields))
        row.put(chance.choice(strange), "1")
        return fault
    before = list(row.values)
    if fault in _MAKERS and _MAKERS[fault](row):
        return fault
    row.values[:] = before
    _ruined_number(row)
    return "ruined number"
