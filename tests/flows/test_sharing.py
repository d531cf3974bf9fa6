"""The worked example of the format's page, sent to a running service as a platform sends it."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import httpx

from ecert.issuers.sharing.access import AccessQuery
from ecert.reasons import Outcome
from ecert.store.sharing import SQLShareStore
from ecert.workspace import Workspace
from tests.conftest import ROOT
from tests.online.server import serving
from tests.sharing.office import SharingOffice, content_of

if TYPE_CHECKING:
    from pathlib import Path

PAGE = ROOT / "docs" / "formats" / "sharing-interface.md"
_EXAMPLE = re.compile(
    r"^`POST (/CertShare/\w+)`\n\n```json\n(.*?)^```\n\n```json\n(.*?)^```",
    re.DOTALL | re.MULTILINE,
)


def _fits(told: Any, shown: Any) -> bool:
    """Tell whether an answer is what the page shows; ``…`` stands for anything."""
    if isinstance(shown, str):
        parts = ".+".join(re.escape(part) for part in shown.split("…"))
        return isinstance(told, str) and re.fullmatch(parts, told) is not None
    if isinstance(shown, dict):
        return (
            isinstance(told, dict)
            and told.keys() == shown.keys()
            and all(_fits(told[name], value) for name, value in shown.items())
        )
    if isinstance(shown, list):
        return isinstance(told, list) and len(told) == len(shown) and all(map(_fits, told, shown))
    return bool(told == shown)


def test_the_worked_example_is_what_a_running_service_answers(tmp_path: Path) -> None:
    office = SharingOffice(tmp_path)
    examples = _EXAMPLE.findall(PAGE.read_text("utf-8"))
    assert [path for path, *_ in examples] == [
        "/CertShare/queryCert", "/CertShare/downloadFileByHolderCode",
        "/CertShare/verifyCertInfo", "/CertShare/queryCertInfo",
    ]  # fmt: skip
    answers = []
    with serving(office.app()) as url, httpx.Client(base_url=url, trust_env=False) as client:
        for path, asked, shown in examples:
            message = json.loads(asked)
            assert message["head"] == {"accessId": "…", "accessToken": "…"}
            message["head"] = {"accessId": office.partner.id, "accessToken": office.text}
            told = client.post(path, json=message)
            assert told.status_code == 200
            assert _fits(told.json(), json.loads(shown)), told.text
            answers.append(told.json())
        # What was downloaded is good for whoever checks it, and the platform can ask that too.
        file = content_of(answers[1]["data"][0]).decode("ascii")
        verdict = office.workspace.verifier.verify_file(file, matter="机动车业务")
        assert verdict.outcome is Outcome.ACCEPTED
        asked = office.message(
            certTypeCode=office.type_code, contentType="base64",
            content=answers[1]["data"][0]["content"],
        )  # fmt: skip
        told = client.post("/CertShare/verifyFile", json=asked).json()
        assert told["data"]["result"] == "0"
    # The service has ended; what was asked is written down.
    with Workspace.open(tmp_path / "police") as again:
        calls = SQLShareStore(again.engine).find(AccessQuery(), before=None, limit=10)
    assert [one.status for one in reversed(calls)] == [0, 0, 0, 12, 0]
