"""What a window asks a wallet for: made of the lists in force, written, and read again."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import orjson
import pytest

from ecert import limits
from ecert.errors import MatterError, RegionError
from ecert.interop.matters.matter import LicenceChoice, PaperChoice
from ecert.interop.matters.request import MatterRequest, request_for, scene
from tests.unit.interop.matters.samples import (
    AT,
    BUSINESS,
    CHONGQING,
    DRIVING,
    GUANGAN,
    IDENTITY,
    YUZHONG,
    entry,
    in_force,
    matter,
    need,
)
from tests.unit.interop.regions import EXPIRES, ISSUER, OTHER_ISSUER, side

NOTARY = matter(
    need(LicenceChoice(IDENTITY, fields=("住址",)), PaperChoice("户口簿")),
    need(BUSINESS),
    aliases=("机动车业务",),
)


def asked(*entries: Any, **changes: Any) -> MatterRequest:
    parts: dict[str, Any] = {"lists": [in_force(*entries)], "at": AT} | changes
    return request_for(parts.pop("matter", NOTARY), parts.pop("region", YUZHONG), **parts)


def test_it_holds_what_is_recognised_for_the_matter_and_nothing_else() -> None:
    wanted = entry(id="01", matters=("机动车业务", "图书借阅"))
    found = asked(
        wanted,
        entry(id="02", matters=("图书借阅",)),
        entry(id="03", target=side("500101", IDENTITY)),
        entry(id="04", valid_until=date(2026, 11, 21)),
        entry(DRIVING, id="05"),
    )
    assert [one.entry for one in found.entries] == [wanted]
    assert (found.entries[0].matter, found.on) == ("机动车业务", date(2026, 11, 22))
    assert asked(entry()).entries[0].matter is None


def test_an_expired_list_says_nothing() -> None:
    assert asked(entry(), at=EXPIRES - timedelta(seconds=1)).entries
    assert not asked(entry(), at=EXPIRES).entries


def test_what_a_licence_might_also_become_stands_beside_it_in_precedence() -> None:
    narrow = entry(id="02", source=side(GUANGAN, IDENTITY), target=side(CHONGQING, DRIVING))
    wide = entry(id="01")
    assert [one.entry.id for one in asked(wide, narrow).entries] == ["02", "01"]


def test_an_entry_is_about_type_region_and_issuer() -> None:
    [one] = asked(entry(issuers=(ISSUER,))).entries
    assert one.includes(IDENTITY, GUANGAN, ISSUER)
    assert not one.includes(DRIVING, GUANGAN, ISSUER)
    assert not one.includes(IDENTITY, CHONGQING, ISSUER)
    assert not one.includes(IDENTITY, GUANGAN, OTHER_ISSUER)


def test_a_scene_asks_for_every_type_that_is_recognised_for_it() -> None:
    lists = [in_force(entry(id="01"), entry(DRIVING, id="02", matters=("机动车业务",)))]
    found = request_for(scene("机动车业务", CHONGQING), YUZHONG, lists=lists, at=AT)
    assert found.is_scene
    # Named matters come before all matters.
    assert [one.entry.id for one in found.entries] == ["02", "01"]
    assert [one.entry.id for one in found.about([IDENTITY]).entries] == ["01"]
    assert not asked(entry()).is_scene


def test_a_matter_that_is_handled_elsewhere_is_refused() -> None:
    with pytest.raises(MatterError, match="handled in 500000"):
        asked(entry(), region=GUANGAN)
    with pytest.raises(RegionError):
        asked(entry(), region="5000")


# -- as a file --------------------------------------------------------------------------------


def plain() -> dict[str, Any]:
    found: dict[str, Any] = orjson.loads(asked(entry(matters=("公证办理",))).to_bytes())
    return found


def test_what_is_written_is_read_again() -> None:
    found = asked(entry(id="01"), entry(BUSINESS, id="02", matters=("公证办理",)))
    assert MatterRequest.from_bytes(found.to_bytes()) == found


def altered(**changes: Any) -> bytes:
    return orjson.dumps(plain() | changes)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"[]",
        b'{"form":"ecert-matter-request","form":"ecert-matter-request"}',
        altered(form="ecert-matters"),
        altered(version=2),
        altered(extra=1),
        altered(on="20261122"),
        altered(on=20261122),
        altered(region=500000),
        altered(region="5000"),
        altered(matter={}),
        altered(entries={}),
        altered(entries=[{}]),
        altered(entries=[plain()["entries"][0] | {"matter": 1}]),
        altered(entries=[plain()["entries"][0] | {"matter": " 公证办理"}]),
        altered(entries=[plain()["entries"][0] | {"sample": 0}]),
        altered(entries=[plain()["entries"][0] | {"entry": {}}]),
        altered(matter=plain()["matter"] | {"matters": []}),
    ],
)
def test_what_is_no_request_is_refused(data: bytes) -> None:
    with pytest.raises((MatterError, RegionError)):
        MatterRequest.from_bytes(data)


def test_entries_are_bounded() -> None:
    row = plain()["entries"][0]
    most = altered(entries=[row] * limits.MAX_REQUEST_ENTRIES)
    assert len(MatterRequest.from_bytes(most).entries) == limits.MAX_REQUEST_ENTRIES
    with pytest.raises(MatterError, match="1,000 entries"):
        MatterRequest.from_bytes(altered(entries=[row] * (limits.MAX_REQUEST_ENTRIES + 1)))
    found = asked(*(entry(id=str(number)) for number in range(1001)))
    with pytest.raises(MatterError, match="1,000 entries"):
        found.to_bytes()


def test_bytes_are_bounded() -> None:
    data = asked(entry()).to_bytes()
    padded = data + b" " * (limits.MAX_MATTER_REQUEST_BYTES - len(data))
    assert MatterRequest.from_bytes(padded).entries
    with pytest.raises(MatterError, match="1 MiB"):
        MatterRequest.from_bytes(padded + b" ")
