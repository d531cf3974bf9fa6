"""What list keepers do at their page, in a real browser: from a workbook to a list in force."""

from __future__ import annotations

import json
import os
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import openpyxl
import pytest

from ecert.demo import demo_region
from ecert.interop.signing import read_paper
from ecert.interop.workbook.writing import write_list
from ecert.store.list_proposals import SQLListProposals
from ecert.store.tokens import SQLTokens
from ecert.trust.roots import Role as TrustRole
from ecert.workspace import Workspace
from ecert.workspace.access import Role, new_token
from tests.pages.conftest import AT, clock, keep_picture

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, Page

    from tests.pages.conftest import Hall

AXE = Path(__file__).parent.parent / "interop" / "node_modules" / "axe-core" / "axe.min.js"
NAUGHTY = Path(__file__).parents[3] / "shared" / "vectors" / "naughty-strings.json"
NEW_MATTER = "社会保险业务"


def picture(page: Page, name: str) -> None:
    """Keep a screenshot, if somebody wants to look."""
    keep_picture(page, f"keeper-{name}")


def axe(page: Page) -> None:
    """Let axe-core look at the page."""
    if not AXE.exists():
        if os.environ.get("CI"):
            pytest.fail("CI has no axe-core")
        return
    page.evaluate(AXE.read_text("utf-8"))
    found = page.evaluate("axe.run().then((result) => result.violations)")
    assert [(one["id"], one["nodes"][0]["html"]) for one in found] == []


class Keepers:
    """People with tokens of list keepers, each at a browser of their own."""

    def __init__(self, browser: Browser, hall: Hall) -> None:
        self.browser, self.hall = browser, hall
        self.requests: list[str] = []
        self.faults: list[str] = []
        self.contexts: list[Any] = []

    def sign_in(self, name: str, role: Role = Role.LIST_KEEPER) -> Page:
        """Open the page and sign in with a new token."""
        token, kept = new_token(
            role, name, created=AT - timedelta(minutes=1), expires=AT + timedelta(days=1)
        )
        with Workspace.open(self.hall.folder / "chongqing", clock=clock) as workspace:
            SQLTokens(workspace.engine).add(kept)
        context = self.browser.new_context(viewport={"width": 1366, "height": 1000})
        self.contexts.append(context)
        page = context.new_page()
        page.on("request", lambda one: self.requests.append(one.url))
        page.on("pageerror", lambda one: self.faults.append(str(one)))
        page.goto(self.hall.address + ("lists" if role is Role.LIST_KEEPER else ""))
        page.fill("#token", token)
        page.click("#sign-in button")
        page.wait_for_selector("#desk:not([hidden])")
        if role is Role.LIST_KEEPER:
            page.wait_for_selector("#lists table")
        return page


@pytest.fixture
def keepers(browser: Browser, hall: Hall) -> Iterator[Keepers]:
    """The keepers of Chongqing."""
    made = Keepers(browser, hall)
    yield made
    for context in made.contexts:
        context.close()


def workbook(
    hall: Hall, folder: Path, *, name: str = "互认清单.xlsx", unknown: bool = True
) -> Path:
    """Write the list in force as a table: one matter more, and a name that nobody knows."""
    path = folder / name
    with Workspace.open(hall.folder / "chongqing", clock=clock) as workspace:
        write_list(path, workspace.knowledge.recognition.lists[0].document)
    book = openpyxl.load_workbook(path)
    sheet = book["互认条目"]
    sheet["I2"] = f"{sheet['I2'].value}、{NEW_MATTER}"
    if unknown:
        sheet["C2"], sheet["D2"] = "驾照", None
    book.save(path)
    return path


def upload(page: Page, path: Path) -> str:
    """Choose a table, and return what the check says first."""
    page.set_input_files("#file", path)
    page.wait_for_selector("#check-head:focus", timeout=15_000)
    return page.locator("#check-head").inner_text()


def twice(page: Page, selector: str) -> None:
    """Press a button that asks once more."""
    page.click(selector)
    page.click(selector)


