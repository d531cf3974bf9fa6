"""What a holder does at the page, on a telephone's screen in a real browser."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import expect

from ecert.show.scan import read
from tests.online.server import serving
from tests.operator import PIN, Operator

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, Page

MATTER = "机动车业务"
AXE = Path(__file__).parent.parent / "interop" / "node_modules" / "axe-core" / "axe.min.js"
NAUGHTY = Path(__file__).parents[3] / "shared" / "vectors" / "naughty-strings.json"
PICTURES = os.environ.get("ECERT_SCREENSHOTS")
WRONG = "904128"


@dataclass
class Holder:
    """A holder with a telephone, and the service behind it."""

    page: Page
    operator: Operator
    address: str
    requests: list[str] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)

    def enter(self, account: str = "zhang") -> None:
        """Come in by a link, as the app opens it."""
        self.page.goto(f"{self.address}/wallet#{self.operator.link(account)}")
        self.page.wait_for_selector("#list:not([hidden])")

    def pick(self, type_name: str = "机动车驾驶证") -> None:
        """Tap a licence on the list."""
        self.page.tap(f".licence:has-text('{type_name}')")
        self.page.wait_for_selector("#choose:not([hidden])")

    def show(self) -> None:
        """Tap on showing, and wait for the picture."""
        self.page.tap("#choose-form button[type=submit]")
        self.page.wait_for_selector("#code-picture[src]")

    def picture(self, name: str) -> None:
        """Keep a screenshot, if somebody wants to look."""
        if PICTURES:
            self.page.screenshot(path=Path(PICTURES) / f"holder-{name}.png", full_page=True)

    def scanned(self) -> str:
        """Read the code off the screen, as a window's camera does."""
        return read(self.page.screenshot())

    def pass_time(self, seconds: int) -> None:
        """Let time pass for the page and for everybody else."""
        self.operator.clock.go(seconds=seconds)
        self.page.clock.run_for(seconds * 1000)


@pytest.fixture
def operator(tmp_path: Path) -> Operator:
    """An app back end with two holders."""
    return Operator(tmp_path)


@pytest.fixture
def holder(browser: Browser, operator: Operator) -> Iterator[Holder]:
    """A holder who has not come in yet."""
    context = browser.new_context(
        viewport={"width": 360, "height": 740}, device_scale_factor=2, has_touch=True,
        is_mobile=True,
    )  # fmt: skip
    page = context.new_page()
    with serving(operator.app()) as address:
        made = Holder(page, operator, address)
        page.on("request", lambda one: made.requests.append(one.url))
        page.on("pageerror", lambda one: made.faults.append(str(one)))
        page.on(
            "console", lambda one: made.faults.append(one.text) if one.type == "error" else None
        )
        yield made
        context.close()


def test_from_the_link_to_the_window_and_the_log(holder: Holder) -> None:
    page, window = holder.page, holder.operator.window()
    page.clock.install()
    holder.enter()
    assert page.url == f"{holder.address}/wallet"  # the link is out of the address
    told = page.inner_text("#list")
    for text in (
        "张*",
        "一人一码",
        "机动车驾驶证",
        "四川省广安市公安局",
        "尾号 1237",
        "2031-06-01",
    ):
        assert text in told
    assert "510681199003071237" not in page.content()
    holder.picture("list")
    holder.pick()
    assert "对方将看到：姓名、号码后四位、准驾车型" in page.inner_text("#ways")
    page.tap("#matter-part summary")
    page.select_option("#region", "500000")
    page.tap(f"#matters button:has-text('{MATTER}')")
    expect(page.locator("#matter-told")).to_have_text(f"已按事项选好：{MATTER}")
    page.tap("#note-part summary")
    page.fill("#to", "重庆车管所3号窗口")
    page.fill("#challenge", "12482913")
    holder.picture("choose")
    holder.show()
    holder.picture("code")
    verdict = window.verify(holder.scanned(), matter=MATTER, challenge="12-482913")
    assert (verdict.reason.value, verdict.outcome.value) == ("ok", "accepted")
    assert verdict.licence.holders == (("张伟", "1237"),)
    # It is made anew before its life ends, and no code twice.
    holder.pass_time(45)
    first = page.get_attribute("#code-picture", "src")
    assert "5 秒后自动换新码" in page.inner_text("#code-left")
    holder.pass_time(6)
    expect(page.locator("#code-picture")).not_to_have_attribute("src", first or "")
    again = window.verify(holder.scanned(), matter=MATTER, challenge="12-482913")
    assert again.accepted, again.reason
    page.tap("#end")
    page.tap("[data-place=log]")
    page.wait_for_selector("#shown .record")
    rows = page.locator("#shown .record").all_inner_texts()
    assert len(rows) == 1  # one showing, of two codes
    for text in ("机动车驾驶证", "最少", "重庆车管所3号窗口", MATTER, "12-482913"):
        assert text in rows[0]
    holder.picture("log")
    page.tap("#clear-log")
    page.tap("#clear-yes")
    expect(page.locator("#shown .record")).to_have_count(0)
    assert holder.operator.wallet("zhang").log.records == ()
    assert holder.faults == []
    assert {urlsplit(one).netloc for one in holder.requests if not one.startswith("blob:")} == {
        urlsplit(holder.address).netloc
    }
