"""A clerk asks a holder for licences: agreed to, refused, left unanswered, cut off."""

from __future__ import annotations

import json
import os
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import expect

import ecert
from ecert.online.verifiers import new_verifier
from ecert.service.show import make_app
from ecert.verify.signed_receipt import open_receipt
from ecert.workspace import Workspace
from ecert.workspace.online_holder import OnlineHolder
from ecert.workspace.show_desk import show_desk
from ecert.workspace.show_services import ShowServiceAddress, ShowServices
from tests.online.server import serving
from tests.pages.conftest import AT, clock, keep_picture

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.pages.conftest import Clerk, Hall

MATTER = "机动车业务"
AXE = Path(__file__).parent.parent / "interop" / "node_modules" / "axe-core" / "axe.min.js"
NAUGHTY = Path(__file__).parents[3] / "shared" / "vectors" / "naughty-strings.json"
SIZES = ((1366, 768), (1024, 768))


@dataclass
class Asked:
    """A holder with a telephone, and the clerk who asks."""

    clerk: Clerk
    hall: Hall
    holder: OnlineHolder
    cases: list[str] = field(default_factory=list)

    def aside(self, act: Callable[[], Any]) -> Any:
        """Do something in a thread of its own: this one has the browser's event loop."""
        with ThreadPoolExecutor(1) as other:
            return other.submit(act).result()

    def ask(self, *more: str) -> str:
        """Ask for the matter's licence, and wait until the page waits; returns the code."""
        page = self.clerk.page
        code, _ = self.aside(lambda: self.holder.open(str(self.hall.licence.id)))
        self.cases.append(f"2026-渝北-{len(self.cases) + 1:03}")
        page.fill("#case", self.cases[-1])
        page.click("#ask-holder")
        expect(page.locator("#consent input[type=checkbox]").first).to_be_checked()
        if more:
            page.fill("#consent-other", "、".join(more))
        page.focus("#consent")
        self.clerk.scan(code.text)
        expect(page.locator("#consent-code")).to_have_value(code.text)
        page.click("#consent .main")
        page.wait_for_selector("#consent-left")
        return str(code.text)

    def answered(self, outcome: str) -> str:
        """Let the page look until there is a verdict, and return what it shows."""
        page = self.clerk.page
        for _ in range(40):
            page.clock.run_for(2_100)
            if page.locator("#result .head").is_visible():
                break
            page.wait_for_timeout(50)
        return self.clerk.outcome(outcome)


@contextmanager
def show_service(hall: Hall) -> Iterator[ShowServices]:
    """Guang'an's show service, where the window has a token."""
    hall.guangan.knowledge.pin(ecert.demo_roots("500000"))
    hall.guangan.knowledge.accept(ecert.fixture("川渝互认清单"))
    desk = show_desk(hall.guangan)
    record, token = new_verifier(region="500000", office="重庆市政务服务中心", days=9, at=AT)
    desk.store.add_verifier(record)
    with serving(make_app(desk, clock=clock)) as url:
        address = ShowServiceAddress(region="511600", url=url, token=token, allow_http=True)
        services = ShowServices((address,))
        services.write(hall.folder / "chongqing")
        yield services


def look(asked: Asked, name: str) -> None:
    """Keep screenshots; nothing is wider than the screen."""
    page = asked.clerk.page
    for width, height in SIZES:
        page.set_viewport_size({"width": width, "height": height})
        keep_picture(page, f"clerk-consent-{name}-{width}", full_page=False)
        wide = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
        assert wide <= 0, f"{name}: {wide} px too wide at {width}"
    page.set_viewport_size({"width": SIZES[0][0], "height": SIZES[0][1]})


def test_a_holder_is_asked_and_agrees_refuses_or_does_not_answer(clerk: Clerk, hall: Hall) -> None:
    page = clerk.page
    assert page.is_hidden("#ask-holder"), "without a show service nobody can be asked"
    with show_service(hall) as services:
        asked = Asked(clerk, hall, OnlineHolder(hall.wallet, services, AT))
        page.clock.install(time=AT)
        page.reload()
        page.wait_for_selector("#ask-holder:not([hidden])")
        page.clock.pause_at(AT.replace(minute=10))
        agrees(asked)
        agrees_to_a_part(asked)
        refuses(asked)
        does_not_answer(asked)
        is_replaced_or_cancelled(asked)
        code = asked.ask()
    # The network goes while it waits: it is told, and it says nothing of the licence.
    page.clock.run_for(2_100)
    expect(page.locator("#consent-network")).to_contain_text("暂时连不上亮证服务，仍在等待")
    look(asked, "unreached")
    page.clock.run_for(300_000)
    told = asked.answered("undetermined")
    assert "E921" in told
    assert "张伟" not in told
    assert code not in page.content()
    with Workspace.open(hall.folder / "chongqing", clock=clock) as window:
        kept = [window.receipts.require(number) for number in (1, 2, 3, 4)]
        assert [one.case for one in kept] == asked.cases[:4]
        said = [open_receipt(one.token).receipt for one in kept]
        assert [one.reason for one in said] == [
            "ok", "consent-declined", "consent-declined", "not-redeemable",
        ]  # fmt: skip
        assert {one.clerk for one in said} == {"3号窗口"}
    assert clerk.faults == []


