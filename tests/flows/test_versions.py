"""What a window says of old and new versions, of lost phones and of licences that moved away."""

from __future__ import annotations

from datetime import date

import pytest

from ecert.issuers.lifecycle import REPLACEMENTS, Move
from ecert.reasons import Reason
from tests.flows.world import World, refuses


@pytest.mark.parametrize("move", REPLACEMENTS)
def test_the_old_version_is_superseded_and_the_new_one_accepted(world: World, move: Move) -> None:
    new = world.police.replace(world.licence.id, move, {"fields": {"KZ_ZJCX": "A2"}}, reason="测试")
    assert world.verify().accepted, "the window has not heard of it"
    world.sync()
    verdict = world.verify()
    refuses(verdict, Reason.SUPERSEDED)
    assert "已换发新证" in verdict.explain()
    world.deliver(new)
    accepted = world.window.verify(world.wallet.show(new.id).text, matter="机动车业务")
    assert accepted.accepted, accepted.explain("en")
    assert dict(accepted.licence.fields)["准驾车型"] == "A2"


def test_an_upheld_objection_supersedes_what_was_wrong(world: World) -> None:
    one = world.police.objections.raise_objection(
        world.licence.id, ["准驾车型"], raised_by="张伟", statement="应为C2"
    )
    world.sync()
    assert world.verify().accepted, "an objection alone takes nothing away"
    world.police.objections.uphold(one.id, {"fields": {"准驾车型": "C2"}}, reason="录入有误")
    world.sync()
    refuses(world.verify(), Reason.SUPERSEDED)


def test_a_lost_phone_stays_cut_off_until_the_licence_ends(world: World) -> None:
    (lost,) = world.police.credentials(world.licence.id)
    why = {"reason": "测试", "document": "测〔2026〕1号"}
    world.police.withdraw_credential(lost.id, reason="手机遗失")
    world.sync()
    refuses(world.verify(), Reason.CREDENTIAL_WITHDRAWN)
    world.police.suspend(world.licence.id, **why)  # type: ignore[arg-type]
    world.sync()
    refuses(world.verify(), Reason.CREDENTIAL_WITHDRAWN)
    world.police.reinstate(world.licence.id, reason="发还")
    world.sync()
    refuses(world.verify(), Reason.CREDENTIAL_WITHDRAWN)
    world.police.revoke(world.licence.id, **why)  # type: ignore[arg-type]
    world.sync()
    refuses(world.verify(), Reason.REVOKED)


def test_what_went_to_another_region_is_told_so_and_may_come_back(world: World) -> None:
    world.police.transfer(world.licence.id, "500000", reason="住所迁移")
    world.sync()
    refuses(world.verify(), Reason.TRANSFERRED)
    world.police.take_back(world.licence.id, reason="未迁移")
    world.sync()
    assert world.verify().accepted


def test_a_window_needs_the_list_of_the_year(world: World) -> None:
    other = world.issue(valid_until=date(2029, 6, 1))
    code = world.wallet.show(other.id).text
    verdict = world.window.verify(code, matter="机动车业务")
    refuses(verdict, Reason.STATUS_MISSING)
    world.sync()
    assert world.window.verify(world.wallet.show(other.id).text, matter="机动车业务").accepted
