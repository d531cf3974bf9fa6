"""Which licence types an office means by names in lists: ``recognition-choices.json``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pydantic import ValidationError

from ecert.errors import FormatError
from ecert.interop.workbook.choices import TypeChoice, TypeChoices
from ecert.interop.workbook.names import normal_name
from ecert.sheets.atomic import atomic_file

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime
    from pathlib import Path

    from ecert.model.catalogue import Catalogue

FILE: Final = "recognition-choices.json"
_MAX_BYTES: Final = 8 * 1024 * 1024


def read_choices(folder: Path) -> TypeChoices:
    """Return what the workspace in ``folder`` remembers.

    Raises:
        FormatError: The file is damaged.
    """
    path = folder / FILE
    if not path.is_file():
        return TypeChoices()
    with path.open("rb") as file:
        return TypeChoices.read(file.read(_MAX_BYTES), where=path.name)


def made_choices(
    chosen: Mapping[str, str], catalogue: Catalogue, *, by: str, at: datetime
) -> tuple[TypeChoice, ...]:
    """Return decisions about names.

    Args:
        chosen: Type code, or name in the catalogue, by name in the list.
        catalogue: The types that may be chosen.
        by: Who decides.
        at: When.

    Raises:
        CatalogueError: There is no such type.
        FormatError: A name that the catalogue has already, of another type.
    """
    made = []
    for name, code in chosen.items():
        licence_type = catalogue.require(code)
        known = catalogue.get(name)
        if known is not None and known.code != licence_type.code:
            raise FormatError(
                f"“{name}”在目录中就是{known.code}，不能另选",
                f"the catalogue has this name for {known.code}",
                where=name,
                fix_zh="请在表中填写证照类型代码",
                fix_en="Fill in the type code in the table",
            )
        try:
            choice = TypeChoice(name=normal_name(name), type=licence_type.code, by=by or "-", at=at)
        except ValidationError:
            raise FormatError("名称写法不对", "not a name", where="--choose") from None
        made.append(choice)
    return tuple(made)


def write_choices(folder: Path, choices: TypeChoices) -> None:
    """Remember ``choices`` in the workspace in ``folder``; wholly, or nothing changes."""
    with atomic_file(folder / FILE) as file:
        file.write(choices.to_bytes())
