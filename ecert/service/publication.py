"""What is published, as ``ecert status publish`` wrote it: public files that anybody may keep.

The service signs nothing here and needs no key: the folder is all that it reads.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime
from typing import TYPE_CHECKING, Any, Final

import orjson
from fastapi import APIRouter, Request, Response

from ecert.errors import ParseError
from ecert.limits import MAX_FETCH_BYTES
from ecert.sign import envelope
from ecert.workspace import webroot

if TYPE_CHECKING:
    from pathlib import Path

    from ecert.clock import Clock

AT: Final = "/published"
"""Where it stands: a source of ``ecert sync`` is this address and a slash."""
_STATUS_LIST: Final = re.compile(r"([1-9][0-9]{0,8})(?:\.jwt)?")
_DOCUMENTS: Final = frozenset({webroot.INDEX, *webroot.OF_ALL, webroot.RECOGNITION})
# What does not say itself how long it may be kept is kept as long as a status list.
_LIFE: Final = 3600
_ABSENT: Final = (
    '{"error":"not-found","zh":"没有发布这个文件","en":"this is not published"}'.encode()
)


@dataclass(frozen=True, slots=True)
class _File:
    """One file as it is now."""

    data: bytes
    modified: datetime
    mark: str
    media: str
    life: int
    ends: datetime | None


class Publication:
    """The published files of one folder.

    Args:
        folder: What ``ecert status publish`` writes.
        clock: The machine's time.
    """

    def __init__(self, folder: Path, clock: Clock) -> None:
        self._folder = folder
        self._clock = clock
        self.router = APIRouter(prefix=AT, include_in_schema=False)
        self.router.add_api_route("/{name}", self.get, methods=["GET", "HEAD"])

    def get(self, request: Request, name: str) -> Response:
        """Answer with a file, or that the caller has it already."""
        file = self._read(name)
        if file is None:
            return Response(_ABSENT, 404, media_type="application/json")
        headers = {
            "etag": file.mark,
            "last-modified": format_datetime(file.modified, usegmt=True),
            "cache-control": f"public, max-age={self._age(file)}",
            "access-control-allow-origin": "*",
            "cross-origin-resource-policy": "cross-origin",
        }
        if _has_it(request, file):
            return Response(status_code=304, headers=headers)
        return Response(file.data, media_type=file.media, headers=headers)

    def _age(self, file: _File) -> int:
        """Return for how many seconds a file may be kept: never past its own end."""
        if file.ends is None:
            return file.life
        return max(0, min(file.life, int((file.ends - self._clock()).total_seconds())))

    def _read(self, name: str) -> _File | None:
        if (number := _STATUS_LIST.fullmatch(name)) is not None:
            name = f"{number[1]}.jwt"
        elif name not in _DOCUMENTS:
            return None
        try:
            with (self._folder / name).open("rb") as opened:
                data = opened.read(MAX_FETCH_BYTES + 1)
                modified = (self._folder / name).stat().st_mtime
        except (FileNotFoundError, NotADirectoryError):
            return None
        if len(data) > MAX_FETCH_BYTES:
            return None  # nobody would take it
        mark = f'"{hashlib.sha256(data).hexdigest()[:32]}"'
        media, life, ends = _told(name, data)
        return _File(data, datetime.fromtimestamp(int(modified), UTC), mark, media, life, ends)


def _told(name: str, data: bytes) -> tuple[str, int, datetime | None]:
    """Return type, seconds to keep and end of a file, as it says them itself."""
    try:
        if name.endswith(".jwt"):
            claims = webroot.status_claims(data.decode("ascii"))
            ends = datetime.fromtimestamp(claims["exp"], UTC)
            return "application/statuslist+jwt", int(claims.get("ttl", _LIFE)), ends
        if name in webroot.OF_ALL:
            payload: dict[str, Any] = orjson.loads(envelope.parse(data).unverified_payload)
            return "application/json", _LIFE, datetime.fromisoformat(payload["expires"])
    except (ParseError, UnicodeDecodeError, KeyError, ValueError, TypeError):
        # Somebody put another file there: its readers will refuse it, and need not wait for that.
        return "application/octet-stream", 0, None
    return "application/jsonl" if name == webroot.RECOGNITION else "application/json", _LIFE, None


def _has_it(request: Request, file: _File) -> bool:
    """Tell whether the caller's copy is the newest (RFC 9110, 13.1)."""
    marks = request.headers.get("if-none-match")
    if marks is not None:
        given = {mark.strip().removeprefix("W/") for mark in marks.split(",")}
        return "*" in given or file.mark in given
    since = request.headers.get("if-modified-since")
    try:
        return since is not None and file.modified <= parsedate_to_datetime(since)
    except (ValueError, TypeError):
        return False
