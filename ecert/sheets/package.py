"""The zip file around a workbook (.xlsx, .ods), checked before anything is made of it.

Zip bombs, files that two programs read differently, macros, links and XML entities are
refused; every byte is inflated here first, so that a size stated falsely cannot hurt the
library that reads the cells.
"""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from typing import TYPE_CHECKING, Final

from ecert.limits import MAX_WORKBOOK_INFLATED_BYTES
from ecert.sheets import refusals

if TYPE_CHECKING:
    from collections.abc import Iterator

_END: Final = struct.Struct("<4s4H2LH")
_LOCAL: Final = struct.Struct("<4s5H3L2H")
_CHUNK: Final = 1 << 18
_MAX_PARTS: Final = 10_000
_ENCRYPTED: Final = 0x1
# Neither can stand unescaped in the text of an XML document.
_DECLARATIONS: Final = (b"<!DOCTYPE", b"<!ENTITY")
_XML: Final = (".xml", ".rels", ".vml")
_ACTIVE: Final = {
    "vbaproject.bin": ("宏", "macros"),
    "externallinks/": ("外部链接", "links to other workbooks"),
}


class Package:
    """A zip file whose parts have been inflated once, within bounds.

    Args:
        data: The whole file.
        name: What messages call it.

    Raises:
        TableError: Not a sound zip file, too large when inflated, or with active content.
    """

    def __init__(self, data: bytes, name: str) -> None:
        self._data = data
        self._name = name
        self._parts: dict[str, zipfile.ZipInfo] = {}
        self._require_one_reading()
        try:
            with zipfile.ZipFile(io.BytesIO(data)) as archive:
                entries = archive.infolist()
        except (zipfile.BadZipFile, ValueError, NotImplementedError, struct.error) as error:
            raise refusals.not_a_table(name, type(error).__name__) from None
        if len(entries) > _MAX_PARTS:
            raise refusals.too_large(name, "文件内部件过多", "it has too many parts")
        for entry in entries:
            self._add(entry)
        self._require_bounds()

    def __contains__(self, part: str) -> bool:
        return part.lower() in self._parts

    def ending_with(self, *names: str) -> list[str]:
        """Return the parts of these names, in whatever folder."""
        return [part for part in self._parts if part.rpartition("/")[2] in names]

    def chunks(self, part: str) -> Iterator[bytes]:
        """Yield the inflated bytes of a part.

        Raises:
            TableError: There is no such part, or it is damaged.
        """
        entry = self._parts.get(part.lower())
        if entry is None:
            raise refusals.not_a_table(self._name, f"no part {part[:40]}")
        return self._inflate(entry)

    def _require_one_reading(self) -> None:
        """Require that nothing stands before, between or after what the directory names.

        Otherwise two programs may find two directories in one file.
        """
        end = len(self._data) - _END.size
        if end < 0:
            raise refusals.not_a_table(self._name)
        sign, disk, first, here, count, size, offset, comment = _END.unpack_from(self._data, end)
        plain = sign == b"PK\5\6" and disk == first == comment == 0 and here == count
        if not plain or offset + size != end:
            raise refusals.not_a_table(self._name, "its directory is not the plain one")

    def _add(self, entry: zipfile.ZipInfo) -> None:
        # The library that reads the cells takes names whatever their case.
        part = entry.filename.replace("\\", "/").lower()
        if part in self._parts:
            raise refusals.not_a_table(self._name, "two parts of one name")
        if entry.flag_bits & _ENCRYPTED:
            raise refusals.protected(self._name)
        if entry.compress_type not in {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}:
            raise refusals.not_a_table(self._name, "an unknown compression")
        for active, (zh, en) in _ACTIVE.items():
            if active in part:
                raise refusals.active_content(self._name, zh, en)
        self._parts[part] = entry

    def _require_bounds(self) -> None:
        stated = sum(entry.file_size for entry in self._parts.values())
        self._require_inflated(stated)
        total = 0
        for part, entry in self._parts.items():
            tail = b""
            for chunk in self._inflate(entry):
                total += len(chunk)
                self._require_inflated(total)
                if part.endswith(_XML):
                    seen = (tail + chunk).upper()
                    if any(declaration in seen for declaration in _DECLARATIONS):
                        raise refusals.active_content(
                            self._name, "XML实体声明", "declarations of XML entities"
                        )
                    tail = chunk[-10:]

    def _require_inflated(self, total: int) -> None:
        if total > MAX_WORKBOOK_INFLATED_BYTES:
            most = f"{MAX_WORKBOOK_INFLATED_BYTES >> 20} MiB"
            raise refusals.too_large(
                self._name, f"解压后超过{most}", f"more than {most} when inflated"
            )

    def _inflate(self, entry: zipfile.ZipInfo) -> Iterator[bytes]:
        start = entry.header_offset
        try:
            sign, *_, name_size, extra_size = _LOCAL.unpack_from(self._data, start)
        except struct.error:
            raise refusals.not_a_table(self._name) from None
        start += _LOCAL.size + name_size + extra_size
        body = memoryview(self._data)[start : start + entry.compress_size]
        if sign != b"PK\3\4" or len(body) != entry.compress_size:
            raise refusals.not_a_table(self._name)
        if entry.compress_type == zipfile.ZIP_STORED:
            for place in range(0, len(body), _CHUNK):
                yield bytes(body[place : place + _CHUNK])
            return
        inflater = zlib.decompressobj(-zlib.MAX_WBITS)
        rest: memoryview | bytes = body
        try:
            while chunk := inflater.decompress(rest, _CHUNK):
                rest = inflater.unconsumed_tail
                yield chunk
        except zlib.error:
            raise refusals.not_a_table(self._name, "a damaged part") from None
        if not inflater.eof:
            raise refusals.not_a_table(self._name, "a part that is cut short")
