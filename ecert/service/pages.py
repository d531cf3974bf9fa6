"""The pages and what belongs to them: a fixed table of files, and nothing else."""

from __future__ import annotations

import hashlib
from importlib.resources import files
from typing import TYPE_CHECKING, Final

from fastapi import APIRouter, Request, Response

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_TYPES: Final = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".wasm": "application/wasm",
}
shared = APIRouter(include_in_schema=False)
"""What is there whatever is served: the pages' files, and the page that explains the API."""


def _load() -> dict[str, tuple[bytes, str, str]]:
    """Return the content, type and mark of every file, read once at the start."""
    found = {}
    for item in files("ecert.service").joinpath("static").iterdir():
        suffix = item.name[item.name.rfind(".") :]
        if suffix in _TYPES:
            data = item.read_bytes()
            found[item.name] = data, _TYPES[suffix], f'"{hashlib.sha256(data).hexdigest()[:32]}"'
    return found


_FILES: Final = _load()


def _page(name: str) -> Callable[[Request], Response]:
    def page(request: Request) -> Response:
        return _send(request, name)

    return page


shared.add_api_route("/api/docs", _page("api_docs.html"))


@shared.get("/static/{name}")
def static(request: Request, name: str) -> Response:
    """Return one of the pages' files."""
    return _send(request, name)


def _send(request: Request, name: str) -> Response:
    if name not in _FILES:
        return Response(status_code=404)
    data, media, mark = _FILES[name]
    # The page itself holds nothing personal; the browser asks each time whether it has changed.
    headers = {"etag": mark, "cache-control": "no-cache"}
    if request.headers.get("if-none-match") == mark:
        return Response(status_code=304, headers=headers)
    return Response(data, media_type=media, headers=headers)


def router_of(addresses: Mapping[str, str], names: frozenset[str] | None = None) -> APIRouter:
    """Return a router for some pages; nobody is kept out, for they hold nothing by themselves.

    Args:
        addresses: The pages' files by their addresses.
        names: The files that belong to them, where `shared` is not there too: an application
            that serves these pages alone serves no others.
    """
    made = APIRouter(include_in_schema=False)
    for address, name in addresses.items():
        made.add_api_route(address, _page(name))

    def own(request: Request, name: str) -> Response:
        return _send(request, name if name in (names or ()) else "")

    if names is not None:
        made.add_api_route("/static/{name}", own)
    return made
