"""What went wrong with a request, in words: the network's errors as `FetchError`."""

from __future__ import annotations

import httpx

from ecert.errors import FetchError
from ecert.faults import FetchFault


def network_fault(error: Exception, url: str) -> Exception:
    """Return what httpx raises as an error of ours, or as `TimeoutError`."""
    if isinstance(error, httpx.TimeoutException):
        return TimeoutError()
    if isinstance(error, httpx.ReadError | httpx.WriteError | httpx.ProtocolError):
        return failed(FetchFault.BROKEN, url, "", said(error))
    if isinstance(error, httpx.NetworkError | httpx.ProxyError):
        return failed(FetchFault.UNREACHABLE, url, "", said(error))
    return failed(FetchFault.ADDRESS, url, "", said(error))


def said(error: Exception) -> str:
    """Return an error's own words, shortened."""
    # A server's words may be long, and are anyone's.
    return (f"{type(error).__name__}: {error}".split("\n")[0])[:120]


def too_large(url: str, most: int) -> FetchError:
    """Return the error for more content than the bound."""
    return failed(FetchFault.TOO_LARGE, url, f"上限 {most} 字节", f"the bound is {most} bytes")


def failed(fault: FetchFault, url: str, zh: str = "", en: str = "") -> FetchError:
    """Return the error for a fault of an address."""
    return FetchError(fault, zh, en, where=url)
