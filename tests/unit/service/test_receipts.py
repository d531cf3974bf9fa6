"""The auditor's API: receipts found, looked at, checked, replayed and handed out."""

from __future__ import annotations

import io
import json
from typing import TYPE_CHECKING, Any

import pytest
from PIL import Image
from sqlalchemy import text

from ecert.service import receipt_api
from ecert.service.piping import Pipe, ReaderGoneSignal
from ecert.show import scan
from ecert.workspace.access import Role
from ecert.workspace.receipts_file import ReceiptsFile, read_keys
from tests.unit.service.hall_office import KeepingOffice
from tests.unit.service.test_api import MATTER, NUMBER

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

WINDOW = "重庆市政务服务中心"


@pytest.fixture
def office(tmp_path: Path) -> Iterator[KeepingOffice]:
    """One office."""
    made = KeepingOffice(tmp_path)
    with made.client:
        yield made


def _ask(office: KeepingOffice, path: str = "", **asked: Any) -> Any:
    told = office.ask("GET", f"/api/receipts{path}", role=Role.AUDITOR, params=asked)
    assert told.status_code == 200, told.text
    return told


def _find(office: KeepingOffice, **asked: Any) -> list[int]:
    return [one["number"] for one in _ask(office, **asked).json()["receipts"]]


def _report(office: KeepingOffice, **asked: Any) -> Any:
    told = office.ask("POST", "/api/receipts/check", role=Role.AUDITOR, json=asked)
    return [json.loads(line) for line in told.text.splitlines()]


def test_a_receipt_that_the_database_cannot_read_is_told_as_damaged_among_the_others(
    office: KeepingOffice,
) -> None:
    for _ in range(3):
        office.check(office.one)
    with office.workspace.engine.write() as connection:
        connection.execute(text("UPDATE receipt SET token = CAST(x'ff41' AS TEXT) WHERE number=2"))
        connection.execute(text("UPDATE receipt SET at = 9223372036854775807 WHERE number = 3"))
    told = _ask(office).json()["receipts"]
    assert [(one["number"], one["damaged"]) for one in told] == [(1, False), (2, True), (3, False)]
    *_, report = _report(office)
    found = {(one["fault"], one["number"]) for one in report["report"]["findings"]}
    assert found == {("damaged", 2), ("index-changed", 3)}
    one = office.ask(
        "GET", "/api/receipts/one", role=Role.AUDITOR, params={"window": WINDOW, "number": 2}
    )
    assert (one.status_code, one.json()["error"]) == (400, "ParseError")


def test_receipts_are_found_and_told_without_anything_personal(office: KeepingOffice) -> None:
    office.check(office.one)
    office.check(office.one, matter="社会保险业务")
    office.workspace.checks.check(office.code(), matter=MATTER, case="2026-0001", clerk="王")
    assert _find(office) == [1, 2, 3]
    assert _find(office, case="2026-0001") == [3]
    assert _find(office, outcome="not-recognised") == [2]
    assert _find(office, window=WINDOW, licence=str(office.licence.id)) == [1, 2, 3]
    assert _find(office, since="2026-11-22", until="2026-11-22") == [1, 2, 3]
    assert _find(office, since="2026-11-23") == _find(office, until="2026-11-21") == []
    assert _find(office, since="0001-01-01", until="9999-12-31") == [1, 2, 3]
    first = _ask(office, limit=2).json()
    assert first["next"] == {"window": WINDOW, "number": 2}
    assert _find(office, limit=2, after_window=WINDOW, after_number=2) == [3]
    assert _ask(office, "/windows").json()["heads"][0]["number"] == 3
    said = _ask(office, "/one", window=WINDOW, number=3).json()
    assert (said["proven"], said["case"], said["clerk"]) == (True, "2026-0001", "王")
    assert said["parts"][0]["type_name"] == "机动车驾驶证"
    assert said["lists"][0].keys() >= {"version", "age", "digest"}
    assert "张伟" not in json.dumps(said, ensure_ascii=False)
    assert NUMBER not in json.dumps(said)
    token = _ask(office, "/export", window=WINDOW, number=3).text
    receipts = office.workspace.receipts
    assert token == receipts.require(3).token
    for params in ({"outcome": "good"}, {"limit": 0}, {"limit": 201}, {"since": "x"}):
        told = office.ask("GET", "/api/receipts", role=Role.AUDITOR, params=params)
        assert told.status_code == 422
    gone = {"window": WINDOW, "number": 4}
    told = office.ask("GET", "/api/receipts/one", role=Role.AUDITOR, params=gone)
    assert (told.status_code, told.json()["zh"]) == (400, "没有这份回执")


