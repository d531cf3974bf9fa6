"""Turns claims marked as selectively disclosable into digests and disclosures (RFC 9901 §4.2)."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import orjson

from ecert.sign.strict import b64url

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class Hide:
    """Marks a value, when issuing, as selectively disclosable; may be nested."""

    value: Any


def conceal(claims: Mapping[str, Any]) -> tuple[dict[str, Any], list[str]]:
    """Return the payload with digests in the place of every `Hide`, and the disclosures.

    Raises:
        ValueError: A claim name is reserved.
    """
    disclosures: list[str] = []
    payload = _conceal(dict(claims), disclosures)
    if disclosures:
        payload["_sd_alg"] = "sha-256"
    return payload, disclosures


_RESERVED = frozenset({"_sd", "...", "_sd_alg"})
_NESTED = (dict, list, tuple)


def _conceal(node: Any, disclosures: list[str]) -> Any:
    if isinstance(node, dict):
        if not _RESERVED.isdisjoint(node):
            raise ValueError("a claim name is reserved by RFC 9901")
        visible: dict[str, Any] = {}
        digests: list[str] = []
        for name, value in node.items():
            if isinstance(value, Hide):
                inner = _conceal(value.value, disclosures)
                digests.append(_disclose([_salt(), name, inner], disclosures))
            elif isinstance(value, _NESTED):
                visible[name] = _conceal(value, disclosures)
            else:
                visible[name] = value
        if digests:
            # Sorted, so that their order does not tell which claim is which.
            visible["_sd"] = sorted(digests)
        return visible
    if isinstance(node, (list, tuple)):
        return [_conceal_element(element, disclosures) for element in node]
    return node


def _conceal_element(element: Any, disclosures: list[str]) -> Any:
    if not isinstance(element, Hide):
        return _conceal(element, disclosures)
    inner = _conceal(element.value, disclosures)
    return {"...": _disclose([_salt(), inner], disclosures)}


def _salt() -> str:
    return b64url(secrets.token_bytes(16))


def _disclose(parts: list[Any], disclosures: list[str]) -> str:
    encoded = b64url(orjson.dumps(parts))
    disclosures.append(encoded)
    return b64url(hashlib.sha256(encoded.encode("ascii")).digest())
