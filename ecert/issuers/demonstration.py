"""An issuer in memory, for demonstrations and tests."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from ecert.demo import demo_region
from ecert.issuers.issuer import Issuer
from ecert.issuers.keyring import HeldKey, Keyring
from ecert.issuers.memory import MemoryRegister
from ecert.issuers.publish import RegionSigners
from ecert.model.codes import make_uscc
from ecert.sign.keys import PrivateKey

if TYPE_CHECKING:
    from ecert.clock import Clock
    from ecert.issuers.register import Register

# Long past, so that demonstrations may play on any day.
_KEYS_FROM = datetime(2026, 1, 1, tzinfo=UTC) - timedelta(days=3650)


def demo_issuer(
    name: str,
    *,
    region: str,
    clock: Clock,
    alg: str = "ES256",
    register: Register | None = None,
) -> Issuer:
    """Return an issuer with fresh keys, vouched for by its province's demonstration keys."""
    demo = demo_region(region, alg)
    return Issuer(
        code=demo_code(name, region),
        name=name,
        region=region,
        keyring=Keyring(
            (
                HeldKey(signer=PrivateKey.generate(alg), use="licence", valid_from=_KEYS_FROM),
                HeldKey(signer=PrivateKey.generate(alg), use="status", valid_from=_KEYS_FROM),
            )
        ),
        register=register or MemoryRegister(),
        signers=RegionSigners(demo.roots, demo.signers),
        clock=clock,
    )


def demo_code(name: str, region: str) -> str:
    """Return an invented code for an issuer of this name: well-formed, always the same."""
    number = int.from_bytes(hashlib.sha256(f"{region}{name}".encode()).digest()[:4])
    return make_uscc("11", region, f"{number % 10**8:08d}")
