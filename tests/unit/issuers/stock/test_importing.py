"""Licences that exist already come in once, with their ids, dates and states."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from ecert.errors import FormatError
from ecert.issuers.lifecycle import Move
from ecert.issuers.stock.existing import Batch, ExistingLicence
from ecert.issuers.stock.importing import ROWS_A_TRANSACTION
from ecert.issuers.stock.report import MAX_TOLD, Outcome, Taking
from ecert.model.identifiers import LicenceId
from ecert.model.licence import LicenceState
from tests.unit.issuers.stock.samples import (
    AT,
    BATCH,
    TYPE,
    application,
    existing,
    licence_id,
    take,
    taken,
)

if TYPE_CHECKING:
    from ecert.issuers.issuer import Issuer
    from ecert.model.licence import Licence
    from ecert.reasons import Language


def _all(issuer: Issuer) -> list[Licence]:
    return [row.licence for row in issuer.archive.rows()]


class _Faulty:
    row = 7

    def message(self, language: Language = "zh") -> str:
        return {"zh": "第7行缺列", "en": "row 7 lacks a column"}[language]


# -- new --------------------------------------------------------------------------------------


def test_a_licence_keeps_its_id_its_number_and_its_dates(issuer: Issuer) -> None:
    known = licence_id(issuer)
    report = take(issuer, existing(licence_id=known))
    assert taken(report) == {Taking.RECORDED: 1}
    held = issuer.licence(known)
    assert (held.id, held.issued_on, held.valid_from) == (
        known, date(2022, 1, 5), date(2022, 1, 5),
    )  # fmt: skip
    assert held.issuer_code == issuer.code
    assert held.state is LicenceState.ISSUED
    [event] = issuer.events(known)
    assert (event.move, event.reason, event.document, event.actor, event.digest) == (
        Move.ISSUE, "归集：省证照库2026年11月导出", "川公函〔2026〕5号", "李娜", held.digest(),
    )  # fmt: skip
    assert issuer.archive.check_audit().clean


def test_a_licence_from_paper_is_given_an_id(issuer: Issuer) -> None:
    take(issuer, existing())
    [held] = _all(issuer)
    assert (held.id.issuer, held.id.version) == (issuer.code, 1)


@pytest.mark.parametrize(
    ("state", "move"),
    [
        (LicenceState.SUSPENDED, Move.SUSPEND),
        (LicenceState.SUPERSEDED, Move.RENEW),
        (LicenceState.CANCELLED, Move.CANCEL),
        (LicenceState.WITHDRAWN, Move.WITHDRAW),
        (LicenceState.REVOKED, Move.REVOKE),
        (LicenceState.TRANSFERRED, Move.TRANSFER),
    ],
)
def test_it_is_brought_to_its_state_with_the_decision_that_led_there(
    issuer: Issuer, state: LicenceState, move: Move
) -> None:
    known = licence_id(issuer)
    take(
        issuer,
        existing(
            licence_id=known, state=state, document="广公决〔2023〕1号",
            state_since=date(2023, 3, 1),
        ),
    )  # fmt: skip
    assert issuer.licence(known).state is state
    last = issuer.events(known)[-1]
    assert (last.move, last.document) == (move, "广公决〔2023〕1号")
    assert last.reason == "归集：省证照库2026年11月导出（2023-03-01）"
    assert issuer.archive.check_audit().clean


def test_an_expired_licence_is_one_whose_last_day_is_over(issuer: Issuer) -> None:
    over = existing(1, state=LicenceState.EXPIRED, valid_until=date(2024, 1, 4))
    not_over = existing(2, state=LicenceState.EXPIRED)
    report = take(issuer, over, not_over)
    assert taken(report) == {Taking.RECORDED: 1, Taking.REFUSED: 1}
    assert "有效期未到" in report.failures[0].zh
    [held] = _all(issuer)
    assert held.state is LicenceState.ISSUED
    assert held.standing(AT.date()) is LicenceState.EXPIRED


def test_the_licence_that_it_replaced_stays_named(issuer: Issuer) -> None:
    elsewhere = LicenceId.make(
        issuer.catalogue.require(TYPE).code, "11500000009276682C", "CQ2019000001"
    )
    take(issuer, existing(licence_id=licence_id(issuer), predecessor=elsewhere))
    assert issuer.licence(licence_id(issuer)).predecessor == elsewhere
    assert issuer.events(licence_id(issuer))[0].related == str(elsewhere)


def test_what_a_decision_took_away_needs_the_decision(issuer: Issuer) -> None:
    revoked = existing(state=LicenceState.REVOKED)
    report = take(issuer, revoked, batch=Batch("纸质档案"))
    assert taken(report) == {Taking.REFUSED: 1}
    assert "决定书文号" in report.failures[0].zh
    assert _all(issuer) == []


# -- again ------------------------------------------------------------------------------------


def test_an_import_repeated_changes_nothing(issuer: Issuer) -> None:
    batch = [
        existing(1, licence_id=licence_id(issuer, 1)),
        existing(2),
        existing(3, state=LicenceState.CANCELLED),
    ]
    take(issuer, *batch)
    before, head = _all(issuer), issuer.archive.audit_head()
    report = take(issuer, *batch)
    assert taken(report) == {Taking.SKIPPED: 3}
    assert _all(issuer) == before
    assert issuer.archive.audit_head() == head, "not even a note that nothing was done"


@pytest.mark.parametrize("with_id", [True, False])
def test_other_content_is_a_conflict_and_never_overwritten(issuer: Issuer, with_id: bool) -> None:
    known = licence_id(issuer) if with_id else None
    take(issuer, existing(licence_id=known))
    before = _all(issuer)
    report = take(issuer, existing(licence_id=known, fields={"准驾车型": "A1"}, row=9))
    assert taken(report) == {Taking.CONFLICT: 1}
    [failure] = report.failures
    assert (failure.row, failure.licence_id) == (9, str(before[0].id))
    assert "照面信息" in failure.zh
    assert "fields" in failure.en
    assert _all(issuer) == before


def test_no_personal_data_in_a_conflict(issuer: Issuer) -> None:
    take(issuer, existing(licence_id=licence_id(issuer)))
    report = take(issuer, existing(2, licence_id=licence_id(issuer)))
    assert "证照编号" in report.failures[0].zh
    assert "19900307" not in report.failures[0].zh + report.failures[0].en


def test_a_state_that_changed_at_the_source_is_followed(issuer: Issuer) -> None:
    known = licence_id(issuer)
    for state in (LicenceState.ISSUED, LicenceState.SUSPENDED, LicenceState.ISSUED):
        take(issuer, existing(licence_id=known, state=state))
        assert issuer.licence(known).state is state
    report = take(issuer, existing(licence_id=known, state=LicenceState.REVOKED))
    assert taken(report) == {Taking.MOVED: 1}
    assert [one.move for one in issuer.events(known)] == [
        Move.ISSUE, Move.SUSPEND, Move.REINSTATE, Move.REVOKE,
    ]  # fmt: skip
    assert issuer.archive.check_audit().clean


def test_what_ended_does_not_come_back_because_a_source_says_so(issuer: Issuer) -> None:
    known = licence_id(issuer)
    take(issuer, existing(licence_id=known, state=LicenceState.REVOKED))
    report = take(issuer, existing(licence_id=known))
    assert taken(report) == {Taking.CONFLICT: 1}
    assert "已吊销" in report.failures[0].zh
    assert issuer.licence(known).state is LicenceState.REVOKED


def test_what_was_done_here_is_not_undone_by_a_stale_source(issuer: Issuer) -> None:
    known = licence_id(issuer)
    take(issuer, existing(licence_id=known))
    issuer.suspend(known, reason="酒驾", document="广公决〔2026〕9号")
    report = take(issuer, existing(licence_id=known))
    assert taken(report) == {Taking.CONFLICT: 1}
    issuer.reinstate(known, reason="期满")
    report = take(issuer, existing(licence_id=known, state=LicenceState.SUSPENDED))
    assert taken(report) == {Taking.CONFLICT: 1}
    assert issuer.licence(known).state is LicenceState.ISSUED


# -- versions ---------------------------------------------------------------------------------


def test_a_newer_version_supersedes_the_older_and_names_it(issuer: Issuer) -> None:
    first, second = licence_id(issuer), licence_id(issuer, version=2)
    take(issuer, existing(licence_id=first))
    renewed = existing(licence_id=second, valid_until=date(2031, 1, 4))
    assert taken(take(issuer, renewed)) == {Taking.RECORDED: 1}
    assert issuer.licence(first).state is LicenceState.SUPERSEDED
    assert issuer.events(first)[-1].related == str(second)
    assert issuer.licence(second).predecessor == first
    assert issuer.archive.check_audit().clean
    # The source goes on to call the older one in force: nothing is to be done about that.
    assert taken(take(issuer, existing(licence_id=first), renewed)) == {Taking.SKIPPED: 2}


def test_versions_come_in_any_order(issuer: Issuer) -> None:
    ids = [licence_id(issuer, version=version) for version in (1, 2, 3)]
    batch = [existing(licence_id=ids[place]) for place in (2, 0, 1)]
    assert taken(take(issuer, *batch)) == {Taking.RECORDED: 3}
    states = [issuer.licence(one).state for one in ids]
    assert states == [LicenceState.SUPERSEDED, LicenceState.SUPERSEDED, LicenceState.ISSUED]
    assert taken(take(issuer, *batch)) == {Taking.SKIPPED: 3}
    assert issuer.archive.check_audit().clean


def test_a_version_without_an_id_follows_by_its_number(issuer: Issuer) -> None:
    renewed = existing(version=2, valid_until=date(2031, 1, 4))
    take(issuer, existing())
    assert taken(take(issuer, renewed)) == {Taking.RECORDED: 1}
    first, second = _all(issuer)
    assert (second.id.serial, second.id.version) == (first.id.serial, 2)
    assert second.predecessor == first.id
    assert taken(take(issuer, existing(), renewed)) == {Taking.SKIPPED: 2}


def test_nothing_follows_a_version_that_ended_or_is_suspended(issuer: Issuer) -> None:
    for serial, state in enumerate((LicenceState.REVOKED, LicenceState.SUSPENDED), start=1):
        take(issuer, existing(serial, licence_id=licence_id(issuer, serial), state=state))
        report = take(issuer, existing(serial, licence_id=licence_id(issuer, serial, version=2)))
        assert taken(report) == {Taking.CONFLICT: 1}
    assert len(_all(issuer)) == 2


# -- refused ----------------------------------------------------------------------------------


def test_what_does_not_fit_is_told_row_by_row_and_the_rest_comes_in(issuer: Issuer) -> None:
    code = issuer.catalogue.require(TYPE).code
    strange = LicenceId.make(code, "11500000009276682C", "1")
    other_type = LicenceId.make("111000009999999986006", issuer.code, "1")
    items = [
        existing(1, row=2),
        existing(2, row=3, fields={"准驾车型": "C9"}),
        ExistingLicence(application=application(3, issued_on=None), row=4),
        ExistingLicence(application=application(4, type_name="没有的证"), row=5),
        existing(5, row=6, licence_id=strange),
        existing(6, row=8, licence_id=other_type),
        existing(7, row=9, licence_id=licence_id(issuer, 7), version=3),
        _Faulty(),
    ]
    told: list[Outcome] = []
    report = take(issuer, *items, tell=told.append)
    assert taken(report) == {Taking.RECORDED: 1, Taking.REFUSED: 7}
    assert [one.row for one in told] == [2, 3, 4, 5, 6, 8, 9, 7]
    reasons = {one.row: one.zh for one in report.failures}
    for row, words in (
        (3, "准驾车型"), (4, "颁发日期"), (5, "没有证照类型"), (6, "颁发机构代码"),
        (8, "类型代码"), (9, "版本号"), (7, "第7行缺列"),
    ):  # fmt: skip
        assert words in reasons[row], row
    assert len(_all(issuer)) == 1


def test_a_source_has_a_name() -> None:
    with pytest.raises(FormatError, match="来源"):
        Batch(" ")


# -- amounts ----------------------------------------------------------------------------------


def test_transactions_are_of_bounded_size_and_one_act_tells_the_sum(issuer: Issuer) -> None:
    many = ROWS_A_TRANSACTION + 5
    report = take(issuer, *(existing(serial) for serial in range(1, many + 1)))
    assert taken(report) == {Taking.RECORDED: many}
    audit = issuer.archive.check_audit()
    assert audit.clean
    assert (audit.entries, audit.events, audit.licences) == (3, many + 1, many)


def test_what_was_durable_stays_when_the_source_breaks_off(issuer: Issuer) -> None:
    def source() -> object:
        for serial in range(1, ROWS_A_TRANSACTION + 10):
            yield existing(serial)
        raise OSError("the disk is gone")

    with pytest.raises(OSError, match="the disk is gone"):
        issuer.stock.take_in(source(), BATCH)  # type: ignore[arg-type]
    assert len(_all(issuer)) == ROWS_A_TRANSACTION


def test_failures_are_bounded(issuer: Issuer) -> None:
    report = take(issuer, *([_Faulty()] * (MAX_TOLD + 1)))
    assert (len(report.failures), report.counts[Taking.REFUSED]) == (MAX_TOLD, MAX_TOLD + 1)


def test_a_rehearsal_tells_the_same_and_changes_nothing(issuer: Issuer) -> None:
    batch = [existing(1), existing(2, fields={"准驾车型": "C9"})]
    rehearsed = take(issuer, *batch, dry_run=True)
    assert _all(issuer) == []
    assert issuer.archive.audit_head() is None
    assert rehearsed == take(issuer, *batch)


# -- since ------------------------------------------------------------------------------------


def _changed(serial: int, hour: int, **more: object) -> ExistingLicence:
    return existing(serial, changed_at=datetime(2026, 11, 20, hour, tzinfo=UTC), **more)


def test_the_cursor_leaves_out_what_did_not_change(issuer: Issuer) -> None:
    batch = [_changed(1, 1), _changed(2, 3), _changed(3, 2)]
    report = take(issuer, *batch)
    assert report.cursor == datetime(2026, 11, 20, 3, tzinfo=UTC)
    report = take(issuer, *batch, _changed(4, 5), since=report.cursor)
    assert taken(report) == {Taking.UNCHANGED: 2, Taking.SKIPPED: 1, Taking.RECORDED: 1}
    assert report.cursor == datetime(2026, 11, 20, 5, tzinfo=UTC)


def test_the_cursor_waits_for_what_failed(issuer: Issuer) -> None:
    wrong = {"fields": {"准驾车型": "C9"}}
    report = take(issuer, _changed(1, 1), _changed(2, 2, **wrong), _changed(3, 3))
    assert report.cursor == datetime(2026, 11, 20, 2, tzinfo=UTC)
    since = report.cursor - timedelta(hours=1)
    assert take(issuer, _changed(4, 4), _Faulty(), since=since).cursor == since


def test_a_source_without_times_has_no_cursor(issuer: Issuer) -> None:
    assert take(issuer, existing()).cursor is None
    with pytest.raises(ValueError, match="zone"):
        existing(changed_at=datetime(2026, 11, 20))  # noqa: DTZ001
