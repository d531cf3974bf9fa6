"""How many digits can this scanner send?  Test codes of rising length, and what came of each.

A test code is digits of a kind of its own (5) that no reader takes for a show code::

    kind (1) ‖ total length (4) ‖ filler ‖ check (2)

The filler counts: each of its groups of four is the place where it begins, so that a piece tells
where it was cut off.  Length and check digits are those of every code.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from enum import Enum
from typing import Final

from ecert import limits
from ecert.errors import ParseError
from ecert.show.digits import CodeKind, check_digits, split_codes
from ecert.show.keystrokes import Disturbance, read_digits

# Where scanners are known to stop (255, 512, 1000, 1024), and what our codes need.
LENGTHS: Final = (24, 64, 128, 255, 256, 500, 512, 700, 1000, 1024, 1500, 2188)
ONLINE_DIGITS: Final = 32
"""The longest online code."""
# QR versions 15, 18 and 23 at level M: the budgets of docs/formats/show-code.md.
NEEDS: Final = {"online": ONLINE_DIGITS, "minimal": 991, "full": 1346, "three": 2059}
_HEAD, _CHECK = 5, 2
_SHORTEST = 12


class ScanState(Enum):
    """What became of one test code on its way."""

    WHOLE = "whole"
    CUT = "cut"
    """Its beginning arrived, and then nothing."""
    DAMAGED = "damaged"
    """Digits are missing, doubled or other ones inside."""
    FOREIGN = "foreign"
    """It is no test code."""


@dataclass(frozen=True, slots=True)
class SheetScan:
    """One test code as it arrived.

    Attributes:
        state: What became of it.
        length: How many digits the test code has; 0 if that cannot be told.
        received: How many arrived.
        disturbed: What stood around and between them.
    """

    state: ScanState
    length: int
    received: int
    disturbed: frozenset[Disturbance] = frozenset()


@dataclass(frozen=True, slots=True)
class ScannerReport:
    """What a scanner can do, from all scans of a sheet."""

    scans: tuple[SheetScan, ...]

    @property
    def longest(self) -> int:
        """Digits of the longest test code that arrived whole; 0 if none did."""
        return max((one.length for one in self._of(ScanState.WHOLE)), default=0)

    @property
    def limit(self) -> int | None:
        """The number of digits after which the scanner stops, if it does."""
        cut = [one.received for one in self._of(ScanState.CUT) if one.received >= self.longest]
        return max(cut, default=None)

    @property
    def unreliable(self) -> bool:
        """Whether a code arrived damaged, or one that is shorter than the longest did not."""
        return bool(self._of(ScanState.DAMAGED)) or any(
            one.received < self.longest for one in self._of(ScanState.CUT)
        )

    @property
    def disturbed(self) -> frozenset[Disturbance]:
        """Everything that stood in the way of any scan."""
        return frozenset().union(*(one.disturbed for one in self.scans))

    @property
    def enough_for(self) -> dict[str, bool]:
        """Which codes it can send: online, of one licence, with full details, of three."""
        can = max(self.longest, self.limit or 0)
        return {name: can >= need for name, need in NEEDS.items()}

    def _of(self, state: ScanState) -> list[SheetScan]:
        return [one for one in self.scans if one.state is state]


def sheet_code(length: int) -> str:
    """Return the test code of ``length`` digits.

    Raises:
        ValueError: Fewer than 12 digits, or more than any code has.
    """
    if not _SHORTEST <= length <= limits.MAX_CODE_DIGITS:
        raise ValueError(f"a test code has {_SHORTEST} to {limits.MAX_CODE_DIGITS} digits")
    size = length - _HEAD - _CHECK
    groups = "".join(f"{_HEAD + start:04d}" for start in range(0, size, 4))
    body = f"{CodeKind.TEST.value}{length:04d}{groups[:size]}"
    return f"{body}{check_digits(body)}"


def read_scans(text: str) -> ScannerReport:
    """Tell what arrived of the test codes in ``text``: one after the other, or one a line."""
    lines = [line for line in re.split(r"[\r\n\t]+", text) if line.strip()]
    return ScannerReport(tuple(scan for line in lines for scan in _read_line(line)))


def _read_line(line: str) -> list[SheetScan]:
    try:
        digits, disturbed = read_digits(line)
    except ParseError:
        # Something stands among the digits, so it did not arrive whole whatever they are.
        digits = "".join(one for one in line if one.isascii() and one.isdigit())
        between = Disturbance.SEPARATORS if line.isascii() else Disturbance.INPUT_METHOD
        spoilt = _judge(digits, frozenset({between}))
        state = ScanState.FOREIGN if spoilt.state is ScanState.FOREIGN else ScanState.DAMAGED
        return [replace(spoilt, state=state)]
    return [_judge(one, disturbed) for one in split_codes(digits) or (digits,)]


def _judge(digits: str, disturbed: frozenset[Disturbance]) -> SheetScan:
    announced = int(digits[1:_HEAD]) if len(digits) > _HEAD else 0
    if announced not in LENGTHS or digits[:1] != str(CodeKind.TEST.value):
        state = ScanState.DAMAGED if _is_piece(digits) else ScanState.FOREIGN
        return SheetScan(state, 0, len(digits), disturbed)
    right = sheet_code(announced)
    state = (
        ScanState.WHOLE if digits == right
        else ScanState.CUT if right.startswith(digits)
        else ScanState.DAMAGED
    )  # fmt: skip
    return SheetScan(state, announced, len(digits), disturbed)


def _is_piece(digits: str) -> bool:
    """Tell whether ``digits`` are the counting filler of a test code whose beginning was lost."""
    longest = sheet_code(LENGTHS[-1])
    return any(
        len(digits) >= start + _SHORTEST and digits[start : start + _SHORTEST] in longest
        for start in range(_HEAD + 4)
    )
