"""The pages of the hall's manager and of the auditor, in a real browser."""

from __future__ import annotations

import json
import os
import shutil
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import expect

import ecert
from ecert.service.serve import application
from ecert.store.hall import TallyKey, WindowSign
from ecert.store.tokens import SQLTokens
from ecert.workspace import Workspace
from ecert.workspace.access import Role, new_token
from ecert.workspace.settings import Settings
from tests.online.server import serving
from tests.pages.conftest import AT, PASSPHRASE, clock, keep_picture
from tests.pages.test_clerk import AXE, MATTER, NAUGHTY

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser, Page, ViewportSize

DAY = AT.date()


@dataclass
class Office:
    """The service of a hall that keeps receipts, and an auditor at a page of it."""

    workspace: Workspace
    page: Page
    address: str
    token: str
    copy: str
    requests: list[str]
    faults: list[str]

    def open(self, path: str) -> None:
        """Open a page and sign in."""
        self.page.goto(self.address + path)
        self.page.fill("#token", self.token)
        self.page.click("#sign-in button")
        self.page.wait_for_selector("#desk:not([hidden])")
        self.faults.clear()  # the page asks who is signed in before anybody is

    def picture(self, name: str) -> None:
        """Keep a screenshot, if somebody wants to look."""
        keep_picture(self.page, name)

    def axe(self) -> None:
        """Require that axe-core finds nothing."""
        if not AXE.exists():
            if os.environ.get("CI"):
                pytest.fail("CI has no axe-core")
            return
        self.page.evaluate(AXE.read_text("utf-8"))
        found = self.page.evaluate("axe.run().then((result) => result.violations)")
        assert [(one["id"], one["nodes"][0]["html"]) for one in found] == []


def _fill(workspace: Workspace, wallet: ecert.Wallet, licence: ecert.Licence) -> str:
    """Leave a day of tallies, a silent window, and receipts; return a case copy."""
    tokens = SQLTokens(workspace.engine)
    ids = []
    for name in ("1号窗口", "2号窗口"):
        _, kept = new_token(Role.CLERK, name, created=AT, expires=AT + timedelta(days=1))
        tokens.add(kept)
        ids.append(kept.id)
    rates = {
        ("accepted", "ok"): 9, ("not-recognised", "matter-not-covered"): 3,
        ("refused", "code-expired"): 2, ("undetermined", "status-stale"): 1,
    }  # fmt: skip
    workspace.hall.store.add(
        {
            TallyKey(DAY, hour, "政务大厅", token, *which): rate * (1 + (hour + place) % 5)
            for hour in (*range(9, 12), *range(14, 18))
            for place, token in enumerate(ids)
            for which, rate in rates.items()
        },
        at=AT,
    )
    slot, version = next(
        (slot, mark.version) for slot, mark in workspace.knowledge.in_force.items()
    )
    workspace.hall.store.sign(
        WindowSign(
            id="far", window="渝北分厅 7 号机", machine="yb-07", software="ecert", token=ids[0],
            started=AT - timedelta(days=3), seen=AT - timedelta(hours=5),
            synced=AT - timedelta(days=2), lists={slot: version - 1},
        )
    )  # fmt: skip
    check = workspace.checks.check(
        wallet.show(licence.id).text, matter=MATTER, case="渝办2026-0001", clerk="1号窗口"
    )
    workspace.checks.check(wallet.show(licence.id).text, matter="社会保险业务", clerk="2号窗口")
    return workspace.receipts.case_copy(check)


@pytest.fixture
def office(
    _made: tuple[Path, str, ecert.Licence], tmp_path: Path, browser: Browser
) -> Iterator[Office]:
    """A hall with a day behind it, and an auditor who has not signed in yet."""
    folder, _, licence = _made
    shutil.copytree(folder, tmp_path, dirs_exist_ok=True)
    window = tmp_path / "chongqing"
    replace(Settings.read(window), receipts="on").write(window)
    workspace = Workspace.open(window, clock=clock)
    wallet = ecert.Wallet.open(tmp_path / "zhang.wallet", PASSPHRASE, clock=clock)
    token, kept = new_token(Role.AUDITOR, "审计", created=AT, expires=AT + timedelta(days=1))
    SQLTokens(workspace.engine).add(kept)
    copy = _fill(workspace, wallet, licence)
    size: ViewportSize = {"width": 1366, "height": 1000}
    with (
        serving(application(workspace, clock=clock)) as url,
        browser.new_context(viewport=size, accept_downloads=True) as context,
    ):
        page = context.new_page()
        made = Office(workspace, page, f"{url}/", token, copy, [], [])
        page.on("request", lambda one: made.requests.append(one.url))
        page.on("pageerror", lambda one: made.faults.append(str(one)))
        page.on(
            "console", lambda one: made.faults.append(one.text) if one.type == "error" else None
        )
        yield made


def test_the_manager_sees_the_day_and_the_window_that_is_silent(office: Office) -> None:
    page = office.page
    office.open("hall")
    page.wait_for_selector("#plot svg")
    page.wait_for_selector("#windows table")
    office.picture("hall")
    alarm = page.locator("#alarm").inner_text()
    assert "渝北分厅 7 号机（yb-07）：失联 · 1 份比其他窗口旧" in alarm
    assert page.locator("#sums .all b").inner_text() == "525"
    assert page.locator("#plot svg").get_attribute("role") == "img"
    page.click("summary")
    row = page.locator("#hours tbody tr").nth(9).inner_text().split()
    assert row[0] == "09:00"
    assert int(row[-1]) == sum(map(int, row[1:-1])) > 0
    office.axe()
    page.select_option("#at-window", label="1号窗口 · 政务大厅")
    expect(page.locator("#sums .all b")).not_to_have_text("525")
    with page.expect_download() as download:
        page.click("#as-csv")
    assert download.value.suggested_filename == f"ecert-hall-{DAY}.csv"
    page.select_option("#day", "2026-11-21")
    page.wait_for_selector("#no-checks:not([hidden])")
    page.click("#language")
    assert "Silent" in page.locator("#windows").inner_text()
    office.picture("hall-en")
    assert office.faults == []
    assert {urlsplit(one).netloc for one in office.requests} == {urlsplit(office.address).netloc}


