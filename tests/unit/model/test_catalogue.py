"""A catalogue finds each type by code, name and alias, and lets no two claim the same."""

from __future__ import annotations

import subprocess
import sys
import time
from typing import Any

import pytest

from ecert.errors import CatalogueError
from ecert.model.catalogue import Authority, Catalogue, LicenceType, builtin
from tests.conftest import ROOT

DRIVING = builtin().require("机动车驾驶证")
TRANSPORT = builtin().require("道路运输证")


def variant(source: LicenceType, **changes: Any) -> LicenceType:
    """Return a changed definition, made sound again by building it anew."""
    parts = {name: getattr(source, name) for name in LicenceType.model_fields}
    return LicenceType(**(parts | changes))


def official_driving(**changes: Any) -> LicenceType:
    """Return a driving licence as defined officially, under another code."""
    prefix = TRANSPORT.defining_authority.code
    parts: dict[str, Any] = {
        "code": f"{prefix}999",
        "code_status": "official",
        "defining_authority": Authority(code=prefix, name="某部"),
    }
    return variant(DRIVING, **(parts | changes))


def refusal(*types: LicenceType) -> CatalogueError:
    with pytest.raises(CatalogueError) as caught:
        Catalogue(types)
    return caught.value


def test_a_type_is_found_by_code_name_and_alias() -> None:
    for name in (DRIVING.code, "机动车驾驶证", "中华人民共和国机动车驾驶证", "驾驶证"):
        assert builtin().require(name) is DRIVING
        assert builtin().get(name) is DRIVING
        assert name in builtin()


@pytest.mark.parametrize("name", ["", "行驶证", "机动车驾驶证 ", TRANSPORT.code.lower(), "１"])
def test_nothing_is_normalised_to_find_a_type(name: str) -> None:
    assert builtin().get(name) is None
    assert name not in builtin()


def test_what_is_no_text_is_not_in_a_catalogue() -> None:
    assert 1 not in builtin()


def test_an_unknown_name_is_answered_with_near_ones_and_the_count() -> None:
    with pytest.raises(CatalogueError) as caught:
        builtin().require("机动车驾使证")
    assert caught.value.where == "证照类型"
    assert caught.value.zh == f"目录中没有证照类型“机动车驾使证”（共{len(builtin())}种）"
    assert caught.value.fix_zh.startswith("是否为“机动车驾驶证”")
    assert "perhaps 机动车驾驶证" in caught.value.fix_en


def test_an_unknown_code_is_answered_with_near_codes() -> None:
    with pytest.raises(CatalogueError) as caught:
        builtin().require(TRANSPORT.code[:-1] + "4")
    assert TRANSPORT.code in caught.value.fix_zh


def test_a_name_near_to_none_gets_advice() -> None:
    with pytest.raises(CatalogueError) as caught:
        builtin().require("甲乙丙丁")
    assert caught.value.fix_zh == "请核对名称，或先导入该类型的定义"


def test_a_catalogue_is_iterated_once_per_type() -> None:
    types = list(builtin())
    assert len(types) == len(builtin()) == len({one.code for one in types})
    assert len(Catalogue()) == 0


def test_the_same_definition_twice_is_one_type() -> None:
    again = LicenceType.read(DRIVING.model_dump_json())
    assert again is not DRIVING
    assert list(Catalogue([DRIVING, again])) == [DRIVING]


def test_two_definitions_under_one_code_are_refused() -> None:
    fault = refusal(DRIVING, variant(DRIVING, name="驾照", aliases=()))
    assert (fault.where, DRIVING.code in fault.zh) == ("目录", True)


@pytest.mark.parametrize(
    "aliases", [("驾驶证",), ("机动车驾驶证",), ("中华人民共和国机动车驾驶证",)]
)
def test_two_types_with_one_name_are_refused(aliases: tuple[str, ...]) -> None:
    fault = refusal(
        DRIVING, variant(DRIVING, code=DRIVING.code[:18] + "900", name="另一证", aliases=aliases)
    )
    assert aliases[0] in fault.zh
    assert "另一证" in fault.zh


@pytest.mark.parametrize("order", [1, -1])
def test_an_official_definition_takes_the_name_and_the_old_code_still_leads_to_the_old(
    order: int,
) -> None:
    official = official_driving()
    both = Catalogue([DRIVING, official][::order])
    assert len(both) == 2
    assert both.require("驾驶证") is official
    assert both.require(official.code) is official
    assert both.require(DRIVING.code) is DRIVING


