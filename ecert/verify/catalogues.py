"""The licence types that a verifier knows: those that came with it, and partners' own.

Where a type is defined in several places, the definer's own catalogue speaks; then a recognition
list that carries it (of several the real one, then the one issued later, then by slot); then
what came with the machine.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ecert.errors import CatalogueError, DocumentRefusedError
from ecert.faults import DocumentFault
from ecert.trust.catalogue import CatalogueDocument
from ecert.trust.roots import Role, starts_new_epoch
from ecert.trust.signatures import is_signed, open_envelope, require_signed, unverified_owner
from ecert.trust.succession import Mark, check_restored, check_succession

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from ecert.interop.decision import ListInForce
    from ecert.interop.recognition import RecognitionList
    from ecert.model.catalogue import Catalogue, LicenceType
    from ecert.sign.envelope import Envelope
    from ecert.trust.book import TrustBook
    from ecert.trust.roots import RootSet


class CatalogueShelf:
    """Catalogue documents in force on top of a built-in catalogue."""

    KINDS = (f"{CatalogueDocument.TYP}:",)

    def __init__(self, base: Catalogue) -> None:
        self._base = base
        self._documents: dict[str, CatalogueDocument] = {}
        self._data: dict[str, bytes] = {}
        self._marks: dict[str, Mark] = {}
        self._own = base
        self._carried: tuple[LicenceType, ...] = ()
        self.catalogue = base

    @property
    def marks(self) -> dict[str, Mark]:
        """The high-water marks by slot."""
        return dict(self._marks)

    @property
    def documents(self) -> dict[str, bytes]:
        """The envelopes in force, by slot."""
        return {held.slot: self._data[owner] for owner, held in self._documents.items()}

    def propose(
        self, data: bytes, *, trust: TrustBook, reader: str, at: datetime, confirmed: bool = False
    ) -> CatalogueDocument:
        """Return the catalogue in ``data`` if it may come into force now.  Changes nothing.

        Raises:
            DocumentRefusedError: It may not; what is in force stays.
        """
        # (1) An envelope of a catalogue, signed by enough keys of its owner.
        opened = open_envelope(data, CatalogueDocument.TYP)
        roots = trust.require_roots(unverified_owner(opened), at=at)
        require_signed(opened, roots, Role.CATALOGUE)
        # (2) It defines only its owner's own types.
        proposed = CatalogueDocument.from_payload(opened.unverified_payload)
        proposed.check_content()
        # (3) It is for us, in date, and follows the one in force.
        mark = self._marks.get(proposed.slot)
        check_succession(proposed, opened.digest, mark, reader=reader, at=at, confirmed=confirmed)
        # (4) It fits what is known already.
        _ = self._with(proposed)
        return proposed

    def accept(
        self, data: bytes, *, trust: TrustBook, reader: str, at: datetime, confirmed: bool = False
    ) -> None:
        """Bring a catalogue into force, if `propose` lets it."""
        accepted = self.propose(data, trust=trust, reader=reader, at=at, confirmed=confirmed)
        self._put(accepted, data)

    def restore(
        self, documents: Iterable[bytes], marks: Mapping[str, Mark], *, trust: TrustBook
    ) -> None:
        """Take back documents that were accepted before; dates are not looked at again.

        Raises:
            DocumentRefusedError: A document does not prove, or is not the one of its mark.
        """
        self._marks = {slot: mark for slot, mark in marks.items() if slot.startswith(self.KINDS)}
        for data in documents:
            opened = open_envelope(data, CatalogueDocument.TYP)
            # Read first: asking a large catalogue for its owner alone takes half as long.
            document = CatalogueDocument.from_payload(opened.unverified_payload)
            if not _is_proven(opened, document.owner, trust):
                continue
            check_restored(document, opened.digest, marks.get(document.slot))
            self._put(document, data)

    def follow(self, trust: TrustBook, before: RootSet | None = None) -> None:
        """Drop the catalogues that the pinned roots no longer prove.

        Args:
            trust: The roots as they now are.
            before: The root set that has been replaced.  If nothing that only its keys have
                signed can pass any more, the dropped catalogues' marks go too.
        """
        for owner, data in list(self._data.items()):
            opened = open_envelope(data, CatalogueDocument.TYP)
            if not _is_proven(opened, owner, trust):
                slot = self._documents[owner].slot
                del self._documents[owner], self._data[owner]
                after = trust.roots_for(owner)
                if (
                    before is not None
                    and after is not None
                    and after.owner == before.owner
                    and starts_new_epoch(before, after, Role.CATALOGUE)
                ):
                    del self._marks[slot]
        types = [one for held in self._documents.values() for one in held.types]
        self._own = self._base.with_types(types)
        self._join()

    def carry(self, lists: Iterable[ListInForce]) -> None:
        """Know the types that come with the recognition ``lists`` in force, and no others."""
        documents = sorted((held.document for held in lists), key=_carrying_order)
        self._carried = tuple(one for document in documents for one in document.types)
        self._join()

    def _join(self) -> None:
        defined = {one.code for held in self._documents.values() for one in held.types}
        others = [one for one in self._carried if one.code not in defined]
        # One assignment: a verifier in another thread sees the types of before or those of now.
        self.catalogue = self._own.with_carried(others) if others else self._own

    def _put(self, document: CatalogueDocument, data: bytes) -> None:
        self._own = self._with(document)
        self._documents[document.owner] = document
        self._data[document.owner] = data
        digest = open_envelope(data, CatalogueDocument.TYP).digest
        self._marks[document.slot] = Mark(document.version, digest)
        self._join()

    def _with(self, document: CatalogueDocument) -> Catalogue:
        others = [held for owner, held in self._documents.items() if owner != document.owner]
        try:
            return self._base.with_types(
                licence_type for held in [*others, document] for licence_type in held.types
            )
        except CatalogueError as error:
            raise DocumentRefusedError(
                DocumentFault.CONTENT, error.zh, error.en, where="types"
            ) from error


def _carrying_order(document: RecognitionList) -> tuple[bool, datetime, str]:
    return not document.sample, document.issued, document.slot


def _is_proven(opened: Envelope, owner: str, trust: TrustBook) -> bool:
    roots = trust.roots_for(owner)
    return roots is not None and is_signed(opened, roots, Role.CATALOGUE)