def test_the_auditor_finds_a_receipt_replays_it_and_checks_the_chain(
    office: Office, tmp_path: Path
) -> None:
    page = office.page
    office.open("receipts")
    page.wait_for_selector("#rows table")
    page.fill("#case", "渝办2026-0001")
    page.click("#ask button")
    expect(page.locator("#rows tbody tr")).to_have_count(1)
    page.click("#rows button")
    page.wait_for_selector("#one:not([hidden])")
    told = page.locator("#one-told").inner_text()
    for text in ("签名有效", "核验通过", "E000", "机动车驾驶证", "1号窗口", "渝办2026-0001"):
        assert text in told
    assert "张伟" not in told
    file = tmp_path / "case.jwt"
    file.write_text(office.copy)
    page.set_input_files("#copy", file)
    expect(page.locator("#replayed")).to_contain_text("case.jwt")
    page.click("#replay button[type=submit]")
    page.wait_for_selector("#replayed dl")
    assert "与回执一致" in page.locator("#replayed").inner_text()
    page.click("#check-now")
    page.wait_for_selector("#report .calm")
    assert "√ 核对一致：2 份回执" in page.locator("#report").inner_text()
    office.picture("receipts")
    office.axe()
    with page.expect_download() as download:
        page.click("#export")
    assert download.value.suggested_filename == "receipt-1.jwt"
    page.click("#language")
    assert "It" in page.locator("#one-told").inner_text()
    office.picture("receipts-en")
    assert office.faults == []
    assert {urlsplit(one).netloc for one in office.requests} == {urlsplit(office.address).netloc}


_LOOK = """([strings, boxes]) => {
    const told = boxes.map((id) => document.getElementById(id).textContent).join("");
    const lost = strings.filter((text) => !told.includes(text));
    const markup = boxes.flatMap((id) => Array.from(
        document.getElementById(id).querySelectorAll("script, img, iframe, a, input, style")));
    const most = document.documentElement.clientWidth;
    const wide = document.documentElement.scrollWidth <= most ? [] : Array.from(
        document.querySelectorAll("body *")).filter((one) => !one.closest(".tables"))
        .filter((one) => one.getBoundingClientRect().right > most)
        .map((one) => `${one.tagName}#${one.id}.${one.className} ${one.textContent.slice(0, 60)}`);
    return [lost, markup.length, wide.slice(0, 5), window.alerted || 0];
}"""


def _answer(page: Page, path: str, plain: dict[str, Any]) -> None:
    body = json.dumps(plain)
    page.route(
        lambda url: urlsplit(url).path == path,
        lambda route: route.fulfill(body=body, content_type="application/json"),
    )


def test_naughty_strings_stay_text(office: Office) -> None:
    if not NAUGHTY.exists():
        pytest.skip("the shared vectors are not here")
    strings = json.loads(NAUGHTY.read_text("utf-8"))
    page = office.page
    page.add_init_script("window.alert = () => { window.alerted = (window.alerted || 0) + 1; };")
    window = {"reported": True, "life": "silent", "well": False, "processes": 0, "behind": [],
              "seen": AT.isoformat(), "synced": None, "expired": False, "lists": 1}  # fmt: skip
    _answer(page, "/api/hall/windows", {
        "at": AT.isoformat(),
        "windows": [window | {"window": one, "machine": one} for one in strings],
    })  # fmt: skip
    day = {"day": str(DAY), "today": str(DAY), "first_day": str(DAY), "total": 1, "token": None,
           "hall": {"name": "x", "region_name": "x"}, "outcomes": {},
           "hours": [{}] * 24}  # fmt: skip
    _answer(page, "/api/hall/day", day | {
        "reasons": [{"outcome": one, "reason": one, "number": one, "zh": one, "en": one, "count": 1}
                    for one in strings],
        "tokens": [{"token": one, "name": one, "window": one, "outcomes": {}, "total": 1}
                   for one in strings],
    })  # fmt: skip
    office.open("hall")
    page.wait_for_selector("#windows table")
    for boxes in (["windows"], ["reasons"], ["counters"], ["alarm"]):
        assert page.evaluate(_LOOK, [strings, boxes]) == [[], 0, [], 0], boxes
    page.click("#sign-out")
    row = {"number": 1, "at": AT.isoformat(), "outcome": "refused", "licences": [],
           "damaged": False, "demo": False}  # fmt: skip
    reason = {"number": "E1", "reason": "x"}
    _answer(page, "/api/receipts", {"next": None, "receipts": [
        row | {"window": one, "case": one, "clerk": one, "matter": one,
               "reason": reason | {"zh": one, "en": one}}
        for one in strings
    ]})  # fmt: skip
    office.open("receipts")
    page.wait_for_selector("#rows table")
    assert page.evaluate(_LOOK, [strings, ["rows"]]) == [[], 0, [], 0]
    assert office.faults == []
