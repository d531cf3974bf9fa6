"""Objections (异议): raised, visible, upheld by a correction or dismissed with a reason."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from ecert.errors import (
    FieldsError,
    ForbiddenMoveError,
    FormatError,
    RegisterError,
    RequestConflictError,
    UnknownLicenceError,
)
from ecert.issuers.lifecycle import Move
from ecert.issuers.records import ObjectionState
from ecert.model.licence import LicenceState
from tests.unit.issuers.sample_office import WHY, Why, granted

if TYPE_CHECKING:
    from ecert.issuers.granting import Changes
    from ecert.issuers.issuer import Issuer
    from ecert.issuers.records import Objection
    from ecert.model.licence import Licence

CORRECTION: Changes = {"fields": {"准驾车型": "C2"}}
DECISION: Why = {"reason": "经核实，原录入有误", "actor": "李主任"}


def raised(issuer: Issuer, licence: Licence, **changes: Any) -> Objection:
    said: dict[str, Any] = {
        "fields": ["准驾车型"], "raised_by": "张伟", "statement": "应为C2", "evidence": "成绩单",
    }  # fmt: skip
    said |= changes
    return issuer.objections.raise_objection(licence.id, said.pop("fields"), **said)


def test_an_objection_is_visible_and_leaves_the_licence_as_it_is(issuer: Issuer) -> None:
    licence = granted(issuer)
    one = raised(issuer, licence)
    assert one.state is ObjectionState.OPEN
    assert one.is_open
    assert issuer.objections.of(licence.id) == (one,)
    assert issuer.objections.open() == (one,)
    assert issuer.licence(licence.id) == licence
    told = issuer.events(licence.id)[-1]
    assert (told.move, told.related, told.actor) == (Move.OBJECT, one.id, "张伟")
    assert issuer.archive.check_audit().clean


def test_objections_are_told_in_their_order_and_by_licence(issuer: Issuer) -> None:
    first, second = granted(issuer), granted(issuer)
    a, b, c = raised(issuer, first), raised(issuer, second), raised(issuer, first, fields=["住址"])
    assert issuer.objections.open() == (a, b, c)
    assert issuer.objections.of(first.id) == (a, c)
    assert issuer.objections.of("1.2.3") == ()


def test_one_that_is_upheld_corrects_the_licence_and_keeps_its_history(issuer: Issuer) -> None:
    licence = granted(issuer)
    one = raised(issuer, licence)
    corrected = issuer.objections.uphold(one.id, CORRECTION, **DECISION)
    assert corrected.predecessor == licence.id
    assert corrected.fields["准驾车型"] == "C2"
    assert issuer.licence(licence.id).state is LicenceState.SUPERSEDED
    assert issuer.licence(licence.id).fields["准驾车型"] == "C1", "what was said before is kept"
    (decided,) = issuer.objections.of(licence.id)
    assert (decided.state, decided.decided_by, decided.decision, decided.correction) == (
        ObjectionState.UPHELD, "李主任", "经核实，原录入有误", str(corrected.id),
    )  # fmt: skip
    assert issuer.objections.open() == ()
    assert [event.move for event in issuer.events(licence.id)] == [
        Move.ISSUE, Move.OBJECT, Move.CORRECT,
    ]  # fmt: skip
    assert issuer.archive.check_audit().clean


def test_one_that_is_dismissed_says_why_and_changes_nothing(issuer: Issuer) -> None:
    licence = granted(issuer)
    one = raised(issuer, licence)
    with pytest.raises(ForbiddenMoveError) as caught:
        issuer.objections.dismiss(one.id, actor="李主任")
    assert caught.value.where == "reason"
    assert issuer.objections.open() == (one,), "a decision without a reason decides nothing"
    dismissed = issuer.objections.dismiss(one.id, reason="查无此事", actor="李主任")
    assert dismissed.state is ObjectionState.DISMISSED
    assert issuer.objections.of(licence.id) == (dismissed,)
    assert issuer.licence(licence.id) == licence
    told = issuer.events(licence.id)[-1]
    assert (told.move, told.reason, told.related) == (Move.DISMISS, "查无此事", one.id)
    assert issuer.archive.check_audit().clean


@pytest.mark.parametrize("first", ["uphold", "dismiss"])
@pytest.mark.parametrize("second", ["uphold", "dismiss"])
def test_nothing_is_decided_twice(issuer: Issuer, first: str, second: str) -> None:
    licence = granted(issuer)
    one = raised(issuer, licence)
    _decide(issuer, first, one.id)
    before = (issuer.objections.of(licence.id), issuer.archive.audit_head())
    with pytest.raises(RegisterError) as caught:
        _decide(issuer, second, one.id)
    assert type(caught.value) is RegisterError
    assert caught.value.where == one.id
    assert "已有处理结果" in caught.value.zh
    assert (issuer.objections.of(licence.id), issuer.archive.audit_head()) == before


def _decide(issuer: Issuer, how: str, objection_id: str, **order: str) -> object:
    said: dict[str, Any] = {**DECISION, **order}
    if how == "uphold":
        return issuer.objections.uphold(objection_id, CORRECTION, **said)
    return issuer.objections.dismiss(objection_id, **said)


@pytest.mark.parametrize("how", ["uphold", "dismiss"])
def test_a_retry_of_a_decision_gives_its_result_again(issuer: Issuer, how: str) -> None:
    one, other = (raised(issuer, granted(issuer)) for _ in range(2))
    first = _decide(issuer, how, one.id, request_id="d-1")
    head = issuer.archive.audit_head()
    assert _decide(issuer, how, one.id, request_id="d-1") == first
    assert issuer.archive.audit_head() == head
    with pytest.raises(RequestConflictError):
        _decide(issuer, how, one.id, request_id="d-1", reason="另外的理由")
    with pytest.raises(RequestConflictError):
        _decide(issuer, how, other.id, request_id="d-1")
    assert issuer.objections.open() == (other,)


def test_a_retry_of_an_objection_is_the_same_objection(issuer: Issuer) -> None:
    licence = granted(issuer)
    one = raised(issuer, licence, request_id="o-1")
    assert raised(issuer, licence, request_id="o-1") == one
    assert issuer.objections.of(licence.id) == (one,)
    with pytest.raises(RequestConflictError):
        raised(issuer, licence, request_id="o-1", statement="应为C3")
    # Decided meanwhile, it is still the answer.
    issuer.objections.dismiss(one.id, **DECISION)
    assert raised(issuer, licence, request_id="o-1").state is ObjectionState.DISMISSED


def test_a_correction_that_does_not_fit_leaves_the_objection_open(issuer: Issuer) -> None:
    licence = granted(issuer)
    one = raised(issuer, licence)
    with pytest.raises(FieldsError):
        issuer.objections.uphold(one.id, {"fields": {"准驾车型": None}}, **DECISION)
    assert issuer.objections.open() == (one,)
    assert issuer.licence(licence.id) == licence


def test_a_suspended_licence_is_not_corrected_and_what_has_ended_can_be_disputed(
    issuer: Issuer,
) -> None:
    licence = granted(issuer)
    issuer.suspend(licence.id, **WHY)
    one = raised(issuer, licence)
    with pytest.raises(ForbiddenMoveError) as caught:
        issuer.objections.uphold(one.id, CORRECTION, **DECISION)
    assert "暂扣" in caught.value.zh
    issuer.revoke(licence.id, **WHY)
    two = raised(issuer, licence)
    issuer.objections.dismiss(one.id, **DECISION)
    assert issuer.objections.open() == (two,)
    assert issuer.licence(licence.id).state is LicenceState.REVOKED
    assert issuer.archive.check_audit().clean


@pytest.mark.parametrize(
    ("changes", "where"),
    [
        ({"fields": []}, "异议所指"),
        ({"fields": ["没有这项"]}, "异议所指"),
        ({"fields": ["准驾车型", "初次领证日期"]}, "异议所指"),
        ({"raised_by": " "}, "异议人"),
        ({"raised_by": "张\u202e伟"}, "raised_by"),
        ({"statement": ""}, "异议内容"),
        ({"statement": "应" * 1001}, "异议内容"),
        ({"evidence": "\u200b"}, "evidence"),
    ],
)
def test_an_objection_says_who_what_and_about_which_field(
    issuer: Issuer, changes: dict[str, Any], where: str
) -> None:
    licence = granted(issuer)
    with pytest.raises(FormatError) as caught:
        raised(issuer, licence, **changes)
    assert caught.value.where == where
    assert issuer.objections.open() == ()
    assert len(issuer.events(licence.id)) == 1


def test_what_is_not_there_is_named(issuer: Issuer) -> None:
    licence = granted(issuer)
    with pytest.raises(UnknownLicenceError):
        issuer.objections.raise_objection("1.2.3", ["住址"], raised_by="张伟", statement="不对")
    for how in ("uphold", "dismiss"):
        with pytest.raises(RegisterError) as caught:
            _decide(issuer, how, "NONE")
        assert caught.value.where == "NONE"
    assert issuer.licence(licence.id) == licence


def test_an_objections_text_is_in_no_repr(issuer: Issuer) -> None:
    one = raised(issuer, granted(issuer))
    assert all(text not in repr(one) for text in ("张伟", "应为C2", "成绩单"))
