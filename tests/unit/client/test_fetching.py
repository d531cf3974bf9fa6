"""What a partner's server may do, and that a fetch ends in time with its name all the same."""

from __future__ import annotations

import socket
import threading
import time
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from ecert import limits
from ecert.client import Bounds, Fetched, Request, Way, fetch, fetch_all
from ecert.errors import FetchError
from ecert.faults import FetchFault
from tests.certificates import self_signed
from tests.partner import Mode, Partner

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

HTTP = Way(allow_http=True)
QUICK = Bounds(deadline=timedelta(seconds=1))
FILE = b'{"signed": "' + b"x" * 2000 + b'"}'
# What the client itself can see; the rest is for signatures (`tests/flows/test_partner.py`).
NAMED = {
    Mode.TRUNCATED: FetchFault.BROKEN,
    Mode.TRUNCATED_CHUNKED: FetchFault.BROKEN,
    Mode.ERROR_500: FetchFault.BUSY,
    Mode.NOT_FOUND: FetchFault.STATUS,
    Mode.WRONG_TYPE: FetchFault.CONTENT_TYPE,
    Mode.CAPTIVE_PORTAL: FetchFault.CONTENT_TYPE,
    Mode.REDIRECT_LOOP: FetchFault.REDIRECTED,
    Mode.REDIRECT_ELSEWHERE: FetchFault.REDIRECTED,
    Mode.REDIRECT_FILE: FetchFault.REDIRECTED,
    Mode.GZIP_BOMB: FetchFault.COMPRESSED,
    Mode.ENDLESS: FetchFault.TOO_LARGE,
    Mode.DRIP: FetchFault.TIMEOUT,
    Mode.SLOW_HEADERS: FetchFault.TIMEOUT,
    Mode.HANG: FetchFault.TIMEOUT,
    Mode.MANY_HEADERS: FetchFault.BROKEN,
    Mode.RESET: FetchFault.BROKEN,
    Mode.TLS_BYTES: FetchFault.BROKEN,
}


@pytest.fixture
def partner() -> Iterator[Partner]:
    with Partner({"list.json": FILE}) as server:
        yield server


async def no_pause(_seconds: float) -> None:
    """Wait for nothing."""


def failure(url: str, bounds: Bounds = QUICK, way: Way = HTTP) -> FetchError:
    (result,) = fetch_all([Request(url)], way=way, bounds=bounds, pause=no_pause)
    assert isinstance(result, FetchError), result
    assert result.where == url[:255]
    assert all((result.zh, result.en, result.fix_zh, result.fix_en))
    return result


def test_a_file_comes_whole_and_unpacked_by_nobody(partner: Partner) -> None:
    came = fetch(f"{partner.address}list.json", way=HTTP)
    assert came.data == FILE
    (head,) = partner.headers
    assert "accept-encoding: identity\r\n" in head.lower()
    assert "cookie" not in head.lower()


def test_what_has_not_changed_is_not_sent_again(partner: Partner) -> None:
    url = f"{partner.address}list.json"
    first = fetch(url, way=HTTP)
    assert first.etag
    assert fetch(url, etag=first.etag, way=HTTP) == Fetched(url, None, first.etag)
    partner.files["list.json"] = b"{}"
    assert fetch(url, etag=first.etag, way=HTTP).data == b"{}"


@pytest.mark.parametrize(("mode", "fault"), NAMED.items(), ids=[str(mode) for mode in NAMED])
def test_each_misbehaviour_ends_in_time_and_is_named(
    partner: Partner, mode: Mode, fault: FetchFault
) -> None:
    partner.mode = mode
    threads = threading.active_count()
    began = time.monotonic()
    assert failure(f"{partner.address}list.json").fault is fault
    # Far below the server's 20 seconds; above the deadline, for machines that are busy.
    assert time.monotonic() - began < 8
    assert threading.active_count() <= threads + len(partner.hits), "only the server's own"


def test_a_redirect_is_not_followed_anywhere(partner: Partner) -> None:
    with Partner({"": FILE}) as other:
        partner.mode, partner.elsewhere = Mode.REDIRECT_ELSEWHERE, other.address
        assert failure(f"{partner.address}list.json").fault is FetchFault.REDIRECTED
        assert other.hits == []
    assert partner.hits == ["list.json"], "and a refusal is not tried again"


def test_endless_data_is_cut_off_at_the_bound(partner: Partner) -> None:
    partner.mode = Mode.ENDLESS
    bounds = Bounds(most=256 * 1024)
    assert failure(f"{partner.address}list.json", bounds).fault is FetchFault.TOO_LARGE
    # What the network's own buffers hold is read by nobody.
    assert partner.sent < 16 * 1024 * 1024


@pytest.mark.parametrize(("size", "passes"), [(1000, True), (1001, False)])
def test_content_is_read_up_to_the_limit_and_no_further(
    partner: Partner, size: int, passes: bool
) -> None:
    partner.files["list.json"] = bytes(size)
    (result,) = fetch_all(
        [Request(f"{partner.address}list.json")], way=HTTP, bounds=Bounds(most=1000)
    )
    assert isinstance(result, Fetched) is passes


