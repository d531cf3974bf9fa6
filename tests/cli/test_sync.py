"""``ecert sync``, ``ecert knowledge`` and ``ecert verify --at``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from ecert import limits
from ecert.cli import failures
from ecert.workspace import Workspace, webroot
from ecert.workspace.settings import Settings
from tests.partner import Mode, Partner

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.cli.conftest import Runs


@pytest.fixture
def partner(place: Path) -> Iterator[Partner]:
    with Workspace.open(place / "guangan") as guangan:
        files = {one.name: one.data for one in webroot.documents(guangan, everything=True)}
    with Partner(files) as server:
        yield server


@pytest.fixture
def empty(ecert: Runs, place: Path) -> Path:
    """A window that has pinned Sichuan's roots, and forgotten nothing because it knew nothing."""
    ecert("init", "empty", "--region", "500000", "--name", "窗口", "--demo")
    with Workspace.open(place / "empty") as window:
        from ecert.demo import demo_roots

        window.knowledge.pin(demo_roots("510000"))
    return place / "empty"


def test_a_source_is_added_listed_and_removed(ecert: Runs, place: Path) -> None:
    folder = place / "chongqing"
    mode = (folder / "ecert.toml").stat().st_mode
    two = ("https://a.example/x/", "https://b.example/x/")
    assert ecert("-C", folder, "sync", "add", *two, "--json").json == {"sources": [list(two)]}
    assert ecert("-C", folder, "sync", "add", "https://c.example/l.json").code == 0
    assert Settings.read(folder).sources == (two, ("https://c.example/l.json",))
    assert (folder / "ecert.toml").stat().st_mode == mode
    assert "c.example" in ecert("-C", folder, "sync", "list").out
    assert ecert("-C", folder, "sync", "remove", two[1]).code == 0
    assert Settings.read(folder).sources == (("https://c.example/l.json",),)
    gone = ecert("-C", folder, "sync", "remove", two[1])
    assert (gone.code, two[1] in gone.err) == (failures.USAGE, True)


@pytest.mark.parametrize("url", ["http://a.example/", "ftp://a/", "https://a/?x=1", "a.example"])
def test_an_address_that_may_not_be_fetched_is_not_added(
    ecert: Runs, place: Path, url: str
) -> None:
    before = (place / "chongqing" / "ecert.toml").read_bytes()
    assert ecert("-C", "chongqing", "sync", "add", url).code == failures.USAGE
    assert (place / "chongqing" / "ecert.toml").read_bytes() == before


def test_sources_and_mirrors_are_bounded(ecert: Runs, place: Path) -> None:
    mirrors = [f"https://a.example/{n}/" for n in range(limits.MAX_MIRRORS + 1)]
    assert ecert("-C", "chongqing", "sync", "add", *mirrors).code == failures.USAGE
    assert ecert("-C", "chongqing", "sync", "add", *mirrors[:-1]).code == 0
    many = tuple((f"https://b.example/{n}",) for n in range(limits.MAX_SOURCES))
    Settings(region="500000", name="窗口", sources=many)
    with pytest.raises(Exception, match="at most"):
        Settings(region="500000", name="窗口", sources=(*many, ("https://b.example/x",)))


def test_without_a_source_nothing_is_fetched(ecert: Runs, place: Path) -> None:
    ran = ecert("-C", "chongqing", "sync")
    assert ran.code == failures.USAGE
    assert "ecert sync add" in ran.err


def test_sync_tells_what_came_and_how_old_everything_is(
    ecert: Runs, empty: Path, partner: Partner
) -> None:
    assert ecert("-C", "empty", "sync", "add", "--allow-http", partner.address).code == 0
    ran = ecert("-C", "empty", "sync")
    assert ran.code == 0, ran.out + ran.err
    for told in ("√ 已更新", partner.address, "ecert-trust-list+jws:511600", "小时前签发"):
        assert told in ran.out
    plain = ecert("-C", "empty", "sync", "--json").json
    assert [row["result"] for row in plain["sources"]] == ["unchanged", "unchanged"]
    assert all(not age["expired"] for age in plain["in_force"])
    assert plain["exit_code"] == 0


