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

import orjson

from ecert import limits
from ecert.errors import ParseError
from ecert.reasons import Reason

URL_SAFE = bytes.maketrans(b"+/", b"-_")
"""From the alphabet of base64 to that of base64url."""


def b64url(data: bytes) -> str:
    """Return ``data`` as base64url without padding (RFC 7515 §2)."""
    return b64url_bytes(data).decode("ascii")


def b64url_bytes(data: bytes) -> bytes:
    """Return ``data`` as base64url without padding, in ASCII."""
    # Two passes instead of the four of `urlsafe_b64encode` and `rstrip`.
    return binascii.b2a_base64(data, newline=False).translate(URL_SAFE, b"=")


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
    if b64url_bytes(data) != raw:
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
    """Parse one CBOR item (RFC 8949) in its one shortest form.

    Only what the formats use: integers, byte and text strings, arrays, maps with integer or
    text keys, false, true and null.

    Raises:
        ParseError: Anything else, or one of the lenient forms named above.
    """
    # Our own, because the parsers at hand take long forms and trailing bytes, and know tags that
    # make values refer to themselves (28, 29) or grow without bound (4, 5).
    try:
        value, end = _item(data, 0, limits.MAX_CBOR_DEPTH)
        if end != len(data):
            raise ValueError("bytes follow the item, or it is cut short")
    except (IndexError, ValueError) as error:
        raise ParseError(f"not strict CBOR ({error})", where=where) from error
    return value


# The least number that may stand in the 1, 2, 4 or 8 bytes behind a head: below it there is a
# shorter form.
_LEAST = {24: 24, 25: 1 << 8, 26: 1 << 16, 27: 1 << 32}
# The other simple values, and the floats, are in no format of ours.
_SIMPLE = {0xF4: False, 0xF5: True, 0xF6: None}


def _item(data: bytes, start: int, depth: int) -> tuple[Any, int]:
    """Return the item that begins at ``start``, and where the next one does.

    What is cut short ends behind the data, which whoever reads on, or `parse_cbor`, finds out.
    """
    head = data[start]
    major, argument, start = head >> 5, head & 0x1F, start + 1
    if argument > 23:
        if argument == 24:
            argument, start = data[start], start + 1
            if argument < 24:
                raise ValueError("a number is not in its shortest form")
        else:
            argument, start = _long_argument(data, start, argument)
    # In the order in which payloads use them.
    if major == 3:
        end = start + argument
        return data[start:end].decode(), end
    if major == 0:
        return argument, start
    if major == 2:
        end = start + argument
        return data[start:end], end
    if depth > 0 and major in {4, 5}:
        return (_array if major == 4 else _map)(data, start, argument, depth - 1)
    if major == 1:
        return -1 - argument, start
    if head in _SIMPLE:
        return _SIMPLE[head], start
    raise ValueError("a tag or float, or nested too deep")


def _long_argument(data: bytes, start: int, info: int) -> tuple[int, int]:
    if info not in _LEAST:
        raise ValueError("an indefinite length")
    end = start + (1 << (info - 24))
    argument = int.from_bytes(data[start:end])
    if argument < _LEAST[info]:
        raise ValueError("a number is cut short, or not in its shortest form")
    return argument, end


def _array(data: bytes, start: int, count: int, depth: int) -> tuple[list[Any], int]:
    array: list[Any] = []
    for _ in range(count):
        head = data[start]
        # Small numbers and short texts are most of everything, so they take no call.
        if head < 24:
            start += 1
            array.append(head)
        elif 0x60 <= head < 0x78:
            end = start + head - 0x5F
            array.append(data[start + 1 : end].decode())
            start = end
        else:
            value, start = _item(data, start, depth)
            array.append(value)
    return array, start


def _map(data: bytes, start: int, count: int, depth: int) -> tuple[dict[Any, Any], int]:
    pairs: dict[Any, Any] = {}
    for _ in range(count):
        key = data[start]
        if key < 24:
            start += 1
        else:
            key, start = _item(data, start, depth)
            # By type, because Python takes true for 1.
            if type(key) is not int and type(key) is not str:
                raise ValueError("a map key is neither a number nor text")
        head = data[start]
        # As in an array: what is most of everything takes no call, or only one.
        if head < 24:
            start += 1
            pairs[key] = head
        elif 0x80 <= head < 0x98 and depth > 0:
            pairs[key], start = _array(data, start + 1, head - 0x80, depth - 1)
        else:
            pairs[key], start = _item(data, start, depth)
    if len(pairs) != count:
        raise ValueError("a map has one key twice")
    return pairs, start


def bounded(data: bytes, limit: int, *, where: str = "") -> bytes:
    """Return ``data`` unless it is longer than ``limit`` bytes.

    Raises:
        ParseError: With reason `too-large`.
    """
    if len(data) > limit:
        raise ParseError(f"{len(data)} bytes, over {limit}", reason=Reason.TOO_LARGE, where=where)
    return data
