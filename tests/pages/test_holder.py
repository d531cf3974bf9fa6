"""What a holder does at the page, on a telephone's screen in a real browser."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import expect

from ecert.online.answers import Refused
from ecert.reasons import Reason
from ecert.show.scan import read
from tests.online.server import serving
from tests.operator import AT, PIN, Office, Operator, caller_at, show_service

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

    def enter(self, account: str = "zhang", *, stopped: bool = False) -> None:
        """Come in by a link, as the app opens it; `stopped` lets time pass by `pass_time` alone."""
        if stopped:
            self.page.clock.install(time=AT)
        self.page.goto(f"{self.address}/wallet#{self.operator.link(account)}")
        self.page.wait_for_selector("#list:not([hidden])")
        if stopped:
            self.page.clock.pause_at(AT + timedelta(minutes=10))

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

    def pass_time(self, seconds: float) -> None:
        """Let time pass for the page and for everybody else."""
        self.operator.clock.go(seconds=seconds)
        self.page.clock.run_for(int(seconds * 1000))


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Office:
    """What all tests here begin with."""
    return Office.make(tmp_path_factory.mktemp("office"))


@pytest.fixture
def operator(office: Office, tmp_path: Path) -> Iterator[Operator]:
    """An app back end."""
    made = Operator(office, tmp_path)
    yield made
    made.workspace.close()


@pytest.fixture
def holder(browser: Browser, operator: Operator) -> Iterator[Holder]:
    """A holder who has not come in yet."""
    context = browser.new_context(
        viewport={"width": 360, "height": 740}, device_scale_factor=2, has_touch=True,
        is_mobile=True, timezone_id="Asia/Shanghai",
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
    holder.enter(stopped=True)
    assert page.url == f"{holder.address}/wallet"  # the link is out of the address
    told = page.inner_text("#list")
    for text in (
        "张*",
        "一人一码",
        "机动车驾驶证",
        "四川省广安市公安局",
        "尾号 1237",
        "有效期至 2031年6月1日",
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


def test_a_link_is_good_once_and_shows_nobody_elses_wallet(holder: Holder) -> None:
    page, link = holder.page, holder.operator.link("zhang")
    page.goto(f"{holder.address}/wallet#{link}")
    page.wait_for_selector("#list:not([hidden])")
    page.goto("about:blank")
    page.goto(f"{holder.address}/wallet#{link}")
    page.wait_for_selector("#outside:not([hidden])")
    assert "链接已用过" in page.inner_text("#outside")
    holder.picture("outside")
    # The session of before is still good, but whoever comes with a link is not shown it.
    assert "张" not in page.inner_text("body")
    holder.enter("li")
    assert "李*英" in page.inner_text("#list")
    assert "张*" not in page.inner_text("body")
    stored = page.evaluate("JSON.stringify([localStorage, sessionStorage, document.cookie])")
    assert "李" not in stored
    assert holder.operator.licences["li"][0] not in stored
    page.tap("#sign-out")
    page.wait_for_selector("#outside:not([hidden])")
    page.reload()
    page.wait_for_selector("#outside:not([hidden])")
    assert "李" not in page.inner_text("body")


def test_a_pin_is_asked_for_and_locked_after_five_wrong_ones(holder: Holder) -> None:
    page = holder.page
    holder.enter()
    page.tap("[data-place=pin]")
    page.fill("#pin-new", PIN)
    page.fill("#pin-again", PIN)
    holder.picture("pin")
    page.tap("#pin-form button[type=submit]")
    expect(page.locator("#pin-done")).to_have_text("√ 已设置")
    page.tap("[data-place=list]")
    holder.pick()
    page.fill("#show-pin", PIN)
    holder.show()
    # What was typed is kept in no field, and is forgotten when the page is left.
    assert page.input_value("#show-pin") == ""
    leave(page)
    expect(page.locator("#code-why")).to_have_text("刚才离开了本页，已停止出示。")
    assert page.get_attribute("#code-picture", "src") is None
    holder.picture("paused")
    page.tap("#go-on")
    page.wait_for_selector("#choose:not([hidden])")
    for left in (4, 3, 2, 1):
        page.fill("#show-pin", WRONG)
        page.tap("#choose-form button[type=submit]")
        expect(page.locator("#pin-fault")).to_have_text(f"亮证密码不对，还可以试 {left} 次")
    page.fill("#show-pin", WRONG)
    page.tap("#choose-form button[type=submit]")
    expect(page.locator("#pin-fault")).to_contain_text("亮证密码输错太多次，已锁定")
    holder.picture("locked")
    # Not even the right one opens it now.
    page.fill("#show-pin", PIN)
    page.tap("#choose-form button[type=submit]")
    expect(page.locator("#pin-fault")).to_contain_text("已锁定")
    assert holder.operator.wallet("zhang").pin.tries_left == 0
    assert len(holder.operator.wallet("zhang").log.records) == 1


def leave(page: Page) -> None:
    """Put the page into the background, as a telephone does when another app comes up."""
    page.evaluate(
        """() => {
            Object.defineProperty(document, "hidden", { value: true, configurable: true });
            document.dispatchEvent(new Event("visibilitychange"));
            delete document.hidden;
        }"""
    )


def test_several_at_once_in_large_type(holder: Holder) -> None:
    page, window = holder.page, holder.operator.window()
    holder.enter()
    page.tap("#large")
    page.tap("#several")
    page.tap(".licence:has-text('机动车驾驶证')")
    page.tap(".licence:has-text('社会保障卡')")
    holder.picture("several-large")
    page.tap("#show-chosen")
    assert page.locator("#ways fieldset").count() == 2
    assert_readable(page, least=32)
    holder.picture("choose-large")
    holder.show()
    holder.picture("code-large")
    verdict = window.verify(holder.scanned())
    assert len(verdict.parts) == 2
    names = {part.about.type_name for part in verdict.parts if part.about is not None}
    assert names == {"机动车驾驶证", "社会保障卡"}
    page.tap("#end")
    page.reload()
    page.wait_for_selector("#list:not([hidden])")
    assert page.get_attribute("#large", "aria-pressed") == "true"


def test_a_code_is_not_made_for_ever_and_not_without_the_network(holder: Holder) -> None:
    page = holder.page
    holder.enter(stopped=True)
    holder.pick()
    holder.show()
    for _ in range(9):
        before = page.get_attribute("#code-picture", "src")
        holder.pass_time(50.25)
        expect(page.locator("#code-picture")).not_to_have_attribute("src", before or "")
    holder.pass_time(51)
    expect(page.locator("#code-why")).to_have_text("已出示较久，为安全已停止。")
    assert len(holder.operator.wallet("zhang").log.records) == 10
    page.tap("#go-on")
    page.wait_for_selector("#code-picture[src]")
    page.context.set_offline(True)
    holder.pass_time(61)
    expect(page.locator("#code-why")).to_have_text("网络不通，这个码已失效。")
    assert page.get_attribute("#code-picture", "src") is None


def assert_readable(page: Page, *, least: int) -> None:
    """Require letters of a size, targets of 60 px, and nothing beyond the screen's edge."""
    small = page.evaluate(
        """(least) => {
            const found = [];
            const seen = (one) => one.offsetParent !== null && !one.closest(".unseen");
            document.querySelectorAll("body *").forEach((one) => {
                const texts = Array.from(one.childNodes).filter((node) => node.nodeType === 3);
                const size = parseFloat(getComputedStyle(one).fontSize);
                if (texts.some((node) => node.data.trim()) && seen(one) && size < least) {
                    found.push(one.outerHTML);
                }
            });
            const touched = "a, button, select, summary, textarea, label.way, " +
                "input:not([type=radio]):not([type=checkbox])";
            document.querySelectorAll(touched).forEach((one) => {
                const box = one.getBoundingClientRect();
                if (seen(one) && (box.height < 60 || box.width < 60)) found.push(one.outerHTML);
            });
            if (document.documentElement.scrollWidth > 360) found.push("wide");
            return found;
        }""",
        least,
    )
    assert small == []


