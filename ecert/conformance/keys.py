"""The keys of a question: JWKs, each with its own restrictions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ecert.errors import ParseError
from ecert.sign.keys import PublicKey

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


def load_key(jwk: Mapping[str, Any]) -> PublicKey:
    """Read a JWK and honour its alg, use and key_ops; a private part is dropped unread.

    Raises:
        ParseError: No key for signatures that this library verifies.
    """
    return PublicKey.from_jwk({name: value for name, value in jwk.items() if name != "d"})


def load_keys(jwks: Sequence[Mapping[str, Any]]) -> list[PublicKey]:
    """Read the usable keys among ``jwks``; others are passed over while there is one.

    Raises:
        ParseError: None of them is usable (the first one's fault), or two different keys have
            one key id, so that it names neither.
    """
    usable: list[PublicKey] = []
    faults: list[ParseError] = []
    for jwk in jwks:
        try:
            usable.append(load_key(jwk))
        except ParseError as error:
            faults.append(error)
    if faults and not usable:
        raise faults[0]
    if len({key.kid for key in usable}) < len(set(usable)):
        raise ParseError("two keys have one kid", where="keys")
    return usable
