"""Licence types by the names that lists use."""

from __future__ import annotations

import pytest

from ecert import limits
from ecert.errors import CatalogueError, FormatError
from ecert.interop.workbook import choices, names
from ecert.interop.workbook.choices import TypeChoice, TypeChoices
from ecert.interop.workbook.names import TypeNames, normal_name
from ecert.model.catalogue import builtin
from tests.unit.interop.workbook.office import AT, DRIVING


def chosen(name: str, code: str = DRIVING) -> TypeChoice:
    return TypeChoice(name=name, type=code, by="王", at=AT)


@pytest.mark.parametrize(
    "name", ["机动车驾驶证", "《机动车驾驶证》", "机动车 驾驶证", "驾驶证", DRIVING]
)
def test_names_that_are_the_same(name: str) -> None:
    known = TypeNames(builtin(), TypeChoices())
    assert known.require(name).code == DRIVING
    assert known.is_known(name)
    assert not known.chosen(name)


def test_suggestions_are_ranked_and_never_taken() -> None:
    known = TypeNames(builtin(), TypeChoices())
    found = known.suggestions("机动车驾驶执照")
    assert found[0].code == DRIVING
    assert [one.likeness for one in found] == sorted((one.likeness for one in found), reverse=True)
    for _ in range(2):
        with pytest.raises(CatalogueError, match="可能是：机动车驾驶证"):
            known.require("机动车驾驶执照")
    assert known.suggestions("") == []
    with pytest.raises(CatalogueError, match="请改名称"):
        known.require("xyz")


def test_only_the_first_unknown_names_are_compared(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(names, "MAX_SUGGESTED_NAMES", 1)
    known = TypeNames(builtin(), TypeChoices())
    for name, suggests in (("驾驶执照一", True), ("驾驶执照二", False)):
        with pytest.raises(CatalogueError) as caught:
            known.require(name)
        assert ("可能是" in caught.value.fix_zh) is suggests


def test_a_choice_counts_and_says_so() -> None:
    known = TypeNames(builtin(), TypeChoices(choices=(chosen("驾照"),)))
    assert known.require("驾 照").code == DRIVING
    assert known.chosen("驾照")
    gone = TypeNames(builtin(), TypeChoices(choices=(chosen("驾照", DRIVING[:-3] + "999"),)))
    with pytest.raises(CatalogueError, match="目录中没有这个类型"):
        gone.require("驾照")


def test_choices_are_kept_the_last_one_counting(monkeypatch: pytest.MonkeyPatch) -> None:
    other = DRIVING[:-3] + "002"
    kept = TypeChoices().with_choices([chosen("甲"), chosen("乙"), chosen("甲", other)])
    assert [(one.name, one.type) for one in kept.choices] == [("甲", other), ("乙", DRIVING)]
    assert TypeChoices.read(kept.to_bytes()) == kept
    assert kept.get("甲") == other
    assert kept.get("丙") is None
    monkeypatch.setattr(choices, "MAX_TYPE_CHOICES", 2)
    assert len(kept.with_choices([chosen("乙")]).choices) == 2
    with pytest.raises(FormatError, match="最多记住2个"):
        kept.with_choices([chosen("丙")])


def test_a_damaged_record_is_refused() -> None:
    with pytest.raises(FormatError, match="已损坏"):
        TypeChoices.read(b"{", where="x")
    assert limits.MAX_TYPE_CHOICES >= 1_333


def test_normal_names() -> None:
    assert normal_name("《　机动车 驾驶证》") == "机动车驾驶证"
