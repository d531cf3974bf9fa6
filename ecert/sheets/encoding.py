"""Which encoding a text file has: UTF-8, or GB18030 as Excel in China writes it."""

from __future__ import annotations

import codecs
import hashlib
from typing import TYPE_CHECKING, Final

from ecert.sheets import refusals

if TYPE_CHECKING:
    from io import FileIO

_CHUNK: Final = 1 << 18
_UTF8_MARK: Final = codecs.BOM_UTF8
_OTHER_MARKS: Final = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
# So many characters of several bytes, all right by UTF-8, do not come about in GB18030: one
# Chinese character in some twenty looks like one of UTF-8, and these stand in a row.
_CLEARLY_UTF8: Final = 8


def find_encoding(file: FileIO, name: str) -> tuple[str, str]:
    """Return the encoding of the whole file and its SHA-256; the file is at its start again.

    Every byte is looked at: text is UTF-8 if all of it is, and GB18030 only if it is not and
    all of it is GB18030.  A damaged UTF-8 file is not taken for GB18030.

    Raises:
        TableError: Neither; the first wrong byte is named.
    """
    start = file.read(len(_UTF8_MARK))
    if start.startswith(_OTHER_MARKS):
        raise refusals.wrong_encoding(name, 0)
    file.seek(0)
    digest = hashlib.sha256()
    while chunk := file.read(_CHUNK):
        digest.update(chunk)
    fault = _first_fault(file, "utf-8")
    if fault is None:
        return "utf-8-sig", digest.hexdigest()
    place, wide = fault
    if start == _UTF8_MARK or wide >= _CLEARLY_UTF8:
        raise refusals.wrong_encoding(name, place, "UTF-8")
    fault = _first_fault(file, "gb18030")
    if fault is not None:
        raise refusals.wrong_encoding(name, max(place, fault[0]))
    return "gb18030", digest.hexdigest()


def _first_fault(file: FileIO, encoding: str) -> tuple[int, int] | None:
    """Return the first byte that is not ``encoding``, and the wide characters just before it."""
    file.seek(0)
    decoder = codecs.getincrementaldecoder(encoding)()
    read, kept, wide, chunk = 0, 0, 0, b"-"
    while chunk:
        chunk = file.read(_CHUNK)
        try:
            text = decoder.decode(chunk, final=not chunk)
        except UnicodeDecodeError as error:
            wide += _wide(error.object[: error.start].decode(encoding))
            return read - kept + error.start, wide
        wide += _wide(text)
        read += len(chunk)
        kept = len(decoder.getstate()[0])
    file.seek(0)
    return None


def _wide(text: str) -> int:
    return len(text) - len(text.encode("ascii", "ignore"))
