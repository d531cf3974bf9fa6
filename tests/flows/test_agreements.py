"""Agreements at the window: conditions, several lists at once, and types that lists carry."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any

import orjson
import pytest

import ecert
from ecert.demo import demo_region
from ecert.interop.conditions import Age, Equals, OneOf
from ecert.interop.entry import Withdrawal
from ecert.interop.mapping import Copy, Rename
from ecert.interop.recognition import Entry, RecognitionList, Side
from ecert.issuers.demonstration import demo_code
from ecert.issuers.keyring import HeldKey, Keyring
from ecert.issuers.memory import MemoryRegister
from ecert.issuers.publish import RegionSigners
from ecert.model.catalogue import Authority, Catalogue, LicenceType, builtin
from ecert.model.codes import make_uscc
from ecert.reasons import Outcome, Reason
from ecert.sign.keys import PrivateKey
from ecert.verify.knowledge import Knowledge
from ecert.verify.storage import MemoryStore
from tests.flows.world import MATTER, refuses, sign_list

if TYPE_CHECKING:
    from tests.flows.world import World

DRIVING = builtin().require("机动车驾驶证")
KEYS_FROM = datetime(2016, 1, 1, tzinfo=UTC)
BORN = "出生日期"
FIELDS = {"准驾车型": "C1", BORN: "2008-11-23", "档案编号": "510600123456"}
ADULT = Age(field=BORN, at_least=17)


def line(id_: str = "1", **changes: Any) -> Entry:
    """Return an entry Sichuan → Chongqing for driving licences and all matters."""
    parts: dict[str, Any] = {
        "id": id_,
        "source": Side(region="510000", type=DRIVING.code),
        "target": Side(region="500000", type=DRIVING.code),
        "issuers": ("*",),
        "matters": ("*",),
        "valid_from": date(2026, 1, 1),
        "basis": "样例〔2026〕1号",
    }
    return Entry(**(parts | changes))


def agreement(world: World, list_id: str, *entries: Entry, **changes: Any) -> bytes:
    """Return a signed list of Sichuan's with Chongqing."""
    parts: dict[str, Any] = {
        "owner": "510000",
        "audience": ("000000",),
        "version": 1,
        "issued": world.clock(),
        "expires": world.clock() + timedelta(days=90),
        "list_id": list_id,
        "title": f"清单{list_id}",
        "document_number": "样例〔2026〕1号",
        "parties": ("510000", "500000"),
        "entries": entries,
    }
    return sign_list(RecognitionList(**(parts | changes)))


@pytest.fixture
def window(world: World) -> World:
    """The world without its sample list, and with a licence that has a date of birth."""
    bare = ecert.Verifier("500103", clock=world.clock)
    bare.knowledge.pin(ecert.demo_roots())
    world.window = bare
    world.licence = world.issue(fields=FIELDS)
    world.sync()
    return world


def accept(world: World, list_id: str, *entries: Entry, **changes: Any) -> None:
    world.window.knowledge.accept(agreement(world, list_id, *entries, **changes))


def facts(verdict: ecert.Verdict) -> list[dict[str, Any]]:
    return [found["facts"] for part in verdict.to_dict()["parts"] for found in part["findings"]]


# -- conditions -------------------------------------------------------------------------------


def test_a_condition_is_met_from_the_birthday_on(window: World) -> None:
    accept(window, "a", line(conditions=(Age(field=BORN, at_least=18),)))
    # One second before midnight in China, and midnight.
    window.clock.now = window.clock.now.replace(hour=15, minute=59, second=59)
    refuses(window.verify(window.code(profile="full")), Reason.CONDITION_NOT_MET)
    window.clock.advance(seconds=1)
    assert window.verify(window.code(profile="full")).accepted


def test_condition_not_met(window: World) -> None:
    accept(window, "a", line(conditions=(Age(field=BORN, at_least=19),)))
    verdict = window.verify(window.code(profile="full"))
    refuses(verdict, Reason.CONDITION_NOT_MET)
    assert verdict.outcome is Outcome.NOT_RECOGNISED
    assert facts(verdict) == [
        {
            "field": BORN,
            "condition": {"op": "age", "field": BORN, "at_least": 19},
            "list_id": "a",
            "entry": "1",
        }
    ]
    assert "条件：按出生日期计算满19周岁" in verdict.explain()
    assert "Condition: 出生日期: at least 19 years" in verdict.explain("en")
    everything = f"{verdict.explain()}{orjson.dumps(verdict.to_dict())!r}"
    assert "2008" not in everything


