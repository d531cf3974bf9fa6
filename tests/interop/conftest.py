"""The oracles as plain functions: a request goes in, an answer comes out."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    Oracle = Callable[..., dict[str, Any]]

HERE = Path(__file__).parent
ROOT = HERE.parent.parent
CWT_PYTHON = ROOT / ".venv-cwt" / "bin" / "python"


def _ask(command: list[str], request: dict[str, Any]) -> dict[str, Any]:
    done = subprocess.run(
        command, input=json.dumps(request).encode(), capture_output=True, check=False, timeout=60
    )
    if done.returncode != 0:
        raise AssertionError(f"{command[-1]} broke down: {done.stderr.decode(errors='replace')}")
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


def _node(script: str) -> Oracle:
    node = shutil.which("node")
    if node is None or not (HERE / "node_modules").is_dir():
        pytest.skip("tests/interop needs node and `npm ci`, which `make test` runs where npm is")
    return lambda **request: _ask([node, str(HERE / script)], request)


@pytest.fixture
def sdjwt_verify() -> Oracle:
    """Verify an SD-JWT VC with @sd-jwt/sd-jwt-vc."""
    return _node("sdjwt_verify.mjs")


@pytest.fixture
def sdjwt_issue() -> Oracle:
    """Issue an SD-JWT VC with @sd-jwt/sd-jwt-vc."""
    return _node("sdjwt_issue.mjs")


@pytest.fixture
def qr_read() -> Oracle:
    """Read a QR code from a PNG with jsQR."""
    return _node("qr_read.mjs")


@pytest.fixture
def chromium_90() -> Oracle:
    """Tell what in programs and style sheets Chromium 90 does not have (ESLint, Stylelint)."""
    return _node("chromium_90.mjs")


@pytest.fixture
def cwt_open() -> Oracle:
    """Open a COSE_Sign1 with the `cwt` package."""
    if not CWT_PYTHON.exists():
        pytest.skip("tests/interop needs .venv-cwt, which `make test` prepares")
    return lambda **request: _ask([str(CWT_PYTHON), str(HERE / "cwt_open.py")], request)
