"""What every signed document has in common: kind, owner, audience, version, dates, predecessor."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, ClassVar, Self, TypeVar

import orjson
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    StringConstraints,
    ValidationError,
)
from pydantic_core import PydanticCustomError

from ecert import limits
from ecert.errors import DocumentRefusedError, EcertError, FormatError, ParseError
from ecert.faults import DocumentFault
from ecert.model.characters import require_visible
from ecert.sign import envelope
from ecert.sign.keys import PublicKey
from ecert.sign.strict import parse_json_object

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from ecert.sign.custody import Signer

EVERYONE = "000000"
"""The audience that means every region."""

_Value = TypeVar("_Value")


def _read_time(value: object) -> datetime:
    if isinstance(value, datetime):
        if value.tzinfo is None:
            raise ValueError("a moment has a time zone")
        return value.astimezone(UTC).replace(microsecond=0)
    if not isinstance(value, str):
        raise ValueError("a moment is text")  # noqa: TRY004  (pydantic collects ValueError)
    moment = datetime.strptime(value, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
    # strptime also takes "2026-1-2t3:4:5z" and full-width digits; exactly one spelling passes,
    # so that equal documents are equal bytes.
    if _write_time(moment) != value:
        raise ValueError("a moment is written like 2026-11-22T10:00:00Z")
    return moment


def _write_time(value: datetime) -> str:
    return value.strftime("%Y-%m-%dT%H:%M:%SZ")


UTCTime = Annotated[
    datetime, BeforeValidator(_read_time), PlainSerializer(_write_time, return_type=str)
]
"""A moment in whole seconds, written ``2026-11-22T10:00:00Z``."""

RegionCode = Annotated[str, StringConstraints(pattern=r"^[0-9]{6}$")]
Version = Annotated[int, Field(ge=1, le=limits.MAX_SAFE_INTEGER)]
SHA256Hex = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]


def checked_by(check: Callable[[_Value], object]) -> AfterValidator:
    """Return a pydantic validator: what ``check`` raises is reported at the value's place."""

    def run(value: _Value) -> _Value:
        try:
            check(value)
        except EcertError as error:
            raise fault(error.zh, error.en) from error
        return value

    return AfterValidator(run)


def fault(zh: str, en: str) -> PydanticCustomError:
    """Return what a validator raises so that a refusal says it in both languages."""
    return PydanticCustomError("ecert", "{en}", {"zh": zh, "en": en})


VisibleName = Annotated[
    str,
    Field(min_length=1, max_length=limits.MAX_NAME_CHARS),
    checked_by(lambda text: require_visible(text, FormatError, where="name")),
]
"""A name without control or invisible characters."""


class Strict(BaseModel):
    """Base of all document parts: frozen, no conversions, unknown keys refused."""

    model_config = ConfigDict(frozen=True, strict=True, extra="forbid")


class Document(Strict):
    """The head of a signed document.

    Attributes:
        owner: The region that speaks (GB/T 2260).
        audience: The regions it speaks to; `EVERYONE` for all.
        version: Rises by one with each issue.
        issued: When it was made.
        expires: From then on it is undetermined, never "still good".
        previous: SHA-256 of the predecessor's payload in hex; absent in the first version.
    """

    TYP: ClassVar[str]

    owner: RegionCode
    audience: tuple[RegionCode, ...] = Field(min_length=1)
    version: Version
    issued: UTCTime
    expires: UTCTime
    previous: SHA256Hex | None = None

    @property
    def slot(self) -> str:
        """The place that successive versions of this document fill in turn."""
        return f"{self.TYP}:{self.owner}"

    def check_content(self) -> None:
        """Check the rules that no single field can break.

        Raises:
            DocumentRefusedError: Fault `content` or `oversteps`.
        """

    def to_payload(self) -> bytes:
        """Return the bytes to be signed."""
        return orjson.dumps(self.model_dump(mode="json", exclude_none=True))

    def signed_by(self, signers: Sequence[Signer]) -> bytes:
        """Return the envelope of this document with a signature by each of ``signers``.

        Raises:
            DocumentRefusedError: The content breaks a rule; nobody would accept it.
            ValueError: No signer.
        """
        self.check_content()
        return envelope.make(self.TYP, self.to_payload(), signers)

    @classmethod
    def from_payload(cls, payload: bytes) -> Self:
        """Read proven payload bytes.

        Raises:
            DocumentRefusedError: Fault `malformed`, naming every place that is wrong.
        """
        try:
            parse_json_object(payload)
            return cls.model_validate_json(payload)
        except ParseError as error:
            raise DocumentRefusedError(
                DocumentFault.MALFORMED, error.zh, error.en, where=cls.TYP
            ) from error
        except ValidationError as error:
            raise DocumentRefusedError(
                DocumentFault.MALFORMED, *_describe(error), where=cls.TYP
            ) from error


def load_jwk(jwk: Mapping[str, str]) -> PublicKey:
    """Read a public JWK as documents write it: kty, crv, alg, x and y, and nothing else.

    A given ``kid`` is refused: the key's id is its thumbprint, which nobody can choose.

    Raises:
        ParseError: Another form, an unknown curve, or a point that is not on it.
    """
    key = PublicKey.from_jwk(jwk)
    if key.has_given_kid or key.jwk() != jwk:
        raise ParseError("a key holds kty, crv, alg, x and y only", where="jwk")
    return key


def content_fault(zh: str, en: str, where: str) -> DocumentRefusedError:
    """Return the refusal of a document whose content breaks a rule."""
    return DocumentRefusedError(DocumentFault.CONTENT, zh, en, where=where)


# pydantic's own wording is English; these are its kinds that a list made by hand meets.
_ZH = {
    "missing": "缺少此项",
    "extra_forbidden": "没有这一项",
    "string_type": "应为文字",
    "int_type": "应为整数",
    "bool_type": "应为 true 或 false",
    "tuple_type": "应为数组",
    "dict_type": "应为对象",
    "model_type": "应为对象",
    "enum": "不是允许的取值",
    "literal_error": "不是允许的取值",
    "string_pattern_mismatch": "写法不对",
    "string_too_short": "过短",
    "string_too_long": "过长",
    "too_short": "项数不足",
    "too_long": "项数过多",
    "greater_than_equal": "数值过小",
    "less_than_equal": "数值过大",
}
_MAX_DESCRIBED = 10


def findings(error: ValidationError) -> list[tuple[tuple[int | str, ...], str, str]]:
    """Return everything that pydantic has found: the place, and what is wrong in both languages."""
    return [
        (
            found["loc"],
            found.get("ctx", {}).get("zh") or _ZH.get(found["type"], "内容不对"),
            found["msg"],
        )
        for found in error.errors(include_input=False)
    ]


def _describe(error: ValidationError) -> tuple[str, str]:
    found = findings(error)
    places = [".".join(str(part) for part in place) or "-" for place, *_ in found]
    more = f" (+{len(found) - _MAX_DESCRIBED})" if len(found) > _MAX_DESCRIBED else ""
    zh = [f"{place}：{text}" for place, (_, text, _) in zip(places, found, strict=True)]
    en = [f"{place}: {text}" for place, (*_, text) in zip(places, found, strict=True)]
    return "；".join(zh[:_MAX_DESCRIBED]) + more, "; ".join(en[:_MAX_DESCRIBED]) + more
