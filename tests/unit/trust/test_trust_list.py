"""Trust lists: what a region may say about issuers and keys, and what it may not."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from ecert import limits
from ecert.errors import DocumentRefusedError
from ecert.faults import DocumentFault
from ecert.sign.keys import PrivateKey
from ecert.trust.trust_list import (
    MAX_URI_CHARS,
    StatusListRef,
    TrustList,
    check_collisions,
    check_extent,
)
from tests.unit.trust.office import (
    CHONGQING,
    GUANGAN,
    SICHUAN,
    Office,
    altered,
    issuer,
    issuer_code,
    record,
    status_ref,
)

KEY, OTHER = PrivateKey.generate(), PrivateKey.generate()
START = datetime(2026, 1, 1, tzinfo=UTC)
END = datetime(2027, 1, 1, tzinfo=UTC)
SECOND = timedelta(seconds=1)


def content(*issuers: Any, owner: str = GUANGAN) -> DocumentRefusedError | None:
    document = Office().document(1, issuers, owner=owner)
    try:
        TrustList.from_payload(document.to_payload()).check_content()
    except DocumentRefusedError as error:
        return error
    return None


# -- a key and its scope -------------------------------------------------------------------------


@pytest.mark.parametrize("state", ["active", "retired", "compromised"])
@pytest.mark.parametrize(
    ("moment", "inside"),
    [
        (START - SECOND, False),
        (START, True),
        (END - SECOND, True),
        (END, False),
        (END + timedelta(days=3650), False),
    ],
)
def test_a_key_is_good_within_its_dates_unless_it_is_compromised(
    state: str, moment: datetime, inside: bool
) -> None:
    """Retired is not compromised: a thief writes any date, so of his key nothing is good."""
    found = record(KEY, state=state, valid_from=START, valid_until=END).good_on(moment)
    assert found is (inside and state != "compromised")


def test_a_key_without_end_is_good_from_its_start_on() -> None:
    assert not record(KEY, valid_from=START).good_on(START - SECOND)
    assert record(KEY, valid_from=START).good_on(END + timedelta(days=3650))


def test_a_key_covers_its_types_only() -> None:
    one = record(KEY, types=("11100000000013127D001",))
    assert one.covers_type("11100000000013127D001")
    assert not one.covers_type("11100000000013127D002")
    assert not one.covers_type("*")
    assert record(KEY).covers_type("11100000000013127D002")


def test_a_key_is_loaded_once() -> None:
    held = record(KEY)
    assert held.public is held.public
    assert held.public == KEY.public


@pytest.mark.parametrize(
    "changes",
    [
        {"jwk": KEY.public.jwk() | {"kid": "k1"}},
        {"jwk": KEY.public.jwk() | {"x": OTHER.public.jwk()["x"]}},
        {"jwk": KEY.jwk()},
        {"use": "encryption"},
        {"state": "lost"},
        {"types": []},
        {"types": ["**"]},
        {"types": ["11100000000013127d001"]},
        {"valid_from": "2026-01-01"},
        {"valid_from": None},
        {"x5c": []},
    ],
)
def test_a_malformed_key_record_is_refused(changes: dict[str, Any]) -> None:
    entry = issuer(keys=(record(KEY),)).model_dump(mode="json", exclude_none=True)
    entry["keys"][0] |= changes
    with pytest.raises(DocumentRefusedError) as caught:
        TrustList.from_payload(altered(Office().document(), {"issuers": [entry]}))
    assert caught.value.fault is DocumentFault.MALFORMED
    assert "issuers.0.keys.0" in caught.value.en


@pytest.mark.parametrize(
    "changes",
    [
        {"state": "retired"},
        {"valid_until": START, "valid_from": START},
        {"types": ("*", "11100000000013127D001")},
    ],
    ids=["retired without an end", "ends before it begins", "a star in company"],
)
def test_a_key_record_that_contradicts_itself_is_refused(changes: dict[str, Any]) -> None:
    error = content(issuer(keys=(record(KEY, **changes),)))
    assert error is not None
    assert error.fault is DocumentFault.CONTENT
    assert error.where.endswith(KEY.public.kid)


# -- issuers -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "place"),
    [
        ({"code": "11511600000000001A"}, "code"),
        ({"code": "511600"}, "code"),
        ({"name": ""}, "name"),
        ({"name": "公安\u200b局"}, "name"),
        ({"name": "局" * (limits.MAX_NAME_CHARS + 1)}, "name"),
        ({"region": "51"}, "region"),
        ({"status_lists": [{"number": 0, "uri": "https://a.example/1"}]}, "number"),
        ({"status_lists": [{"number": True, "uri": "https://a.example/1"}]}, "number"),
    ],
)
def test_a_malformed_issuer_is_refused(changes: dict[str, Any], place: str) -> None:
    entry = issuer().model_dump(mode="json") | changes
    with pytest.raises(DocumentRefusedError) as caught:
        TrustList.from_payload(altered(Office().document(), {"issuers": [entry]}))
    assert caught.value.fault is DocumentFault.MALFORMED
    assert place in caught.value.en


@pytest.mark.parametrize(
    "uri",
    [
        "https://status.example/lists/1",
        "http://10.1.2.3:8080/s/1",
        "http://[fd00::1]:8080/s/1",
        "https://status.example",
        "https://status.example/%E7%8A%B6%E6%80%81",
        "https://a.example/" + "a" * (MAX_URI_CHARS - len("https://a.example/")),
    ],
)
def test_a_status_list_has_a_plain_address(uri: str) -> None:
    assert StatusListRef(number=1, uri=uri).uri == uri


@pytest.mark.parametrize(
    "uri",
    [
        "https://status.example/lists/1?u=42",
        "https://status.example/lists/1#holder",
        "https://status.example/lists/1?",
        "https://user@status.example/1",
        "https://status.example@evil.example/1",
        "file:///etc/passwd",
        "//status.example/1",
        "lists/1",
        "https:///1",
        "https://status.example/a b",
        "https://status.example/1\n",
        "https://状态.example/1",
        "HTTPS://status.example/1",
        "",
        "https://a.example/" + "a" * (MAX_URI_CHARS + 1 - len("https://a.example/")),
    ],
)
def test_an_address_that_could_tell_holders_apart_or_lead_elsewhere_is_refused(uri: str) -> None:
    with pytest.raises(ValueError, match="uri"):
        StatusListRef(number=1, uri=uri)


def test_an_issuers_status_list_is_found_by_number() -> None:
    one = issuer(status_lists=(status_ref(1), status_ref(2)))
    assert one.status_uri(2) == status_ref(2).uri
    assert one.status_uri(3) is None


# -- the list ------------------------------------------------------------------------------------


def test_a_list_in_order_passes() -> None:
    keys = (record(KEY), record(OTHER, use="status"))
    assert content(issuer(1, keys=keys, status_lists=(status_ref(),)), issuer(2)) is None
    assert content() is None


@pytest.mark.parametrize(
    "issuers",
    [
        (issuer(1), issuer(1)),
        (issuer(1, keys=(record(KEY), record(KEY))),),
        (issuer(1, keys=(record(KEY), record(KEY, use="status"))),),
        (issuer(1, keys=(record(KEY),)), issuer(2, keys=(record(KEY),))),
        (issuer(1, status_lists=(status_ref(1),)), issuer(2, status_lists=(status_ref(1),))),
        (issuer(1, status_lists=(status_ref(1, "a.example"), status_ref(1, "b.example"))),),
    ],
    ids=["code", "key", "key for two uses", "key of two issuers", "address", "number"],
)
def test_nothing_is_registered_twice(issuers: tuple[Any, ...]) -> None:
    error = content(*issuers)
    assert error is not None
    assert error.fault is DocumentFault.CONTENT
    assert "重复登记" in error.zh
    assert "twice" in error.en


@pytest.mark.parametrize(
    ("owner", "region", "passes"),
    [
        (GUANGAN, GUANGAN, True),
        (GUANGAN, "511623", True),
        (SICHUAN, GUANGAN, True),
        (GUANGAN, SICHUAN, False),
        (GUANGAN, "511500", False),
        (GUANGAN, CHONGQING, False),
        (SICHUAN, CHONGQING, False),
        (CHONGQING, "500105", True),
        (GUANGAN, "000000", False),
    ],
)
def test_a_region_vouches_for_its_own_issuers_only(owner: str, region: str, passes: bool) -> None:
    """One issuer too many and the list is refused whole, not trimmed."""
    error = content(issuer(1, owner), issuer(2, region), owner=owner)
    if passes:
        assert error is None
        return
    assert error is not None
    assert error.fault is DocumentFault.OVERSTEPS
    assert error.where == f"issuers.{issuer_code(2, region)}"


# -- changes -------------------------------------------------------------------------------------


def names(count: int, start: int = 0) -> set[str]:
    return {str(number) for number in range(start, start + count)}


@pytest.mark.parametrize(
    ("before", "after", "held"),
    [
        (1000, 801, False),
        (1000, 800, False),
        (1000, 799, True),
        (1000, 1200, False),
        (1000, 1201, True),
        (1000, 0, True),
        (10, 8, False),
        (10, 7, True),
        # Short lists are exempt: one entry of four is already a quarter.
        (9, 0, False),
        (0, 1000, False),
    ],
)
def test_a_mass_removal_or_addition_waits_for_a_second_person(
    before: int, after: int, held: bool
) -> None:
    check_extent(names(before), names(after), confirmed=True)
    if not held:
        check_extent(names(before), names(after), confirmed=False)
        return
    with pytest.raises(DocumentRefusedError) as caught:
        check_extent(names(before), names(after), confirmed=False)
    assert caught.value.fault is DocumentFault.LARGE_CHANGE
    assert "第二人" in caught.value.fix_zh


def test_replacing_everything_by_as_much_is_a_large_change() -> None:
    with pytest.raises(DocumentRefusedError) as caught:
        check_extent(names(10), names(10, start=100), confirmed=False)
    assert caught.value.fault is DocumentFault.LARGE_CHANGE


@pytest.mark.parametrize(
    "mine",
    [
        issuer(1, SICHUAN, code=issuer_code(1)),
        issuer(2, SICHUAN, keys=(record(KEY),)),
        issuer(2, SICHUAN, status_lists=(status_ref(),)),
    ],
    ids=["issuer", "key", "status list"],
)
def test_what_another_region_has_registered_is_not_taken_over(mine: Any) -> None:
    office = Office()
    theirs = office.document(1, [issuer(1, keys=(record(KEY),), status_lists=(status_ref(),))])
    with pytest.raises(DocumentRefusedError) as caught:
        check_collisions(office.document(1, [mine], owner=SICHUAN), [theirs])
    assert caught.value.fault is DocumentFault.CONFLICT
    assert GUANGAN in caught.value.zh
    assert GUANGAN in caught.value.en


def test_two_regions_with_issuers_of_their_own_do_not_collide() -> None:
    office = Office()
    mine = office.document(1, [issuer(2, SICHUAN, keys=(record(OTHER),))], owner=SICHUAN)
    theirs = office.document(1, [issuer(1, keys=(record(KEY),), status_lists=(status_ref(),))])
    check_collisions(mine, [theirs])
