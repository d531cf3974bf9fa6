"""A clerk names a licence by its row, its number or its id."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from ecert.errors import UnknownLicenceError
from tests.unit.workspace.conftest import NUMBER, issue

if TYPE_CHECKING:
    from ecert.workspace import Workspace

OTHER = "510681199003071317"


def test_rows_count_from_one_in_the_order_of_issue(guangan: Workspace) -> None:
    first, second = issue(guangan), issue(guangan, OTHER)
    desk = guangan.licences
    assert [desk.row_of(one) for one in (first, second)] == [1, 2]
    assert [desk.find(row) for row in ("1", "2")] == [first, second]


def test_all_three_names_find_the_same(guangan: Workspace) -> None:
    licence = issue(guangan)
    assert guangan.licences.find(NUMBER) == licence
    assert guangan.licences.find(str(licence.id)) == licence


@pytest.mark.parametrize("name", ["0", "2", "-1", "一", "", "１", "99999999", "123456789012"])
def test_what_names_nothing_is_told(guangan: Workspace, name: str) -> None:
    issue(guangan)
    with pytest.raises(UnknownLicenceError) as caught:
        guangan.licences.find(name)
    assert "没有" in caught.value.zh
    assert caught.value.fix_en


def test_two_licences_with_one_number_must_be_told_apart_by_their_ids(guangan: Workspace) -> None:
    first, second = issue(guangan), issue(guangan)
    with pytest.raises(UnknownLicenceError) as caught:
        guangan.licences.find(NUMBER)
    assert str(first.id) in caught.value.fix_zh
    assert str(second.id) in caught.value.fix_en


def test_an_error_shows_no_more_of_a_number_than_its_end(guangan: Workspace) -> None:
    with pytest.raises(UnknownLicenceError) as caught:
        guangan.licences.find(NUMBER)
    assert caught.value.where == "***1237"
    assert NUMBER not in str(caught.value)


def test_a_licence_of_elsewhere_has_no_row(guangan: Workspace, linshui: Workspace) -> None:
    with pytest.raises(UnknownLicenceError):
        guangan.licences.row_of(issue(linshui))
