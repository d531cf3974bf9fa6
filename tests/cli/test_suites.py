"""``--alg``: workspaces, keys and wallets on SM2, and a machine that has none."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest

from ecert.cli import failures
from ecert.sign import jws, sm2
from ecert.wallet.wallet import Wallet
from ecert.workspace import Workspace
from ecert.workspace.settings import Settings
from tests.cli.conftest import tree
from tests.cli.people import ISSUE, PASSPHRASE
from tests.cli.test_office import DEMO, REAL

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.conftest import Runs

SM2 = "SGD_SM3_SM2"
WINDOW = ("init", "window", "--region", "510000", "--name", "窗口", "--demo")


@pytest.fixture
def without_sm2(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine whose libcrypto has no SM2."""
    monkeypatch.setattr(sm2, "_evp", lambda: None)


def _wallet_alg(path: Path) -> str:
    proof = Wallet.open(path, PASSPHRASE).request("nonce")
    return str(jws.parse_header(proof.partition(".")[0])["alg"])


# -- workspaces -------------------------------------------------------------------------------


@pytest.mark.parametrize("given", ["SM2", "sm2", SM2])
@pytest.mark.parametrize("kind", [DEMO, REAL], ids=["demo", "real"])
def test_every_key_of_a_workspace_is_of_its_suite(
    ecert: Runs, tmp_path: Path, kind: tuple[str, ...], given: str
) -> None:
    ran = ecert(*kind, "--alg", given, "--json")
    assert ran.code == 0, ran.err
    assert ran.json["alg"] == SM2
    assert Settings.read(tmp_path / kind[1]).alg == SM2
    keys = ecert("-C", kind[1], "key", "list", "--json").json["keys"]
    assert {key["jwk"]["alg"] for key in keys} == {SM2}
    with Workspace.open(tmp_path / kind[1]) as workspace:
        roots = workspace.knowledge.trust.roots_for(workspace.settings.region)
    assert roots is not None
    assert {key["alg"] for key in roots.keys} == {SM2}


def test_es256_unless_told_otherwise_and_the_help_recommends(ecert: Runs, tmp_path: Path) -> None:
    assert ecert(*DEMO).code == 0
    assert Settings.read(tmp_path / "guangan").alg == "ES256"
    assert "正式使用应选" in "".join(ecert("init", "--help").out.split())


@pytest.mark.parametrize(
    "arguments", [(*DEMO, "--alg", "RSA"), ("wallet", "create", "w", "--alg", "none")]
)
def test_an_unknown_suite_is_a_usage_error(
    ecert: Runs, tmp_path: Path, arguments: tuple[str, ...]
) -> None:
    ran = ecert(*arguments, "--json")
    assert ran.code == failures.USAGE
    assert ran.json["error"]["where"] == "--alg"
    assert tree(tmp_path) == {}


def test_from_issue_to_verdict_on_sm2(ecert: Runs, tmp_path: Path) -> None:
    assert ecert(*DEMO, "--alg", "SM2").code == 0
    assert ecert(*WINDOW, "--alg", "SM2").code == 0
    assert ecert(*ISSUE, "--wallet", "w").code == 0
    assert _wallet_alg(tmp_path / "w") == SM2
    assert ecert("-C", "guangan", "trust", "export", "-o", "guangan.trust").code == 0
    added = ecert("-C", "window", "trust", "add", "guangan.trust", "--yes")
    assert added.code == 0, added.err
    code = ecert("show", "--wallet", "w").out.strip()
    ran = ecert("-C", "window", "verify", code)
    assert ran.code == 0, ran.out + ran.err


# -- rolling over -----------------------------------------------------------------------------


