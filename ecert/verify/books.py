"""The books of a verifier, which belong together: trust, recognition, status, types, manifests."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Self

from ecert.errors import DocumentRefusedError
from ecert.faults import DocumentFault
from ecert.interop.book import RecognitionBook
from ecert.sign import envelope
from ecert.trust.book import TrustBook
from ecert.trust.catalogue import CatalogueDocument
from ecert.trust.manifest import Manifest
from ecert.trust.manifest_book import ManifestBook
from ecert.trust.roots import RootSet
from ecert.trust.succession import Mark
from ecert.trust.trust_list import TrustList
from ecert.verify.catalogues import CatalogueShelf
from ecert.verify.kinds import STATUS_KIND, kind_of
from ecert.verify.status_shelf import StatusShelf

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from datetime import datetime

    from ecert.interop.change import Change
    from ecert.model.catalogue import Catalogue
    from ecert.trust.document import Document


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

    @property
    def mark(self) -> Mark:
        """Version and hash."""
        return Mark(self.version, self.digest)


class Books:
    """All that is in force on one machine, proven when it was read.

    Args:
        region: The machine's region.
    """

    def __init__(
        self,
        region: str,
        trust: TrustBook,
        recognition: RecognitionBook,
        status: StatusShelf,
        catalogues: CatalogueShelf,
        manifests: ManifestBook,
    ) -> None:
        self.region = region
        self.trust = trust
        self.recognition = recognition
        self.status = status
        self.catalogues = catalogues
        self.manifests = manifests

    @classmethod
    def restored(
        cls,
        region: str,
        documents: Iterable[bytes],
        marks: Mapping[str, Mark],
        *,
        base: Catalogue,
    ) -> Self:
        """Return the books that held ``documents``.

        Raises:
            DocumentRefusedError: A document is not the one that its mark names.
        """
        kept: dict[str, list[bytes]] = {}
        for data in documents:
            kept.setdefault(kind_of(data), []).append(data)
        trust = TrustBook.restored(kept.get(RootSet.TYP, []) + kept.get(TrustList.TYP, []), marks)
        catalogues = CatalogueShelf(base)
        catalogues.restore(kept.get(CatalogueDocument.TYP, []), marks, trust=trust)
        agreed = [data for kind in RecognitionBook.TYPES for data in kept.get(kind, [])]
        recognition = RecognitionBook.restored(agreed, marks, trust=trust)
        catalogues.carry(recognition.lists)
        tokens = [data.decode("ascii") for data in kept.get(STATUS_KIND, [])]
        return cls(
            region,
            trust,
            recognition,
            StatusShelf.restored(tokens, marks, trust=trust),
            catalogues,
            ManifestBook.restored(kept.get(Manifest.TYP, []), marks, trust=trust),
        )

    # -- what comes in ------------------------------------------------------------------------

    def propose(self, data: bytes, at: datetime, *, confirmed: bool) -> Acceptance:
        """Say what ``data`` would bring into force, manifests apart.  Changes nothing.

        Raises:
            DocumentRefusedError: It may not; what is in force stays.
        """
        kind, reader = kind_of(data), self.region
        if kind == STATUS_KIND:
            found = self.status.propose(data.decode("ascii"), trust=self.trust, at=at)
            return Acceptance(kind, found.slot, found.version, found.digest, found.issued)
        if kind == TrustList.TYP:
            trusted = self.trust.propose(data, reader=reader, at=at, confirmed=confirmed)
            return accepted(kind, data, trusted)
        if kind in RecognitionBook.TYPES:
            agreed = self.recognition.propose_any(
                data, trust=self.trust, reader=reader, at=at, confirmed=confirmed
            )
            return accepted(kind, data, *agreed)
        if kind in {CatalogueDocument.TYP, Manifest.TYP}:
            book = self.catalogues if kind == CatalogueDocument.TYP else self.manifests
            return accepted(kind, data, book.propose(
                data, trust=self.trust, reader=reader, at=at, confirmed=confirmed
            ))  # fmt: skip
        if kind == RootSet.TYP:
            roots = self.trust.propose_roots(data, at=at)
            if self.trust.roots(roots.owner) is None:
                raise _pin_first(roots)
            return accepted(kind, data, roots)
        raise DocumentRefusedError(DocumentFault.WRONG_KIND, kind[:40], kind[:40], where="typ")

    def take(self, kind: str, data: bytes, at: datetime, *, confirmed: bool) -> None:
        """Bring into force what `propose` has let pass."""
        reader = self.region
        if kind == STATUS_KIND:
            self.status.accept(data.decode("ascii"), trust=self.trust, at=at)
        elif kind == RootSet.TYP:
            self.pin(data, at)
        elif kind == TrustList.TYP:
            self.trust.accept(data, reader=reader, at=at, confirmed=confirmed)
            self.status.follow(self.trust)
        elif kind in RecognitionBook.TYPES:
            self.recognition.accept_any(
                data, trust=self.trust, reader=reader, at=at, confirmed=confirmed
            )
            self.catalogues.carry(self.recognition.lists)
        else:
            book = self.catalogues if kind == CatalogueDocument.TYP else self.manifests
            book.accept(data, trust=self.trust, reader=reader, at=at, confirmed=confirmed)

    def pin(self, data: bytes, at: datetime) -> None:
        """Pin a root set, and drop what the new keys do not prove."""
        owner = self.trust.propose_roots(data, at=at).owner
        before = self.trust.roots(owner)
        self.trust.pin(data, at=at)
        self.recognition.follow_roots(self.trust, before)
        self.catalogues.carry(self.recognition.lists)
        self.catalogues.follow(self.trust, before)
        self.manifests.follow(self.trust, before)
        self.status.follow(self.trust)

    def check_manifests(self, incoming: Iterable[Acceptance], held: Mapping[str, Mark]) -> None:
        """Check that ``incoming`` and ``held`` stand together as the manifests say.

        Args:
            incoming: What has come or would come in.
            held: The marks of all documents that would be in force, by slot.

        Raises:
            DocumentRefusedError: Fault `manifest`.
        """
        for one in incoming:
            self.manifests.check_incoming(one.slot, one.mark, trust=self.trust)
            if one.kind == Manifest.TYP:
                owner = one.slot.rpartition(":")[2]
                manifest = self.manifests.get(owner)
                if manifest is not None:
                    self.manifests.check_held(manifest, held)

    # -- what is held -------------------------------------------------------------------------

    @property
    def marks(self) -> dict[str, Mark]:
        """All high-water marks by slot."""
        return {slot: mark for book in self._all() for slot, mark in book.marks.items()}

    @property
    def slots(self) -> set[str]:
        """The slots that hold a document."""
        return {slot for book in self._all() for slot in book.documents}

    @property
    def held(self) -> dict[str, Mark]:
        """The marks of the documents in force, by slot."""
        marks = self.marks
        return {slot: marks[slot] for slot in self.slots}

    @property
    def documents(self) -> dict[str, bytes]:
        """All documents in force, by slot, in the order in which they can be taken in."""
        found: dict[str, bytes] = {}
        for book in self._all():
            for slot, data in book.documents.items():
                found[slot] = data if isinstance(data, bytes) else data.encode("ascii")
        return found

    def dates_of_issue(self) -> Iterator[datetime]:
        """Yield when what is in force was made, as far as it tells a machine's clock."""
        for data in self.trust.documents.values():
            yield _issued(data)
        yield from (held.document.issued for held in self.recognition.lists)
        yield from self.status.dates_of_issue()
        yield from (manifest.issued for manifest in self.manifests.manifests)

    def _all(
        self,
    ) -> tuple[TrustBook, CatalogueShelf, RecognitionBook, StatusShelf, ManifestBook]:
        return (self.trust, self.catalogues, self.recognition, self.status, self.manifests)


