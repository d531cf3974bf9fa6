"""A region's office: keys, root sets and trust lists, made in one line each for the tests."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from ecert.model.codes import make_uscc
from ecert.sign import envelope
from ecert.sign.keys import PrivateKey
from ecert.trust.roots import Role, RootSet, make_roots
from ecert.trust.trust_list import KeyRecord, StatusListRef, TrustedIssuer, TrustList

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ecert.trust.document import Document

NOW = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)
ISSUED = NOW - timedelta(hours=1)
EXPIRES = NOW + timedelta(days=30)
GUANGAN = "511600"
SICHUAN = "510000"
CHONGQING = "500000"


def digest_of(data: bytes) -> str:
    """SHA-256 of an envelope's payload in hex."""
    return envelope.parse(data).digest


def signed(document: Document, signers: Sequence[PrivateKey]) -> bytes:
    """Sign whatever it says: `Document.signed_by` would refuse what breaks a rule."""
    return envelope.make(document.TYP, document.to_payload(), signers)


def altered(document: Document, changes: dict[str, Any]) -> bytes:
    """The payload of ``document`` with other values, however wrong."""
    return json.dumps(json.loads(document.to_payload()) | changes).encode()


def record(key: PrivateKey, **changes: Any) -> KeyRecord:
    """A key record for licences of all types, open since the start of the year."""
    values: dict[str, Any] = {
        "jwk": key.public.jwk(),
        "use": "licence",
        "types": ("*",),
        "valid_from": datetime(2026, 1, 1, tzinfo=UTC),
    }
    return KeyRecord(**(values | changes))


def issuer_code(number: int, region: str = GUANGAN) -> str:
    """The code of an invented authority."""
    return make_uscc("11", region, f"{number:08d}")


def issuer(number: int = 1, region: str = GUANGAN, **changes: Any) -> TrustedIssuer:
    """An invented authority, without keys unless some are given."""
    values: dict[str, Any] = {
        "code": issuer_code(number, region),
        "name": f"第{number}号机关",
        "region": region,
        "keys": (),
    }
    return TrustedIssuer(**(values | changes))


def status_ref(number: int = 1, host: str = "status.example") -> StatusListRef:
    return StatusListRef(number=number, uri=f"https://{host}/lists/{number}")


class Office:
    """A region with three root keys and three list keys, of which two must sign."""

    def __init__(self, region: str = GUANGAN) -> None:
        self.region = region
        self.root_keys = [PrivateKey.generate() for _ in range(3)]
        self.list_keys = [PrivateKey.generate() for _ in range(3)]

    def root_set(self, version: int = 1, previous: str | None = None, **changes: Any) -> RootSet:
        values: dict[str, Any] = {
            "issued": ISSUED,
            "expires": EXPIRES + timedelta(days=365),
            "threshold": 2,
        }
        roles = {
            Role.ROOTS: [key.public for key in self.root_keys],
            Role.TRUST_LIST: [key.public for key in self.list_keys],
        }
        values |= {"version": version, "previous": previous} | changes
        return make_roots(self.region, "某地", roles, **values)

    def roots(self, version: int = 1, previous: str | None = None, **changes: Any) -> bytes:
        """A root set signed by its first two root keys."""
        return signed(self.root_set(version, previous, **changes), self.root_keys[:2])

    def document(
        self, version: int = 1, issuers: Sequence[TrustedIssuer] = (), **changes: Any
    ) -> TrustList:
        values: dict[str, Any] = {
            "owner": self.region,
            "audience": ("000000",),
            "version": version,
            "issued": ISSUED,
            "expires": EXPIRES,
            "issuers": tuple(issuers),
        }
        return TrustList(**(values | changes))

    def trust_list(
        self, version: int = 1, issuers: Sequence[TrustedIssuer] = (), **changes: Any
    ) -> bytes:
        """A trust list signed by the first two list keys."""
        return signed(self.document(version, issuers, **changes), self.list_keys[:2])
