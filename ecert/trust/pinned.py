"""The pinned root sets, and what may follow one (TUF specification §5.3).

The first set of a region is believed on people's word, who have compared its fingerprint.  Each
later one must be the next version, signed by enough root keys of the pinned set and of its own.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, TypeVar

from ecert.errors import DocumentRefusedError
from ecert.faults import DocumentFault
from ecert.trust.document import Document, content_fault
from ecert.trust.index import scopes
from ecert.trust.roots import Role, RootSet
from ecert.trust.signatures import open_envelope, require_signed
from ecert.trust.succession import (
    Mark,
    check_dates,
    check_not_ahead,
    check_not_older,
    check_predecessor,
)

if TYPE_CHECKING:
    from datetime import datetime

    from ecert.sign.envelope import Envelope

_Kind = TypeVar("_Kind", bound=Document)


@dataclass(frozen=True, slots=True)
class Held(Generic[_Kind]):
    """A document in force, with the bytes that prove it."""

    document: _Kind
    envelope: Envelope
    data: bytes

    @property
    def mark(self) -> Mark:
        """Its version and hash."""
        return Mark(self.document.version, self.envelope.digest)


class PinnedRoots:
    """The root sets by region; a part of `ecert.trust.book.TrustBook`, which keeps the marks."""

    def __init__(self) -> None:
        self._held: dict[str, Held[RootSet]] = {}

    def propose(self, data: bytes, mark_of: dict[str, Mark], *, at: datetime) -> Held[RootSet]:
        """Say whether a root set may be pinned now, and return it.  Changes nothing.

        Raises:
            DocumentRefusedError: It may not; what is pinned stays.
        """
        # (1) It is an envelope of a root set that keeps its rules and stands by itself.
        proposed = prove(open_envelope(data, RootSet.TYP), data)
        roots = proposed.document
        # (2) A first set is in date, and not older than one that was pinned here before.
        pinned = self._held.get(roots.owner)
        if pinned is None:
            check_dates(roots, at)
            if mark := mark_of.get(roots.slot):
                check_not_older(roots, proposed.mark.digest, mark)
        # (3) A later one is the next version, and enough of the pinned root keys have signed.
        else:
            check_rotation(proposed, pinned, at=at)
        return proposed

    def put(self, held: Held[RootSet]) -> None:
        """Keep a root set that `propose` or `prove` has returned."""
        self._held[held.document.owner] = held

    def remove(self, owner: str) -> None:
        """Forget the root set of a region."""
        self._held.pop(owner, None)

    def all(self) -> tuple[Held[RootSet], ...]:
        """Return all that is pinned."""
        return tuple(self._held.values())

    def get(self, owner: str) -> RootSet | None:
        """Return the root set of exactly this region."""
        held = self._held.get(owner)
        return None if held is None else held.document

    def governing(self, region: str) -> RootSet | None:
        """Return the region's own root set, or that of the nearest pinned region above it."""
        return next((self._held[c].document for c in scopes(region) if c in self._held), None)

    def require_governing(self, region: str) -> RootSet:
        """Return the governing root set.

        Raises:
            DocumentRefusedError: Fault `not-pinned`.
        """
        roots = self.governing(region)
        if roots is None:
            raise DocumentRefusedError(
                DocumentFault.NOT_PINNED,
                region,
                region,
                where="owner",
                fix_zh="请先与对方当面或电话核对指纹，再认定其根密钥",
                fix_en="First compare the fingerprint with them, then pin their root set",
            )
        return roots


def prove(opened: Envelope, data: bytes) -> Held[RootSet]:
    """Read a root set and require enough signatures by its own root keys.

    Raises:
        DocumentRefusedError: Fault `malformed`, `content`, `signature` or `too-few-signatures`.
    """
    roots = RootSet.from_payload(opened.unverified_payload)
    roots.check_content()
    require_signed(opened, roots, Role.ROOTS)
    return Held(roots, opened, data)


def check_rotation(proposed: Held[RootSet], pinned: Held[RootSet], *, at: datetime) -> None:
    """Check that one self-signed root set may follow another; the same once more may.

    A successor that has itself expired is let through: the way to the set in force leads over
    it, version by version, and nothing can be accepted under it.

    Raises:
        DocumentRefusedError: Fault `rollback`, `version-conflict`, `version-jump`,
            `too-few-signatures`, `signature`, `predecessor`, `content` or `from-future`.
    """
    new, old = proposed.document, pinned.document
    check_not_older(new, proposed.mark.digest, pinned.mark)
    if new.version == old.version:
        return
    if new.version != old.version + 1:
        raise DocumentRefusedError(
            DocumentFault.VERSION_JUMP,
            f"根密钥须逐版更新，缺第 {old.version + 1} 版",
            f"roots go version by version; {old.version + 1} is missing",
            where="version",
        )
    require_signed(proposed.envelope, old, Role.ROOTS)
    check_predecessor(new, pinned.mark)
    if new.demo != old.demo:
        raise content_fault(
            "演示用与正式的根密钥不能互换", "demo and real roots never replace each other", "demo"
        )
    check_not_ahead(new, at)
