"""Publishes what verifiers need: status lists, the trust list, the catalogue.

Publication is idempotent: as long as nothing changed and the last issue has half of its life left,
the same bytes are given out again.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, TypedDict

import orjson

from ecert import limits
from ecert.issuers.manifests import name_document
from ecert.issuers.records import STATUS_LIST_KIND, Publication
from ecert.model.calendar import office_day
from ecert.sign import envelope
from ecert.status.status_list import build_token
from ecert.trust.catalogue import CatalogueDocument, is_own
from ecert.trust.document import EVERYONE
from ecert.trust.manifest import Manifest
from ecert.trust.roots import Role, RootSet
from ecert.trust.trust_list import StatusListRef, TrustedIssuer, TrustList

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from ecert.issuers.keyring import Keyring
    from ecert.issuers.register import Register, RegisterTransaction
    from ecert.model.catalogue import Catalogue
    from ecert.sign.custody import Signer
    from ecert.trust.document import Document

STATUS_LIFE = timedelta(hours=72)
"""A window may be off line over a weekend; older than this, status is undetermined."""
STATUS_TTL = timedelta(hours=1)
LIST_LIFE = timedelta(days=30)
YEARS_AFTER_EXPIRY = 1
"""So long after the year in which its credentials ended, a status list is still published."""


@dataclass(frozen=True, slots=True)
class RegionSigners:
    """The keys with which a region's documents are signed, and the root set that names them."""

    roots: bytes
    by_role: Mapping[Role, tuple[Signer, ...]]


class _Head(TypedDict):
    owner: str
    audience: tuple[str, ...]
    version: int
    issued: datetime
    expires: datetime
    previous: str | None


