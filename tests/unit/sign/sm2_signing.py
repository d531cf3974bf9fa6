"""SM2 signing of any digest, in Python alone: for making deviations, not for secrets."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

from ecert.sign.sm2_curve import G, N
from ecert.sign.sm2_pure import Table, _affine
from ecert.sign.strict import b64url_decode

if TYPE_CHECKING:
    from ecert.sign.keys import PrivateKey

_generator = Table(G)


def scalar(key: PrivateKey) -> int:
    """Return the secret scalar."""
    return int.from_bytes(b64url_decode(key.jwk()["d"]))


def sign_digest(d: int, e: int) -> bytes:
    """Return r‖s of 64 bytes over the digest ``e`` (GB/T 32918.2-2016 §6.1, A3 to A7)."""
    while True:
        k = 1 + secrets.randbelow(N - 1)
        ((x, _),) = _affine([_generator.times(k)])
        r = (e + x) % N
        s = pow(1 + d, -1, N) * (k - r * d) % N
        if r and s and (r + k) % N:
            return r.to_bytes(32) + s.to_bytes(32)
