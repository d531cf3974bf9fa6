"""What a clerk does at the page, in a real browser."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import guangan_matters
import pytest

from ecert.workspace import Workspace
from tests.pages.conftest import clock

if TYPE_CHECKING:
    from tests.pages.conftest import Clerk, Hall

MATTER = "机动车业务"
AXE = Path(__file__).parent.parent / "interop" / "node_modules" / "axe-core" / "axe.min.js"
NAUGHTY = Path(__file__).parents[3] / "shared" / "vectors" / "naughty-strings.json"


def write_matters(hall: Hall) -> None:
    """Bring an office's whole table of matters to the window, as another program would."""
    table = hall.folder / "matters.csv"
    guangan_matters.write(table, 4_000)  # all 43,207: benchmarks/bench_page.py
    with Workspace.open(hall.folder / "chongqing", clock=clock) as window:
        window.matters.import_table(table, others_are_paper=True)


def choose(clerk: Clerk, matter: str = MATTER) -> None:
    """Choose the matter as a clerk who knows its name does."""
    clerk.page.fill("#matter", matter)


# -- scanning ---------------------------------------------------------------------------------


def test_a_scan_is_taken_wherever_the_focus_is_and_however_it_begins_and_ends(
    clerk: Clerk, hall: Hall
) -> None:
    choose(clerk)
    for focus, before, end in (
        ("#challenge", "", "Enter"),
        ("#matter", "]Q1", "Tab"),
        ("#result", "A", ""),
    ):
        clerk.page.keyboard.press("Escape")
        clerk.page.focus(focus)
        clerk.scan(before + hall.code(), end=end)
        told = clerk.outcome("accepted")
        for text in (
            "张伟",
            "1237",
            "C1",
            "请与居民身份证核对姓名和号码后四位",
            "E000",
            "演示密钥",
        ):
            assert text in told
        assert clerk.page.input_value("#challenge") == ""
        assert clerk.page.input_value("#matter") == MATTER
    assert clerk.faults == []


def type_keys(clerk: Clerk, code: str, *, wide: bool, composing: bool) -> None:
    """Send keys as Chromium gets them from the system, as fast as it takes them, and Enter."""
    session = clerk.context.new_cdp_session(clerk.page)
    gathered = ""
    for digit in code:
        one = chr(ord("０") + int(digit)) if wide else digit
        key: dict[str, Any] = {"type": "keyDown", "code": f"Digit{digit}", "key": one}
        if composing:
            # The input method takes the key, and shows what it has gathered in the field.
            key |= {"key": "Process", "windowsVirtualKeyCode": 229, "type": "rawKeyDown"}
        else:
            key |= {"text": one, "windowsVirtualKeyCode": 48 + int(digit)}
        session.send("Input.dispatchKeyEvent", key)
        if composing:
            gathered = (gathered + one)[-40:]
            session.send(
                "Input.imeSetComposition",
                {"text": gathered, "selectionStart": len(gathered), "selectionEnd": len(gathered)},
            )
        session.send("Input.dispatchKeyEvent", {"type": "keyUp", "code": f"Digit{digit}"})
    clerk.page.keyboard.press("Enter")
    if composing:
        session.send("Input.insertText", {"text": gathered})


def test_full_width_digits_and_an_input_method_lose_nothing(clerk: Clerk, hall: Hall) -> None:
    choose(clerk)
    for wide, composing in ((True, False), (False, True)):
        clerk.page.keyboard.press("Escape")
        clerk.page.focus("#matter")
        type_keys(clerk, hall.code(), wide=wide, composing=composing)
        clerk.outcome("accepted")
        clerk.page.wait_for_function(f"document.getElementById('matter').value === '{MATTER}'")
        assert clerk.page.input_value("#challenge") == ""


def test_what_a_person_types_is_no_scan(clerk: Clerk) -> None:
    clerk.page.focus("#challenge")
    clerk.page.keyboard.type("12345678901234567890123456789012", delay=60)
    clerk.page.keyboard.press("Enter")
    assert clerk.page.input_value("#challenge") == "12345678901234567890123456789012"
    assert clerk.page.locator("#result .head").count() == 0


def test_a_new_scan_takes_the_place_of_the_one_before_and_enter_dismisses_nothing(
    clerk: Clerk, hall: Hall
) -> None:
    choose(clerk)
    code = hall.code()
    clerk.paste(code)
    clerk.outcome("accepted")
    clerk.page.keyboard.press("Enter")
    clerk.page.keyboard.press("Enter")
    clerk.outcome("accepted")
    clerk.paste(code)
    told = clerk.outcome("refused")
    assert "此码已使用过" in told
    assert "E107" in told
    assert "张伟" not in told


