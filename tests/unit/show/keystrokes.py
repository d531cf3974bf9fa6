"""What scanners and input methods really type for one code: over two hundred streams.

Each row: a name, what arrives for the digits of a right code, and whether the code can still be
taken.  Pauses leave no trace in text; what they make a page do is that page's subject.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


class Stream(NamedTuple):
    """One way in which a code arrives."""

    name: str
    type: Callable[[str], str]
    right: bool


def _map(zero: int) -> Callable[[str], str]:
    """Write every digit as that of another script whose zero is ``zero``."""
    return lambda code: "".join(chr(zero + int(digit)) for digit in code)


def _wrap(before: str, after: str) -> Callable[[str], str]:
    return lambda code: f"{before}{code}{after}"


def _cut(count: int) -> Callable[[str], str]:
    return lambda code: code[:count]


def _without(place: int) -> Callable[[str], str]:
    return lambda code: code[:place] + code[place:][1:]


def _twice_at(place: int) -> Callable[[str], str]:
    return lambda code: code[: place + 1] + code[place:]


def _swap(place: int) -> Callable[[str], str]:
    """Swap the first two different neighbours from ``place`` on."""

    def swap(code: str) -> str:
        at = next(i for i in range(place, len(code) - 1) if code[i] != code[i + 1])
        return code[:at] + code[at + 1] + code[at] + code[at + 2 :]

    return swap


def _put(place: int, text: str) -> Callable[[str], str]:
    return lambda code: code[:place] + text + code[place:]


def _change(place: int) -> Callable[[str], str]:
    return lambda code: code[:place] + str((int(code[place]) + 1) % 10) + code[place + 1 :]


def _replace(place: int, text: str) -> Callable[[str], str]:
    return lambda code: code[:place] + text + code[place + len(text) :]


def _every(count: int, between: str) -> Callable[[str], str]:
    return lambda code: between.join(
        code[start : start + count] for start in range(0, len(code), count)
    )


ENDS = ("", "\r", "\n", "\r\n", "\t", "\r\n\r\n", "\n\n", "\t\r\n", " ", "\u0003", "\u0004")
BEGINNINGS = (
    "]Q0", "]Q1", "]Q2", "]Q3", "]Q4", "]Q5", "]Q6", "]q1", "\u0002", "\ufeff", "\u001d",
    "\u001e", "  ", "\t", "\r\n", "\ufeff]Q1", "\u0002]Q3", "]Q3\u001d", "】Q1", "】Q3", "］Q1",
    "」Q1", "·Q1",
)  # fmt: skip
AFFIXES = ("Q", "QR", "QR:", "#", "$", "*", "A", "GUN-", "%%", "【", "】去", "扫码", "'", "/")
DASHES = ("-", "–", "—", "_", "−", "‐", "‑", " ", "  ", "\u3000", "\u00a0", "\t", "－", "\r\n")
SCRIPTS = {
    "full-width": 0xFF10, "Arabic-Indic": 0x0660, "extended Arabic-Indic": 0x06F0,
    "Tibetan": 0x0F20, "Mongolian": 0x1810, "Devanagari": 0x0966, "New Tai Lue": 0x19D0,
    "mathematical bold": 0x1D7CE, "monospace": 0x1D7F6,
}  # fmt: skip
INNER = (
    "。", "，", ",", ".", "、", "；", "：", "你好", "去", "a", "Q", "~", "？", "/", "的一是",
    "【1", "ceshi", "+",
)  # fmt: skip
CUTS = (0, 1, 4, 5, 7, 8, 20, 24, 63, 64, 127, 128, 254, 255, 256, 500, 511, 512)
PLACES = (0, 1, 2, 3, 4, 5, 6, 10, 100, 254, 400, -2, -1)


def streams() -> Iterator[Stream]:
    """Every stream; the code has more than 513 digits and no digit of 0 at its end."""
    for end in ENDS:
        yield Stream(f"ends with {end!r}", _wrap("", end), True)
    for start in BEGINNINGS:
        yield Stream(f"begins with {start!r}", _wrap(start, "\r\n"), True)
    for affix in AFFIXES:
        yield Stream(f"prefix {affix!r}", _wrap(affix, "\r"), True)
        yield Stream(f"suffix {affix!r}", _wrap("", f"{affix}\r\n"), True)
    for dash in DASHES:
        yield Stream(f"groups of four by {dash!r}", _every(4, dash), True)
    for script, zero in SCRIPTS.items():
        yield Stream(f"digits {script}", _map(zero), True)
        yield Stream(f"first half {script}", lambda c, z=zero: _map(z)(c[:99]) + c[99:], True)  # type: ignore[misc]
    yield from _spoilt()


def _spoilt() -> Iterator[Stream]:
    for inner in INNER:
        yield Stream(f"{inner!r} in the middle", _put(200, inner), False)
        yield Stream(f"{inner!r} in the place of digits", _replace(200, inner), False)
    for count in CUTS:
        yield Stream(f"cut after {count}", _cut(count), False)
    for place in PLACES:
        yield Stream(f"digit {place} lost", lambda c, p=place: _without(p % len(c))(c), False)  # type: ignore[misc]
        yield Stream(f"digit {place} twice", lambda c, p=place: _twice_at(p % len(c))(c), False)  # type: ignore[misc]
        yield Stream(f"digit {place} misread", lambda c, p=place: _change(p % len(c))(c), False)  # type: ignore[misc]
        if place >= 0:
            yield Stream(f"neighbours from {place} swapped", _swap(place), False)
    for between in ("", "\r\n", "\r\n\r\n", " ", "\t"):
        yield Stream(f"twice, {between!r} between", lambda c, b=between: f"{c}{b}{c}", False)  # type: ignore[misc]
    for count in (1, 20, 300):
        yield Stream(f"and {count} digits again", lambda c, n=count: c + c[:n], False)  # type: ignore[misc]
        yield Stream(f"after {count} digits", lambda c, n=count: c[-n:] + c, False)  # type: ignore[misc]
    yield Stream("first digit chosen from the input method's list", lambda c: f"去{c[1:]}", False)
    yield Stream(
        "typed as one number by a spreadsheet", lambda c: f"{c[0]}.{c[1:15]}E+{len(c)}", False
    )
    yield Stream("last digits zeroed by a spreadsheet", lambda c: c[:15] + "0" * len(c[15:]), False)
    yield Stream("reversed", lambda c: c[::-1], False)
    yield Stream("three times", lambda c: c * 3, False)
