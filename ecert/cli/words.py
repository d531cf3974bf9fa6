"""The language of the command line: help in one, results and errors in the one asked for."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Final, cast

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ecert.reasons import Language

VARIABLE: Final = "ECERT_LANG"
LANGUAGES: Final = ("zh", "en")


def language_of(arguments: Sequence[str], environ: Mapping[str, str]) -> Language:
    """Return the language that the arguments or the environment ask for; Chinese otherwise."""
    asked = environ.get(VARIABLE, "")
    for position, argument in enumerate(arguments):
        if argument.startswith("--lang="):
            asked = argument.removeprefix("--lang=")
        elif argument == "--lang" and position + 1 < len(arguments):
            asked = arguments[position + 1]
    return cast("Language", asked) if asked in LANGUAGES else "zh"


HELP_LANGUAGE: Final = language_of(sys.argv[1:], os.environ)
"""Help is written when the commands are declared, before their options are read."""


def told(zh: str, en: str) -> str:
    """Return a help text in the language of this run."""
    return zh if HELP_LANGUAGE == "zh" else en
