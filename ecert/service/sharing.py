"""HTTP for the sharing interface: ``{head, data}`` in, ``{head: {status, message}, data}`` out.

Platforms read ``head.status`` and take any other HTTP status than 200 for a broken line, so that
every answer of the interface is a 200, a refused token's too; the log tells them apart.
"""

from __future__ import annotations

import logging
from base64 import b64decode
from typing import TYPE_CHECKING, Annotated, Any, Final

import orjson
from fastapi import APIRouter, Depends, FastAPI, Path, Request, Response

from ecert.errors import EcertError, ParseError
from ecert.issuers.sharing.numbers import ShareStatus
from ecert.limits import MAX_SAFE_INTEGER
from ecert.online.purpose import AccessPurpose
from ecert.service.authentication import bearer, told_bad_token
from ecert.service.journal import told_refusal
from ecert.sign.strict import parse_json_object
from ecert.store.sharing import SQLShareStore
from ecert.workspace.access import Role, find_token
from ecert.workspace.sharing.answers import ShareAnswer
from ecert.workspace.sharing.desk import SharingDesk
from ecert.workspace.sharing.downloading import FILE, SHEET
from ecert.workspace.sharing.requests import FETCH, INTERFACES

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from ecert.store.tokens import AccessToken
    from ecert.workspace import Workspace
    from ecert.workspace.sharing.requests import Interface

_LOG: Final = logging.getLogger("ecert.service")
PREFIX: Final = "/CertShare"
_OPENING: Final = frozenset({Role.PARTNER.value, Role.ADMINISTRATOR.value})
_TOO_OFTEN: Final = 429
_UNAVAILABLE: Final = 503
_MEDIA: Final = {FILE: "application/dc+sd-jwt", SHEET: "application/pdf"}
LinkNumber = Annotated[int, Path(ge=1, le=MAX_SAFE_INTEGER)]
LinkKind = Annotated[str, Path(pattern="^(sd-jwt|pdf)$")]
LinkDay = Annotated[str, Path(pattern="^[0-9]{8}$")]
# Characters of a token, with room to spare.
_MOST: Final = 200


def include_sharing(app: FastAPI, workspace: Workspace) -> None:
    """Add the sharing interface of ``workspace`` to an application that has a desk and tokens."""
    desk = app.state.desk

    def verify(scanned: str, *, clerk: str, matter: str | None) -> Any:
        return desk.verify(scanned, clerk=clerk, matter=matter, challenge=None)

    app.state.sharing = SharingDesk(workspace, SQLShareStore(workspace.engine), verify)
    app.include_router(_router())


def _router() -> APIRouter:
    router = APIRouter(prefix=PREFIX, tags=["sharing"])
    for name, interface in INTERFACES.items():
        router.add_api_route(
            f"/{name}", _endpoint(name), methods=["POST"], summary=interface.zh, name=name,
            openapi_extra={"requestBody": _described(interface)},
            responses={
                200: {"description": interface.zh, "content": _ANSWER},
                413: {"description": "请求内容过大"},
                _UNAVAILABLE: {"description": "服务暂不可用", "content": _ANSWER},
            },
        )  # fmt: skip
    router.add_api_route(
        "/file/{number}/{kind}/{day}", _file, methods=["GET"], summary="凭一次性地址下载证照文件",
        name=FETCH, response_class=Response,
        responses={
            200: {
                "description": "证照文件",
                "content": {
                    kind: {"schema": {"type": "string", "format": "binary"}}
                    for kind in _MEDIA.values()
                },
            },
            401: {"description": "身份验证不通过", "content": _ANSWER},
            404: {"description": "地址无效、已用过、已过期或不属于本调用方", "content": _ANSWER},
            _TOO_OFTEN: {"description": "请求过于频繁，地址仍可使用", "content": _ANSWER},
            _UNAVAILABLE: {"description": "服务暂不可用", "content": _ANSWER},
        },
    )  # fmt: skip
    return router


