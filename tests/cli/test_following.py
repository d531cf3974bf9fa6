"""How far something long has come is told now and then."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from ecert.cli import following
from ecert.cli.terminal import Terminal
from ecert.issuers.bulk.job import Progress

if TYPE_CHECKING:
    import pytest

    from ecert.reasons import Language


def _terminal(language: Language = "zh") -> Terminal:
    return Terminal(folder=Path(), language=language, json=False, passphrase_file=None)


def _at(monkeypatch: pytest.MonkeyPatch, seconds: float) -> None:
    monkeypatch.setattr("ecert.cli.following.time.monotonic", lambda: seconds)


def _progress(done: int) -> Progress:
    return Progress(shards=10, shards_done=done // 100, rows=1_000, done=done, refused=0)


def test_a_log_gets_a_line_every_ten_seconds(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    _at(monkeypatch, 0)
    with following.following_job(_terminal()) as tell:
        for second, done in ((1, 100), (9, 200), (20, 300), (21, 400), (90, 900)):
            _at(monkeypatch, second)
            tell(_progress(done))
    told = capsys.readouterr()
    assert told.out == ""
    assert told.err.splitlines() == [
        "300/1,000，每秒 10 份，约余 1 分 10 秒", "900/1,000，每秒 9 份，约余 11 秒",
    ]  # fmt: skip


def test_a_person_gets_a_bar(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    monkeypatch.setenv("TERM", "xterm")
    with following.following_job(_terminal("en")) as tell:
        tell(_progress(0))
        tell(_progress(500))
    told = capsys.readouterr()
    assert told.out == ""
    assert "500/1000" in told.err


def test_rows_are_counted_while_a_list_is_checked(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    _at(monkeypatch, 0)
    with following.following_rows(_terminal("en")) as tell:
        for row in range(1, 3_001):
            _at(monkeypatch, row / 100)
            tell(row)
    assert capsys.readouterr().err.splitlines() == [
        "1,000 rows checked (100 a second)", "2,000 rows checked (100 a second)",
        "3,000 rows checked (100 a second)",
    ]  # fmt: skip
