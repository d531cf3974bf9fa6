"""A partner's server that misbehaves in one chosen way, on this machine alone.

Raw sockets, because no web server sends what is sent here.  Bounded: it serves a number of
connections and a number of seconds, and ends.
"""

from __future__ import annotations

import gzip
import socket
import ssl
import threading
import time
from contextlib import suppress
from enum import StrEnum
from typing import TYPE_CHECKING, Final, Self

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

SECONDS: Final = 20.0
"""Longest life of one connection: longer than any deadline that is tested."""
CONNECTIONS: Final = 200
ENDLESS: Final = 64 * 1024 * 1024
"""Where even `Mode.ENDLESS` ends."""


class Mode(StrEnum):
    """What the server does instead of serving the file."""

    OK = "ok"
    TRUNCATED = "truncated"
    TRUNCATED_CHUNKED = "truncated-chunked"
    EARLY_CLOSE = "early-close"
    ERROR_500 = "500"
    NOT_FOUND = "404-html"
    WRONG_TYPE = "wrong-type"
    CAPTIVE_PORTAL = "captive-portal"
    REDIRECT_LOOP = "redirect-loop"
    REDIRECT_ELSEWHERE = "redirect-elsewhere"
    REDIRECT_FILE = "redirect-file"
    GZIP_BOMB = "gzip-bomb"
    ENDLESS = "endless"
    DRIP = "drip"
    SLOW_HEADERS = "slow-headers"
    HANG = "hang"
    MANY_HEADERS = "5000-headers"
    RESET = "reset"
    TLS_BYTES = "tls-bytes"
    BOM = "bom"
    STALE = "stale"


