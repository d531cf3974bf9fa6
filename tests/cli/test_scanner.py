"""``ecert doctor scanner``: a sheet, what a scanner sends of it, and what to do."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from ecert.cli import failures
from ecert.show.scanner_check import LENGTHS, sheet_code

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.conftest import Runs


def sheet(stop: int = 9999) -> bytes:
    return "".join(f"{sheet_code(length)[:stop]}\r\n" for length in LENGTHS).encode()


def test_a_good_scanner_is_fit_for_everything(ecert: Runs) -> None:
    ran = ecert("doctor", "scanner", stdin=sheet())
    assert ran.code == 0
    assert ran.out.count("√") == len(LENGTHS) + 4
    assert "可以扫各种亮证码" in ran.out
    plain = ecert("doctor", "scanner", "--json", stdin=sheet()).json
    assert plain["longest"] == 2188
    assert plain["enough_for"] == dict.fromkeys(("online", "minimal", "full", "three"), True)


@pytest.mark.parametrize(
    ("stop", "zh", "en"),
    [
        (1000, "改用 minimal", "minimal, one by one"),
        (512, "在线亮证码", "ask for an online code"),
        (20, "换一把扫码枪", "Use another scanner"),
    ],
)
def test_a_scanner_that_stops_is_told_what_to_use_instead(
    ecert: Runs, stop: int, zh: str, en: str
) -> None:
    ran = ecert("doctor", "scanner", stdin=sheet(stop))
    assert ran.code == failures.UNDETERMINED
    assert f"扫码枪发到 {stop} 位就停止" in ran.out
    assert "摄像头" in ran.out
    assert zh in ran.out
    english = ecert("doctor", "scanner", "--lang", "en", stdin=sheet(stop)).out
    assert en in english
    plain = ecert("doctor", "scanner", "--json", stdin=sheet(stop)).json
    assert plain["limit"] == stop
    assert plain["advice"][-1]["en"] in english


def test_whoever_stops_half_way_is_asked_to_go_on(ecert: Runs) -> None:
    ran = ecert("doctor", "scanner", stdin=f"{sheet_code(64)}\n".encode())
    assert ran.code == failures.UNDETERMINED
    assert "请继续扫" in ran.out


def test_an_input_method_and_a_prefix_are_told_with_what_to_do(ecert: Runs) -> None:
    wide = sheet_code(64).translate({ord("0") + n: 0xFF10 + n for n in range(10)})
    ran = ecert("doctor", "scanner", stdin=f"{wide}\r\n]Q1{sheet_code(24)}\r\n".encode())
    assert "请切换到英文半角" in ran.out
    assert "]Q1" in ran.out


def test_nothing_at_all_is_told_as_that(ecert: Runs) -> None:
    ran = ecert("doctor", "scanner", "--json")
    assert ran.code == failures.UNDETERMINED
    assert "没有收到任何内容" in ran.json["advice"][0]["zh"]


@pytest.mark.parametrize("name", ["sheet.html", "sheet.png"])
def test_the_sheet_is_written(ecert: Runs, tmp_path: Path, name: str) -> None:
    ran = ecert("doctor", "scanner", "--sheet", name)
    assert ran.code == 0
    assert (tmp_path / name).stat().st_size > 10_000
    assert ecert("doctor", "scanner", "--sheet", name, "--json").json["lengths"] == list(LENGTHS)


def test_a_sheet_of_another_kind_is_refused(ecert: Runs, tmp_path: Path) -> None:
    ran = ecert("doctor", "scanner", "--sheet", "sheet.doc")
    assert ran.code == failures.USAGE
    assert not (tmp_path / "sheet.doc").exists()


def test_one_code_is_drawn_on_the_screen(ecert: Runs) -> None:
    assert "▄" in ecert("doctor", "scanner", "--draw", "255").out
    assert ecert("doctor", "scanner", "--draw", "255", "--json").json["digits"] == sheet_code(255)
    ran = ecert("doctor", "scanner", "--draw", "300")
    assert ran.code == failures.USAGE
    assert "2188" in ran.err