class Publisher:
    """Publishes the documents of one issuer; see `Issuer` for the parameters."""

    def __init__(
        self,
        *,
        code: str,
        name: str,
        region: str,
        keyring: Keyring,
        register: Register,
        signers: RegionSigners,
        status_base: str,
    ) -> None:
        self._code = code
        self._name = name
        self._region = region
        self._keyring = keyring
        self._register = register
        self._signers = signers
        self._status_base = status_base

    @property
    def roots(self) -> bytes:
        """The region's signed root set."""
        return self._signers.roots

    @property
    def demo(self) -> bool:
        """Whether the region's keys are published, so that nothing it signs is a basis."""
        return RootSet.from_payload(envelope.parse(self.roots).unverified_payload).demo

    def status_uri(self, number: int) -> str:
        """Return the address of status list ``number``."""
        return f"{self._status_base}/{number}"

    def list_numbers(self, at: datetime) -> tuple[int, ...]:
        """Return the numbers of the status lists in use; number 1 exists from the start.

        A list whose credentials have all expired is left out: its dates speak for it.
        """
        this_year = office_day(at).year
        with self._register.view() as view:
            years = {number: view.list_year(number) for number in view.list_numbers()}
        over = this_year - YEARS_AFTER_EXPIRY
        return tuple(number for number, year in years.items() if not 0 < year < over) or (1,)

    def aggregation(self, at: datetime) -> bytes:
        """Return the list of the status lists' addresses (Token Status List, aggregation)."""
        uris = [self.status_uri(number) for number in self.list_numbers(at)]
        return orjson.dumps({"status_lists": uris}, option=orjson.OPT_APPEND_NEWLINE)

    # -- status lists -------------------------------------------------------------------------

    def status_list(self, number: int, at: datetime) -> str:
        """Return the signed status list ``number``."""
        uri = self.status_uri(number)
        kind = f"{STATUS_LIST_KIND}{number}"
        with self._register.transaction() as tx:
            values = dict(tx.statuses(number))
            size = _size(tx, number)
            signer = self._keyring.signer("status", at)
            # With the key: after a roll-over the old signature would be refused.
            content = {"size": size, "values": sorted(values.items()), "kid": signer.public.kid}
            digest = _digest(content)
            last = tx.publication(kind)
            if last is not None and last.digest == digest and _fresh(last, at):
                return last.document.decode("ascii")
            # The time of issue is the list's version: it must rise, even twice in one second.
            issued = at.replace(microsecond=0)
            if last is not None and issued <= last.issued:
                issued = last.issued + timedelta(seconds=1)
            token = build_token(
                uri, values, size=size, signer=signer,
                issued=issued, expires=issued + STATUS_LIFE, ttl=STATUS_TTL,
            )  # fmt: skip
            version = 1 if last is None else last.version + 1
            tx.record_publication(
                Publication(
                    kind,
                    version,
                    digest,
                    token.encode("ascii"),
                    issued,
                    issued + STATUS_LIFE,
                    changes=tx.last_status_change(),
                )
            )
        return token

    def status_lists(self, at: datetime) -> tuple[str, ...]:
        """Return all signed status lists in use."""
        return tuple(self.status_list(number, at) for number in self.list_numbers(at))

    # -- documents of the region --------------------------------------------------------------

    def trust_list(self, at: datetime) -> bytes:
        """Return the signed trust list with this issuer on it."""
        issuer = TrustedIssuer(
            code=self._code,
            name=self._name,
            region=self._region,
            keys=tuple(key.record() for key in self._keyring.keys),
            status_lists=tuple(
                StatusListRef(number=number, uri=self.status_uri(number))
                for number in self.list_numbers(at)
            ),
        )
        return self._document(
            Role.TRUST_LIST,
            _digest(issuer.model_dump(mode="json")),
            at,
            lambda head: TrustList(**head, issuers=(issuer,)),
        )

    def catalogue(self, catalogue: Catalogue, at: datetime) -> bytes:
        """Return the signed catalogue of the types that this region defines itself."""
        own = tuple(
            one for one in catalogue if catalogue.own(one.code) is one and is_own(one, self._region)
        )
        return self._document(
            Role.CATALOGUE,
            _digest([one.integrity() for one in own]),
            at,
            lambda head: CatalogueDocument(**head, types=own),
        )

    def manifest(self, documents: Iterable[bytes | str], at: datetime) -> bytes:
        """Return the signed manifest of ``documents``, which have been published."""
        named = tuple(name_document(document) for document in documents)
        return self._document(
            Role.MANIFEST,
            _digest(sorted((one.slot, one.sha256) for one in named)),
            at,
            lambda head: Manifest(**head, documents=named),
            life=limits.MANIFEST_LIFE,
        )

    def _signers_for(self, role: Role) -> tuple[Signer, ...]:
        by_role = self._signers.by_role
        # As `ecert.trust.manifest.manifest_role`: root sets of before have no role for manifests.
        return by_role[Role.TRUST_LIST if role is Role.MANIFEST and role not in by_role else role]

    def _document(
        self,
        role: Role,
        digest: str,
        at: datetime,
        make: Callable[[_Head], Document],
        *,
        life: timedelta = LIST_LIFE,
    ) -> bytes:
        with self._register.transaction() as tx:
            last = tx.publication(role.value)
            if last is not None and last.digest == digest and _fresh(last, at):
                return last.document
            issued = at.replace(microsecond=0)
            head: _Head = {
                "owner": self._region,
                "audience": (EVERYONE,),
                "version": 1 if last is None else last.version + 1,
                "issued": issued,
                "expires": issued + life,
                "previous": None if last is None else envelope.parse(last.document).digest,
            }
            document = make(head)
            data = envelope.make(document.TYP, document.to_payload(), self._signers_for(role))
            tx.record_publication(
                Publication(role.value, document.version, digest, data, issued, document.expires)
            )
        return data


def _size(tx: RegisterTransaction, number: int) -> int:
    return tx.list_size(number) if number in tx.list_numbers() else limits.STATUS_LIST_SIZE


def _fresh(publication: Publication, at: datetime) -> bool:
    half_life = (publication.expires - publication.issued) / 2
    return publication.issued <= at + limits.LIST_CLOCK_SKEW and at < publication.issued + half_life


def _digest(content: object) -> str:
    return hashlib.sha256(orjson.dumps(content, option=orjson.OPT_SORT_KEYS)).hexdigest()
