"""A hall: the service over a real workspace, and a real Chromium in front of it."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest

import ecert
from ecert.service.serve import application
from ecert.store.tokens import SQLTokens
from ecert.wallet.vault import CHEAPEST
from ecert.workspace import Workspace
from ecert.workspace.access import Role, new_token
from tests.conftest import ROOT
from tests.online.server import serving

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, BrowserContext, Page, Playwright

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
# Kept in git's shadow, for people to look at.
PICTURES = Path(os.environ.get("ECERT_SCREENSHOTS") or ROOT / "out" / "screenshots")
AT = datetime(2026, 11, 22, 2, tzinfo=UTC)
PASSPHRASE = "a passphrase"
NUMBER = "510681199003071237"
FLAGS = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--use-fake-ui-for-media-stream", "--use-fake-device-for-media-stream",
)  # fmt: skip


def keep_picture(page: Page, name: str, *, full_page: bool = True) -> None:
    """Keep a screenshot."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=PICTURES / f"{name}.png", full_page=full_page)


def clock() -> datetime:
    """Return the time that everybody has."""
    return AT


@dataclass
class Hall:
    """Everybody who takes part."""

    guangan: Workspace
    wallet: ecert.Wallet
    licence: ecert.Licence
    address: str
    token: str
    folder: Path

    def code(self, **how: Any) -> str:
        """Make a fresh show code of the licence."""
        return self.wallet.show(self.licence.id, **how).text

    def revoke(self) -> None:
        """Revoke the licence in Guang'an."""
        self.guangan.issuer.revoke(self.licence.id, reason="违法", document="样例〔2026〕9号")

    def sync(self) -> None:
        """Bring the window's lists up to date, as another program would."""
        with Workspace.open(self.folder / "chongqing", clock=clock) as other:
            other.accept_bundle(self.guangan.bundle().to_bytes())


@pytest.fixture(scope="session")
def _made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str, ecert.Licence]:
    """Two workspaces, a wallet and a clerk's token; made once, and copied for each test."""
    folder = tmp_path_factory.mktemp("hall")
    with (
        Workspace.init(
            folder / "guangan", region="511600", name="四川省广安市公安局", demo=True, clock=clock
        ) as guangan,
        Workspace.init(
            folder / "chongqing", region="500000", name="重庆市政务服务中心3号窗口", demo=True,
            clock=clock,
        ) as chongqing,
    ):  # fmt: skip
        licence = guangan.issuer.issue(
            "机动车驾驶证", number=NUMBER, holder=ecert.Holder("张伟", NUMBER),
            fields={"准驾车型": "C1"}, valid_until=date(2031, 6, 1),
        )  # fmt: skip
        wallet = ecert.Wallet.create(folder / "zhang.wallet", PASSPHRASE, kdf=CHEAPEST, clock=clock)
        wallet.add(guangan.issuer.deliver(licence.id, wallet.request(guangan.issuer.nonce())))
        chongqing.accept_bundle(guangan.bundle().to_bytes())
        chongqing.knowledge.accept(ecert.fixture("川渝互认清单"))
        token, kept = new_token(
            Role.CLERK, "3号窗口", created=AT - timedelta(minutes=1), expires=AT + timedelta(days=1)
        )
        SQLTokens(chongqing.engine).add(kept)
        # The window has a number to show, and keeps receipts.
        chongqing.receipts.new_key(lambda: PASSPHRASE)
        replace(chongqing.settings, window=3, receipts="on").write(folder / "chongqing")
    return folder, token, licence


@pytest.fixture
def hall(_made: tuple[Path, str, ecert.Licence], tmp_path: Path) -> Iterator[Hall]:
    """Guang'an has issued, Chongqing's window serves; the list recognises driving licences."""
    folder, token, licence = _made
    shutil.copytree(folder, tmp_path, dirs_exist_ok=True)
    app = application(Workspace.open(tmp_path / "chongqing", clock=clock), clock=clock)
    wallet = ecert.Wallet.open(tmp_path / "zhang.wallet", PASSPHRASE, clock=clock)
    with Workspace.open(tmp_path / "guangan", clock=clock) as guangan, serving(app) as url:
        yield Hall(guangan, wallet, licence, f"{url}/", token, tmp_path)