def test_a_code_may_be_pasted_or_chosen_as_a_picture(
    clerk: Clerk, hall: Hall, tmp_path: Path
) -> None:
    choose(clerk)
    clerk.paste(hall.code())
    clerk.outcome("accepted")
    clerk.page.keyboard.press("Escape")
    assert clerk.page.locator("#result .head").count() == 0
    file = tmp_path / "code.png"
    file.write_bytes(hall.wallet.show(hall.licence.id).png())
    clerk.page.set_input_files("#picture", file)
    clerk.outcome("accepted")


# -- the other outcomes -----------------------------------------------------------------------


def test_an_authentic_licence_outside_the_list_shows_nothing_personal(
    clerk: Clerk, hall: Hall
) -> None:
    choose(clerk, "社会保险业务")
    clerk.paste(hall.code())
    told = clerk.outcome("not-recognised")
    assert "真实，但不在互认范围" in told
    assert "机动车驾驶证" in told
    assert "张伟" not in told
    assert "1237" not in told


def test_a_revoked_licence_is_refused_after_the_lists_came(clerk: Clerk, hall: Hall) -> None:
    choose(clerk)
    hall.revoke()
    hall.sync()
    clerk.page.wait_for_timeout(2100)  # the service looks after new lists every two seconds
    clerk.paste(hall.code())
    told = clerk.outcome("refused")
    assert "该证照已被吊销" in told
    assert "E201" in told
    assert "张伟" not in told


def test_a_lost_digit_is_a_bad_scan_and_no_forgery(clerk: Clerk, hall: Hall) -> None:
    code = hall.code()
    clerk.paste(code[:100] + code[101:])
    told = clerk.outcome("undetermined")
    assert "无法核验，不能判定真假" in told
    assert "请重新扫描" in told


def test_a_service_that_is_gone_is_no_verdict(clerk: Clerk, hall: Hall) -> None:
    clerk.context.set_offline(True)
    clerk.paste(hall.code())
    assert "连接不上本机服务，无法核验" in clerk.outcome("undetermined")


# -- the page itself --------------------------------------------------------------------------


def test_nothing_personal_is_left_in_the_browser(clerk: Clerk, hall: Hall) -> None:
    choose(clerk)
    clerk.paste(hall.code())
    clerk.outcome("accepted")
    stored = clerk.page.evaluate("JSON.stringify([localStorage, sessionStorage, document.cookie])")
    assert "张伟" not in stored
    assert hall.token not in stored
    assert "?" not in clerk.page.url


def test_the_page_speaks_english_too(clerk: Clerk, hall: Hall) -> None:
    choose(clerk)
    clerk.page.click("#language")
    clerk.paste(hall.code())
    told = clerk.outcome("accepted")
    assert "Verified and recognised" in told
    assert "Compare the name and the last four characters" in told


def test_the_result_is_cleared_after_its_time_unless_it_is_held(clerk: Clerk, hall: Hall) -> None:
    choose(clerk)
    clerk.page.clock.install()
    clerk.paste(hall.code())
    clerk.page.clock.run_for(300)
    clerk.outcome("accepted")
    clerk.page.click("#hold")
    clerk.page.clock.run_for(120_000)
    clerk.outcome("accepted")
    clerk.page.click("#hold")
    clerk.page.clock.run_for(61_000)
    assert clerk.page.locator("#result .head").count() == 0


def test_matters_are_found_by_words_and_by_initials(clerk: Clerk) -> None:
    clerk.page.focus("#matter")
    clerk.page.keyboard.type("机动车", delay=150)
    clerk.page.wait_for_selector("#matter-list [role=option]")
    clerk.page.keyboard.press("ArrowDown")
    clerk.page.keyboard.press("Enter")
    assert clerk.page.input_value("#matter") == MATTER
    clerk.page.click("#favourite")
    assert clerk.page.locator("#favourites button").inner_text() == MATTER
    clerk.page.reload()
    clerk.page.wait_for_selector("#desk:not([hidden])")
    assert clerk.page.input_value("#matter") == MATTER


def test_axe_finds_nothing(clerk: Clerk, hall: Hall) -> None:
    if not AXE.exists():
        if os.environ.get("CI"):
            pytest.fail("CI has no axe-core")
        pytest.skip("axe-core is not installed (make test installs it)")
    # The page's own policy forbids a script from elsewhere; the tool is no part of the page.
    clerk.page.evaluate(AXE.read_text("utf-8"))

    def look() -> list[list[str]]:
        found = clerk.page.evaluate("axe.run().then((result) => result.violations)")
        return [[one["id"], one["nodes"][0]["html"]] for one in found]

    assert look() == []
    code = hall.code()
    choose(clerk, "社会保险业务")
    clerk.paste(code)
    clerk.outcome("not-recognised")
    assert look() == []
    choose(clerk)
    clerk.paste(code)
    clerk.outcome("accepted")
    clerk.page.click(".foot button")
    assert look() == []
    clerk.paste(code)
    clerk.outcome("refused")
    assert look() == []
    clerk.paste(code[:100] + code[101:])
    clerk.outcome("undetermined")
    assert look() == []
    clerk.page.click("#sign-out")
    clerk.page.wait_for_selector("#sign-in:not([hidden])")
    assert look() == []


