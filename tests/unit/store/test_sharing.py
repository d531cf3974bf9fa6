"""Grants and the access log, on both databases."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from ecert import limits
from ecert.errors import FormatError
from ecert.issuers.sharing.access import (
    Access,
    AccessQuery,
    ShareGrant,
    ShareRates,
    ShareService,
)
from ecert.issuers.sharing.numbers import ShareStatus, VerifyResult
from ecert.store.sharing import SQLShareStore

if TYPE_CHECKING:
    from ecert.store.engine import Engine

AT = datetime(2026, 11, 22, 2, tzinfo=UTC)
TYPE = "11100000000013127D001"
ID = "1.2.156.3005.2.11100000000013127D001.11511623008888888K.TEST2024000001.001.D"
RATES = ShareRates()


def _grant(**changes: Any) -> ShareGrant:
    parts: dict[str, Any] = {
        "token": "a1", "type_code": TYPE, "services": frozenset({ShareService.QUERY}),
        "fields": frozenset({"准驾车型"}), "created": AT, "expires": AT + timedelta(days=1),
    }  # fmt: skip
    return ShareGrant(**parts | changes)


def _access(**changes: Any) -> Access:
    parts: dict[str, Any] = {
        "at": AT, "token": "a1", "caller": "平台", "service": "queryCert",
        "status": ShareStatus.DONE, "type_code": TYPE,
    }  # fmt: skip
    return Access(**parts | changes)


def test_a_grant_is_kept_replaced_and_taken_away(any_engine: Engine) -> None:
    store = SQLShareStore(any_engine)
    other = _grant(token="b2", services=frozenset(ShareService), fields=frozenset({"*"}))
    store.set_grant(_grant())
    store.set_grant(other)
    again = _grant(daily=7, misses=9)
    store.set_grant(again)
    assert store.grants() == [other, again]
    assert store.grants("a1") == [again]
    assert store.end_grant("a1", TYPE)
    assert not store.end_grant("a1", TYPE)
    assert store.grants() == [other]


def test_a_call_comes_back_as_it_was_written(any_engine: Engine) -> None:
    store = SQLShareStore(any_engine)
    full = _access(
        service="verifyCertInfo", result=VerifyResult.WRONG, missed=True, licences=(ID,),
        subject="1237", purpose={"useCause": "办理换证"},
    )  # fmt: skip
    assert store.record(full, RATES, _grant())
    assert store.record(_access(at=AT + timedelta(hours=1), token="b2"), RATES, None)
    newest, oldest = store.find(AccessQuery(), before=None, limit=10)
    assert (newest.token, newest.result, newest.licences) == ("b2", None, ())
    assert oldest == _access(
        service="verifyCertInfo", result=VerifyResult.WRONG, missed=True, licences=(ID,),
        subject="1237", purpose={"useCause": "办理换证"}, number=oldest.number,
    )  # fmt: skip
    for query in (
        AccessQuery(licence=ID), AccessQuery(token="a1"),
        AccessQuery(before=AT + timedelta(hours=1)),
    ):  # fmt: skip
        assert [one.number for one in store.find(query, before=None, limit=10)] == [oldest.number]
    assert store.find(AccessQuery(since=AT + timedelta(hours=2)), before=None, limit=10) == []
    assert [one.number for one in store.find(AccessQuery(), before=newest.number, limit=10)] == [
        oldest.number
    ]


def test_a_link_is_used_once_and_known_by_its_call(any_engine: Engine) -> None:
    store, until = SQLShareStore(any_engine), AT + limits.SHARE_LINK_LIFE
    made = _access(licences=(ID,), purpose={"useCause": "办理换证"}, offered="pdf/20261130")
    number = store.record(made, RATES, None)
    assert store.get(number) == replace(made, number=number)
    assert store.get(number + 1) is None

    def use(link: int) -> int | None:
        return store.record_use(_access(service="file"), RATES, None, link=link, until=until)

    assert not store.is_link_used(number)
    assert use(number) == number + 1
    assert store.is_link_used(number)
    assert use(number) is None
    assert store.get(number + 2) is None  # it is for the desk to write down what that came to
    assert use(number + 7) == number + 2


def test_who_must_wait_has_not_used_the_link(any_engine: Engine) -> None:
    store, until = SQLShareStore(any_engine), AT + limits.SHARE_LINK_LIFE
    number = store.record(_access(licences=(ID,)), RATES, None)
    few = ShareRates(calls=1)
    assert store.record_use(_access(), few, None, link=number, until=until) == 0
    assert not store.is_link_used(number)
    assert store.record_use(_access(), RATES, None, link=number, until=until)


def test_calls_of_a_minute_are_bounded(any_engine: Engine) -> None:
    store, few = SQLShareStore(any_engine), ShareRates(calls=2)
    assert [store.record(_access(), few, None) for _ in range(3)] == [1, 2, 0]
    assert store.is_busy(_access(), few, None)
    assert not store.is_busy(_access(token="b2"), few, None)
    later = AT + limits.SHARE_WINDOW
    assert store.record(_access(at=later), few, None)


def test_calls_that_find_nothing_are_bounded_by_the_hour(any_engine: Engine) -> None:
    store, grant = SQLShareStore(any_engine), _grant(misses=2)
    missed = _access(missed=True)
    assert [store.record(missed, RATES, grant) for _ in range(3)] == [1, 2, 0]
    # Whoever has guessed too often gets nothing, be it there or not.
    assert not store.record(_access(at=AT + timedelta(minutes=59)), RATES, grant)
    assert store.record(_access(at=AT + limits.SHARE_MISS_WINDOW), RATES, grant)


def test_calls_of_a_day_are_bounded_by_type_until_midnight_in_shanghai(any_engine: Engine) -> None:
    store, grant = SQLShareStore(any_engine), _grant(daily=2)
    assert [store.record(_access(), RATES, grant) for _ in range(3)] == [1, 2, 0]
    assert store.record(_access(type_code="11100000000019713D013"), RATES, grant)
    midnight = datetime(2026, 11, 22, 16, tzinfo=UTC)
    assert not store.record(_access(at=midnight - timedelta(seconds=1)), RATES, grant)
    assert store.record(_access(at=midnight), RATES, grant)


def test_many_at_once_are_counted_one_by_one(any_engine: Engine) -> None:
    store, grant = SQLShareStore(any_engine), _grant(daily=5)
    with ThreadPoolExecutor(8) as pool:
        done = list(pool.map(lambda _: store.record(_access(), RATES, grant), range(12)))
    assert sorted(done) == [*[0] * 7, 1, 2, 3, 4, 5]


@pytest.mark.parametrize(
    ("name", "least", "most"),
    [("daily", 1, limits.MAX_SHARE_DAILY), ("misses", 1, limits.MAX_SHARE_MISSES)],
)
def test_a_grant_has_its_bounds(name: str, least: int, most: int) -> None:
    for value in (least, most):
        assert getattr(_grant(**{name: value}), name) == value
    for value in (least - 1, most + 1):
        with pytest.raises(FormatError):
            _grant(**{name: value})


@pytest.mark.parametrize(
    "changes",
    [
        {"type_code": "x"}, {"type_code": "11100000000013127d001"}, {"services": frozenset()},
        {"fields": frozenset({"a\u202e"})},
        {"fields": frozenset(str(one) for one in range(limits.MAX_FIELDS + 1))},
    ],
)  # fmt: skip
def test_a_grant_without_its_form_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(FormatError):
        _grant(**changes)


def test_a_grant_opens_from_its_first_moment_to_its_end() -> None:
    grant = _grant()
    assert [grant.is_good(AT + timedelta(seconds=one)) for one in (-1, 0, 86_399, 86_400)] == [
        False, True, True, False,
    ]  # fmt: skip


def test_the_log_takes_no_more_of_a_number_than_its_end() -> None:
    with pytest.raises(ValueError, match="last four"):
        _access(subject="71237")
