"""The least that a matter needs to be shown, judged as the window will judge it."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

import pytest

import ecert
from ecert.interop.conditions import Equals
from ecert.interop.mapping import Rename, ValueTable
from ecert.interop.matters.matter import LicenceChoice, PaperChoice
from ecert.interop.matters.request import request_for, scene
from ecert.issuers.credential import StatusPlace, compact_claims
from ecert.model.catalogue import builtin
from ecert.model.licence_type import ProfileField, ShowProfile
from ecert.reasons import Reason
from ecert.show.fitness import Showable
from ecert.show.suggestion import suggest
from tests.unit.interop.matters.samples import (
    AT,
    CHONGQING,
    DRIVING,
    IDENTITY,
    YUZHONG,
    entry,
    in_force,
    matter,
    need,
)
from tests.unit.interop.regions import OTHER_ISSUER, side

if TYPE_CHECKING:
    from ecert.interop.matters.matter import Matter
    from ecert.model.licence_type import LicenceType
    from ecert.show.suggestion import Suggestion

LIBRARY = builtin().require("图书馆借书证")
LIBRARIES = LIBRARY.code
ZHANG = ecert.Holder("张伟", "510681199003071237")
FACE = {
    "机动车驾驶证": {"准驾车型": "C1", "出生日期": "1990-03-07", "档案编号": "511600123456"},
    "图书馆借书证": {"读者类型": "成人", "可借册数": "8", "联系电话": "13800001234"},
    "居民身份证": {"性别": "男", "民族": "汉", "出生日期": "1990-03-07", "住址": "广安市广安区"},
}
# Between minimal and full; and two that no clerk could compare with an identity card.
SOME = ShowProfile(
    name="books", number=3, holder_number="last4", holder_name="full",
    fields=(ProfileField(name="读者类型"), ProfileField(name="可借册数")),
)  # fmt: skip
NAMELESS = ShowProfile(
    name="nameless", number=4, holder_number="last4", holder_name="masked", fields=()
)
NUMBERLESS = ShowProfile(
    name="numberless", number=5, holder_number="hidden", holder_name="full",
    fields=(ProfileField(name="可借册数"),),
)  # fmt: skip


def held(
    name: str, *, region: str = "511600", number: int = 1, last: date | None = None, **fields: str
) -> Showable:
    """Return a licence of a type, in all of its profiles."""
    licence_type = builtin().require(name)
    issuer = ecert.Issuer.demo("某市某局", region=region, clock=lambda: AT)
    own = licence_type.number_rule == "resident-id"
    licence = issuer.issue(
        name, number=ZHANG.number if own else f"No{number}", holder=ZHANG,
        fields=FACE[name] | fields, valid_until=last,
    )  # fmt: skip
    return shown(licence, licence_type)


def shown(licence: ecert.Licence, licence_type: LicenceType) -> Showable:
    place = StatusPlace(1, 1, "https://status.invalid/1")
    claims = {
        one.name: compact_claims(
            licence, licence_type, one, place, holder_key=None, on=licence.issued_on
        )
        for one in licence_type.profiles
    }
    return Showable(str(licence.id), licence_type, licence_type.name, claims)


def asked(one: Matter, *entries: Any, licences: list[Showable], **options: Any) -> Suggestion:
    request = request_for(one, YUZHONG, lists=[in_force(*entries)], at=AT)
    return suggest(request, licences, **options)


def profiles(found: Suggestion) -> list[tuple[str, str]]:
    return [(one.licence_type.name, one.profile.name) for one in found.shown]


def reasons(found: Suggestion) -> list[tuple[Reason, tuple[str, ...]]]:
    return [(it.reason, it.fields) for one in found.needs for it in one.obstacles]


# -- the least profile ------------------------------------------------------------------------


def test_where_nothing_more_is_asked_minimal_is_enough() -> None:
    found = asked(matter(need(DRIVING)), entry(DRIVING), licences=[held("机动车驾驶证")])
    assert profiles(found) == [("机动车驾驶证", "minimal")]
    assert found.complete
    assert found.shown[0].tells() == ("姓名", "号码后四位", "准驾车型")
    assert found.shown[0].tells("en") == ("name", "last four of the number", "准驾车型")
    assert found.shown[0].entry is not None


@pytest.mark.parametrize(
    "changes",
    [
        {"required": ("出生日期",)},
        {"conditions": (Equals(field="出生日期", value="1990-03-07"),)},
        {
            "fields": (Rename(source="出生日期", target="生日"),),
            "required": ("生日",),
        },
    ],
)
def test_what_an_entry_asks_for_takes_the_profile_that_shows_it(changes: dict[str, Any]) -> None:
    found = asked(matter(need(DRIVING)), entry(DRIVING, **changes), licences=[held("机动车驾驶证")])
    assert profiles(found) == [("机动车驾驶证", "full")]


def test_what_the_matter_asks_for_takes_the_profile_that_shows_it() -> None:
    wanted = LicenceChoice(DRIVING, fields=("出生日期",))
    found = asked(matter(need(wanted)), entry(DRIVING), licences=[held("机动车驾驶证")])
    assert profiles(found) == [("机动车驾驶证", "full")]
    assert "出生日期" in found.shown[0].tells()


def test_a_profile_between_the_two_is_found() -> None:
    between = LIBRARY.model_copy(
        update={"profiles": (*LIBRARY.profiles, SOME, NAMELESS, NUMBERLESS)}
    )
    issuer = ecert.Issuer.demo("某市图书馆", region="511600", clock=lambda: AT)
    licence = issuer.issue(
        "图书馆借书证", number="No1", holder=ZHANG, fields=FACE["图书馆借书证"], valid_until=None
    )
    card = shown(licence, between)
    books = matter(need(LicenceChoice(LIBRARIES, fields=("可借册数",))))
    assert profiles(asked(books, entry(LIBRARIES), licences=[card])) == [("图书馆借书证", "books")]
    # Less would be told without name or number, but nobody could compare it.
    plain = asked(matter(need(LIBRARIES)), entry(LIBRARIES), licences=[card])
    assert profiles(plain) == [("图书馆借书证", "minimal")]


def test_what_is_shown_in_part_is_not_shown() -> None:
    """A telephone number is masked even in the profile full."""
    wanted = matter(need(LicenceChoice(LIBRARIES, fields=("联系电话",))))
    found = asked(wanted, entry(LIBRARIES), licences=[held("图书馆借书证")])
    assert reasons(found) == [(Reason.FIELD_MISSING, ("联系电话",))]
    here = asked(wanted, licences=[held("图书馆借书证", region="500000")])
    assert reasons(here) == [(Reason.FIELD_MISSING, ("联系电话",))]


def test_in_its_own_province_no_entry_is_needed() -> None:
    found = asked(matter(need(DRIVING)), licences=[held("机动车驾驶证", region="500103")])
    assert profiles(found) == [("机动车驾驶证", "minimal")]
    assert found.shown[0].entry is None


# -- which licence ----------------------------------------------------------------------------


def test_the_choice_that_tells_less_is_taken_and_the_other_told() -> None:
    """The driving licence is preferred, but would have to show everything."""
    either = need(LicenceChoice(DRIVING, fields=("出生日期",)), IDENTITY)
    licences = [held("机动车驾驶证"), held("居民身份证")]
    found = asked(
        matter(either), entry(DRIVING, id="1"), entry(IDENTITY, id="2"), licences=licences
    )
    assert profiles(found) == [("居民身份证", "minimal")]
    [other] = found.needs[0].alternatives
    assert (other.licence_type.name, other.profile.name) == ("机动车驾驶证", "full")


def test_one_licence_may_meet_two_needs() -> None:
    two = matter(need(DRIVING), need(LicenceChoice(DRIVING, fields=("出生日期",)), LIBRARIES))
    found = asked(
        two, entry(DRIVING, id="1"), entry(LIBRARIES, id="2"),
        licences=[held("机动车驾驶证"), held("图书馆借书证")],
    )  # fmt: skip
    # Two licences in minimal tell less than one in full.
    assert profiles(found) == [("机动车驾驶证", "minimal"), ("图书馆借书证", "minimal")]
    alone = asked(two, entry(DRIVING, id="1"), licences=[held("机动车驾驶证")])
    assert profiles(alone) == [("机动车驾驶证", "full")]
    assert len(alone.shown) == 1
    assert alone.complete


def test_a_licence_of_another_type_does_where_an_entry_makes_it_the_needed_one() -> None:
    becomes = entry(LIBRARIES, target=side(CHONGQING, IDENTITY), fields=())
    found = asked(matter(need(IDENTITY)), becomes, licences=[held("图书馆借书证")])
    assert profiles(found) == [("图书馆借书证", "minimal")]


def test_what_comes_first_speaks_even_if_it_makes_something_else_of_the_licence() -> None:
    """The window would hear the narrower entry, and see a driving licence."""
    narrow = entry(id="1", source=side("511600", IDENTITY), target=side(CHONGQING, DRIVING))
    found = asked(matter(need(IDENTITY)), narrow, entry(id="2"), licences=[held("居民身份证")])
    assert found.missing
    assert reasons(found) == [(Reason.TYPE_NOT_LISTED, ())]


def test_the_name_under_which_the_window_asks_is_told() -> None:
    named = matter(need(DRIVING), aliases=("机动车业务", "执法检查"))
    found = asked(named, entry(DRIVING, matters=("执法检查",)), licences=[held("机动车驾驶证")])
    assert found.matters == ("执法检查",)
    assert found.profiles == {found.shown[0].licence_id: "minimal"}


# -- what is missing, and why -----------------------------------------------------------------


def test_paper_is_missing_always_and_what_is_not_held() -> None:
    found = asked(matter(need(PaperChoice("申请表")), need(IDENTITY)), entry(), licences=[])
    assert len(found.missing) == 2
    assert not found.complete
    assert found.shown == ()


@pytest.mark.parametrize(
    ("entries", "options", "expected"),
    [
        ([], {}, (Reason.TYPE_NOT_LISTED, ())),
        ([entry(DRIVING, issuers=(OTHER_ISSUER,))], {}, (Reason.ISSUER_NOT_COVERED, ())),
        ([entry(DRIVING)], {"last": date(2026, 11, 21)}, (Reason.EXPIRED, ())),
        (
            [entry(DRIVING, conditions=(Equals(field="准驾车型", value="A1"),))],
            {},
            (Reason.CONDITION_NOT_MET, ("准驾车型",)),
        ),
        ([entry(DRIVING, required=("记录",))], {}, (Reason.FIELD_MISSING, ("记录",))),
        (
            [entry(
                DRIVING,
                fields=(ValueTable(source="准驾车型", target="准驾车型", values={"A1": "大"}),),
            )],
            {},
            (Reason.VALUE_UNMAPPED, ("准驾车型",)),
        ),
    ],
)  # fmt: skip
def test_why_a_held_licence_does_not_do(
    entries: list[Any], options: dict[str, Any], expected: tuple[Reason, tuple[str, ...]]
) -> None:
    if "last" in options:
        licence = held("机动车驾驶证", last=date(2026, 11, 22))
        changed = {
            name: claims._replace(valid_until=options["last"])
            for name, claims in licence.profiles.items()
        }
        licences = [Showable(licence.id, licence.type, licence.type_name, changed)]
    else:
        licences = [held("机动车驾驶证")]
    assert reasons(asked(matter(need(DRIVING)), *entries, licences=licences)) == [expected]


def test_a_licence_of_elsewhere_is_not_the_regions_own() -> None:
    own = matter(need(LicenceChoice(DRIVING, own_region=True)))
    found = asked(own, entry(DRIVING), licences=[held("机动车驾驶证")])
    assert reasons(found) == [(Reason.REGION_NOT_COVERED, ())]
    assert asked(own, licences=[held("机动车驾驶证", region="500103")]).complete


def test_not_yet_valid_and_unknown_types_are_told() -> None:
    licence = held("机动车驾驶证")
    future = {
        name: claims._replace(valid_from=date(2026, 11, 23))
        for name, claims in licence.profiles.items()
    }
    later = Showable(licence.id, licence.type, licence.type_name, future)
    one = matter(need(DRIVING))
    assert reasons(asked(one, entry(DRIVING), licences=[later])) == [(Reason.NOT_YET_VALID, ())]
    unknown = Showable(licence.id, None, licence.type_name, licence.profiles)
    assert reasons(asked(one, entry(DRIVING), licences=[unknown])) == [(Reason.TYPE_UNKNOWN, ())]


# -- what the holder names --------------------------------------------------------------------


def test_only_what_is_named_is_looked_at() -> None:
    driving, card = held("机动车驾驶证"), held("图书馆借书证")
    two = matter(need(DRIVING), need(LIBRARIES))
    found = asked(
        two, entry(DRIVING, id="1"), entry(LIBRARIES, id="2"), licences=[driving, card],
        named=[card.id],
    )  # fmt: skip
    assert profiles(found) == [("图书馆借书证", "minimal")]
    assert found.complete


def test_a_named_licence_that_does_not_do_is_not_shown_less_well() -> None:
    wanted = matter(need(LicenceChoice(DRIVING, fields=("记录",))))
    driving = held("机动车驾驶证")
    found = asked(wanted, entry(DRIVING), licences=[driving], named=[driving.id])
    assert found.shown == ()
    assert reasons(found) == [(Reason.FIELD_MISSING, ("记录",))]


def test_a_scene_is_judged_by_recognition_alone() -> None:
    driving = held("机动车驾驶证")
    lists = [in_force(entry(DRIVING, matters=("机动车业务",), required=("出生日期",)))]
    request = request_for(scene("机动车业务", CHONGQING), YUZHONG, lists=lists, at=AT)
    found = suggest(request, [driving], named=[driving.id])
    assert profiles(found) == [("机动车驾驶证", "full")]
    assert found.matters == ("机动车业务",)
    other = request_for(scene("图书借阅", CHONGQING), YUZHONG, lists=lists, at=AT)
    assert reasons(suggest(other, [driving], named=[driving.id])) == [(Reason.TYPE_NOT_LISTED, ())]
