"""One bounded request that sends something: to a configured address, once, without redirects.

Nothing is tried again by itself: what can be had once only may have been had.
"""

from __future__ import annotations

import asyncio
import ssl
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import httpx
import orjson

from ecert import limits
from ecert.client.addresses import require_address
from ecert.client.faulting import failed, network_fault, too_large
from ecert.client.fetching import Bounds, Way, run_bounded
from ecert.errors import ParseError
from ecert.faults import FetchFault
from ecert.sign.strict import parse_json_object

if TYPE_CHECKING:
    from collections.abc import Mapping

_BOUNDS: Final = Bounds(most=limits.MAX_SERVICE_BYTES, attempts=1)
_OUTSIDE: Final = 500


@dataclass(frozen=True, slots=True)
class Answered:
    """What a service answered.

    Attributes:
        status: The status of HTTP, 200 to 499.
        plain: The JSON object.
    """

    status: int
    plain: Mapping[str, Any]


def post(
    url: str,
    body: Mapping[str, Any],
    *,
    token: str | None = None,
    way: Way | None = None,
    bounds: Bounds = _BOUNDS,
) -> Answered:
    """Send one JSON object and return the one that comes back.

    Not to be called where an event loop is running: there, call it in a thread.

    Args:
        url: A configured address.
        body: What is sent.
        token: The bearer token, if there is one.
        way: How others are reached.
        bounds: Tighter bounds than the limits.

    Raises:
        FetchError: No answer came within the bounds, or none that is JSON.
    """
    way = way or Way()
    require_address(url, allow_http=way.allow_http)
    data = orjson.dumps(body)
    if len(data) > bounds.most:
        raise too_large(url, bounds.most)
    try:
        return run_bounded(_post(url, data, token, way, bounds))
    except TimeoutError as error:
        seconds = f"{bounds.deadline.total_seconds():g}"
        raise failed(FetchFault.TIMEOUT, url, f"{seconds} 秒", f"{seconds} s") from error


async def _post(url: str, data: bytes, token: str | None, way: Way, bounds: Bounds) -> Answered:
    headers = {
        "Accept-Encoding": "identity", "Accept": "application/json",
        "Content-Type": "application/json",
    }  # fmt: skip
    if token is not None:
        headers["Authorization"] = f"Bearer {token}"
    trusted = ssl.create_default_context(cafile=way.ca_file)
    try:
        # Outside the client: slow headers and a drip never exceed its own time-outs.
        async with (
            asyncio.timeout(bounds.deadline.total_seconds()),
            httpx.AsyncClient(
                headers=headers, verify=trusted, proxy=way.proxy, trust_env=False,
                follow_redirects=False, timeout=bounds.deadline.total_seconds(),
            ) as client,
            client.stream("POST", url, content=data) as response,
        ):  # fmt: skip
            _check(response, url)
            content = await _content(response, url, bounds.most)
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise network_fault(error, url) from error
    try:
        return Answered(response.status_code, parse_json_object(content, where="answer"))
    except ParseError as error:
        raise failed(FetchFault.BROKEN, url, "答复不是 JSON", "no JSON object") from error


def _check(response: httpx.Response, url: str) -> None:
    status = response.status_code
    if 300 <= status < 400:
        raise failed(FetchFault.REDIRECTED, url, str(status), str(status))
    if status >= _OUTSIDE:
        raise failed(FetchFault.BUSY, url, str(status), str(status))
    size = sum(len(name) + len(value) + 4 for name, value in response.headers.raw)
    if size > limits.MAX_FETCH_HEADER_BYTES:
        raise failed(FetchFault.BROKEN, url, "标头过大", "its headers are too large")
    encoding = response.headers.get("content-encoding", "identity").strip().lower()
    if encoding != "identity":
        raise failed(FetchFault.COMPRESSED, url)
    kind = response.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/json":
        raise failed(FetchFault.CONTENT_TYPE, url, repr(kind[:60]), repr(kind[:60]))


async def _content(response: httpx.Response, url: str, most: int) -> bytes:
    content = bytearray()
    async for chunk in response.aiter_raw():
        content += chunk
        if len(content) > most:
            raise too_large(url, most)
    return bytes(content)
