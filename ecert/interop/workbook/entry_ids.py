"""The ids of entries: an office's own, those of the list in force, or what an entry recognises."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ecert.interop.recognition import RecognitionList

Recognised = tuple[str, str, str, str]
"""What an entry recognises: issuing region, type there, accepting region, type there."""


def ids_of(before: RecognitionList | None) -> dict[Recognised, list[str]]:
    """Return the ids of a list's entries, by what they recognise."""
    known: dict[Recognised, list[str]] = {}
    for entry in before.entries if before is not None else ():
        source, target = entry.source, entry.target
        key = (source.region, source.type, target.region, target.type)
        known.setdefault(key, []).append(entry.id)
    return known


def id_of(
    given: str,
    key: Recognised,
    old: dict[Recognised, list[str]],
    *,
    alone: bool,
) -> str:
    """Return the id of an entry: its own, that of the list in force, or what it recognises.

    What it recognises, and not its place: a row that is put in between must not make one entry
    of a former version another.
    """
    source, source_type, target, target_type = key
    if given:
        return given if alone else f"{given}-{source}-{target}"
    kept = old.get(key, ())
    if len(kept) == 1:
        return kept[0]
    tail = "" if source_type == target_type else f"-{target_type[-6:]}"
    return f"{source}-{target}-{source_type}{tail}"
