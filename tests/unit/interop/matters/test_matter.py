"""What a matter may hold, at each limit and one above it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from ecert import limits
from ecert.errors import MatterError, RegionError
from ecert.interop.matters.matter import LicenceChoice, Need, PaperChoice
from tests.unit.interop.matters.samples import BUSINESS, DRIVING, IDENTITY, matter, need

if TYPE_CHECKING:
    from collections.abc import Callable


def papers(count: int) -> tuple[PaperChoice, ...]:
    return tuple(PaperChoice(f"材料{number}") for number in range(count))


@pytest.mark.parametrize(
    ("make", "most", "where"),
    [
        (lambda n: matter(code="1" * n), limits.MAX_MATTER_CODE_CHARS, "事项编码"),
        (lambda n: matter(name="事" * n), limits.MAX_NAME_CHARS, "事项名称"),
        (lambda n: matter(department="局" * n), limits.MAX_NAME_CHARS, "实施部门"),
        (
            lambda n: matter(aliases=tuple(f"场景{one}" for one in range(n))),
            limits.MAX_MATTER_ALIASES,
            "事项别名",
        ),
        (lambda n: matter(*map(need, papers(n))), limits.MAX_NEEDS, "所需证照"),
        (lambda n: Need(papers(n)), limits.MAX_CHOICES, "所需证照"),
        (
            lambda n: LicenceChoice(IDENTITY, fields=tuple(f"项{one}" for one in range(n))),
            limits.MAX_FIELDS,
            "照面信息",
        ),
        (lambda n: PaperChoice("表" * n), limits.MAX_NAME_CHARS, "材料名称"),
    ],
)
def test_each_part_has_its_limit(make: Callable[[int], object], most: int, where: str) -> None:
    make(most)
    with pytest.raises(MatterError, match=str(most)) as raised:
        make(most + 1)
    assert raised.value.where == where


@pytest.mark.parametrize(
    ("make", "where"),
    [
        (lambda: matter(code=""), "事项编码"),
        (lambda: matter(name=" 事项"), "事项名称"),
        (lambda: matter(name="事项 "), "事项名称"),
        (lambda: matter(name="事\u200b项"), "事项名称"),
        (lambda: matter(code="SL\n1"), "事项编码"),
        (lambda: matter(aliases=("",)), "事项别名"),
        (lambda: matter(aliases=("场景", "场景")), "事项别名"),
        (lambda: matter(need(IDENTITY), need(IDENTITY)), "所需证照"),
        (lambda: need(IDENTITY, IDENTITY), "所需证照"),
        (lambda: need(IDENTITY, LicenceChoice(IDENTITY, own_region=True)), "所需证照"),
        (lambda: Need(()), "所需证照"),
        (lambda: LicenceChoice("身份证"), "证照类型"),
        (lambda: LicenceChoice(IDENTITY + "0"), "证照类型"),
        (lambda: LicenceChoice(IDENTITY, fields=("住址", "住址")), "照面信息"),
    ],
)
def test_what_contradicts_itself_is_refused(make: Callable[[], object], where: str) -> None:
    with pytest.raises(MatterError) as raised:
        make()
    assert raised.value.where == where


def test_a_region_has_six_digits() -> None:
    with pytest.raises(RegionError):
        matter(region="51160")


def test_a_matter_is_paperless_if_no_need_is_met_by_paper_alone() -> None:
    form = PaperChoice("申请表")
    assert matter().paperless
    assert matter(need(IDENTITY), need(BUSINESS, DRIVING)).paperless
    assert matter(need(IDENTITY, form)).paperless
    assert not matter(need(IDENTITY), need(form)).paperless
