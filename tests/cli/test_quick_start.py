"""The quick start, as somebody types it: the installed program, in processes of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tests.cli.people import NUMBER, PASSPHRASE

if TYPE_CHECKING:
    from pathlib import Path

QUICK_START = f"""
ecert init guangan --region 511600 --name 四川省广安市公安局 --demo
ecert init chongqing --region 500000 --name 重庆市政务服务中心 --demo
ecert -C guangan issue 机动车驾驶证 --holder 张伟 --number {NUMBER} \
-f 准驾车型=C1 --until 2031-06-01 --wallet zhang.wallet
ecert -C guangan trust export -o guangan.trust
ecert -C chongqing trust add guangan.trust --yes
ecert -C chongqing recognition import 川渝互认清单 --yes
ecert show --wallet zhang.wallet -o code.png
ecert -C chongqing verify code.png --for 机动车业务
"""


def _program(
    *arguments: str, folder: Path, encoding: str = "utf-8", **more: str
) -> subprocess.CompletedProcess[str]:
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith("ECERT_")
    }
    environment |= {"ECERT_PASSPHRASE": PASSPHRASE, "PYTHONIOENCODING": encoding} | more
    return subprocess.run(
        [sys.executable, "-m", "ecert", *arguments],
        cwd=folder, env=environment, capture_output=True, check=False, encoding=encoding,
    )  # fmt: skip


def test_eight_lines_from_nothing_to_an_accepted_licence(tmp_path: Path) -> None:
    lines = [line.split()[1:] for line in QUICK_START.strip().split("\n")]
    assert len(lines) == 8
    runs = [_program(*arguments, folder=tmp_path) for arguments in lines]
    assert [done.returncode for done in runs] == [0] * 8, [done.stderr for done in runs]
    done = runs[-1]
    assert done.stdout.startswith("√ 核验通过")
    assert "张伟（号码后四位 1237）" in done.stdout
    again = _program(*lines[-1], folder=tmp_path)
    assert again.returncode == 1
    assert "已使用过" in again.stdout


# A console of Chinese Windows, and one that knows ASCII only.
@pytest.mark.parametrize("encoding", ["gbk", "ascii"])
@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["--help"], 0),
        (["type", "list"], 0),
        (["type", "show", "食品经营许可证"], 0),
        (["show", "--wallet", "zhang.wallet"], 0),
        (["-C", "chongqing", "recognition", "show"], 0),
        (["-C", "chongqing", "trust", "list", "--json"], 0),
        (["-C", "chongqing", "verify", "123"], 3),
        (["verify", "123"], 2),
        (["issue"], 2),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else str(value),
)
def test_no_console_makes_it_crash(
    place: Path, arguments: list[str], code: int, encoding: str
) -> None:
    environment = {"PYTHONIOENCODING": encoding}
    done = _program(*arguments, folder=place, encoding=encoding, **environment)
    assert done.returncode == code
    assert "Traceback" not in done.stderr
    assert done.stdout or done.stderr


def _loaded_by(*arguments: str, folder: Path) -> set[str]:
    program = (
        "import sys; from ecert.cli.entry import run; "
        f"run({list(arguments)!r}); print(*sys.modules, file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=folder, capture_output=True, check=True, text=True
    )
    return set(done.stderr.split())


def test_the_help_loads_nothing_heavy(tmp_path: Path) -> None:
    loaded = _loaded_by("--help", folder=tmp_path)
    assert "ecert.cli.window" in loaded
    assert not {"sqlalchemy", "cryptography", "PIL", "zxingcpp", "ecert.sign.keys"} & loaded


def test_checking_digits_loads_neither_issuing_nor_pictures(place: Path) -> None:
    loaded = _loaded_by("-C", "chongqing", "verify", "123", folder=place)
    assert "ecert.verify.verifier" in loaded
    assert not {"PIL", "zxingcpp", "qrcode", "ecert.cli.demo"} & loaded
    assert not {"ecert.issuers.issuer", "ecert.wallet.wallet"} & loaded


def test_without_typer_it_says_what_to_install(tmp_path: Path) -> None:
    program = "import sys; sys.modules['typer'] = None\nfrom ecert.cli import main\nmain()"
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=tmp_path, capture_output=True, check=False, text=True,
    )  # fmt: skip
    assert done.returncode == 2
    assert "ecert[cli]" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_reader_that_has_seen_enough_ends_it_quietly(tmp_path: Path) -> None:
    program = subprocess.Popen(
        [sys.executable, "-m", "ecert", "type", "show", "机动车驾驶证"],
        cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert program.stdout is not None
    assert program.stderr is not None
    program.stdout.close()
    said = program.stderr.read()
    program.stderr.close()
    assert program.wait() in {0, 1}
    assert "Traceback" not in said
    assert "Exception" not in said
