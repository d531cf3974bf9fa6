"""One strict parser for every untrusted byte string: base64url, JSON and CBOR.

What lenient parsers let through, and this one does not: spare bits, padding, white space and
foreign characters in base64url; duplicate keys, NaN, Infinity, a byte-order mark, lone
surrogates, inexact integers and deep nesting in JSON; tags, floats, duplicate keys, long forms,
indefinite lengths and trailing bytes in CBOR.
"""

from __future__ import annotations

import base64
import binascii
import json
import math
from typing import Any

import cbor2
import orjson

from ecert import limits
from ecert.errors import ParseError
from ecert.reasons import Reason


def b64url(data: bytes) -> str:
    """Return ``data`` as base64url without padding (RFC 7515 §2)."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode("ascii")


def b64url_decode(text: str, *, where: str = "") -> bytes:
    """Decode canonical base64url without padding.

    Raises:
        ParseError: ``text`` is not exactly what `b64url` would write.
    """
    try:
        raw = text.encode("ascii")
        data = base64.urlsafe_b64decode(raw + b"=" * (-len(raw) % 4))
    except (UnicodeEncodeError, binascii.Error) as error:
        raise ParseError("not base64url", where=where) from error
    # The standard library skips foreign characters and ignores spare bits: only a text that
    # encodes back to itself is canonical.
    if base64.urlsafe_b64encode(data).rstrip(b"=") != raw:
        raise ParseError("base64url is not canonical", where=where)
    return data


def parse_json(data: bytes, *, max_depth: int = limits.MAX_JSON_DEPTH, where: str = "") -> Any:
    """Parse one JSON text (RFC 8259) and nothing else.

    Raises:
        ParseError: Not UTF-8, not JSON, or one of the lenient forms named above.
    """
    try:
        # orjson checks the grammar and UTF-8 with a bounded stack, but keeps the last of two
        # equal keys; so its value only serves to bound the depth before the second parse.
        _check_depth(orjson.loads(data), max_depth, where)
        return json.loads(
            data.decode("utf-8"),
            object_pairs_hook=_unique_pairs,
            parse_constant=_refuse_constant,
            parse_int=_exact_integer,
            parse_float=_finite_float,
        )
    except (UnicodeDecodeError, ValueError) as error:
        raise ParseError(f"not strict JSON ({type(error).__name__})", where=where) from error


def parse_json_object(data: bytes, *, where: str = "") -> dict[str, Any]:
    """Parse a JSON text whose top level is an object.

    Raises:
        ParseError: As `parse_json`, or the top level is something else.
    """
    value = parse_json(data, where=where)
    if not isinstance(value, dict):
        raise ParseError("the JSON text is not an object", where=where)
    return value


def _check_depth(value: Any, max_depth: int, where: str) -> None:
    level: list[Any] = [value]
    for _ in range(max_depth + 1):
        level = [
            child
            for node in level
            if isinstance(node, (dict, list))
            for child in (node.values() if isinstance(node, dict) else node)
        ]
        if not level:
            return
    raise ParseError(f"nested deeper than {max_depth}", where=where)


def _unique_pairs(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    result = dict(pairs)
    if len(result) != len(pairs):
        raise ValueError("duplicate key")
    return result


def _refuse_constant(name: str) -> Any:
    raise ValueError(name)


def _exact_integer(digits: str) -> int:
    # At most 17 characters fit ±2^53; the length test keeps int() away from huge texts.
    if len(digits) > 17 or abs(value := int(digits)) > limits.MAX_SAFE_INTEGER:
        raise ValueError("integer out of range")
    return value


def _finite_float(digits: str) -> float:
    value = float(digits)
    if not math.isfinite(value):
        raise ValueError("number out of range")
    return value


def parse_cbor(data: bytes, *, where: str = "") -> Any:
    """Parse one CBOR item (RFC 8949) that re-encodes to exactly ``data``.

    Only what the formats use: integers, byte and text strings, arrays, maps with integer or
    text keys, false, true and null.

    Raises:
        ParseError: Not CBOR, or not the one shortest form of its value.
    """
    try:
        _require_plain(data, where)
        value = cbor2.loads(data, max_depth=limits.MAX_CBOR_DEPTH)
        if cbor2.dumps(value) != data:
            raise ParseError("CBOR is not in its shortest form", where=where)
    except (cbor2.CBORDecodeError, cbor2.CBOREncodeError, RecursionError, ValueError) as error:
        raise ParseError(f"not strict CBOR ({type(error).__name__})", where=where) from error
    _require_plain_keys(value, where)
    return value


# False, true and null; the other simple values and the floats are in no format of ours.
_SIMPLE = frozenset((0xF4, 0xF5, 0xF6))


def _require_plain(data: bytes, where: str) -> None:
    """Refuse tags, floats and indefinite lengths before the backend sees them.

    Tags make values that refer to themselves (28, 29), on which the backend's encoder overruns
    the machine's stack, and numbers of any size (4, 5).  Inside a string nothing is looked at;
    apart from that, items simply follow one another.
    """
    position = 0
    while position < len(data):
        head = data[position]
        major, info = head >> 5, head & 0x1F
        if major == 6 or info > 27 or (major == 7 and head not in _SIMPLE):
            raise ParseError("a CBOR tag, float or indefinite length", where=where)
        size = 0 if info < 24 else 1 << (info - 24)
        argument = int.from_bytes(data[position + 1 : position + 1 + size]) if size else info
        position += 1 + size + (argument if major in {2, 3} else 0)


def _require_plain_keys(value: Any, where: str) -> None:
    """Refuse map keys that Python takes for another one: true equals 1."""
    if isinstance(value, list):
        for element in value:
            _require_plain_keys(element, where)
    elif isinstance(value, dict):
        for key, element in value.items():
            if type(key) not in {int, str}:
                raise ParseError("a CBOR map key is neither a number nor text", where=where)
            _require_plain_keys(element, where)


def bounded(data: bytes, limit: int, *, where: str = "") -> bytes:
    """Return ``data`` unless it is longer than ``limit`` bytes.

    Raises:
        ParseError: With reason `too-large`.
    """
    if len(data) > limit:
        raise ParseError(f"{len(data)} bytes, over {limit}", reason=Reason.TOO_LARGE, where=where)
    return data
