"""Where webhooks may go: names are resolved here, by a resolver that says what a test wants."""

from __future__ import annotations

import ipaddress
import socket
from typing import TYPE_CHECKING

import httpx
import pytest

from ecert import limits
from ecert.client.fetching import Way
from ecert.client.receivers import AllowedReceivers
from ecert.client.sending import send
from ecert.errors import FetchError, FormatError
from ecert.faults import FetchFault
from tests.certificates import self_signed
from tests.partner import Mode, Partner

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

NAME = "receiver.example"
ANY = str(ipaddress.IPv4Address(0))
HERE = AllowedReceivers.read(["127.0.0.1"])


class Names:
    """A name server: one answer after the other, the last one for ever."""

    def __init__(self, *answers: list[str]) -> None:
        self.answers = list(answers)
        self.asked: list[tuple[str, int]] = []

    async def __call__(self, host: str, port: int) -> list[str]:
        """Look up a name."""
        self.asked.append((host, port))
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


@pytest.fixture
def server() -> Iterator[Partner]:
    """Somebody who answers anything with a file."""
    with Partner({"hook": b"{}"}) as made:
        yield made


def post(server: Partner, names: Names, allowed: AllowedReceivers = HERE) -> None:
    """Send to the server by a name."""
    url = server.address.replace("127.0.0.1", NAME) + "hook"
    send(url, b"{}", {"x": "y"}, way=Way(allow_http=True), allowed=allowed, resolve=names)


def refusal(server: Partner, names: Names, allowed: AllowedReceivers = HERE) -> FetchError:
    """Return why nothing was sent; and nothing was."""
    with pytest.raises(FetchError) as caught:
        post(server, names, allowed)
    assert server.hits == []
    return caught.value


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "127.8.8.8", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254",
        "100.64.0.1", "100.100.100.200", "168.63.129.16", ANY, "224.0.0.1", "240.0.0.1",
        "255.255.255.255", "192.0.2.1", "::1", "::", "fe80::1", "fe80::1%1", "fc00::1",
        "fd00:ec2::254", "ff02::1", "::ffff:10.1.2.3", "::ffff:127.0.0.1", "64:ff9b::7f00:1",
        "64:ff9b::a9fe:a9fe", "2002:7f00:1::", "2002:a01:203::", "fec0::1", "feff::1",
        "192.0.0.9", "192.0.0.192", "192.0.0.255", "192.88.99.1", "::ffff:192.0.0.192",
        "fd00:ec2::254%1", "fd20:ce::254", "::ffff:10.1.2.3%1",
    ],
)  # fmt: skip
def test_a_name_that_points_inside_is_not_called(server: Partner, address: str) -> None:
    error = refusal(server, Names([address]), AllowedReceivers())
    assert error.fault is FetchFault.ADDRESS
    # Nor where a public address stands beside it.
    mixed = refusal(server, Names(["93.184.215.14", address]), AllowedReceivers())
    assert mixed.fault is FetchFault.ADDRESS


@pytest.mark.parametrize(
    ("entry", "address", "permitted"),
    [
        ("10.20.0.0/16", "10.20.255.255", True),
        ("10.20.0.0/16", "10.21.0.0", False),
        ("10.20.0.0/16", "::ffff:10.20.1.1", True),
        ("fd12::/32", "fd12::1", True),
        ("Receiver.Example.", "10.1.1.1", True),
        ("other.example", "10.1.1.1", False),
        ("::1", "::1", True),
        # Whatever is allowed, these are no receivers.
        ("0.0.0.0/0", "169.254.169.254", False),
        ("0.0.0.0/0", "224.0.0.1", False),
        ("100.64.0.0/10", "100.100.100.200", False),
        ("receiver.example", "fd00:ec2::254", False),
        ("receiver.example", ANY, False),
        ("receiver.example", "fd00:ec2::254%1", False),
        ("fd20::/16", "fd20:ce::254", False),
        ("192.0.0.0/16", "192.0.0.192", False),
        ("192.0.0.0/16", "192.0.0.9", True),
        ("fec0::/10", "fec0::1", True),
        ("fd12::/32", "fd12::1%1", True),
    ],
)
def test_what_the_operator_has_named_may_be_called(
    entry: str, address: str, *, permitted: bool
) -> None:
    allowed = AllowedReceivers.read([entry])
    assert allowed.permits(NAME, ipaddress.ip_address(address)) is permitted
    for public in ("93.184.215.14", "192.0.1.0", "192.88.98.255", "2606:2800:21f::1"):
        assert AllowedReceivers().permits(NAME, ipaddress.ip_address(public))


def test_a_name_in_chinese_is_known_by_its_written_form(server: Partner) -> None:
    written = "xn--zfr164b.example"
    assert httpx.URL(f"http://{written}").host == "政务.example"
    names, url = Names(["127.0.0.1"]), server.address.replace("127.0.0.1", written)
    allowed = AllowedReceivers.read([written])
    send(f"{url}hook", b"{}", {}, way=Way(allow_http=True), allowed=allowed, resolve=names)
    assert [host for host, _ in names.asked] == [written]
    assert f"host: {written}:" in server.headers[0].lower()


