"""The ``status`` claim of a credential, by itself: is it one that a status list could answer?"""

from __future__ import annotations

import ipaddress
import re
from typing import TYPE_CHECKING, Any
from urllib.parse import SplitResult, urlsplit

from ecert.errors import ParseError

if TYPE_CHECKING:
    from collections.abc import Mapping

# No list of our profile is longer (2^20 bytes of 1 bit), and the draft names no bound of its own.
_MAX_INDEX = (1 << 32) - 1
_VISIBLE = re.compile(r"[!-\[\]-~]+")  # ASCII without blank and backslash


def check_status_claim(claims: Mapping[str, Any]) -> None:
    """Check the form of ``status.status_list`` (Token Status List draft, "Referenced Token").

    Raises:
        ParseError: The index is not a whole number from 0, or the address is not one at which
            a public list could stand and by which nobody is told apart.
    """
    status = claims["status"]
    if not isinstance(status, dict):
        raise ParseError("not an object", where="status")
    if "status_list" not in status:
        return  # another mechanism, which nobody here can ask
    place = status["status_list"]
    if not isinstance(place, dict):
        raise ParseError("not an object", where="status.status_list")
    index = place.get("idx")
    if type(index) is not int or not 0 <= index <= _MAX_INDEX:
        raise ParseError("not an index", where="status.status_list.idx")
    uri = place.get("uri")
    if not isinstance(uri, str) or not _is_public_address(uri):
        raise ParseError("not the address of a list", where="status.status_list.uri")


def _is_public_address(uri: str) -> bool:
    # A query or fragment would tell holders apart; userinfo hides the host from a reader.
    if not _VISIBLE.fullmatch(uri) or "?" in uri or "#" in uri:
        return False
    try:
        parts = urlsplit(uri)
        _ = parts.port
    except ValueError:
        return False
    return parts.scheme in {"http", "https"} and "@" not in parts.netloc and _is_public_host(parts)


def _is_public_host(parts: SplitResult) -> bool:
    host = (parts.hostname or "").removesuffix(".")
    if not host or host == "localhost" or host.endswith(".localhost"):
        return False
    try:
        literal = ipaddress.ip_address(host)
    except ValueError:
        # Old resolvers read 127.1, 0x7f.1 and 2130706433 as numbers: no name ends in a digit
        # label (RFC 3696 §2).
        return not host.rpartition(".")[2][:1].isdigit()
    return literal.is_global and not literal.is_multicast
