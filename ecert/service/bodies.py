"""Reads requests strictly, and writes answers: JSON with exactly the keys that are asked for."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, Final

import orjson
from fastapi import Response

from ecert.errors import EcertError, FormatError, ParseError, ProofError, RegisterError, StoreError
from ecert.online.answers import Refused
from ecert.reasons import Reason
from ecert.sign.strict import parse_json_object

if TYPE_CHECKING:
    from collections.abc import Mapping

    from fastapi import Request

# A whole body must have come within so many seconds.
_PATIENCE: Final = 10.0
_JSON: Final = "application/json"
_KINDS: Final = {
    str: ("文本", "a text"), int: ("整数", "an integer"), list: ("文本的列表", "a list of texts"),
    dict: ("对象", "an object"),
}  # fmt: skip
_STATUS: Final = {Reason.NOT_REDEEMABLE: 404, Reason.SERVICE_BUSY: 429}
_FORBIDDEN: Final = 403
_ERRORS: Final[tuple[tuple[type[EcertError], int], ...]] = (
    (ProofError, 403),
    (RegisterError, 409),
    (FormatError, 400),
    (StoreError, 503),
    (EcertError, 500),
)


async def read_body(request: Request, kinds: Mapping[str, type]) -> dict[str, Any]:
    """Return a request's body.

    Args:
        request: The request.
        kinds: Its keys, and what each holds: `str`, `int`, `dict`, or `list` for texts.

    Raises:
        FormatError: Another shape, or it did not come in time.
    """
    try:
        async with asyncio.timeout(_PATIENCE):
            data = await request.body()
    except TimeoutError as error:
        raise FormatError(
            "请求没有在限时内到齐", "the request did not come in time", where="body",
            fix_zh="请检查网络后重发", fix_en="Check the network, and send it again",
        ) from error  # fmt: skip
    plain = _object(data)
    if plain.keys() != kinds.keys():
        raise FormatError(
            f"请求应有且仅有 {'、'.join(kinds)}", f"the request has {', '.join(kinds)}, no more",
            where="body", fix_zh="请补上缺少的，去掉多余的",
            fix_en="Add what is missing, leave out what is not asked for",
        )  # fmt: skip
    for name, kind in kinds.items():
        value = plain[name]
        texts = kind is not list or all(type(one) is str for one in value)
        if type(value) is not kind or not texts:
            zh, en = _KINDS[kind]
            raise FormatError(
                "写法不对", "of the wrong kind", where=name,
                fix_zh=f"应为{zh}", fix_en=f"It is {en}",
            )  # fmt: skip
    return plain


def _object(data: bytes) -> dict[str, Any]:
    try:
        return parse_json_object(data, where="body")
    except ParseError as error:
        # Whoever sent this has scanned nothing.
        raise FormatError(
            "请求不是一个 JSON 对象", f"the request is not one JSON object: {error.en}",
            where="body", fix_zh="请用 UTF-8 编码的 JSON 对象，名称不重复",
            fix_en="Send one JSON object in UTF-8, no name twice",
        ) from error  # fmt: skip


def answer(plain: Mapping[str, Any], status: int = 200) -> Response:
    """Return an answer in JSON."""
    return Response(orjson.dumps(plain), status_code=status, media_type=_JSON)


def refusal(refused: Refused) -> Response:
    """Return why a verifier gets nothing; byte for byte the same for the same reason."""
    reason = refused.reason
    status = _STATUS.get(reason, _FORBIDDEN)
    response = answer({"reason": reason.value, "number": reason.number}, status)
    if refused.retry_after is not None:
        response.headers["retry-after"] = str(int(refused.retry_after.total_seconds()))
    return response


def failure(error: EcertError) -> Response:
    """Return an error as an answer."""
    status = next(code for kind, code in _ERRORS if isinstance(error, kind))
    told = {
        "zh": error.zh, "en": error.en, "where": error.where, "fix_zh": error.fix_zh,
        "fix_en": error.fix_en,
    }  # fmt: skip
    # What is wrong inside is for the operator's eyes.
    return answer({"error": told if status < 500 else {}}, status)
