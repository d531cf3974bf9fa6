"""From an office's workbook to a verdict at a window: the way of a recognition list, by shell."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from openpyxl import Workbook

from ecert.cli import failures
from tests.cli.people import NUMBER

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.conftest import Runs

ROWS = (
    ("川渝电子证照亮证互认实施清单（样例）",),
    ("文号：样例〔2026〕88号",),
    ("序号", "证照名称", "颁发地区", "互认地区", "应用场景", "牵头部门", "生效日期"),
    (1, "机动车驾驶证", "四川省", "重庆市", "机动车业务、执法检查", "公安厅（局）", "2026年1月1日"),
    (2, "食品经营许可", "四川省", "重庆市", "企业登记", "市场监管局", "2026.1.1"),
)


@pytest.fixture
def workbook(tmp_path: Path) -> Path:
    """What an office has: names, departments and scenes, no codes."""
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    for row in ROWS:
        sheet.append(row)
    sheet.merge_cells("A1:G1")
    book.save(tmp_path / "清单.xlsx")
    return tmp_path / "清单.xlsx"


def test_a_list_goes_from_a_workbook_to_a_window_and_an_entry_back_again(
    ecert: Runs, tmp_path: Path, workbook: Path
) -> None:
    for folder, region in (("sichuan", "510000"), ("chongqing", "500000")):
        ran = ecert("init", folder, "--region", region, "--name", f"{region}政务服务", "--demo")
        assert ran.code == 0, ran.err
    sichuan, chongqing = ("-C", "sichuan"), ("-C", "chongqing")
    wallet = ("--wallet", "zhang.wallet")
    issued = ecert(
        *sichuan, "issue", "机动车驾驶证", "--holder", "张伟", "--number", NUMBER,
        "-f", "准驾车型=C1", "--until", "2031-06-01", *wallet,
    )  # fmt: skip
    assert issued.code == 0, issued.err
    # Each knows the other; the bundle has a manifest, which names no recognition list.
    for here, there in ((sichuan, chongqing), (chongqing, sichuan)):
        assert ecert(*here, "trust", "export", "-o", "out.trust").code == 0
        assert ecert(*there, "trust", "add", "out.trust", "--yes").code == 0
    # The office checks its workbook: a name that no type has is told with what it may be.
    check = (
        *sichuan, "recognition", "check", workbook, "-o", "draft.json", "--list-id", "second",
        "--owner", "四川省", "--expires", "2027-01-01", "--sample",
    )  # fmt: skip
    ran = ecert(*check)
    assert ran.code == failures.REJECTED
    assert "食品经营许可证（111000009999999986005）" in ran.err + ran.out
    assert not (tmp_path / "draft.json").exists()
    checked = ecert(*check, "--choose", "食品经营许可=111000009999999986005", "--json")
    assert checked.code == 0, checked.err
    assert ecert(*sichuan, "recognition", "lint", "draft.json").code == 0
    approval = ecert(*sichuan, "recognition", "approval", "draft.json", "-o", "会签.xlsx")
    assert approval.code == 0
    assert checked.json["digest"] in approval.out + approval.err
    # Each signs on its own machine; the files are combined.
    for here, name in ((sichuan, "a.json"), (chongqing, "b.json")):
        signed = ecert(
            *here, "recognition", "sign", "draft.json", "--digest", checked.json["digest"],
            "-o", name, "--yes",
        )  # fmt: skip
        assert signed.code == 0, signed.err
    # Half of the signatures bring nothing into force.
    assert ecert(*chongqing, "recognition", "import", "a.json", "--yes").code == failures.REFUSED
    combine = ("recognition", "combine", "a.json", "b.json", "-o", "list.json")
    assert ecert(*chongqing, *combine).code == 0
    assert ecert(*chongqing, "recognition", "import", "list.json", "--yes").code == 0
    # At the window.
    verify = (*chongqing, "verify", "code.png", "--for", "执法检查", "--json")
    assert ecert("show", *wallet, "-o", "code.png").code == 0
    accepted = ecert(*verify)
    assert accepted.code == 0, accepted.out + accepted.err
    assert accepted.json["parts"][0]["licence"]["basis"]["document_number"] == "样例〔2026〕88号"
    # In an emergency one side alone takes an entry back; the other entry stays.
    entry = accepted.json["parts"][0]["licence"]["basis"]["entry"]
    withdrawn = ecert(
        *chongqing, "recognition", "withdraw", "second", entry, "--basis", "样例〔2026〕99号",
        "--notice", "-o", "notice.json", "--yes",
    )  # fmt: skip
    assert withdrawn.code == 0, withdrawn.err
    sign = ("recognition", "sign", "notice.json", "-o", "signed-notice.json", "--yes")
    assert ecert(*chongqing, *sign).code == 0
    brought = ecert(*chongqing, "recognition", "import", "signed-notice.json", "--yes")
    assert brought.code == 0, brought.err
    assert ecert("show", *wallet, "-o", "code.png").code == 0
    refused = ecert(*verify)
    assert refused.code == failures.REFUSED
    assert refused.json["reason"] == "type-not-listed"
    assert "样例〔2026〕99号" in refused.out
    # And back into a workbook, which says the same.
    back = ecert(*chongqing, "recognition", "export", "list.json", "-o", "back.xlsx")
    assert back.code == 0, back.err
    again = ecert(*chongqing, "recognition", "check", "back.xlsx", "--json")
    assert again.code == 0, again.err
    assert again.json["digest"] == checked.json["digest"]
