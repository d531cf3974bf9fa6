"""What a scanner typed: back to the digits that it read, or why that cannot be done.

Handheld scanners type into whatever has the focus, through keyboard layouts and input methods,
with a prefix and a suffix that somebody once set.  What certainly means the same digits is taken;
anything else that can come from a bad scan is `incomplete-scan`, and only what is clearly no
scan of a code is `malformed`.  Pauses between keys leave no trace in the text.
"""

from __future__ import annotations

import re
import unicodedata
from enum import Enum

from ecert import limits
from ecert.errors import ParseError
from ecert.reasons import Reason

# Dashes and underscores of all kinds, for people who read in groups.  The minus sign and the
# hyphens are NFKC-stable, so they are named.
_SEPARATORS = frozenset("-_\u2010\u2011\u2012\u2013\u2014\u2015\u2212")
# AIM symbology identifier (ISO/IEC 15424): "]Q1" stands before what was in a QR code.  With a
# Chinese input method on, its bracket comes out as another one.
_AIM = re.compile(r"[\]}\u3011\u300d\u300f\u3015\uff3d\u00b7]\s*[A-Za-z][0-9A-Za-z]")
# Possessive, so that no text makes the match take long.
_OUTSIDE = re.compile(r"([^0-9]*+)([0-9]*+)([^0-9]*+)\Z")


class Disturbance(Enum):
    """What stood in a scanner's way, though its digits could be made out."""

    AIM_PREFIX = "aim-prefix"
    """The scanner tells what kind of code it read: ``]Q1``."""
    PREFIX = "prefix"
    """Other characters stand before the digits."""
    SUFFIX = "suffix"
    """Other characters than Enter or Tab stand after the digits."""
    INPUT_METHOD = "input-method"
    """Full-width or foreign digits: an input method or a keyboard layout was on."""
    SEPARATORS = "separators"
    """Blanks, dashes or control characters stand between the digits."""


def read_digits(text: str) -> tuple[str, frozenset[Disturbance]]:
    """Return the ASCII digits that a scanner read, and what stood in its way.

    Raises:
        ParseError: Reason `incomplete-scan`, `too-large` or `malformed`.
    """
    if len(text) > limits.MAX_SCAN_CHARS:
        raise ParseError("too long for any code", reason=Reason.TOO_LARGE)
    # One Enter or Tab at the end is how a scan ends, and nothing to tell.
    typed = text.strip(" \t\r\n")
    # As bytes, because asking Unicode about each of 800 characters takes many times as long.
    if typed.isascii() and typed.encode().isdigit():
        return typed, frozenset()
    plain = unicodedata.normalize("NFKC", typed).translate(_MEANINGS)
    aim = _AIM.match(plain)
    rest = plain[aim.end() :] if aim else plain
    found = _OUTSIDE.match(rest)
    if found is None or not found[2]:
        raise ParseError("not only digits", reason=_why_not(plain))
    before, digits, after = found.groups()
    if max(len(before), len(after)) > limits.MAX_SCANNER_AFFIX or 2 * len(digits) <= len(rest):
        raise ParseError("not only digits", reason=_why_not(plain))
    disturbed = _disturbed(typed)
    disturbed |= {
        disturbance
        for disturbance, there in (
            (Disturbance.AIM_PREFIX, aim is not None),
            (Disturbance.PREFIX, bool(before)),
            (Disturbance.SUFFIX, bool(after)),
        )
        if there
    }
    return digits, frozenset(disturbed)


class _Meanings(dict[int, int | str | None]):
    """For `str.translate`: a digit of any script as ASCII; None for what only separates."""

    def __missing__(self, code: int) -> int | str | None:
        character = chr(code)
        value = unicodedata.decimal(character, -1)
        if value >= 0:
            return str(value)
        separates = character in _SEPARATORS or unicodedata.category(character)[0] in "CZ"
        return None if separates else code


_MEANINGS = _Meanings()
# Those of every scan; for others Unicode is asked each time.
_MEANINGS.update({code: _MEANINGS[code] for code in range(128)})
# A mark for the order of bytes in front, or a control character around, separates nothing.
_AROUND = "\ufeff\u0002\u0003\u0004\u001d\u001e \t\r\n"


def _disturbed(typed: str) -> set[Disturbance]:
    """Return what of separators and foreign digits is in ``typed``."""
    found: set[Disturbance] = set()
    for character in set(typed.strip(_AROUND)):
        if _MEANINGS[ord(character)] is None:
            found.add(Disturbance.SEPARATORS)
        elif not character.isascii() and unicodedata.normalize("NFKC", character)[0].isdecimal():
            found.add(Disturbance.INPUT_METHOD)
    return found


def _why_not(plain: str) -> Reason:
    """Tell a scan that an input method spoilt from what is some other code or text."""
    digits = sum(character.isdigit() for character in plain)
    # Mostly digits with other characters between, or nothing at all: scan again.
    return Reason.INCOMPLETE_SCAN if not plain or digits * 2 > len(plain) else Reason.MALFORMED
