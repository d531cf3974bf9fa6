"""The clerk's page in a real browser: from Enter to the answer, and from a key to the matters."""

from __future__ import annotations

import logging
import shutil
import statistics
import sys
import tempfile
import threading
import time
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import guangan_matters
import uvicorn
from playwright.sync_api import sync_playwright
from report import Report

import ecert
from ecert.clock import system_clock
from ecert.service.serve import application
from ecert.store.tokens import SQLTokens
from ecert.wallet.vault import CHEAPEST
from ecert.workspace import Workspace
from ecert.workspace.access import Role, new_token

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Page

SCANS = 20
MATTER = "机动车业务"
NUMBER = "510681199003071237"
WORDS = ("驾驶证", "食品经营许可证", "jdcjsz", "511602000", "图书馆借书证年审", "样例04")
# Both ends are seen by the page itself: the key, and the frame after the answer was drawn.
WATCH = """() => {
    window.times = [];
    let begun = 0;
    document.addEventListener("keydown", (event) => {
        if (event.key === "Enter") begun = performance.now();
    }, true);
    document.addEventListener("input", () => { begun = performance.now(); }, true);
    const seen = () => requestAnimationFrame(() => {
        if (begun) window.times.push(performance.now() - begun);
        begun = 0;
    });
    new MutationObserver(() => { if (document.querySelector("#result .head")) seen(); })
        .observe(document.getElementById("result"), { childList: true });
    new MutationObserver(() => { if (document.querySelector("[role=option]")) seen(); })
        .observe(document.getElementById("matter-list"), { childList: true });
}"""


def main() -> None:
    """Measure and report."""
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if chromium is None:
        sys.exit("Chromium is not installed")
    logging.disable(logging.CRITICAL)  # the service notes that nobody is signed in at first
    report = Report("page", "The clerk's page in Chromium", cores=2)
    with tempfile.TemporaryDirectory() as folder:
        address, token, code = _hall(Path(folder))
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(
                executable_path=chromium, args=["--no-sandbox", "--disable-gpu"]
            )
            page = browser.new_page(viewport={"width": 1366, "height": 768})
            page.goto(address)
            page.fill("#token", token)
            page.click("#sign-in button")
            page.wait_for_selector("#desk:not([hidden])")
            scans, words = _scans(page, code), _words(page)
            browser.close()
    report.write(
        "| | median, ms | slowest, ms | times |", "|---|---|---|---|",
        _row("Enter → answer on the screen (a receipt is kept)", scans),
        _row(f"a key → matters found among {guangan_matters.MATTERS:,}", words),
        "", "The second holds the 60 ms that the page waits for the next key.", "",
    )  # fmt: skip
    report.finish()


def _row(name: str, times: list[float]) -> str:
    return f"| {name} | {statistics.median(times):.0f} | {max(times):.0f} | {len(times)} |"


def _scans(page: Page, code: Callable[[], str]) -> list[float]:
    page.fill("#matter", MATTER)
    page.evaluate(WATCH)
    for _ in range(SCANS):
        page.keyboard.press("Escape")
        page.keyboard.type(code(), delay=2)
        page.keyboard.press("Enter")
        page.wait_for_selector("#result .head", timeout=5_000)
        if not page.locator("#result.accepted").count():
            sys.exit(f"not accepted: {page.locator('#result').inner_text()}")
        page.wait_for_timeout(50)
    times: list[float] = page.evaluate("window.times.splice(0)")
    return times


def _words(page: Page) -> list[float]:
    for word in WORDS:
        page.fill("#matter", "")
        page.focus("#matter")
        # As quick as people type; every pause brings an answer.
        page.keyboard.type(word, delay=180)
        page.wait_for_timeout(400)
    times: list[float] = page.evaluate("window.times.splice(0)")
    return times


def _hall(folder: Path) -> tuple[str, str, Callable[[], str]]:
    at = system_clock()
    with (
        Workspace.init(
            folder / "g", region="511600", name="四川省广安市公安局", demo=True
        ) as police,
        Workspace.init(folder / "c", region="500000", name="3号窗口", demo=True) as window,
    ):
        licence = police.issuer.issue(
            "机动车驾驶证", number=NUMBER, holder=ecert.Holder("张伟", NUMBER),
            fields={"准驾车型": "C1"}, valid_until=date(2036, 6, 1),
        )  # fmt: skip
        wallet = ecert.Wallet.create(folder / "w", "a passphrase", kdf=CHEAPEST)
        wallet.add(police.issuer.deliver(licence.id, wallet.request(police.issuer.nonce())))
        window.accept_bundle(police.bundle().to_bytes())
        window.knowledge.accept(ecert.fixture("川渝互认清单"))
        text, kept = new_token(Role.CLERK, "3号窗口", created=at, expires=at + timedelta(days=1))
        SQLTokens(window.engine).add(kept)
        window.receipts.new_key(lambda: "")
        guangan_matters.write(folder / "matters.csv")
        window.matters.import_table(folder / "matters.csv", others_are_paper=True)
    settings = folder / "c" / "ecert.toml"
    settings.write_text(settings.read_text("utf-8") + 'receipts = "on"\n', "utf-8")
    return _serve(folder / "c"), text, lambda: wallet.show(licence.id).text


def _serve(folder: Path) -> str:
    options: dict[str, Any] = {"port": 0, "log_config": None, "access_log": False}
    server = uvicorn.Server(uvicorn.Config(application(Workspace.open(folder)), **options))
    threading.Thread(target=server.run, daemon=True).start()
    while not server.started:
        time.sleep(0.02)
    port = server.servers[0].sockets[0].getsockname()[1]
    return f"http://127.0.0.1:{port}/"


if __name__ == "__main__":
    main()