def test_from_a_workbook_to_a_list_by_which_a_window_accepts(
    keepers: Keepers, hall: Hall, tmp_path: Path
) -> None:
    # (1) A table with an unknown name: the finding stands at its row, with what it may be.
    wang = keepers.sign_in("王芳")
    picture(wang, "1-begin")
    axe(wang)
    assert "还不能提出" in upload(wang, workbook(hall, tmp_path))
    table = wang.locator("#table").inner_text()
    assert "C2 证照名称" in table
    assert "目录中没有证照类型“驾照”" in table
    assert "--choose" not in wang.locator("main").inner_text()
    picture(wang, "2-findings")
    axe(wang)
    # (2) One click chooses the type; it is remembered with who and when.
    wang.click("#names .pick >> text=机动车驾驶证")
    wang.wait_for_selector("#told:has-text('已选定')", timeout=15_000)
    assert "没有错误" in wang.locator("#check-head").inner_text()
    # (3) What changes, in words.
    change = wang.locator("#change").inner_text()
    assert f"由“机动车业务、执法检查”放宽为“机动车业务、执法检查、{NEW_MATTER}”" in change
    picture(wang, "3-change")
    axe(wang)
    with wang.expect_download() as sheet:
        wang.click("text=下载审批表")
    assert sheet.value.suggested_filename == "会签对照表.xlsx"
    twice(wang, "#propose button")
    wang.wait_for_selector("#told:has-text('已提出')", timeout=15_000)
    # (4) Who proposed it cannot accept it.
    wang.click(".look")
    wang.wait_for_selector("#waiting .digest")
    assert wang.locator(".accept").count() == 0
    assert "须由另一人接受" in wang.locator("#waiting").inner_text()
    # (5) Another person looks at it and accepts; Chongqing's key signs.
    li = keepers.sign_in("李强")
    li.click(".look")
    li.wait_for_selector(".accept")
    picture(li, "4-second-person")
    axe(li)
    twice(li, ".accept")
    li.wait_for_selector("#told:has-text('还差下列签名')", timeout=15_000)
    assert "√ 重庆市" in li.locator("#waiting").inner_text()
    assert "× 四川省" in li.locator("#waiting").inner_text()
    picture(li, "5-signatures")
    axe(li)
    # (6) Sichuan signs on its own machine, and its file comes back.
    with li.expect_download() as half:
        li.click("text=下载已签文件")
    paper = read_paper(Path(half.value.path()).read_bytes())
    whole = tmp_path / "四川已签.json"
    whole.write_bytes(paper.signed(list(
        demo_region("510000").signers[TrustRole.RECOGNITION_LIST])))  # fmt: skip
    li.set_input_files(".signed-file", whole)
    li.wait_for_selector("#told:has-text('已启用')", timeout=15_000)
    assert "王芳" in li.locator("#history").inner_text()
    picture(li, "6-in-force")
    # (7) A window accepts by the new list.
    clerk = keepers.sign_in("3号窗口", Role.CLERK)
    clerk.fill("#matter", NEW_MATTER)
    clerk.click("#result")
    clerk.keyboard.type(hall.code(), delay=2)
    clerk.keyboard.press("Enter")
    clerk.wait_for_selector("#result.accepted .head", timeout=10_000)
    assert keepers.faults == []
    assert {urlsplit(one).netloc for one in keepers.requests if not one.startswith("blob:")} == {
        urlsplit(hall.address).netloc
    }


