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
from typing import Any, NoReturn

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
        value = cbor2.loads(
            data,
            max_depth=limits.MAX_CBOR_DEPTH,
            allow_indefinite=False,
            allow_duplicate_keys=False,
            tag_hook=_refuse_tag,
            semantic_decoders=_NO_TAGS,
        )
        if cbor2.dumps(value) != data:
            raise ParseError("CBOR is not in its shortest form", where=where)
    except (cbor2.CBORDecodeError, cbor2.CBOREncodeError, ValueError) as error:
        raise ParseError(f"not strict CBOR ({type(error).__name__})", where=where) from error
    _require_plain(value, where)
    return value


def _refuse_tag(*_: object) -> NoReturn:
    raise ValueError("a tag")


# Tags stand in no payload of ours.  Those that the backend knows are overridden one by one:
# they make values that refer to themselves (28, 29), on which its encoder overruns the machine's
# stack, and numbers of any size (2 to 5); every other tag reaches the hook.
_NO_TAGS = dict.fromkeys(
    (*range(6), 25, 28, 29, 30, 35, 36, 37, 100, 256, 258, 260, 261, 1004, 43000, 55799),
    _refuse_tag,
)
_LEAVES = frozenset((int, str, bytes, bool, type(None)))
_KEYS = frozenset((int, str))


def _require_plain(value: Any, where: str) -> None:
    """Refuse floats and other simple values, and map keys that equal others (true equals 1)."""
    kind = type(value)
    if kind in _LEAVES:
        return
    if kind is dict:
        if not _KEYS.issuperset(map(type, value)):
            raise ParseError("a CBOR map key is neither a number nor text", where=where)
        children = value.values()
    elif kind is list:
        children = value
    else:
        raise ParseError(f"CBOR holds a {kind.__name__}", where=where)
    for child in children:
        if type(child) not in _LEAVES:
            _require_plain(child, where)


def bounded(data: bytes, limit: int, *, where: str = "") -> bytes:
    """Return ``data`` unless it is longer than ``limit`` bytes.

    Raises:
        ParseError: With reason `too-large`.
    """
    if len(data) > limit:
        raise ParseError(f"{len(data)} bytes, over {limit}", reason=Reason.TOO_LARGE, where=where)
    return data
