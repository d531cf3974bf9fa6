"""Purpose copies (加注件): what they say, how long, and what a retry gives."""

from __future__ import annotations

import base64
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

import orjson
import pytest

from ecert.errors import ForbiddenMoveError, FormatError, RequestConflictError, UnknownLicenceError
from ecert.issuers.purpose import Purpose
from ecert.issuers.records import CredentialKind
from ecert.limits import MAX_PURPOSE_CHARS
from tests.unit.issuers.sample_office import LAST_DAY, WHY, granted, published

if TYPE_CHECKING:
    from ecert.issuers.issuer import Issuer
    from tests.unit.issuers.sample_office import OfficeClock

LOAN = Purpose("办理住房贷款", "张伟", date(2026, 12, 31))


def _claims(token: str) -> dict[str, Any]:
    payload = token.split("~", maxsplit=1)[0].split(".")[1]
    claims: dict[str, Any] = orjson.loads(
        base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4))
    )
    return claims


def test_a_copy_says_for_what_by_whom_and_until_when(issuer: Issuer, clock: OfficeClock) -> None:
    licence = granted(issuer)
    claims = _claims(issuer.purpose_copy(licence.id, LOAN))
    assert claims["purpose_copy"] == {
        "purpose": "办理住房贷款", "maker": "张伟", "made_at": int(clock().timestamp()),
        "valid_until": "2026-12-31",
    }  # fmt: skip
    # The copy ends with the last second of its last day; the licence's own days are told as ever.
    assert claims["exp"] == int(datetime.fromisoformat("2027-01-01T00:00:00+08:00").timestamp())
    assert claims["valid_until"] == LAST_DAY.isoformat()
    assert claims["licence_id"] == str(licence.id)
    assert "cnf" not in claims
    assert "purpose_copy" not in _claims(issuer.file(licence.id))
    copy, _ = issuer.credentials(licence.id)
    assert copy.kind is CredentialKind.PURPOSE
    assert copy.kind.zh == "加注件"


def test_a_copy_has_a_status_of_its_own_and_follows_the_licence(issuer: Issuer) -> None:
    licence = granted(issuer)
    issuer.purpose_copy(licence.id, LOAN)
    issuer.file(licence.id)
    copy, file = (one.id for one in issuer.credentials(licence.id))
    issuer.withdraw_credential(copy, reason="误制作")
    assert published(issuer) == {copy: 14}
    issuer.revoke(licence.id, **WHY)
    assert published(issuer) == {copy: 1, file: 1}
    assert issuer.archive.check_audit().clean


@pytest.mark.parametrize("last", [date(2026, 11, 21), date(2031, 6, 2), date(1999, 1, 1)])
def test_a_copy_neither_ends_in_the_past_nor_after_its_licence(issuer: Issuer, last: date) -> None:
    licence = granted(issuer)
    with pytest.raises(ForbiddenMoveError) as caught:
        issuer.purpose_copy(licence.id, Purpose("贷款", "张伟", last), request_id="p-1")
    assert caught.value.where == "截止日期"
    assert issuer.credentials(licence.id) == ()
    # The day itself is good, at both ends, and the refused request is as good as new.
    for day in (date(2026, 11, 22), LAST_DAY):
        issuer.purpose_copy(licence.id, Purpose("贷款", "张伟", day))
    issuer.purpose_copy(licence.id, LOAN, request_id="p-1")


def test_today_is_the_day_in_the_office(issuer: Issuer, clock: OfficeClock) -> None:
    licence = granted(issuer)
    today = Purpose("贷款", "张伟", date(2026, 11, 22))
    clock.now = datetime.fromisoformat("2026-11-22T23:59:59+08:00")
    issuer.purpose_copy(licence.id, today)
    clock.now = datetime.fromisoformat("2026-11-23T00:00:00+08:00")
    with pytest.raises(ForbiddenMoveError):
        issuer.purpose_copy(licence.id, today)


def test_a_retry_gives_the_same_copy_and_another_purpose_is_refused(
    issuer: Issuer, clock: OfficeClock
) -> None:
    licence, other = granted(issuer), granted(issuer)
    first = issuer.purpose_copy(licence.id, LOAN, request_id="p-1")
    clock.advance(minutes=5)
    assert issuer.purpose_copy(licence.id, LOAN, request_id="p-1") == first
    assert len(issuer.credentials(licence.id)) == 1
    for purpose in (
        Purpose("办理户口", "张伟", LOAN.valid_until),
        Purpose(LOAN.text, "李四", LOAN.valid_until),
        Purpose(LOAN.text, "张伟", date(2026, 12, 30)),
    ):
        with pytest.raises(RequestConflictError):
            issuer.purpose_copy(licence.id, purpose, request_id="p-1")
    with pytest.raises(RequestConflictError):
        issuer.purpose_copy(other.id, LOAN, request_id="p-1")
    assert issuer.credentials(other.id) == ()


def test_a_copy_refused_for_the_licences_state_can_be_asked_for_otherwise(issuer: Issuer) -> None:
    licence = granted(issuer)
    issuer.suspend(licence.id, **WHY)
    with pytest.raises(ForbiddenMoveError):
        issuer.purpose_copy(licence.id, LOAN, request_id="p-1")
    issuer.reinstate(licence.id, reason="发还")
    issuer.purpose_copy(licence.id, Purpose("办理户口", "张伟", LOAN.valid_until), request_id="p-1")


def test_a_licence_that_is_not_there_has_no_copy(issuer: Issuer) -> None:
    with pytest.raises(UnknownLicenceError):
        issuer.purpose_copy("1.2.3", LOAN)


@pytest.mark.parametrize("text", ["", " ", "贷" * (MAX_PURPOSE_CHARS + 1), "贷\u202e款", "\ue000"])
def test_texts_that_no_clerk_can_read_are_refused(text: str) -> None:
    with pytest.raises(FormatError) as caught:
        Purpose(text, "张伟", LOAN.valid_until)
    assert caught.value.where == "加注件制作事由"
    with pytest.raises(FormatError) as caught:
        Purpose("贷款", text, LOAN.valid_until)
    assert caught.value.where == "加注件制作者"