_ORDER: Final = (
    RootSet.TYP, TrustList.TYP, CatalogueDocument.TYP, *RecognitionBook.TYPES, STATUS_KIND,
    Manifest.TYP,
)  # fmt: skip


def in_order(documents: Iterable[bytes]) -> list[bytes]:
    """Return documents so that what proves comes before what it proves.

    Raises:
        DocumentRefusedError: One of them is none.
    """
    ranked = [(kind_of(data), data) for data in documents]
    # Of one kind they stay as they were given: roots go one version after the other.
    ranked.sort(key=lambda pair: _ORDER.index(pair[0]) if pair[0] in _ORDER else len(_ORDER))
    return [data for _, data in ranked]


def accepted(
    kind: str, data: bytes, document: Document, change: Change | None = None
) -> Acceptance:
    """Return the acceptance of a document in an envelope."""
    digest = envelope.parse(data).digest
    return Acceptance(kind, document.slot, document.version, digest, document.issued, change)


def _issued(proven: bytes) -> datetime:
    kind = RootSet if kind_of(proven) == RootSet.TYP else TrustList
    return kind.from_payload(envelope.parse(proven).unverified_payload).issued


def _pin_first(document: RootSet) -> DocumentRefusedError:
    return DocumentRefusedError(
        DocumentFault.NOT_PINNED, document.owner, document.owner,
        fix_zh="请先核对指纹，再认定根密钥", fix_en="Compare the fingerprint, then pin the roots",
    )  # fmt: skip