class Partner:
    """Serves ``files`` by path at `address`, in the manner of `mode`.

    Attributes:
        mode: May be changed at any time.
        elsewhere: Where redirects lead.
        hits: Paths asked for, in their order.
        sent: Bytes of content handed to the network.
        stale: What `Mode.STALE` serves.
        more: Further header lines of a good answer.
        delay: Seconds before each answer.
        most_at_once: Most requests that waited for an answer together.
    """

    def __init__(
        self,
        files: Mapping[str, bytes] | None = None,
        mode: Mode = Mode.OK,
        tls: tuple[Path, Path] | None = None,
    ) -> None:
        self.files = dict(files or {})
        self.stale: dict[str, bytes] = {}
        self.mode = mode
        self.elsewhere = "http://127.0.0.1:9/"
        self.hits: list[str] = []
        self.headers: list[str] = []
        self.sent = 0
        self.more: tuple[str, ...] = ()
        self.most_at_once = 0
        self.delay = 0.0
        self._unanswered = 0
        self._lock = threading.Lock()
        self._tls: ssl.SSLContext | None = None
        if tls is not None:
            self._tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self._tls.load_cert_chain(*tls)
        self._over = threading.Event()
        self._threads: list[threading.Thread] = []
        self._listening = socket.create_server(("127.0.0.1", 0))
        self._listening.settimeout(0.05)

    @property
    def address(self) -> str:
        """Where it listens, with a slash at the end."""
        return f"http://127.0.0.1:{self._listening.getsockname()[1]}/"

    def __enter__(self) -> Self:
        self._start(self._serve)
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        for thread in self._threads:
            thread.join(SECONDS)
        self._listening.close()

    def _start(self, what: Callable[..., None], *arguments: object) -> None:
        thread = threading.Thread(target=what, args=arguments, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _serve(self) -> None:
        for _ in range(CONNECTIONS):
            while not self._over.is_set():
                with suppress(TimeoutError):
                    connection, _ = self._listening.accept()
                    self._start(self._answer, connection)
                    break
            if self._over.is_set():
                return

    def _answer(self, connection: socket.socket) -> None:
        with suppress(OSError), connection:
            connection.settimeout(SECONDS)
            if self._tls is None:
                self._serve_one(connection)
                return
            with self._tls.wrap_socket(connection, server_side=True) as wrapped:
                self._serve_one(wrapped)

    def _serve_one(self, connection: socket.socket) -> None:
        asked = b""
        while b"\r\n\r\n" not in asked:
            got = connection.recv(4096)
            if not got:
                return
            asked += got
        head, body = (part.decode("latin-1") for part in asked.split(b"\r\n\r\n", 1))
        # A connection closed on unread bytes is reset, and the answer may be lost with it.
        left = _announced(head) - len(body)
        while left > 0 and (got := connection.recv(min(left, 4096))):
            left -= len(got)
        path = head.split(" ", 2)[1].lstrip("/")
        with self._lock:
            self.hits.append(path)
            self.headers.append(head)
            self._unanswered += 1
            self.most_at_once = max(self.most_at_once, self._unanswered)
        self._over.wait(self.delay)
        with self._lock:
            self._unanswered -= 1
        self._respond(connection, path, head)

    # -- manners ------------------------------------------------------------------------------

    def _respond(self, out: socket.socket, path: str, head: str) -> None:
        data = self.files.get(path)
        if data is None and self.mode in {Mode.OK, Mode.STALE}:
            self._send(out, "404 Not Found", b"<html>no</html>", "text/html")
            return
        data = data or b"{}"
        manner = getattr(self, "_" + self.mode.name.lower(), None)
        if manner is not None:
            manner(out, data)
        elif self.mode is Mode.STALE:
            self._send(out, "200 OK", self.stale.get(path, data))
        else:
            self._whole(out, data, head)

    def _send(
        self, out: socket.socket, status: str, data: bytes, kind: str = "application/json",
        *more: str, length: int | None = None,
    ) -> None:  # fmt: skip
        lines = [
            f"HTTP/1.1 {status}", f"Content-Type: {kind}", "Connection: close",
            f"Content-Length: {len(data) if length is None else length}", *more,
        ]  # fmt: skip
        out.sendall("\r\n".join([*lines, "", ""]).encode() + data)
        self.sent += len(data)

    def _whole(self, out: socket.socket, data: bytes, head: str) -> None:
        etag = f'"{hash(data) & 0xFFFFFFFF:x}"'
        if f"if-none-match: {etag}" in head.lower():
            out.sendall(b"HTTP/1.1 304 Not Modified\r\nConnection: close\r\n\r\n")
            return
        self._send(out, "200 OK", data, "application/json", f"ETag: {etag}", *self.more)

    def _truncated(self, out: socket.socket, data: bytes) -> None:
        self._send(out, "200 OK", data[: len(data) // 2], length=len(data))

    def _truncated_chunked(self, out: socket.socket, data: bytes) -> None:
        half = data[: len(data) // 2]
        out.sendall(
            b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
            b"Transfer-Encoding: chunked\r\n\r\n" + f"{len(data):x}\r\n".encode() + half
        )

    def _early_close(self, out: socket.socket, data: bytes) -> None:
        # Without a length nobody can tell that this is not all: only the signature does.
        out.sendall(
            b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\n\r\n"
            + data[: len(data) // 2]
        )

    def _error_500(self, out: socket.socket, _: bytes) -> None:
        self._send(out, "500 Internal Server Error", b"oops", "text/plain")

    def _not_found(self, out: socket.socket, _: bytes) -> None:
        self._send(out, "404 Not Found", b"<html>404</html>", "text/html")

    def _wrong_type(self, out: socket.socket, data: bytes) -> None:
        self._send(out, "200 OK", data, "image/png")

    def _captive_portal(self, out: socket.socket, _: bytes) -> None:
        self._send(out, "200 OK", "<html>请登录</html>".encode(), "text/html; charset=utf-8")

    def _redirect(self, out: socket.socket, to: str) -> None:
        self._send(out, "302 Found", b"", "text/html", f"Location: {to}")

    def _redirect_loop(self, out: socket.socket, _: bytes) -> None:
        self._redirect(out, self.address)

    def _redirect_elsewhere(self, out: socket.socket, _: bytes) -> None:
        self._redirect(out, self.elsewhere)

    def _redirect_file(self, out: socket.socket, _: bytes) -> None:
        self._redirect(out, "file:///etc/passwd")

    def _gzip_bomb(self, out: socket.socket, _: bytes) -> None:
        bomb = gzip.compress(bytes(64 * 1024 * 1024), 9)
        self._send(out, "200 OK", bomb, "application/json", "Content-Encoding: gzip")

    def _endless(self, out: socket.socket, _: bytes) -> None:
        out.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n")
        block = bytes(64 * 1024)
        while self.sent < ENDLESS and not self._over.is_set():
            out.sendall(block)
            self.sent += len(block)

    def _slowly(self, out: socket.socket, text: bytes) -> None:
        end = time.monotonic() + SECONDS
        for byte in text * 1000:
            if self._over.wait(0.1) or time.monotonic() > end:
                return
            out.sendall(bytes([byte]))

    def _drip(self, out: socket.socket, data: bytes) -> None:
        out.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n")
        self._slowly(out, data)

    def _slow_headers(self, out: socket.socket, _: bytes) -> None:
        out.sendall(b"HTTP/1.1 200 OK\r\n")
        self._slowly(out, b"X-A: b\r\n")

    def _hang(self, _out: socket.socket, _: bytes) -> None:
        self._over.wait(SECONDS)

    def _many_headers(self, out: socket.socket, data: bytes) -> None:
        more = [f"X-Header-{number:05d}: {'x' * 20}" for number in range(5000)]
        self._send(out, "200 OK", data, "application/json", *more)

    def _reset(self, out: socket.socket, _: bytes) -> None:
        out.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\x00\x00\x00\x00\x00\x00\x00")

    def _tls_bytes(self, out: socket.socket, _: bytes) -> None:
        out.sendall(b"\x16\x03\x03\x00\x2a\x02\x00\x00\x26" + bytes(38))

    def _bom(self, out: socket.socket, data: bytes) -> None:
        self._send(out, "200 OK", b"\xef\xbb\xbf" + data)


def _announced(head: str) -> int:
    """Return how long a request says that its content is."""
    for line in head.lower().split("\r\n"):
        if line.startswith("content-length:"):
            return int(line.partition(":")[2])
    return 0