def require_chromium() -> str:
    """Return where Chromium is; skip without it, or fail where it has to be."""
    if CHROMIUM is None:
        if os.environ.get("CI"):
            pytest.fail("CI has no Chromium")
        pytest.skip("Chromium is not installed")
    return CHROMIUM


@pytest.fixture
def playwright() -> Iterator[Playwright]:
    """Playwright; not for longer than a test, for while it runs its thread has an event loop."""
    require_chromium()
    from playwright.sync_api import sync_playwright

    with sync_playwright() as started:
        yield started


@pytest.fixture(scope="session")
def chromium(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """One Chromium without a head for all tests; gives the address of its own protocol."""
    profile = tmp_path_factory.mktemp("chromium")
    command = [
        require_chromium(), "--headless=new", "--remote-debugging-port=0",
        f"--user-data-dir={profile}", *FLAGS, "about:blank",
    ]  # fmt: skip
    told = profile / "DevToolsActivePort"
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as running:
        try:
            for _ in range(600):
                if told.exists() and len(told.read_text().splitlines()) == 2:
                    break
                time.sleep(0.05)
            yield f"http://127.0.0.1:{told.read_text().splitlines()[0]}"
        finally:
            running.terminate()


@pytest.fixture
def browser(playwright: Playwright, chromium: str) -> Iterator[Browser]:
    """Chromium without a head: the one of all tests, each in contexts of its own."""
    connected = playwright.chromium.connect_over_cdp(chromium)
    yield connected
    connected.close()


_PASTE = """(text) => {
    const data = new DataTransfer();
    data.setData("text", text);
    document.body.dispatchEvent(
        new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true }));
}"""


@dataclass
class Clerk:
    """A clerk at the page, and what the browser did behind it."""

    page: Page
    context: BrowserContext
    requests: list[str]
    faults: list[str]

    def scan(self, keys: str, *, delay: float = 2, end: str = "Enter") -> None:
        """Type as a scanner does, wherever the focus is."""
        self.page.keyboard.type(keys, delay=delay)
        if end:
            self.page.keyboard.press(end)

    def paste(self, text: str) -> None:
        """Paste, which is quicker where scanning is not the question."""
        self.page.evaluate(_PASTE, text)

    def outcome(self, expected: str) -> str:
        """Wait for a verdict, and return the result's text."""
        box = self.page.locator("#result")
        self.page.wait_for_selector(f"#result.{expected} .head", timeout=10_000)
        return box.inner_text()


@pytest.fixture
def clerk(browser: Browser, hall: Hall) -> Iterator[Clerk]:
    """A clerk who has signed in."""
    context = browser.new_context(viewport={"width": 1366, "height": 768}, permissions=["camera"])
    page = context.new_page()
    requests: list[str] = []
    faults: list[str] = []
    page.on("request", lambda one: requests.append(one.url))
    page.on("pageerror", lambda one: faults.append(str(one)))
    page.on("console", lambda one: faults.append(one.text) if one.type == "error" else None)
    page.goto(hall.address)
    page.fill("#token", hall.token)
    page.click("#sign-in button")
    page.wait_for_selector("#desk:not([hidden])")
    faults.clear()  # the page asks who is signed in before anybody is, and Chromium notes the 401
    yield Clerk(page, context, requests, faults)
    # Of every flow, and not of one test alone: no request leaves the machine.
    assert {urlsplit(one).netloc for one in requests if not one.startswith(("data:", "blob:"))} == {
        urlsplit(hall.address).netloc
    }
    context.close()