def test_what_cannot_be_fetched_is_named_and_the_rest_is_done(
    ecert: Runs, empty: Path, partner: Partner
) -> None:
    with Partner({}, Mode.CAPTIVE_PORTAL) as portal:
        ecert("-C", "empty", "sync", "add", "--allow-http", portal.address)
        alone = ecert("-C", "empty", "sync")
        assert alone.code == failures.UNDETERMINED
        assert "登录页" in alone.out
        ecert("-C", "empty", "sync", "add", partner.address)
        both = ecert("-C", "empty", "sync")
    assert both.code == failures.REJECTED
    assert "× 未取到" in both.out
    assert "√ 已更新" in both.out


# -- files ------------------------------------------------------------------------------------


def test_knowledge_goes_to_a_window_off_line_in_one_file(
    ecert: Runs, place: Path, empty: Path
) -> None:
    assert ecert("-C", "chongqing", "knowledge", "export", "known.jsonl").code == 0
    tried = ecert("-C", "empty", "knowledge", "import", "known.jsonl", "--dry-run")
    assert tried.code == 0, tried.out
    with Workspace.open(empty) as window:
        assert window.knowledge.trust.trust_list("511600") is None
    nobody = ecert("-C", "empty", "knowledge", "import", "known.jsonl")
    assert nobody.code == failures.USAGE
    assert "川-01" in nobody.err, "the change is shown before anybody is asked"
    assert ecert("-C", "empty", "knowledge", "import", "known.jsonl", "--yes").code == 0
    with Workspace.open(empty) as window, Workspace.open(place / "chongqing") as other:
        assert window.knowledge.in_force == other.knowledge.in_force
    shown = ecert("-C", "empty", "knowledge", "show", "--json").json
    assert len(shown["in_force"]) == 7


def test_a_file_that_was_not_copied_whole_changes_nothing(
    ecert: Runs, place: Path, empty: Path
) -> None:
    ecert("-C", "chongqing", "knowledge", "export", "known.jsonl")
    whole = (place / "known.jsonl").read_bytes()
    with Workspace.open(empty) as window:
        before = window.knowledge.in_force
    lines = whole.split(b"\n")
    for cut in (whole[:-1], whole[: len(whole) // 2], b"\n".join(lines[:-2]) + b"\n", b""):
        (place / "cut.jsonl").write_bytes(cut)
        ran = ecert("-C", "empty", "knowledge", "import", "cut.jsonl", "--yes")
        assert ran.code == failures.REFUSED
    with Workspace.open(empty) as window:
        assert window.knowledge.in_force == before


def test_what_belongs_to_somebody_unknown_is_told_and_the_rest_comes(
    ecert: Runs, place: Path
) -> None:
    ecert("init", "new", "--region", "500000", "--name", "窗口", "--demo")
    ecert("-C", "chongqing", "knowledge", "export", "known.jsonl")
    ran = ecert("-C", "new", "knowledge", "import", "known.jsonl", "--yes")
    assert ran.code == failures.REJECTED
    assert "尚未认定" in ran.out


# -- past days --------------------------------------------------------------------------------


def test_a_past_day_is_verified_with_the_lists_of_that_day(ecert: Runs, place: Path) -> None:
    ran = ecert("-C", "chongqing", "verify", "123", "--at", "2020-01-01", "--json")
    assert ran.json["lists_used"] == []
    with Workspace.open(place / "chongqing") as window:
        early = window.knowledge.as_of(window._clock().replace(year=2020))
        assert early.documents == {}
        now = window.knowledge.as_of(window._clock())
        assert now.in_force == window.knowledge.in_force


def test_pruning_asks_and_drops_only_what_was_replaced(ecert: Runs, place: Path) -> None:
    assert ecert("-C", "chongqing", "knowledge", "prune", "--before", "2020-01-01").code == 0
    future = ecert("-C", "chongqing", "knowledge", "prune", "--before", "2999-01-01")
    assert future.code == failures.USAGE
