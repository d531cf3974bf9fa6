"""The compound file around an old workbook (.xls, MS-CFB), and around a protected new one."""

from __future__ import annotations

import struct
from typing import Final

from ecert.sheets import refusals

SIGNATURE: Final = bytes.fromhex("d0cf11e0a1b11ae1")
_HEADER: Final = struct.Struct("<8s16s5H6s9L")
_FREE_FROM: Final = 0xFFFFFFFA
_ENTRY: Final = 128


class CompoundFile:
    """The streams of a compound file, by name; every chain is bounded.

    Args:
        data: The whole file.
        name: What messages call it.

    Raises:
        TableError: Not a sound compound file.
    """

    def __init__(self, data: bytes, name: str) -> None:
        self._data = data
        self._name = name
        try:
            self._open()
        except struct.error:
            raise refusals.not_a_table(name, "a damaged compound file") from None

    def _open(self) -> None:
        header = _HEADER.unpack_from(self._data)
        shift, mini_shift = header[5], header[6]
        if header[0] != SIGNATURE or shift not in {9, 12} or mini_shift != 6:
            raise refusals.not_a_table(self._name)
        self._size, self._mini_size = 1 << shift, 1 << mini_shift
        _, _, first, _, self._cutoff, mini, _, more, _ = header[8:]
        self._table = self._allocation(more)
        self._entries = self._directory(self._chain(first, self._table))
        self._mini_table = _numbers(self._bytes(self._chain(mini, self._table)))
        root = self._entries.get("", (0, _FREE_FROM, 0))
        self._mini = self._bytes(self._chain(root[1], self._table))

    def __contains__(self, stream: str) -> bool:
        return stream.lower() in self._entries

    def stream(self, stream: str) -> bytes:
        """Return the bytes of a stream.

        Raises:
            TableError: Its chain of sectors is broken.
        """
        _, first, size = self._entries[stream.lower()]
        if size >= self._cutoff:
            return self._bytes(self._chain(first, self._table))[:size]
        places = self._chain(first, self._mini_table)
        step = self._mini_size
        return b"".join(self._mini[one * step : one * step + step] for one in places)[:size]

    def _allocation(self, more: int) -> list[int]:
        """Return the table of sectors: for each, the one after it."""
        places = list(struct.unpack_from("<109L", self._data, 76))
        per_sector = self._size // 4 - 1
        seen = 0
        while more < _FREE_FROM:
            seen += 1
            if seen * self._size > len(self._data):
                raise refusals.not_a_table(self._name, "a chain without end")
            numbers = _numbers(self._sector(more))
            places += numbers[:per_sector]
            more = numbers[per_sector]
        table: list[int] = []
        for place in places:
            if place < _FREE_FROM:
                if len(table) * self._size > 4 * len(self._data):
                    raise refusals.not_a_table(self._name, "a table of sectors without end")
                table += _numbers(self._sector(place))
        return table

    def _directory(self, places: list[int]) -> dict[str, tuple[int, int, int]]:
        """Return kind, first sector and size of each stream by its name; "" is the root."""
        entries = {}
        data = self._bytes(places)
        for place in range(0, len(data) - _ENTRY + 1, _ENTRY):
            length, kind = struct.unpack_from("<HB", data, place + 64)
            first, size = struct.unpack_from("<LL", data, place + 116)
            title = data[place : place + max(0, min(length, 64) - 2)].decode("utf-16-le", "replace")
            if kind == 5:
                entries[""] = (kind, first, size)
            elif kind == 2:
                entries.setdefault(title.lower(), (kind, first, size))
        return entries

    def _chain(self, first: int, table: list[int]) -> list[int]:
        places: list[int] = []
        seen: set[int] = set()
        while first < _FREE_FROM:
            if first >= len(table) or first in seen:
                raise refusals.not_a_table(self._name, "a broken chain of sectors")
            seen.add(first)
            places.append(first)
            first = table[first]
        return places

    def _sector(self, place: int) -> bytes:
        start = (place + 1) * self._size
        sector = self._data[start : start + self._size]
        if not sector:
            raise refusals.not_a_table(self._name, "a sector outside the file")
        return sector.ljust(self._size, b"\0")

    def _bytes(self, places: list[int]) -> bytes:
        return b"".join(map(self._sector, places))


def _numbers(data: bytes) -> list[int]:
    return list(struct.unpack(f"<{len(data) // 4}L", data[: len(data) // 4 * 4]))
