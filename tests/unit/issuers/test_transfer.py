"""转出, 取消转出 and 转入: a licence goes on in another region."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from ecert.errors import ForbiddenMoveError, RegionError, RequestConflictError
from ecert.issuers.demonstration import demo_issuer
from ecert.issuers.lifecycle import Move
from ecert.model.licence import LicenceState
from tests.unit.issuers.sample_office import LAST_DAY, NUMBER, WHY, ZHANG, Why, granted, published

if TYPE_CHECKING:
    from ecert.issuers.issuer import Issuer
    from ecert.model.identifiers import LicenceId
    from ecert.model.licence import Licence
    from tests.unit.issuers.sample_office import OfficeClock

MOVED: Why = {"reason": "住所迁移"}


def _take_over(clock: OfficeClock, predecessor: LicenceId) -> tuple[Issuer, Licence]:
    office = demo_issuer("重庆市公安局", region="500000", clock=clock)
    licence = office.issue(
        "机动车驾驶证", number=NUMBER, holder=ZHANG, fields={"准驾车型": "C1"},
        valid_until=LAST_DAY, predecessor=predecessor, request_id="in-1",
    )  # fmt: skip
    return office, licence


def test_what_is_transferred_out_is_told_with_where_it_went(issuer: Issuer) -> None:
    licence = granted(issuer)
    issuer.file(licence.id)
    moved = issuer.transfer(licence.id, "500000", **MOVED)
    assert moved.state is LicenceState.TRANSFERRED
    assert published(issuer) == {one.id: 15 for one in issuer.credentials(licence.id)}
    told = issuer.events(licence.id)[-1]
    assert (told.move, told.related, told.reason) == (Move.TRANSFER, "500000", "住所迁移")
    with pytest.raises(ForbiddenMoveError):
        issuer.file(licence.id)
    with pytest.raises(ForbiddenMoveError) as caught:
        issuer.suspend(licence.id, **WHY)
    assert "取消转出" in caught.value.fix_zh
    assert issuer.archive.check_audit().clean


def test_a_transfer_can_be_taken_back_and_a_lost_phone_stays_cut_off(issuer: Issuer) -> None:
    licence = granted(issuer)
    for _ in range(2):
        issuer.file(licence.id)
    lost, kept = (one.id for one in issuer.credentials(licence.id))
    issuer.withdraw_credential(lost, reason="手机遗失")
    issuer.transfer(licence.id, "500000", **MOVED)
    assert published(issuer) == {lost: 14, kept: 15}
    assert issuer.archive.check_audit().clean
    back = issuer.take_back(licence.id, reason="未迁移")
    assert back == licence
    assert published(issuer) == {lost: 14}
    assert issuer.archive.check_audit().clean
    issuer.file(licence.id)


def test_the_region_it_goes_to_exists(issuer: Issuer) -> None:
    licence = granted(issuer)
    for region in ("999999", "重庆", ""):
        with pytest.raises(RegionError):
            issuer.transfer(licence.id, region, **MOVED)
    assert issuer.licence(licence.id) == licence


def test_another_region_under_the_same_request_is_another_request(issuer: Issuer) -> None:
    licence = granted(issuer)
    moved = issuer.transfer(licence.id, "500000", **MOVED, request_id="t-1")
    assert issuer.transfer(licence.id, "500000", **MOVED, request_id="t-1") == moved
    with pytest.raises(RequestConflictError):
        issuer.transfer(licence.id, "510100", **MOVED, request_id="t-1")
    assert len(issuer.events(licence.id)) == 2


def test_who_takes_it_over_names_the_licence_it_continues(
    issuer: Issuer, clock: OfficeClock
) -> None:
    old = granted(issuer)
    issuer.transfer(old.id, "500000", **MOVED)
    office, new = _take_over(clock, old.id)
    assert new.predecessor == old.id
    assert new.id.serial != old.id.serial
    assert (new.id.version, new.region) == (1, "500000")
    (begun,) = office.events(new.id)
    assert (begun.move, begun.related) == (Move.ISSUE, str(old.id))
    # The predecessor is part of what was asked.
    with pytest.raises(RequestConflictError):
        office.issue(
            "机动车驾驶证", number=NUMBER, holder=ZHANG, fields={"准驾车型": "C1"},
            valid_until=LAST_DAY, request_id="in-1",
        )  # fmt: skip
    assert office.archive.check_audit().clean
