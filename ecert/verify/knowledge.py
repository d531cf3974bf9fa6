"""What a verifier knows off line: signed documents in force, with their high-water marks.

Documents come in by any means; their signatures decide.  A document and its mark are stored
together, before they take effect in memory.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ecert.clock import Clock, system_clock
from ecert.errors import DocumentRefusedError, ParseError
from ecert.interop.book import RecognitionBook
from ecert.interop.recognition import RecognitionList
from ecert.model.catalogue import Catalogue, builtin
from ecert.model.regions import parse_region
from ecert.reasons import DocumentFault
from ecert.sign import envelope, jws
from ecert.trust.book import TrustBook
from ecert.trust.catalogue import CatalogueDocument
from ecert.trust.roots import RootSet
from ecert.trust.succession import Mark
from ecert.trust.trust_list import TrustList
from ecert.verify.catalogues import CatalogueShelf
from ecert.verify.status_shelf import STATUS_KIND, StatusShelf
from ecert.verify.storage import KnowledgeStore, MemoryStore, StoredDocument
from ecert.verify.verdict import ListUse

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from ecert.interop.change import Change
    from ecert.interop.decision import Decision
    from ecert.status.status_list import StatusList
    from ecert.verify.checks import Case


@dataclass(frozen=True, slots=True)
class Acceptance:
    """What came into force."""

    kind: str
    slot: str
    version: int
    digest: str
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
        self._catalogues = CatalogueShelf(builtin() if catalogue is None else catalogue)
        self.newest_signed: datetime | None = None
        """The newest date of issue that this machine has seen signed."""
        self._restore()

    @property
    def catalogue(self) -> Catalogue:
        """The licence types known here: those that came with the machine, and partners' own."""
        return self._catalogues.catalogue

    # -- taking documents in ------------------------------------------------------------------

    def pin(self, roots: bytes | Iterable[bytes], *, at: datetime | None = None) -> None:
        """Pin the root keys of one or several regions, after comparing their fingerprints.

        Raises:
            DocumentRefusedError: A root set may not be pinned; those before it are.
        """
        at = at or self._clock()
        for data in [roots] if isinstance(roots, bytes) else roots:
            document = self.trust.propose_roots(data, at=at)
            self._keep(document.slot, data, document.version, document.issued, at)
            before = self.trust.roots(document.owner)
            self.trust.pin(data, at=at)
            self.recognition.follow_roots(self.trust, before)

    def propose(
        self, document: bytes | str, *, at: datetime | None = None, confirmed: bool = False
    ) -> Acceptance:
        """Say what ``document`` would bring into force, if it may.  Changes nothing.

        Raises:
            DocumentRefusedError: It may not; what is in force stays.
        """
        return self._propose(_to_bytes(document), at or self._clock(), confirmed=confirmed)[0]

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
        acceptance, issued = self._propose(data, at, confirmed=confirmed)
        # (2) Document and mark become durable together.
        self._keep(acceptance.slot, data, acceptance.version, issued, at, acceptance.digest)
        # (3) Only then does it take effect here.
        self._take(acceptance.kind, data, at, confirmed=confirmed)
        return acceptance

    def _propose(
        self, data: bytes, at: datetime, *, confirmed: bool
    ) -> tuple[Acceptance, datetime]:
        kind = kind_of(data)
        if kind == STATUS_KIND:
            found = self._status.propose(data.decode("ascii"), trust=self.trust, at=at)
            return Acceptance(kind, found.slot, found.version, found.digest), found.issued
        digest = envelope.parse(data).digest
        change = None
        document: RootSet | TrustList | RecognitionList | CatalogueDocument
        if kind == TrustList.TYP:
            document = self.trust.propose(data, reader=self.region, at=at, confirmed=confirmed)
        elif kind == RootSet.TYP:
            document = self.trust.propose_roots(data, at=at)
            if self.trust.roots(document.owner) is None:
                raise _pin_first(document)
        elif kind == RecognitionList.TYP:
            change = self.recognition.propose(
                data, trust=self.trust, reader=self.region, at=at, confirmed=confirmed
            )
            document = change.incoming
        elif kind == CatalogueDocument.TYP:
            document = self._catalogues.propose(
                data, trust=self.trust, reader=self.region, at=at, confirmed=confirmed
            )
        else:
            raise DocumentRefusedError(DocumentFault.WRONG_KIND, kind[:40], kind[:40], where="typ")
        acceptance = Acceptance(kind, document.slot, document.version, digest, change)
        return acceptance, document.issued

    def _take(self, kind: str, data: bytes, at: datetime, *, confirmed: bool) -> None:
        if kind == STATUS_KIND:
            self._status.accept(data.decode("ascii"), trust=self.trust, at=at)
        elif kind == TrustList.TYP:
            self.trust.accept(data, reader=self.region, at=at, confirmed=confirmed)
        elif kind == RootSet.TYP:
            self.pin(data, at=at)
        elif kind == RecognitionList.TYP:
            self.recognition.accept(
                data, trust=self.trust, reader=self.region, at=at, confirmed=confirmed
            )
        else:
            self._catalogues.accept(
                data, trust=self.trust, reader=self.region, at=at, confirmed=confirmed
            )

    def _keep(
        self,
        slot: str,
        data: bytes,
        version: int,
        issued: datetime,
        at: datetime,
        digest: str | None = None,
    ) -> None:
        digest = digest or envelope.parse(data).digest
        stored = StoredDocument(slot, data, digest, version, at)
        self._store.put(stored, Mark(version, digest), expected=self._marks().get(slot))
        self._digests[slot] = digest
        if self.newest_signed is None or issued > self.newest_signed:
            self.newest_signed = issued

    def _marks(self) -> dict[str, Mark]:
        return (
            self.trust.marks | self.recognition.marks | self._status.marks | self._catalogues.marks
        )

    def _restore(self) -> None:
        marks = dict(self._store.marks())
        by_kind: dict[str, list[bytes]] = {}
        for stored in self._store.documents():
            by_kind.setdefault(kind_of(stored.data), []).append(stored.data)
        trusted = by_kind.get(RootSet.TYP, []) + by_kind.get(TrustList.TYP, [])
        self.trust = TrustBook.restored(trusted, marks)
        self.recognition = RecognitionBook.restored(
            by_kind.get(RecognitionList.TYP, []), marks, trust=self.trust
        )
        self._status = StatusShelf.restored(
            [data.decode("ascii") for data in by_kind.get(STATUS_KIND, [])], marks,
            trust=self.trust,
        )  # fmt: skip
        self._catalogues.restore(by_kind.get(CatalogueDocument.TYP, []), marks, trust=self.trust)
        self._digests = {slot: mark.digest for slot, mark in self._marks().items()}
        self.newest_signed = max(
            [held.document.issued for held in self.recognition.lists]
            + [_issued(data) for data in trusted]
            + list(self._status.dates_of_issue()),
            default=None,
        )

    # -- look-ups for verification ------------------------------------------------------------

    def status_uri(self, issuer_code: str, number: int) -> str | None:
        """Return the address that the issuer registered for its status list ``number``."""
        entry = self.trust.issuer(issuer_code)
        return None if entry is None else entry.issuer.status_uri(number)

    def status_list(self, uri: str) -> StatusList | None:
        """Return the status list published at ``uri``, if it is here."""
        return self._status.get(uri)

    def uses(self, case: Case, decision: Decision | None) -> tuple[ListUse, ...]:
        """Return the lists on which the verdict of ``case`` rests."""
        trust_list = case.issuer_key.trust_list
        digest = self._digests[trust_list.slot]
        used = [
            _use("trust-list", trust_list.owner, trust_list.version, digest, trust_list.issued, case)
        ]
        if (status := case.status_list) is not None:
            used.append(
                _use("status-list", status.uri, status.version, status.digest, status.issued, case)
            )
        if decision is not None and decision.list is not None:
            document = decision.list.document
            used.append(
                _use("recognition-list", document.title, document.version, decision.list.digest,
                     document.issued, case)
            )  # fmt: skip
        return tuple(used)


