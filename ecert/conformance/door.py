"""Reads questions, finds their operation, writes answers; no input ends it."""

from __future__ import annotations

from typing import TYPE_CHECKING, BinaryIO

import orjson

from ecert.conformance import books, formats, signatures
from ecert.conformance.answers import Answer, malformed, refused
from ecert.conformance.question import Question
from ecert.errors import (
    DocumentRefusedError,
    EcertError,
    ParseError,
    PictureError,
    TrustError,
)

if TYPE_CHECKING:
    from collections.abc import Callable

# The largest picture in base64, and room for the rest of the question.
MAX_LINE_BYTES = 24 * 1024 * 1024
_SHOWN_CHARS = 40


class Door:
    """Answers questions; what one question brings into a book is there for the next."""

    def __init__(self) -> None:
        self._operations: dict[str, Callable[[Question], Answer]] = {
            "jws_verify": signatures.jws_verify,
            "ecdsa_verify": signatures.ecdsa_verify,
            "sm2_verify": signatures.sm2_verify,
            "sdjwt_verify": signatures.sdjwt_verify,
            "status_decode": formats.status_decode,
            "json_parse": formats.json_parse,
            "licence_id": formats.licence_id,
            "list_import": books.Books().list_import,
            "verify": books.verify,
            "qr_decode": formats.qr_decode,
        }

    def answer(self, line: bytes) -> Answer:
        """Answer one question; whatever is wrong with it is an answer too."""
        try:
            question = Question.parse(line)
            name = question.text("op")
            operation = self._operations.get(name)
            if operation is None:
                return malformed(f"unknown op {name[:_SHOWN_CHARS]!r}")
            return operation(question)
        # What was asked about does not hold.
        except (ParseError, TrustError, PictureError) as error:
            return refused(error.reason, error.en)
        except DocumentRefusedError as error:
            return refused(error.fault, error.en)
        # The question itself cannot be answered.  Any other exception is a bug, and ends the
        # process: it must not look like an answer.
        except EcertError as error:
            return malformed(error.message("en"))


def serve(source: BinaryIO, sink: BinaryIO) -> None:
    """Answer every line of ``source`` with one line in ``sink``, until it ends."""
    door = Door()
    while line := source.readline(MAX_LINE_BYTES + 1):
        if len(line) > MAX_LINE_BYTES:
            _skip_rest(source, line)
            answer = malformed(f"the question has over {MAX_LINE_BYTES} bytes")
        else:
            answer = door.answer(line)
        sink.write(orjson.dumps(answer) + b"\n")
        sink.flush()


def _skip_rest(source: BinaryIO, line: bytes) -> None:
    while line and not line.endswith(b"\n"):
        line = source.readline(1 << 20)
