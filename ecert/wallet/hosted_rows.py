"""The port between hosted wallets and the database that keeps them: rows without any clear text."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

HANDLE_BYTES: Final = 32
MAX_NUMBER: Final = (1 << 63) - 1
"""Of keys and states: what both databases keep as a number."""
_NUMBERS: Final = struct.Struct(">QQ")
_WALLET: Final = b"ecert hosted wallet\x00"
_DATA_KEY: Final = b"ecert hosted data key\x00"


class RowChange(StrEnum):
    """What became of a change."""

    DONE = "done"
    TAKEN = "taken"
    """There is a row with this handle already."""
    CHANGED = "changed"
    """The row is not in the expected state any more, or is gone."""
    MOVED = "moved"
    """The database has gone over to another custody key."""


@dataclass(frozen=True, slots=True)
class WrappedKey:
    """The data key of one hosted wallet, wrapped.

    Attributes:
        handle: Keyed hash of the account, which the row is found by.
        number: Which of the holder's successive data keys this is, from 1.
        custody: Id of the custody key that it is wrapped under.
        wrapped: The wrapped key.
    """

    handle: bytes
    number: int
    custody: bytes
    wrapped: bytes

    @property
    def context(self) -> bytes:
        """What the wrapped key is bound to."""
        return _DATA_KEY + self.handle + self.number.to_bytes(8, "big")

    def is_sound(self) -> bool:
        """Whether every value has its form; a database may have been edited by anyone."""
        kept = (self.handle, self.custody, self.wrapped)
        return _is_number(self.number) and all(isinstance(value, bytes) for value in kept)


@dataclass(frozen=True, slots=True)
class HostedRow:
    """One hosted wallet as the database keeps it.

    Attributes:
        key: Its data key, wrapped.
        state: Rises by one with every write, from 1.
        box: The content, encrypted under the data key.
    """

    key: WrappedKey
    state: int
    box: bytes

    @property
    def belongs(self) -> bytes:
        """What the box is bound to: the holder, the key's number and the state."""
        return _WALLET + self.key.handle + _NUMBERS.pack(self.key.number, self.state)

    def is_sound(self) -> bool:
        """Whether every value has its form."""
        return self.key.is_sound() and _is_number(self.state) and isinstance(self.box, bytes)


@dataclass(frozen=True, slots=True)
class Hosting:
    """What a database of hosted wallets has once.

    Attributes:
        custody: Id of the custody key that new data keys are wrapped under.
        wrapped_index: The key that accounts are hashed with, wrapped under the custody key.
    """

    custody: bytes
    wrapped_index: bytes

    def is_sound(self) -> bool:
        """Whether every value has its form."""
        return all(isinstance(value, bytes) for value in (self.custody, self.wrapped_index))


class HostedRows(Protocol):
    """Where hosted wallets are kept; every method is one transaction.

    Every method raises `StoreError` if the database refuses.
    """

    @property
    def name(self) -> str:
        """The database, as errors name it: never with a password."""
        ...

    def hosting(self) -> Hosting | None:
        """Return what is there once; None if nothing was set up."""
        ...

    def set_up(self, hosting: Hosting) -> bool:
        """Keep what is there once; False if something is there already."""
        ...

    def move(self, old: Hosting, new: Hosting) -> bool:
        """Go over to another custody key; False if ``old`` is not there any more."""
        ...

    def get(self, handle: bytes) -> HostedRow | None:
        """Return a row."""
        ...

    def add(self, row: HostedRow) -> RowChange:
        """Keep a new row, wrapped under the custody key of `hosting`: else `MOVED`."""
        ...

    def write(self, row: HostedRow) -> RowChange:
        """Replace the box in state ``row.state - 1`` under the same data key, else `CHANGED`."""
        ...

    def renew(self, row: HostedRow) -> RowChange:
        """Replace data key and box in state ``row.state - 1``; both conditions as above."""
        ...

    def remove(self, handle: bytes) -> bool:
        """Erase a row and what is left of it as far as can be; False if there is none."""
        ...

    def counts(self) -> Mapping[bytes, int]:
        """Return how many wallets there are by the custody key that they are under."""
        ...

    def under_others(self, custody: bytes, most: int) -> Sequence[WrappedKey]:
        """Return so many data keys at most that are wrapped under other custody keys."""
        ...

    def rewrap(self, pairs: Iterable[tuple[WrappedKey, WrappedKey]]) -> int:
        """Replace wrapped keys by others, where the first is still there; return how many."""
        ...

    def after(self, handle: bytes, most: int) -> Sequence[HostedRow]:
        """Return so many rows at most in the order of their handles, after this one."""
        ...


def _is_number(value: object) -> bool:
    return type(value) is int and 1 <= value <= MAX_NUMBER
