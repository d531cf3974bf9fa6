"""Sends one webhook: to a configured address, once, without redirects; the answer is not read."""

from __future__ import annotations

import asyncio
import ipaddress
import ssl
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

import httpx

from ecert import limits
from ecert.client.addresses import require_address
from ecert.client.faulting import failed, network_fault
from ecert.client.fetching import run_bounded
from ecert.faults import FetchFault

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ecert.client.fetching import Way

_LOCAL: Final = frozenset({"localhost", "127.0.0.1", "::1"})


def require_receiver(url: str, *, allow_http: bool = False) -> str:
    """Require an address that events may be sent to, and return it.

    ``https``; ``http`` to this very machine, and elsewhere where the settings allow it.  Never to
    addresses that are no host's: link-local ones (where clouds keep their secrets), multicast.

    Raises:
        FetchError: Fault `address`.
    """
    try:
        host = urlsplit(url).hostname or ""
    except ValueError:
        host = ""
    require_address(url, allow_http=allow_http or host in _LOCAL)
    try:
        number = ipaddress.ip_address(host)
    except ValueError:
        return url  # a name
    if number.is_link_local or number.is_multicast or number.is_unspecified or number.is_reserved:
        raise failed(FetchFault.ADDRESS, url, "不是一台主机的地址", "not the address of a host")
    return url


def send(url: str, body: bytes, headers: Mapping[str, str], *, way: Way) -> None:
    """Send a body by POST; any status from 200 to 299 says that it was taken.

    Raises:
        FetchError: It was not taken, or nobody knows: then it is to be sent again.
    """
    require_receiver(url, allow_http=way.allow_http)
    try:
        run_bounded(_send(url, body, headers, way))
    except TimeoutError as error:
        raise failed(FetchFault.TIMEOUT, url) from error


async def _send(url: str, body: bytes, headers: Mapping[str, str], way: Way) -> None:
    seconds = limits.WEBHOOK_DEADLINE.total_seconds()
    sent = {
        "content-type": "application/json",
        "accept-encoding": "identity",
        "user-agent": "ecert-webhook",
    }
    trusted = ssl.create_default_context(cafile=way.ca_file)
    try:
        # Outside the client: slow headers and a drip never exceed its own time-outs.
        async with (
            asyncio.timeout(seconds),
            httpx.AsyncClient(
                verify=trusted, proxy=way.proxy, trust_env=False, follow_redirects=False,
                timeout=seconds,
            ) as client,
            client.stream("POST", url, content=body, headers=sent | dict(headers)) as response,
        ):  # fmt: skip
            status = response.status_code
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise network_fault(error, url) from error
    if 300 <= status < 400:
        raise failed(FetchFault.REDIRECTED, url, str(status), str(status))
    if not 200 <= status < 300:
        fault = FetchFault.BUSY if status >= 500 else FetchFault.STATUS
        raise failed(fault, url, str(status), str(status))
