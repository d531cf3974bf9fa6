"""How held licences stand with their issuer, and which are delivered again."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from ecert.issuers.lifecycle import Move
from ecert.wallet.vault import CHEAPEST
from ecert.wallet.wallet import Wallet
from ecert.workspace.handover import deliver
from ecert.workspace.refreshing import RefreshState, carry_out, latest_version, plan_refresh
from tests.unit.workspace.conftest import NUMBER, PASSPHRASE, issue

if TYPE_CHECKING:
    from pathlib import Path

    from ecert.workspace import Workspace

AT = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)


def test_the_latest_of_several_versions_is_delivered_to_the_same_key(
    guangan: Workspace, tmp_path: Path
) -> None:
    issuer = guangan.issuer
    wallet = Wallet.create(tmp_path / "w", PASSPHRASE, kdf=CHEAPEST)
    other = wallet.keys.add()
    first = issue(guangan, NUMBER)
    deliver(issuer, first, wallet, key=other.id)
    (step,) = plan_refresh(issuer, wallet, wallet.licences, AT)
    assert (step.state, step.latest) == (RefreshState.CURRENT, first)
    with pytest.raises(ValueError, match="nothing to refresh"):
        carry_out(issuer, wallet, step, AT)
    second = issuer.replace(first.id, Move.CHANGE, {}, reason="变更")
    third = issuer.replace(second.id, Move.CHANGE, {}, reason="再变更")
    assert latest_version(issuer, str(first.id)) == third
    (step,) = plan_refresh(issuer, wallet, wallet.licences, AT)
    assert step.state is RefreshState.NEWER
    done = carry_out(issuer, wallet, step, AT)
    assert (done.licence.id, done.licence.key) == (str(third.id), other.id)
    assert done.replaced == (str(first.id),)
    issuer.revoke(third.id, reason="测试", document="测〔2026〕1号")
    (step,) = plan_refresh(issuer, wallet, wallet.licences, AT)
    assert step.state is RefreshState.ENDED
