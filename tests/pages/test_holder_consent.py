"""A window asks, and a holder decides at the page, on a telephone's screen."""

from __future__ import annotations

import json
import os
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from ecert.online.answers import Handed
from ecert.online.consent import Begun, ConsentDesk
from ecert.online.storage import ConsentState
from tests.online.server import serving
from tests.operator import PIN, caller_at, show_service
from tests.pages.test_holder import (
    AXE,
    MATTER,
    NAUGHTY,
    Holder,
    assert_readable,
    holder,
    office,
    operator,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from ecert.online.answers import Caller

__all__ = ["holder", "office", "operator"]


class Window:
    """A window in Chongqing, straight at the show service."""

    def __init__(self, holder: Holder, consent: ConsentDesk, caller: Caller) -> None:
        self._holder, self._consent, self._caller = holder, consent, caller
        claims = [holder.operator.wallet("zhang").fields(one) for one in self.held]
        self.types = [str(one["vct"]).rpartition(":")[2] for one in claims]

    @property
    def held(self) -> list[str]:
        """The licences of the holder."""
        return self._holder.operator.licences["zhang"]

    def asks(self, *types: str) -> str:
        """Ask by the code that the holder's page shows, and let the page see it."""
        page = self._holder.page
        page.wait_for_selector("#code-picture[src]")
        digits = "".join(page.inner_text("#code-digits").split())
        assert self._holder.scanned() == digits
        at = self._holder.operator.clock()
        begun = self._consent.begin(digits, types or self.types, self._caller, at=at)
        assert isinstance(begun, Begun)
        self._holder.pass_time(3.1)
        page.wait_for_selector("#request:not([hidden])")
        return begun.transaction

    def state(self, transaction: str) -> object:
        """Look how it was answered."""
        at = self._holder.operator.clock()
        return self._consent.status(transaction, self._caller, at=at)

    def fetch(self, transaction: str, type_code: str) -> object:
        """Fetch one type."""
        at = self._holder.operator.clock()
        return self._consent.fetch(transaction, type_code, self._caller, at=at)


@contextmanager
def window_before(holder: Holder, folder: Path) -> Iterator[Window]:
    """A show service, and the holder's service that knows it."""
    with (
        show_service(holder.operator, folder / "show.db") as service,
        serving(holder.operator.app()) as address,
    ):
        holder.address = address
        yield Window(holder, ConsentDesk(service), caller_at(service))


def test_a_holder_reads_who_asks_and_agrees_to_a_part_refuses_or_lets_it_pass(
    holder: Holder, tmp_path: Path
) -> None:
    page = holder.page
    holder.operator.wallet("zhang").pin.set(PIN)
    with window_before(holder, tmp_path) as window:
        holder.enter(stopped=True)
        page.tap("[data-place=consent]")
        page.wait_for_selector("#consent-services button")
        holder.picture("consent")
        page.tap("#consent-services button")
        expect(page.locator("#consent-fault")).to_have_text("请输入亮证密码")
        page.fill("#consent-pin", PIN)
        page.tap("#consent-services button")
        transaction = window.asks()
        told = page.inner_text("#request")
        for text in (
            "窗口（重庆市）", "单位：重庆市政务服务中心", "经办人：李四", f"事项：{MATTER}",
            "办件编号：2026-0001", "用途：办理换证", "机动车驾驶证", "社会保障卡",
            "同意后交出：姓名或名称、完整号码、准驾车型", "内可以答复",
        ):  # fmt: skip
            assert text in told
        holder.picture("request")
        # Without a PIN, and with nothing chosen, nothing goes out.
        page.tap("#agree")
        expect(page.locator("#request-fault")).to_have_text("请输入亮证密码")
        page.check("#request-types fieldset:nth-of-type(2) input[value='']")
        page.check("#request-types fieldset:nth-of-type(1) input[value='']")
        page.tap("#agree")
        expect(page.locator("#request-fault")).to_have_text("请至少选一份，或点“不同意”")
        assert window.state(transaction) is ConsentState.WAITING
        page.check(f"#request-types input[value='{window.held[0]}']")
        page.fill("#request-pin", PIN)
        page.tap("#agree")
        expect(page.locator("#consent-done")).to_contain_text("√ 已同意")
        assert isinstance(window.fetch(transaction, window.types[0]), Handed)
        assert not isinstance(window.fetch(transaction, window.types[1]), Handed)
        page.tap("[data-place=log]")
        row = page.locator("#shown .record").first
        for text in ("机动车驾驶证", "出示给：窗口", f"用于：{MATTER}"):
            expect(row).to_contain_text(text)
        holder.picture("consent-log")
        refuses_and_lets_pass(holder, window)
    assert holder.faults == [fault for fault in holder.faults if "403" in fault], (
        "Chromium notes the refusals of the PIN, and nothing else"
    )


def refuses_and_lets_pass(holder: Holder, window: Window) -> None:
    """A refusal hands nothing over, nor does time that passes."""
    page = holder.page
    for ends in ("refuse", "pass"):
        if page.is_hidden("#consent"):
            page.tap("[data-place=consent]")
        page.fill("#consent-pin", PIN)
        page.tap("#consent-services button")
        transaction = window.asks(window.types[0])
        if ends == "refuse":
            page.tap("#refuse")
            expect(page.locator("#consent-done")).to_have_text("√ 已拒绝，没有交出证照。")
            assert window.state(transaction) is ConsentState.DECLINED
        else:
            holder.pass_time(300)
            expect(page.locator("#consent-done")).to_have_text("申请已到时限，没有交出证照。")
            assert window.state(transaction) is ConsentState.EXPIRED
        assert not isinstance(window.fetch(transaction, window.types[0]), Handed)
        assert page.inner_text("#request-who") == ""


_STUB = """(texts) => {
    const text = texts.join("\\n");
    const one = (said) => ({ id: said || "1", type_name: said, holders: [said], number_end: said,
        state: "current", fields: [said], portrait: true });
    const asked = { state: "waiting", left_seconds: 300, office: text, region_name: text,
        organisation: `${text}.`, clerk: text, matter: text, case: text, cause: text,
        types: [...texts.map((said) => ({ name: said, licences: [one(said)] })),
            { name: text, licences: [] }] };
    const code = { digits: "2003 2511", svg: "<svg xmlns='http://www.w3.org/2000/svg'/>",
        made: "2026-11-22T02:00:00+00:00", expires: "2026-11-22T02:05:00+00:00" };
    HolderAPI.send = async (method, path) => (
        { status: 200, body: path === "/consent" ? code : asked });
    HolderAPI.get = async () => ({ status: 200, body: { mandates: [], enters: true } });
    HolderConsent.open({ pin: { set: true, tries_left: 5 }, cards: [],
        services: [{ region: "511600", name: text }, { region: "511602", name: text }] });
}"""


def test_axe_finds_nothing_and_everything_can_be_read_and_touched(holder: Holder) -> None:
    if not AXE.exists():
        if os.environ.get("CI"):
            pytest.fail("CI has no axe-core")
        pytest.skip("axe-core is not installed (make test installs it)")
    page = holder.page
    page.clock.install()
    holder.enter()
    page.evaluate(AXE.read_text("utf-8"))
    axe = "axe.run().then((result) => result.violations.map((one) => [one.id, one.nodes[0].html]))"
    page.evaluate(_STUB, ["机动车驾驶证"])
    for language, least in (("zh", 24), ("en", 32)):
        assert_readable(page, least=least)
        assert page.evaluate(axe) == []
        page.tap("#consent-services button")
        page.wait_for_selector("#code:not([hidden])")
        page.clock.fast_forward(3_100)
        page.wait_for_selector("#request:not([hidden])")
        holder.picture(f"request-{language}")
        assert_readable(page, least=least)
        assert page.evaluate(axe) == []
        page.tap("#refuse")
        page.wait_for_selector("#consent:not([hidden])")
        page.tap("#language")
        page.tap("#large")


def test_naughty_strings_stay_text(holder: Holder) -> None:
    if not NAUGHTY.exists():
        pytest.skip("the shared vectors are not here")
    strings = json.loads(NAUGHTY.read_text("utf-8"))
    holder.enter()
    ran = holder.page.evaluate(_NAUGHTY.replace("STUB", _STUB), strings)
    assert ran == [len(strings), 0, []]
    assert holder.faults == []


_NAUGHTY = """async (strings) => {
    const stub = STUB, soon = () => new Promise((resolve) => { later(resolve, 0); });
    const later = window.setTimeout.bind(window), wrong = [];
    let alerts = 0;
    window.alert = () => { alerts += 1; };
    window.setTimeout = (act) => later(act, 0);
    const width = document.documentElement.scrollWidth;
    const look = (place, text) => {
        const box = document.getElementById(place);
        const lost = text.filter((one) => !box.textContent.includes(one));
        if (lost.length) wrong.push(["lost", place, lost]);
        if (box.querySelector("script, img, iframe, a, form, style")) wrong.push(["markup", text]);
        if (document.documentElement.scrollWidth > width) wrong.push(["layout", place, text]);
    };
    for (let from = 0; from < strings.length; from += 40) {
        const text = strings.slice(from, from + 40);
        stub(text);
        look("consent-services", text);
        document.querySelector("#consent-services button").click();
        for (let tries = 0; tries < 50 && document.getElementById("request").hidden; tries += 1) {
            await soon();
        }
        look("request-who", text);
        look("request-types", text);
        HolderConsent.forget();
    }
    return [strings.length, alerts, wrong];
}"""