def _file(request: Request, number: LinkNumber, kind: LinkKind, day: LinkDay) -> Response:
    """Give out the file of a link from ``downloadUrl``: once, within 300 s, to whom it was given.

    With the caller's token as ``Authorization: Bearer``.
    """
    state: Any = request.app.state
    at = state.desk.now()
    try:
        token = _caller(request, None, at)
        if token is None:
            return _told(ShareAnswer(status=ShareStatus.NOT_AUTHENTICATED), 401)
        request.state.token = token
        sharing: SharingDesk = state.sharing
        answer = sharing.fetch(number, kind, day, token, at=at)
    except EcertError as error:
        _LOG.error("a call could not be answered: %s", type(error).__name__)
        return _told(ShareAnswer(status=ShareStatus.OUT_OF_ORDER), _UNAVAILABLE)
    if answer.status is not ShareStatus.DONE:
        return _told(answer, _TOO_OFTEN if answer.status is ShareStatus.BUSY else 404)
    # Who follows a link wants a file; an answer that is none is no success.
    headers = {"content-disposition": f'attachment; filename="licence.{kind}"'}
    return Response(b64decode(answer.data["content"]), media_type=_MEDIA[kind], headers=headers)


def _endpoint(name: str) -> Callable[..., Response]:
    def endpoint(request: Request, body: bytes = Depends(_body)) -> Response:
        try:
            return _told(_answer(request, name, body))
        except EcertError as error:
            # A database that refuses, a receipt that cannot be kept: nothing was handed out.
            _LOG.error("a call could not be answered: %s", type(error).__name__)
            return _told(ShareAnswer(status=ShareStatus.OUT_OF_ORDER), _UNAVAILABLE)

    return endpoint


async def _body(request: Request) -> bytes:
    return await request.body()


def _answer(request: Request, name: str, body: bytes) -> ShareAnswer:
    # (1) Who asks?  Whatever is wrong with the token, the answer is one.
    try:
        message = parse_json_object(body, where="body")
    except ParseError:
        return ShareAnswer(status=ShareStatus.MALFORMED)
    state: Any = request.app.state
    at = state.desk.now()
    token = _caller(request, message.get("head"), at)
    if token is None:
        return ShareAnswer(status=ShareStatus.NOT_AUTHENTICATED)
    request.state.token = token
    # (2) What is asked?
    data = message.get("data")
    if not message.keys() <= {"head", "data"} or not isinstance(data, dict):
        return ShareAnswer(status=ShareStatus.MALFORMED)
    sharing: SharingDesk = state.sharing
    return sharing.answer(name, data, token, at=at)


def _caller(request: Request, head: object, at: datetime) -> AccessToken | None:
    text: Any = bearer(request)
    claimed: Any = None
    if isinstance(head, dict) and head.get("accessToken") is not None:
        text, claimed = head["accessToken"], head.get("accessId")
    # What is no token is not looked up: a message, unlike a header, may hold any character.
    if not isinstance(text, str) or len(text) > _MOST or not text.isprintable():
        told_refusal(request, "malformed")
        return None
    text = text.strip()
    token, why = find_token(text, request.app.state.tokens, at)
    if token is None:
        told_bad_token(request, text, why)
        return None
    if token.role not in _OPENING:
        why = f"role {token.role}"
    elif claimed in (None, token.id):  # a tuple: what was claimed may have no hash
        return token
    else:
        why = "another accessId"
    told_refusal(request, why, token=token.id)
    return None


def _told(answer: ShareAnswer, status: int = 200) -> Response:
    return Response(orjson.dumps(answer.to_dict()), status, media_type="application/json")


# -- what tools are told ----------------------------------------------------------------------

_TEXT: Final = {"type": "string", "minLength": 1, "maxLength": 200}
_HEAD: Final = {
    "type": "object", "required": ["accessId", "accessToken"],
    "properties": {"accessId": _TEXT, "accessToken": _TEXT},
}  # fmt: skip
_ANSWER: Final = {
    "application/json": {
        "schema": {
            "type": "object",
            "required": ["head", "data"],
            "properties": {
                "head": {
                    "type": "object",
                    "required": ["status", "message"],
                    "properties": {
                        "status": {"type": "integer", "enum": [int(one) for one in ShareStatus]},
                        "message": {"type": "string"},
                    },
                },
                "data": {},
            },
        }
    }
}


def _described(interface: Interface) -> Mapping[str, Any]:
    """Return the body that an interface takes, for the OpenAPI document."""
    words = AccessPurpose.model_json_schema(by_alias=True)["properties"]
    data: dict[str, Any] = {"type": "object", "properties": dict(words), "required": [*words]}
    if interface.request is not None:
        own = interface.request.model_json_schema(by_alias=True)
        data["properties"] |= own["properties"]
        data["required"] += own.get("required", [])
    body = {
        "type": "object", "required": ["head", "data"], "additionalProperties": False,
        "properties": {"head": _HEAD, "data": data},
    }  # fmt: skip
    return {"required": True, "content": {"application/json": {"schema": body}}}
