"""One bounded fetch: a total deadline, a byte cap, no redirects, nothing compressed.

A partner's server may be slow, broken or hostile.  Whatever it does, a fetch ends in time, reads
no more than the bound, and names what was wrong.
"""

from __future__ import annotations

import asyncio
import secrets
import ssl
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, TypeVar

import httpx

from ecert import limits
from ecert.client.addresses import require_address
from ecert.client.faulting import failed, network_fault, too_large
from ecert.errors import FetchError
from ecert.faults import FetchFault

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Coroutine, Iterable
    from datetime import timedelta

_T = TypeVar("_T")

CONTENT_TYPES: Final = frozenset({
    "application/json", "application/jose+json", "application/jose", "application/jwt",
    "application/statuslist+jwt", "application/octet-stream", "application/jsonl",
    "application/x-ndjson",
})  # fmt: skip
"""What documents are served as.  A page (``text/html``) is a login or an error, never one."""
_MAX_ETAG_CHARS: Final = 256
_FIRST_PAUSE: Final = 0.2
_AGAIN: Final = frozenset({FetchFault.UNREACHABLE, FetchFault.BROKEN, FetchFault.BUSY})


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """How long, how much and how often; a caller may only want less than the limits.

    Attributes:
        deadline: Of one fetch, all attempts together.
        most: Bytes of content, all attempts together.
        attempts: Where the network fails, or the server says that it is busy.
    """

    deadline: timedelta = limits.FETCH_DEADLINE
    most: int = limits.MAX_FETCH_BYTES
    attempts: int = limits.MAX_FETCH_ATTEMPTS

    def __post_init__(self) -> None:
        if self.deadline > limits.FETCH_DEADLINE or self.most > limits.MAX_FETCH_BYTES:
            raise ValueError("bounds are only ever tightened")


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """How this machine reaches others.  Variables of the environment are not looked at.

    Attributes:
        allow_http: Whether addresses without TLS may be fetched.
        proxy: Address of a proxy.
        ca_file: Certificates to trust in the place of the system's.
    """

    allow_http: bool = False
    proxy: str | None = None
    ca_file: str | None = None


@dataclass(frozen=True, slots=True)
class Request:
    """What is to be fetched.

    Attributes:
        url: A configured address.
        etag: The mark of the copy that is here; an unchanged one is not sent again.
    """

    url: str
    etag: str | None = None


@dataclass(frozen=True, slots=True)
class Fetched:
    """What came.

    Attributes:
        url: From where.
        data: The content; None if the copy that is here is the newest.
        etag: The server's mark of it.
    """

    url: str
    data: bytes | None
    etag: str | None


def fetch(
    url: str,
    *,
    etag: str | None = None,
    way: Way | None = None,
    bounds: Bounds | None = None,
) -> Fetched:
    """Fetch one configured address.

    Not to be called where an event loop is running: there, call it in a thread.

    Args:
        url: The address.
        etag: The mark of the copy that is here.
        way: How others are reached.
        bounds: Tighter bounds than the limits.

    Raises:
        FetchError: It could not be fetched within the bounds, or is nothing that is wanted.
    """
    (result,) = fetch_all([Request(url, etag)], way=way, bounds=bounds)
    if isinstance(result, FetchError):
        raise result
    return result


def fetch_all(
    requests: Iterable[Request],
    *,
    way: Way | None = None,
    bounds: Bounds | None = None,
    pause: Callable[[float], Awaitable[None]] = asyncio.sleep,
) -> tuple[Fetched | FetchError, ...]:
    """Fetch several addresses side by side; one that fails stops none of the others.

    Args:
        requests: What is wanted.
        way: How others are reached.
        bounds: Tighter bounds than the limits, for each.
        pause: How to wait before another attempt.

    Returns:
        For each request, in their order, what came or why nothing did.
    """
    way, bounds = way or Way(), bounds or Bounds()
    return run_bounded(_fetch_all(tuple(requests), way, bounds, pause))


async def _fetch_all(
    requests: tuple[Request, ...],
    way: Way,
    bounds: Bounds,
    pause: Callable[[float], Awaitable[None]],
) -> tuple[Fetched | FetchError, ...]:
    turns = asyncio.Semaphore(limits.MAX_FETCHES_AT_ONCE)
    trusted = ssl.create_default_context(cafile=way.ca_file)

    async def one(request: Request) -> Fetched | FetchError:
        async with turns:
            try:
                require_address(request.url, allow_http=way.allow_http)
                # Outside the client: slow headers and a drip never exceed its own time-outs.
                async with asyncio.timeout(bounds.deadline.total_seconds()):
                    return await _Fetch(request, way, trusted, bounds, pause).run()
            except TimeoutError:
                seconds = f"{bounds.deadline.total_seconds():g}"
                return failed(FetchFault.TIMEOUT, request.url, f"{seconds} 秒", f"{seconds} s")
            except FetchError as error:
                return error

    return tuple(await asyncio.gather(*(one(request) for request in requests)))


