"""``ecert wallets``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from starlette.testclient import TestClient

from ecert.cli import failures
from ecert.errors import WalletError
from ecert.service import running
from ecert.wallet.custody_file import CustodyFile
from ecert.wallet.vault import CHEAPEST
from ecert.workspace import hosting
from tests.cli.conftest import tree
from tests.cli.people import PASSPHRASE

if TYPE_CHECKING:
    from pathlib import Path

    from fastapi import FastAPI

    from tests.cli.conftest import Runs

WALLETS = ("-C", "w", "wallets")


@pytest.fixture(autouse=True)
def _cheap_custody(monkeypatch: pytest.MonkeyPatch, _cheap: None) -> None:
    monkeypatch.setitem(hosting.set_up_wallets.__kwdefaults__ or {}, "kdf", CHEAPEST)


@pytest.fixture(params=["sqlite", "postgresql"])
def folder(request: pytest.FixtureRequest, ecert: Runs, tmp_path: Path) -> Path:
    """A workspace ``w`` on a database of each kind, of an app back end."""
    where = []
    if request.param == "postgresql":
        where = ["--database", request.getfixturevalue("empty_postgres_url")]
    init = ("init", "w", "--region", "510000", "--name", "四川省一体化政务服务平台", "--demo")
    assert ecert(*init, *where).code == 0
    return tmp_path / "w"


@pytest.fixture
def hosted(folder: Path, ecert: Runs) -> Path:
    """The same with three hosted wallets."""
    assert ecert(*WALLETS, "init").code == 0
    with hosting.open_wallets(folder, PASSPHRASE) as desk:
        for account in ("zhang", "li", "wang"):
            desk.wallets.create(account)
    return folder


def test_init_makes_a_key_file_of_the_owners_and_is_done_once(ecert: Runs, folder: Path) -> None:
    before = tree(folder)
    tried = ecert(*WALLETS, "init", "--dry-run", "--json")
    assert tried.json["dry_run"] is True
    assert tree(folder) == before
    assert "ecert wallets init" in ecert(*WALLETS, "count").err
    ran = ecert(*WALLETS, "init")
    assert ran.code == 0
    assert "√ 已设置托管卡包" in ran.out
    assert "不要与数据库备份放在一起" in ran.err
    assert (folder / "custody.key").stat().st_mode & 0o777 == 0o600
    for more in ((), ("--dry-run",)):
        again = ecert(*WALLETS, "init", *more)
        assert again.code == failures.KEY
        assert "不会重设" in again.err
    assert ecert(*WALLETS, "count", "--json").json["count"] == 0


def test_init_that_was_interrupted_is_finished(ecert: Runs, folder: Path) -> None:
    # The file was made, the database was not reached.
    custody = CustodyFile.create(folder / "custody.key", PASSPHRASE, kdf=CHEAPEST)
    assert ecert(*WALLETS, "init").code == 0
    assert list(ecert(*WALLETS, "count", "--json").json["custody"]) == [custody.newest.hex()]


def test_init_with_a_short_passphrase_leaves_nothing(
    ecert: Runs, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ECERT_PASSPHRASE", "short")
    assert "口令太短" in ecert(*WALLETS, "init").err
    assert not (folder / "custody.key").exists()


def test_count_asks_for_no_passphrase(
    ecert: Runs, hosted: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("ECERT_PASSPHRASE")
    ran = ecert(*WALLETS, "count")
    assert ran.code == 0
    assert "托管卡包 3 个" in ran.out
    assert ecert(*WALLETS, "check").code == failures.KEY


def test_the_key_file_may_be_elsewhere(
    ecert: Runs, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = tmp_path / "elsewhere.key"
    assert ecert(*WALLETS, "init", "--key", key).code == 0
    assert not (folder / "custody.key").exists()
    assert ecert(*WALLETS, "check").code == failures.KEY
    monkeypatch.setenv("ECERT_CUSTODY_KEY", str(key))
    assert ecert(*WALLETS, "check").code == 0


def test_a_wrong_passphrase_opens_nothing(
    ecert: Runs, hosted: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ECERT_PASSPHRASE", "another passphrase")
    for name in (("check",), ("rotate", "--yes"), ("remove", "zhang", "--yes")):
        ran = ecert(*WALLETS, *name)
        assert ran.code == failures.KEY
        assert "口令不对" in ran.err
    assert ecert(*WALLETS, "count", "--json").json["count"] == 3


def test_rotate_moves_all_and_retire_destroys_the_old(ecert: Runs, hosted: Path) -> None:
    (old,) = ecert(*WALLETS, "count", "--json").json["custody"]
    tried = ecert(*WALLETS, "rotate", "--dry-run", "--json").json
    assert tried == {"rewrapped": 3, "resumed": False, "custody": None, "dry_run": True}
    asked = ecert(*WALLETS, "rotate")
    assert asked.code == failures.USAGE
    assert "--yes" in asked.err
    done = ecert(*WALLETS, "rotate", "--yes", "--json").json
    assert (done["rewrapped"], done["resumed"]) == (3, False)
    assert ecert(*WALLETS, "count", "--json").json["custody"] == {done["custody"]: 3}
    assert done["custody"] != old
    assert ecert(*WALLETS, "retire", "--dry-run", "--json").json["retired"] == [old]
    assert CustodyFile.open(hosted / "custody.key", PASSPHRASE).ids[0].hex() == old
    assert ecert(*WALLETS, "retire", "--yes", "--json").json["retired"] == [old]
    assert [one.hex() for one in CustodyFile.open(hosted / "custody.key", PASSPHRASE).ids] == [
        done["custody"]
    ]
    assert "没有可销毁" in ecert(*WALLETS, "retire", "--yes").out
    assert ecert(*WALLETS, "check", "--json").json == {"sound": 3, "damaged": []}


def test_an_interrupted_rotation_is_finished_without_another_key(ecert: Runs, hosted: Path) -> None:
    with hosting.open_wallets(hosted, PASSPHRASE) as desk:
        desk.custody.renew()
    tried = ecert(*WALLETS, "rotate", "--dry-run", "--json").json
    assert (tried["rewrapped"], tried["resumed"]) == (3, True)
    done = ecert(*WALLETS, "rotate", "--yes", "--json").json
    assert (done["rewrapped"], done["resumed"]) == (3, True)
    assert len(CustodyFile.open(hosted / "custody.key", PASSPHRASE).ids) == 2
    assert ecert(*WALLETS, "count", "--json").json["custody"] == {done["custody"]: 3}


def test_remove_erases_one_account(ecert: Runs, hosted: Path) -> None:
    assert ecert(*WALLETS, "remove", "zhang", "--dry-run", "--json").json["removed"] is False
    assert ecert(*WALLETS, "count", "--json").json["count"] == 3
    ran = ecert(*WALLETS, "remove", "-", "--yes", stdin=b"zhang\n")
    assert ran.code == 0
    assert "√ 已彻底删除" in ran.out
    assert "备份" in ran.err
    assert ecert(*WALLETS, "count", "--json").json["count"] == 2
    for more in (("--yes",), ("--dry-run",)):
        again = ecert(*WALLETS, "remove", "zhang", *more)
        assert again.code == failures.KEY
        assert "没有这个账户的卡包" in again.err
        assert "zhang" not in again.err
    assert ecert(*WALLETS, "remove", "x" * 257, "--yes").code == failures.USAGE
    assert ecert(*WALLETS, "remove", "-", "--yes", stdin=b"x" * 999).code == failures.USAGE


def test_renew_key_gives_one_wallet_another_data_key(ecert: Runs, hosted: Path) -> None:
    def states() -> tuple[int, int]:
        with hosting.open_wallets(hosted, PASSPHRASE) as desk:
            zhang, li = desk.wallets.vault("zhang"), desk.wallets.vault("li")
            zhang.read(), li.read()
            return zhang.state, li.state

    before = states()
    assert ecert(*WALLETS, "renew-key", "zhang", "--dry-run").code == 0
    assert states() == before
    assert ecert(*WALLETS, "renew-key", "zhang").code == 0
    assert states() == (before[0] + 1, before[1])
    assert "没有这个账户" in ecert(*WALLETS, "renew-key", "nobody").err


def test_check_counts_what_is_damaged(ecert: Runs, hosted: Path) -> None:
    from sqlalchemy import update

    from ecert.store.engine import open_engine
    from ecert.store.tables import hosted_wallet
    from ecert.workspace.settings import Settings

    with hosting.open_wallets(hosted, PASSPHRASE) as desk:
        handle = desk.wallets.vault("li")._handle
    where = Settings.read(hosted).database_in(hosted)
    with open_engine(where) as engine, engine.write() as connection:
        change = update(hosted_wallet).where(hosted_wallet.c.handle == handle)
        connection.execute(change.values(state=7))
    ran = ecert(*WALLETS, "check")
    assert ran.code == failures.REFUSED
    assert "× 1 个卡包已损坏或被改动，2 个完好" in ran.out
    assert ecert(*WALLETS, "check", "--json").json == {"sound": 2, "damaged": [handle.hex()]}
    # Erasure must not depend on it.
    assert ecert(*WALLETS, "remove", "li", "--yes").code == 0
    assert ecert(*WALLETS, "check", "--lang", "en").out == "√ 2 wallets are whole\n"


# -- the holder's page --------------------------------------------------------------------------


def test_a_link_signs_one_holder_in_at_the_service(
    ecert: Runs, hosted: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    served: dict[str, Any] = {}

    def run(app: FastAPI, **how: Any) -> None:
        # While it serves, the operator makes a link in another process.
        made = ecert(*WALLETS, "link", "-", "--page", "https://a.example/x/", stdin=b"zhang\n")
        address = made.out.strip()
        assert address.startswith("https://a.example/x/wallet#")
        with TestClient(app, base_url="https://wallet.example") as client:
            link = {"link": address.partition("#")[2]}
            head = {"x-ecert-page": "1"}
            entered = client.post("/api/wallet/session", json=link, headers=head)
            served["cookie"] = entered.headers["set-cookie"]
            served["told"] = client.get("/api/wallet").json()
        served["how"] = how

    monkeypatch.setattr(running, "run", run)
    ran = ecert(*WALLETS, "serve", "--behind-proxy", "--host", "0.0.0.0")  # noqa: S104 - a proxy's
    assert ran.code == 0
    assert (served["told"]["kind"], served["told"]["cards"]) == ("personal", [])
    assert "Secure" in served["cookie"]
    assert served["how"]["port"] == 8310
    refused = ecert(*WALLETS, "serve", "--host", "0.0.0.0")  # noqa: S104 - that it is refused
    assert refused.code == failures.USAGE
    assert "没有 TLS 时只能监听本机地址" in refused.err


def test_no_link_is_made_for_nobody_and_none_for_a_try(ecert: Runs, hosted: Path) -> None:
    assert "没有这个账户的卡包" in ecert(*WALLETS, "link", "nobody").err
    assert "没有这个账户的卡包" in ecert(*WALLETS, "link", "nobody", "--dry-run").err
    tried = ecert(*WALLETS, "link", "zhang", "--dry-run", "--json")
    assert tried.json == {"link": None, "dry_run": True}


def test_a_locked_pin_is_unlocked_by_the_operator(ecert: Runs, hosted: Path) -> None:
    with hosting.open_wallets(hosted, PASSPHRASE) as desk:
        desk.wallets.open("zhang").pin.set("482913")
        for _ in range(5):
            with pytest.raises(WalletError):
                desk.wallets.open("zhang").pin.remove(current="904128")
    assert ecert(*WALLETS, "unlock-pin", "zhang", "--dry-run", "--json").json["unlocked"] is False
    assert "已解锁亮证密码" in ecert(*WALLETS, "unlock-pin", "zhang").out
    with hosting.open_wallets(hosted, PASSPHRASE) as desk:
        desk.wallets.open("zhang").pin.remove(current="482913")
    assert "没有设置亮证密码" in ecert(*WALLETS, "unlock-pin", "zhang").err
