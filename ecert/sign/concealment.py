"""Turns claims marked as selectively disclosable into digests and disclosures (RFC 9901 §4.2)."""

from __future__ import annotations

import secrets
from binascii import b2a_base64
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING, Any, Final

import orjson

from ecert.sign.strict import URL_SAFE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

SD_ALG: Final = "sha-256"
"""What ``_sd_alg`` says where anything is hidden."""
_RESERVED = frozenset({"_sd", "...", "_sd_alg"})
_NESTED = (dict, list, tuple)
# 128 bits (RFC 9901 §4.2.1), and what base64url makes of them.
_SALT_BYTES, _SALT_CHARS = 16, 22
# As many as a licence with a few fields takes.
_SALTS_AT_ONCE = 8


@dataclass(frozen=True, slots=True)
class Hide:
    """Marks a value, when issuing, as selectively disclosable; may be nested."""

    value: Any


class Concealment:
    """What is hidden in one credential: gives the digests, keeps the disclosures.

    Args:
        expected: How many things will be hidden; more or fewer do no harm.
    """

    __slots__ = ("_salts", "disclosures")

    def __init__(self, expected: int = 0) -> None:
        self.disclosures: list[bytes] = []
        self._salts: list[str] = _draw_salts(expected)

    def claims(self, hidden: Mapping[str, Any]) -> list[str]:
        """Hide every member of ``hidden`` and return the digests that stand for them (``_sd``).

        Raises:
            ValueError: A claim name is reserved.
        """
        require_unreserved(hidden)
        salt = self._salts_for(len(hidden))
        digests = [self._disclose((salt(), name, value)) for name, value in hidden.items()]
        # Sorted, so that their order does not tell which claim is which.
        digests.sort()
        return digests

    def element(self, value: Any) -> dict[str, str]:
        """Hide an element of an array and return what stands in its place."""
        salt = self._salts_for(1)
        return {"...": self._disclose((salt(), value))}

    def _disclose(self, row: tuple[Any, ...]) -> str:
        # `b64url` twice, but without its calls: this runs for every hidden claim of every licence.
        encoded = b2a_base64(orjson.dumps(row)).translate(URL_SAFE, b"=\n")
        self.disclosures.append(encoded)
        return b2a_base64(sha256(encoded).digest()).translate(URL_SAFE, b"=\n").decode()

    def _salts_for(self, count: int) -> Callable[[], str]:
        """Return what gives out, and forgets, one salt after the other."""
        if len(self._salts) < count:
            self._salts += _draw_salts(max(count, _SALTS_AT_ONCE))
        return self._salts.pop


def conceal(claims: Mapping[str, Any]) -> tuple[dict[str, Any], list[str]]:
    """Return the payload with digests in the place of every `Hide`, and the disclosures.

    Raises:
        ValueError: A claim name is reserved.
    """
    concealment = Concealment()
    payload = conceal_marked(claims, concealment)
    return payload, [disclosure.decode("ascii") for disclosure in concealment.disclosures]


def conceal_marked(claims: Mapping[str, Any], concealment: Concealment) -> dict[str, Any]:
    """Return the payload with digests in the place of every `Hide`, hidden by ``concealment``.

    Raises:
        ValueError: A claim name is reserved.
    """
    payload: dict[str, Any] = _conceal(dict(claims), concealment)
    if concealment.disclosures:
        payload["_sd_alg"] = SD_ALG
    return payload


def _conceal(node: Any, concealment: Concealment) -> Any:
    if isinstance(node, dict):
        require_unreserved(node)
        visible: dict[str, Any] = {}
        hidden: dict[str, Any] = {}
        for name, value in node.items():
            if isinstance(value, Hide):
                hidden[name] = _conceal(value.value, concealment)
            elif isinstance(value, _NESTED):
                visible[name] = _conceal(value, concealment)
            else:
                visible[name] = value
        if hidden:
            visible["_sd"] = concealment.claims(hidden)
        return visible
    if isinstance(node, (list, tuple)):
        return [_conceal_element(element, concealment) for element in node]
    return node


def _conceal_element(element: Any, concealment: Concealment) -> Any:
    if not isinstance(element, Hide):
        return _conceal(element, concealment)
    return concealment.element(_conceal(element.value, concealment))


def _draw_salts(count: int) -> list[str]:
    """Return so many salts, each 128 random bits in base64url."""
    # All at once, because each call of the system, and each round of base64, takes longer than
    # the bytes it is for.  Two bytes of nought behind each salt fill its last group of three, so
    # that the salts lie 24 characters apart; cutting off what the noughts became leaves exactly
    # what encoding them one by one would write.
    drawn = bytearray(secrets.token_bytes((_SALT_BYTES + 2) * count))
    noughts = bytes(count)
    drawn[_SALT_BYTES :: _SALT_BYTES + 2] = noughts
    drawn[_SALT_BYTES + 1 :: _SALT_BYTES + 2] = noughts
    text = b2a_base64(drawn, newline=False).translate(URL_SAFE).decode("ascii")
    return [text[start : start + _SALT_CHARS] for start in range(0, len(text), _SALT_CHARS + 2)]


def require_unreserved(names: Iterable[str]) -> None:
    """Require that no claim takes a name that RFC 9901 keeps for itself.

    Raises:
        ValueError: One does.
    """
    if not _RESERVED.isdisjoint(names):
        raise ValueError("a claim name is reserved by RFC 9901")
