"""A portrait on the command line: in with ``issue``, out with ``verify``, and nowhere printed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from ecert.cli import failures
from ecert.workspace import Workspace
from tests.cli.people import ISSUE, MATTER
from tests.unit.show.test_portrait import file, opened, picture

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.conftest import Runs


@pytest.fixture
def issued(ecert: Runs, place: Path) -> Path:
    """A licence with a portrait, in a wallet of its own and as a file."""
    (place / "证件照.png").write_bytes(file(picture(), "PNG"))
    ran = ecert(*ISSUE, "--portrait", "证件照.png", "--wallet", "li.wallet")
    assert ran.code == failures.DONE
    with Workspace.open(place / "guangan") as guangan:
        [*_, row] = guangan.issuer.archive.rows()
        (place / "证照.txt").write_text(guangan.issuer.file(row.licence.id), "ascii")
        bundle = guangan.bundle().to_bytes()
    (place / "guangan.trust").write_bytes(bundle)
    added = ecert("-C", "chongqing", "trust", "add", "guangan.trust", "--yes")
    assert added.code == failures.DONE, added.err
    return place


def test_the_clerk_writes_it_to_a_file_and_compares(ecert: Runs, issued: Path) -> None:
    ran = ecert("-C", "chongqing", "verify", "证照.txt", "--for", MATTER, "--portrait", "脸.jpg")
    assert ran.code == failures.DONE
    assert "照片：请与本人比对" in ran.out
    assert opened((issued / "脸.jpg").read_bytes()).size == (300, 400)


def test_it_is_never_printed(ecert: Runs, issued: Path) -> None:
    for arguments in (
        ("wallet", "show", "li.wallet", "1", "--json"),
        ("inspect", "证照.txt", "--json", "--show-personal"),
        ("-C", "chongqing", "verify", "证照.txt", "--for", MATTER, "--json"),
        ("-C", "guangan", "licence", "show", "1", "--json"),
    ):
        ran = ecert(*arguments)
        assert "/9j/" not in ran.out + ran.err
        assert "_9j_" not in ran.out + ran.err
    assert ecert("wallet", "show", "li.wallet", "1", "--json").json["claims"]["portrait"] is True
    assert "照片：√" in ecert("wallet", "show", "li.wallet", "1").out


def test_what_is_no_picture_is_told(ecert: Runs, place: Path) -> None:
    (place / "证件照.png").write_bytes(b"no picture")
    ran = ecert(*ISSUE, "--portrait", "证件照.png")
    assert ran.code == failures.USAGE
    assert "不是 JPEG 或 PNG 图片" in ran.err
