"""``ecert hall``: the day's checks, and how windows stand."""

from __future__ import annotations

import socket
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from ecert.cli import failures
from ecert.clock import system_clock
from ecert.limits import HALL_DAYS
from ecert.model.calendar import office_day
from ecert.store.hall import TallyKey, WindowSign
from ecert.workspace import Workspace

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.conftest import Runs

HALL = ("-C", "chongqing", "hall")


@pytest.fixture
def hall(ecert: Runs, place: Path) -> Runs:
    """A hall with three checks, and a window that lives."""
    with Workspace.open(place / "chongqing") as workspace:
        at = system_clock()
        store, day = workspace.hall.store, office_day(at)
        store.add({TallyKey(day, 10, "大厅", "aa", "refused", "revoked"): 3}, at=at)
        store.sign(
            WindowSign(
                id="1", window="3号", machine="m", software="ecert", started=at, seen=at,
                lists={"a": 2},
            )
        )  # fmt: skip
    return ecert


def test_the_checks_of_a_day_are_told_and_written_as_a_table(hall: Runs, place: Path) -> None:
    plain = hall(*HALL, "report", "--json").json
    assert (plain["total"], plain["outcomes"]) == (3, {"refused": 3})
    ran = hall(*HALL, "report", "-o", "day.csv")
    assert "核验 3 次" in ran.out
    assert "E201" in ran.out
    assert "10:00" in ran.out
    assert "该证照已被吊销" in (place / "day.csv").read_text("utf-8-sig")
    assert hall(*HALL, "report", "--token", "other", "--json").json["total"] == 0
    ran = hall(*HALL, "report", "--day", "2001-01-01")
    assert (ran.code, str(HALL_DAYS) in ran.err) == (2, True)


def test_a_window_that_is_behind_is_named_and_ends_with_one(hall: Runs, place: Path) -> None:
    assert hall(*HALL, "windows").code == 0
    with Workspace.open(place / "chongqing") as workspace:
        (sign,) = workspace.hall.store.signs()
        workspace.hall.store.sign(replace(sign, id="2", window="4号", lists={"a": 1}))
    ran = hall(*HALL, "windows")
    assert ran.code == 1
    assert "1 份比其他窗口旧" in ran.out
    named = [one["window"] for one in hall(*HALL, "windows", "--json").json["windows"]]
    assert named == ["4号", "3号"]


def test_a_window_tells_a_hall_of_its_own_lists(
    hall: Runs, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from ecert.client import posting
    from ecert.service.hall_bodies import SignReport

    sent: list[tuple[str, object, str | None]] = []

    def post(url: str, body: object, *, token: str | None, **_: object) -> posting.Answered:
        sent.append((url, body, token))
        return posting.Answered(200 if token == "good" else 401, {})

    monkeypatch.setattr(posting, "post", post)
    (place / "token").write_text("good\n")
    ran = hall(*HALL, "tell", "https://hall.example/", "--token-file", "token")
    assert ran.code == 0, ran.err
    ((url, body, _),) = sent
    assert url == "https://hall.example/api/hall/sign"
    # What is sent is what the hall takes.
    assert SignReport.model_validate(body).window == "重庆市政务服务中心"
    (place / "token").write_text("bad")
    ran = hall(*HALL, "tell", "https://hall.example/", "--token-file", "token")
    assert (ran.code, "没有接受（401）" in ran.err) == (4, True)


def test_a_hall_that_cannot_be_reached_is_told(hall: Runs, place: Path) -> None:
    (place / "token").write_text("good")
    ran = hall(*HALL, "tell", "https://127.0.0.1:9/", "--token-file", "token")
    assert ran.code != 0
    assert "127.0.0.1" in ran.err


def test_a_service_whose_port_is_taken_says_so(ecert: Runs, place: Path) -> None:
    assert place.is_dir()
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        ran = ecert("-C", "chongqing", "serve", "--port", port)
        assert (ran.code, ran.err.count("--port")) == (failures.USAGE, 1)
        ran = ecert("-C", "chongqing", "serve", "--port", port, "--lang", "en")
    assert "nobody can listen there" in ran.err
