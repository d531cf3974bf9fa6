"""What a verifier knows off line: signed documents in force, with their high-water marks.

Documents come in by any means; their signatures decide.  What a document changes becomes durable
in one step, and where that fails, memory goes back to what the store holds.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ecert.clock import Clock, system_clock
from ecert.errors import StoreError
from ecert.model.catalogue import Catalogue, builtin
from ecert.model.regions import parse_region
from ecert.trust.manifest import Manifest
from ecert.trust.manifest_book import unverified_manifest
from ecert.trust.roots import RootSet
from ecert.verify.books import Acceptance, Books, accepted, in_order
from ecert.verify.storage import MemoryStore, PastStore, RehearsalStore, StoredDocument
from ecert.verify.uses import Grounds

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from ecert.interop.book import RecognitionBook
    from ecert.interop.decision import ListInForce
    from ecert.status.status_list import StatusList
    from ecert.trust.book import TrustBook
    from ecert.trust.succession import Mark
    from ecert.verify.checks import Case
    from ecert.verify.storage import KnowledgeStore

__all__ = ["Acceptance", "Knowledge"]


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
        self._books: Books
        self._newest_signed: datetime | None
        self.reload()

    @property
    def trust(self) -> TrustBook:
        """The pinned roots and the trust lists in force."""
        return self._books.trust

    @property
    def recognition(self) -> RecognitionBook:
        """The recognition lists in force."""
        return self._books.recognition

    @property
    def catalogue(self) -> Catalogue:
        """The licence types known here: those that came with the machine, and partners' own."""
        return self._books.catalogues.catalogue

    @property
    def manifests(self) -> tuple[Manifest, ...]:
        """The manifests in force, also those that have expired: their owners' news is held up."""
        return self._books.manifests.manifests

    @property
    def documents(self) -> dict[str, bytes]:
        """Every document in force as it came in, by slot."""
        return self._books.documents

    @property
    def in_force(self) -> dict[str, Mark]:
        """Version and hash of every document in force, by slot."""
        return self._books.held

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
        pinned = accepted(RootSet.TYP, data, self.trust.propose_roots(data, at=at))
        self._take(pinned, data, at, confirmed=False)
        return pinned

    def propose(
        self, document: bytes | str, *, at: datetime | None = None, confirmed: bool = False
    ) -> Acceptance:
        """Say what ``document`` would bring into force, if it may.  Changes nothing.

        Raises:
            DocumentRefusedError: It may not; what is in force stays.
        """
        data = _to_bytes(document)
        found = self._books.propose(data, at or self._clock(), confirmed=confirmed)
        if found.kind == Manifest.TYP:
            self._books.manifests.check_held(unverified_manifest(data), self._books.held)
        else:
            self._books.check_manifests([found], {})
        return found

    def accept(
        self, document: bytes | str, *, at: datetime | None = None, confirmed: bool = False
    ) -> Acceptance:
        """Bring a signed document into force: a list of any kind, catalogue, or manifest.

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
        found = self.propose(data, at=at, confirmed=confirmed)
        # (2) Then it does, here and in the store, with its mark and all that follows from it.
        self._take(found, data, at, confirmed=confirmed)
        return found

    def propose_all(
        self,
        documents: Iterable[bytes | str],
        *,
        roots: Iterable[bytes] = (),
        at: datetime | None = None,
        confirmed: bool = False,
    ) -> tuple[Acceptance, ...]:
        """Say what documents that belong together would bring into force.  Changes nothing.

        Raises:
            DocumentRefusedError: As `accept_all`.
        """
        at = at or self._clock()
        return self._rehearse(documents, roots, at, confirmed=confirmed)[1]

    def accept_all(
        self,
        documents: Iterable[bytes | str],
        *,
        roots: Iterable[bytes] = (),
        at: datetime | None = None,
        confirmed: bool = False,
    ) -> tuple[Acceptance, ...]:
        """Bring documents into force that belong together: all of them in one transaction.

        Args:
            documents: In any order; of one owner's manifest all that has changed.
            roots: Root sets to be pinned first, after a person has compared their fingerprints.
            at: This machine's time.
            confirmed: Whether a second person has confirmed a large change.

        Raises:
            DocumentRefusedError: One of them may not come into force, or they do not stand
                together as the owner's manifest says; what was in force stays, all of it.
            StoreError: Another process has updated one of them meanwhile.
        """
        at = at or self._clock()
        # (1) On a copy: one after the other, each as it would be by itself.
        rehearsal, found = self._rehearse(documents, roots, at, confirmed=confirmed)
        # (2) In the store, in one transaction.
        try:
            self._store.put_all(rehearsal.updates)
        except StoreError:
            self.reload()
            raise
        # (3) Here, in one step for whoever is verifying in another thread.
        self.reload(rehearsal)
        return found

    def _rehearse(
        self,
        documents: Iterable[bytes | str],
        roots: Iterable[bytes],
        at: datetime,
        *,
        confirmed: bool,
    ) -> tuple[RehearsalStore, tuple[Acceptance, ...]]:
        store = RehearsalStore(self._store)
        copy = Knowledge(self.region, store=store, catalogue=self._base)
        found = list(copy.pin(roots, at=at))
        for data in in_order(map(_to_bytes, documents)):
            one = copy._books.propose(data, at, confirmed=confirmed)
            copy._take(one, data, at, confirmed=confirmed)
            found.append(one)
        # Asked at the end: the documents of a manifest come one after the other.
        copy._books.check_manifests(found, copy._books.held)
        return store, tuple(found)

    def _take(self, found: Acceptance, data: bytes, at: datetime, *, confirmed: bool) -> None:
        books = self._books
        slots, marks = books.slots, books.marks
        books.take(found.kind, data, at, confirmed=confirmed)
        try:
            self._store.put(
                StoredDocument(found.slot, data, found.digest, found.version, at),
                found.mark,
                expected=marks.get(found.slot),
                drop=slots - books.slots,
                forget=marks.keys() - books.marks.keys(),
            )
        except StoreError:
            self.reload()
            raise
        self._newest_signed = max(self._newest_signed or found.issued, found.issued)

    # -- keeping ------------------------------------------------------------------------------

    def reload(self, source: KnowledgeStore | None = None) -> None:
        """Read everything from the store again, as another process may have left it.

        Args:
            source: A store with the same content, if there is one at hand.

        Raises:
            DocumentRefusedError: The store holds a document that is not the one its mark names.
        """
        store = source or self._store
        stored = [one.data for one in store.documents()]
        books = Books.restored(self.region, stored, store.marks(), base=self._base)
        self._newest_signed = max(books.dates_of_issue(), default=None)
        self._books = books

    def as_of(self, at: datetime) -> Knowledge:
        """Return what was in force here at a moment in the past; it takes nothing in.

        Raises:
            DocumentRefusedError: The store holds a document that does not prove.
        """
        return Knowledge(
            self.region, store=PastStore(self._store, at), catalogue=self._base, clock=lambda: at
        )

    def prune(self, before: datetime, *, dry_run: bool = False) -> int:
        """Forget what was replaced before a moment, and return how many documents that are.

        What is in force stays, and so do all high-water marks and withdrawal notices.
        """
        return self._store.prune(before, dry_run=dry_run)

    # -- look-ups for verification ------------------------------------------------------------

    def status_uri(self, issuer_code: str, number: int) -> str | None:
        """Return the address that the issuer registered for its status list ``number``."""
        return self.trust.status_uri(issuer_code, number)

    def status_list(self, uri: str) -> StatusList | None:
        """Return the status list published at ``uri``, if it is here."""
        return self._books.status.get(uri)

    def grounds(self, case: Case, recognised: tuple[ListInForce, ...]) -> Grounds:
        """Return the lists on which the verdict of ``case`` rests."""
        trusted = case.issuer_key.trust_list
        return Grounds(trusted, self.trust.digest_of(trusted), case.status_list, recognised)


def _to_bytes(document: bytes | str) -> bytes:
    return document.encode("utf-8") if isinstance(document, str) else document
