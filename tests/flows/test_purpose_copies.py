"""A purpose copy (加注件) at a window: accepted for its short time, and told for what."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

import orjson
import pytest

from ecert.issuers.purpose import Purpose
from ecert.reasons import Reason
from ecert.sign import jws, sdjwt
from tests.flows.test_files import check, resigned
from tests.flows.world import World, refuses

if TYPE_CHECKING:
    from collections.abc import Callable

LOAN = Purpose("办理住房贷款", "广安嘉陵银行", date(2026, 12, 31))


def copy_of(world: World, purpose: Purpose = LOAN) -> str:
    token = world.police.purpose_copy(world.licence.id, purpose)
    world.sync()
    return token


def test_it_is_accepted_and_tells_what_it_is_limited_to(world: World) -> None:
    verdict = check(world, copy_of(world))
    assert verdict.accepted, verdict.explain("en")
    told = verdict.licence.purpose
    assert told is not None
    assert (told.purpose, told.maker, told.valid_until) == (
        "办理住房贷款", "广安嘉陵银行", date(2026, 12, 31),
    )  # fmt: skip
    assert told.made_at == world.clock()
    assert verdict.licence.valid_until == date(2026, 12, 31), "the earlier of two last days"
    chinese, english = verdict.explain("zh"), verdict.explain("en")
    assert "加注件，仅限用于：办理住房贷款" in chinese
    assert "加注件制作者：广安嘉陵银行" in chinese
    assert "有效期至：2026-12-31" in chinese
    assert "身份证件原件" in chinese, "it proves no holder"
    assert "Purpose copy, only for: 办理住房贷款" in english
    assert "Made by: 广安嘉陵银行" in english
    plain = verdict.to_dict()["parts"][0]["licence"]["purpose"]
    assert plain == {
        "purpose": "办理住房贷款", "maker": "广安嘉陵银行",
        "made_at": "2026-11-22T10:00:00+08:00", "valid_until": "2026-12-31",
    }  # fmt: skip


def test_a_file_is_limited_to_nothing(world: World) -> None:
    token = world.police.file(world.licence.id)
    world.sync()
    verdict = check(world, token)
    assert verdict.licence.purpose is None
    assert "加注件" not in verdict.explain()
    assert verdict.to_dict()["parts"][0]["licence"]["purpose"] is None


def test_its_last_day_counts_to_its_end(world: World) -> None:
    token = copy_of(world)
    # Back at the window on its last day, with fresh lists, and a second later.
    world.clock.now = datetime(2026, 12, 31, 15, 59, 59, tzinfo=UTC)
    world.sync()
    assert check(world, token).accepted
    world.clock.now = datetime(2026, 12, 31, 16, 0, tzinfo=UTC)
    world.sync()
    verdict = check(world, token)
    refuses(verdict, Reason.EXPIRED)
    assert "办理住房贷款" not in verdict.explain()
    # Of the licence itself nothing has run out.
    file = world.police.file(world.licence.id)
    world.sync()
    assert check(world, file).accepted


def test_it_falls_with_its_licence(world: World) -> None:
    token = copy_of(world)
    world.police.revoke(world.licence.id, reason="测试", document="测〔2026〕1号")
    world.sync()
    refuses(check(world, token), Reason.REVOKED)


def test_it_can_be_cut_off_alone(world: World) -> None:
    token = copy_of(world)
    copy = world.police.credentials(world.licence.id)[-1]
    world.police.withdraw_credential(copy.id, reason="误制作")
    world.sync()
    refuses(check(world, token), Reason.CREDENTIAL_WITHDRAWN)
    assert world.verify().accepted


def test_with_everything_withheld_it_still_tells_what_it_is_for(world: World) -> None:
    verdict = check(world, sdjwt.present(copy_of(world), lambda _: False))
    assert verdict.accepted
    assert verdict.licence.purpose is not None
    assert verdict.licence.purpose.purpose == "办理住房贷款"


def test_whatever_was_signed_the_earlier_day_counts(world: World) -> None:
    # A copy that says more than its licence was never made by this library.
    token = resigned(
        world, copy_of(world), lambda c: c["purpose_copy"].update(valid_until="2099-01-01")
    )
    assert check(world, token).licence.valid_until == world.licence.valid_until
    early = resigned(world, token, lambda c: c.update(valid_until="2026-11-21"))
    refuses(check(world, early), Reason.EXPIRED)
    endless = resigned(world, copy_of(world), lambda c: c.pop("valid_until"))
    assert check(world, endless).licence.valid_until == LOAN.valid_until


@pytest.mark.parametrize(
    "change",
    [
        lambda c: c.update(purpose_copy=None),
        lambda c: c.update(purpose_copy="办理住房贷款"),
        lambda c: c.update(purpose_copy=[]),
        lambda c: c.update(purpose_copy={}),
        lambda c: c["purpose_copy"].pop("purpose"),
        lambda c: c["purpose_copy"].pop("maker"),
        lambda c: c["purpose_copy"].pop("made_at"),
        lambda c: c["purpose_copy"].pop("valid_until"),
        lambda c: c["purpose_copy"].update(also="任何用途"),
        lambda c: c["purpose_copy"].update(purpose=""),
        lambda c: c["purpose_copy"].update(purpose=" "),
        lambda c: c["purpose_copy"].update(purpose=1),
        lambda c: c["purpose_copy"].update(purpose="贷" * 201),
        lambda c: c["purpose_copy"].update(purpose="贷\u202e款"),
        lambda c: c["purpose_copy"].update(maker="\u200b"),
        lambda c: c["purpose_copy"].update(maker=None),
        lambda c: c["purpose_copy"].update(made_at=True),
        lambda c: c["purpose_copy"].update(made_at=-1),
        lambda c: c["purpose_copy"].update(made_at=1.5),
        lambda c: c["purpose_copy"].update(made_at=10**18),
        lambda c: c["purpose_copy"].update(made_at="now"),
        lambda c: c["purpose_copy"].update(valid_until=None),
        lambda c: c["purpose_copy"].update(valid_until="20261231"),
        lambda c: c["purpose_copy"].update(valid_until="2026-W53-4"),
        lambda c: c["purpose_copy"].update(valid_until="soon"),
    ],
)
def test_a_limit_that_does_not_parse_is_no_limit_and_refused(
    world: World, change: Callable[[dict[str, Any]], object]
) -> None:
    token = copy_of(world)
    assert check(world, resigned(world, token, lambda _: None)).accepted
    refuses(check(world, resigned(world, token, change)), Reason.MALFORMED)


def test_the_limit_cannot_be_held_back_as_a_disclosure(world: World) -> None:
    token = copy_of(world)
    head, *rest = token.split("~")
    hidden = sdjwt.issue(
        {"purpose_copy": sdjwt.Hide("办理住房贷款")},
        world.police._keyring.signer("licence", world.clock()),
    )
    disclosure = hidden.split("~")[1]
    (digest,) = _claims(hidden)["_sd"]

    def hold_back(claims: dict[str, Any]) -> None:
        claims.pop("purpose_copy")
        claims["_sd"] = sorted([*claims["_sd"], digest])

    moved = resigned(world, "~".join([head, *rest[:-1], disclosure, ""]), hold_back)
    refuses(check(world, moved), Reason.MALFORMED)


def _claims(token: str) -> dict[str, Any]:
    claims: dict[str, Any] = orjson.loads(jws.parse(token.split("~", maxsplit=1)[0]).payload)
    return claims
