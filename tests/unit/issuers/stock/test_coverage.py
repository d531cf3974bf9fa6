"""Coverage: what is held against what the department counts."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest

from ecert.errors import CatalogueError
from ecert.model.licence import LicenceState
from tests.unit.issuers.stock.samples import TYPE, existing, take

if TYPE_CHECKING:
    from ecert.issuers.issuer import Issuer

DAY = date(2026, 10, 31)


def test_only_what_is_in_force_counts(issuer: Issuer) -> None:
    take(
        issuer, existing(1), existing(2), existing(3, state=LicenceState.SUSPENDED),
        existing(4, state=LicenceState.REVOKED), existing(5, valid_until=date(2024, 1, 4)),
    )  # fmt: skip
    issuer.stock.expect(TYPE, 4, as_of=DAY, source="10月统计报表")
    [one] = issuer.stock.coverage()
    assert (one.type_name, one.held, one.rate) == (TYPE, 2, 0.5)
    [then] = issuer.stock.coverage(on=date(2023, 1, 1))
    assert then.held == 3, "one of them had not expired then"


def test_the_newest_count_is_the_one_that_counts(issuer: Issuer) -> None:
    issuer.stock.expect(TYPE, 10, as_of=DAY, source="10月")
    issuer.stock.expect(TYPE, 8, as_of=date(2026, 9, 30), source="9月")
    issuer.stock.expect(TYPE, 20, as_of=DAY, source="10月更正")
    [one] = issuer.stock.coverage()
    assert one.expected is not None
    assert (one.expected.count, one.expected.source) == (20, "10月更正")
    assert one.rate == 0


def test_what_nobody_counted_has_no_rate_and_comes_last(issuer: Issuer) -> None:
    take(issuer, existing())
    issuer.stock.expect("食品经营许可证", 3, as_of=DAY, source="报表")
    issuer.stock.expect("营业执照", 0, as_of=DAY, source="报表")
    told = [(one.type_name, one.rate) for one in issuer.stock.coverage()]
    assert told[0] == ("食品经营许可证", 0.0)
    assert {name for name, rate in told[1:] if rate is None} == {TYPE, "营业执照"}


def test_who_gave_the_count_is_in_the_audit_trail(issuer: Issuer) -> None:
    issuer.stock.expect(TYPE, 4, as_of=DAY, source="10月统计报表", actor="李娜")
    report = issuer.archive.check_audit()
    assert report.clean
    assert (report.entries, report.events) == (1, 1)


def test_a_count_that_cannot_be(issuer: Issuer) -> None:
    with pytest.raises(ValueError, match="negative"):
        issuer.stock.expect(TYPE, -1, as_of=DAY, source="报表")
    with pytest.raises(CatalogueError, match="没有证照类型"):
        issuer.stock.expect("没有的证", 1, as_of=DAY, source="报表")
