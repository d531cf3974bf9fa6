"""Serials for a whole shard at once: the same random letters as `new_serial` draws one by one."""

from __future__ import annotations

import secrets

from ecert.issuers.drafting import SERIAL_ALPHABET, SERIAL_CHARS

_SIZE = len(SERIAL_ALPHABET)
# Bytes above the last multiple of 36 would favour the first letters, so they are dropped.
_FAIR = 256 - 256 % _SIZE
_LETTERS = bytes(SERIAL_ALPHABET[value % _SIZE].encode()[0] for value in range(256))
_DROPPED = bytes(range(_FAIR, 256))


def new_serials(count: int) -> list[str]:
    """Return ``count`` new serials (流水号)."""
    wanted, letters = count * SERIAL_CHARS, ""
    while len(letters) < wanted:
        drawn = secrets.token_bytes(wanted + 64)
        letters += drawn.translate(_LETTERS, _DROPPED).decode("ascii")
    return [letters[at : at + SERIAL_CHARS] for at in range(0, wanted, SERIAL_CHARS)]
