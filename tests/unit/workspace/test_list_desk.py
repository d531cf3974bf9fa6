"""Whether the service can open this office's key for recognition lists."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from ecert.errors import CustodyError
from ecert.workspace import Workspace
from ecert.workspace.lists.deciding import ListDesk
from tests.unit.workspace.conftest import PASSPHRASE

if TYPE_CHECKING:
    from tests.unit.workspace.conftest import Clock


def _signature(workspace: Workspace, clock: Clock, passphrase: str | None) -> bytes:
    desk = ListDesk(workspace, clock, passphrase=passphrase)
    (signer,) = desk._signing()._own()
    return signer.sign(b"a list")


def test_the_key_opens_with_its_own_passphrase_alone(linshui: Workspace, clock: Clock) -> None:
    # As the service opens a workspace: the receipt key's passphrase is known, nobody is asked.
    with Workspace.open(linshui.path, clock=clock) as workspace:
        assert len(_signature(workspace, clock, PASSPHRASE)) == 64
        with pytest.raises(CustodyError):
            _signature(workspace, clock, "another passphrase")


def test_without_a_passphrase_the_service_does_not_sign(linshui: Workspace, clock: Clock) -> None:
    with Workspace.open(linshui.path, clock=clock, known=(PASSPHRASE,)) as workspace:
        assert not ListDesk(workspace, clock).signs
        assert ListDesk(workspace, clock, passphrase=PASSPHRASE).signs