def test_a_condition_on_a_field_that_the_code_does_not_show(window: World) -> None:
    accept(window, "a", line(conditions=(ADULT,)))
    verdict = window.verify(window.code(profile="minimal"))
    refuses(verdict, Reason.FIELD_MISSING)
    assert facts(verdict)[0]["condition"]["at_least"] == 17


def test_a_condition_on_a_field_that_is_shown_in_part_cannot_be_told(window: World) -> None:
    whole = Equals(field="档案编号", value="510600123456")
    last4 = OneOf(field="档案编号", values=("3456",))
    for list_id, condition in (("a", whole), ("b", last4)):
        accept(window, list_id, line(conditions=(condition,)))
        refuses(window.verify(window.code(profile="full")), Reason.FIELD_MISSING)


def test_a_show_profile_that_the_definition_here_lacks_does_not_lift_its_masks(
    window: World,
) -> None:
    # This window knows an older definition, from before the profile `full`.
    older = DRIVING.model_copy(
        update={"profiles": tuple(one for one in DRIVING.profiles if one.name != "full")}
    )
    bare = ecert.Verifier(
        "500103", clock=window.clock,
        knowledge=Knowledge("500103", clock=window.clock, catalogue=Catalogue([older])),
    )  # fmt: skip
    bare.knowledge.pin(ecert.demo_roots())
    shown = window.code(profile="full")
    window.window = bare
    window.sync()
    accept(window, "a", line(conditions=(OneOf(field="档案编号", values=("3456",)),)))
    refuses(window.verify(shown), Reason.FIELD_MISSING)


def test_an_age_asked_of_what_is_no_date(window: World) -> None:
    accept(window, "a", line(conditions=(Age(field="准驾车型", at_least=1),)))
    refuses(window.verify(), Reason.VALUE_UNMAPPED)


# -- several agreements -----------------------------------------------------------------------


def test_the_narrower_agreement_speaks_and_the_verdict_tells_the_other(window: World) -> None:
    accept(window, "a", line(lead="省公安厅"), title="省级清单")
    narrow = line(
        "7",
        matters=(MATTER,),
        lead="市公安局",
        target=Side(region="500000", type=DRIVING.code, name="驾照"),
    )
    accept(window, "b", narrow, title="事项清单")
    verdict = window.verify()
    basis = verdict.licence.basis
    assert basis is not None
    assert (basis.list_title, basis.entry, basis.lead) == ("事项清单", "7", "市公安局")
    assert verdict.licence.type_name == "驾照"
    assert verdict.to_dict()["parts"][0]["licence"]["basis"]["also"] == [
        {
            "list_title": "省级清单",
            "document_number": "样例〔2026〕1号",
            "list_version": 1,
            "entry": "1",
            "sample": False,
            "rule": "named-matters",
            "passed_over": [],
        }
    ]
    assert "优先级：先于省级清单 第1版 第1项（列明事项）" in verdict.explain()
    assert "Precedence: before 省级清单, version 1, entry 1 (named matters" in verdict.explain("en")
    assert [use.name for use in verdict.lists_used if use.kind == "recognition-list"] == [
        "事项清单"
    ]


def test_an_agreement_of_two_cities_speaks_where_it_holds(window: World) -> None:
    accept(window, "a", line(), title="省级清单")
    cities = agreement(
        window,
        "b",
        line(
            source=Side(region="511600", type=DRIVING.code),
            target=Side(region="500112", type=DRIVING.code),
        ),
        owner="511600",
        parties=("511600", "500112"),
        title="市级清单",
    )
    window.window.knowledge.accept(cities)
    assert window.verify().licence.basis.list_title == "省级清单"  # type: ignore[union-attr]
    there = ecert.Verifier("500112", knowledge=window.window.knowledge, clock=window.clock)
    verdict = there.verify(window.code(), matter=MATTER)
    assert verdict.licence.basis is not None
    assert verdict.licence.basis.list_title == "市级清单"
    assert verdict.licence.basis.also[0].rule == "narrower-source-region"


