"""What a window signs has one spelling: what was read is written again, and must come out alike."""

from __future__ import annotations

from typing import ClassVar, Self

import orjson
from pydantic import ValidationError

from ecert.errors import ParseError
from ecert.trust.document import Strict


class SpeltOnce(Strict):
    """The content of something signed, as JSON."""

    called: ClassVar[str]
    """What it is, for errors."""
    leaves_out_none: ClassVar[bool] = False
    """Whether what is None is left out; else it is written as null."""

    def to_payload(self) -> bytes:
        """Return the bytes to be signed."""
        return orjson.dumps(self.model_dump(mode="json", exclude_none=self.leaves_out_none))

    @classmethod
    def from_payload(cls, payload: bytes) -> Self:
        """Read the bytes that were signed.

        Raises:
            ParseError: Malformed, or written in another way than `to_payload` writes it.
        """
        try:
            read = cls.model_validate_json(payload)
        except ValidationError as error:
            place = ".".join(map(str, error.errors(include_input=False)[0]["loc"]))
            raise ParseError(f"not the content of a {cls.called}", where=place) from error
        # So there is one spelling of each: no key stands twice and nothing beside it.
        if read.to_payload() != payload:
            raise ParseError(f"not spelt as a {cls.called} is", where="payload")
        return read
