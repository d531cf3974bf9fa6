"""Sends one webhook: to a configured address, once, without redirects; the answer is not read."""

from __future__ import annotations

import asyncio
import ssl
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

import httpx

from ecert import limits
from ecert.client.addresses import require_address
from ecert.client.faulting import failed, network_fault
from ecert.client.fetching import run_bounded
from ecert.client.receivers import (
    AllowedReceivers,
    as_address,
    judged_addresses,
    not_allowed,
    system_resolve,
)
from ecert.faults import FetchFault

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ecert.client.fetching import Way
    from ecert.client.receivers import Resolve

    _Target = tuple[httpx.URL, dict[str, str], dict[str, Any]]
    """Where a connection goes; the header and the extension that name the host that is meant."""

_LOCAL: Final = frozenset({"localhost", "127.0.0.1", "::1"})
_PUBLIC: Final = AllowedReceivers()
_PORTS: Final = {"http": 80, "https": 443}


def require_receiver(
    url: str, *, allow_http: bool = False, allowed: AllowedReceivers = _PUBLIC
) -> str:
    """Require an address that events may be sent to, and return it; nothing is looked up.

    ``https``; ``http`` to this very machine, and elsewhere where the settings allow it.  An
    address in numbers is public or allowed.  Never those that are no host's: link-local ones
    (where clouds keep their secrets), multicast.

    Raises:
        FetchError: Fault `address`.
    """
    try:
        host = urlsplit(url).hostname or ""
    except ValueError:
        host = ""
    require_address(url, allow_http=allow_http or host in _LOCAL)
    number = as_address(host)
    if number is not None and not allowed.permits(host, number):
        raise not_allowed(url, number)
    return url


def send(
    url: str,
    body: bytes,
    headers: Mapping[str, str],
    *,
    way: Way,
    allowed: AllowedReceivers = _PUBLIC,
    resolve: Resolve = system_resolve,
) -> None:
    """Send a body by POST; any status from 200 to 299 says that it was taken.

    The name is looked up anew, once; what it points at is judged, and that address is called.

    Args:
        url: The receiver.
        body: What is sent.
        headers: With its signature.
        way: How this machine reaches others.  A proxy looks up names itself: what it may call is
            its own rule, and only addresses in numbers are judged here.
        allowed: What may be called although it is not public.
        resolve: Looks up a name.

    Raises:
        FetchError: It was not taken, or nobody knows: then it is to be sent again.  Fault
            `address`: it was not even sent.
    """
    require_receiver(url, allow_http=way.allow_http, allowed=allowed)
    try:
        run_bounded(_send(url, body, headers, way, allowed, resolve))
    except TimeoutError as error:
        raise failed(FetchFault.TIMEOUT, url) from error


async def _send(
    url: str,
    body: bytes,
    headers: Mapping[str, str],
    way: Way,
    allowed: AllowedReceivers,
    resolve: Resolve,
) -> None:
    seconds = limits.WEBHOOK_DEADLINE.total_seconds()
    sent = {
        "content-type": "application/json",
        "accept-encoding": "identity",
        "user-agent": "ecert-webhook",
    } | dict(headers)
    try:
        # Outside the client: slow names, slow headers and a drip never exceed its own time-outs.
        async with asyncio.timeout(seconds):
            targets = (
                (_as_written(url),) if way.proxy is not None
                else await _pinned(url, allowed, resolve)
            )  # fmt: skip
            status = await _posted(targets, body, sent, way, seconds)
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise network_fault(error, url) from error
    if 300 <= status < 400:
        raise failed(FetchFault.REDIRECTED, url, str(status), str(status))
    if not 200 <= status < 300:
        fault = FetchFault.BUSY if status >= 500 else FetchFault.STATUS
        raise failed(fault, url, str(status), str(status))


def _as_written(url: str) -> _Target:
    return httpx.URL(url), {}, {}


async def _pinned(url: str, allowed: AllowedReceivers, resolve: Resolve) -> tuple[_Target, ...]:
    """Return one target for each address that the receiver's name stands for now."""
    meant = httpx.URL(url)
    port = meant.port or _PORTS[meant.scheme]
    # As the settings and the name servers know it: xn--…, where `host` says 中国.
    name = meant.raw_host.decode("ascii")
    addresses = await judged_addresses(url, name, port, allowed=allowed, resolve=resolve)
    # The certificate and the virtual host are still those of the name.
    named = {} if as_address(name) else {"sni_hostname": name}
    host = {"host": meant.netloc.decode("ascii")}
    return tuple((meant.copy_with(host=one), host, dict(named)) for one in addresses)


async def _posted(
    targets: tuple[_Target, ...],
    body: bytes,
    headers: dict[str, str],
    way: Way,
    seconds: float,
) -> int:
    """Return the status of the first target that takes the connection."""
    trusted = ssl.create_default_context(cafile=way.ca_file)
    # An address that swallows everything leaves time for the next one.
    times = httpx.Timeout(seconds, connect=seconds / len(targets))
    async with httpx.AsyncClient(
        verify=trusted, proxy=way.proxy, trust_env=False, follow_redirects=False, timeout=times
    ) as client:
        for number, (where, host, more) in enumerate(targets, 1):
            try:
                async with client.stream(
                    "POST", where, content=body, headers=headers | host, extensions=more
                ) as response:
                    return response.status_code
            except (httpx.ConnectError, httpx.ConnectTimeout):
                if number == len(targets):
                    raise
    raise RuntimeError("a receiver has at least one address")
