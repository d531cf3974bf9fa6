"""The XML parts of a workbook, parsed as a stream."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING
from xml.parsers import expat

from ecert.sheets import refusals

if TYPE_CHECKING:
    from collections.abc import Callable

    from ecert.sheets.package import Package


# A part has a few names, a million times over; a hostile one has no more than fit.
@lru_cache(maxsize=256)
def local_name(name: str) -> str:
    """Return the name of an element or attribute without its prefix."""
    return name.rpartition(":")[2]


def parse_part(
    package: Package,
    part: str,
    name: str,
    start: Callable[[str, dict[str, str]], None],
    end: Callable[[str], None] | None = None,
    characters: Callable[[str], None] | None = None,
) -> None:
    """Call ``start``, ``end`` and ``characters`` for what a part holds.

    Raises:
        TableError: The part is missing, damaged, or declares entities.
    """
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.CharacterDataHandler = characters

    def refuse(*_: object) -> None:
        raise refusals.active_content(name, "XML实体声明", "declarations of XML entities")

    parser.StartDoctypeDeclHandler = refuse
    try:
        for chunk in package.chunks(part):
            parser.Parse(chunk, False)  # noqa: FBT003
        parser.Parse(b"", True)  # noqa: FBT003
    except expat.ExpatError as error:
        raise refusals.not_a_table(name, str(error)) from None
    except (ValueError, LookupError):  # an encoding that does not exist
        raise refusals.not_a_table(name, "an unknown encoding") from None
