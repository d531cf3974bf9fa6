"""Licence types that this office works with beside those that come along: ``types/*.json``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ecert.errors import CatalogueError
from ecert.model.licence_type import LicenceType

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from ecert.model.catalogue import Catalogue

FOLDER: Final = "types"
_MAX_BYTES: Final = 1024 * 1024


def read_type(path: Path) -> LicenceType:
    """Read the definition in a file.

    Raises:
        CatalogueError: Not a definition, or one that contradicts itself.
    """
    with path.open("rb") as file:
        data = file.read(_MAX_BYTES + 1)
    if len(data) > _MAX_BYTES:
        raise CatalogueError(
            "证照类型定义文件过大", f"a definition has at most {_MAX_BYTES} bytes", where=path.name
        )
    return LicenceType.read(data, where=path.name)


def own_types(folder: Path) -> tuple[LicenceType, ...]:
    """Return the types that the workspace in ``folder`` has been given.

    Raises:
        CatalogueError: A file is not a definition.
    """
    files = sorted((folder / FOLDER).glob("*.json"))
    return tuple(read_type(path) for path in files)


def with_own_types(folder: Path, catalogue: Catalogue) -> Catalogue:
    """Return ``catalogue`` with the types that the workspace has been given.

    A definition that the catalogue has already, as when partners send it back, counts once.
    """
    new = [one for one in own_types(folder) if _is_newer(one, catalogue)]
    return catalogue.with_types(new) if new else catalogue


def add_types(folder: Path, catalogue: Catalogue, files: Sequence[Path]) -> list[LicenceType]:
    """Give the workspace the definitions in ``files``: all of them, or none.

    Raises:
        CatalogueError: One is not sound, or contradicts the catalogue.
    """
    read = {path: read_type(path) for path in files}
    catalogue.with_types(one for one in read.values() if one != catalogue.own(one.code))
    place = folder / FOLDER
    place.mkdir(exist_ok=True)
    for path, one in read.items():
        target = place / f"{one.code}.json"
        temporary = place / f".{one.code}.tmp"
        temporary.write_bytes(path.read_bytes())
        temporary.replace(target)
    return list(read.values())


def _is_newer(one: LicenceType, catalogue: Catalogue) -> bool:
    # What a recognition list carries gives way to the office's own definition.
    known = catalogue.own(one.code)
    return known is None or known.version < one.version
