"""A workspace opened again holds what it held: register, knowledge, used codes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

import ecert
from ecert.errors import RequestConflictError, WorkspaceError
from ecert.issuers.memory import MemoryRegister
from ecert.reasons import Reason
from ecert.wallet.vault import CHEAPEST
from ecert.workspace import Workspace
from tests.unit.workspace.conftest import NUMBER, issue

if TYPE_CHECKING:
    from pathlib import Path

    from tests.unit.workspace.conftest import Clock

MATTER = "机动车业务"


def _opened(path: Path, clock: Clock) -> Workspace:
    return Workspace.open(path, clock=clock)


def test_what_is_issued_is_there_when_opened_again(guangan: Workspace, clock: Clock) -> None:
    licence = issue(guangan)
    guangan.close()
    with _opened(guangan.path, clock) as again:
        assert again.issuer.licence(licence.id) == licence
        assert again.settings == guangan.settings


def test_a_request_id_is_remembered(guangan: Workspace, clock: Clock) -> None:
    licence = issue(guangan, request_id="r1")
    guangan.close()
    with _opened(guangan.path, clock) as again:
        assert issue(again, request_id="r1") == licence
        with pytest.raises(RequestConflictError):
            issue(again, "510681199003071317", request_id="r1")


def test_trying_out_on_another_register_leaves_this_one_alone(guangan: Workspace) -> None:
    tried = guangan.issuer_on(MemoryRegister()).issue(
        "机动车驾驶证",
        number=NUMBER,
        holder=ecert.Holder("张伟", NUMBER),
        fields={"准驾车型": "C1"},
        valid_until=None,
    )
    assert tried.issuer_name == "四川省广安市公安局"
    with guangan.register.view() as view:
        assert list(view.licences()) == []


def test_a_whole_day_between_two_folders(
    guangan: Workspace, chongqing: Workspace, tmp_path: Path, clock: Clock
) -> None:
    wallet = ecert.Wallet.create(tmp_path / "w", "long enough", kdf=CHEAPEST, clock=clock)
    licence = issue(guangan)
    wallet.add(guangan.issuer.deliver(licence.id, wallet.request(guangan.issuer.nonce())))
    chongqing.accept_bundle(guangan.bundle().to_bytes())
    chongqing.knowledge.accept(ecert.fixture("川渝互认清单"))
    code = wallet.show(licence.id).text
    assert chongqing.verifier.verify(code, matter=MATTER).accepted
    chongqing.close()
    with _opened(chongqing.path, clock) as again:
        verdict = again.verifier.verify(code, matter=MATTER)
    assert verdict.reason is Reason.REPLAYED, "used codes outlive the process"


@pytest.mark.parametrize("gone", ["ecert.db", "roots.json"])
def test_a_part_that_is_gone_is_never_made_anew(
    linshui: Workspace, clock: Clock, gone: str
) -> None:
    linshui.close()
    for path in linshui.path.glob(f"{gone}*"):
        path.unlink()
    with pytest.raises(WorkspaceError) as caught, _opened(linshui.path, clock) as again:
        again.bundle()
    assert "备份" in caught.value.fix_zh
    assert not (linshui.path / gone).exists()


def test_a_folder_that_is_none_is_refused(tmp_path: Path) -> None:
    with pytest.raises(WorkspaceError):
        Workspace.open(tmp_path / "nowhere")


def test_it_is_on_the_front_door() -> None:
    assert ecert.Workspace is Workspace
