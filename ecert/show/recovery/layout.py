"""Where things stand in a QR code of a version: what is the same in all, and the order of data.

ISO/IEC 18004:2015, 6.3 and 7.7.  Only codes as `ecert.show.render` draws them: level M, digits.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

    from qrcode.main import QRCode

MASKS = range(8)
# Table 3: bits of the count of digits up to version 9 and 26.
_COUNT_BITS = ((9, 10), (26, 12))
_NUMERIC = "0001"
_TERMINATOR = "0000"
# Two bytes in turn.
_FILL = f"{0xEC:08b}{0x11:08b}"
# Bits of one, two and three digits.
_DIGIT_BITS = (4, 7, 10)


class Block(NamedTuple):
    """A block of code words: how many in all, and how many of them are data."""

    total: int
    data: int


@cache
def fixed(version: int) -> dict[tuple[int, int], bool]:
    """Return the modules by x and y that are the same in every code of the version; True: dark."""
    return _filled(_blank(version))


@cache
def described(version: int, mask: int) -> dict[tuple[int, int], bool]:
    """Return the same with what tells of version, level M and the mask."""
    code = _blank(version)
    code.setup_type_info(test=False, mask_pattern=mask)
    if version >= 7:
        code.setup_type_number(test=False)
    return _filled(code)


def _blank(version: int) -> QRCode[Any]:
    from qrcode.constants import ERROR_CORRECT_M
    from qrcode.main import QRCode

    code: QRCode[Any] = QRCode(version=version, error_correction=ERROR_CORRECT_M, border=0)
    side = code.modules_count = side_of(version)
    code.modules = [[None] * side for _ in range(side)]
    for row, column in ((0, 0), (side - 7, 0), (0, side - 7)):
        code.setup_position_probe_pattern(row, column)
    code.setup_position_adjust_pattern()
    code.setup_timing_pattern()
    return code


def _filled(code: QRCode[Any]) -> dict[tuple[int, int], bool]:
    return {
        (x, y): module
        for y, row in enumerate(code.modules)
        for x, module in enumerate(row)
        if module is not None
    }


def side_of(version: int) -> int:
    """Return the modules along one side."""
    return 17 + 4 * version


@cache
def data_places(version: int) -> tuple[tuple[int, int], ...]:
    """Return x and y of the modules that hold data, bit by bit."""
    taken, side = described(version, 0), side_of(version)
    places: list[tuple[int, int]] = []
    rows: Sequence[int] = range(side - 1, -1, -1)
    # Pairs of columns from the right, upwards and downwards in turn; column 6 is timing.
    for right in (*range(side - 1, 7, -2), 5, 3, 1):
        places += [(x, y) for y in rows for x in (right, right - 1) if (x, y) not in taken]
        rows = rows[::-1]
    return tuple(places)


@cache
def inverted(version: int, mask: int) -> tuple[bool, ...]:
    """Return for each of `data_places` whether the mask turns it over."""
    from qrcode.util import mask_func

    turns = mask_func(mask)
    return tuple(bool(turns(y, x)) for x, y in data_places(version))


@cache
def blocks(version: int) -> tuple[Block, ...]:
    """Return the blocks of a version at level M."""
    from qrcode.base import rs_blocks
    from qrcode.constants import ERROR_CORRECT_M

    return tuple(Block(*block) for block in rs_blocks(version, ERROR_CORRECT_M))


@cache
def word_order(version: int) -> tuple[tuple[int, int], ...]:
    """Return block and place in it of each code word, as they follow one another."""
    cut = blocks(version)
    longest = max(block.data for block in cut)
    order = [
        (number, at) for at in range(longest) for number, one in enumerate(cut) if at < one.data
    ]
    checks = cut[0].total - cut[0].data
    order += [(number, one.data + at) for at in range(checks) for number, one in enumerate(cut)]
    return tuple(order)


def digits_of(data: bytes, version: int) -> str | None:
    """Return the digits of the data, or None if it is anything but digits, an end and a filling."""
    bits = "".join(f"{byte:08b}" for byte in data)
    width = next((bits for last, bits in _COUNT_BITS if version <= last), 14)
    count, at = int(bits[4 : 4 + width], 2), 4 + width
    if not bits.startswith(_NUMERIC):
        return None
    digits = ""
    while len(digits) < count:
        some = min(3, count - len(digits))
        chunk = bits[at : at + _DIGIT_BITS[some - 1]]
        if len(chunk) < _DIGIT_BITS[some - 1] or int(chunk, 2) >= 10**some:
            return None
        digits += f"{int(chunk, 2):0{some}d}"
        at += len(chunk)
    return digits if bits[at:] == _end(len(bits) - at) else None


def _end(room: int) -> str:
    """Return so many bits as they stand behind the last digit (7.4.9 and 7.4.10).

    An end, noughts to the next whole byte, and then bytes that only fill.
    """
    short = min(room, len(_TERMINATOR))
    noughts = short + (room - short) % 8
    return "0" * noughts + (_FILL * room)[: room - noughts]
