"""``ecert status``: files for any web server, and what a list once said."""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from ecert.cli import failures
from ecert.clock import system_clock
from ecert.sign.keys import PrivateKey
from ecert.status.status_list import build_token
from ecert.workspace import Workspace
from tests.cli.conftest import tree

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

    from tests.cli.conftest import Runs

PUBLISH = ("-C", "guangan", "status", "publish", "-o", "web")
GROUNDS = ("--reason", "测试", "--document", "测〔2026〕1号")


def _old_list(uri: str) -> bytes:
    issued = datetime(2020, 1, 1, tzinfo=UTC)
    token = build_token(
        uri, {}, size=64, signer=PrivateKey.generate(), issued=issued,
        expires=issued + timedelta(hours=1),
    )  # fmt: skip
    return token.encode()


# -- publish ----------------------------------------------------------------------------------


def test_publish_writes_a_file_for_each_list(ecert: Runs, place: Path) -> None:
    ran = ecert("-C", "guangan", "status", "publish", "--json")
    folder = place / "guangan" / "published"
    index = json.loads((folder / "index.json").read_text())["status_lists"]
    assert [one["uri"] for one in ran.json["lists"]] == index
    for one in ran.json["lists"]:
        token = (folder / f"{one['uri'].rpartition('/')[2]}.jwt").read_text()
        with Workspace.open(place / "chongqing") as workspace:
            assert workspace.knowledge.accept(token).kind == "statuslist+jwt"
    before = tree(folder)
    ecert("-C", "guangan", "suspend", "1", *GROUNDS)
    ecert("-C", "guangan", "status", "publish")
    assert tree(folder) != before


def test_all_that_partners_need(ecert: Runs, place: Path) -> None:
    ecert(*PUBLISH, "--all")
    with Workspace.open(place / "chongqing") as workspace:
        for name in ("trust-list", "catalogue", "1"):
            kind = "jwt" if name == "1" else "json"
            workspace.knowledge.accept((place / "web" / f"{name}.{kind}").read_bytes())
    assert json.loads((place / "web" / "roots.json").read_bytes())["signatures"]


def test_a_file_is_as_old_as_its_document_and_readable_by_the_server(
    ecert: Runs, place: Path
) -> None:
    plain = ecert(*PUBLISH, "--json").json
    with Workspace.open(place / "chongqing") as workspace:
        for one in plain["lists"]:
            path = place / one["file"]
            workspace.knowledge.accept(path.read_bytes())
            held = workspace.knowledge.status_list(one["uri"])
            assert held is not None
            assert path.stat().st_mtime == held.issued.timestamp()
            assert path.stat().st_mode & 0o777 == 0o644


def test_what_has_not_changed_is_not_touched(ecert: Runs, place: Path) -> None:
    ecert(*PUBLISH, "--all")
    folder = place / "web"
    before = {path.name: (path.stat().st_ino, path.stat().st_mtime) for path in folder.iterdir()}
    plain = ecert(*PUBLISH, "--all", "--json").json
    assert plain["written"] == []
    after = {path.name: (path.stat().st_ino, path.stat().st_mtime) for path in folder.iterdir()}
    assert after == before
    ecert("-C", "guangan", "suspend", "1", *GROUNDS)
    plain = ecert(*PUBLISH, "--all", "--json").json
    assert len(plain["written"]) == 2, "the one list that the licence is in, and the manifest"
    assert plain["written"][-1] == "manifest.json"
    assert plain["written"][0].endswith(".jwt")


def test_a_file_that_somebody_damaged_is_written_again(ecert: Runs, place: Path) -> None:
    name = ecert(*PUBLISH, "--all", "--json").json["lists"][0]["file"]
    content = (place / name).read_bytes()
    (place / name).write_bytes(b"x")
    (place / "web" / "roots.json").write_bytes(b"x")
    ecert(*PUBLISH, "--all")
    assert (place / name).read_bytes() == content
    assert (place / "web" / "roots.json").read_bytes() != b"x"


def test_lists_no_longer_in_use_are_removed_and_nothing_else(ecert: Runs, place: Path) -> None:
    plain = ecert(*PUBLISH, "--json").json
    folder, base = place / "web", plain["lists"][0]["uri"].rpartition("/")[0]
    (folder / "901.jwt").write_bytes(_old_list(f"{base}/901"))
    others = {
        "902.jwt": _old_list("https://status.example/of/another/902"),
        "903.jwt": _old_list(f"{base}/904"),
        "904.jwt": b"not a list",
        "0905.jwt": _old_list(f"{base}/905"),
        "robots.txt": b"",
    }
    for name, data in others.items():
        (folder / name).write_bytes(data)
    (folder / "906.jwt").symlink_to(folder / "901.jwt")
    dry = ecert(*PUBLISH, "--dry-run", "--json").json
    assert dry["removed"] == ["901.jwt"]
    assert (folder / "901.jwt").exists()
    assert ecert(*PUBLISH, "--json").json["removed"] == ["901.jwt"]
    assert not (folder / "901.jwt").exists()
    assert {name: (folder / name).read_bytes() for name in others} == others
    assert (folder / "906.jwt").is_symlink()


def test_publish_dry_run_writes_nothing_and_signs_nothing(ecert: Runs, place: Path) -> None:
    before = tree(place)
    ran = ecert(*PUBLISH, "--all", "--dry-run")
    assert ran.code == 0
    assert "将写入 web/roots.json" in ran.out
    assert tree(place) == before
    assert not (place / "web").exists()


def test_no_half_file_is_left_where_the_disk_refuses(
    ecert: Runs, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    ran = ecert(*PUBLISH)
    assert ran.code == failures.USAGE
    assert list((place / "web").iterdir()) == []


# -- history ----------------------------------------------------------------------------------


def test_what_the_list_said_then(ecert: Runs, place: Path) -> None:
    plain = ecert("-C", "guangan", "licence", "credentials", "1", "--json").json
    name = plain["credentials"][0]["id"]
    history = ("-C", "guangan", "status", "history", name, "--on")
    ran = ecert(*history, "2020-01-01")
    assert (ran.code, "还没有发布" in ran.out) == (0, True)
    ecert(*PUBLISH)
    ecert("-C", "guangan", "suspend", "1", *GROUNDS)
    now = system_clock() + timedelta(seconds=5)
    assert ecert(*history, now.isoformat(), "--json").json["known"]["value"] == 0
    ecert(*PUBLISH)
    told = ecert(*history, now.isoformat(), "--json").json["known"]
    assert (told["value"], told["since"] is None) == (2, False)
    assert "状态值 2" in ecert(*history, now.isoformat()).out
    late = (now + timedelta(days=30)).isoformat()
    assert "已过期" in ecert(*history, late).out
    assert ecert(*history, "昨天").code == failures.USAGE
    assert ecert("-C", "guangan", "status", "history", "9-9", "--on", "2026-01-01").code == 1
