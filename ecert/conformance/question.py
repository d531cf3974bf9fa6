"""One question: a line of JSON, read strictly, and its parameters by name and type."""

from __future__ import annotations

import base64
import binascii
import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from ecert import limits
from ecert.errors import FormatError, ParseError
from ecert.sign.strict import parse_json_object

if TYPE_CHECKING:
    from collections.abc import Mapping

_HEX = re.compile("(?:[0-9a-fA-F]{2})*")


class Question:
    """The parameters of one question.

    Every method that returns one raises `FormatError`, which names the parameter, if it is
    absent or of another type.  An optional one may be absent or null.
    """

    def __init__(self, parameters: Mapping[str, Any]) -> None:
        self._parameters = parameters

    @classmethod
    def parse(cls, line: bytes) -> Question:
        """Read one line.

        Raises:
            FormatError: Not a JSON object as `ecert.sign.strict` wants it.
        """
        try:
            return cls(parse_json_object(line))
        except ParseError as error:
            raise _fault(f"the question is not strict JSON: {error.en}", "question") from error

    def value(self, name: str) -> Any:
        """Return a parameter of any type."""
        if self._parameters.get(name) is None:
            raise _fault("missing", name)
        return self._parameters[name]

    def text(self, name: str) -> str:
        """Return text."""
        value = self.value(name)
        if not isinstance(value, str):
            raise _fault("not text", name)
        return value

    def optional_text(self, name: str) -> str | None:
        """Return text, or None."""
        return None if self._parameters.get(name) is None else self.text(name)

    def number(self, name: str) -> int:
        """Return a whole number."""
        value = self.value(name)
        if type(value) is not int:
            raise _fault("not a whole number", name)
        return value

    def flag(self, name: str) -> bool:
        """Return true or false; absent is false."""
        value = self._parameters.get(name)
        if value is not None and not isinstance(value, bool):
            raise _fault("not true or false", name)
        return bool(value)

    def seconds(self, name: str) -> int:
        """Return a time in seconds since 1970."""
        value = self.number(name)
        if not 0 <= value <= limits.MAX_NUMERIC_DATE:
            raise _fault("not a time in seconds since 1970", name)
        return value

    def moment(self, name: str) -> datetime:
        """Return the same as a datetime in UTC."""
        return datetime.fromtimestamp(self.seconds(name), UTC)

    def array(self, name: str) -> list[Any]:
        """Return an array of anything."""
        value = self.value(name)
        if not isinstance(value, list):
            raise _fault("not an array", name)
        return value

    def objects(self, name: str) -> list[dict[str, Any]]:
        """Return an array of objects."""
        values = self.array(name)
        if not all(isinstance(value, dict) for value in values):
            raise _fault("not an array of objects", name)
        return values

    def optional_object(self, name: str) -> Question | None:
        """Return an object's members as parameters of their own, or None."""
        value = self._parameters.get(name)
        if value is not None and not isinstance(value, dict):
            raise _fault("not an object", name)
        return None if value is None else Question(value)

    def octets(self, name: str) -> bytes:
        """Return bytes that were written in base64."""
        return _from_base64(self.value(name), name)

    def octet_strings(self, name: str) -> list[bytes]:
        """Return an array of bytes, each written in base64."""
        return [_from_base64(value, name) for value in self.array(name)]

    def hexadecimal(self, name: str) -> bytes:
        """Return bytes that were written in hexadecimal, of either case."""
        text = self.text(name)
        if not _HEX.fullmatch(text):
            raise _fault("not hexadecimal", name)
        return bytes.fromhex(text)


def _from_base64(value: object, name: str) -> bytes:
    if not isinstance(value, str):
        raise _fault("not base64 text", name)
    try:
        return base64.b64decode(value, validate=True)
    except (ValueError, binascii.Error) as error:
        raise _fault("not base64", name) from error


def _fault(en: str, where: str) -> FormatError:
    return FormatError("提问格式不正确", en, where=where)
