"""``ecert receipt``, and what ``ecert verify`` keeps."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import update

from ecert.cli import failures
from ecert.clock import system_clock
from ecert.store import tables
from ecert.store.engine import open_engine
from ecert.verify.receipts import ReceiptQuery
from ecert.workspace import Workspace
from ecert.workspace.settings import Settings
from tests.cli.people import MATTER, NUMBER

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.conftest import Runs

SHOW = ("show", "--wallet", "zhang.wallet")
VERIFY = ("-C", "chongqing", "verify")
RECEIPT = ("-C", "chongqing", "receipt")
KEPT = ("--for", MATTER, "--case", "2026-0001", "--clerk", "王")


@pytest.fixture
def code(ecert: Runs, place: Path) -> str:
    """A code that was checked, with its receipt."""
    digits = ecert(*SHOW).out.strip()
    ran = ecert(*VERIFY, digits, *KEPT)
    assert ran.code == 0, ran.err
    assert "回执：重庆市政务服务中心 第 1 号" in ran.out
    return digits


def test_a_check_with_a_case_leaves_a_receipt_and_tells_it(ecert: Runs, place: Path) -> None:
    digits = ecert(*SHOW).out.strip()
    plain = ecert(*VERIFY, digits, *KEPT, "--json").json
    assert plain["outcome"] == "accepted"
    assert plain["receipt"]["number"] == 1
    shown = ecert(*RECEIPT, "show", "1", "--json").json
    assert shown["token"] == plain["receipt"]["token"]
    assert (shown["case"], shown["clerk"], shown["outcome"]) == ("2026-0001", "王", "accepted")
    for personal in ("张伟", NUMBER):
        assert personal not in json.dumps(shown, ensure_ascii=False)


def test_a_check_without_one_leaves_none(ecert: Runs, place: Path) -> None:
    plain = ecert(*VERIFY, ecert(*SHOW).out.strip(), "--for", MATTER, "--json").json
    assert "receipt" not in plain
    assert ecert(*RECEIPT, "list", "--json").json == {"receipts": []}
    assert "还没有回执" in ecert(*RECEIPT, "head").out


def test_list_find_and_show(ecert: Runs, code: str) -> None:
    again = ecert(*VERIFY, code, "--for", MATTER, "--clerk", "李")
    assert again.code == failures.REFUSED
    rows = ecert(*RECEIPT, "list").out.splitlines()
    assert [row.split("\t")[1] for row in rows] == ["1", "2"]
    assert "E107" in rows[1]
    assert ecert(*RECEIPT, "list", "--after", "1").out.splitlines() == rows[1:]
    assert ecert(*RECEIPT, "find", "--case", "2026-0001").out.splitlines() == rows[:1]
    licence = ecert(*RECEIPT, "show", "1", "--json").json["parts"][0]["licence"]
    assert ecert(*RECEIPT, "find", "--licence", licence).out.splitlines() == rows
    assert ecert(*RECEIPT, "find", "--until", "2020-01-01").out == ""
    told = ecert(*RECEIPT, "show", "2").out
    assert "E107" in told
    assert licence in told
    ran = ecert(*RECEIPT, "show", "3")
    assert (ran.code, "没有这份回执" in ran.err) == (failures.USAGE, True)
    assert ecert(*RECEIPT, "find").code == failures.USAGE
    assert (
        "there may be more" in ecert(*RECEIPT, "list", "--limit", "1", "--lang", "en").err.lower()
    )


def _change_a_case(place: Path) -> None:
    with open_engine(place / "chongqing" / "ecert.db") as engine, engine.write() as connection:
        connection.execute(update(tables.receipt).values(case_number="2026-0002"))


def test_verify_finds_a_change_and_a_head_that_is_gone(ecert: Runs, code: str, place: Path) -> None:
    head = ecert(*RECEIPT, "head", "--json").json["heads"][0]["digest"]
    ran = ecert(*RECEIPT, "verify", "--noted", head.upper())
    assert ran.code == 0
    assert "√ 核对一致：1 份回执" in ran.out
    assert head in ran.out
    ran = ecert(*RECEIPT, "verify", "--noted", "0" * 63 + "1")
    assert ran.code == failures.REFUSED
    assert "没有以前记下的链头" in ran.out
    assert ecert(*RECEIPT, "verify", "--noted", "abc").code == failures.USAGE
    _change_a_case(place)
    ran = ecert(*RECEIPT, "verify", "--json")
    assert ran.code == failures.REFUSED
    assert [one["fault"] for one in ran.json["findings"]] == ["index-changed"]


def test_a_receipt_that_cannot_be_read_ends_neither_a_check_nor_a_list(
    ecert: Runs, code: str, place: Path
) -> None:
    with closing(sqlite3.connect(place / "chongqing" / "ecert.db")) as connection:
        connection.execute("UPDATE receipt SET token = CAST(x'e5ff' AS TEXT)")
        connection.commit()
    ran = ecert(*RECEIPT, "verify", "--json")
    assert ran.code == failures.REFUSED
    found = [(one["fault"], one["number"]) for one in ran.json["findings"]]
    assert ("damaged", 1) in found
    ran = ecert(*RECEIPT, "list")
    assert (ran.code, "× 回执损坏" in ran.out) == (0, True)
    (listed,) = ecert(*RECEIPT, "list", "--json").json["receipts"]
    assert (listed["number"], listed["damaged"]) == (1, True)


def test_an_auditor_elsewhere_checks_an_exported_chain(ecert: Runs, code: str, place: Path) -> None:
    assert ecert(*RECEIPT, "export", "chain.jsonl").code == 0
    ran = ecert(*RECEIPT, "key", "export", "keys.json")
    kid = ecert(*RECEIPT, "key", "show", "--json").json["keys"][0]["kid"]
    assert kid in ran.out
    check = ("receipt", "verify", "--file", "chain.jsonl", "--keys", "keys.json")
    assert ecert(*check).code == 0
    chain = place / "chain.jsonl"
    data = chain.read_bytes()
    for spot in (len(data) // 2, len(data) - 20, data.index(b"digest") + 12):
        letter = b"A" if data[spot : spot + 1] != b"A" else b"B"
        chain.write_bytes(data[:spot] + letter + data[spot + 1 :])
        assert ecert(*check).code == failures.REFUSED, spot
    chain.write_bytes(b"".join(data.splitlines(keepends=True)[:-1]))
    ran = ecert(*check, "--json")
    assert [one["fault"] for one in ran.json["findings"]] == ["head-changed"]
    chain.write_bytes(b"{}\n")
    assert ecert(*check).code == failures.USAGE
    assert ecert("receipt", "verify", "--file", "chain.jsonl").code == failures.USAGE


def test_replay_says_whether_it_follows(ecert: Runs, code: str, place: Path) -> None:
    ran = ecert(*RECEIPT, "replay", "1", code)
    assert ran.code == 0, ran.err
    assert ran.out.startswith("√ 与回执一致")
    assert "按今天的名单：核验通过" in ran.out
    plain = ecert(*RECEIPT, "replay", "1", code, "--json").json
    assert (plain["result"], plain["known_alike"], plain["missing"]) == ("follows", True, [])
    ran = ecert(*RECEIPT, "replay", "1", ecert(*SHOW).out.strip())
    assert (ran.code, "摘要不符" in ran.err) == (failures.USAGE, True)
    assert ecert(*RECEIPT, "replay", "1").code == failures.USAGE


def test_replay_is_3_once_the_lists_of_that_day_are_pruned(
    ecert: Runs, code: str, place: Path
) -> None:
    with (
        Workspace.open(place / "guangan") as guangan,
        Workspace.open(place / "chongqing") as chongqing,
    ):
        later = system_clock() + timedelta(seconds=2)
        (stored,) = chongqing.receipts.find(ReceiptQuery())
        guangan.issuer.suspend(stored.licences[0], reason="扣分", document="1号", at=later)
        for token in guangan.issuer.status_lists(at=later):
            chongqing.knowledge.accept(token, at=later)
        chongqing.knowledge.prune(later + timedelta(seconds=1))
    ran = ecert(*RECEIPT, "replay", "1", code)
    assert ran.code == failures.UNDETERMINED, ran.out + ran.err
    assert "已不在本机：https://status.invalid/" in ran.out


def test_a_case_copy_is_written_read_and_replayed(ecert: Runs, place: Path) -> None:
    digits = ecert(*SHOW).out.strip()
    ran = ecert(*VERIFY, digits, *KEPT, "--copy", "case.jwt")
    assert ran.code == 0, ran.err
    assert "存卷件：case.jwt" in ran.out
    assert (place / "case.jwt").stat().st_mode & 0o077 == 0
    ran = ecert(*RECEIPT, "replay", "case.jwt")
    assert ran.code == 0, ran.err
    ran = ecert("inspect", "case.jwt")
    assert "存卷件" in ran.out
    assert "张伟" not in ran.out
    assert "张伟" in ecert("inspect", "case.jwt", "--show-personal").out
    token = ecert(*RECEIPT, "show", "1", "--json").json["token"]
    assert ecert("inspect", token, "--json").json["kind"] == "receipt"
    (place / "one.jwt").write_text(token)
    assert ecert(*RECEIPT, "replay", "one.jwt", digits).code == 0


def test_no_copy_is_written_of_what_is_not_accepted(ecert: Runs, place: Path) -> None:
    digits = ecert(*SHOW).out.strip()
    ran = ecert(*VERIFY, digits, "--for", "图书借阅", "--case", "1", "--copy", "case.jwt")
    assert ran.code == failures.REFUSED
    assert "没有写出存卷件" in ran.err
    assert not (place / "case.jwt").exists()
    for how in (("--copy", "x.jwt"), ("--case", "1", "--copy", "absent/x.jwt")):
        assert ecert(*VERIFY, digits, "--for", MATTER, *how).code == failures.USAGE
    assert ecert(*VERIFY, digits, "--at", "2026-01-01", "--case", "1").code == failures.USAGE
    assert ecert(*VERIFY, digits, "--for", MATTER).code == 0, "the code was not used up"


def _require(place: Path, receipts: str) -> None:
    settings = Settings.read(place / "chongqing")
    values = {name: getattr(settings, name) for name in settings.__slots__}
    Settings(**(values | {"receipts": receipts, "window_name": "3号窗口"})).write(
        place / "chongqing"
    )


def test_the_settings_ask_for_receipts(ecert: Runs, place: Path) -> None:
    _require(place, "required")
    digits = ecert(*SHOW).out.strip()
    ran = ecert(*VERIFY, digits, "--for", MATTER)
    assert (ran.code, "核验人" in ran.err) == (failures.USAGE, True)
    ran = ecert(*VERIFY, digits, "--for", MATTER, "--clerk", "王")
    assert ran.code == 0
    assert "回执：3号窗口 第 1 号" in ran.out


def _without_key(place: Path) -> None:
    keyring = place / "chongqing" / "keys" / "keyring.json"
    plain = json.loads(keyring.read_text())
    plain["keys"] = [key for key in plain["keys"] if key["role"] != "receipt"]
    keyring.write_text(json.dumps(plain))
    (place / "chongqing" / "keys" / "receipt-1.pem").unlink()


def test_a_workspace_from_before_receipts_makes_its_key_when_it_wants_one(
    ecert: Runs, place: Path
) -> None:
    _without_key(place)
    _require(place, "on")
    ran = ecert(*VERIFY, ecert(*SHOW).out.strip(), "--for", MATTER)
    assert ran.code == 0
    assert "没有留下回执" in ran.err
    _require(place, "required")
    digits = ecert(*SHOW).out.strip()
    ran = ecert(*VERIFY, digits, "--for", MATTER, "--clerk", "王")
    assert (ran.code, ran.out) == (failures.KEY, "")
    assert "ecert receipt key new" in ran.err
    assert ecert(*RECEIPT, "key", "new").code == 0
    assert ecert(*VERIFY, digits, "--for", MATTER, "--clerk", "王").code == 0
    first = ecert(*RECEIPT, "key", "show", "--json").json["keys"]
    assert len(first) == 1


def test_a_key_is_rolled_over_after_asking(ecert: Runs, code: str) -> None:
    assert ecert(*RECEIPT, "key", "new").code == failures.USAGE
    ran = ecert(*RECEIPT, "key", "new", "--yes", "--alg", "SM2")
    assert ran.code == 0, ran.err
    old, new = ecert(*RECEIPT, "key", "show", "--json").json["keys"]
    assert old["valid_until"] == new["valid_from"]
    assert (old["jwk"]["crv"], new["jwk"]["crv"]) == ("P-256", "SM2-P-256")
    assert ecert(*RECEIPT, "key", "new", "--yes", "--from", "2020-01-01").code == failures.USAGE
    assert ecert(*RECEIPT, "verify").code == 0


def test_every_page_of_help_is_there(ecert: Runs) -> None:
    told = ecert("receipt", "--help").out
    for name in ("list", "find", "show", "verify", "replay", "export", "head", "key"):
        assert name in told