def test_the_next_entry_speaks_where_the_first_is_not_met(window: World) -> None:
    accept(window, "a", line("1"), line("2", matters=(MATTER,), conditions=(ADULT,)))
    verdict = window.verify(window.code(profile="minimal"))
    basis = verdict.licence.basis
    assert basis is not None
    assert basis.entry == "1"
    assert basis.also[0].passed_over == (Reason.FIELD_MISSING,)
    assert "第2项在先（列明事项），因缺少互认清单要求的照面信息未采用" in verdict.explain()
    assert "was passed over: A field that" in verdict.explain("en")
    assert window.verify(window.code(profile="full")).licence.basis.entry == "2"  # type: ignore[union-attr]


def test_lists_that_were_passed_over_are_among_those_used(window: World) -> None:
    accept(window, "a", line())
    accept(window, "b", line("2", matters=(MATTER,), conditions=(ADULT,)))
    verdict = window.verify(window.code(profile="minimal"))
    names = [use.name for use in verdict.lists_used if use.kind == "recognition-list"]
    assert names == ["清单b", "清单a"]


def test_where_none_accepts_the_first_one_s_reasons_are_told(window: World) -> None:
    accept(window, "a", line("1", conditions=(Equals(field="准驾车型", value="A1"),)))
    accept(window, "b", line("2", matters=(MATTER,), required=("住址",)))
    verdict = window.verify()
    refuses(verdict, Reason.FIELD_MISSING)
    assert [one["entry"] for one in facts(verdict)] == ["2"]


def test_an_expired_list_leaves_open_what_the_others_do_not_accept(window: World) -> None:
    accept(window, "a", line(), expires=window.clock() + timedelta(hours=1))
    accept(window, "b", line("2", required=("住址",)))
    assert window.verify().accepted
    window.clock.advance(hours=1)
    verdict = window.verify()
    refuses(verdict, Reason.LIST_EXPIRED)
    assert verdict.outcome is Outcome.UNDETERMINED
    assert {found.reason for found in verdict.findings} == {
        Reason.LIST_EXPIRED,
        Reason.FIELD_MISSING,
    }


def test_many_other_entries_are_counted_in_words_and_told_in_full_as_values(
    window: World,
) -> None:
    accept(window, "a", *(line(str(n)) for n in range(6)))
    verdict = window.verify()
    assert verdict.explain().count("优先级：") == 4
    assert "另有 2 项也予以认可" in verdict.explain()
    assert "2 more entries recognise it" in verdict.explain("en")
    assert len(verdict.to_dict()["parts"][0]["licence"]["basis"]["also"]) == 5


def test_one_agreement_has_no_precedence_to_tell(window: World) -> None:
    accept(window, "a", line())
    verdict = window.verify()
    assert verdict.licence.basis is not None
    assert verdict.licence.basis.also == ()
    assert "优先级" not in verdict.explain()


# -- withdrawal -------------------------------------------------------------------------------


def test_a_withdrawn_entry_says_since_when_and_why(window: World) -> None:
    gone = Withdrawal(on=date(2026, 11, 23), basis="渝府办〔2026〕9号")
    accept(window, "a", line(withdrawn=gone))
    assert window.verify().accepted
    window.clock.advance(days=1)
    verdict = window.verify()
    refuses(verdict, Reason.TYPE_NOT_LISTED)
    told = facts(verdict)[0]
    assert (told["withdrawn_on"], told["withdrawal_basis"]) == ("2026-11-23", "渝府办〔2026〕9号")


# -- types that a list carries ----------------------------------------------------------------

LOCAL_CODE = make_uscc("11", "511600", "12345678")


def local_type(**changes: Any) -> LicenceType:
    """Return a type of Guang'an's own."""
    parts: dict[str, Any] = {
        "code": f"{LOCAL_CODE}001",
        "name": "广安市小客车备案证",
        "aliases": (),
        "defining_authority": Authority(code=LOCAL_CODE, name="广安市公安局"),
    }
    return DRIVING.model_copy(update=parts | changes)


def local_line() -> Entry:
    return line(
        source=Side(region="511600", type=f"{LOCAL_CODE}001"),
        target=Side(region="500000", type=DRIVING.code, name="驾照"),
        fields=(Rename(source="准驾车型", target="车型"), Copy(source=BORN)),
        required=("车型",),
    )


def local_police(world: World) -> ecert.Issuer:
    """Return an issuer that knows Guang'an's own type."""
    name, demo = "四川省广安市公安局", demo_region("511600")
    signer = PrivateKey.generate
    keys = (
        HeldKey(signer=signer(), use="licence", valid_from=KEYS_FROM),
        HeldKey(signer=signer(), use="status", valid_from=KEYS_FROM),
    )
    return ecert.Issuer(
        code=demo_code(name, "511600"),
        name=name,
        region="511600",
        keyring=Keyring(keys),
        register=MemoryRegister(),
        signers=RegionSigners(demo.roots, demo.signers),
        catalogue=builtin().with_types([local_type()]),
        clock=world.clock,
    )