def test_a_second_look_up_cannot_lead_elsewhere(server: Partner) -> None:
    names = Names(["127.0.0.1"], ["10.1.2.3"])
    post(server, names)
    assert [host for host, _ in names.asked] == [NAME]
    # The server hears the name that was meant, not the address that was called.
    port = server.address.rstrip("/").rpartition(":")[2]
    assert f"host: {NAME}:{port}\r\n" in server.headers[0].lower()
    # And the next delivery looks anew.
    assert refused_again(server, names).fault is FetchFault.ADDRESS
    assert len(names.asked) == 2


def refused_again(server: Partner, names: Names) -> FetchError:
    """Send once more; the server is not called again."""
    before = len(server.hits)
    with pytest.raises(FetchError) as caught:
        post(server, names)
    assert len(server.hits) == before
    return caught.value


def test_the_certificate_is_still_that_of_the_name(tmp_path: Path) -> None:
    certificate, key = self_signed(tmp_path, NAME)
    with Partner({"hook": b"{}"}, tls=(certificate, key)) as server:
        port = server.address.rstrip("/").rpartition(":")[2]
        way = Way(ca_file=str(certificate))
        names = Names(["127.0.0.1"])
        send(f"https://{NAME}:{port}/hook", b"{}", {}, way=way, allowed=HERE, resolve=names)
        with pytest.raises(FetchError) as caught:
            send(f"https://other.example:{port}/", b"", {}, way=way, allowed=HERE, resolve=names)
    assert caught.value.fault is FetchFault.UNREACHABLE
    assert "certificate" in caught.value.en.lower()


def test_an_address_that_nobody_listens_at_leaves_the_next_one(server: Partner) -> None:
    allowed = AllowedReceivers.read(["127.0.0.0/8"])
    post(server, Names(["127.0.0.2", "127.0.0.1"]), allowed)
    assert len(server.hits) == 1


@pytest.mark.parametrize(("more", "taken"), [(0, True), (1, False)])
def test_only_so_many_addresses_of_one_receiver_are_tried(
    server: Partner, more: int, *, taken: bool
) -> None:
    nobody = [f"127.0.0.{number + 2}" for number in range(limits.MAX_WEBHOOK_ADDRESSES - 1 + more)]
    names, allowed = Names([*nobody, "127.0.0.1"]), AllowedReceivers.read(["127.0.0.0/8"])
    if taken:
        post(server, names, allowed)
    else:
        assert refusal(server, names, allowed).fault is FetchFault.UNREACHABLE


def test_a_name_that_stands_for_nothing_is_unreachable(server: Partner) -> None:
    async def nothing(host: str, port: int) -> list[str]:
        raise socket.gaierror(socket.EAI_NONAME, "no such name")

    url = server.address.replace("127.0.0.1", NAME)
    for resolve in (nothing, Names([])):
        with pytest.raises(FetchError) as caught:
            send(url, b"", {}, way=Way(allow_http=True), allowed=HERE, resolve=resolve)
        assert caught.value.fault is FetchFault.UNREACHABLE


def test_this_machines_own_names_are_looked_up_as_this_machine_does(server: Partner) -> None:
    url = server.address.replace("127.0.0.1", "localhost") + "hook"
    with pytest.raises(FetchError) as caught:
        send(url, b"{}", {}, way=Way())
    assert caught.value.fault is FetchFault.ADDRESS
    send(url, b"{}", {}, way=Way(), allowed=AllowedReceivers.read(["localhost"]))
    assert len(server.hits) == 1


def test_an_answer_without_an_end_is_not_read(server: Partner) -> None:
    server.mode = Mode.ENDLESS
    post(server, Names(["127.0.0.1"]))
    assert server.sent < limits.MAX_FETCH_BYTES


@pytest.mark.parametrize(
    "entry", ["", "10.0.0.0/99", "10.0.0.1/8", "*", "a b", "10.1.2", "http://x/"]
)
def test_what_is_neither_a_network_nor_a_name_is_refused(entry: str) -> None:
    with pytest.raises(FormatError, match="neither a network") as caught:
        AllowedReceivers.read([entry])
    assert caught.value.where == "webhook_networks"


def test_as_many_networks_as_may_be() -> None:
    entries = [f"10.{number}.0.0/16" for number in range(limits.MAX_WEBHOOK_NETWORKS)]
    assert len(AllowedReceivers.read(entries).networks) == limits.MAX_WEBHOOK_NETWORKS
    with pytest.raises(FormatError, match=str(limits.MAX_WEBHOOK_NETWORKS)):
        AllowedReceivers.read([*entries, "10.255.0.0/16"])