def test_the_real_bounds_are_ten_seconds_and_eight_mebibytes_and_only_tightened() -> None:
    bounds = Bounds()
    assert bounds.deadline <= timedelta(seconds=10)
    assert bounds.most <= 8 * 1024 * 1024
    assert bounds.attempts == limits.MAX_FETCH_ATTEMPTS
    with pytest.raises(ValueError, match="tightened"):
        Bounds(deadline=limits.FETCH_DEADLINE + timedelta(microseconds=1))
    with pytest.raises(ValueError, match="tightened"):
        Bounds(most=8 * 1024 * 1024 + 1)


def test_a_busy_server_is_asked_again_with_growing_pauses(partner: Partner) -> None:
    pauses: list[float] = []

    async def note(seconds: float) -> None:
        pauses.append(seconds)
        if len(pauses) == 2:
            partner.mode = Mode.OK

    partner.mode = Mode.ERROR_500
    url = f"{partner.address}list.json"
    (came,) = fetch_all([Request(url)], way=HTTP, pause=note)
    assert isinstance(came, Fetched)
    assert came.data == FILE
    assert 0.2 <= pauses[0] < 0.4 <= pauses[1] < 0.8
    assert len(partner.hits) == 3


def test_pauses_end_with_the_deadline() -> None:
    with Partner({}, Mode.ERROR_500) as server:
        began = time.monotonic()
        bounds = Bounds(deadline=timedelta(seconds=0.1))
        (result,) = fetch_all([Request(server.address)], way=HTTP, bounds=bounds)
    assert isinstance(result, FetchError)
    assert result.fault is FetchFault.TIMEOUT
    assert time.monotonic() - began < 5


def test_one_that_hangs_stops_no_other(partner: Partner) -> None:
    with Partner({}, Mode.HANG) as hanging:
        results = fetch_all(
            [Request(hanging.address), Request(f"{partner.address}list.json")],
            way=HTTP, bounds=QUICK,
        )  # fmt: skip
    assert isinstance(results[0], FetchError)
    assert isinstance(results[1], Fetched)


def test_nobody_there_is_told(partner: Partner) -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    assert failure(f"http://127.0.0.1:{port}/").fault is FetchFault.UNREACHABLE


def test_a_name_server_that_does_not_answer_holds_nobody_up(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    released = threading.Event()

    def hang(*_: object, **__: object) -> list[object]:
        released.wait(20)
        return []

    monkeypatch.setattr(socket, "getaddrinfo", hang)
    try:
        began = time.monotonic()
        assert failure("https://nobody.invalid/x", way=Way()).fault is FetchFault.TIMEOUT
        assert time.monotonic() - began < 8
    finally:
        released.set()


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1/x", "file:///etc/passwd", "https://user@host/x", "https://host/x?a=1",
        "https://host/x#a", "ftp://host/x", "", "https://", f"https://host/{'a' * 300}",
    ],
)  # fmt: skip
def test_only_plain_https_addresses_are_fetched(url: str) -> None:
    assert failure(url, way=Way()).fault is FetchFault.ADDRESS


def test_the_environment_sends_nobody_through_a_proxy(
    partner: Partner, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Partner({}) as proxy:
        for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
            monkeypatch.setenv(name, proxy.address)
        assert fetch(f"{partner.address}list.json", way=HTTP).data == FILE
        assert proxy.hits == []
        # One that is configured is used: it is asked for the whole address.
        through = Way(allow_http=True, proxy=proxy.address)
        assert failure("http://far.example/x", way=through).fault is FetchFault.STATUS
        assert proxy.hits == ["http://far.example/x"]


@pytest.mark.parametrize("over", [0, 1])
def test_headers_are_bounded(partner: Partner, over: int) -> None:
    with Partner({"list.json": FILE}) as server:
        came = fetch(f"{server.address}list.json", way=HTTP)
        plain = sum(len(f"{name}: {value}\r\n") for name, value in _headers(came, server))
        padding = limits.MAX_FETCH_HEADER_BYTES - plain - len("X-Pad: \r\n") + over
        server.more = (f"X-Pad: {'x' * padding}",)
        (result,) = fetch_all(
            [Request(f"{server.address}list.json")], way=HTTP, bounds=QUICK, pause=no_pause
        )
    assert isinstance(result, FetchError if over else Fetched), result


def _headers(came: Fetched, server: Partner) -> list[tuple[str, str]]:
    assert came.data is not None
    return [
        ("Content-Type", "application/json"), ("Connection", "close"),
        ("Content-Length", str(len(came.data))), ("ETag", came.etag or ""),
    ]  # fmt: skip


def test_no_more_are_fetched_at_once_than_the_limit() -> None:
    count = limits.MAX_FETCHES_AT_ONCE + 3
    with Partner({str(number): FILE for number in range(count)}) as server:
        server.delay = 0.3
        urls = [Request(f"{server.address}{number}") for number in range(count)]
        results = fetch_all(urls, way=HTTP)
        assert server.most_at_once <= limits.MAX_FETCHES_AT_ONCE
    assert all(isinstance(result, Fetched) for result in results)
    assert len(results) == count


def test_a_certificate_is_checked_against_the_system_or_the_file_that_was_configured(
    tmp_path: Path,
) -> None:
    certificate, key = self_signed(tmp_path, "127.0.0.1")
    with Partner({"list.json": FILE}, tls=(certificate, key)) as server:
        url = server.address.replace("http://", "https://") + "list.json"
        assert failure(url, way=Way()).fault is FetchFault.UNREACHABLE
        assert fetch(url, way=Way(ca_file=str(certificate))).data == FILE
