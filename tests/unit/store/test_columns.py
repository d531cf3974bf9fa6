"""Moments, JSON objects and signed texts through a database."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.dialects import sqlite
from sqlalchemy.engine import make_url

from ecert.sign.strict import b64url
from ecert.store.columns import CompactToken, JSONText, Moment

DIALECT, POSTGRESQL = sqlite.dialect(), make_url("postgresql+psycopg://").get_dialect()()
ZONES = st.integers(-23 * 60, 23 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
MOMENTS = st.datetimes(timezones=ZONES).filter(lambda moment: 1 < moment.year < 9999)


@given(MOMENTS)
def test_a_moment_comes_back_in_utc_to_the_microsecond(moment: datetime) -> None:
    kept = Moment().process_bind_param(moment, DIALECT)
    back = Moment().process_result_value(kept, DIALECT)
    assert back == moment
    assert back.tzinfo is UTC


@given(MOMENTS, MOMENTS)
def test_moments_sort_as_their_numbers_do(one: datetime, other: datetime) -> None:
    kept = [Moment().process_bind_param(moment, DIALECT) for moment in (one, other)]
    assert kept[0] is not None
    assert kept[1] is not None
    assert (kept[0] < kept[1]) == (one < other)


@pytest.mark.parametrize(
    ("moment", "number"),
    [
        (datetime(1970, 1, 1, tzinfo=UTC), 0),
        (datetime(1970, 1, 1, 8, tzinfo=timezone(timedelta(hours=8))), 0),
        (datetime(1969, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC), -1),
        (datetime(2038, 1, 19, 3, 14, 8, tzinfo=UTC), (1 << 31) * 1_000_000),
    ],
)
def test_a_moment_is_kept_as_microseconds_since_1970(moment: datetime, number: int) -> None:
    assert Moment().process_bind_param(moment, DIALECT) == number


def test_a_moment_without_a_zone_is_misuse() -> None:
    with pytest.raises(ValueError, match="zone"):
        Moment().process_bind_param(datetime(2026, 11, 22), DIALECT)  # noqa: DTZ001


TEXT = st.text(st.characters(codec="utf-8"), max_size=20)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=10,
)


@given(st.dictionaries(TEXT, VALUES, max_size=5))
def test_an_object_comes_back_with_its_keys_in_order(value: dict[str, Any]) -> None:
    kept = JSONText().process_bind_param(value, DIALECT)
    back = JSONText().process_result_value(kept, DIALECT)
    assert back == value
    assert list(back or {}) == list(value)


def test_chinese_stays_readable_in_the_file() -> None:
    kept = JSONText().process_bind_param({"持证主体": "𠮷田"}, DIALECT)
    assert kept == '{"持证主体":"𠮷田"}'


def test_nothing_is_kept_as_nothing() -> None:
    for kind in (Moment(), JSONText()):
        assert kind.process_bind_param(None, DIALECT) is None
        assert kind.process_result_value(None, DIALECT) is None


PARTS = st.lists(st.binary(max_size=60), min_size=3, max_size=3)


def _kept(token: str) -> Any:
    return CompactToken().process_bind_param(token, DIALECT)


def _back(kept: Any) -> str | None:
    return CompactToken().process_result_value(kept, DIALECT)


@given(PARTS)
def test_a_signed_text_is_kept_as_its_bytes_and_comes_back_letter_for_letter(
    parts: list[bytes],
) -> None:
    token = ".".join(map(b64url, parts))
    kept = _kept(token)
    assert type(kept) is bytes
    assert len(kept) == 5 + sum(map(len, parts))
    assert _back(kept) == token
    assert CompactToken().process_bind_param(token, POSTGRESQL) == token


@given(st.text(max_size=40))
def test_any_other_text_stays_text(token: str) -> None:
    kept = _kept(token)
    assert _back(kept) == token
    assert type(kept) in {bytes, str}


@pytest.mark.parametrize(
    "token",
    [
        "",
        "YQ",
        "YQ.YQ",
        "YQ.YQ.YQ.YQ",
        "YQ==.YQ.YQ",
        "YR.YQ.YQ",
        "Y.YQ.YQ",
        "a b.YQ.YQ",
        "中.YQ.YQ",
    ],
)
def test_what_is_not_spelt_in_three_parts_is_not_packed(token: str) -> None:
    assert _kept(token) == token


def test_what_is_too_long_for_its_length_is_not_packed() -> None:
    most = (1 << 16) - 1
    assert type(_kept(f"{b64url(bytes(most))}.YQ.YQ")) is bytes
    for token in (f"{b64url(bytes(most + 1))}.YQ.YQ", f"YQ.YQ.{b64url(bytes(most + 1))}"):
        assert _kept(token) == token


@given(st.lists(st.binary(min_size=1, max_size=20), min_size=3, max_size=3), st.data())
def test_another_byte_is_another_text(parts: list[bytes], data: st.DataObject) -> None:
    token = ".".join(map(b64url, parts))
    kept = _kept(token)
    place = data.draw(st.integers(0, len(kept) - 1))
    flipped = kept[place] ^ data.draw(st.integers(1, 255))
    assert _back(kept[:place] + bytes([flipped]) + kept[place + 1 :]) != token


def test_nothing_stays_nothing() -> None:
    assert _kept(None) is None  # type: ignore[arg-type]
    assert _back(None) is None
