"""What a window remembers of its sources: the server's mark of each copy that is in force."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final, Self

import orjson

from ecert.errors import EcertError
from ecert.issuers.manifests import name_document
from ecert.sheets.atomic import atomic_file
from ecert.trust.manifest import Manifest
from ecert.trust.roots import RootSet
from ecert.trust.signatures import open_envelope, unverified_owner
from ecert.trust.trust_list import TrustList
from ecert.verify.kinds import kind_of

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
        same = mark is not None and mark.digest == entry["digest"]
        return (entry["etag"] or None) if same else None

    def owner_at(self, url: str) -> str | None:
        """Return whose trust list came from an address last."""
        slot = self._entries.get(url, {}).get("slot", "")
        kind, _, owner = slot.partition(":")
        return owner if kind == TrustList.TYP else None

    def note(self, url: str, etag: str | None, data: bytes, found: Iterable[Intake]) -> None:
        """Remember what came from an address; its mark only if it is in force.

        Whose it says it is is remembered anyhow: it only tells which configured folder to look in.
        """
        self._entries.pop(url, None)
        named = _named(data)
        if named is None:
            return
        slot, digest = named
        good = {
            (one.slot, one.digest)
            for intake in found
            if intake.error is None
            for one in intake.accepted
        }
        mark = etag if etag is not None and named in good else ""
        self._entries[url] = {"etag": mark, "slot": slot, "digest": digest}


def _object(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _named(data: bytes) -> tuple[str, str] | None:
    try:
        kind = kind_of(data)
        if kind in {RootSet.TYP, Manifest.TYP}:
            opened = open_envelope(data, kind)
            return f"{kind}:{unverified_owner(opened)}", opened.digest
        named = name_document(data)
    except (EcertError, KeyError, TypeError, ValueError):
        return None
    return named.slot, named.sha256
