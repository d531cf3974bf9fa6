"""The fonts that tests of paper draw with; `.ci/run` installs them."""

from __future__ import annotations

from functools import cache

import pytest

from ecert.show.fonts import FontChain

RARE = "𠜎𪚥㐂𫖯𬘭𮧵"
"""Ideographs of the extensions A to F."""


@cache
def _chain() -> FontChain:
    return FontChain()


def chain() -> FontChain:
    """The fonts of this machine; the test is skipped where none has Chinese and rare characters."""
    found = _chain()
    if found.missing(["张伟", RARE]):
        pytest.skip("no fonts (Debian: apt-get install fonts-wqy-microhei fonts-hanazono)")
    return found


def poor_chain(*missing: str) -> FontChain:
    """The same fonts, without these characters."""
    fonts = FontChain(system=False)
    fonts.faces = chain().faces
    fonts._found = dict.fromkeys(missing)
    return fonts
