"""``ecert trust``."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from ecert.cli import failures
from ecert.demo import demo_region
from ecert.model.codes import make_uscc
from ecert.sign import envelope
from ecert.trust.roots import Role
from ecert.workspace import Workspace

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.cli.conftest import Runs

CODE = make_uscc("11", "511623", "00000013")


@pytest.fixture
def empty(ecert: Runs, place: Path) -> Path:
    """A demonstration window that knows nobody."""
    ecert("init", "empty", "--region", "500000", "--name", "窗口", "--demo")
    return place / "empty"


def _known(folder: Path) -> set[str]:
    with Workspace.open(folder) as workspace:
        return set(workspace.knowledge.trust.documents)


def _fingerprint(place: Path) -> str:
    with Workspace.open(place / "guangan") as workspace:
        roots = workspace.knowledge.trust.roots("510000")
    assert roots is not None
    return roots.fingerprint


# -- export -----------------------------------------------------------------------------------


def test_export_writes_one_file_and_reads_out_the_fingerprint(ecert: Runs, place: Path) -> None:
    ran = ecert("-C", "guangan", "trust", "export", "-o", "new.trust")
    assert ran.code == 0
    groups = _fingerprint(place).split()
    assert all(len(group) == 4 for group in groups)
    assert " ".join(groups[:8]) in ran.err
    assert json.loads((place / "new.trust").read_bytes())["typ"] == "ecert-bundle"


def test_export_to_stdout_is_the_file_and_nothing_else(ecert: Runs, place: Path) -> None:
    plain = ecert("-C", "guangan", "trust", "export").json
    assert plain.keys() == {
        "typ", "roots", "trust_list", "catalogue", "status_lists", "manifest",
    }  # fmt: skip


def test_export_under_a_wrong_passphrase_writes_nothing(
    ecert: Runs, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ecert("init", "linshui", "--region", "511623", "--name", "局", "--code", CODE)
    monkeypatch.setenv("ECERT_PASSPHRASE", "another one")
    ran = ecert("-C", "linshui", "trust", "export", "-o", "new.trust")
    assert ran.code == failures.KEY
    assert "口令不对" in ran.err
    assert not (tmp_path / "new.trust").exists()


# -- add --------------------------------------------------------------------------------------


def test_add_shows_whose_roots_they_are_before_it_pins(ecert: Runs, empty: Path) -> None:
    before = _known(empty)
    ran = ecert("-C", "empty", "trust", "add", "guangan.trust")
    assert ran.code == failures.USAGE, "nobody is there to compare the fingerprint"
    for told in ("四川省（演示）", "510000", "演示密钥", "指纹", "--yes"):
        assert told in ran.err
    assert _known(empty) == before


def test_add_with_consent(ecert: Runs, empty: Path) -> None:
    plain = ecert("-C", "empty", "trust", "add", "guangan.trust", "--yes", "--json").json
    assert (plain["owner"], plain["pins"], plain["demo"]) == ("510000", True, True)
    assert [one["kind"] for one in plain["documents"]] == [
        "ecert-trust-list+jws", "ecert-catalogue+jws", "statuslist+jwt", "ecert-manifest+jws",
    ]  # fmt: skip
    assert "ecert-trust-list+jws:511600" in _known(empty)


def test_add_with_the_fingerprint_read_out_by_telephone(
    ecert: Runs, empty: Path, place: Path
) -> None:
    right = _fingerprint(place)
    wrong = ("0" if right[0] != "0" else "1") + right[1:]
    ran = ecert("-C", "empty", "trust", "add", "guangan.trust", "--fingerprint", wrong, "--yes")
    assert ran.code == failures.REFUSED
    assert "--fingerprint" in ran.err
    assert "ecert-roots+jws:510000" not in _known(empty)
    spelled = right.upper().replace(" ", "")
    ran = ecert("-C", "empty", "trust", "add", "guangan.trust", "--fingerprint", spelled)
    assert ran.code == 0


def test_add_again_asks_nothing(ecert: Runs, place: Path) -> None:
    ran = ecert("-C", "chongqing", "trust", "add", "guangan.trust")
    assert ran.code == 0
    assert "早已认定" in ran.out


def test_add_dry_run_changes_nothing(ecert: Runs, empty: Path) -> None:
    before = _known(empty)
    plain = ecert("-C", "empty", "trust", "add", "guangan.trust", "--dry-run", "--json").json
    assert plain["dry_run"]
    assert _known(empty) == before


def test_a_real_workspace_refuses_demonstration_keys(ecert: Runs, place: Path) -> None:
    ecert("init", "window", "--region", "500000", "--name", "窗口")
    add = ("-C", "window", "trust", "add", "guangan.trust", "--yes")
    ran = ecert(*add)
    assert ran.code == failures.REFUSED
    assert "演示" in ran.err
    assert "demonstration" in ecert(*add, "--lang", "en").err
    assert _known(place / "window") == set()
    assert ecert(*add, "--allow-demo").code == 0


def _resigned(plain: dict[str, Any]) -> None:
    opened = envelope.parse(json.dumps(plain["trust_list"]).encode())
    stranger = demo_region("500000").signers[Role.TRUST_LIST]
    plain["trust_list"] = json.loads(envelope.make(opened.typ, opened.unverified_payload, stranger))


@pytest.mark.parametrize(
    ("change", "zh", "en"),
    [
        (_resigned, "有效签名不足", "too few valid signatures"),
        (lambda plain: plain.update(typ="x"), "文件种类不对", "another kind"),
        (lambda plain: plain.update(status_lists=["x"]), "格式不正确", "malformed"),
        (lambda plain: plain["trust_list"].update(payload="e30"), "签名", "signature"),
    ],
)
def test_a_bundle_that_is_not_in_order_is_refused_whole(
    ecert: Runs, empty: Path, place: Path, change: Callable[[dict[str, Any]], object],
    zh: str, en: str,
) -> None:  # fmt: skip
    plain = json.loads((place / "guangan.trust").read_bytes())
    change(plain)
    (place / "bad.trust").write_text(json.dumps(plain))
    before = _known(empty)
    ran = ecert("-C", "empty", "trust", "add", "bad.trust", "--yes")
    assert ran.code == failures.REFUSED
    assert zh in ran.err or "文件格式" in ran.err
    english = ecert("-C", "empty", "trust", "add", "bad.trust", "--yes", "--lang", "en").err
    assert en in english or "malformed" in english
    assert _known(empty) == before


def test_yesterday_s_bundle_is_refused(ecert: Runs, place: Path) -> None:
    ecert("-C", "guangan", "suspend", "1", "--reason", "测试", "--document", "测〔2026〕1号")
    ecert("-C", "guangan", "trust", "export", "-o", "new.trust")
    assert ecert("-C", "chongqing", "trust", "add", "new.trust").code == 0
    ran = ecert("-C", "chongqing", "trust", "add", "guangan.trust", "--json")
    assert ran.code == failures.REFUSED
    assert ran.json["error"]["fault"] == "rollback"
    assert "已有" in ran.err


@pytest.mark.parametrize("name", ["no.trust", "guangan"])
def test_a_bundle_that_is_no_file(ecert: Runs, place: Path, name: str) -> None:
    ran = ecert("-C", "chongqing", "trust", "add", name, "--yes")
    assert ran.code == failures.USAGE
    assert "没有这个文件" in ran.err


def test_fifty_megabytes_are_refused_as_too_large(ecert: Runs, place: Path) -> None:
    with (place / "large.trust").open("wb") as file:
        file.truncate(50 * 1024 * 1024)
    ran = ecert("-C", "chongqing", "trust", "add", "large.trust", "--yes")
    assert ran.code == failures.REFUSED
    assert "文件过大" in ran.err


# -- list -------------------------------------------------------------------------------------


def test_list_tells_whom_and_until_when(ecert: Runs, place: Path) -> None:
    plain = ecert("-C", "chongqing", "trust", "list", "--json").json
    assert {one["owner"]: one["demo"] for one in plain["roots"]} == {"500000": True, "510000": True}
    assert [one["name"] for one in plain["issuers"]] == ["四川省广安市公安局"]
    assert plain["issuers"][0]["status_expires"] > plain["trust_lists"][0]["issued"]
    out = ecert("-C", "chongqing", "trust", "list").out
    assert "四川省广安市公安局" in out
    assert "演示" in out