class _Fetch:
    """One fetch with its attempts."""

    def __init__(
        self,
        request: Request,
        way: Way,
        trusted: ssl.SSLContext,
        bounds: Bounds,
        pause: Callable[[float], Awaitable[None]],
    ) -> None:
        self._request = request
        self._way = way
        self._trusted = trusted
        self._bounds = bounds
        self._pause = pause
        self._left = bounds.most

    async def run(self) -> Fetched:
        for attempt in range(1, self._bounds.attempts + 1):
            try:
                return await self._attempt()
            except FetchError as error:
                if error.fault not in _AGAIN or attempt == self._bounds.attempts:
                    raise
            # Not all windows come back at the same moment after a server has fallen over.
            chance = 1 + secrets.randbelow(1000) / 1000
            await self._pause(_FIRST_PAUSE * 2 ** (attempt - 1) * chance)
        raise ValueError("a fetch has at least one attempt")

    async def _attempt(self) -> Fetched:
        url, etag = self._request.url, self._request.etag
        headers = {"Accept-Encoding": "identity", "Accept": "application/json, */*;q=0.5"}
        if etag is not None:
            headers["If-None-Match"] = etag
        try:
            async with (
                httpx.AsyncClient(
                    headers=headers, verify=self._trusted, proxy=self._way.proxy,
                    trust_env=False, follow_redirects=False,
                    timeout=self._bounds.deadline.total_seconds(),
                ) as client,
                client.stream("GET", url) as response,
            ):  # fmt: skip
                if response.status_code == httpx.codes.NOT_MODIFIED and etag is not None:
                    return Fetched(url, None, etag)
                _check_answer(response, url)
                return Fetched(url, await self._content(response), _etag(response))
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise network_fault(error, url) from error

    async def _content(self, response: httpx.Response) -> bytes:
        url = self._request.url
        told = response.headers.get("content-length", "")
        if told.isascii() and told.isdigit() and int(told[:20]) > self._left:
            raise too_large(url, self._bounds.most)
        content = bytearray()
        async for chunk in response.aiter_raw():
            self._left -= len(chunk)
            if self._left < 0:
                raise too_large(url, self._bounds.most)
            content += chunk
        return bytes(content)


def _check_answer(response: httpx.Response, url: str) -> None:
    """Check status, headers and kind of an answer before any of its content is read."""
    status = response.status_code
    if 300 <= status < 400:
        raise failed(FetchFault.REDIRECTED, url, str(status), str(status))
    if status in {429, 500, 502, 503, 504}:
        raise failed(FetchFault.BUSY, url, str(status), str(status))
    if status != httpx.codes.OK:
        raise failed(FetchFault.STATUS, url, str(status), str(status))
    size = sum(len(name) + len(value) + 4 for name, value in response.headers.raw)
    if size > limits.MAX_FETCH_HEADER_BYTES:
        raise failed(FetchFault.BROKEN, url, "标头过大", "its headers are too large")
    encoding = response.headers.get("content-encoding", "identity").strip().lower()
    if encoding != "identity":
        raise failed(FetchFault.COMPRESSED, url)
    kind = response.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind not in CONTENT_TYPES:
        raise failed(FetchFault.CONTENT_TYPE, url, repr(kind[:60]), repr(kind[:60]))


def _etag(response: httpx.Response) -> str | None:
    etag = response.headers.get("etag", "")
    usable = 0 < len(etag) <= _MAX_ETAG_CHARS and etag.isascii() and etag.isprintable()
    return etag if usable else None


def run_bounded(main: Coroutine[None, None, _T]) -> _T:
    """Run to the end, leaving behind what would wait for ever."""
    # Not asyncio.run, which would wait for a name server that does not answer.
    loop = asyncio.new_event_loop()
    try:
        return loop.run_until_complete(main)
    finally:
        for task in asyncio.all_tasks(loop):
            task.cancel()
        loop.run_until_complete(loop.shutdown_asyncgens())
        loop.close()
