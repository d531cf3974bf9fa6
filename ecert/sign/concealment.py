"""Turns claims marked as selectively disclosable into digests and disclosures (RFC 9901 §4.2)."""

from __future__ import annotations

import secrets
import threading
from binascii import b2a_base64
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING, Any, Final

import orjson

from ecert.sign.strict import URL_SAFE

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

SD_ALG: Final = "sha-256"
"""What ``_sd_alg`` says where anything is hidden."""
_RESERVED = frozenset({"_sd", "...", "_sd_alg"})
_NESTED = (dict, list, tuple)
# 128 bits (RFC 9901 §4.2.1), and what base64url makes of them.
_SALT_BYTES, _SALT_CHARS = 16, 22
# As many as a licence with a few fields takes.
_SALTS_AT_ONCE = 8
_DIGEST_CHARS = 43  # SHA-256 in base64url
_TEXT: Final = {str}
# What orjson writes, indented, before, between and after the texts of an array.
_BEFORE, _BETWEEN, _AFTER = b"[\n  ", b",\n  ", b"\n]"


@dataclass(frozen=True, slots=True)
class Hide:
    """Marks a value, when issuing, as selectively disclosable; may be nested."""

    value: Any


class Salts:
    """Salts for disclosures, drawn some at a time; each is given out once and forgotten.

    Threads may share them.  One process's own: what a fork copies would be given out twice.

    Args:
        at_once: How many to draw at a time.
    """

    __slots__ = ("_at_once", "_drawn", "_lock")

    def __init__(self, at_once: int = _SALTS_AT_ONCE) -> None:
        self._at_once = at_once
        self._drawn: list[bytes] = []
        self._lock = threading.Lock()

    def take(self, count: int) -> list[bytes]:
        """Return ``count`` salts, each 128 random bits in base64url (RFC 9901 §4.2.1)."""
        with self._lock:
            if len(self._drawn) < count:
                self._drawn += _draw_salts(max(count, self._at_once))
            left = len(self._drawn) - count
            taken = self._drawn[left:]
            del self._drawn[left:]
        return taken


class Concealment:
    """What is hidden in one credential: gives the digests, keeps the disclosures.

    Args:
        salts: Where its salts come from; of its own if left out.

    Attributes:
        plain: The disclosures as JSON, in the order in which they were made.
        disclosures: The same in base64url.
    """

    __slots__ = ("_salts", "disclosures", "plain")

    def __init__(self, salts: Salts | None = None) -> None:
        self.plain: list[bytes] = []
        self.disclosures: list[bytes] = []
        self._salts = salts or Salts()

    def claims(self, hidden: Mapping[str, Any]) -> list[str]:
        """Hide every member of ``hidden`` and return the digests that stand for them (``_sd``).

        Raises:
            ValueError: A claim name is reserved.
        """
        require_unreserved(hidden)
        salts = self._salts.take(len(hidden))
        digests = [
            self._disclose((salt.decode("ascii"), name, value))
            for salt, (name, value) in zip(salts, hidden.items(), strict=True)
        ]
        # Sorted, so that their order does not tell which claim is which.
        digests.sort()
        return digests

    def texts(self, *objects: Mapping[str, str]) -> list[list[str]]:
        """Hide every member of several objects; what `claims` returns for each.

        The same in a third of the time, where every value is text: this runs for every licence.

        Raises:
            TypeError: A value is not text.
            ValueError: A claim name is reserved.
        """
        rows: list[tuple[str, str]] = []
        for members in objects:
            require_unreserved(members)
            rows += members.items()
        digests = self._disclose_texts(rows) if rows else []
        result, start = [], 0
        for members in objects:
            end = start + len(members)
            result.append(sorted(digests[start:end]))
            start = end
        return result

    def _disclose_texts(self, rows: Sequence[tuple[str, str]]) -> list[str]:
        told = json_texts([text for row in rows for text in row])
        salts = self._salts.take(len(rows))
        plain = write_disclosures(salts, told[::2], told[1::2])
        encoded = encode_disclosures(plain)
        self.plain += plain
        self.disclosures += encoded
        return [digest.decode("ascii") for digest in disclosure_digests(encoded)]

    def element(self, value: Any) -> dict[str, str]:
        """Hide an element of an array and return what stands in its place."""
        (salt,) = self._salts.take(1)
        return {"...": self._disclose((salt.decode("ascii"), value))}

    def _disclose(self, row: tuple[Any, ...]) -> str:
        # `b64url` twice, but without its calls.
        plain = orjson.dumps(row)
        encoded = b2a_base64(plain).translate(URL_SAFE, b"=\n")
        self.plain.append(plain)
        self.disclosures.append(encoded)
        return b2a_base64(sha256(encoded).digest()).translate(URL_SAFE, b"=\n").decode()


def json_texts(texts: Sequence[str]) -> list[bytes]:
    """Return each of many texts as JSON, quotation marks and all.

    Raises:
        TypeError: A value is not text.
    """
    if not texts:
        return []
    if set(map(type, texts)) != _TEXT:
        raise TypeError("only text can be hidden so")
    # Written as one array and cut at its line feeds: in a text JSON escapes them, so that nothing
    # that a text says can look like a cut.
    written = orjson.dumps(texts, option=orjson.OPT_INDENT_2)
    return written[len(_BEFORE) : -len(_AFTER)].split(_BETWEEN)


def write_disclosures(
    salts: Iterable[bytes], names: Iterable[bytes], values: Iterable[bytes]
) -> list[bytes]:
    """Return the disclosures, as JSON, of claims whose names and values are JSON already."""
    return [b'["%b",%b,%b]' % row for row in zip(salts, names, values, strict=True)]


def encode_disclosures(plain: Sequence[bytes]) -> list[bytes]:
    """Return disclosures, given as JSON, in base64url."""
    # Each comes with a line feed behind it, by which what was translated at once is cut again.
    lines = b"".join(map(b2a_base64, plain)).translate(URL_SAFE, b"=")
    return lines.split(b"\n")[:-1]


def disclosure_digests(encoded: Sequence[bytes]) -> list[bytes]:
    """Return the digests, in base64url, of disclosures in base64url."""
    # A byte of nought fills the last group of three, as with the salts below.
    digests = b"\0".join([sha256(one).digest() for one in encoded])
    text = b2a_base64(digests, newline=False).translate(URL_SAFE)
    return [text[start : start + _DIGEST_CHARS] for start in range(0, len(text), _DIGEST_CHARS + 1)]


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


def _draw_salts(count: int) -> list[bytes]:
    """Return so many salts, each 128 random bits in base64url."""
    # All at once, because each call of the system, and each round of base64, takes longer than
    # the bytes it is for.  Two bytes of nought behind each salt fill its last group of three, so
    # that the salts lie 24 characters apart; cutting off what the noughts became leaves exactly
    # what encoding them one by one would write.
    drawn = bytearray(secrets.token_bytes((_SALT_BYTES + 2) * count))
    noughts = bytes(count)
    drawn[_SALT_BYTES :: _SALT_BYTES + 2] = noughts
    drawn[_SALT_BYTES + 1 :: _SALT_BYTES + 2] = noughts
    text = b2a_base64(drawn, newline=False).translate(URL_SAFE)
    return [text[start : start + _SALT_CHARS] for start in range(0, len(text), _SALT_CHARS + 2)]


def require_unreserved(names: Iterable[str]) -> None:
    """Require that no claim takes a name that RFC 9901 keeps for itself.

    Raises:
        ValueError: One does.
    """
    if not _RESERVED.isdisjoint(names):
        raise ValueError("a claim name is reserved by RFC 9901")
