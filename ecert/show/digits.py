"""The text of a code: decimal digits only, because only digits survive every scanner.

``kind (1) ‖ total length (4) ‖ number ‖ check (2)``, where number is ``0x01 ‖ bytes`` read as one
big-endian integer and check is ISO 7064 MOD 97-10 over everything before it.  The length and the
check tell a bad scan from a bad code, so a clerk is asked to scan again instead of crying forgery.
The number of an online code is written otherwise: see `ecert.show.online`.
"""

from __future__ import annotations

from enum import IntEnum

from ecert import limits
from ecert.errors import CodeTooLargeError, ParseError
from ecert.reasons import Reason
from ecert.show.keystrokes import read_digits


class CodeKind(IntEnum):
    """The first digit: what the code is."""

    SELF_CONTAINED = 1
    ONLINE = 2
    PAPER = 3
    CHALLENGE = 4
    """The number that a window shows, with the window: read by a wallet."""
    TEST = 5
    """To find out how many digits a scanner can send: `ecert.show.scanner_check`."""


_KINDS = {str(kind.value): kind for kind in CodeKind}
_HEAD = 5
_CHECK = 2
_MIN_DIGITS = _HEAD + 1 + _CHECK


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

    What certainly means the same digits is taken (`ecert.show.keystrokes`); anything else that
    can come from a bad scan is `incomplete-scan`.

    Raises:
        ParseError: Reason `incomplete-scan`, `several-codes`, `too-large` or `malformed`.
    """
    digits, _ = read_digits(text)
    if len(digits) > limits.MAX_CODE_DIGITS:
        raise ParseError("too many digits", reason=_why_wrong(digits))
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
        raise ParseError("length or check digits do not fit", reason=_why_wrong(digits))
    kind = _KINDS.get(digits[0])
    if kind is None or kind is CodeKind.TEST:
        raise ParseError("not a code of ours" if kind is None else "a code to test scanners with")
    if kind is CodeKind.ONLINE:
        return kind, number.encode("ascii")
    raw = value.to_bytes((value.bit_length() + 7) // 8)
    if number[0] == "0" or raw[0] != 1:
        # No encoder writes it: digits are lost or doubled, and the check digits fit by chance.
        raise ParseError("the number is not 0x01 and bytes", reason=Reason.INCOMPLETE_SCAN)
    return kind, raw[1:]


def normalised(text: str) -> str:
    """Return the digits of a scanned code as `encode` writes them, whatever stood between.

    Raises:
        ParseError: As `decode`.
    """
    kind, data = decode(text)
    return write(kind, data.decode("ascii")) if kind is CodeKind.ONLINE else encode(kind, data)


def check_digits(digits: str) -> str:
    """Return the two check digits of ``digits`` (ISO 7064 MOD 97-10)."""
    return f"{98 - int(digits) * 100 % 97:02d}"


def split_codes(digits: str) -> tuple[str, ...]:
    """Return the codes that stand in ``digits`` one after the other; none if anything is amiss.

    Length and check digits of each are right; nothing else is looked at.
    """
    codes: list[str] = []
    position = 0
    while position < len(digits):
        announced = int(digits[position + 1 : position + _HEAD] or "0")
        code = digits[position : position + announced]
        if not _MIN_DIGITS <= announced <= limits.MAX_CODE_DIGITS or len(code) < announced:
            return ()
        if check_digits(code[:-_CHECK]) != code[-_CHECK:]:
            return ()
        codes.append(code)
        position += announced
    return tuple(codes)


def _why_wrong(digits: str) -> Reason:
    """Tell why ``digits`` are not one right code."""
    if len(set(split_codes(digits))) > 1:
        return Reason.SEVERAL_CODES
    # Digits lost or doubled, or the same code read twice; beyond two codes only if the first
    # one is right, so that endless digits are called what they are.
    announced = int(digits[1:_HEAD] or "0") if len(digits) >= _HEAD else 0
    short = len(digits) <= 2 * limits.MAX_CODE_DIGITS
    return Reason.INCOMPLETE_SCAN if short or split_codes(digits[:announced]) else Reason.TOO_LARGE
