"""Takes in a heap of documents: what a manifest binds as one, everything else by itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from ecert.errors import DocumentRefusedError, EcertError, ParseError
from ecert.faults import DocumentFault
from ecert.issuers.manifests import name_document
from ecert.sign import envelope
from ecert.sign.strict import parse_json_object
from ecert.trust.manifest import Manifest
from ecert.trust.manifest_book import unverified_manifest
from ecert.trust.roots import RootSet
from ecert.trust.signatures import open_envelope
from ecert.trust.succession import Mark
from ecert.verify.books import Acceptance, in_order
from ecert.verify.kinds import kind_of
from ecert.workspace.ages import times_of
from ecert.workspace.bundle import TYP as BUNDLE
from ecert.workspace.bundle import Bundle
from ecert.workspace.knowledge_file import is_knowledge, read_knowledge, write_knowledge

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from ecert.verify.knowledge import Knowledge

SECOND_PERSON: Final = frozenset({DocumentFault.LARGE_CHANGE, DocumentFault.VERSION_JUMP})
"""What a second person may let pass."""
_FOR_PEOPLE: Final = SECOND_PERSON | {DocumentFault.CONFLICT}


@dataclass(frozen=True, slots=True)
class Intake:
    """What became of documents that belong together.

    Attributes:
        documents: As they came.
        accepted: What is in force now, also what was before.
        changed: What of it is new.
        error: Why none of it came into force.
    """

    documents: tuple[bytes, ...]
    accepted: tuple[Acceptance, ...] = ()
    changed: tuple[Acceptance, ...] = ()
    error: EcertError | None = None

    @property
    def is_held(self) -> bool:
        """Whether it waits for people: for a second person, or for two regions to agree."""
        error = self.error
        # Of roots a version is never skipped, whoever confirms.
        return (
            isinstance(error, DocumentRefusedError)
            and error.fault in _FOR_PEOPLE
            and all(kind_of(data) != RootSet.TYP for data in self.documents)
        )

    @property
    def waits_for_two(self) -> bool:
        """Whether a second person can let it pass; two regions in conflict nobody here can."""
        return (
            self.is_held
            and isinstance(self.error, DocumentRefusedError)
            and self.error.fault in SECOND_PERSON
        )

    def file(self) -> bytes:
        """Return the documents as one file."""
        return self.documents[0] if len(self.documents) == 1 else write_knowledge(self.documents)

    def to_dict(self) -> dict[str, Any]:
        """Return plain values for JSON."""
        return {
            "changed": [
                {"slot": one.slot, "version": one.version, "issued": one.issued.isoformat()}
                for one in self.changed
            ],
            "unchanged": [one.slot for one in self.accepted if one not in self.changed],
            "held": self.is_held,
            "error": None if self.error is None else {
                "zh": self.error.message("zh"), "en": self.error.message("en"),
            },
        }  # fmt: skip


def unpack(data: bytes) -> tuple[bytes, ...]:
    """Return the documents in whatever was handed over: one, a bundle, or knowledge as a file.

    Raises:
        DocumentRefusedError: It is none of them.
    """
    if is_knowledge(data):
        return read_knowledge(data)
    if data.lstrip()[:1] == b"{":
        try:
            is_bundle = parse_json_object(data).get("typ") == BUNDLE
        except ParseError as error:
            raise DocumentRefusedError(DocumentFault.MALFORMED, "", error.en) from error
        if is_bundle:
            bundle = Bundle.from_bytes(data)
            documents = (bundle.roots, *bundle.documents)
            return tuple(one.encode() if isinstance(one, str) else one for one in documents)
    kind_of(data)
    return (data,)


def take_in(
    documents: Iterable[bytes],
    knowledge: Knowledge,
    *,
    at: datetime,
    confirmed: bool = False,
    extras: Sequence[bytes] = (),
) -> tuple[Intake, ...]:
    """Bring documents into force, each set wholly or not at all; one refused stops no other.

    Roots are only taken where a predecessor is pinned.

    Args:
        documents: In any order.
        knowledge: Where they come into force.
        at: Now.
        confirmed: Whether a second person has confirmed large changes.
        extras: Status lists of which one may be what a set still lacks.
    """
    return tuple(
        _take(group, knowledge, at, confirmed=confirmed, extras=extras)
        for group in _groups(tuple(documents))
    )


def _take(
    group: tuple[bytes, ...],
    knowledge: Knowledge,
    at: datetime,
    *,
    confirmed: bool,
    extras: Sequence[bytes],
) -> Intake:
    found = _try(group, knowledge, at, confirmed=confirmed)
    if (
        isinstance(found.error, DocumentRefusedError)
        and found.error.fault is DocumentFault.MANIFEST
    ):
        for extra in extras:
            again = _try((*group, extra), knowledge, at, confirmed=confirmed)
            if again.error is None:
                return again
    return found


def _try(
    group: tuple[bytes, ...], knowledge: Knowledge, at: datetime, *, confirmed: bool
) -> Intake:
    in_force = knowledge.in_force
    known = _known(group, in_force, at)
    if known is not None:
        return Intake(group, known)
    try:
        # One by itself needs no copy of everything.
        accepted = (
            (knowledge.accept(group[0], at=at, confirmed=confirmed),)
            if len(group) == 1
            else knowledge.accept_all(group, at=at, confirmed=confirmed)
        )
    except EcertError as error:
        return Intake(group, error=error)
    changed = tuple(one for one in accepted if in_force.get(one.slot) != one.mark)
    return Intake(group, accepted, changed)


def _known(
    group: tuple[bytes, ...], in_force: Mapping[str, Mark], at: datetime
) -> tuple[Acceptance, ...] | None:
    """Return what all of ``group`` is if it is in force already, word for word and in date."""
    found: list[Acceptance] = []
    for data in group:
        try:
            kind, (issued, expires) = kind_of(data), times_of(data)
            slot, version, digest = _identity(data, kind)
        except (EcertError, KeyError, TypeError, ValueError):
            return None
        # The same payload was proven when it came; who has signed it since changes nothing.
        if in_force.get(slot) != Mark(version, digest) or expires <= at:
            return None
        found.append(Acceptance(kind, slot, version, digest, issued))
    return tuple(found)


def _identity(data: bytes, kind: str) -> tuple[str, int, str]:
    if kind in {RootSet.TYP, Manifest.TYP}:
        opened = open_envelope(data, kind)
        plain = parse_json_object(opened.unverified_payload)
        return f"{kind}:{plain['owner']}", plain["version"], opened.digest
    named = name_document(data)
    return named.slot, named.version, named.sha256


def _groups(documents: tuple[bytes, ...]) -> list[tuple[bytes, ...]]:
    """Return the sets, in an order in which they can be taken in: manifests' first."""
    left: list[bytes] = []
    broken: list[bytes] = []
    for data in dict.fromkeys(documents):
        try:
            kind_of(data)
            left.append(data)
        except EcertError:
            broken.append(data)
    left = in_order(left)
    groups: list[tuple[bytes, ...]] = []
    for manifest in [data for data in left if kind_of(data) == Manifest.TYP]:
        slots = _named_in(manifest)
        bound = [data for data in left if _slot(data) in slots]
        groups.append((*bound, manifest))
        left = [data for data in left if data != manifest and data not in bound]
    roots = [(data,) for data in left if kind_of(data) == RootSet.TYP]
    rest = [(data,) for data in left if kind_of(data) != RootSet.TYP]
    return [*roots, *groups, *rest, *((data,) for data in broken)]


def _named_in(manifest: bytes) -> frozenset[str]:
    try:
        return frozenset(one.slot for one in unverified_manifest(manifest).documents)
    except EcertError:
        return frozenset()


def _slot(data: bytes) -> str | None:
    if data.lstrip()[:1] == b"{" and envelope.parse(data).typ in {RootSet.TYP, Manifest.TYP}:
        return None
    try:
        return name_document(data).slot
    except EcertError:
        return None
