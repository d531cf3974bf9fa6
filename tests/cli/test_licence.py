"""``ecert licence`` and single credentials."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from ecert.cli import failures
from ecert.cli.unproven_documents import sd_jwt
from tests.cli.people import ISSUE, NUMBER

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.conftest import Runs

FIND = ("-C", "guangan", "licence", "find")


@pytest.fixture
def several(ecert: Runs, place: Path) -> Path:
    """Four licences: one renewed, one of the library, one expired."""
    ecert("-C", "guangan", "renew", "1", "--cause", "renew", "--reason", "到期")
    ecert(
        "-C", "guangan", "issue", "图书馆借书证", "--holder", "李娜", "--number", "GA0001",
        "--holder-number", "11010519491231002X", "-f", "读者类型=成人", "--no-end",
    )  # fmt: skip
    ran = ecert(
        "-C", "guangan", "issue", "图书馆借书证", "--holder", "王芳", "--number", "GA0002",
        "--holder-number", NUMBER, "-f", "读者类型=成人", "--from", "2020-01-01",
        "--until", "2021-01-01",
    )  # fmt: skip
    assert ran.code == 0, ran.err
    return place


def _rows(ecert: Runs, *arguments: str) -> list[int]:
    ran = ecert(*FIND, *arguments, "--json")
    assert ran.code == 0, ran.err
    return [one["row"] for one in ran.json["licences"]]


@pytest.mark.parametrize(
    ("arguments", "rows"),
    [
        ((), [1, 2, 3, 4]),
        (("--number", NUMBER), [1, 2]),
        (("--holder-number", NUMBER), [1, 2, 4]),
        (("--type", "图书馆借书证"), [3, 4]),
        (("--state", "有效"), [2, 3]),
        (("--state", "expired"), [4]),
        (("--state", "superseded"), [1]),
        (("--region", "511600"), [1, 2, 3, 4]),
        (("--region", "500000"), []),
        (("--changed-since", "2020-01-01"), [1, 2, 3, 4]),
        (("--changed-since", "2099-01-01T00:00:00+08:00"), []),
        (("--issued-until", "2020-01-01"), []),
        (("--issued-from", "2020-01-01", "--type", "图书馆借书证", "--state", "issued"), [3]),
    ],
)
def test_find(ecert: Runs, several: Path, arguments: tuple[str, ...], rows: list[int]) -> None:
    assert _rows(ecert, *arguments) == rows


def test_pages_go_on_by_key(ecert: Runs, several: Path) -> None:
    first = ecert(*FIND, "--limit", "3", "--json").json
    assert first["next_after"] == 3
    assert "--after 3" in ecert(*FIND, "--limit", "3").err
    last = ecert(*FIND, "--limit", "3", "--after", "3", "--json").json
    assert ([one["row"] for one in last["licences"]], last["next_after"]) == ([4], None)


def test_the_screen_shows_no_more_than_the_last_four(ecert: Runs, several: Path) -> None:
    for arguments in (("find",), ("show", "1"), ("events", "1"), ("credentials", "1")):
        ran = ecert("-C", "guangan", "licence", *arguments)
        assert ran.code == 0
        assert NUMBER not in ran.out + ran.err
        assert "张伟" not in ran.out
        assert "C1" not in ran.out
    assert f"***{NUMBER[-4:]}" in ecert(*FIND).out
    assert ecert(*FIND, "--json").json["licences"][0]["licence"]["number"] == NUMBER
    assert "C1" in ecert("-C", "guangan", "licence", "show", "1", "--json").out


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("--state", "丢了"), "--state"),
        (("--type", "没有的证"), "没有证照类型"),
        (("--region", "51160"), "行政区划"),
        (("--changed-since", "昨天"), "--changed-since"),
        (("--limit", "0"), "--limit"),
    ],
)
def test_wrong_usage(ecert: Runs, place: Path, arguments: tuple[str, ...], told: str) -> None:
    ran = ecert(*FIND, *arguments)
    assert ran.code == failures.USAGE
    assert told in ran.err


def test_nothing_found_is_told(ecert: Runs, place: Path) -> None:
    ran = ecert(*FIND, "--number", "no")
    assert (ran.code, ran.out) == (0, "")
    assert "没有符合" in ran.err


def test_events_and_credentials(ecert: Runs, place: Path) -> None:
    ecert("-C", "guangan", "suspend", "1", "--reason", "酒驾", "--document", "广公决〔2026〕1号")
    plain = ecert("-C", "guangan", "licence", "events", "1", "--json").json
    assert [one["move"] for one in plain["events"]] == ["issue", "suspend"]
    assert "酒驾" in ecert("-C", "guangan", "licence", "events", "1").out
    [credential] = ecert("-C", "guangan", "licence", "credentials", "1", "--json").json[
        "credentials"
    ]
    assert (credential["kind"], credential["status"]) == ("wallet", 2)


def test_a_licence_that_came_from_elsewhere_names_it(ecert: Runs, place: Path) -> None:
    before = ecert("-C", "guangan", "licence", "show", "1", "--json").json["licence"]["id"]
    ran = ecert(*ISSUE, "--predecessor", before, "--actor", "李娜", "--json")
    assert ran.json["licence"]["predecessor"] == before
    [event] = ecert("-C", "guangan", "licence", "events", "2", "--json").json["events"]
    assert (event["actor"], event["related"]) == ("李娜", before)
    assert ecert(*ISSUE, "--predecessor", "x").code == failures.USAGE


# -- single credentials -----------------------------------------------------------------------


def _credential(ecert: Runs) -> str:
    plain = ecert("-C", "guangan", "licence", "credentials", "1", "--json").json
    return str(plain["credentials"][0]["id"])


def test_a_lost_phone_is_cut_off_and_the_licence_stands(ecert: Runs, place: Path) -> None:
    name = _credential(ecert)
    order = ("-C", "guangan", "withdraw-credential", name)
    ran = ecert(*order)
    assert (ran.code, "--reason" in ran.err) == (failures.USAGE, True)
    assert ecert(*order, "--reason", "手机遗失", "--dry-run").code == 0
    plain = ecert("-C", "guangan", "licence", "credentials", "1", "--json").json
    assert plain["credentials"][0]["status"] == 0
    ran = ecert(*order, "--reason", "手机遗失")
    assert "卡包凭证" in ran.out
    plain = ecert("-C", "guangan", "licence", "credentials", "1", "--json").json
    assert plain["credentials"][0]["status"] == 14
    assert ecert("-C", "guangan", "licence", "show", "1", "--json").json["standing"] == "issued"
    assert ecert("-C", "guangan", "withdraw-credential", "9-9", "--reason", "x").code == 1


def test_a_purpose_copy(ecert: Runs, place: Path) -> None:
    order = (
        "-C", "guangan", "purpose-copy", "1", "--purpose", "仅供办理贷款", "--maker", "张伟",
        "--until", "2030-12-31", "-o", "copy.jwt",
    )  # fmt: skip
    assert ecert(*order, "--dry-run").code == 0
    assert not (place / "copy.jwt").exists()
    ran = ecert(*order, "--json")
    assert (ran.json["purpose"], ran.json["until"]) == ("仅供办理贷款", "2030-12-31")
    copy = sd_jwt((place / "copy.jwt").read_text())
    assert copy.kind == "purpose-copy"
    assert copy.personal["purpose_copy"]["purpose"] == "仅供办理贷款"
    assert "加注件" in ecert("-C", "guangan", "licence", "credentials", "1").out


def test_a_purpose_copy_does_not_outlive_its_licence(ecert: Runs, place: Path) -> None:
    for more in ((), ("--dry-run",)):
        ran = ecert(
            "-C", "guangan", "purpose-copy", "1", "--purpose", "贷款", "--maker", "张伟",
            "--until", "2031-12-31", "-o", "copy.jwt", *more,
        )  # fmt: skip
        assert ran.code == failures.REFUSED
        assert "不超过证照有效期" in ran.err
    assert not (place / "copy.jwt").exists()