def test_two_official_definitions_may_not_share_a_name() -> None:
    first = official_driving()
    fault = refusal(first, official_driving(code=f"{first.code[:18]}998"))
    assert "机动车驾驶证" in fault.zh


def test_types_are_added_to_a_new_catalogue() -> None:
    extra = official_driving(name="新证", aliases=())
    larger = builtin().with_types([extra])
    assert len(larger) == len(builtin()) + 1
    assert larger.require("新证") is extra
    assert builtin().get("新证") is None


def test_a_higher_version_replaces_a_definition_and_its_names() -> None:
    newer = variant(DRIVING, version=2, aliases=("驾照",))
    larger = builtin().with_types([newer])
    assert len(larger) == len(builtin())
    assert larger.require(DRIVING.code) is newer
    assert larger.require("驾照") is newer
    assert larger.get("驾驶证") is None


def test_the_same_definition_may_be_added_again() -> None:
    assert list(builtin().with_types([DRIVING])) == list(builtin())


def test_a_changed_definition_must_raise_its_version() -> None:
    second = variant(DRIVING, version=2)
    for known, offered in (
        (DRIVING, variant(DRIVING, aliases=("驾照",))),
        (second, DRIVING),
    ):
        with pytest.raises(CatalogueError) as caught:
            Catalogue([known]).with_types([offered])
        assert caught.value.where == DRIVING.code
        assert str(known.version + 1) in caught.value.fix_zh


def test_the_built_in_catalogue_is_read_once() -> None:
    assert builtin() is builtin()


def test_importing_reads_no_definition() -> None:
    program = "from ecert.model.catalogue import builtin; print(builtin.cache_info().currsize)"
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "0"


def test_a_catalogue_of_a_province_is_made_at_once() -> None:
    """1,333 types, the catalogue of Guangdong, are indexed and found without noticing."""
    prefixes = (DRIVING.defining_authority, TRANSPORT.defining_authority)
    types = [
        variant(
            DRIVING,
            code=f"{prefixes[place // 1000].code}{place % 1000:03d}",
            defining_authority=prefixes[place // 1000],
            name=f"证照{place}",
            aliases=(f"别名{place}",),
        )
        for place in range(1333)
    ]
    start = time.perf_counter()
    large = Catalogue(types)
    found = [large.get(f"别名{place}") for place in range(1333)]
    # A few milliseconds; anything quadratic takes seconds.
    assert time.perf_counter() - start < 0.5
    assert found == types


# -- carried by other documents ---------------------------------------------------------------


def carried(number: int = 999, **changes: Any) -> LicenceType:
    """Return a type of some authority's own, with the driving licence's name."""
    prefix = TRANSPORT.defining_authority.code
    return official_driving(**({"code": f"{prefix}{number}"} | changes))


def test_a_carried_type_is_known_by_its_code_and_takes_no_name_away() -> None:
    one = carried()
    catalogue = builtin().with_carried([one])
    assert catalogue.get(one.code) is one
    assert catalogue.require("机动车驾驶证") is DRIVING
    assert catalogue.own(one.code) is None
    assert len(catalogue) == len(builtin()) + 1
    assert builtin().get(one.code) is None


def test_a_free_name_is_given_to_the_one_carried_type_that_asks_for_it() -> None:
    one, other = carried(name="甲证", aliases=()), carried(998, name="甲证", aliases=("乙证",))
    assert builtin().with_carried([one]).get("甲证") is one
    both = builtin().with_carried([one, other])
    assert both.get("甲证") is None
    assert both.get("乙证") is other


def test_a_carried_definition_speaks_before_the_own_one_of_that_code() -> None:
    other = variant(DRIVING, version=DRIVING.version, number_label="档案号")
    catalogue = builtin().with_carried([other])
    assert catalogue.get(DRIVING.code) is other
    assert catalogue.require("机动车驾驶证") is other
    assert catalogue.own(DRIVING.code) is DRIVING
    assert len(catalogue) == len(builtin())
    # They go when what carried them goes.
    assert catalogue.with_carried([]).require("机动车驾驶证") is DRIVING


def test_of_two_carried_under_one_code_the_later_counts() -> None:
    first, second = carried(version=2), carried(version=1)
    assert builtin().with_carried([first, second]).get(first.code) is second


def test_further_types_replace_carried_ones_and_leave_the_others() -> None:
    one, other = carried(), carried(998)
    own = variant(one, number_label="档案号", name="甲证", aliases=())
    catalogue = builtin().with_carried([one, other]).with_types([own])
    assert catalogue.get(one.code) is own
    assert catalogue.own(one.code) is own
    assert catalogue.get(other.code) is other
