"""The least that any implementation needs: bare ECDSA signatures, by the same backend for all.

Needs nothing but ``cryptography``; the foreign implementations import it too, so that each is
compared with what its own process achieves on its own messages.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass
from itertools import cycle, islice
from typing import TYPE_CHECKING

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from harness import Case, each, repeated

if TYPE_CHECKING:
    from collections.abc import Sequence

    from harness import Work

_SCHEME = ec.ECDSA(hashes.SHA256())


@dataclass(frozen=True, slots=True)
class Signed:
    """A message with its signature, and the key that verifies it."""

    key: ec.EllipticCurvePublicKey
    signature: bytes
    """In the backend's own form (DER)."""
    message: bytes


def signed(key: ec.EllipticCurvePublicKey, signature: bytes, message: bytes) -> Signed:
    """Return ``message`` with its signature r‖s in the backend's form."""
    r, s = int.from_bytes(signature[:32], "big"), int.from_bytes(signature[32:], "big")
    return Signed(key, encode_dss_signature(r, s), message)


def signed_jws(key: ec.EllipticCurvePublicKey, token: str) -> Signed:
    """Return what is signed in a compact JWS."""
    message, _, signature = token.rpartition(".")
    padded = signature + "=" * (-len(signature) % 4)
    return signed(key, base64.urlsafe_b64decode(padded), message.encode("ascii"))


def raw_signing(name: str, messages: Sequence[bytes]) -> Case:
    """Return the case that signs all of ``messages``, one bare signature each."""
    key = ec.generate_private_key(ec.SECP256R1())

    def sign_all() -> None:
        for message in messages:
            key.sign(message, _SCHEME)

    return Case(name, repeated(sign_all))


def raw_verifying(name: str, groups: Sequence[Sequence[Signed]]) -> Case:
    """Return the case that verifies one group of bare signatures after the other."""

    def verify_all(group: Sequence[Signed]) -> None:
        for item in group:
            item.key.verify(item.signature, item.message, _SCHEME)

    return Case(name, each(lambda count: list(islice(cycle(groups), count)), verify_all))


def together(name: str, *cases: Case) -> Case:
    """Return the case that does what ``cases`` do, one after the other."""

    def prepare(count: int) -> Work:
        ready = [case.prepare(count) for case in cases]

        def work() -> None:
            for one in ready:
                one()

        return work

    return Case(name, prepare)
