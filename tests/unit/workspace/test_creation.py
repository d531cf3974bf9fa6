"""A workspace is made wholly or not at all, and never over anything."""

from __future__ import annotations

import stat
from typing import TYPE_CHECKING

import pytest

from ecert.demo import demo_region
from ecert.errors import (
    CustodyError,
    FormatError,
    RegionError,
    StoreError,
    USCCError,
    WorkspaceError,
)
from ecert.limits import MIN_PASSPHRASE_CHARS
from ecert.sign import envelope, sm2
from ecert.store.engine import open_as_it_is, unmake
from ecert.trust.roots import RootSet
from ecert.workspace import Workspace, creation
from tests.unit.workspace.conftest import CODE, PASSPHRASE, issue

if TYPE_CHECKING:
    from pathlib import Path

    from tests.unit.workspace.conftest import Clock

SM2 = "SGD_SM3_SM2"


def _tree(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*")}


def test_a_demonstration_keeps_issuer_keys_and_published_roots(
    guangan: Workspace, tmp_path: Path
) -> None:
    guangan.close()
    assert _tree(tmp_path / "guangan") == {
        "ecert.toml",
        "ecert.db",
        "roots.json",
        "keys",
        "keys/keyring.json",
        "keys/licence-1.pem",
        "keys/receipt-1.pem",
        "keys/status-1.pem",
    }
    roots = guangan.knowledge.trust.roots("510000")
    assert roots is not None
    assert roots.demo


def test_a_real_one_keeps_its_region_s_keys_too_and_knows_its_roots(
    linshui: Workspace, tmp_path: Path
) -> None:
    names = {path.name for path in (tmp_path / "linshui" / "keys").iterdir()}
    assert {"roots-1.pem", "trust-list-1.pem", "catalogue-1.pem", "recognition-list-1.pem"} < names
    roots = linshui.knowledge.trust.roots("511623")
    assert roots is not None
    assert (roots.demo, roots.name) == (False, "四川省广安市邻水县")


def test_no_key_is_readable_for_others_or_without_its_passphrase(
    linshui: Workspace, tmp_path: Path
) -> None:
    keys = list((tmp_path / "linshui" / "keys").glob("*.pem"))
    assert len(keys) == 7
    for path in keys:
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert path.read_bytes().startswith(b"-----BEGIN ENCRYPTED PRIVATE KEY-----")
    assert stat.S_IMODE((tmp_path / "linshui").stat().st_mode) == 0o700


def test_a_window_without_a_code_has_neither_keys_nor_roots(tmp_path: Path, clock: Clock) -> None:
    with Workspace.init(tmp_path / "w", region="500000", name="窗口", clock=clock) as window:
        assert window.keys.entries == ()
        assert window.knowledge.trust.documents == {}
        with pytest.raises(WorkspaceError) as caught:
            _ = window.issuer
    assert "只能核验" in caught.value.zh
    assert not (tmp_path / "w" / "roots.json").exists()


def test_an_empty_folder_is_filled_without_being_replaced(tmp_path: Path, clock: Clock) -> None:
    place = tmp_path / "here"
    place.mkdir()
    inode = place.stat().st_ino
    Workspace.init(place, region="500000", name="窗口", demo=True, clock=clock).close()
    assert place.stat().st_ino == inode, "a shell may be in it"
    assert Workspace.open(place).settings.name == "窗口"
    assert _tree(tmp_path) == {f"here/{name}" for name in _tree(place)} | {"here"}


def test_a_workspace_is_never_overwritten(guangan: Workspace, tmp_path: Path) -> None:
    before = (tmp_path / "guangan" / "ecert.toml").read_bytes()
    with pytest.raises(WorkspaceError) as caught:
        Workspace.init(guangan.path, region="500000", name="别的", demo=True)
    assert "已经是工作区" in caught.value.zh
    assert (tmp_path / "guangan" / "ecert.toml").read_bytes() == before


@pytest.mark.parametrize("kind", ["other files", "a file"])
def test_other_things_are_never_touched(tmp_path: Path, kind: str) -> None:
    place = tmp_path / "place"
    if kind == "a file":
        place.write_text("mine")
    else:
        place.mkdir()
        (place / "mine.txt").write_text("mine")
    before = _tree(tmp_path)
    with pytest.raises(WorkspaceError) as caught:
        Workspace.init(place, region="500000", name="窗口", demo=True)
    assert "其他文件" in caught.value.zh
    assert _tree(tmp_path) == before


def test_the_folder_above_must_be_there(tmp_path: Path) -> None:
    with pytest.raises(WorkspaceError) as caught:
        Workspace.init(tmp_path / "no" / "w", region="500000", name="窗口", demo=True)
    assert caught.value.where == str(tmp_path / "no")
    assert _tree(tmp_path) == set()


@pytest.mark.parametrize("into", ["a new folder", "an empty folder"])
@pytest.mark.parametrize("broken", ["open_engine", "_roots", "_move"])
def test_nothing_is_left_behind_when_making_it_fails(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, into: str, broken: str
) -> None:
    def refuse(*_args: object, **_options: object) -> None:
        raise StoreError("磁盘已满", "the disk is full")

    monkeypatch.setattr(creation, broken, refuse)
    if into == "an empty folder":
        (tmp_path / "w").mkdir()
    before = _tree(tmp_path)
    with pytest.raises(StoreError):
        Workspace.init(tmp_path / "w", region="511623", name="局", code=CODE, passphrase=PASSPHRASE)
    assert _tree(tmp_path) == before


def test_a_folder_that_cannot_be_filled_to_the_end_is_empty_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = tmp_path / "w"
    place.mkdir()
    rename = type(place).rename

    def refuse_the_last(self: Path, target: Path) -> Path:
        if self.name == "ecert.toml":
            raise PermissionError(13, "denied")
        return rename(self, target)

    monkeypatch.setattr(type(place), "rename", refuse_the_last)
    with pytest.raises(WorkspaceError) as caught:
        Workspace.init(place, region="500000", name="窗口", demo=True)
    assert "denied" in caught.value.en
    assert _tree(tmp_path) == {"w"}


def test_a_short_passphrase_is_refused_before_anything_is_made(tmp_path: Path) -> None:
    short = "a" * (MIN_PASSPHRASE_CHARS - 1)
    with pytest.raises(WorkspaceError) as caught:
        Workspace.init(tmp_path / "w", region="511623", name="局", code=CODE, passphrase=short)
    assert str(MIN_PASSPHRASE_CHARS) in caught.value.zh
    assert _tree(tmp_path) == set()
    long_enough = f"{short}a"
    Workspace.init(
        tmp_path / "w", region="511623", name="局", code=CODE, passphrase=long_enough
    ).close()


def test_region_and_code_are_proven_before_anything_is_made(tmp_path: Path) -> None:
    with pytest.raises(RegionError):
        Workspace.init(tmp_path / "w", region="519999", name="局", demo=True)
    with pytest.raises(USCCError):
        Workspace.init(
            tmp_path / "w", region="511623", name="局", code="1" * 18, passphrase="x" * 9
        )
    with pytest.raises(FormatError):
        Workspace.init(tmp_path / "w", region="511623", name="", demo=True)
    assert _tree(tmp_path) == set()


def test_a_real_root_set_is_signed_by_its_own_key_and_lives_years(
    linshui: Workspace, clock: Clock
) -> None:
    roots = linshui.knowledge.trust.roots("511623")
    assert isinstance(roots, RootSet)
    assert roots.expires == clock.now + creation.ROOTS_LIFE
    with pytest.raises(CustodyError):
        Workspace.open(linshui.path, prompt=lambda _: "another one").bundle()


# -- suites -----------------------------------------------------------------------------------


def test_a_demonstration_on_sm2_has_the_published_keys_of_that_suite(
    tmp_path: Path, clock: Clock
) -> None:
    with Workspace.init(
        tmp_path / "w", region="511600", name="局", demo=True, alg=SM2, clock=clock
    ) as workspace:
        pinned = workspace.knowledge.trust.roots("510000")
        assert pinned is not None
        published = envelope.parse(demo_region("510000", SM2).roots).unverified_payload
        assert pinned == RootSet.from_payload(published)
        assert {entry.public.alg for entry in workspace.keys.entries} == {SM2}
        workspace.bundle()
    with Workspace.open(tmp_path / "w", clock=clock) as again:
        assert (again.settings.alg, again.alg) == (SM2, SM2)
        again.bundle()


def test_a_real_one_on_sm2_has_all_its_keys_in_that_suite(tmp_path: Path, clock: Clock) -> None:
    with Workspace.init(
        tmp_path / "w", region="511623", name="局", code=CODE, passphrase=PASSPHRASE, alg=SM2,
        clock=clock,
    ) as workspace:  # fmt: skip
        assert [entry.public.alg for entry in workspace.keys.entries] == [SM2] * 7
        workspace.bundle()


@pytest.mark.parametrize("demo", [True, False])
def test_where_sm2_cannot_sign_nothing_is_left_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, demo: bool
) -> None:
    monkeypatch.setattr(sm2, "_evp", lambda: None)
    with pytest.raises(CustodyError) as caught:
        Workspace.init(
            tmp_path / "w", region="511623", name="局", code=CODE, passphrase=PASSPHRASE,
            demo=demo, alg=SM2,
        )  # fmt: skip
    assert caught.value.where == "SM2"
    assert _tree(tmp_path) == set()