def _use(kind: str, name: str, version: int, digest: str, issued: datetime, case: Case) -> ListUse:
    age = int((case.at - issued).total_seconds())
    return ListUse(kind, name, version, digest, issued, age)


def _issued(proven: bytes) -> datetime:
    kind = RootSet if kind_of(proven) == RootSet.TYP else TrustList
    return kind.from_payload(envelope.parse(proven).unverified_payload).issued


def _to_bytes(document: bytes | str) -> bytes:
    return document.encode("utf-8") if isinstance(document, str) else document


def kind_of(data: bytes) -> str:
    """Return what kind of document ``data`` claims to be, from its unproven header.

    Raises:
        DocumentRefusedError: Neither an envelope nor a token.
    """
    try:
        if data.lstrip()[:1] == b"{":
            return envelope.parse(data).typ
        head = jws.parse_header(data[: data.find(b".")].decode("ascii"))
        return str(head.get("typ", ""))
    except (ParseError, UnicodeDecodeError) as error:
        detail = error.en if isinstance(error, ParseError) else ""
        raise DocumentRefusedError(DocumentFault.MALFORMED, "", detail) from error


def _pin_first(document: RootSet) -> DocumentRefusedError:
    return DocumentRefusedError(
        DocumentFault.NOT_PINNED, document.owner, document.owner,
        fix_zh="请先核对指纹，再认定根密钥", fix_en="Compare the fingerprint, then pin the roots",
    )  # fmt: skip
