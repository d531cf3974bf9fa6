"""How a message repeats what it was given."""

from __future__ import annotations

import re
from typing import Final

# Characters of an unknown name that a message repeats: a type code still fits.
_SHOWN_CHARS: Final = 24
# A number that may be a person's, in the place of a name: telephone, resident id, 残疾人证号.
_NUMBER: Final = re.compile(r"(?<![0-9A-Z])[0-9]{6,16}(?=[0-9]{3}[0-9X](?![0-9A-Z]))")


def shown_name(name: object) -> str:
    """Return an unknown name as a message may repeat it.

    It is short, holds nothing invisible, and of a long number only the last four characters.
    """
    text = "".join(character if character.isprintable() else "�" for character in str(name))
    text = _NUMBER.sub("***", text)
    return text if len(text) <= _SHOWN_CHARS else f"{text[:_SHOWN_CHARS]}…"
