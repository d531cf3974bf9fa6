"""The text of a code: decimal digits only, because only digits survive every scanner.

``kind (1) ‖ total length (4) ‖ number ‖ check (2)``, where number is ``0x01 ‖ bytes`` read as one
big-endian integer and check is ISO 7064 MOD 97-10 over everything before it.  The length and the
check tell a bad scan from a bad code, so a clerk is asked to scan again instead of crying forgery.
The number of an online code is written otherwise: see `ecert.show.online`.
"""

from __future__ import annotations

import unicodedata
from enum import IntEnum

from ecert import limits
from ecert.errors import CodeTooLargeError, ParseError
from ecert.reasons import Reason


class CodeKind(IntEnum):
    """The first digit: what the code is."""

    SELF_CONTAINED = 1
    ONLINE = 2
    PAPER = 3


_KINDS = {str(kind.value): kind for kind in CodeKind}
_HEAD = 5
_CHECK = 2
_MIN_DIGITS = _HEAD + 1 + _CHECK
# What a scanner or a person puts between digits: blanks, dashes, and control characters.
_SEPARATORS = {ord(character): None for character in " \t\r\n-–—_\u3000\ufeff"}


def encode(kind: CodeKind, data: bytes) -> str:
    """Write ``data`` as digits.

    Raises:
        CodeTooLargeError: Over `limits.MAX_CODE_DIGITS`.
    """
    return write(kind, str(int.from_bytes(b"\x01" + data)))


def write(kind: CodeKind, number: str) -> str:
    """Write ``number``, decimal digits that do not begin with 0, between its head and its check.

    Raises:
        CodeTooLargeError: Over `limits.MAX_CODE_DIGITS`.
    """
    length = _HEAD + len(number) + _CHECK
    if length > limits.MAX_CODE_DIGITS:
        raise CodeTooLargeError(
            f"内容需 {length} 位数字，超过上限 {limits.MAX_CODE_DIGITS} 位",
            f"the content takes {length} digits, over {limits.MAX_CODE_DIGITS}",
            fix_zh="请改用 minimal 亮证方式，或分次出示",
            fix_en="Use the minimal profile, or show the licences one by one",
        )
    body = f"{kind.value}{length:04d}{number}"
    return f"{body}{check_digits(body)}"


def decode(text: str) -> tuple[CodeKind, bytes]:
    """Read scanned text back into kind and bytes; of an online code, the number's digits.

    Full-width digits and separators are taken as what they mean; anything else that can come
    from a bad scan is `incomplete-scan`.

    Raises:
        ParseError: Reason `too-large`, `incomplete-scan` or `malformed`.
    """
    digits = _only_digits(text)
    if len(digits) > limits.MAX_CODE_DIGITS:
        raise ParseError("too many digits", reason=_too_many(digits))
    # Length and check digits are looked at before anything else: where they do not fit, the
    # scan is bad and nothing can be said about the code.
    value, number = -1, digits[_HEAD:-_CHECK]
    if len(digits) >= _MIN_DIGITS and int(digits[1:_HEAD]) == len(digits):
        value = int(number)
        # ISO 7064 over all digits, put together from its three parts so that the long one is
        # converted only once.
        head = int(digits[:_HEAD]) * pow(10, len(number), 97) + value % 97
        if (head * 100 + int(digits[-_CHECK:])) % 97 != 1:
            value = -1
    if value < 0:
        raise ParseError("length or check digits do not fit", reason=Reason.INCOMPLETE_SCAN)
    kind = _KINDS.get(digits[0])
    if kind is None or number[0] == "0":
        raise ParseError("not a code of ours")
    if kind is CodeKind.ONLINE:
        return kind, number.encode("ascii")
    raw = value.to_bytes((value.bit_length() + 7) // 8)
    if raw[0] != 1:
        raise ParseError("the number does not begin with 0x01")
    return kind, raw[1:]


def check_digits(digits: str) -> str:
    """Return the two check digits of ``digits`` (ISO 7064 MOD 97-10)."""
    return f"{98 - int(digits) * 100 % 97:02d}"


def _only_digits(text: str) -> str:
    if len(text) > limits.MAX_SCAN_CHARS:
        raise ParseError("too long for any code", reason=Reason.TOO_LARGE)
    # As bytes, because asking Unicode about each of 800 characters takes ten times as long.
    if text.isascii() and text.encode().isdigit():
        return text
    plain = unicodedata.normalize("NFKC", text).translate(_SEPARATORS)
    # AIM symbology identifier that some scanners put in front of a QR code's content.
    if plain[:2] == "]Q":
        plain = plain[3:]
    if plain.isascii() and plain.isdigit():
        return plain
    digits = sum(character.isdigit() for character in plain)
    # Mostly digits with other characters between: an input method was at work.  Otherwise it
    # is some other code or text.
    reason = Reason.INCOMPLETE_SCAN if not plain or digits * 2 > len(plain) else Reason.MALFORMED
    raise ParseError("not only digits", reason=reason)


def _too_many(digits: str) -> Reason:
    # A right code scanned twice in a row, or with a stray tail, announces a smaller length.
    announced = int(digits[1:_HEAD])
    head = digits[:announced]
    doubled = announced >= _MIN_DIGITS and check_digits(head[:-_CHECK]) == head[-_CHECK:]
    return Reason.INCOMPLETE_SCAN if doubled else Reason.TOO_LARGE
