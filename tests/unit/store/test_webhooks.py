"""The outbox on both databases: one taker at a time, and what a lease is good for."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from ecert import limits
from ecert.store.engine import open_engine
from ecert.store.webhooks import SQLWebhooks, Webhook
from ecert.webhooks import WebhookEvent

if TYPE_CHECKING:
    from collections.abc import Iterator

AT = datetime(2026, 11, 22, 2, tzinfo=UTC)
DAYS = timedelta(days=3)


def event(number: int) -> WebhookEvent:
    return WebhookEvent(f"evt_{number}", "licence.revoked", AT, f"licence {number}", "revoked")


@pytest.fixture
def both(url: str) -> Iterator[tuple[SQLWebhooks, SQLWebhooks]]:
    """One outbox, as two processes have it open; five events for one receiver of two."""
    with open_engine(url) as one, open_engine(url) as other:
        first, second = SQLWebhooks(one), SQLWebhooks(other)
        first.add(Webhook("wh_1", "https://a.example/", ("licence.revoked",), b"d", AT))
        first.add(Webhook("wh_2", "https://b.example/", ("list.changed",), b"d", AT))
        assert first.tell(event(number) for number in range(5)) == 5
        yield first, second


def test_an_event_is_told_once_to_whom_it_concerns(both: tuple[SQLWebhooks, SQLWebhooks]) -> None:
    first, second = both
    assert second.tell([event(0), event(5)]) == 1
    assert {one.webhook for one in first.deliveries()} == {"wh_1"}
    assert [one.event for one in first.take(AT, most=1)] == [event(0)]


def test_two_processes_never_take_the_same(both: tuple[SQLWebhooks, SQLWebhooks]) -> None:
    first, second = both
    mine, others = first.take(AT, most=3), second.take(AT, most=3)
    assert (len(mine), len(others)) == (3, 2)
    assert {one.number for one in mine}.isdisjoint(one.number for one in others)
    assert first.take(AT) == []
    # What was taken and never settled is anybody's when the lease is over, and not before.
    assert first.settle(mine[0], AT, fault=None, patience=DAYS) == "delivered"
    assert second.take(AT + limits.WEBHOOK_LEASE - timedelta(microseconds=1)) == []
    again = second.take(AT + limits.WEBHOOK_LEASE)
    assert [one.attempts for one in again] == [1] * 4


def test_what_was_withdrawn_meanwhile_is_not_opened_again(
    both: tuple[SQLWebhooks, SQLWebhooks],
) -> None:
    first, second = both
    taken = first.take(AT, most=1)[0]
    assert second.withdraw("wh_1", AT)
    first.settle(taken, AT, fault="busy", patience=DAYS)
    assert {one.state for one in first.deliveries()} == {"dead"}
    assert first.take(AT + DAYS) == []
    assert not second.withdraw("wh_1", AT)


def test_it_is_given_up_when_its_days_are_over(both: tuple[SQLWebhooks, SQLWebhooks]) -> None:
    first, _ = both
    taken = first.take(AT, most=1)[0]
    before = AT + DAYS - timedelta(seconds=1)
    assert first.settle(taken, AT, fault="busy", patience=DAYS) == "open"
    (taken,) = [one for one in first.take(before) if one.number == taken.number]
    assert first.settle(taken, before, fault="busy", patience=DAYS) == "open"
    at = AT + DAYS + limits.WEBHOOK_LAST_PAUSE
    (taken,) = [one for one in first.take(at) if one.number == taken.number]
    assert first.settle(taken, at, fault="busy", patience=DAYS) == "dead"
