"""The manifest (清册): which versions of an owner's documents belong together, for some hours.

What TUF calls snapshot and timestamp in one (specification §4.4, §4.5): it binds slot, version and
hash, so that nobody can serve a new list beside an old one, and it is so short-lived that holding
back everything is soon seen.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Final

from pydantic import Field

from ecert import limits
from ecert.errors import DocumentRefusedError
from ecert.faults import DocumentFault
from ecert.trust.document import Document, SHA256Hex, Strict, Version, content_fault
from ecert.trust.roots import Role

if TYPE_CHECKING:
    from ecert.trust.roots import RootSet
    from ecert.trust.succession import Mark

STATUS: Final = "statuslist+jwt"
"""How the slots of status lists begin; their room stands beside this one."""
BOUND: Final = ("ecert-trust-list+jws", "ecert-catalogue+jws", "ecert-recognition-list+jws")
"""The kinds that a manifest binds exactly; status lists it binds from below."""
_MAX_SLOT_CHARS: Final = 400


class NamedDocument(Strict):
    """One document that a manifest names.

    Attributes:
        slot: Its place: kind and owner, list id or address.
        version: Its version; of a status list the time of issue in seconds.
        sha256: SHA-256 of its payload in hex.
    """

    slot: str = Field(min_length=1, max_length=_MAX_SLOT_CHARS)
    version: Version
    sha256: SHA256Hex

    @property
    def kind(self) -> str:
        """The kind of document that fills the slot."""
        return self.slot.partition(":")[0]

    def fits(self, mark: Mark) -> bool:
        """Tell whether the document with this mark may stand beside the manifest.

        A status list may also be later than the named one: a revocation waits for no manifest,
        and the list's own mark and expiry guard it.
        """
        if mark.version == self.version:
            return mark.digest == self.sha256
        return self.kind == STATUS and mark.version > self.version


class Manifest(Document):
    """The documents of one owner that belong together.

    Attributes:
        documents: Trust list, catalogue, recognition lists and status lists of the owner.
    """

    TYP: ClassVar[str] = "ecert-manifest+jws"

    documents: tuple[NamedDocument, ...] = Field(
        min_length=1, max_length=limits.MAX_MANIFEST_DOCUMENTS
    )

    def named(self, slot: str) -> NamedDocument | None:
        """Return what stands here for ``slot``."""
        return next((one for one in self.documents if one.slot == slot), None)

    def check_content(self) -> None:
        """Check that it is short-lived, names nothing twice and nothing of another owner.

        Raises:
            DocumentRefusedError: Fault `content` or `oversteps`.
        """
        if self.expires - self.issued > limits.MANIFEST_LIFE:
            hours = int(limits.MANIFEST_LIFE.total_seconds() // 3600)
            raise content_fault(
                f"清册的有效期超过 {hours} 小时",
                f"a manifest lives no longer than {hours} hours",
                "expires",
            )
        slots = [one.slot for one in self.documents]
        if len(set(slots)) != len(slots):
            raise content_fault("同一文件列了两次", "a document stands there twice", "documents")
        for one in self.documents:
            if one.kind != STATUS and (
                one.kind not in BOUND or one.slot.split(":")[1] != self.owner
            ):
                raise DocumentRefusedError(
                    DocumentFault.OVERSTEPS,
                    f"{self.owner} 的清册不能列 {one.slot[:80]}",
                    f"a manifest of {self.owner} cannot name {one.slot[:80]}",
                    where="documents",
                )


def manifest_role(roots: RootSet) -> Role:
    """Return the role that signs manifests under ``roots``.

    Root sets of before have no such role: there the keys for trust lists sign them.  They can
    empty the trust list anyhow, so it gives them nothing new.
    """
    return Role.MANIFEST if Role.MANIFEST in roots.roles else Role.TRUST_LIST
