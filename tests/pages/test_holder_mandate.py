"""A holder entrusts licences to somebody at the page, and withdraws it."""

from __future__ import annotations

import json
import os
from dataclasses import replace

import pytest
from playwright.sync_api import expect

from ecert.reasons import Reason
from ecert.show.mandate_package import MandatePackage
from tests.online.server import serving
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

__all__ = ["holder", "office", "operator"]

AXE_RUN = "axe.run().then((result) => result.violations.map((one) => [one.id, one.nodes[0].html]))"


def test_a_mandate_is_given_to_an_agent_and_withdrawn(holder: Holder) -> None:
    page, operator = holder.page, holder.operator
    operator.desk = replace(operator.desk, issuer=operator.police)
    agent = operator.wallet("li")
    with serving(operator.app()) as address:
        holder.address = address
        holder.enter()
        page.tap("[data-place=consent]")
        expect(page.locator("#mandates-none")).to_be_visible()
        page.tap("#new-mandate")
        page.tap("#mandate-form button[type=submit]")
        expect(page.locator("#mandate-fault")).to_have_text("请粘贴代办人的申请")
        page.fill("#mandate-agent", agent.ask_mandate("李秀英", "0019"))
        page.locator("#mandate-agent").blur()
        expect(page.locator("#mandate-to")).to_have_text("委托给：李秀英 · 尾号 0019")
        page.check("#mandate-licences .way:has-text('机动车驾驶证') input")
        page.fill("#mandate-matters", f"{MATTER}、图书借阅")
        page.fill("#mandate-until", "2026-11-30")
        holder.picture("mandate")
        page.tap("#mandate-form button[type=submit]")
        expect(page.locator("#mandate-made")).to_be_visible()
        holder.picture("mandate-made")
        package = MandatePackage.from_bytes(page.input_value("#mandate-package").encode())
        assert (page.get_attribute("#mandate-file", "href") or "").startswith("blob:")
        page.tap("#mandate-finish")
        row = page.locator("#mandates .record")
        for text in (
            "委托给 李秀英（0019）", "证照：机动车驾驶证", f"事项：{MATTER}、图书借阅",
            "最后一天：2026-11-30", "登记号：",
        ):  # fmt: skip
            expect(row).to_contain_text(text)
        assert page.input_value("#mandate-package") == ""
        agent.add_mandate(package)
        code = agent.show(mandate=package.id).text
        verdict = operator.window().verify(code, matter=MATTER)
        assert verdict.licence.agent is not None
        page.tap("#mandates button:has-text('撤回委托')")
        expect(page.locator("#mandates")).to_contain_text("撤回后不能恢复")
        holder.picture("mandate-withdraw")
        page.tap("#mandates button:has-text('不撤回')")
        page.tap("#mandates button:has-text('撤回委托')")
        page.tap("#mandates button:has-text('确定撤回')")
        expect(page.locator("#mandates-done")).to_contain_text("√ 已撤回")
        expect(page.locator("#mandates .record")).to_have_count(0)
        operator.clock.go(seconds=60)
        code = agent.show(mandate=package.id).text
        assert operator.window().verify(code, matter=MATTER).reason is Reason.MANDATE_WITHDRAWN
    assert holder.faults == []


_STUB = """async (texts) => {
    const text = texts.join("\\n");
    const one = (said) => ({ id: said, given: true, agent: said, agent_number: said,
        licences: [said], matters: [said], from: "2026-11-22T02:00:00+00:00",
        last: "2026-11-30T15:59:59+00:00", ended: false, place: said, here: false });
    const card = (said) => ({ id: said, type_name: said, number_end: said, state: "current",
        profiles: [{ name: "minimal", zh: [said], en: [said], online: null }] });
    HolderAPI.get = async () => (
        { status: 200, body: { mandates: texts.map(one), enters: false } });
    HolderAPI.send = async () => ({ status: 200, body: { name: text, number: "1" } });
    HolderConsent.open({ pin: { set: true, tries_left: 5 }, services: [], cards: texts.map(card) });
}"""


def test_axe_finds_nothing_and_everything_can_be_read_and_touched(holder: Holder) -> None:
    if not AXE.exists():
        if os.environ.get("CI"):
            pytest.fail("CI has no axe-core")
        pytest.skip("axe-core is not installed (make test installs it)")
    page = holder.page
    holder.enter()
    page.evaluate(AXE.read_text("utf-8"))
    page.evaluate(_STUB, ["机动车驾驶证"])
    for language, least in (("zh", 24), ("en", 32)):
        page.wait_for_selector("#mandates .record")
        assert_readable(page, least=least)
        assert page.evaluate(AXE_RUN) == []
        page.tap("#new-mandate")
        page.fill("#mandate-agent", "x")
        page.locator("#mandate-agent").blur()
        expect(page.locator("#mandate-to")).not_to_be_empty()
        holder.picture(f"mandate-{language}")
        assert_readable(page, least=least)
        assert page.evaluate(AXE_RUN) == []
        page.evaluate(_STUB, ["机动车驾驶证"])
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
    const stub = STUB, soon = () => new Promise((resolve) => { setTimeout(resolve, 0); });
    const width = document.documentElement.scrollWidth, wrong = [];
    let alerts = 0;
    window.alert = () => { alerts += 1; };
    const look = (place, text) => {
        const box = document.getElementById(place);
        const lost = text.filter((one) => !box.textContent.includes(one));
        if (lost.length) wrong.push(["lost", place, lost]);
        if (box.querySelector("script, img, iframe, a, form, style")) wrong.push(["markup", text]);
        if (document.documentElement.scrollWidth > width) wrong.push(["layout", place, text]);
    };
    for (let from = 0; from < strings.length; from += 40) {
        const text = strings.slice(from, from + 40);
        await stub(text);
        await soon();
        look("mandates", text);
        document.getElementById("new-mandate").click();
        document.getElementById("mandate-agent").value = "x";
        document.getElementById("mandate-agent").dispatchEvent(new Event("change"));
        await soon();
        look("mandate-to", text);
        look("mandate-licences", text);
    }
    return [strings.length, alerts, wrong];
}"""