def test_naughty_cells_and_names_stay_text(keepers: Keepers, hall: Hall, tmp_path: Path) -> None:
    if not NAUGHTY.exists():
        pytest.skip("the shared vectors are not here")
    strings = [one for one in json.loads(NAUGHTY.read_text("utf-8")) if one.isprintable() and one]
    path = workbook(hall, tmp_path, unknown=False)
    book = openpyxl.load_workbook(path)
    sheet = book["互认条目"]
    for number, text in enumerate(strings):
        row = [*(cell.value for cell in sheet[3])]
        row[0], row[2], row[3], row[18] = f"坏-{number}", text, None, text
        for column, value in enumerate(row, start=1):
            cell = sheet.cell(30 + number, column)
            cell.value = value
            cell.data_type = "s" if value is not None else cell.data_type
    target = tmp_path / "<img src=x onerror=alert(1)>.xlsx"
    book.save(target)
    page = keepers.sign_in("王芳")
    page.evaluate("() => { window.ran = 0; window.alert = () => { window.ran += 1; }; }")
    width = page.evaluate("document.documentElement.scrollWidth")
    upload(page, target)
    picture(page, "7-naughty")
    while page.locator(".after").is_enabled():
        page.click(".after")
        assert page.locator("#desk :is(script, img, iframe, form, style)").count() == 0
    assert page.evaluate("window.ran") == 0
    assert page.evaluate("document.documentElement.scrollWidth") == width
    assert keepers.faults == []


def test_five_thousand_rows_stay_usable(keepers: Keepers, hall: Hall, tmp_path: Path) -> None:
    path = workbook(hall, tmp_path, unknown=False)
    book = openpyxl.load_workbook(path)
    sheet = book["互认条目"]
    row = [cell.value for cell in sheet[3]]
    sheet.delete_rows(2, sheet.max_row)
    for number in range(5_000):
        sheet.append([f"条-{number}", row[1], "驾照" if number % 100 == 0 else row[2],
                      None if number % 100 == 0 else row[3], *row[4:]])  # fmt: skip
    for name in ("照面信息对照", "值表"):
        book[name].delete_rows(2, book[name].max_row)
    book.save(path)
    page = keepers.sign_in("王芳")
    page.set_input_files("#file", path)
    page.wait_for_selector("#check-head:focus", timeout=60_000)
    assert page.locator("#table tbody tr").count() <= 100
    assert page.locator("#names h3").first.inner_text().endswith("（1）")
    page.click(".only")
    page.click(".after")
    assert "2 / 10" in page.locator("#table .buttons").inner_text()
    picture(page, "8-large")


_CHOOSE = """([name, size]) => {
  const given = new DataTransfer(), input = document.getElementById("file");
  given.items.add(new File([new Uint8Array(size)], name));
  input.files = given.files;
  input.dispatchEvent(new Event("change", { bubbles: true }));
}"""


@pytest.mark.parametrize(
    ("name", "data", "told"),
    [
        ("a.xlsx", b"no workbook", "不是"),
        ("a.pdf", b"%PDF", "请选择表格文件"),
        ("a.xlsx", bytes(17 * 1024 * 1024), "文件过大，最多 16 MB"),
    ],
    ids=["no workbook", "another kind", "too large"],
)
def test_a_bad_file_is_told_on_the_page(
    keepers: Keepers, tmp_path: Path, name: str, data: bytes, told: str
) -> None:
    page = keepers.sign_in("王芳")
    path = tmp_path / name
    path.write_bytes(data)
    if len(data) < 1_000_000:
        page.set_input_files("#file", path)
    else:
        # Made in the browser: to carry it there takes longer than anybody would wait.
        page.evaluate(_CHOOSE, [name, len(data)])
    page.wait_for_selector(f"#check-fault:has-text('{told}')", timeout=10_000)
    page.click("#language")
    picture(page, "9-bad-file-en")
    assert "Recognition lists" in page.locator("h1").inner_text()


def test_a_clerks_token_opens_nothing_here(keepers: Keepers, hall: Hall) -> None:
    clerk = keepers.sign_in("3号窗口", Role.CLERK)
    clerk.goto(hall.address + "lists")
    clerk.wait_for_selector("#told:has-text('不是清单管理员的')")
    assert clerk.locator("#lists table").count() == 0
    with Workspace.open(hall.folder / "chongqing", clock=clock) as workspace:
        assert SQLListProposals(workspace.engine).newest(10) == ()
