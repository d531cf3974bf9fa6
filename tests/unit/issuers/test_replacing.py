"""换发, 变更, 延续, 补发 and 更正: a new version of a licence, which names the one before."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

import pytest

from ecert.errors import (
    FieldsError,
    ForbiddenMoveError,
    RequestConflictError,
    UnknownLicenceError,
)
from ecert.issuers.lifecycle import REPLACEMENTS, Move
from ecert.model.holders import Holder
from ecert.model.licence import LicenceState
from tests.unit.issuers.sample_office import LAST_DAY, WHY, ZHANG, granted, published

if TYPE_CHECKING:
    from ecert.issuers.granting import Changes
    from ecert.issuers.issuer import Issuer
    from tests.unit.issuers.sample_office import OfficeClock, Why

CHANGES: dict[Move, Changes] = {
    Move.RENEW: {"valid_from": date(2031, 6, 2), "valid_until": date(2041, 6, 1)},
    Move.CHANGE: {"fields": {"准驾车型": "A2"}},
    Move.EXTEND: {"valid_until": date(2033, 6, 1)},
    Move.REISSUE: {},
    Move.CORRECT: {"holders": [Holder("张玮", ZHANG.number)]},
}


@pytest.mark.parametrize("move", REPLACEMENTS)
def test_a_new_version_names_the_one_it_supersedes(issuer: Issuer, move: Move) -> None:
    old = granted(issuer)
    new = issuer.replace(old.id, move, CHANGES[move], **WHY)
    assert (new.id.serial, new.id.type_code, new.id.issuer) == (
        old.id.serial, old.id.type_code, old.id.issuer,
    )  # fmt: skip
    assert (old.id.version, new.id.version) == (1, 2)
    assert new.predecessor == old.id
    assert issuer.licence(old.id).state is LicenceState.SUPERSEDED
    assert issuer.licence(new.id) == new
    assert new.state is LicenceState.ISSUED
    # What was not changed stays, and what was is there.
    changed = CHANGES[move]
    assert new.number == old.number
    assert new.holders == tuple(changed.get("holders", old.holders))
    assert dict(new.fields) == dict(old.fields) | dict(changed.get("fields", {}))
    assert new.valid_until == changed.get("valid_until", old.valid_until)
    assert new.valid_from == changed.get("valid_from", old.valid_from)
    # Each tells of the other.
    told = issuer.events(old.id)[-1]
    assert (told.move, told.related, told.reason) == (move, str(new.id), "测试")
    (begun,) = issuer.events(new.id)
    assert (begun.move, begun.related, begun.digest) == (Move.ISSUE, str(old.id), new.digest())
    assert issuer.archive.check_audit().clean


def test_versions_go_on_from_the_newest(issuer: Issuer) -> None:
    first = granted(issuer)
    second = issuer.replace(first.id, Move.CHANGE, {}, **WHY)
    third = issuer.replace(second.id, Move.RENEW, {}, **WHY)
    assert [one.id.version for one in (first, second, third)] == [1, 2, 3]
    assert (second.predecessor, third.predecessor) == (first.id, second.id)
    with pytest.raises(ForbiddenMoveError) as caught:
        issuer.replace(first.id, Move.CHANGE, {}, **WHY)
    assert "已换发" in caught.value.zh


def test_the_old_credentials_are_told_as_superseded_and_the_new_ones_stand(issuer: Issuer) -> None:
    old = granted(issuer)
    issuer.file(old.id)
    issuer.paper_code(old.id)
    new = issuer.replace(old.id, Move.REISSUE, {}, **WHY)
    issuer.file(new.id)
    assert published(issuer) == {one.id: 3 for one in issuer.credentials(old.id)}
    with pytest.raises(ForbiddenMoveError):
        issuer.file(old.id)


def test_a_lost_phone_of_the_old_version_is_told_as_superseded_too(issuer: Issuer) -> None:
    old = granted(issuer)
    issuer.file(old.id)
    (lost,) = issuer.credentials(old.id)
    issuer.withdraw_credential(lost.id, reason="手机遗失")
    issuer.replace(old.id, Move.REISSUE, {}, **WHY)
    assert published(issuer) == {lost.id: 3}
    assert issuer.archive.check_audit().clean


def test_short_names_name_the_same_fields(issuer: Issuer) -> None:
    old = granted(issuer)
    new = issuer.replace(old.id, Move.CHANGE, {"fields": {"KZ_ZJCX": "B2"}}, **WHY)
    assert new.fields["准驾车型"] == "B2"
    assert set(new.fields) == set(old.fields)


@pytest.mark.parametrize("name", ["住址", "KZ_ZZ"])
def test_none_takes_a_field_away(issuer: Issuer, name: str) -> None:
    old = granted(issuer)
    new = issuer.replace(old.id, Move.CHANGE, {"fields": {name: None}}, **WHY)
    assert dict(new.fields) == {"准驾车型": "C1"}


def test_a_retry_gives_the_same_version_and_nothing_more(
    issuer: Issuer, clock: OfficeClock
) -> None:
    old = granted(issuer)
    changes: Changes = {"fields": {"准驾车型": "A2", "住址": None}}
    new = issuer.replace(old.id, Move.CHANGE, changes, **WHY, request_id="r-1")
    # Even after midnight, when the day of issue would be another.
    clock.advance(days=1)
    assert issuer.replace(old.id, Move.CHANGE, changes, **WHY, request_id="r-1") == new
    assert len(issuer.events(old.id)) == 2
    assert len(issuer.archive.find().rows) == 2


@pytest.mark.parametrize(
    ("move", "changes", "order"),
    [
        (Move.CHANGE, {"fields": {"准驾车型": "A1"}}, WHY),
        (Move.CHANGE, {"fields": {"准驾车型": "A2", "住址": "None"}}, WHY),
        (Move.CHANGE, {"fields": {"准驾车型": "A2"}, "number": "x"}, WHY),
        (Move.CHANGE, {"fields": {"准驾车型": "A2"}, "valid_until": None}, WHY),
        (Move.CHANGE, {"fields": {"准驾车型": "A2"}, "holders": [ZHANG]}, WHY),
        (Move.RENEW, {"fields": {"准驾车型": "A2", "住址": None}}, WHY),
        (Move.CHANGE, {"fields": {"准驾车型": "A2", "住址": None}}, {**WHY, "reason": "另外"}),
    ],
)
def test_other_content_under_the_same_request_is_refused(
    issuer: Issuer, move: Move, changes: Any, order: Why
) -> None:
    old = granted(issuer)
    first: Changes = {"fields": {"准驾车型": "A2", "住址": None}}
    issuer.replace(old.id, Move.CHANGE, first, **WHY, request_id="r-1")
    with pytest.raises(RequestConflictError) as caught:
        issuer.replace(old.id, move, changes, **order, request_id="r-1")
    assert caught.value.where == "r-1"


@pytest.mark.parametrize(
    "changes",
    [
        {"fields": {"准驾车型": "Z9\u202e"}},
        {"fields": {"准驾车型": None}},
        {"fields": {"没有这项": "1"}},
        {"number": "510681199003071238"},
        {"valid_until": date(2099, 1, 1)},
        {"valid_until": date(2020, 1, 1)},
        {"holders": []},
    ],
)
def test_what_does_not_fit_the_type_changes_nothing_at_all(issuer: Issuer, changes: Any) -> None:
    old = granted(issuer)
    issuer.file(old.id)
    before = (issuer.events(old.id), issuer.archive.find(), issuer.archive.audit_head())
    with pytest.raises(FieldsError):
        issuer.replace(old.id, Move.CHANGE, changes, **WHY, request_id="r-1")
    assert before == (issuer.events(old.id), issuer.archive.find(), issuer.archive.audit_head())
    assert published(issuer) == {}
    # The request is as good as new.
    assert issuer.replace(old.id, Move.CHANGE, {}, **WHY, request_id="r-1").id.version == 2


@pytest.mark.parametrize("move", [one for one in Move if one not in REPLACEMENTS])
def test_no_other_move_makes_a_version(issuer: Issuer, move: Move) -> None:
    old = granted(issuer)
    with pytest.raises(ForbiddenMoveError) as caught:
        issuer.replace(old.id, move, {}, **WHY)
    assert caught.value.where == "move"
    assert issuer.licence(old.id) == old


def test_a_replacement_says_why_and_needs_no_document(issuer: Issuer) -> None:
    old = granted(issuer)
    with pytest.raises(ForbiddenMoveError) as caught:
        issuer.replace(old.id, Move.RENEW, {})
    assert caught.value.where == "reason"
    assert issuer.licence(old.id) == old
    assert issuer.replace(old.id, Move.RENEW, {}, reason="期满换证").predecessor == old.id


def test_nothing_replaces_a_suspended_licence_and_an_expired_one_can_be_renewed(
    issuer: Issuer, clock: OfficeClock
) -> None:
    old = granted(issuer)
    issuer.suspend(old.id, **WHY)
    for move in REPLACEMENTS:
        with pytest.raises(ForbiddenMoveError) as caught:
            issuer.replace(old.id, move, {}, **WHY)
        assert "暂扣" in caught.value.zh
    issuer.reinstate(old.id, reason="发还")
    clock.now = clock.now.replace(year=LAST_DAY.year + 1)
    for move in (Move.CHANGE, Move.REISSUE):
        with pytest.raises(ForbiddenMoveError) as caught:
            issuer.replace(old.id, move, {}, **WHY)
        assert "已过期" in caught.value.zh
    renewed = issuer.replace(
        old.id, Move.RENEW, {"valid_from": date(2032, 1, 1), "valid_until": date(2038, 1, 1)}, **WHY
    )
    assert renewed.predecessor == old.id
    assert issuer.archive.check_audit().clean


def test_what_is_not_there_is_not_replaced(issuer: Issuer) -> None:
    with pytest.raises(UnknownLicenceError):
        issuer.replace("1.2.3", Move.RENEW, {}, **WHY)