def test_a_cameras_frame_is_a_check_when_something_is_read_in_it(
    office: KeepingOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked: list[bytes] = []
    read = scan.read

    def counted(picture: bytes) -> str:
        looked.append(picture)
        return read(picture)

    monkeypatch.setattr(scan, "read", counted)
    nothing = io.BytesIO()
    Image.new("L", (64, 64), 128).save(nothing, "PNG")

    def look(picture: bytes, **how: Any) -> Any:
        head = {"authorization": f"Bearer {office.one}", "content-type": "application/octet-stream"}
        told = office.client.post(
            "/api/verify/picture", content=picture, headers=head, params={"matter": MATTER} | how
        )
        assert told.status_code == 200
        return told.json()

    told = look(nothing.getvalue(), frame=True)
    assert (told["outcome"], told["reason"], told["number"]) == (
        "undetermined", "unreadable", "E901"
    )  # fmt: skip
    assert _find(office) == []
    assert office.ask("GET", "/api/hall/day", role=Role.AUDITOR).json()["total"] == 0
    assert look(office.wallet.show(office.licence.id).png(), frame=True)["outcome"] == "accepted"
    # What somebody uploads is a check whatever is in it; but nobody looks for a code in it twice.
    assert look(nothing.getvalue())["receipt"]["number"] == 2
    assert len(looked) == 3
    assert _find(office, outcome="undetermined") == [2]


def test_a_chain_is_checked_and_one_changed_byte_is_found(office: KeepingOffice) -> None:
    for _ in range(3):
        office.check(office.one)
    (line,) = _report(office, window=WINDOW)
    assert (line["report"]["clean"], line["report"]["receipts"]) == (True, 3)
    (line,) = _report(office, noted=["ab" * 32])
    assert [one["fault"] for one in line["report"]["findings"]] == ["cut-short"]
    with receipt_api._CHECKING:
        assert "正在进行" in _report(office)[0]["error"]["zh"]
    with office.workspace.engine.write() as connection:
        asked = "SELECT token FROM receipt WHERE number = 2"
        kept = bytearray(connection.exec_driver_sql(asked).scalar_one())
        kept[200] ^= 1
        changed = {"token": bytes(kept)}
        connection.execute(text("UPDATE receipt SET token = :token WHERE number = 2"), changed)
    (line,) = _report(office)
    assert line["report"]["clean"] is False
    assert {one["number"] for one in line["report"]["findings"]} >= {2}
    assert _find(office) == [1, 2, 3]
    bad = office.ask("POST", "/api/receipts/check", role=Role.AUDITOR, json={"noted": ["AB" * 32]})
    assert bad.status_code == 422


def test_a_clerk_is_given_the_case_copy_of_what_was_accepted_where_it_is_asked_for(
    office: KeepingOffice,
) -> None:
    def told(**more: Any) -> Any:
        asked = {"code": office.code(), "matter": MATTER, "case": "2026-0001"} | more
        kept = {name: value for name, value in asked.items() if value is not None}
        answer = office.ask("POST", "/api/verify", json=kept)
        assert answer.status_code == 200, answer.text
        return answer.json()

    body = told(copy_for_case=True)
    proven = office.workspace.receipts.prove_copy(body["case_copy"])
    assert proven.receipt.digest == body["receipt"]["sha256"]
    # Not unasked, and of nothing that was refused.
    assert "case_copy" not in told()
    refused = told(copy_for_case=True, matter="社会保险业务")
    assert refused["outcome"] == "not-recognised"
    assert not {"case_copy", "copy_fault"} & set(refused)
    # The answer stands where there is none: the code is used up.
    without = told(copy_for_case=True, case=None)
    assert (without["outcome"], "case_copy" in without) == ("accepted", False)
    assert without["copy_fault"] == {
        "zh": "存卷件要有办件编号和回执", "en": "a case copy needs a case number and a receipt",
    }  # fmt: skip


def test_a_receipt_is_replayed_with_the_code_or_with_the_case_copy(office: KeepingOffice) -> None:
    code = office.code()
    check = office.workspace.checks.check(code, matter=MATTER, case="2026-0001", clerk="王")
    copy = office.workspace.receipts.case_copy(check)
    office.check(office.one)

    def replay(**given: Any) -> Any:
        body = {"window": WINDOW, "number": 1} | given
        return office.ask("POST", "/api/receipts/replay", role=Role.AUDITOR, json=body)

    for given in ({"shown": code}, {"copy_text": copy}):
        told = replay(**given)
        assert (told.status_code, told.json()["result"]) == (200, "follows"), told.text
        assert told.json()["today"]["outcome"] == "accepted"
        assert "张伟" not in told.text
    assert "另一份" in replay(number=2, copy_text=copy).json()["zh"]
    assert "摘要不符" in replay(shown=office.code()).json()["zh"]
    assert replay().status_code == 400
    assert replay(copy_text=copy[:-4] + "AAAA").status_code == 400


def test_a_chain_and_its_keys_are_handed_out_for_an_auditor_elsewhere(
    office: KeepingOffice, tmp_path: Path
) -> None:
    office.check(office.one)
    office.check(office.two)
    file = tmp_path / "chain.jsonl"
    file.write_bytes(_ask(office, "/chain", window=WINDOW).content)
    with file.open("rb") as opened:
        view = ReceiptsFile(opened)
        assert [one.number for one in view.walk()] == [1, 2]
        assert view.heads()[0].number == 2
    assert read_keys(_ask(office, "/keys").content) == office.workspace.receipts.keys
    told = office.ask("GET", "/api/receipts/chain", role=Role.AUDITOR, params={"window": "x"})
    assert told.status_code == 400


def test_an_answer_that_breaks_off_does_not_look_whole_and_one_unread_ends_its_work() -> None:
    def broken(pipe: Pipe) -> None:
        pipe.write(b"a")
        raise ZeroDivisionError

    pieces = iter(Pipe(broken))
    assert next(pieces) == b"a"
    with pytest.raises(ZeroDivisionError):
        next(pieces)
    ended: list[bool] = []

    def endless(pipe: Pipe) -> None:
        try:
            while True:
                pipe.write(b"a")
        except ReaderGoneSignal:
            ended.append(True)
            raise

    pipe = Pipe(endless)
    pieces = iter(pipe)
    assert next(pieces) == b"a"
    pieces.close()  # type: ignore[attr-defined]
    # The work notices with its next piece; one that waits for room is let go by reading on.
    while not pipe._pieces.empty():
        pipe._pieces.get()
    for _ in range(1000):
        if ended:
            break
        pipe._gone.wait(0.01)
        import time

        time.sleep(0.01)
    assert ended == [True]
