"""The manifests in force, and what may stand beside them (mix-and-match, freeze)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ecert.errors import DocumentRefusedError
from ecert.faults import DocumentFault
from ecert.trust.manifest import BOUND, STATUS, Manifest, manifest_role
from ecert.trust.pinned import Held
from ecert.trust.roots import starts_new_epoch
from ecert.trust.signatures import is_signed, open_envelope, require_signed, unverified_owner
from ecert.trust.succession import Mark, check_restored, check_succession

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from ecert.sign.envelope import Envelope
    from ecert.trust.book import TrustBook
    from ecert.trust.roots import RootSet


_OF_THEIR_OWN: Final = (f"{STATUS}:", "ecert-recognition-list+jws:")


class ManifestBook:
    """The manifests in force, one of each owner.

    An owner without one is bound by nothing here.  One that has expired binds on: otherwise
    holding back the next would be enough to mix documents again.

    Args:
        marks: High-water marks of an earlier life, by slot; other books' slots are left out.
    """

    KINDS = (f"{Manifest.TYP}:",)

    def __init__(self, marks: Mapping[str, Mark] | None = None) -> None:
        self._held: dict[str, Held[Manifest]] = {}
        self._marks = {
            slot: mark for slot, mark in (marks or {}).items() if slot.startswith(self.KINDS)
        }

    @property
    def marks(self) -> dict[str, Mark]:
        """The high-water marks by slot."""
        return dict(self._marks)

    @property
    def documents(self) -> dict[str, bytes]:
        """The envelopes in force, by slot."""
        return {held.document.slot: held.data for held in self._held.values()}

    @property
    def manifests(self) -> tuple[Manifest, ...]:
        """All manifests in force."""
        return tuple(held.document for held in self._held.values())

    def get(self, owner: str) -> Manifest | None:
        """Return the manifest in force of exactly this region."""
        held = self._held.get(owner)
        return None if held is None else held.document

    def propose(
        self, data: bytes, *, trust: TrustBook, reader: str, at: datetime, confirmed: bool = False
    ) -> Manifest:
        """Return the manifest in ``data`` if its owner may replace the last one by it now.

        Whether what is held fits it is asked by `check_held`.

        Raises:
            DocumentRefusedError: It may not; what is in force stays.
        """
        # (1) An envelope of a manifest, signed by enough keys of its owner.
        opened = open_envelope(data, Manifest.TYP)
        roots = trust.require_roots(unverified_owner(opened), at=at)
        require_signed(opened, roots, manifest_role(roots))
        # (2) It is short-lived, and speaks of its owner's documents alone.
        proposed = Manifest.from_payload(opened.unverified_payload)
        proposed.check_content()
        _check_addresses(proposed, trust)
        # (3) It is for us, in date, and follows the one in force.
        mark = self._marks.get(proposed.slot)
        check_succession(proposed, opened.digest, mark, reader=reader, at=at, confirmed=confirmed)
        return proposed

    def accept(
        self, data: bytes, *, trust: TrustBook, reader: str, at: datetime, confirmed: bool = False
    ) -> Manifest:
        """Bring a manifest into force, if `propose` lets it."""
        accepted = self.propose(data, trust=trust, reader=reader, at=at, confirmed=confirmed)
        self._put(accepted, open_envelope(data, Manifest.TYP), data)
        return accepted

    def _put(self, manifest: Manifest, opened: Envelope, data: bytes) -> None:
        self._held[manifest.owner] = Held(manifest, opened, data)
        self._marks[manifest.slot] = self._held[manifest.owner].mark

    # -- what may stand beside them -----------------------------------------------------------

    def check_incoming(self, slot: str, mark: Mark, *, trust: TrustBook) -> None:
        """Check that a document may come in beside its owner's manifest.

        Raises:
            DocumentRefusedError: Fault `manifest`: the manifest names another version, or does
                not name it at all.
        """
        owner = owner_of(slot, trust)
        manifest = None if owner is None else self.get(owner)
        if manifest is None:
            return
        named = manifest.named(slot)
        # What it does not name follows its own rules: a revocation waits for no manifest, and a
        # recognition list has the signatures of all its parties, not of the owner alone.
        if named is None and slot.startswith(_OF_THEIR_OWN):
            return
        if named is None or not named.fits(mark):
            raise _mixed(manifest, slot, mark)

    @staticmethod
    def check_held(manifest: Manifest, held: Mapping[str, Mark]) -> None:
        """Check that whatever is held of the named documents is what ``manifest`` names.

        Args:
            manifest: The manifest that would be in force.
            held: The marks of the documents that would be in force beside it, by slot.

        Raises:
            DocumentRefusedError: Fault `manifest`.
        """
        for named in manifest.documents:
            mark = held.get(named.slot)
            if mark is not None and not named.fits(mark):
                raise _mixed(manifest, named.slot, mark)

    # -- keeping ------------------------------------------------------------------------------

    @classmethod
    def restored(
        cls, documents: Iterable[bytes], marks: Mapping[str, Mark], *, trust: TrustBook
    ) -> ManifestBook:
        """Return the book that handed out these `documents` and `marks`.

        Raises:
            DocumentRefusedError: A document is not the one that its mark names (an old backup),
                or its content breaks a rule.
        """
        book = cls(marks)
        for data in documents:
            opened = open_envelope(data, Manifest.TYP)
            if _is_proven(opened, trust):
                restored = Manifest.from_payload(opened.unverified_payload)
                restored.check_content()
                check_restored(restored, opened.digest, marks.get(restored.slot))
                book._put(restored, opened, data)
        return book

    def follow(self, trust: TrustBook, before: RootSet | None = None) -> None:
        """Drop the manifests that the pinned roots no longer prove.

        Args:
            trust: The roots as they now are.
            before: The root set that has been replaced.  If nothing that only its keys have
                signed can pass any more, the dropped manifests' marks go too.
        """
        for owner, held in list(self._held.items()):
            if _is_proven(held.envelope, trust):
                continue
            del self._held[owner]
            after = trust.roots_for(owner)
            if (
                before is not None
                and after is not None
                and after.owner == before.owner
                and starts_new_epoch(before, after, manifest_role(after))
            ):
                del self._marks[held.document.slot]


def unverified_manifest(data: bytes) -> Manifest:
    """Return what an envelope says; `ManifestBook.propose` proves it.

    Raises:
        DocumentRefusedError: Fault `malformed`, `too-large` or `wrong-kind`.
    """
    return Manifest.from_payload(open_envelope(data, Manifest.TYP).unverified_payload)


def owner_of(slot: str, trust: TrustBook) -> str | None:
    """Return whose document fills ``slot``; None if no manifest can bind it."""
    kind, _, rest = slot.partition(":")
    if kind == STATUS:
        entry = trust.status_issuer(rest)
        return None if entry is None else entry.trust_list.owner
    return rest.partition(":")[0] if kind in BOUND else None


def _check_addresses(manifest: Manifest, trust: TrustBook) -> None:
    for named in manifest.documents:
        owner = owner_of(named.slot, trust)
        # An address that nobody has registered here names nothing that is held.
        if owner is not None and owner != manifest.owner:
            raise DocumentRefusedError(
                DocumentFault.OVERSTEPS,
                f"{named.slot[:80]} 属于 {owner}",
                f"{named.slot[:80]} belongs to {owner}",
                where="documents",
            )


def _is_proven(opened: Envelope, trust: TrustBook) -> bool:
    roots = trust.roots_for(unverified_owner(opened))
    return roots is not None and is_signed(opened, roots, manifest_role(roots))


def _mixed(manifest: Manifest, slot: str, mark: Mark) -> DocumentRefusedError:
    named = manifest.named(slot)
    zh = "没有列" if named is None else f"列的是第 {named.version} 版"
    en = "none" if named is None else str(named.version)
    return DocumentRefusedError(
        DocumentFault.MANIFEST,
        f"{slot[:80]} 为第 {mark.version} 版，清册第 {manifest.version} 版{zh}",
        f"{slot[:80]} is version {mark.version}, manifest {manifest.version} names {en}",
        where="manifest",
        fix_zh="请把清册和它列的文件一起取来，再一并导入",
        fix_en="Fetch the manifest together with the documents it names, and import them as one",
    )
