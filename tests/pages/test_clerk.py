"""What a clerk does at the page, in a real browser."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from tests.pages.conftest import Clerk, Hall

MATTER = "机动车业务"


def test_a_scan_is_taken_wherever_the_focus_is(clerk: Clerk, hall: Hall) -> None:
    clerk.page.fill("#matter", MATTER)
    clerk.page.focus("#challenge")
    clerk.scan(hall.code())
    told = clerk.outcome("accepted")
    clerk.page.screenshot(path="/tmp/w/shot_accepted.png")
    assert "张伟" in told
    assert "1237" in told
    assert "请与居民身份证核对姓名和号码后四位" in told
    assert clerk.page.input_value("#challenge") == ""
    assert clerk.page.input_value("#matter") == MATTER
    assert clerk.faults == []
    assert {urlsplit(one).netloc for one in clerk.requests} == {urlsplit(hall.address).netloc}