def test_an_online_code_is_shown_and_cancelled(holder: Holder, tmp_path: Path) -> None:
    page = holder.page
    with (
        show_service(holder.operator, tmp_path / "show.db") as service,
        serving(holder.operator.app()) as address,
    ):
        holder.address = address
        holder.enter()
        holder.pick()
        assert "完整号码、准驾车型" in page.inner_text("#online-tells")
        page.tap("#make-online")
        page.wait_for_selector("#code-picture[src]")
        digits = page.inner_text("#code-digits").replace(" ", "").replace("\n", "")
        assert len(digits) == 32
        assert holder.scanned() == digits
        assert "只能用一次" in page.inner_text("#code-left")
        holder.picture("online")
        # Whoever comes back to the page has it again; the service has it once.
        leave(page)
        expect(page.locator("#code-digits")).to_be_hidden()
        page.tap("#go-on")
        assert holder.scanned() == digits
        page.tap("#cancel-online")
        expect(page.locator("#trouble")).to_have_text("√ 在线码已取消。")
        refused = service.redeem(digits, caller_at(service), at=AT)
        assert isinstance(refused, Refused)
        assert refused.reason is Reason.NOT_REDEEMABLE
        page.tap("[data-place=log]")
        expect(page.locator("#shown .record")).to_contain_text("在线码 四川省广安市")
        page.tap("#who-fetched")
        expect(page.locator("#fetched .record").first).to_be_visible()