def test_a_new_key_is_of_another_suite_and_both_are_listed(ecert: Runs, tmp_path: Path) -> None:
    ecert(*DEMO)
    ecert(*WINDOW)
    assert ecert(*ISSUE, "--wallet", "w").code == 0
    time.sleep(1.1)  # a key begins at a whole second, after the one before it
    ran = ecert("-C", "guangan", "key", "new", "--alg", "SM2", "--yes", "--json")
    assert ran.code == 0, ran.err
    assert ran.json["alg"] == ran.json["key"]["jwk"]["alg"] == SM2
    keys = ecert("-C", "guangan", "key", "list", "--json").json["keys"]
    found = {(key["jwk"]["alg"], key["state"]) for key in keys if key["role"] == "licence"}
    assert found == {("ES256", "ended"), (SM2, "active")}
    assert ecert(*ISSUE, "--wallet", "new").code == 0
    assert _wallet_alg(tmp_path / "new") == SM2

    ecert("-C", "guangan", "trust", "export", "-o", "guangan.trust")
    assert ecert("-C", "window", "trust", "add", "guangan.trust", "--yes").code == 0
    for wallet in ("w", "new"):
        code = ecert("show", "--wallet", wallet).out.strip()
        assert ecert("-C", "window", "verify", code).code == 0, "both keys are listed"


def test_a_new_key_has_the_suite_of_the_newest_unless_told(ecert: Runs, tmp_path: Path) -> None:
    ecert(*DEMO, "--alg", "SM2")
    ran = ecert("-C", "guangan", "key", "new", "--from", "2099-01-01", "--yes", "--json")
    assert ran.json["key"]["jwk"]["alg"] == SM2
    last = ("-C", "guangan", "key", "new", "--from", "2099-01-02", "--alg", "ES256", "--yes")
    assert ecert(*last, "--json").json["key"]["jwk"]["alg"] == "ES256"
    with Workspace.open(tmp_path / "guangan") as workspace:
        assert workspace.alg == SM2, "what signs today, not what will"


def test_a_window_has_no_key_to_roll_over(ecert: Runs) -> None:
    ecert("init", "window", "--region", "500000", "--name", "窗口")
    ran = ecert("-C", "window", "key", "new", "--yes")
    assert ran.code == failures.USAGE
    assert "只能核验" in ran.err


# -- wallets ----------------------------------------------------------------------------------


@pytest.mark.parametrize(("given", "alg"), [((), "ES256"), (("--alg", "SM2"), SM2)])
def test_a_wallet_s_key_is_of_the_suite_asked_for(
    ecert: Runs, tmp_path: Path, given: tuple[str, ...], alg: str
) -> None:
    ran = ecert("wallet", "create", "w", *given, "--json")
    assert ran.json["alg"] == alg
    assert _wallet_alg(tmp_path / "w") == alg


# -- a machine without SM2 --------------------------------------------------------------------


@pytest.mark.parametrize(
    "arguments",
    [(*DEMO, "--alg", "SM2"), (*REAL, "--alg", "SM2"), (*REAL, "--alg", "SM2", "--dry-run"),
     ("wallet", "create", "w", "--alg", "SM2")],
)  # fmt: skip
def test_without_sm2_nothing_is_made_and_nothing_asked(
    ecert: Runs,
    tmp_path: Path,
    without_sm2: None,
    monkeypatch: pytest.MonkeyPatch,
    arguments: tuple[str, ...],
) -> None:
    monkeypatch.delenv("ECERT_PASSPHRASE")
    ran = ecert(*arguments, "--json")
    assert ran.code == failures.KEY
    assert ran.json["error"]["kind"] == "CustodyError"
    assert ran.json["error"]["where"] == "SM2"
    assert tree(tmp_path) == {}
    assert list(tmp_path.iterdir()) == []


def test_without_sm2_no_key_rolls_over(ecert: Runs, place: Path, without_sm2: None) -> None:
    before = tree(place)
    ran = ecert("-C", "guangan", "key", "new", "--alg", "SM2", "--yes")
    assert ran.code == failures.KEY
    assert "SM2" in ran.err
    assert tree(place) == before


def test_without_sm2_an_sm2_workspace_does_not_issue_into_a_wallet(
    ecert: Runs, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ecert(*REAL, "--alg", "SM2")
    monkeypatch.setattr(sm2, "_evp", lambda: None)
    before = tree(tmp_path)
    ran = ecert("-C", "linshui", *ISSUE[2:], "--wallet", "w")
    assert ran.code == failures.KEY
    assert "SM2" in ran.err
    assert tree(tmp_path) == before