def agrees(asked: Asked) -> None:
    """The holder agrees, and the answer is that of a scan, with its receipt."""
    page = asked.clerk.page
    page.fill("#matter", "")
    page.click("#ask-holder")
    page.clock.run_for(400)
    page.click("#consent .main")
    expect(page.locator("#consent-fault")).to_have_text("请先选择事项")
    page.fill("#matter", MATTER)
    page.clock.run_for(400)
    page.click("#consent .main")
    expect(page.locator("#consent-fault")).to_have_text("请先填写办件编号，持证人会看到")
    # Enter is bound to nothing.
    page.focus("#consent-cause")
    page.keyboard.press("Enter")
    page.click("#ask-holder")
    assert page.is_hidden("#consent")
    code = asked.ask()
    told = page.locator("#consent").inner_text()
    assert "已申请：机动车驾驶证" in told
    assert "剩余时间 5:00" in told
    page.clock.run_for(1_000)
    expect(page.locator("#consent-left")).to_have_text("剩余时间 4:59")
    look(asked, "waiting")
    pending = asked.aside(lambda: asked.holder.pending(code))
    assert pending["asked"]["purpose"] == {
        "orgName": "重庆市政务服务中心3号窗口", "username": "3号窗口", "itemName": MATTER,
        "itemCode": "-", "businessCode": asked.cases[0], "useCause": f"窗口核验：{MATTER}",
    }  # fmt: skip
    asked.aside(lambda: asked.holder.agree(code, [str(asked.hall.licence.id)]))
    told = asked.answered("accepted")
    assert "张伟" in told
    assert "回执 第 1 号" in told
    assert page.is_hidden("#consent")
    look(asked, "agreed")


def agrees_to_a_part(asked: Asked) -> None:
    """What was left out is told by its name, and the rest is accepted."""
    page = asked.clerk.page
    page.fill("#matter", MATTER)
    code = asked.ask("社会保障卡")
    asked.aside(lambda: asked.holder.agree(code, [str(asked.hall.licence.id)]))
    told = asked.answered("refused")
    assert "1 √ 核验通过" in told
    assert "申请的证照\n社会保障卡" in told
    assert "持证人未同意出示" in told
    look(asked, "part")


def refuses(asked: Asked) -> None:
    """The holder refuses: that is told, in both languages."""
    page = asked.clerk.page
    code = asked.ask()
    asked.aside(lambda: asked.holder.decline(code))
    told = asked.answered("refused")
    assert "持证人未同意出示" in told
    assert "E111" in told
    assert "张伟" not in told
    page.click("#language")
    assert "The holder did not agree to show this" in page.locator("#result").inner_text()
    look(asked, "refused-en")
    page.click("#ask-holder")
    look(asked, "form-en")
    page.click("#language")
    look(asked, "form")
    page.click("#ask-holder")


def does_not_answer(asked: Asked) -> None:
    """Time runs out."""
    asked.ask()
    asked.clerk.page.clock.run_for(301_000)
    told = asked.answered("refused")
    assert "持证人没有在时限内答复" in told
    assert "E110" in told
    look(asked, "unanswered")


def is_replaced_or_cancelled(asked: Asked) -> None:
    """A new scan takes the place of the wait; a button ends it; and nothing comes of it later."""
    page = asked.clerk.page
    own = [str(asked.hall.licence.id)]
    ways: tuple[Callable[[], None], ...] = (
        lambda: asked.clerk.scan(asked.hall.code()),
        lambda: page.click("#consent button"),
        lambda: page.keyboard.press("Escape"),
    )
    for ends in ways:
        code = asked.ask()
        ends()
        page.wait_for_selector("#consent", state="hidden")
        asked.aside(partial(asked.holder.agree, code, own))
        before = len(asked.clerk.requests)
        page.clock.run_for(5_000)
        assert [one for one in asked.clerk.requests[before:] if "consents" in one] == []


