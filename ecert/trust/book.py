"""The trust book: which roots and trust lists are in force, and what may replace them.

Pure and in memory.  Documents and marks are handed out and in; the layer that stores them does
so in one transaction, so that no crash can leave a document without its mark.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ecert.errors import DocumentRefusedError
from ecert.faults import DocumentFault
from ecert.trust.index import IssuerEntry, IssuerKey, TrustIndex
from ecert.trust.pinned import Held, PinnedRoots, prove
from ecert.trust.roots import Role, RootSet, starts_new_epoch
from ecert.trust.signatures import is_signed, open_envelope, require_signed, unverified_owner
from ecert.trust.succession import Mark, check_restored, check_succession
from ecert.trust.trust_list import TrustList, check_collisions, check_extent

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from ecert.sign.envelope import Envelope
    from ecert.trust.trust_list import KeyUse


class TrustBook:
    """The pinned roots and the trust lists in force.

    Every list held is at all times signed by enough keys of the roots that govern its owner:
    the owner's own if they are pinned, otherwise the nearest pinned region's above it.

    Args:
        marks: High-water marks of an earlier life, by slot; other books' slots are left out.
    """

    KINDS = (f"{RootSet.TYP}:", f"{TrustList.TYP}:")
    """How the slots of this book begin."""

    def __init__(self, marks: Mapping[str, Mark] | None = None) -> None:
        self._marks = {
            slot: mark for slot, mark in (marks or {}).items() if slot.startswith(self.KINDS)
        }
        self._pinned = PinnedRoots()
        self._lists: dict[str, Held[TrustList]] = {}
        self._index = TrustIndex()

    # -- trust lists --------------------------------------------------------------------------

    def propose(
        self, data: bytes, *, reader: str, at: datetime, confirmed: bool = False
    ) -> TrustList:
        """Say whether a trust list may come into force now, and return it.  Changes nothing.

        Args:
            data: The envelope.
            reader: The region of this machine.
            at: This machine's time.
            confirmed: Whether a second person has confirmed a jump or a large change.

        Raises:
            DocumentRefusedError: It may not; what is in force stays.
        """
        # (1) It is an envelope, and of a trust list.
        opened = open_envelope(data, TrustList.TYP)
        # (2) Its alleged owner only says by whose roots it must be proven.
        roots = self.require_roots(unverified_owner(opened), at=at)
        # (3) Enough distinct keys that those roots name for trust lists have signed.
        require_signed(opened, roots, Role.TRUST_LIST)
        # (4) The content keeps its rules, and speaks of the owner's region alone.
        proposed = TrustList.from_payload(opened.unverified_payload)
        proposed.check_content()
        # (5) It is for this region, in date, and follows the version in force.
        mark = self._marks.get(proposed.slot)
        check_succession(proposed, opened.digest, mark, reader=reader, at=at, confirmed=confirmed)
        # (6) It does not change most of the list unseen, and takes nothing from another region.
        current = self.trust_list(proposed.owner)
        if current is not None:
            check_extent(current.codes(), proposed.codes(), confirmed=confirmed)
        check_collisions(
            proposed, (h.document for o, h in self._lists.items() if o != proposed.owner)
        )
        return proposed

    def accept(
        self, data: bytes, *, reader: str, at: datetime, confirmed: bool = False
    ) -> TrustList:
        """Bring a trust list into force, if `propose` lets it; the list in force is a no-op.

        Raises:
            DocumentRefusedError: As `propose`.
        """
        accepted = self.propose(data, reader=reader, at=at, confirmed=confirmed)
        held = Held(accepted, open_envelope(data, TrustList.TYP), data)
        self._lists[accepted.owner] = held
        self._marks[accepted.slot] = held.mark
        self._rebuild()
        return accepted

    # -- roots --------------------------------------------------------------------------------

    def propose_roots(self, data: bytes, *, at: datetime) -> RootSet:
        """Say whether a root set may be pinned now, and return it.  Changes nothing.

        The audience is not looked at: roots are handed over by people, who compare fingerprints.

        Raises:
            DocumentRefusedError: It may not; what is pinned stays.
        """
        return self._pinned.propose(data, self._marks, at=at).document

    def pin(self, data: bytes, *, at: datetime) -> RootSet:
        """Pin a region's root set for the first time, or its successor.

        Only after people have compared the fingerprint: the first set is believed on its own
        word.  Lists that the new keys do not prove are dropped and must be signed anew.

        Raises:
            DocumentRefusedError: As `propose_roots`.
        """
        held = self._pinned.propose(data, self._marks, at=at)
        roots, before = held.document, self.roots(held.document.owner)
        self._pinned.put(held)
        self._marks[roots.slot] = held.mark
        self._drop_unproven_lists()
        if before is not None and starts_new_epoch(before, roots, Role.TRUST_LIST):
            self._forget_marks(roots)
        self._rebuild()
        return roots

    def accept_roots(self, data: bytes, *, at: datetime) -> RootSet:
        """Take the successor of a pinned root set; safe without a person at hand.

        Raises:
            DocumentRefusedError: Fault `not-pinned` (there is no predecessor), or as
                `propose_roots`.
        """
        owner = unverified_owner(open_envelope(data, RootSet.TYP))
        if self.roots(owner) is None:
            raise DocumentRefusedError(DocumentFault.NOT_PINNED, owner, owner, where="owner")
        return self.pin(data, at=at)

    def unpin(self, owner: str) -> None:
        """Forget a region's roots and the lists that they alone prove.  Marks stay."""
        self._pinned.remove(owner)
        self._drop_unproven_lists()
        self._rebuild()

    def roots(self, owner: str) -> RootSet | None:
        """Return the root set that is pinned for exactly this region."""
        return self._pinned.get(owner)

    @property
    def has_real_roots(self) -> bool:
        """Whether a root set is pinned that is no demonstration's."""
        return self._index.has_real_roots

    def roots_for(self, region: str) -> RootSet | None:
        """Return the roots that govern ``region``: its own, or the nearest pinned above it."""
        return self._pinned.governing(region)

    def require_roots(self, region: str, *, at: datetime) -> RootSet:
        """Return the roots that govern ``region``, if they are in date.

        Raises:
            DocumentRefusedError: Fault `not-pinned` or `expired`.
        """
        roots = self._pinned.require_governing(region)
        if roots.expires <= at:
            raise DocumentRefusedError(
                DocumentFault.EXPIRED,
                f"{roots.owner} 的根密钥",
                f"the root keys of {roots.owner}",
                where="roots",
                fix_zh="请向该地区索取新的根密钥文件",
                fix_en="Ask that region for its new root set",
            )
        return roots

    # -- look-ups for verification ------------------------------------------------------------

    def find_keys(self, kid: bytes | str, use: KeyUse) -> tuple[IssuerKey, ...]:
        """Return the registered keys with this id: 8 bytes, or the whole as text."""
        return self._index.find_keys(kid, use)

    def issuer(self, code: str) -> IssuerEntry | None:
        """Return the issuer with this unified social credit code."""
        return self._index.issuer(code)

    def status_issuer(self, uri: str) -> IssuerEntry | None:
        """Return the issuer that has registered the status list at this address."""
        return self._index.status_issuer(uri)

    def status_uri(self, code: str, number: int) -> str | None:
        """Return the address that the issuer has registered for its status list ``number``."""
        return self._index.status_uri(code, number)

    def trust_list(self, owner: str) -> TrustList | None:
        """Return the list in force of exactly this region."""
        held = self._lists.get(owner)
        return None if held is None else held.document

    def lists_covering(self, region: str) -> tuple[TrustList, ...]:
        """Return the lists whose owner may vouch for issuers of ``region``, nearest first."""
        return self._index.lists_covering(region)

    # -- keeping ------------------------------------------------------------------------------

    @property
    def marks(self) -> dict[str, Mark]:
        """The high-water marks by slot; a `Mark` also is the identity of what is in force."""
        return dict(self._marks)

    def digest_of(self, trust_list: TrustList) -> str:
        """Return the SHA-256, in hex, of the payload of a list in force."""
        return self._marks[trust_list.slot].digest

    @property
    def documents(self) -> dict[str, bytes]:
        """The envelopes in force, by slot."""
        roots = {held.document.slot: held.data for held in self._pinned.all()}
        return roots | {held.document.slot: held.data for held in self._lists.values()}

    @classmethod
    def restored(cls, documents: Iterable[bytes], marks: Mapping[str, Mark]) -> TrustBook:
        """Return the book that handed out these `documents` and `marks`.

        Signatures and content are proven again; dates are not, for a list that has expired
        since must be known in order to be told apart from one that never came.

        Raises:
            DocumentRefusedError: A document is not the one that its mark names (an old backup),
                or it does not prove.
        """
        book = cls(marks)
        envelopes = [(open_envelope(data, RootSet.TYP, TrustList.TYP), data) for data in documents]
        # The roots first, whatever order the store gives them in: they prove the lists.
        for opened, data in sorted(envelopes, key=lambda pair: pair[0].typ != RootSet.TYP):
            if opened.typ == RootSet.TYP:
                book._restore_roots(opened, data)
            else:
                book._restore_list(opened, data)
        book._rebuild()
        return book

    def _restore_roots(self, opened: Envelope, data: bytes) -> None:
        held = prove(opened, data)
        check_restored(held.document, opened.digest, self._marks.get(held.document.slot))
        self._pinned.put(held)

    def _restore_list(self, opened: Envelope, data: bytes) -> None:
        roots = self._pinned.require_governing(unverified_owner(opened))
        require_signed(opened, roots, Role.TRUST_LIST)
        restored = TrustList.from_payload(opened.unverified_payload)
        restored.check_content()
        check_restored(restored, opened.digest, self._marks.get(restored.slot))
        self._lists[restored.owner] = Held(restored, opened, data)

    def _drop_unproven_lists(self) -> None:
        self._lists = {
            owner: held
            for owner, held in self._lists.items()
            if (roots := self.roots_for(owner)) and is_signed(held.envelope, roots, Role.TRUST_LIST)
        }

    def _forget_marks(self, governor: RootSet) -> None:
        for slot in tuple(self._marks):
            kind, _, owner = slot.rpartition(":")
            if kind != TrustList.TYP or owner in self._lists:
                continue
            if self.roots_for(owner) == governor:
                del self._marks[slot]

    def _rebuild(self) -> None:
        # Built aside and put in place in one step: a verifier in another thread sees either
        # the old look-ups or the new ones.
        pairs = ((h.document, self.roots_for(owner)) for owner, h in self._lists.items())
        self._index = TrustIndex(
            ((lst, roots) for lst, roots in pairs if roots is not None),
            has_real_roots=any(not held.document.demo for held in self._pinned.all()),
        )