def test_a_licence_of_a_type_that_only_the_list_defines_is_read_and_named(world: World) -> None:
    world.police = local_police(world)
    world.window = ecert.Verifier("500103", clock=world.clock)
    world.window.knowledge.pin(ecert.demo_roots())
    world.licence = world.issue("广安市小客车备案证", fields=FIELDS)
    world.sync()
    accept(world, "a", local_line())
    refuses(world.verify(), Reason.TYPE_UNKNOWN)
    accept(
        world,
        "a",
        local_line(),
        types=(local_type(),),
        version=2,
        previous=next(iter(world.window.knowledge.recognition.marks.values())).digest,
    )
    licence = world.verify().licence
    assert (licence.type_name, licence.original_type_name) == ("驾照", "广安市小客车备案证")
    assert licence.fields == {"车型": "C1"}


def known(world: World) -> LicenceType | None:
    return world.window.knowledge.catalogue.get(f"{LOCAL_CODE}001")


def test_a_list_brings_the_types_that_it_speaks_of(window: World) -> None:
    assert known(window) is None
    accept(window, "a", local_line(), types=(local_type(),))
    assert known(window) == local_type()


def test_of_two_lists_the_one_issued_later_defines_the_type(window: World) -> None:
    old, new = local_type(number_label="旧"), local_type(number_label="新")
    earlier = window.clock() - timedelta(days=1)
    accept(window, "b", local_line(), types=(new,))
    accept(window, "a", local_line(), types=(old,), issued=earlier)
    assert known(window) == new
    # Of two issued in one second, the later slot.
    accept(window, "c", local_line(), types=(old,))
    assert known(window) == old
    # A sample never displaces a real list.
    window.clock.advance(seconds=5)
    accept(window, "d", local_line(), types=(new,), sample=True)
    assert known(window) == old


def test_the_definer_s_own_catalogue_speaks_before_any_list(window: World) -> None:
    accept(window, "a", local_line(), types=(local_type(version=9, number_label="清单"),))
    window.police.catalogue = builtin().with_types([local_type()])
    window.window.knowledge.accept(window.police.catalogue_document())
    assert known(window) == local_type()
    accept(window, "b", local_line(), types=(local_type(version=9, number_label="清单二"),))
    assert known(window) == local_type()


def test_a_list_speaks_before_what_came_with_the_machine(window: World) -> None:
    base = builtin().with_types([local_type(number_label="本机")])
    knowledge = Knowledge("500103", catalogue=base, clock=window.clock)
    knowledge.pin(ecert.demo_roots())
    knowledge.accept(agreement(window, "a", local_line(), types=(local_type(),)))
    assert knowledge.catalogue.get(f"{LOCAL_CODE}001") == local_type()
    retired = agreement(
        window,
        "a",
        version=2,
        previous=next(iter(knowledge.recognition.marks.values())).digest,
    )
    knowledge.accept(retired)
    assert knowledge.catalogue.get(f"{LOCAL_CODE}001") == base.get(f"{LOCAL_CODE}001")


def test_two_regions_may_call_their_own_types_by_one_name(window: World) -> None:
    code = make_uscc("11", "500103", "87654321")
    theirs = local_type(
        code=f"{code}001", defining_authority=Authority(code=code, name="渝中区公安局")
    )
    entry = local_line().model_copy(update={"target": Side(region="500103", type=theirs.code)})
    accept(window, "a", entry, types=(local_type(), theirs))
    catalogue = window.window.knowledge.catalogue
    assert catalogue.get(theirs.code) == theirs
    assert known(window) == local_type()
    assert catalogue.get("广安市小客车备案证") is None


def test_carried_types_come_back_from_the_store(window: World) -> None:
    store = MemoryStore()
    knowledge = Knowledge("500103", store=store, clock=window.clock)
    knowledge.pin(ecert.demo_roots())
    knowledge.accept(agreement(window, "a", local_line(), types=(local_type(),)))
    again = Knowledge("500103", store=store, clock=window.clock)
    assert again.catalogue.get(f"{LOCAL_CODE}001") == local_type()
    again.reload()
    assert again.catalogue.get(f"{LOCAL_CODE}001") == local_type()