def test_where_sm2_cannot_sign_a_window_still_verifies(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A window has no keys, and SM2 signatures are verified in Python alone."""
    monkeypatch.setattr(sm2, "_evp", lambda: None)
    with Workspace.init(tmp_path / "w", region="500000", name="窗口", alg=SM2) as window:
        assert window.alg == SM2


def test_an_unknown_suite_is_refused_before_anything_is_made(tmp_path: Path) -> None:
    with pytest.raises(FormatError) as caught:
        Workspace.init(tmp_path / "w", region="511623", name="局", demo=True, alg="none")
    assert caught.value.where == "alg"
    assert _tree(tmp_path) == set()


# -- a database on a server -------------------------------------------------------------------


def _on_server(folder: Path, url: str) -> Workspace:
    return Workspace.init(folder, region="511600", name="广安市公安局", demo=True, database=url)


def test_a_workspace_on_postgresql_has_no_database_in_its_folder(
    tmp_path: Path, empty_postgres_url: str
) -> None:
    with _on_server(tmp_path / "w", empty_postgres_url) as workspace:
        licence = issue(workspace)
    assert "w/ecert.db" not in _tree(tmp_path)
    with Workspace.open(tmp_path / "w") as again:
        assert again.engine.kind == "postgresql"
        assert again.licences.find("1").id == licence.id


def test_two_workspaces_do_not_share_a_database(tmp_path: Path, empty_postgres_url: str) -> None:
    _on_server(tmp_path / "one", empty_postgres_url).close()
    before = _tree(tmp_path)
    with pytest.raises(WorkspaceError, match="已有工作区在用"):
        _on_server(tmp_path / "two", empty_postgres_url)
    assert _tree(tmp_path) == before
    Workspace.open(tmp_path / "one").close()


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_a_database_of_a_workspace_that_could_not_be_made_is_empty_again(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    url = f"sqlite:///{tmp_path}/elsewhere.db"
    if kind == "postgresql":
        url = request.getfixturevalue("empty_postgres_url")

    def refuse(*_args: object) -> None:
        raise PermissionError(13, "denied")

    with monkeypatch.context() as broken:
        broken.setattr(creation, "_move", refuse)
        with pytest.raises(WorkspaceError, match="denied"):
            _on_server(tmp_path / "w", url)
    with open_as_it_is(url) as engine:
        assert engine.revision() is None
    _on_server(tmp_path / "w", url).close()


def test_a_workspace_whose_database_was_emptied_is_not_begun_anew(
    tmp_path: Path, empty_postgres_url: str
) -> None:
    _on_server(tmp_path / "w", empty_postgres_url).close()
    unmake(empty_postgres_url)
    with (
        pytest.raises(StoreError, match="空的"),
        Workspace.open(tmp_path / "w") as again,
    ):
        again.licences.find("1")
