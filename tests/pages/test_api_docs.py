"""The page that explains the API, in a real browser and without another machine."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.sync_api import Browser

    from tests.pages.conftest import Hall


def test_the_api_is_explained_in_both_languages_by_this_machine_alone(
    hall: Hall, browser: Browser
) -> None:
    context = browser.new_context(viewport={"width": 1366, "height": 1000})
    page = context.new_page()
    faults: list[str] = []
    requests: list[str] = []
    page.on("pageerror", lambda one: faults.append(str(one)))
    page.on("console", lambda one: faults.append(one.text) if one.type == "error" else None)
    page.on("request", lambda one: requests.append(one.url))
    page.goto(f"{hall.address}api/docs")
    page.wait_for_selector(".operation")
    told = page.inner_text("main")
    assert "/api/verify" in told
    assert "必填" in told
    page.click("#language")
    assert "Required" in page.inner_text("main")
    assert faults == []
    assert all(url.startswith(hall.address) for url in requests)
    context.close()
