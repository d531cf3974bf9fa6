"""``ecert sharing``: grants and the access log."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ecert.cli import failures
from ecert.clock import system_clock
from ecert.issuers.sharing.access import Access, ShareRates
from ecert.issuers.sharing.numbers import ShareStatus, VerifyResult
from ecert.store.sharing import SQLShareStore
from ecert.workspace import Workspace

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.conftest import Runs

TYPE = "机动车驾驶证"


def _office(ecert: Runs) -> str:
    ecert("init", "police", "--region", "511600", "--name", "公安局", "--demo")
    made = ecert("-C", "police", "--json", "token", "add", "partner", "重庆市政务服务平台")
    assert made.code == 0
    token = made.json["id"]
    assert isinstance(token, str)
    return token


def test_a_caller_is_granted_a_type_and_loses_it_again(ecert: Runs) -> None:
    token = _office(ecert)
    tried = ecert("-C", "police", "sharing", "grant", token, TYPE, "--dry-run")
    services = "证照信息、证照文件下载、证照检索、证照验证"
    assert tried.out == f"将授权 重庆市政务服务平台：机动车驾驶证（{services}）\n"
    assert ecert("-C", "police", "--json", "sharing", "grants").json == {"grants": []}
    done = ecert(
        "-C", "police", "--json", "sharing", "grant", token, TYPE, "--service", "query",
        "--service", "verify", "--field", "准驾车型", "--daily", "7", "--misses", "3",
    )  # fmt: skip
    assert done.json["services"] == ["query", "verify"]
    (kept,) = ecert("-C", "police", "--json", "sharing", "grants").json["grants"]
    assert (kept["fields"], kept["daily"], kept["misses"]) == (["准驾车型"], 7, 3)
    assert (kept["caller"], kept["good"]) == ("重庆市政务服务平台", True)
    assert "重庆市政务服务平台" in ecert("-C", "police", "sharing", "grants").out
    assert ecert("-C", "police", "sharing", "end", token, TYPE, "--dry-run").code == 0
    assert ecert("-C", "police", "sharing", "end", token, TYPE, "-y").code == 0
    again = ecert("-C", "police", "sharing", "end", token, TYPE, "-y")
    assert "没有这项授权" in again.err
    assert ecert("-C", "police", "--json", "sharing", "grants").json == {"grants": []}


def test_what_cannot_be_granted_is_named(ecert: Runs) -> None:
    token = _office(ecert)
    clerk = ecert("-C", "police", "--json", "token", "add", "clerk", "3号窗口").json["id"]
    for arguments, said in (
        ((clerk, TYPE), "没有这个共享调用方的令牌"),
        (("none", TYPE), "没有这个共享调用方的令牌"),
        ((token, "没有的证"), "目录中没有证照类型"),
        ((token, TYPE, "--service", "all"), "没有这种服务"),
        ((token, TYPE, "--field", "没有"), "没有这一项"),
    ):
        ran = ecert("-C", "police", "sharing", "grant", *arguments)
        assert ran.code == failures.USAGE
        assert said in ran.err
    assert ecert("-C", "police", "--json", "sharing", "grants").json == {"grants": []}


def test_a_name_stands_for_one_good_token(ecert: Runs) -> None:
    _office(ecert)
    add = ("-C", "police", "--json", "token", "add")
    first = ecert(*add, "clerk", "3号窗口").json["id"]
    for role in ("clerk", "administrator", "partner"):
        for more in ((), ("--dry-run",)):
            again = ecert(*add, role, "3号窗口", *more)
            assert again.code != 0
            told = again.json["error"]
            assert (told["zh"], told["where"]) == ("这个名称已有可用的令牌", first)
    assert ecert(*add, "clerk", "4号窗口").code == 0
    assert ecert("-C", "police", "token", "withdraw", first, "-y").code == 0
    assert ecert(*add, "clerk", "3号窗口").code == 0
    # A platform has its next token before the last one ends; nobody sits there who objects.
    assert ecert(*add, "partner", "重庆市政务服务平台").code == 0
    assert ecert(*add, "clerk", "重庆市政务服务平台").code != 0


def test_the_log_tells_who_asked_and_what_for(ecert: Runs, tmp_path: Path) -> None:
    token = _office(ecert)
    licence = "1.2.156.3005.2.11100000000013127D001.11511623008888888K.TEST2024000001.001.D"
    purpose = {
        "orgName": "重庆市政务服务中心", "username": "3号窗口", "itemName": "机动车业务",
        "itemCode": "1", "businessCode": "渝办1号", "useCause": "办理换证",
    }  # fmt: skip
    with Workspace.open(tmp_path / "police") as workspace:
        store = SQLShareStore(workspace.engine)
        for number in range(3):
            access = Access(
                at=system_clock(), token=token, caller="平台", service="verifyCertInfo",
                status=ShareStatus.DONE, result=VerifyResult.WRONG, subject="1237",
                licences=(licence,) if number == 1 else (), purpose=purpose,
            )  # fmt: skip
            store.record(access, ShareRates(), None)
    ran = ecert("-C", "police", "sharing", "log", "--limit", "2")
    assert "办理换证" in ran.out
    assert "部分信息有误" in ran.out
    first = ecert("-C", "police", "--json", "sharing", "log", "--limit", "2").json
    assert [one["number"] for one in first["calls"]] == [3, 2]
    rest = ecert(
        "-C", "police", "--json", "sharing", "log", "--before", str(first["next_before"])
    ).json
    assert [one["number"] for one in rest["calls"]] == [1]
    assert rest["next_before"] is None
    of_licence = ecert("-C", "police", "--json", "sharing", "log", "--licence", licence).json
    assert [one["number"] for one in of_licence["calls"]] == [2]
    assert of_licence["calls"][0]["purpose"] == purpose
    assert ecert("-C", "police", "--json", "sharing", "log", "--until", "2020-01-01").json == {
        "calls": [], "next_before": None,
    }  # fmt: skip
    assert ecert("-C", "police", "sharing", "log", "--since", "明天").code == failures.USAGE
