"""A recognition list that nobody has signed yet, and what it was made of.

The draft's file holds the very bytes that will be signed, so that its hash is the digest that
every party signs.  Where it comes from stands in a second file beside it, bound to it by that
hash: it is no part of the agreement.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Final

import orjson
from pydantic import ValidationError

from ecert.errors import FormatError
from ecert.interop.recognition import RecognitionList
from ecert.limits import MAX_ENVELOPE_BYTES
from ecert.sheets.atomic import atomic_file
from ecert.trust.document import SHA256Hex, Strict, UTCTime

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

SOURCE_SUFFIX: Final = ".source.json"
"""What the file beside a draft ends with, in place of ``.json``."""


class DraftSource(Strict):
    """What a draft was made of.

    Attributes:
        draft: SHA-256 of the draft.
        file: Name of the workbook.
        sha256: SHA-256 of the workbook.
        sheet: The sheet of entries; empty for a text file.
        rows: How many rows of entries it had.
        made: When the draft was made.
        notes: What was taken for granted, in Chinese.
    """

    draft: SHA256Hex
    file: str
    sha256: SHA256Hex
    sheet: str
    rows: int
    made: UTCTime
    notes: tuple[str, ...] = ()


def digest_of(document: RecognitionList) -> str:
    """Return SHA-256 in hex of the bytes that are signed."""
    return hashlib.sha256(document.to_payload()).hexdigest()


def source_path(draft: Path) -> Path:
    """Return where the source of a draft is told."""
    return draft.with_name(draft.name.removesuffix(".json") + SOURCE_SUFFIX)


def write_draft(
    path: Path,
    document: RecognitionList,
    *,
    file: str,
    sha256: str,
    sheet: str,
    rows: int,
    notes: tuple[str, ...],
    at: datetime,
) -> DraftSource:
    """Write a draft and, before it, what it was made of; each is there whole or not at all.

    Args:
        path: The draft's file.
        document: The list.
        file: Name of the workbook.
        sha256: SHA-256 of the workbook.
        sheet: The sheet of entries.
        rows: How many rows of entries it had.
        notes: What was taken for granted.
        at: The time.

    Raises:
        DocumentRefusedError: The list contradicts itself.
        TableError: A file cannot be written.
    """
    document.check_content()
    source = DraftSource(
        draft=digest_of(document), file=file, sha256=sha256, sheet=sheet, rows=rows,
        made=at, notes=notes,
    )  # fmt: skip
    plain = orjson.dumps(source.model_dump(mode="json"), option=orjson.OPT_INDENT_2)
    with atomic_file(source_path(path)) as out:
        out.write(plain + b"\n")
    with atomic_file(path) as out:
        out.write(document.to_payload())
    return source


def read_draft(path: Path) -> RecognitionList:
    """Read an unsigned list: a draft, or one that was written by hand.

    Raises:
        DocumentRefusedError: It is none, or contradicts itself.
        FormatError: It is too large.
    """
    with path.open("rb") as file:
        data = file.read(MAX_ENVELOPE_BYTES + 1)
    if len(data) > MAX_ENVELOPE_BYTES:
        raise FormatError("文件过大", f"more than {MAX_ENVELOPE_BYTES} bytes", where=path.name)
    document = RecognitionList.from_payload(data)
    document.check_content()
    return document


def read_source(path: Path) -> DraftSource | None:
    """Return what the draft in ``path`` was made of; None if that is not told, or of another."""
    beside = source_path(path)
    if beside == path or not beside.is_file():
        return None
    with beside.open("rb") as file:
        data = file.read(MAX_ENVELOPE_BYTES)
    try:
        source = DraftSource.model_validate_json(data)
    except ValidationError:
        return None
    return source if source.draft == digest_of(read_draft(path)) else None