def test_a_late_frame_replaces_nothing_newer_and_none_is_checked_while_a_code_is_asked_for(
    clerk: Clerk, hall: Hall
) -> None:
    page = clerk.page
    page.evaluate(_FILMING)
    page.keyboard.press("F2")
    page.evaluate("() => { window.late = window.film(new Blob(['1'])); }")
    page.fill("#matter", MATTER)
    page.focus("#result")
    clerk.scan(hall.code())
    assert "张伟" in clerk.outcome("accepted")
    page.evaluate("window.answers[0]({ status: 200, body: { outcome: 'refused', parts: [] } })")
    assert page.evaluate("window.late") is False
    assert "张伟" in clerk.outcome("accepted")
    # Nothing of it comes back once the screen was cleared.
    page.evaluate("() => { window.late = window.film(new Blob(['2'])); }")
    page.keyboard.press("Escape")
    page.evaluate("window.answers[1]({ status: 200, body: { outcome: 'refused', parts: [] } })")
    assert page.evaluate("window.late") is False
    expect(page.locator("#result .head")).to_have_count(0)
    page.evaluate("Consent.toggle()")
    assert page.evaluate("window.film(new Blob(['3']))") is False
    png = hall.wallet.show(hall.licence.id).png()
    page.set_input_files("#picture", {"name": "code.png", "mimeType": "image/png", "buffer": png})
    expect(page.locator("#consent-fault")).to_contain_text("这里不能用图片")
    assert page.is_visible("#consent")
    assert page.evaluate("window.answers.length") == 2, "no picture was sent"
    assert clerk.faults == []


# A camera whose frames the test makes, and a service that answers them when the test says so.
_FILMING = """() => {
    window.answers = [];
    API.picture = () => new Promise((resolve) => { window.answers.push(resolve); });
    Camera.start = async (video, onCode, onPicture) => { window.film = onPicture; };
}"""


def test_axe_finds_nothing(clerk: Clerk) -> None:
    if not AXE.exists():
        if os.environ.get("CI"):
            pytest.fail("CI has no axe-core")
        pytest.skip("axe-core is not installed (make test installs it)")
    page = clerk.page
    page.evaluate(AXE.read_text("utf-8"))  # the page's own policy forbids it from elsewhere
    axe = "axe.run().then((result) => result.violations.map((one) => [one.id, one.nodes[0].html]))"
    page.fill("#matter", MATTER)
    page.fill("#case", "1")
    page.evaluate(_STUBS, ["机动车驾驶证"])
    page.evaluate("Consent.toggle()")
    page.click("#consent .main")
    assert page.evaluate(axe) == []
    page.fill("#consent-code", "1")
    page.click("#consent .main")
    page.wait_for_selector("#consent-left")
    assert page.evaluate(axe) == []


_STUBS = """(texts) => {
    const types = texts.map((text) => ({ code: text, name: text }));
    API.consentTypes = async () => ({ status: 200, body: { types } });
    API.consentBegin = async () => ({ status: 200, body: { left_seconds: 9, types } });
}"""


def test_naughty_strings_stay_text(clerk: Clerk) -> None:
    if not NAUGHTY.exists():
        pytest.skip("the shared vectors are not here")
    strings = json.loads(NAUGHTY.read_text("utf-8"))
    assert clerk.page.evaluate(_NAUGHTY.replace("STUBS", _STUBS), strings) == [len(strings), 0, []]
    assert clerk.faults == []


_NAUGHTY = """async (strings) => {
    const stub = STUBS;
    let alerts = 0;
    window.alert = () => { alerts += 1; };
    const box = document.getElementById("consent"), wrong = [];
    const foreign = "script, iframe, a, style, object, svg";
    const look = (text, place) => {
        const lost = text.filter((one) => !box.textContent.includes(one));
        if (lost.length) wrong.push(["lost", place, lost]);
        if (box.querySelector(foreign)) wrong.push(["markup", place, text]);
        const wide = document.documentElement.scrollWidth - window.innerWidth;
        if (wide > 0) wrong.push(["layout", place, wide, text]);
    };
    const soon = () => new Promise((resolve) => { setTimeout(resolve, 0); });
    document.getElementById("case").value = "1";
    document.getElementById("matter").value = "x";
    for (let from = 0; from < strings.length; from += 40) {
        const text = strings.slice(from, from + 40);
        stub(text);
        Consent.toggle();
        await soon();
        look(text, "form");
        document.getElementById("consent-code").value = text[0] || "1";
        document.getElementById("consent-cause").value = text.join(" ");
        document.getElementById("consent-other").value = "1";
        document.querySelector("#consent .main").click();
        await soon();
        look(text, "waiting");
        Consent.close();
    }
    return [strings.length, alerts, wrong];
}"""
