"""Give a virtual environment its pip where Python came without ensurepip.

Debian and its kin split ensurepip off into python3-venv.  Tried in turn: another pip on this
machine, a wheel of pip on its disk, the package index that pip is configured for, Debian's
own package of the wheel.  No index is named here: it is an office's own choice (PIP_INDEX_URL
or pip.conf), and no default is assumed.
"""

from __future__ import annotations

import configparser
import hashlib
import os
import re
import ssl
import subprocess
import sys
import tempfile
import urllib.parse
import urllib.request
from html.parser import HTMLParser
from pathlib import Path
from typing import NamedTuple

SHELF = Path("usr/share/python-wheels")  # Debian's python3-pip-whl puts it here
NAME = re.compile(r"pip-(\d+(?:\.\d+)*)-py3-none-any\.whl")
MAX_BYTES = 16 * 1024 * 1024
SECONDS = 60


class NoPipError(Exception):
    """Pip could not be had; the text says what was tried and what to do."""


class Offer(NamedTuple):
    """One wheel that an index offers."""

    version: tuple[int, ...]
    url: str
    sha256: str


def provide(python: Path) -> None:
    """Install pip into the environment of ``python``.

    Raises:
        NoPipError: No way led to a pip.
    """
    tried = []
    for way in (from_other_pip, from_disk, from_index, from_debian):
        try:
            way(python)
        except (NoPipError, OSError, subprocess.CalledProcessError) as error:
            tried.append(f"  {way.__name__}: {error}")
        else:
            return
    raise NoPipError(
        "没有 pip。请安装 python3-venv，或用 PIP_INDEX_URL 指定软件包索引 / "
        "There is no pip. Install python3-venv, or name a package index in PIP_INDEX_URL\n"
        + "\n".join(tried)
    )


def from_other_pip(python: Path) -> None:
    """Let the pip of the Python that runs this install one there (pip 22.3 or newer)."""
    pip = [sys.executable, "-m", "pip", "--python", str(python)]
    _quietly(*pip, "--disable-pip-version-check", "install", "pip")


def from_disk(python: Path, root: Path = Path("/")) -> None:
    """Install from a wheel that lies below ``root``."""
    wheels = sorted((root / SHELF).glob("pip-*.whl"))
    if not wheels:
        raise NoPipError(f"no pip wheel in {root / SHELF}")
    _install(python, wheels[-1])


def from_debian(python: Path) -> None:
    """Unpack Debian's package of the wheel, as any user; apt checks its signature."""
    with tempfile.TemporaryDirectory() as folder:
        try:
            _quietly("apt-get", "download", "python3-pip-whl", cwd=folder)
        except NoPipError:
            _quietly("apt-get", "update")  # a bare machine has no package lists; needs root
            _quietly("apt-get", "download", "python3-pip-whl", cwd=folder)
        (package,) = Path(folder).glob("*.deb")
        _quietly("dpkg-deb", "--extract", str(package), folder)
        from_disk(python, Path(folder))


def from_index(python: Path) -> None:
    """Fetch the newest wheel from the configured index; the hash it gives must fit."""
    offer = choose(_fetch(f"{configured_index().rstrip('/')}/pip/"))
    with tempfile.TemporaryDirectory() as folder:
        wheel = Path(folder) / Path(urllib.parse.urlsplit(offer.url).path).name
        content = _fetch(offer.url).body
        if hashlib.sha256(content).hexdigest() != offer.sha256:
            raise NoPipError(f"{wheel.name} does not have the hash that the index gives")
        wheel.write_bytes(content)
        _install(python, wheel)


def configured_index() -> str:
    """Return the index that pip would use: the environment first, then pip's own files."""
    if os.environ.get("PIP_INDEX_URL"):
        return os.environ["PIP_INDEX_URL"]
    settings = configparser.RawConfigParser()
    files = [Path("/etc/pip.conf"), Path("~/.pip/pip.conf"), Path("~/.config/pip/pip.conf")]
    named = os.environ.get("PIP_CONFIG_FILE")
    settings.read([*(file.expanduser() for file in files), *([named] if named else [])])
    for section in ("install", "global"):
        if settings.has_option(section, "index-url"):
            return settings.get(section, "index-url")
    raise NoPipError("no package index is configured")


class Page(NamedTuple):
    """A fetched page, and where it was in the end."""

    url: str
    body: bytes


class _Links(HTMLParser):
    """Collect the links of a simple index page (PEP 503)."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[dict[str, str | None]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Keep the attributes of every ``<a>``."""
        if tag == "a":
            self.found.append(dict(attrs))


def choose(page: Page) -> Offer:
    """Choose the newest wheel that is not yanked, has a SHA-256 and runs on this Python."""
    links = _Links()
    links.feed(page.body.decode("utf-8"))
    offers = []
    for link in links.found:
        url, _, fragment = urllib.parse.urljoin(page.url, link.get("href") or "").partition("#")
        name = NAME.fullmatch(urllib.parse.urlsplit(url).path.rpartition("/")[2])
        needs = re.search(r">=\s*3\.(\d+)", link.get("data-requires-python") or "")
        too_new = needs is not None and int(needs[1]) > sys.version_info.minor
        if name and fragment.startswith("sha256=") and "data-yanked" not in link and not too_new:
            version = tuple(int(part) for part in name[1].split("."))
            offers.append(Offer(version, url, fragment.removeprefix("sha256=")))
    if not offers:
        raise NoPipError("the index offers no wheel of pip with a SHA-256")
    return max(offers)


def _fetch(url: str) -> Page:
    request = urllib.request.Request(url, headers={"Accept": "text/html, */*;q=0.1"})  # noqa: S310
    trust = ssl.create_default_context(cafile=os.environ.get("PIP_CERT"))
    with urllib.request.urlopen(request, timeout=SECONDS, context=trust) as answer:  # noqa: S310
        body = answer.read(MAX_BYTES + 1)
        if len(body) > MAX_BYTES:
            raise NoPipError(f"more than {MAX_BYTES} bytes")
        return Page(answer.url, body)


def _install(python: Path, wheel: Path) -> None:
    # A wheel of pip runs from within itself.
    own = [str(python), str(wheel / "pip"), "install", "--no-index", "--no-deps", str(wheel)]
    _quietly(*own)


def _quietly(*command: str, cwd: str | None = None) -> None:
    done = subprocess.run(command, cwd=cwd, check=False, capture_output=True)
    if done.returncode != 0:
        last = done.stderr.decode(errors="replace").strip().rpartition("\n")[2]
        raise NoPipError(f"{command[0]}: {last}")
