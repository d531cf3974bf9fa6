"""Several licences in one act (一件事): all of them, or none."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from ecert.errors import CatalogueError, FieldsError, RequestConflictError
from ecert.model.holders import Holder
from tests.unit.issuers.sample_office import LAST_DAY, NUMBER, ZHANG, an_application

if TYPE_CHECKING:
    from ecert.issuers.issuer import Issuer
    from tests.unit.issuers.sample_office import OfficeClock

CARD = an_application(
    type_name="社会保障卡", fields={"社会保障卡卡号": "5106811990"}, valid_until=None
)
LIBRARY = an_application(
    type_name="图书馆借书证", number="R-1", fields={"读者类型": "成人"}, valid_until=LAST_DAY
)
THREE = (an_application(), CARD, LIBRARY)


def test_all_are_issued_in_one_act(issuer: Issuer) -> None:
    licences = issuer.issue_together(THREE, reason="出生一件事", actor="窗口1")
    assert [one.type_name for one in licences] == ["机动车驾驶证", "社会保障卡", "图书馆借书证"]
    assert [issuer.licence(one.id) for one in licences] == list(licences)
    head = issuer.archive.audit_head()
    assert head is not None
    assert (head.number, head.events) == (1, 3)
    assert {issuer.events(one.id)[0].actor for one in licences} == {"窗口1"}


@pytest.mark.parametrize("place", [0, 1, 2])
def test_one_that_does_not_fit_stops_all(issuer: Issuer, place: int) -> None:
    asked = list(THREE)
    asked[place] = an_application(number="510681199003071238")
    with pytest.raises(FieldsError):
        issuer.issue_together(asked, request_id="r-1")
    asked[place] = an_application(type_name="没有这种证照")
    with pytest.raises(CatalogueError):
        issuer.issue_together(asked, request_id="r-1")
    assert issuer.archive.find().rows == ()
    assert issuer.archive.audit_head() is None
    assert len(issuer.issue_together(THREE, request_id="r-1")) == 3


def test_a_retry_gives_all_again_in_order(issuer: Issuer, clock: OfficeClock) -> None:
    first = issuer.issue_together(THREE, request_id="r-1")
    clock.advance(days=2)
    assert issuer.issue_together(THREE, request_id="r-1") == first
    # An alias and a short name make no other request of it.
    alias = an_application(
        type_name="驾驶证", fields={"KZ_ZZ": "四川省德阳市什邡市示例路1号", "KZ_ZJCX": "C1"}
    )
    assert issuer.issue_together((alias, CARD, LIBRARY), request_id="r-1") == first
    assert len(issuer.archive.find().rows) == 3


@pytest.mark.parametrize(
    "asked",
    [
        THREE[:2],
        (*THREE, LIBRARY),
        (CARD, an_application(), LIBRARY),
        (an_application(holders=(Holder("张玮", NUMBER),)), CARD, LIBRARY),
        (an_application(valid_until=None), CARD, LIBRARY),
    ],
)
def test_other_content_under_the_same_request_is_refused(issuer: Issuer, asked: tuple) -> None:  # type: ignore[type-arg]
    issuer.issue_together(THREE, request_id="r-1")
    with pytest.raises(RequestConflictError) as caught:
        issuer.issue_together(asked, request_id="r-1")
    assert caught.value.where == "r-1"
    assert len(issuer.archive.find().rows) == 3


def test_one_alone_is_the_same_act(issuer: Issuer) -> None:
    (first,) = issuer.issue_together([an_application()], request_id="r-1")
    again = issuer.issue(
        "机动车驾驶证", number=NUMBER, holder=ZHANG, valid_until=LAST_DAY, request_id="r-1",
        fields={"准驾车型": "C1", "住址": "四川省德阳市什邡市示例路1号"},
    )  # fmt: skip
    assert again == first
