"""Prepare what a make target needs, and do nothing when it is there already.

Usage: ``scripts/bootstrap.sh PROFILE``, where the profile is

* ``demo``: ``.venv`` with what ``ecert demo`` uses;
* ``test``: ``.venv`` with everything;
* ``interop``: the foreign implementations that ``tests/interop`` compares with.

What was installed, and from which ``pyproject.toml``, is written in a stamp inside each
environment, so that the second run costs milliseconds and needs no network.
Only the standard library is used, because nothing else is there yet.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import shutil
import subprocess
import sys
from pathlib import Path

import pip_wheel

ROOT = Path(__file__).resolve().parent.parent
INTEROP = ROOT / "tests" / "interop"
STAMP = "ecert-stamp.json"
DEMO = ("cli", "scan")
EXTRAS = {"demo": DEMO, "test": (*DEMO, "all", "test")}
# What may go wrong when the machine, and not this program, is at fault.
MISHAPS = (subprocess.CalledProcessError, OSError, pip_wheel.NoPipError)


def main() -> int:
    """Prepare the profile named on the command line; 0 done, 1 failed, 2 usage."""
    profile = sys.argv[1] if len(sys.argv) == 2 else ""
    if profile not in {*EXTRAS, "interop"}:
        say(f"usage: scripts/bootstrap.sh {' | '.join([*EXTRAS, 'interop'])}")
        return 2
    with (ROOT / ".venv.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # two make targets at once take turns
        try:
            if profile == "interop":
                prepare_interop()
            else:
                prepare_project(EXTRAS[profile])
        except MISHAPS as error:
            say(f"环境准备失败 / Could not prepare: {error}")
            return 1
    return 0


def prepare_project(wanted: tuple[str, ...]) -> None:
    """Install ecert, editable, with the extras wanted and those it already had."""
    venv = ROOT / ".venv"
    stamp = read_stamp(venv)
    fingerprint = digest_of(ROOT / "pyproject.toml")
    if stamp.get("root") == str(ROOT):
        had = set(stamp["extras"].split(","))
        if stamp["fingerprint"] == fingerprint and had.issuperset(wanted):
            return
        wanted = (*wanted, *had)
    extras = ",".join(sorted(set(wanted)))
    say(f"准备 .venv（{extras}），首次约需一分钟…… / Preparing .venv; a minute at first …")
    create(venv)
    install(venv, "--editable", f"{ROOT}[{extras}]")
    write_stamp(venv, fingerprint, extras=extras)


def prepare_interop() -> None:
    """Install the oracles.  Without them their tests are skipped, so a failure is only told."""
    for prepare in (prepare_node_oracle, prepare_cwt_oracle):
        try:
            prepare()
        except MISHAPS as error:
            say(f"互操作测试将跳过 / Interoperability tests will be skipped: {error}")


def prepare_node_oracle() -> None:
    """Install @sd-jwt from its lock file."""
    modules = INTEROP / "node_modules"
    fingerprint = digest_of(INTEROP / "package-lock.json")
    if is_stamped(modules, fingerprint):
        return
    npm = shutil.which("npm")
    if npm is None:
        raise FileNotFoundError("npm 未安装 / npm is not installed")
    say("准备 tests/interop/node_modules …… / Preparing tests/interop/node_modules …")
    run(npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error", cwd=INTEROP)
    write_stamp(modules, fingerprint)


def prepare_cwt_oracle() -> None:
    """Install cwt apart from everything else: it needs an older cbor2 than ecert does."""
    venv = ROOT / ".venv-cwt"
    requirements = INTEROP / "requirements-cwt.txt"
    fingerprint = digest_of(requirements)
    if is_stamped(venv, fingerprint):
        return
    say("准备 .venv-cwt …… / Preparing .venv-cwt …")
    create(venv)
    install(venv, "--requirement", str(requirements))
    write_stamp(venv, fingerprint)


def create(venv: Path) -> None:
    """Make the environment, with pip, unless it is there and belongs to this folder."""
    python = venv / "bin" / "python"
    moved = read_stamp(venv).get("root", str(ROOT)) != str(ROOT)
    if moved or not python.exists():
        command = [sys.executable, "-m", "venv", "--clear", str(venv)]
        # Debian keeps ensurepip in python3-venv: without it, pip comes from elsewhere.
        if subprocess.run(command, check=False, capture_output=True).returncode != 0:
            run(*command, "--without-pip")
    asked = subprocess.run([python, "-m", "pip", "--version"], check=False, capture_output=True)
    if asked.returncode != 0:
        pip_wheel.provide(python)


def install(venv: Path, *what: str) -> None:
    """Let the environment's own pip install."""
    quiet = ("-qq", "--disable-pip-version-check")
    run(str(venv / "bin" / "python"), "-m", "pip", "install", *quiet, *what)


def run(*command: str, cwd: Path = ROOT) -> None:
    """Run a program to its end; what it says goes to stderr."""
    subprocess.run(command, cwd=cwd, check=True, stdout=sys.stderr)


def digest_of(path: Path) -> str:
    """Return the SHA-256 of a file."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def is_stamped(folder: Path, fingerprint: str) -> bool:
    """Tell whether this folder was made here and from just this."""
    stamp = read_stamp(folder)
    return stamp.get("root") == str(ROOT) and stamp.get("fingerprint") == fingerprint


def read_stamp(folder: Path) -> dict[str, str]:
    """Return what was installed, or nothing where that is unknown."""
    try:
        stamp: dict[str, str] = json.loads((folder / STAMP).read_text("utf-8"))
    except (FileNotFoundError, ValueError):
        return {}
    return stamp


def write_stamp(folder: Path, fingerprint: str, **facts: str) -> None:
    """Remember what was installed, and where: environments do not survive a move.

    Written last, so that a broken run is repeated.
    """
    stamp = {"root": str(ROOT), "fingerprint": fingerprint, **facts}
    (folder / STAMP).write_text(json.dumps(stamp) + "\n", "utf-8")


def say(text: str) -> None:
    """Tell the person at the terminal."""
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
