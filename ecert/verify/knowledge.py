"""What a verifier knows off line: signed documents in force, with their high-water marks.

Documents come in by any means; their signatures decide.  What a document changes becomes durable
in one step, and where that fails, memory goes back to what the store holds.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ecert.clock import Clock, system_clock
from ecert.errors import DocumentRefusedError, StoreError
from ecert.faults import DocumentFault
from ecert.interop.book import RecognitionBook
from ecert.model.catalogue import Catalogue, builtin
from ecert.model.regions import parse_region
from ecert.sign import envelope
from ecert.trust.book import TrustBook
from ecert.trust.catalogue import CatalogueDocument
from ecert.trust.roots import RootSet
from ecert.trust.succession import Mark
from ecert.trust.trust_list import TrustList
from ecert.verify.catalogues import CatalogueShelf
from ecert.verify.kinds import STATUS_KIND, kind_of
from ecert.verify.status_shelf import StatusShelf
from ecert.verify.storage import KnowledgeStore, MemoryStore, StoredDocument
from ecert.verify.uses import Grounds

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from datetime import datetime

    from ecert.interop.change import Change
    from ecert.interop.decision import ListInForce
    from ecert.status.status_list import StatusList
    from ecert.trust.document import Document
    from ecert.verify.checks import Case


@dataclass(frozen=True, slots=True)
class Acceptance:
    """What came, or would come, into force."""

    kind: str
    slot: str
    version: int
    digest: str
    issued: datetime
    change: Change | None = None
    """For a recognition list, what it changes."""


class Knowledge:
    """All that one verifier knows.

    Args:
        region: The verifier's region, six digits.
        store: Where it is kept; in memory by default.
        catalogue: The licence types that come with the machine.
        clock: Where ``at`` comes from when it is left out.

    Raises:
        DocumentRefusedError: The store holds a document that is not the one its mark names.
    """

    def __init__(
        self,
        region: str,
        *,
        store: KnowledgeStore | None = None,
        catalogue: Catalogue | None = None,
        clock: Clock = system_clock,
    ) -> None:
        self.region = parse_region(region)
        self._clock = clock
        self._store = store or MemoryStore()
        self._base = builtin() if catalogue is None else catalogue
        self._newest_signed: datetime | None = None
        self._digests: dict[str, str] = {}
        self.reload()

    @property
    def catalogue(self) -> Catalogue:
        """The licence types known here: those that came with the machine, and partners' own."""
        return self._catalogues.catalogue

    @property
    def newest_signed(self) -> datetime | None:
        """The newest date of issue that this machine has seen signed."""
        return self._newest_signed

    # -- taking documents in ------------------------------------------------------------------

    def pin(
        self, roots: bytes | Iterable[bytes], *, at: datetime | None = None
    ) -> tuple[Acceptance, ...]:
        """Pin the root keys of one or several regions, after comparing their fingerprints.

        Lists that the new keys do not prove go at the same time.

        Raises:
            DocumentRefusedError: A root set may not be pinned; those before it are.
            StoreError: Another process has updated the same roots meanwhile.
        """
        at = at or self._clock()
        return tuple(
            self._pin_one(data, at) for data in ([roots] if isinstance(roots, bytes) else roots)
        )

    def _pin_one(self, data: bytes, at: datetime) -> Acceptance:
        pinned = _accepted(RootSet.TYP, data, self.trust.propose_roots(data, at=at))
        self._bring_into_force(pinned, data, at, lambda: self._pin(data, at))
        return pinned

    def propose(
        self, document: bytes | str, *, at: datetime | None = None, confirmed: bool = False
    ) -> Acceptance:
        """Say what ``document`` would bring into force, if it may.  Changes nothing.

        Raises:
            DocumentRefusedError: It may not; what is in force stays.
        """
        return self._propose(_to_bytes(document), at or self._clock(), confirmed=confirmed)

    def accept(
        self, document: bytes | str, *, at: datetime | None = None, confirmed: bool = False
    ) -> Acceptance:
        """Bring a signed document into force: trust, status or recognition list, or catalogue.

        Args:
            document: As it came, whatever its kind.
            at: This machine's time.
            confirmed: Whether a second person has confirmed a large change.

        Raises:
            DocumentRefusedError: It may not come into force; what is in force stays.
            StoreError: Another process has updated the same list meanwhile.
        """
        at = at or self._clock()
        data = _to_bytes(document)
        # (1) Of which kind is it, may it come into force, and what would it change?
        accepted = self._propose(data, at, confirmed=confirmed)
        # (2) Then it does, here and in the store, with its mark and all that follows from it.
        self._bring_into_force(
            accepted, data, at, lambda: self._take(accepted.kind, data, at, confirmed=confirmed)
        )
        return accepted

    def _propose(self, data: bytes, at: datetime, *, confirmed: bool) -> Acceptance:
        kind, reader = kind_of(data), self.region
        if kind == STATUS_KIND:
            found = self._status.propose(data.decode("ascii"), trust=self.trust, at=at)
            return Acceptance(kind, found.slot, found.version, found.digest, found.issued)
        if kind == TrustList.TYP:
            trusted = self.trust.propose(data, reader=reader, at=at, confirmed=confirmed)
            return _accepted(kind, data, trusted)
        if kind in RecognitionBook.TYPES:
            agreed = self.recognition.propose_any(
                data, trust=self.trust, reader=reader, at=at, confirmed=confirmed
            )
            return _accepted(kind, data, *agreed)
        if kind == CatalogueDocument.TYP:
            types = self._catalogues.propose(
                data, trust=self.trust, reader=reader, at=at, confirmed=confirmed
            )
            return _accepted(kind, data, types)
        if kind == RootSet.TYP:
            roots = self.trust.propose_roots(data, at=at)
            if self.trust.roots(roots.owner) is None:
                raise _pin_first(roots)
            return _accepted(kind, data, roots)
        raise DocumentRefusedError(DocumentFault.WRONG_KIND, kind[:40], kind[:40], where="typ")

    def _take(self, kind: str, data: bytes, at: datetime, *, confirmed: bool) -> None:
        reader, trust = self.region, self.trust
        if kind == STATUS_KIND:
            self._status.accept(data.decode("ascii"), trust=trust, at=at)
        elif kind in RecognitionBook.TYPES:
            self.recognition.accept_any(
                data, trust=trust, reader=reader, at=at, confirmed=confirmed
            )
            self._catalogues.carry(self.recognition.lists)
        elif kind == CatalogueDocument.TYP:
            self._catalogues.accept(data, trust=trust, reader=reader, at=at, confirmed=confirmed)
        elif kind == RootSet.TYP:
            self._pin(data, at)
        else:
            trust.accept(data, reader=reader, at=at, confirmed=confirmed)
            self._status.follow(trust)

    def _pin(self, data: bytes, at: datetime) -> None:
        owner = self.trust.propose_roots(data, at=at).owner
        before = self.trust.roots(owner)
        self.trust.pin(data, at=at)
        self.recognition.follow_roots(self.trust, before)
        self._catalogues.carry(self.recognition.lists)
        self._catalogues.follow(self.trust)
        self._status.follow(self.trust)

    def _bring_into_force(
        self, accepted: Acceptance, data: bytes, at: datetime, take: Callable[[], None]
    ) -> None:
        held, marks = self._slots(), self._marks()
        take()
        stored = StoredDocument(accepted.slot, data, accepted.digest, accepted.version, at)
        try:
            self._store.put(
                stored,
                Mark(accepted.version, accepted.digest),
                expected=marks.get(accepted.slot),
                drop=held - self._slots(),
                forget=marks.keys() - self._marks().keys(),
            )
        except StoreError:
            self.reload()
            raise
        self._note(accepted.issued)

    def _note(self, issued: datetime) -> None:
        self._digests = {slot: mark.digest for slot, mark in self._marks().items()}
        if self._newest_signed is None or issued > self._newest_signed:
            self._newest_signed = issued

    # -- keeping ------------------------------------------------------------------------------

    def reload(self) -> None:
        """Read everything from the store again, as another process may have left it.

        Raises:
            DocumentRefusedError: The store holds a document that is not the one its mark names.
        """
        marks = dict(self._store.marks())
        kept: dict[str, list[bytes]] = {}
        for stored in self._store.documents():
            kept.setdefault(kind_of(stored.data), []).append(stored.data)
        trusted = kept.get(RootSet.TYP, []) + kept.get(TrustList.TYP, [])
        self.trust = TrustBook.restored(trusted, marks)
        self.recognition = RecognitionBook.restored(
            [data for kind in RecognitionBook.TYPES for data in kept.get(kind, [])],
            marks, trust=self.trust,
        )  # fmt: skip
        self._status = StatusShelf.restored(
            [data.decode("ascii") for data in kept.get(STATUS_KIND, [])], marks, trust=self.trust
        )
        self._catalogues = CatalogueShelf(self._base)
        self._catalogues.restore(kept.get(CatalogueDocument.TYP, []), marks, trust=self.trust)
        self._catalogues.carry(self.recognition.lists)
        self._newest_signed = None
        for held in self.recognition.lists:
            self._note(held.document.issued)
        for moment in [*map(_issued, trusted), *self._status.dates_of_issue()]:
            self._note(moment)

    def _marks(self) -> dict[str, Mark]:
        books = (self.trust, self.recognition, self._status, self._catalogues)
        return {slot: mark for book in books for slot, mark in book.marks.items()}

    def _slots(self) -> set[str]:
        books = (self.trust, self.recognition, self._status, self._catalogues)
        return {slot for book in books for slot in book.documents}

    # -- look-ups for verification ------------------------------------------------------------

    def status_uri(self, issuer_code: str, number: int) -> str | None:
        """Return the address that the issuer registered for its status list ``number``."""
        return self.trust.status_uri(issuer_code, number)

    def status_list(self, uri: str) -> StatusList | None:
        """Return the status list published at ``uri``, if it is here."""
        return self._status.get(uri)

    def grounds(self, case: Case, recognised: tuple[ListInForce, ...]) -> Grounds:
        """Return the lists on which the verdict of ``case`` rests."""
        trusted = case.issuer_key.trust_list
        return Grounds(trusted, self._digests[trusted.slot], case.status_list, recognised)


def _accepted(
    kind: str, data: bytes, document: Document, change: Change | None = None
) -> Acceptance:
    digest = envelope.parse(data).digest
    return Acceptance(kind, document.slot, document.version, digest, document.issued, change)


def _issued(proven: bytes) -> datetime:
    kind = RootSet if kind_of(proven) == RootSet.TYP else TrustList
    return kind.from_payload(envelope.parse(proven).unverified_payload).issued


def _to_bytes(document: bytes | str) -> bytes:
    return document.encode("utf-8") if isinstance(document, str) else document


def _pin_first(document: RootSet) -> DocumentRefusedError:
    return DocumentRefusedError(
        DocumentFault.NOT_PINNED, document.owner, document.owner,
        fix_zh="请先核对指纹，再认定根密钥", fix_en="Compare the fingerprint, then pin the roots",
    )  # fmt: skip
