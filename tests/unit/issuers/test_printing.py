"""Printed copies: what is signed for paper, how long it lasts, and what a retry gives."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

import pytest

from ecert.errors import (
    CatalogueError,
    CodeTooLargeError,
    ForbiddenMoveError,
    FormatError,
    RequestConflictError,
    UnknownLicenceError,
)
from ecert.issuers.records import CredentialKind
from ecert.limits import MAX_PURPOSE_CHARS
from ecert.model.holders import Holder
from ecert.show import offline
from ecert.show.compact import CompactKind
from tests.unit.issuers.sample_office import LAST_DAY, WHY, granted, published

if TYPE_CHECKING:
    from ecert.issuers.issuer import Issuer
    from tests.unit.issuers.sample_office import OfficeClock

LOAN, UNTIL = "办理住房贷款", date(2026, 12, 31)
TODAY = date(2026, 11, 22)


def test_the_sheet_says_what_the_credential_says(issuer: Issuer) -> None:
    licence = granted(issuer)
    copy = issuer.print_copy(licence.id, profile="full")
    shown = offline.read(copy.code)
    assert shown.proof is None
    (credential,) = shown.credentials
    claims = credential.claims
    assert (claims.kind, claims.purpose) == (CompactKind.PAPER, None)
    assert (copy.type_name, copy.issuer_name) == ("机动车驾驶证", "四川省广安市公安局")
    assert copy.region_name == "四川省广安市"
    assert copy.holders == claims.holders
    assert dict(copy.fields)["准驾车型"] == "C1"
    assert (copy.valid_from, copy.valid_until) == (licence.valid_from, LAST_DAY)
    assert (copy.last_day, copy.purpose, copy.printed_on) == (None, None, TODAY)
    assert copy.demo
    (record,) = issuer.credentials(licence.id)
    assert (record.kind, record.id) == (CredentialKind.PAPER, copy.credential)
    assert record.id == f"{claims.status_list}-{claims.status_index}"


def test_minimal_shows_the_name_and_the_last_four_alone(issuer: Issuer) -> None:
    copy = issuer.print_copy(granted(issuer).id)
    assert copy.holders == (("张伟", "1237"),)
    assert copy.fields == (("准驾车型", "C1"),)
    assert "510681199003071237" not in repr(copy)
    assert "张伟" not in repr(copy)


def test_purpose_and_last_day_are_signed(issuer: Issuer) -> None:
    licence = granted(issuer)
    copy = issuer.print_copy(licence.id, purpose=LOAN, valid_until=UNTIL)
    claims = offline.read(copy.code).credentials[0].claims
    assert (claims.purpose, claims.valid_until) == (LOAN, UNTIL)
    assert (copy.purpose, copy.last_day, copy.valid_until) == (LOAN, UNTIL, LAST_DAY)
    short = issuer.print_copy(licence.id, valid_until=TODAY)
    assert (short.purpose, short.last_day) == (None, TODAY)


def test_each_sheet_is_a_credential_of_its_own(issuer: Issuer) -> None:
    licence = granted(issuer)
    first, second = issuer.print_copy(licence.id), issuer.print_copy(licence.id)
    assert first.credential != second.credential
    issuer.withdraw_credential(first.credential, reason="打印件遗失")
    assert published(issuer) == {first.credential: 14}
    issuer.revoke(licence.id, **WHY)
    assert published(issuer) == {first.credential: 1, second.credential: 1}
    assert issuer.archive.check_audit().clean


def test_the_same_request_gives_the_same_sheet(issuer: Issuer, clock: OfficeClock) -> None:
    licence, other = granted(issuer), granted(issuer)
    first = issuer.print_copy(licence.id, request_id="p-1")
    clock.advance(days=2)
    assert issuer.print_copy(licence.id, request_id="p-1") == first
    assert len(issuer.credentials(licence.id)) == 1
    for how in ({"profile": "full"}, {"valid_until": UNTIL},
                {"purpose": LOAN, "valid_until": UNTIL}):  # fmt: skip
        with pytest.raises(RequestConflictError):
            issuer.print_copy(licence.id, request_id="p-1", **how)
    with pytest.raises(RequestConflictError):
        issuer.print_copy(other.id, request_id="p-1")
    assert issuer.credentials(other.id) == ()


def test_a_preview_signs_and_reserves_nothing(issuer: Issuer) -> None:
    licence = granted(issuer)
    seen = issuer.print_preview(licence.id, purpose=LOAN, valid_until=UNTIL)
    assert (seen.code, seen.credential) == ("", "")
    assert issuer.credentials(licence.id) == ()
    copy = issuer.print_copy(licence.id, purpose=LOAN, valid_until=UNTIL)
    for name in ("type_name", "holders", "fields", "purpose", "last_day", "printed_on", "demo"):
        assert getattr(seen, name) == getattr(copy, name)


def test_what_cannot_be_printed_is_refused_before_an_index_is_taken(issuer: Issuer) -> None:
    licence = granted(issuer)
    for last_day in (TODAY - timedelta(days=1), LAST_DAY + timedelta(days=1)):
        with pytest.raises(ForbiddenMoveError):
            issuer.print_copy(licence.id, valid_until=last_day)
    issuer.print_copy(licence.id, valid_until=LAST_DAY)
    with pytest.raises(CatalogueError):
        issuer.print_copy(licence.id, profile="nothing")
    with pytest.raises(UnknownLicenceError):
        issuer.print_copy("1.2.3")
    for purpose in ("", " ", "贷款 ", "贷" * (MAX_PURPOSE_CHARS + 1), "贷\u202e款"):
        with pytest.raises(FormatError):
            issuer.print_copy(licence.id, purpose=purpose, valid_until=UNTIL)
    with pytest.raises(FormatError) as caught:
        issuer.print_copy(licence.id, purpose=LOAN)
    assert caught.value.where == "有效期截止时间"
    assert len(issuer.credentials(licence.id)) == 1
    issuer.suspend(licence.id, **WHY)
    with pytest.raises(ForbiddenMoveError):
        issuer.print_copy(licence.id)
    assert len(issuer.credentials(licence.id)) == 1


def test_what_fits_no_code_takes_no_index(issuer: Issuer) -> None:
    # Hundreds of different characters: nothing that zlib could spare.
    many = "".join(chr(0x4E00 + 13 * place) for place in range(400))
    licence = issuer.issue(
        "食品经营许可证", number="JY25116230012345",
        holder=Holder.enterprise(many[:150], "91511623MA62J8K376"),
        fields={"主体业态": "餐饮服务经营者", "经营项目": many[150:270],
                "经营场所": "四川省广安市邻水县鼎屏镇人民路128号", "法定代表人": "李小兰"},
        valid_until=LAST_DAY,
    )  # fmt: skip
    with pytest.raises(CodeTooLargeError):
        issuer.print_copy(licence.id, profile="full", purpose=many[200:], valid_until=UNTIL)
    assert issuer.credentials(licence.id) == ()
