"""What a profile tells: always what a clerk compares in `minimal`, and how much in all."""

from __future__ import annotations

import json
from datetime import date
from typing import TYPE_CHECKING, Any

import pytest

import ecert
from ecert.issuers.credential import StatusPlace, compact_claims
from ecert.model.catalogue import LicenceType, builtin
from ecert.model.holders import HolderClass
from ecert.show.shown import amount, in_full, in_words, is_comparable, least_first, read_fields
from tests.conftest import ROOT

if TYPE_CHECKING:
    from ecert.show.compact import CompactClaims

SAMPLES: dict[str, dict[str, Any]] = json.loads(
    (ROOT / "fixtures" / "样例照面.json").read_text("utf-8")
)


def _carried() -> list[LicenceType]:
    """The types that the recognition lists of the fixtures bring with them."""
    found = []
    for path in sorted((ROOT / "fixtures").glob("*互认清单.json")):
        rows = json.loads(path.read_text("utf-8")).get("types", [])
        found += [LicenceType.read(json.dumps(row), where=path.name) for row in rows]
    return found


TYPES = [*builtin(), *_carried()]
every_type = pytest.mark.parametrize("licence_type", TYPES, ids=lambda one: one.name)
every_sample = pytest.mark.parametrize("name", SAMPLES)


def shown(name: str, profile: str) -> CompactClaims:
    sample, licence_type = SAMPLES[name], builtin().require(name)
    issuer = ecert.Issuer.demo(sample["issuer"]["name"], region=sample["issuer"]["region"])
    until = sample["valid_until"]
    licence = issuer.issue(
        name,
        number=sample["number"],
        holder=[ecert.Holder(**holder) for holder in sample["holders"]],
        fields=sample["fields"],
        valid_from=date.fromisoformat(sample["valid_from"]),
        valid_until=None if until is None else date.fromisoformat(until),
    )
    place = StatusPlace(1, 1, "https://status.invalid/1")
    return compact_claims(
        licence, licence_type, licence_type.profile(profile), place, holder_key=None,
        on=licence.issued_on,
    )  # fmt: skip


@every_type
def test_minimal_can_be_compared_with_an_identity_card(licence_type: LicenceType) -> None:
    minimal = licence_type.profile("minimal")
    assert (minimal.holder_name, minimal.holder_number) == ("full", "last4")
    assert is_comparable(minimal)
    assert least_first(licence_type)[0] is minimal
    leading = [
        one for one in licence_type.told_by(minimal) if one.name == licence_type.leading_field
    ]
    assert [one.mask != "hidden" for one in leading] == [True] * (
        licence_type.leading_field is not None
    )
    person = HolderClass.NATURAL_PERSON in licence_type.holder_classes
    expected = ("姓名", "号码后四位") if person else ("名称", "统一社会信用代码后四位")
    assert in_words(licence_type, minimal)[:2] == expected


@every_sample
def test_what_is_signed_for_minimal_says_it_too(name: str) -> None:
    """Of a person the last four of the identity number, of an enterprise of its USCC."""
    claims, sample, licence_type = shown(name, "minimal"), SAMPLES[name], builtin().require(name)
    assert claims.holders == tuple((one["name"], one["number"][-4:]) for one in sample["holders"])
    fields = read_fields(licence_type, claims.fields)
    leading = licence_type.leading_field
    assert leading is not None
    assert list(fields) == [leading]
    assert sample["fields"][leading].endswith(fields[leading])
    assert len(fields[leading]) >= min(4, len(sample["fields"][leading]))


def test_enterprises_are_among_them() -> None:
    number = SAMPLES["营业执照"]["holders"][0]["number"]
    assert len(number) == 18
    assert shown("营业执照", "minimal").holders[0][1] == number[-4:]


@every_type
def test_full_tells_more_than_minimal(licence_type: LicenceType) -> None:
    minimal, full = licence_type.profile("minimal"), licence_type.profile("full")
    assert amount(licence_type, full) > amount(licence_type, minimal)
    assert len(in_words(licence_type, full)) > len(in_words(licence_type, minimal))


def test_masked_fields_are_told_in_part() -> None:
    driving = builtin().require("机动车驾驶证")
    full = driving.profile("full")
    assert "档案编号（部分）" in in_words(driving, full)
    assert "档案编号 (in part)" in in_words(driving, full, "en")
    claims = shown("机动车驾驶证", "full")
    fields = read_fields(driving, claims.fields)
    assert "档案编号" in fields
    assert "档案编号" not in in_full(driving, full.number, fields)
    assert "准驾车型" in in_full(driving, full.number, fields)
    # By a definition that does not know the profile nobody can tell what is whole.
    assert in_full(driving, 15, fields) == {}


def test_what_no_clerk_can_compare_is_left_out() -> None:
    driving = builtin().require("机动车驾驶证")
    minimal = driving.profile("minimal")
    odd = [
        minimal.model_copy(update={"name": "a", "number": 3, "holder_name": "masked"}),
        minimal.model_copy(update={"name": "b", "number": 4, "holder_number": "hidden"}),
    ]
    more = driving.model_copy(update={"profiles": (*driving.profiles, *odd)})
    assert [one.name for one in least_first(more)] == ["minimal", "full"]
    assert "姓名（部分）" in in_words(more, odd[0])
    assert not any("号码" in item for item in in_words(more, odd[1]))
