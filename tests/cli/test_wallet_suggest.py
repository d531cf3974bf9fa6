"""``ecert wallet suggest``, ``ecert show --for`` and ``ecert matter request``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from ecert.cli import failures

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.conftest import Ran, Runs

WINDOW = ("-C", "chongqing")
WALLET = ("--wallet", "zhang.wallet")
TABLE = """事项编码,事项名称,实施部门,场景,所需证照,纸质材料
CQ-1,驾驶证换证,公安局,机动车业务,机动车驾驶证,
CQ-2,驾龄核查,公安局,机动车业务,机动车驾驶证（须含初次领证日期）,
CQ-3,公证办理,司法局,,身份证,申请表
"""


@pytest.fixture
def window(ecert: Runs, place: Path) -> Path:
    """A window in Chongqing with its matters, and a holder with a driving licence."""
    (place / "清单.csv").write_text(TABLE, "utf-8")
    assert ecert(*WINDOW, "matter", "import", "清单.csv").code == 0
    return place


def suggest(ecert: Runs, *options: str) -> Ran:
    return ecert(*WINDOW, "wallet", "suggest", "zhang.wallet", *options)


def test_the_least_profile_is_told_in_words(ecert: Runs, window: Path) -> None:
    ran = suggest(ecert, "--for", "驾驶证换证")
    assert ran.code == failures.DONE
    assert "1. √ 机动车驾驶证：机动车驾驶证，用 minimal，" in ran.out
    assert "显示：姓名、号码后四位、准驾车型（据样例清单）" in ran.out
    assert "核验时事项写“机动车业务”" in ran.out
    assert "minimal, telling: name" in suggest(ecert, "--for", "CQ-1", "--lang", "en").out


def test_json_names_licence_profile_and_basis(ecert: Runs, window: Path) -> None:
    plain = suggest(ecert, "--for", "CQ-1", "--json").json
    [need] = plain["needs"]
    assert plain["complete"]
    assert need["chosen"]["profile"] == "minimal"
    assert need["chosen"]["entry"]
    assert plain["profiles"] == {need["chosen"]["licence_id"]: "minimal"}


def test_what_is_missing_is_told_and_why(ecert: Runs, window: Path) -> None:
    ran = suggest(ecert, "--for", "驾龄核查")
    assert ran.code == failures.DONE
    assert "卡包中没有可用的" in ran.out
    assert "机动车驾驶证：" in ran.out
    assert "初次领证日期" in ran.out
    assert "△ 还缺 1 项" in ran.out
    assert "△ 还缺 2 项" in suggest(ecert, "--for", "公证办理").out


def test_a_scene_of_the_list_will_do(ecert: Runs, place: Path) -> None:
    assert "用 minimal" in suggest(ecert, "--for", "机动车业务").out
    ran = suggest(ecert, "--for", "机动车业物")
    assert ran.code == failures.USAGE


def test_a_code_is_made_with_the_least_and_accepted(ecert: Runs, window: Path) -> None:
    ran = ecert(*WINDOW, "show", *WALLET, "--for", "驾驶证换证", "-o", "code.png")
    assert ran.code == failures.DONE
    assert "用 minimal，显示：姓名、号码后四位、准驾车型" in ran.err
    assert ecert(*WINDOW, "verify", "code.png", "--for", "机动车业务").code == failures.DONE


def test_a_request_needs_no_workspace_of_the_holder(ecert: Runs, window: Path) -> None:
    ran = ecert(*WINDOW, "matter", "request", "驾驶证换证", "-o", "需求.json")
    assert "√ 已写入 需求.json：1 项需求" in ran.out
    ran = ecert("show", *WALLET, "--request", "需求.json", "--json")
    assert ran.json["digits"] > 600
    assert "用 minimal" in ran.err
    printed = ecert(*WINDOW, "matter", "request", "驾驶证换证").out
    assert printed.strip() == (window / "需求.json").read_text("utf-8")


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--for", "驾驶证换证", "--profile", "full"), "只能用一种"),
        (("--for", "驾驶证换证", "--request", "清单.csv"), "请用 --for 写明事项"),
        (("--request", "清单.csv"), "不是事项亮证需求"),
        (("--for", "公证办理"), "没有可用于此事项的证照"),
        (("--for", "驾驶证换证", "--region", "511600"), "由重庆市办理"),
    ],
)
def test_what_cannot_be_done_is_told(
    ecert: Runs, window: Path, options: tuple[str, ...], words: str
) -> None:
    ran = ecert(*WINDOW, "show", *WALLET, *options)
    assert ran.code in {failures.USAGE, failures.REFUSED}
    assert words in ran.err
