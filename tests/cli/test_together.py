"""``ecert issue-together``: all of them, or none."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from ecert.cli import failures
from ecert.model.codes import make_uscc
from ecert.workspace import Workspace
from tests.cli.people import NUMBER

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.conftest import Runs

USCC = make_uscc("91", "511623", "MA62J8K3")


def _applications() -> list[dict[str, Any]]:
    holder = {"name": "广安嘉陵食品有限公司", "number": USCC, "number_type": "001"}
    return [
        {
            "type": "机动车驾驶证", "number": NUMBER,
            "holders": [{"name": "张伟", "number": NUMBER}], "fields": {"准驾车型": "C1"},
            "valid_until": "2031-06-01",
        },
        {
            "type": "食品经营许可证", "number": "JY25116230012345", "holders": [holder],
            "fields": {
                "主体业态": "餐饮服务经营者", "经营项目": "热食类食品制售",
                "经营场所": "四川省广安市邻水县示例路1号", "法定代表人": "李小兰",
            },
            "valid_until": "2031-10-31", "valid_from": "2026-11-01",
        },
    ]  # fmt: skip


def _write(place: Path, plain: object) -> None:
    (place / "一件事.json").write_text(json.dumps(plain, ensure_ascii=False), "utf-8")


def _count(place: Path) -> int:
    with Workspace.open(place / "guangan") as workspace:
        return sum(1 for _ in workspace.issuer.archive.rows())


def test_all_are_issued_in_one_act(ecert: Runs, place: Path) -> None:
    _write(place, {"applications": _applications()})
    ran = ecert("-C", "guangan", "issue-together", "一件事.json", "--actor", "李娜", "--json")
    assert ran.code == 0
    assert [one["row"] for one in ran.json["licences"]] == [2, 3]
    assert ran.json["licences"][1]["licence"]["valid_from"] == "2026-11-01"
    entries = ecert("-C", "guangan", "audit", "log", "--json").json["entries"]
    assert len(entries[-1]["licence_events"]) == 2, "one transaction"
    assert entries[-1]["licence_events"][0]["actor"] == "李娜"


def test_one_fault_and_none_is_issued(ecert: Runs, place: Path) -> None:
    plain = _applications()
    plain[1]["fields"].pop("主体业态")
    _write(place, {"applications": plain})
    for more in ((), ("--dry-run",)):
        ran = ecert("-C", "guangan", "issue-together", "一件事.json", *more)
        assert ran.code == failures.USAGE
        assert "主体业态" in ran.err
    assert _count(place) == 1


def test_dry_run_and_retry(ecert: Runs, place: Path) -> None:
    _write(place, {"applications": _applications()})
    order = ("-C", "guangan", "issue-together", "一件事.json")
    assert "可以颁发" in ecert(*order, "--dry-run").out
    assert _count(place) == 1
    ids = [
        [one["licence"]["id"] for one in ecert(*order, "--request-id", "e1", "--json").json[key]]
        for key in ("licences", "licences")
    ]
    assert ids[0] == ids[1]
    assert _count(place) == 3


def _without(key: str) -> object:
    one = _applications()[0]
    del one[key]
    return {"applications": [one]}


def _with(**changes: object) -> object:
    return {"applications": [_applications()[0] | changes]}


@pytest.mark.parametrize(
    ("plain", "told"),
    [
        ([], "JSON"),
        ({}, "applications"),
        ({"applications": []}, "1至100"),
        ({"applications": ["x"]}, "第1份申请"),
        ({"applications": _applications()[:1], "extra": 1}, "applications"),
        (_without("holders"), "缺少 holders"),
        (_with(until="2031-01-01"), "未知项"),
        (_with(holders=[]), "holders"),
        (_with(holders=[{"name": "张伟"}]), "持证主体"),
        (_with(fields=[]), "fields"),
        (_with(number=1), "number"),
        (_with(valid_until="20310601"), "valid_until"),
    ],
)
def test_a_file_that_is_not_in_order_is_refused(
    ecert: Runs, place: Path, plain: object, told: str
) -> None:
    _write(place, plain)
    ran = ecert("-C", "guangan", "issue-together", "一件事.json")
    assert ran.code == failures.USAGE
    assert told in ran.err
    assert NUMBER not in ran.err
    assert _count(place) == 1


def test_a_key_that_stands_twice_is_refused(ecert: Runs, place: Path) -> None:
    (place / "twice.json").write_text('{"applications": [], "applications": []}')
    assert ecert("-C", "guangan", "issue-together", "twice.json").code == failures.USAGE
    assert ecert("-C", "guangan", "issue-together", "none.json").code == failures.USAGE


def test_from_standard_input(ecert: Runs, place: Path) -> None:
    data = json.dumps({"applications": _applications()}).encode()
    assert ecert("-C", "guangan", "issue-together", "-", stdin=data).code == 0
    assert _count(place) == 3
