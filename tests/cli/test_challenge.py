"""``ecert challenge``, and the rules of a window: options of ``verify`` and of ``ecert.toml``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from ecert.cli import failures
from ecert.show import scan
from ecert.show.challenge import WindowChallenge
from ecert.show.digits import CodeKind, decode

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.conftest import Ran, Runs

MATTER = ("--for", "机动车业务")


def _show(ecert: Runs, challenge: str) -> str:
    return ecert(
        "show", "1", "--wallet", "zhang.wallet", "--challenge", challenge, "-o", "-"
    ).out.strip()


def _verify(ecert: Runs, code: str, *options: str) -> Ran:
    return ecert("-C", "chongqing", "verify", code, *MATTER, "--json", *options)


def _settings(place: Path, *lines: str) -> None:
    path = place / "chongqing" / "ecert.toml"
    path.write_text(path.read_text("utf-8") + "".join(f"{line}\n" for line in lines), "utf-8")


def test_a_number_is_shown_answered_and_taken_once(ecert: Runs, place: Path) -> None:
    shown = ecert("-C", "chongqing", "challenge", "--window", "12", "--json").json
    assert shown["challenge"] == f"12-{shown['number']}"
    assert len(shown["number"]) == 6
    assert (shown["window"], shown["life_seconds"]) == (12, 120)
    assert decode(shown["digits"]) == (CodeKind.CHALLENGE, shown["challenge"].encode())
    code = _show(ecert, shown["challenge"])
    assert _verify(ecert, code).json["reason"] == "audience", "this window has no number"
    assert _verify(ecert, code, "--window", "13").json["reason"] == "audience"
    assert _verify(ecert, code, "--window", "12").code == 0
    assert _verify(ecert, code, "--window", "12").json["reason"] == "replayed"


def test_the_windows_number_stands_in_the_settings(ecert: Runs, place: Path) -> None:
    ran = ecert("-C", "chongqing", "challenge")
    assert ran.code == failures.USAGE
    assert "window" in ran.err
    _settings(place, "window = 7")
    ran = ecert("-C", "chongqing", "challenge")
    assert ran.code == 0
    assert ran.out.startswith("7-")
    assert "120 秒内有效" in ran.err
    assert _verify(ecert, _show(ecert, ran.out.strip())).code == 0


def test_the_picture_holds_the_number_and_no_show_code(ecert: Runs, place: Path) -> None:
    pytest.importorskip("zxingcpp")
    for name in ("number.png", "number.svg"):
        ran = ecert("-C", "chongqing", "challenge", "--window", "1", "-o", name, "--json")
        assert ran.json["file"] == name
    shown = ecert("-C", "chongqing", "challenge", "--window", "1", "-o", "n.png", "--json").json
    digits = scan.read(place / "n.png")
    assert digits == shown["digits"]
    found = WindowChallenge.find(digits)
    assert found is not None
    assert found.text == shown["challenge"]
    ran = ecert("-C", "chongqing", "verify", "n.png", *MATTER, "--json")
    assert (ran.code, ran.json["reason"]) == (1, "malformed")
    assert ecert("-C", "chongqing", "challenge", "--window", "1", "-o", "n.doc").code == 2


def test_the_holder_may_scan_the_number(ecert: Runs, place: Path) -> None:
    shown = ecert("-C", "chongqing", "challenge", "--window", "12", "--json").json
    code = _show(ecert, shown["digits"])
    assert _verify(ecert, code, "--window", "12", "--challenge", shown["challenge"]).code == 0


def test_a_terminal_asks_for_number_and_pin(ecert: Runs, place: Path) -> None:
    _settings(place, "window = 12", 'policy = "terminal"')
    code = ecert("show", "1", "--wallet", "zhang.wallet", "-o", "-").out.strip()
    ran = _verify(ecert, code)
    assert ran.json["reason"] == "audience"
    assert {one["reason"] for one in ran.json["parts"][0]["findings"]} == {
        "audience", "pin-required",
    }  # fmt: skip
    number = ecert("-C", "chongqing", "challenge").out.strip()
    ran = _verify(ecert, _show(ecert, number))
    assert (ran.code, ran.json["reason"], ran.json["number"]) == (1, "pin-required", "E108")
    assert _verify(ecert, _show(ecert, number), "--policy", "counter").code == 0


def test_rules_can_be_changed_one_by_one(ecert: Runs, place: Path) -> None:
    _settings(place, "window = 12", 'policy = "terminal"', 'pin = "optional"')
    number = ecert("-C", "chongqing", "challenge").out.strip()
    assert _verify(ecert, _show(ecert, number)).code == 0
    code = ecert("show", "1", "--wallet", "zhang.wallet", "-o", "-").out.strip()
    assert _verify(ecert, code, "--policy", "terminal").json["reason"] == "audience"


@pytest.mark.parametrize(
    "options", [("--policy", "kiosk"), ("--window", "0"), ("--window", "10000")]
)
def test_wrong_rules_are_usage_errors(ecert: Runs, place: Path, options: tuple[str, str]) -> None:
    ran = _verify(ecert, "1" * 30, *options)
    assert ran.code == failures.USAGE


@pytest.mark.parametrize(
    "line",
    [
        "window = 0", "window = 10000", 'window = "12"', 'policy = "kiosk"', 'pin = "maybe"',
        'paper = "accept"', 'challenge = "never"', "max_late_seconds = 31",
        "max_ahead_seconds = 91", "max_late_seconds = -1",
    ],
)  # fmt: skip
def test_wrong_settings_are_named(ecert: Runs, place: Path, line: str) -> None:
    _settings(place, line)
    ran = ecert("-C", "chongqing", "doctor")
    assert ran.code != 0
    assert line.split(" = ", maxsplit=1)[0] in ran.err


def test_a_spoilt_scan_is_scanned_again_and_not_called_wrong_use(ecert: Runs, place: Path) -> None:
    code = ecert("show", "1", "--wallet", "zhang.wallet", "-o", "-").out.strip()
    for spoilt in (f"去{code[1:]}", f"{code[:200]}你好{code[200:]}", f"{code}\r\n{code}"):
        ran = _verify(ecert, spoilt)
        assert (ran.code, ran.json["reason"]) == (3, "incomplete-scan")
    assert _verify(ecert, f"QR:{code}\r\n").code == 0
