"""Disclosures of an SD-JWT: parse one, and put all back into the payload (RFC 9901 §7.1)."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeAlias

from ecert import limits
from ecert.errors import ParseError
from ecert.reasons import Reason
from ecert.sign.strict import b64url, b64url_decode, parse_json

if TYPE_CHECKING:
    from collections.abc import Iterable

Path: TypeAlias = "tuple[str | int, ...]"
"""Where a disclosure belongs: claim names and array positions, from the top."""

PORTRAIT = "portrait"
"""The one claim that may be as long as `limits.MAX_PORTRAIT_DISCLOSURE_CHARS`."""
_RESERVED = frozenset({"_sd", "...", "_sd_alg"})
_DIGEST_CHARS = 43  # SHA-256 in base64url


@dataclass(frozen=True, slots=True)
class Disclosure:
    """One disclosure: ``[salt, name, value]`` of a claim, or ``[salt, value]`` of an element."""

    encoded: str
    digest: str
    name: str | None
    value: Any


@dataclass(frozen=True, slots=True)
class Resolved:
    """The payload with the disclosures put back, and where each came from."""

    claims: dict[str, Any]
    paths: dict[Path, Disclosure]


def parse_disclosure(encoded: str) -> Disclosure:
    """Parse one disclosure.

    Raises:
        ParseError: Too long, not canonical, or of another shape.
    """
    if len(encoded) > limits.MAX_PORTRAIT_DISCLOSURE_CHARS:
        raise ParseError("a disclosure is too long", reason=Reason.TOO_LARGE)
    parts = parse_json(b64url_decode(encoded, where="disclosure"), where="disclosure")
    if not isinstance(parts, list) or len(parts) not in (2, 3) or not isinstance(parts[0], str):
        raise ParseError("a disclosure is [salt, name, value] or [salt, value]")
    name = parts[1] if len(parts) == 3 else None
    # One claim may be as long as a small photograph, and then it is text.
    if len(encoded) > limits.MAX_DISCLOSURE_CHARS and not (
        name == PORTRAIT and isinstance(parts[-1], str)
    ):
        raise ParseError("a disclosure is too long", reason=Reason.TOO_LARGE)
    if len(parts) == 3 and (not isinstance(name, str) or name in _RESERVED):
        raise ParseError("a disclosed claim name is reserved or not text")
    digest = b64url(hashlib.sha256(encoded.encode("ascii")).digest())
    return Disclosure(encoded, digest, name, parts[-1])


def resolve(
    payload: dict[str, Any], disclosures: Iterable[Disclosure], *, never: frozenset[str]
) -> Resolved:
    """Put ``disclosures`` back into ``payload``.

    Args:
        payload: The issuer-signed claims.
        disclosures: What is disclosed of them.
        never: Names that may not be disclosed at the top level.

    Raises:
        ParseError: Two digests or disclosures are equal, a disclosure is referenced nowhere, of
            the wrong shape for its place, reserved, or would overwrite a claim; or the whole is
            nested too deeply.
    """
    if payload.get("_sd_alg", "sha-256") != "sha-256":
        raise ParseError("_sd_alg is not sha-256")
    walk = _Walk(never)
    for disclosure in disclosures:
        if disclosure.digest in walk.waiting:
            raise ParseError("a disclosure stands twice")
        walk.waiting[disclosure.digest] = disclosure
    claims = walk.object({k: v for k, v in payload.items() if k != "_sd_alg"}, ())
    if walk.waiting:
        raise ParseError("a disclosure is referenced nowhere")
    return Resolved(claims, walk.paths)


@dataclass(slots=True)
class _Walk:
    """One descent through the payload; ``waiting`` holds the disclosures not yet placed."""

    never: frozenset[str]
    waiting: dict[str, Disclosure] = field(default_factory=dict)
    seen: set[str] = field(default_factory=set)
    paths: dict[Path, Disclosure] = field(default_factory=dict)

    def value(self, node: Any, path: Path) -> Any:
        # Each disclosure is bounded by itself, but they can stand inside one another.
        if len(path) > limits.MAX_JSON_DEPTH:
            raise ParseError(f"nested deeper than {limits.MAX_JSON_DEPTH}", where="disclosure")
        if isinstance(node, dict):
            return self.object(node, path)
        if isinstance(node, list):
            return self.array(node, path)
        return node

    def object(self, node: dict[str, Any], path: Path) -> dict[str, Any]:
        if "..." in node or "_sd_alg" in node:
            raise ParseError("a reserved name stands where it may not")
        digests = node.get("_sd", [])
        if not isinstance(digests, list):
            raise ParseError("_sd is not an array")
        result = {k: self.value(v, (*path, k)) for k, v in node.items() if k != "_sd"}
        for digest in digests:
            found = self.take(digest)
            if found is None:
                continue
            name = found.name
            if name is None:
                raise ParseError("an element's disclosure stands for a claim")
            if name in result or (not path and name in self.never):
                raise ParseError("a disclosed claim overwrites one, or may not be disclosed")
            place = (*path, name)
            self.paths[place] = found
            result[name] = self.value(found.value, place)
        return result

    def array(self, node: list[Any], path: Path) -> list[Any]:
        result: list[Any] = []
        for position, element in enumerate(node):
            place = (*path, position)
            if not (isinstance(element, dict) and "..." in element):
                result.append(self.value(element, place))
                continue
            if len(element) != 1:
                raise ParseError("a hidden element has other keys")
            found = self.take(element["..."])
            if found is None:
                continue
            if found.name is not None:
                raise ParseError("a claim's disclosure stands for an element")
            self.paths[place] = found
            result.append(self.value(found.value, place))
        return result

    def take(self, digest: Any) -> Disclosure | None:
        if not isinstance(digest, str) or len(digest) != _DIGEST_CHARS:
            raise ParseError("a digest is not SHA-256 in base64url")
        if digest in self.seen:
            raise ParseError("a digest stands twice")
        self.seen.add(digest)
        return self.waiting.pop(digest, None)
