"""What a clerk sees: every outcome at every size, the photo, receipts, numbers, objections."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import ecert
from ecert.online.verifiers import new_verifier
from ecert.service.show import make_app
from ecert.show.online import OnlineCode
from ecert.store.window_objections import SQLWindowObjections
from ecert.verify.signed_receipt import open_receipt
from ecert.workspace import Workspace
from ecert.workspace.online_holder import OnlineHolder
from ecert.workspace.show_desk import show_desk
from ecert.workspace.show_services import ShowServiceAddress, ShowServices
from tests.online.server import serving
from tests.pages.conftest import AT, NUMBER, clock, keep_picture
from tests.unit.show.test_portrait import file, picture

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Route

    from tests.pages.conftest import Clerk, Hall

MATTER = "机动车业务"
SHOP = "91511600MA62K6GH10"
SIZES = ((1366, 768), (1024, 768))


def look(clerk: Clerk, name: str) -> None:
    """Keep screenshots; the answer is seen whole, and nothing is wider than the screen."""
    page = clerk.page
    for width, height in SIZES:
        page.set_viewport_size({"width": width, "height": height})
        keep_picture(page, f"clerk-{name}-{width}", full_page=False)
        wide = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
        assert wide <= 0, f"{name}: {wide} px too wide at {width}"
        for part in (".head", ".next"):
            if not page.locator(f"#result {part}").count():
                continue  # the window's number
            found = page.locator(f"#result {part}").first.bounding_box()
            assert found is not None
            assert found["y"] + found["height"] <= height, f"{name}: {part} at {width}"
    page.set_viewport_size({"width": SIZES[0][0], "height": SIZES[0][1]})


def aside(act: Callable[[], Any]) -> Any:
    """Do something in a thread of its own."""
    with ThreadPoolExecutor(1) as other:
        return other.submit(act).result()


def issued_with_portrait(hall: Hall) -> ecert.Licence:
    """Issue a licence with a portrait, and bring the lists to the window."""
    licence = hall.guangan.issuer.issue(
        "机动车驾驶证", number="510681199003071237", holder=ecert.Holder("张伟", NUMBER),
        fields={"准驾车型": "C1"}, valid_until=date(2031, 6, 1), portrait=file(picture()),
        request_id="portrait",
    )  # fmt: skip
    hall.sync()
    return licence


def test_every_outcome_is_seen_at_once_at_every_size_and_in_both_languages(
    clerk: Clerk, hall: Hall
) -> None:
    page, code = clerk.page, hall.code()
    keep_picture(page, "clerk-waiting-1366", full_page=False)
    for language in ("zh", "en"):
        page.fill("#matter", "社会保险业务")
        clerk.paste(code)
        told = clerk.outcome("not-recognised")
        look(clerk, f"not-recognised-{language}")
        assert "1237" not in told
        page.fill("#matter", MATTER)
        page.click("#favourite")
        clerk.paste(code)
        clerk.outcome("accepted")
        look(clerk, f"accepted-{language}")
        clerk.paste(code)
        clerk.outcome("refused")
        look(clerk, f"refused-{language}")
        clerk.paste(code[:100] + code[101:])
        clerk.outcome("undetermined")
        look(clerk, f"undetermined-{language}")
        page.click("#language")
        code = hall.code()
    assert clerk.faults == []


def test_the_photo_of_a_licence_file_is_compared_with_the_person_and_goes_with_the_answer(
    clerk: Clerk, hall: Hall, tmp_path: Path
) -> None:
    licence = issued_with_portrait(hall)
    token = tmp_path / "licence.txt"
    token.write_text(hall.guangan.issuer.file(licence.id), "ascii")
    clerk.page.wait_for_timeout(2100)  # the service looks after new lists every two seconds
    clerk.page.fill("#matter", "社会保险业务")
    clerk.page.set_input_files("#picture", token)
    assert "与本人核对" not in clerk.outcome("not-recognised")
    assert clerk.page.locator("#result img").count() == 0
    clerk.page.fill("#matter", MATTER)
    clerk.page.set_input_files("#picture", token)
    told = clerk.outcome("accepted")
    assert "与本人核对" in told
    assert "请查验身份证件原件" in told
    wide = clerk.page.evaluate("document.querySelector('.portrait img').naturalWidth")
    assert wide > 0
    look(clerk, "photo")
    clerk.page.keyboard.press("Escape")
    assert clerk.page.locator("#result img").count() == 0


def test_a_case_number_is_kept_with_the_receipt_whose_number_is_told(
    clerk: Clerk, hall: Hall
) -> None:
    clerk.page.fill("#matter", MATTER)
    clerk.page.fill("#case", "2026-渝北-001")
    clerk.paste(hall.code())
    assert "回执 第 1 号" in clerk.outcome("accepted")
    with Workspace.open(hall.folder / "chongqing", clock=clock) as window:
        kept = window.receipts.require(1)
        assert kept.case == "2026-渝北-001"
        assert open_receipt(kept.token).receipt.clerk == "3号窗口"
    with clerk.page.expect_download() as saved:
        clerk.page.click("#result button:has-text('保存存卷件')")
    assert saved.value.suggested_filename == "receipt-1.jwt"
    copy = Path(saved.value.path()).read_text()
    with Workspace.open(hall.folder / "chongqing", clock=clock) as window:
        proven = window.receipts.prove_copy(copy)
        assert proven.receipt.digest == open_receipt(kept.token).digest
    clerk.page.keyboard.press("Escape")
    assert clerk.page.query_selector("#result button:has-text('保存存卷件')") is None
    assert clerk.page.input_value("#case") == "", "the next person is another case"


def test_the_number_that_the_page_shows_is_answered_by_the_next_code(
    clerk: Clerk, hall: Hall
) -> None:
    page = clerk.page
    page.fill("#matter", MATTER)
    page.fill("#challenge", "3-000000")
    page.click("#give-number")
    shown = page.locator(".number .figures").inner_text()
    assert shown.startswith("3-")
    assert page.input_value("#challenge") == "", "one thing is asked at a time"
    assert page.is_disabled("#challenge")
    assert 100 < int(page.locator(".number .rest").inner_text().split()[0]) <= 120
    look(clerk, "number")
    # A code for nobody in particular does not do; the number stays open.
    clerk.paste(hall.code())
    clerk.outcome("refused")
    assert shown in page.locator("#number-left").inner_text()
    clerk.paste(hall.code(challenge=shown))
    clerk.outcome("accepted")
    assert page.locator("#number-left").is_hidden()
    assert page.is_enabled("#challenge")
    # And its time runs out.
    page.clock.install()
    page.click("#give-number")
    page.wait_for_selector(".number .figures")
    page.clock.run_for(121_000)
    assert "数字已过时限" in page.locator("#result").inner_text()
    assert page.is_enabled("#challenge")


def test_what_is_wrong_on_a_licence_is_taken_for_the_office_that_issued_it(
    clerk: Clerk, hall: Hall
) -> None:
    page = clerk.page
    page.fill("#matter", MATTER)
    clerk.paste(hall.code())
    clerk.outcome("accepted")
    page.click(".foot button")
    look(clerk, "objection")
    page.click("#objection [type=submit]")
    assert "请至少选一项" in page.locator("#objection .fault").inner_text()
    page.check("#objection input[value=准驾车型]")
    page.fill("#statement", "准驾车型应为 B2")
    page.fill("#evidence", "机动车驾驶证原件")
    page.fill("#raised-by", "张伟")

    def lose(route: Route) -> None:
        route.fetch()
        route.abort()

    # The answer is lost; sent once more, it is no second objection.
    page.route("**/api/objections", lose, times=1)
    page.click("#objection [type=submit]")
    page.wait_for_function("document.querySelector('#objection .fault').textContent")
    page.click("#objection [type=submit]")
    page.wait_for_selector("#objection .next")
    told = page.locator("#objection").inner_text()
    assert "已收下，待转颁发机构" in told
    with Workspace.open(hall.folder / "chongqing", clock=clock) as window:
        (kept,) = SQLWindowObjections(window.engine).all()
    assert (kept.licence_id, kept.fields) == (str(hall.licence.id), ("准驾车型",))
    assert (kept.statement, kept.clerk, kept.raised_at) == ("准驾车型应为 B2", "3号窗口", AT)
    assert kept.id in told
    # The next scan takes the place of all of it.
    clerk.paste(hall.code())
    page.wait_for_selector("#objection", state="hidden")


def test_an_online_code_is_fetched_for_the_case_and_never_without_a_purpose(
    clerk: Clerk, hall: Hall
) -> None:
    page, folder = clerk.page, hall.folder / "chongqing"
    hall.guangan.knowledge.pin(ecert.demo_roots("500000"))
    hall.guangan.knowledge.accept(ecert.fixture("川渝互认清单"))
    desk = show_desk(hall.guangan)
    record, token = new_verifier(region="500000", office="重庆市政务服务中心", days=9, at=AT)
    desk.store.add_verifier(record)
    page.fill("#matter", MATTER)
    with serving(make_app(desk, clock=clock)) as url:
        address = ShowServiceAddress(region="511600", url=url, token=token, allow_http=True)
        ShowServices((address,)).write(folder)
        holder = OnlineHolder(hall.wallet, ShowServices((address,)), AT)
        # This thread has the browser's event loop.
        code, _ = aside(lambda: holder.deposit([str(hall.licence.id)]))
        clerk.scan(code.text)
        assert "请先填写事项和办件编号" in clerk.outcome("undetermined")
        page.fill("#case", "2026-渝北-002")
        page.focus("#result")
        clerk.scan(code.text)
        assert "张伟" in clerk.outcome("accepted")
        (entry, *_) = aside(lambda: holder.log("511600"))
        assert entry["purpose"]["username"] == "3号窗口"
        assert entry["purpose"]["businessCode"] == "2026-渝北-002"
        clerk.scan(code.text)
        assert "E110" in clerk.outcome("refused")
    page.fill("#case", "2026-渝北-003")
    page.focus("#result")
    clerk.scan(OnlineCode.new("511600").text)
    told = clerk.outcome("undetermined")
    assert "本机未能连上亮证服务" in told
    assert "请持证人改用亮证码" in told
    look(clerk, "no-network")


def test_an_enterprise_and_several_licences_in_one_code_are_each_told(
    clerk: Clerk, hall: Hall
) -> None:
    shop = hall.guangan.issuer.issue(
        "营业执照", number=SHOP, holder=ecert.Holder("广安红旗商贸有限公司", SHOP, "001"),
        fields={
            "类型": "有限责任公司", "法定代表人": "周强", "成立日期": "2019-05-06",
            "住所": "广安市广安区滨江路1号", "经营范围": "日用百货销售",
        },
        valid_until=None,
    )  # fmt: skip
    issuer, wallet = hall.guangan.issuer, hall.wallet
    wallet.add(issuer.deliver(shop.id, wallet.request(issuer.nonce())))
    hall.sync()
    clerk.page.wait_for_timeout(2100)
    clerk.page.fill("#matter", "企业开办")
    clerk.paste(wallet.show(shop.id).text)
    assert "请核对经办人身份及授权" in clerk.outcome("accepted")
    look(clerk, "enterprise")
    clerk.paste(wallet.show(shop.id, hall.licence.id).text)
    told = clerk.outcome("not-recognised")
    assert "1 √ 核验通过" in told
    assert "2 △ 真实，但不在互认范围" in told
    assert "广安红旗商贸有限公司" in told
    assert "张伟" not in told
    look(clerk, "several")


@pytest.mark.parametrize("seconds", [600, 1_000_000_000])
def test_a_banner_tells_that_lists_get_old_and_when_they_have_ended(
    clerk: Clerk, seconds: int
) -> None:
    state = "old" if seconds == 600 else "expired"
    clerk.page.route(
        "**/api/window",
        lambda route: route.fulfill(
            json={
                "window": {
                    "name": "3号窗口", "region_name": "重庆市", "number": None, "demo": True,
                },
                "state": state,
                "lists": [{"kind": "status-list", "age_seconds": seconds, "state": state}],
            }
        ),
    )  # fmt: skip
    clerk.page.reload()
    clerk.page.wait_for_selector("#banner:not([hidden])")
    told = clerk.page.locator("#banner").inner_text()
    assert ("名单较旧" in told) == (state == "old")
    assert ("已过期" in told) == (state == "expired")
    assert clerk.page.is_hidden("#give-number"), "a window without a number shows none"
