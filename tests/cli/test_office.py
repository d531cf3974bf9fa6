"""``ecert init``, ``key`` and ``type``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from ecert.cli import failures
from ecert.model.catalogue import builtin
from ecert.model.codes import make_uscc
from ecert.workspace import Workspace
from tests.cli.conftest import tree

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.conftest import Runs

CODE = make_uscc("11", "511623", "00000013")
REAL = ("init", "linshui", "--region", "511623", "--name", "邻水县行政审批局", "--code", CODE)
DEMO = ("init", "guangan", "--region", "511600", "--name", "广安市公安局", "--demo")


def test_init_makes_a_demonstration_and_says_so(ecert: Runs, tmp_path: Path) -> None:
    ran = ecert(*DEMO)
    assert ran.code == 0
    assert "演示" in ran.out
    assert "不得用于真实业务" in ran.err
    assert Workspace.open(tmp_path / "guangan").settings.demo


def test_init_makes_a_real_one_under_the_passphrase_given(ecert: Runs, tmp_path: Path) -> None:
    assert ecert(*REAL, "--status-base", "https://linshui.gov.cn/status").code == 0
    with Workspace.open(tmp_path / "linshui", prompt=lambda _: "correct horse 电池") as made:
        made.unlock_licence_key()
        assert made.settings.status_base == "https://linshui.gov.cn/status"


def test_init_without_a_code_says_that_it_only_verifies(ecert: Runs) -> None:
    ran = ecert("init", "window", "--region", "500000", "--name", "窗口", "--lang", "en")
    assert ran.code == 0
    assert "only verifies" in ran.err
    assert ecert("-C", "window", "status", "publish").code == failures.USAGE


def test_init_json(ecert: Runs) -> None:
    assert ecert(*REAL, "--json").json == {
        "workspace": "linshui", "region": "511623", "name": "邻水县行政审批局",
        "code": CODE, "demo": False, "alg": "ES256", "database": None, "dry_run": False,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((*DEMO[:3], "519999", *DEMO[4:]), "没有代码519999"),
        ((*DEMO[:3], "５１１６００", *DEMO[4:]), "U+FF15"),
        ((*DEMO, "--code", "115116003189451949"), "校验位不符"),
        ((*DEMO[:5], "局\u200b", "--demo"), "U+200B"),
        (("init", "no/where", *DEMO[2:]), "上一级文件夹不存在"),
    ],
)
def test_init_tells_what_is_wrong_and_leaves_nothing(
    ecert: Runs, tmp_path: Path, arguments: tuple[str, ...], said: str
) -> None:
    ran = ecert(*arguments)
    assert ran.code == failures.USAGE
    assert said in ran.err
    assert tree(tmp_path) == {}
    english = ecert(*arguments, "--lang", "en").err
    assert english.startswith("× ")
    assert said not in english or said.startswith("U+")


def test_init_refuses_a_short_passphrase(
    ecert: Runs, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ECERT_PASSPHRASE", "short")
    ran = ecert(*REAL)
    assert ran.code == failures.USAGE
    assert "口令太短" in ran.err
    assert tree(tmp_path) == {}


def test_init_never_overwrites(ecert: Runs, place: Path) -> None:
    before = tree(place)
    ran = ecert(*DEMO)
    assert ran.code == failures.USAGE
    assert "已经是工作区" in ran.err
    assert tree(place) == before


def test_init_dry_run_makes_nothing_and_asks_nothing(
    ecert: Runs, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("ECERT_PASSPHRASE")
    ran = ecert(*REAL, "--dry-run", "--json")
    assert ran.code == 0
    assert ran.json["dry_run"] is True
    assert tree(tmp_path) == {}


# -- keys -------------------------------------------------------------------------------------


def test_key_list_and_show_need_no_passphrase(ecert: Runs, monkeypatch: pytest.MonkeyPatch) -> None:
    ecert(*REAL)
    monkeypatch.delenv("ECERT_PASSPHRASE")
    keys = ecert("-C", "linshui", "key", "list", "--json").json["keys"]
    assert [key["role"] for key in keys] == [
        "licence", "status", "roots", "trust-list", "catalogue", "recognition-list", "receipt",
    ]  # fmt: skip
    assert {key["state"] for key in keys} == {"active"}
    # A key id may begin with a dash.
    shown = ecert("-C", "linshui", "key", "show", "--", keys[0]["kid"][:8])
    assert "BEGIN PUBLIC KEY" in shown.out
    assert "PRIVATE" not in shown.out
    assert ecert("-C", "linshui", "key", "show", "status-1").code == 0


def test_key_show_of_none_or_several_is_told(ecert: Runs, place: Path) -> None:
    ran = ecert("-C", "guangan", "key", "show", "")
    assert ran.code == failures.KEY
    assert "ecert key list" in ran.err


def test_key_new_rolls_over_and_says_what_to_do_next(ecert: Runs, place: Path) -> None:
    ran = ecert("-C", "guangan", "key", "new", "--from", "2099-01-01", "--yes", "--json")
    assert ran.code == 0
    assert ran.json["key"]["valid_from"] == "2098-12-31T16:00:00+00:00", "midnight in Shanghai"
    assert "trust export" in ran.err
    states = [
        key["state"]
        for key in ecert("-C", "guangan", "key", "list", "--json").json["keys"]
        if key["role"] == "licence"
    ]
    assert states == ["active", "planned"]


def test_key_new_dry_run_changes_nothing(ecert: Runs, place: Path) -> None:
    before = tree(place / "guangan")
    assert ecert("-C", "guangan", "key", "new", "--dry-run").code == 0
    assert tree(place / "guangan") == before


@pytest.mark.parametrize(
    "when", ["2020-01-01", "0001-01-01", "tomorrow", "2099-01-01T00:00:00", "2099-13-01"]
)
def test_key_new_refuses_the_past_and_what_is_no_moment(
    ecert: Runs, place: Path, when: str
) -> None:
    before = tree(place / "guangan")
    assert ecert("-C", "guangan", "key", "new", "--yes", "--from", when).code == failures.USAGE
    assert tree(place / "guangan") == before


def test_key_new_with_a_wrong_passphrase(
    ecert: Runs, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ecert(*REAL)
    before = tree(tmp_path)
    monkeypatch.setenv("ECERT_PASSPHRASE", "another one")
    ran = ecert("-C", "linshui", "key", "new", "--from", "2099-01-01", "--yes")
    assert ran.code == failures.KEY
    assert "口令不对" in ran.err
    assert tree(tmp_path) == before


# -- types ------------------------------------------------------------------------------------


def test_every_provisional_code_is_marked_wherever_it_is_listed(ecert: Runs) -> None:
    provisional = [one for one in builtin() if one.code_status != "official"]
    assert provisional
    rows = {row.split("\t")[1]: row for row in ecert("type", "list").out.splitlines()}
    assert len(rows) == len(builtin())
    for one in provisional:
        assert "暂定" in rows[one.code]
        assert "暂定" in ecert("type", "show", one.name).out.splitlines()[0]
    english = ecert("type", "show", provisional[0].code, "--lang", "en").out
    assert "provisional" in english.splitlines()[0]


def test_type_list_json_says_it_too(ecert: Runs) -> None:
    types = ecert("type", "list", "--json").json["types"]
    assert {one["code"]: one["code_status"] for one in types} == {
        one.code: one.code_status for one in builtin()
    }


def test_type_show_tells_what_to_fill_in(ecert: Runs, place: Path) -> None:
    out = ecert("-C", "guangan", "type", "show", "驾驶证").out
    assert "准驾车型\tKZ_ZJCX\t必填" in out
    assert "minimal: 准驾车型" in out
    plain = ecert("type", "show", "驾驶证", "--json").json
    assert plain["name"] == "机动车驾驶证"


def test_an_unknown_type_names_the_nearest(ecert: Runs) -> None:
    ran = ecert("type", "show", "机动车行驶证")
    assert ran.code == failures.USAGE
    assert "机动车驾驶证" in ran.err
