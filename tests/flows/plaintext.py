"""Looks for secrets in files, in every form in which a program might have written them."""

from __future__ import annotations

import base64
import json
import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

# Shorter forms would be found by chance in a few megabytes of ciphertext.
MIN_FORM_BYTES = 6
_ZEROS = re.compile(rb"\0{1024,}")
_FEWER = bytes(1024)
_CHUNK = 16 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Found:
    """A secret in a file.

    Attributes:
        secret: Its name, never itself: this is printed.
        form: How it was written.
        file: Where.
    """

    secret: str
    form: str
    file: str


def forms(secret: bytes) -> Iterator[tuple[str, bytes]]:
    """Yield every form of a secret with its name; text also as text."""
    yield "raw", secret
    yield "hex", secret.hex().encode()
    yield "HEX", secret.hex().upper().encode()
    yield from _base64("base64", secret)
    try:
        text = secret.decode("utf-8")
    except UnicodeDecodeError:
        return
    for encoding in ("utf-16-le", "utf-16-be", "gb18030"):
        encoded = text.encode(encoding)
        if encoded != secret:
            yield encoding, encoded
    for name, escaped in (
        ("json", json.dumps(text)[1:-1]),
        ("JSON", "".join(f"\\u{ord(one):04X}" if ord(one) > 126 else one for one in text)),
        ("percent", quote(text)),
        ("python", repr(secret)[2:-1]),
    ):
        if escaped.encode() != secret:
            yield name, escaped.encode()
    yield from _base64("base64 of utf-16", text.encode("utf-16-le"))


def _base64(name: str, secret: bytes) -> Iterator[tuple[str, bytes]]:
    """Yield base64 of a secret that stands anywhere within what is encoded, both alphabets."""
    for shift in range(3):
        encoded = base64.b64encode(bytes(shift) + secret)
        # Characters that also depend on what stands before or after are left out.
        begin, end = -(-8 * shift // 6), (8 * (shift + len(secret))) // 6
        inner = encoded[begin:end]
        yield f"{name}+{shift}", inner
        urlsafe = inner.replace(b"+", b"-").replace(b"/", b"_")
        if urlsafe != inner:
            yield f"{name}url+{shift}", urlsafe


def search(files: Iterable[Path], secrets: Mapping[str, bytes]) -> list[Found]:
    """Return every form of every secret that stands in one of the files."""
    wanted = [
        (name, form, pattern) for name, secret in secrets.items() for form, pattern in forms(secret)
    ]
    assert wanted, "nothing to look for"
    short = [(name, form) for name, form, pattern in wanted if len(pattern) < MIN_FORM_BYTES]
    assert not short, f"too short to be looked for: {short}"
    found = []
    for file in files:
        for data in _chunks(file, max(len(pattern) for _, _, pattern in wanted)):
            found += [
                Found(name, form, str(file)) for name, form, pattern in wanted if pattern in data
            ]
    return found


def _chunks(path: Path, overlap: int) -> Iterator[bytes]:
    try:
        with path.open("rb") as file:
            before = b""
            while data := file.read(_CHUNK):
                # Most of a database's files is zeros.
                yield _ZEROS.sub(_FEWER, before + data)
                before = data[-overlap:]
    except FileNotFoundError:
        return  # a temporary file of a server that has gone since


def files_below(folder: Path) -> list[Path]:
    """Return all regular files below a folder."""
    return [path for path in folder.rglob("*") if path.is_file() and not path.is_symlink()]


def files_open_in(process: int) -> list[Path]:
    """Return what a process has open and could have written, deleted files among it."""
    found = []
    for link in Path(f"/proc/{process}/fd").iterdir():
        try:
            flags = int(Path(f"/proc/{process}/fdinfo/{link.name}").read_text().split()[3], 8)
            if link.is_file() and flags & os.O_ACCMODE != os.O_RDONLY:
                found.append(link)
        except FileNotFoundError:
            continue
    return found