def test_axe_finds_nothing_and_everything_can_be_read_and_touched(holder: Holder) -> None:
    if not AXE.exists():
        if os.environ.get("CI"):
            pytest.fail("CI has no axe-core")
        pytest.skip("axe-core is not installed (make test installs it)")
    page, axe = holder.page, AXE.read_text("utf-8")

    def look(language: str = "zh") -> None:
        assert_readable(page, least=24)
        page.evaluate(axe)  # the page's own policy forbids scripts from elsewhere
        found = page.evaluate("axe.run().then((result) => result.violations)")
        assert [(one["id"], one["nodes"][0]["html"]) for one in found] == []

    page.goto(f"{holder.address}/wallet")
    page.wait_for_selector("#outside:not([hidden])")
    look()
    holder.enter()
    look()
    holder.pick()
    page.tap("#matter-part summary")
    page.wait_for_selector("#matters button")
    look()
    holder.show()
    look()
    page.tap("#end")
    for place in ("log", "pin"):
        page.tap(f"[data-place={place}]")
        page.wait_for_selector(f"#{place}:not([hidden])")
        look()
    page.tap("#language")
    page.tap("[data-place=list]")
    page.wait_for_selector("#list:not([hidden])")
    look("en")
    holder.pick()
    assert "They will see: name, last four of the number" in page.inner_text("#ways")
    holder.picture("choose-en")
    look("en")


def test_naughty_strings_stay_text(holder: Holder) -> None:
    if not NAUGHTY.exists():
        pytest.skip("the shared vectors are not here")
    strings = json.loads(NAUGHTY.read_text("utf-8"))
    holder.enter()
    ran = holder.page.evaluate(
        """(strings) => {
            let alerts = 0;
            window.alert = () => { alerts += 1; };
            const wrong = [], width = document.documentElement.scrollWidth;
            const look = (place, text) => {
                const box = document.getElementById(place);
                if (!box.textContent.includes(text)) wrong.push(["lost", place, text]);
                const markup = box.querySelector("script, img, iframe, a, form, style");
                if (markup) wrong.push(["markup", place, text]);
                const wide = document.documentElement.scrollWidth > width;
                if (wide) wrong.push(["layout", place, text]);
            };
            const told = { regions: [], online: true, pin: { set: false, tries_left: null } };
            for (const text of strings) {
                const card = {
                    id: text, type_name: text, issuer_name: text, holders: [text, text],
                    number_end: text, valid_until: text, state: "current", key: "",
                    profiles: [{ name: text, zh: [text, text], en: [text], online: [text] }],
                };
                document.getElementById("cards").replaceChildren(HolderView.card(card, null));
                look("cards", text);
                const row = HolderView.record(text, [text, text]);
                document.getElementById("shown").replaceChildren(row);
                look("shown", text);
                HolderShow.choose([card], told);
                look("ways", text);
                HolderView.go("list");
            }
            return [strings.length, alerts, wrong];
        }""",
        strings,
    )
    assert ran == [len(strings), 0, []]
    assert holder.faults == []
