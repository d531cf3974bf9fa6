"""What a window remembers of its sources: the server's mark of each copy that is in force."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final, Self

import orjson

from ecert.errors import EcertError
from ecert.issuers.manifests import name_document
from ecert.sheets.atomic import atomic_file
from ecert.trust.signatures import open_envelope
from ecert.verify.kinds import STATUS_KIND, kind_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from ecert.trust.succession import Mark
    from ecert.workspace.intake import Intake

FILE: Final = "sync.json"
_MAX_BYTES: Final = 4 * 1024 * 1024


class SyncMemory:
    """Marks (ETag) by address; only of copies that came into force, and while they are.

    It only saves fetching: without it, or where it is damaged, everything is fetched.
    """

    def __init__(self, entries: dict[str, dict[str, str]] | None = None) -> None:
        self._entries = entries or {}

    @classmethod
    def read(cls, folder: Path) -> Self:
        """Read what the workspace in ``folder`` remembers."""
        with suppress(OSError, ValueError):
            path = folder / FILE
            if path.stat().st_size <= _MAX_BYTES:
                return cls({
                    str(url): {name: str(entry[name]) for name in ("etag", "slot", "digest")}
                    for url, entry in _object(orjson.loads(path.read_bytes())).items()
                    if isinstance(entry, dict) and entry.keys() >= {"etag", "slot", "digest"}
                })  # fmt: skip
        return cls()

    def write(self, folder: Path) -> None:
        """Keep it.

        Raises:
            TableError: The folder refuses.
        """
        with atomic_file(folder / FILE) as file:
            file.write(orjson.dumps(self._entries, option=orjson.OPT_INDENT_2))

    def etag(self, url: str, in_force: Mapping[str, Mark]) -> str | None:
        """Return the mark to ask with: only if the copy that it belongs to is in force."""
        entry = self._entries.get(url)
        if entry is None:
            return None
        mark = in_force.get(entry["slot"])
        return entry["etag"] if mark is not None and mark.digest == entry["digest"] else None

    def note(self, url: str, etag: str | None, data: bytes, found: Iterable[Intake]) -> None:
        """Remember a copy, if it is one document and has come into force."""
        self._entries.pop(url, None)
        if etag is None:
            return
        digest = _digest(data)
        for one in (one for intake in found if intake.error is None for one in intake.accepted):
            if one.digest == digest:
                self._entries[url] = {"etag": etag, "slot": one.slot, "digest": one.digest}


def _object(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _digest(data: bytes) -> str | None:
    try:
        kind = kind_of(data)
        return (
            name_document(data).sha256 if kind == STATUS_KIND else open_envelope(data, kind).digest
        )
    except EcertError:
        return None
