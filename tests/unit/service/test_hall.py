"""The hall's API: what is counted, who may ask, which windows are named."""

from __future__ import annotations

import csv
import io
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from ecert.errors import StoreError
from ecert.limits import HALL_DAYS, MAX_PENDING_TALLIES, MAX_REPORTED_LISTS, MAX_SILENT_MINUTES
from ecert.service.pulse import Pulse
from ecert.store.hall import TallyKey
from ecert.workspace.access import Role
from tests.unit.service.hall_office import KeepingOffice
from tests.unit.service.test_api import AT

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

REPORT = {"window": "9号窗口", "machine": "pc9", "software": "ecert", "lists": {}}


@pytest.fixture
def office(tmp_path: Path) -> Iterator[KeepingOffice]:
    """One office."""
    made = KeepingOffice(tmp_path)
    with made.client:
        yield made


def _day(office: KeepingOffice, **asked: Any) -> Any:
    return office.ask("GET", "/api/hall/day", role=Role.AUDITOR, params=asked).json()


def test_checks_are_counted_by_hour_window_outcome_and_reason(office: KeepingOffice) -> None:
    used = office.code()
    office.check(office.one, code=used)
    office.check(office.one, code=used)
    office.check(office.two, matter="社会保险业务")
    told = _day(office)
    assert (told["day"], told["total"]) == ("2026-11-22", 3)
    assert told["outcomes"] == {"accepted": 1, "refused": 1, "not-recognised": 1}
    assert [one["number"] for one in told["reasons"]] == ["E000", "E301", "E107"]
    assert told["hours"][10] == told["outcomes"]
    assert sum(len(one) for one in told["hours"]) == 3
    assert [one["total"] for one in told["tokens"]] in ([1, 2], [2, 1])
    assert {one["name"] for one in told["tokens"]} == {"3号窗口"}
    one = _day(office, token=office.one.split(".")[1])
    assert (one["total"], len(one["tokens"])) == (2, 2)
    kept = office.workspace.hall.store.of_day(AT.date())
    assert "张伟" not in str(kept)
    assert str(office.licence.id) not in str(kept)
    # Exported, the same numbers: a row for each.
    for form in ("csv", "xlsx"):
        told = office.ask(
            "GET", "/api/hall/export", role=Role.AUDITOR, params={"day": "2026-11-22", "form": form}
        )
        assert f"ecert-hall-2026-11-22.{form}" in told.headers["content-disposition"]
        if form == "csv":
            rows = list(csv.DictReader(io.StringIO(told.content.decode("utf-8-sig"))))
            assert sorted((row["原因编号"], row["次数"]) for row in rows) == [
                ("E000", "1"), ("E107", "1"), ("E301", "1")
            ]  # fmt: skip


def test_the_last_ninety_days_can_be_asked_for_and_no_other(office: KeepingOffice) -> None:
    office.check(office.one)
    office.clock.now = AT + timedelta(days=HALL_DAYS - 1)
    assert _day(office, day="2026-11-22")["total"] == 1
    assert _day(office)["total"] == 0
    for day in ("2026-11-21", "2027-02-20"):
        told = office.ask("GET", "/api/hall/day", role=Role.AUDITOR, params={"day": day})
        assert told.status_code == 400
        assert "90" in told.json()["zh"]
    for day in ("1", "20261122", "2026-11-22T00:00:00", "2026-02-30"):
        told = office.ask("GET", "/api/hall/day", role=Role.AUDITOR, params={"day": day})
        assert told.status_code == 422, day
    office.clock.now = AT + timedelta(days=HALL_DAYS)
    office.check(office.one)
    found = office.ask("GET", "/api/hall/days", role=Role.AUDITOR).json()
    assert [one["day"] for one in found["days"]] == ["2027-02-20"]


