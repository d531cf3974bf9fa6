"""Where webhooks may go: a name is resolved for each delivery, and what it gives is judged.

A receiver's name is somebody else's to point where they like: at this machine, at a machine
behind the office's wall, or at the address where a cloud keeps its secrets.  So only addresses of
the public network are called, and those that the operator has named; and the connection goes to
the very address that was judged, for a second look-up could be answered otherwise.
"""

from __future__ import annotations

import asyncio
import ipaddress
import socket
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Self

from ecert import limits
from ecert.client.faulting import failed
from ecert.errors import FetchError, FormatError
from ecert.faults import FetchFault

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable, Sequence

    Resolve = Callable[[str, int], Awaitable[Sequence[str]]]
    """Given a name and a port, returns the addresses that it stands for now."""
    Address = ipaddress.IPv4Address | ipaddress.IPv6Address
    Network = ipaddress.IPv4Network | ipaddress.IPv6Network

# Where clouds hand out the secrets of a machine, whatever network is allowed.
_SECRETS: Final = frozenset(
    ipaddress.ip_address(one)
    for one in (
        "169.254.169.254", "100.100.100.200", "168.63.129.16", "192.0.0.192",
        "fd00:ec2::254", "fd20:ce::254",
    )
)  # fmt: skip
# Protocol assignments and the old 6to4 relays: some of it Python takes for public.
_SPECIAL: Final = (
    ipaddress.ip_network("192.0.0.0/24"),
    ipaddress.ip_network("192.88.99.0/24"),
    ipaddress.ip_network("fec0::/10"),
)
_NAT64: Final = ipaddress.ip_network("64:ff9b::/96")


@dataclass(frozen=True, slots=True)
class AllowedReceivers:
    """Hosts and networks that may be called although their addresses are not public.

    Attributes:
        networks: Such as ``10.20.0.0/16``.
        hosts: Names, in lower case; wherever they point within private networks.
    """

    networks: tuple[Network, ...] = ()
    hosts: frozenset[str] = field(default=frozenset())

    @classmethod
    def read(cls, entries: Iterable[str]) -> Self:
        """Read the setting: networks, addresses and names.

        Raises:
            FormatError: There are too many, or one is neither.
        """
        given = tuple(entries)
        if len(given) > limits.MAX_WEBHOOK_NETWORKS:
            raise FormatError(
                f"不超过{limits.MAX_WEBHOOK_NETWORKS}个",
                f"at most {limits.MAX_WEBHOOK_NETWORKS} are allowed", where="webhook_networks",
            )  # fmt: skip
        networks, hosts = [], set()
        for one in given:
            try:
                networks.append(ipaddress.ip_network(one))
            except ValueError:
                hosts.add(_read_name(one))
        return cls(tuple(networks), frozenset(hosts))

    def permits(self, host: str, address: Address) -> bool:
        """Tell whether ``address``, to which ``host`` points, may be called."""
        number = _inner(address)
        if number in _SECRETS or _is_no_host(number):
            return False
        named = _plain(host) in self.hosts or any(number in one for one in self.networks)
        return _is_public(number) or named


async def system_resolve(host: str, port: int) -> Sequence[str]:
    """Resolve a name as this machine does.

    Raises:
        OSError: It stands for nothing, or nobody answers.
    """
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(one[4][0]) for one in found]


async def judged_addresses(
    url: str, host: str, port: int, *, allowed: AllowedReceivers, resolve: Resolve
) -> tuple[str, ...]:
    """Return the addresses of a receiver, all of which may be called.

    One that may not be called refuses them all: what a name mixes is no accident.

    Raises:
        FetchError: Fault `unreachable`: it stands for nothing now.  Fault `address`: it may not be
            called.
    """
    try:
        found = [host] if as_address(host) else await resolve(host, port)
        numbers = [ipaddress.ip_address(one) for one in dict.fromkeys(found)]
    except (OSError, ValueError) as error:  # a name with letters that no name has is a ValueError
        raise failed(FetchFault.UNREACHABLE, url, "域名解析不出", "no such name") from error
    if not numbers:
        raise failed(FetchFault.UNREACHABLE, url, "域名解析不出", "no such name")
    for number in numbers:
        if not allowed.permits(host, number):
            raise not_allowed(url, number)
    return tuple(str(one) for one in numbers[: limits.MAX_WEBHOOK_ADDRESSES])


def not_allowed(url: str, number: Address) -> FetchError:
    """Return the refusal of an address."""
    never = _inner(number) in _SECRETS or _is_no_host(_inner(number))
    if never:
        return failed(
            FetchFault.ADDRESS,
            url,
            f"{number} 不是一台主机的地址",
            f"{number} is no host's address",
        )
    return FetchError(
        FetchFault.ADDRESS, f"指向内部地址 {number}", f"it points at the inner address {number}",
        where=url,
        fix_zh="确要通知内网系统的，请在 ecert.toml 的 webhook_networks 中写明网段或主机名",
        fix_en="For a receiver inside, name its network or host in webhook_networks in ecert.toml",
    )  # fmt: skip


def as_address(host: str) -> Address | None:
    """Return the address that a host is written as; None if it is a name."""
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None


def _inner(address: Address) -> Address:
    """Return the IPv4 address that an IPv6 one carries in itself, or the address without a zone.

    With its zone (``%eth0``) an address equals no other.
    """
    if isinstance(address, ipaddress.IPv4Address):
        return address
    address = ipaddress.IPv6Address(int(address))
    if address in _NAT64:
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour or address


def _is_public(number: Address) -> bool:
    return number.is_global and not any(number in one for one in _SPECIAL)


def _is_no_host(number: Address) -> bool:
    # ::1 lies in the reserved block ::/8, and is a host all the same.
    reserved = number.is_reserved and not number.is_loopback
    return number.is_link_local or number.is_multicast or number.is_unspecified or reserved


def _plain(host: str) -> str:
    return host.rstrip(".").lower()


def _read_name(text: str) -> str:
    name = _plain(text)
    parts = name.split(".")
    good = all(
        part and part.isascii() and part.replace("-", "").replace("_", "").isalnum()
        for part in parts
    )  # fmt: skip
    if not good or len(name) > limits.MAX_NAME_CHARS or parts[-1].isdigit():
        raise FormatError(
            "不是网段，也不是主机名", "neither a network nor a name of a host",
            where="webhook_networks", fix_zh="请写成 10.20.0.0/16 或 hall.example 的样子",
            fix_en="Write 10.20.0.0/16 or hall.example",
        )  # fmt: skip
    return name