def test_naughty_strings_stay_text(clerk: Clerk) -> None:
    if not NAUGHTY.exists():
        pytest.skip("the shared vectors are not here")
    strings = json.loads(NAUGHTY.read_text("utf-8"))
    ran = clerk.page.evaluate(_NAUGHTY, strings)
    assert ran == [len(strings), 0, []]
    assert clerk.faults == []


# Each as name, field and its value, number, type, reason, receipt's fault, favourite, the
# window's name, the fields of an objection, what is pasted, and the name of a file.
_NAUGHTY = """async (strings) => {
    let alerts = 0, sent = 0;
    window.alert = () => { alerts += 1; };
    const real = window.fetch;
    window.fetch = async () => { sent += 1; return { status: 503, json: async () => ({}) }; };
    const box = document.getElementById("result"), form = document.getElementById("objection");
    const wrong = [], words = (text) => ({ zh: text, en: text });
    const look = (text, place, holds) => {
        if (!holds.textContent.includes(text)) wrong.push(["lost", place, text]);
        const foreign = "script, iframe, a, style, object, embed, svg svg";
        if (holds.querySelector(foreign)) wrong.push(["markup", place, text]);
        const wide = document.documentElement.scrollWidth - window.innerWidth;
        if (wide > 0) wrong.push(["layout", place, wide, text]);
    };
    for (const text of strings) {
        const licence = { type_name: text, original_type_name: "", region_name: text,
            holders: [[text, text]], number: text, fields: { [text || "x"]: text },
            valid_until: null, issuer_name: text, basis: null,
            portrait_jpeg: null, purpose: { purpose: text, maker: text },
            agent: { name: text, number: text, matters: [text], until: "2026-11-22T10:00" } };
        const part = { outcome: "accepted", number: "E000", wording: words(text),
            next: words(text), headline: words(text), licence };
        VerdictView.draw(box, { ...part, at: "2026-11-22T10:00:00+08:00", took_ms: 1,
            demo: true, parts: [part, part], check: text, receipt_fault: words(text) }, () => {});
        look(text, "verdict", box);
        VerdictView.trouble(box, text);
        look(text, "trouble", box);
        ObjectionForm.open(licence, { check: text, part: 1 }, () => {});
        look(text, "objection", form);
        ObjectionForm.close();
        localStorage.setItem("ecert.favourites", JSON.stringify([text]));
        Matters.draw();
        look(text, "favourite", document.getElementById("favourites"));
        document.getElementById("window").textContent = text;
        look(text, "window", document.getElementById("window"));
        const named = new DataTransfer();
        try { named.items.add(new File(["x"], text, { type: "image/png" })); } catch (error) { }
        document.body.dispatchEvent(
            new DragEvent("drop", { dataTransfer: named, bubbles: true, cancelable: true }));
    }
    await new Promise((resolve) => { setTimeout(resolve, 200); });
    window.fetch = real;
    if (sent < strings.length) wrong.push(["a file was not taken", sent]);
    return [strings.length, alerts, wrong];
}"""


def test_matters_of_a_whole_office_are_found_as_one_types(clerk: Clerk, hall: Hall) -> None:
    write_matters(hall)
    page = clerk.page
    page.evaluate("fetch('/api/matters?q=x')")  # the file is read once
    page.wait_for_timeout(1500)
    for typed, expected in (("驾驶证", "驾驶证"), ("jdcjsz", "机动车驾驶证"), ("图书", "图书")):
        page.fill("#matter", "")
        page.focus("#matter")
        page.keyboard.type(typed, delay=40)
        page.wait_for_function(
            "(text) => [...document.querySelectorAll('#matter-list [role=option]')]"
            ".some((one) => one.textContent.includes(text))",
            arg=expected,
        )
        assert 1 <= page.locator("#matter-list [role=option]").count() <= 40
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    chosen = page.input_value("#matter")
    assert chosen
    page.click("#favourite")
    page.reload()
    page.wait_for_selector("#desk:not([hidden])")
    assert page.input_value("#matter") == chosen
    assert page.locator("#favourites button").inner_text() == chosen