def test_a_database_that_refuses_delays_the_tallies_and_fails_no_check(
    office: KeepingOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = office.workspace.hall.store

    def full(*_: object, **__: object) -> None:
        raise StoreError("磁盘已满", "the disk is full")

    with monkeypatch.context() as broken:
        broken.setattr(store, "add", full)
        broken.setattr(store, "sign", full)
        assert office.check(office.one)["outcome"] == "accepted"
        pulse: Pulse = office.client.app.state.pulse  # type: ignore[attr-defined]
        assert not pulse.flush()
        assert not pulse.sign()
        office.check(office.one)
        assert _day(office)["total"] == 0
    assert pulse.flush()
    assert _day(office)["total"] == 2


def test_what_waits_in_memory_is_bounded(
    office: KeepingOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = office.client.app.state.desk  # type: ignore[attr-defined]
    pulse = Pulse(office.workspace, desk, office.clock)
    written: list[int] = []
    monkeypatch.setattr(
        office.workspace.hall.store, "add", lambda tallies, **_: written.append(len(tallies))
    )
    verdict = office.workspace.verifier.verify("1")
    for n in range(MAX_PENDING_TALLIES + 1):
        pulse.count(str(n), verdict)
    pulse.count("0", verdict)
    assert pulse.flush()
    assert written == [MAX_PENDING_TALLIES]


def test_a_process_tells_that_it_lives_and_that_it_has_ended(tmp_path: Path) -> None:
    office = KeepingOffice(tmp_path)
    with office.client:
        office.client.app.state.pulse.sign()  # type: ignore[attr-defined]
        told = office.ask("GET", "/api/hall/windows", role=Role.AUDITOR).json()
        (window,) = told["windows"]
        assert (window["life"], window["well"], window["processes"]) == ("running", True, 1)
        assert window["window"] == "重庆市政务服务中心"
        assert window["synced"] == "2026-11-22T02:00:00+00:00"
        assert window["lists"] >= 3
        office.check(office.one)
        lists = office.ask("GET", "/api/hall/lists", role=Role.AUDITOR).json()["lists"]
        assert len(lists) == window["lists"]
        assert {one["state"] for one in lists} <= {"fresh", "old"}
        most = {"silent_minutes": MAX_SILENT_MINUTES}
        told = office.ask("GET", "/api/hall/windows", role=Role.AUDITOR, params=most)
        assert told.status_code == 200
        minutes = {"silent_minutes": MAX_SILENT_MINUTES + 1}
        for params in (minutes, {"silent_minutes": 0}):
            told = office.ask("GET", "/api/hall/windows", role=Role.AUDITOR, params=params)
            assert told.status_code == 422
    # Stopped in good order: its last tallies are written, and it is not silent.
    from ecert.workspace import Workspace

    with Workspace.open(tmp_path / "window", clock=office.clock) as workspace:
        assert workspace.hall.figures().total == 1
        (state,) = workspace.hall.windows()
        assert (state.life.value, state.is_well) == ("stopped", True)


def test_a_window_with_a_database_of_its_own_reports_and_is_named_when_it_stops(
    office: KeepingOffice,
) -> None:
    slot, version = next(iter(office.client.app.state.desk.versions().items()))  # type: ignore[attr-defined]
    head = {"authorization": f"Bearer {office.two}"}
    report = REPORT | {"lists": {slot: version - 1}, "synced": "2026-11-20T02:00:00Z"}
    office.client.app.state.pulse.sign()  # type: ignore[attr-defined]
    assert office.client.post("/api/hall/sign", json=report, headers=head).status_code == 200
    assert office.client.post("/api/hall/sign", json=report, headers=head).status_code == 200

    def windows() -> Any:
        return office.ask("GET", "/api/hall/windows", role=Role.AUDITOR).json()["windows"]

    first, _ = windows()
    assert (first["window"], first["life"], first["reported"]) == ("9号窗口", "running", True)
    assert first["behind"] == [slot]
    office.clock.now = AT + timedelta(minutes=11)
    assert {one["life"] for one in windows()} == {"silent"}
    assert office.ask("POST", "/api/hall/sign", role=Role.AUDITOR, json=report).status_code == 403
    for wrong in (
        {"window": ""}, {"lists": {"a": -1}}, {"lists": {"a": True}}, {"synced": "2026-11-20"},
        {"synced": 5}, {"more": 1}, {"synced": "0001-01-01T00:00:00+14:00"},
        {"expires": "9999-12-31T23:59:59-14:00"}, {"expires": "2199-12-31T00:00:01Z"},
        {"lists": {str(n): 1 for n in range(MAX_REPORTED_LISTS + 1)}},
    ):  # fmt: skip
        told = office.client.post("/api/hall/sign", json=REPORT | wrong, headers=head)
        assert told.status_code == 422, wrong
    most = REPORT | {"lists": {str(n): 1 for n in range(MAX_REPORTED_LISTS)}}
    most |= {"synced": "2000-01-01T00:00:00Z", "expires": "2199-12-31T00:00:00Z"}
    assert office.client.post("/api/hall/sign", json=most, headers=head).status_code == 200
    (told,) = (one["synced"] for one in windows() if one["reported"])
    assert told == "2000-01-01T00:00:00+00:00"


@pytest.mark.parametrize("role", [Role.CLERK, Role.ISSUER, Role.LIST_KEEPER])
def test_the_hall_and_the_receipts_are_the_auditors(office: KeepingOffice, role: Role) -> None:
    for path in ("hall/day", "hall/days", "hall/windows", "hall/lists", "hall/export",
                 "receipts", "receipts/windows", "receipts/one?window=a&number=1",
                 "receipts/export?window=a&number=1", "receipts/chain?window=a",
                 "receipts/keys"):  # fmt: skip
        assert office.ask("GET", f"/api/{path}", role=role).status_code == 403, path
        assert office.ask("GET", f"/api/{path}", role=None).status_code == 401, path
        opened = office.ask("GET", f"/api/{path}", role=Role.ADMINISTRATOR).status_code
        assert opened in {200, 400}, path
    for path in ("check", "replay"):
        assert office.ask("POST", f"/api/receipts/{path}", role=role, json={}).status_code == 403


def test_tallies_of_a_newer_program_are_shown_as_they_are(office: KeepingOffice) -> None:
    key = TallyKey(AT.date(), 3, "w", "gone", "a-new-outcome", "a-new-reason")
    office.workspace.hall.store.add({key: 2}, at=AT)
    told = _day(office)
    assert told["reasons"] == [
        {"outcome": "a-new-outcome", "reason": "a-new-reason", "count": 2, "number": "",
         "zh": "a-new-reason", "en": "a-new-reason"}
    ]  # fmt: skip
    assert told["tokens"][0]["name"] == "gone"
