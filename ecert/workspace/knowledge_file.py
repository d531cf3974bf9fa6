"""Knowledge as one file, for a window that is never on line.

JSON lines: a head, then one signed document a line.  No names, no folders, nothing compressed: a
reader has nothing to unpack.  The file itself is not signed; everything in it is.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import orjson

from ecert import limits
from ecert.errors import DocumentRefusedError, ParseError
from ecert.faults import DocumentFault
from ecert.sign.strict import parse_json_object

if TYPE_CHECKING:
    from collections.abc import Iterable

TYP: Final = "ecert-knowledge"
_HEAD_KEYS: Final = {"typ", "documents"}
# A document as JSON text: every quote and line end in it takes two characters.
_MAX_LINE_BYTES: Final = 2 * limits.MAX_ENVELOPE_BYTES


def write_knowledge(documents: Iterable[bytes]) -> bytes:
    """Return documents as one file.

    Raises:
        DocumentRefusedError: Fault `too-large`: more than a reader would take.
    """
    lines = [orjson.dumps({"document": data.decode("utf-8")}) for data in documents]
    head = orjson.dumps({"typ": TYP, "documents": len(lines)})
    data = b"\n".join([head, *lines, b""])
    if len(lines) > limits.MAX_KNOWLEDGE_DOCUMENTS or len(data) > limits.MAX_KNOWLEDGE_FILE_BYTES:
        raise DocumentRefusedError(DocumentFault.TOO_LARGE)
    return data


def is_knowledge(data: bytes) -> bool:
    """Tell whether ``data`` says of itself that it is such a file."""
    return data.startswith(b'{"typ":"ecert-knowledge"')


def read_knowledge(data: bytes) -> tuple[bytes, ...]:
    """Return the documents in a file; nothing in them is proven.

    Raises:
        DocumentRefusedError: Fault `too-large`, `wrong-kind` or `malformed` (also if a part of
            the file is missing).
    """
    if len(data) > limits.MAX_KNOWLEDGE_FILE_BYTES:
        raise DocumentRefusedError(DocumentFault.TOO_LARGE)
    if not is_knowledge(data):
        raise DocumentRefusedError(
            DocumentFault.WRONG_KIND, "应为 ecert knowledge export 导出的文件",
            "a file made by ecert knowledge export is wanted", where="typ",
        )  # fmt: skip
    first, *lines = data.split(b"\n", limits.MAX_KNOWLEDGE_DOCUMENTS + 2)
    if len(lines) - 1 > limits.MAX_KNOWLEDGE_DOCUMENTS:
        raise DocumentRefusedError(DocumentFault.TOO_LARGE)
    try:
        head = parse_json_object(first)
        count = head.get("documents")
        if head.keys() != _HEAD_KEYS or type(count) is not int or lines[-1:] != [b""]:
            raise ParseError("the head does not fit", where="1")
        if count != len(lines) - 1:
            raise ParseError(f"{count} documents are told, {len(lines) - 1} are there", where="1")
        return tuple(_document(line, number) for number, line in enumerate(lines[:-1], start=2))
    except ParseError as error:
        raise DocumentRefusedError(
            DocumentFault.MALFORMED, "", error.en, where=f"line {error.where or 1}",
            fix_zh="文件可能没有拷完，请重新导出、拷贝",
            fix_en="The file may not have been copied whole: export and copy it again",
        ) from error  # fmt: skip


def _document(line: bytes, number: int) -> bytes:
    if len(line) > _MAX_LINE_BYTES:
        raise ParseError("the line is too long", where=str(number))
    plain = parse_json_object(line)
    if plain.keys() != {"document"} or not isinstance(plain["document"], str):
        raise ParseError("not a document", where=str(number))
    return plain["document"].encode("utf-8")
