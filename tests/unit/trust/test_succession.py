"""Attacks on what replaces what: rollback, freeze, fast-forward, another region's document."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ecert import limits
from ecert.errors import DocumentRefusedError
from ecert.faults import DocumentFault
from ecert.trust.document import Document
from ecert.trust.succession import Mark, check_restored, check_succession
from tests.unit.trust.office import EXPIRES, ISSUED, NOW

OLD, NEW = "a" * 64, "b" * 64
SECOND = timedelta(seconds=1)


class Note(Document):
    TYP = "note+jws"


def note(version: int = 1, **changes: Any) -> Note:
    values: dict[str, Any] = {
        "owner": "510000",
        "audience": ("000000",),
        "version": version,
        "issued": ISSUED,
        "expires": EXPIRES,
    }
    return Note(**(values | changes))


def verdict(document: Note, mark: Mark | None = None, **changes: Any) -> DocumentFault | None:
    values: dict[str, Any] = {"reader": "500000", "at": NOW}
    try:
        check_succession(document, NEW, mark, **(values | changes))
    except DocumentRefusedError as error:
        return error.fault
    return None


def test_a_first_version_comes_in() -> None:
    assert verdict(note()) is None


@pytest.mark.parametrize(
    ("version", "previous", "expected"),
    [
        (1, None, DocumentFault.ROLLBACK),
        (6, OLD, DocumentFault.ROLLBACK),
        (7, None, DocumentFault.VERSION_CONFLICT),
        (8, OLD, None),
        (8, NEW, DocumentFault.PREDECESSOR),
        (8, None, DocumentFault.PREDECESSOR),
        # Versions may be missed while off line; then the hash says nothing.
        (9, NEW, None),
        (9, None, None),
        (7 + limits.MAX_VERSION_JUMP, None, None),
        (8 + limits.MAX_VERSION_JUMP, None, DocumentFault.VERSION_JUMP),
        (limits.MAX_SAFE_INTEGER, None, DocumentFault.VERSION_JUMP),
    ],
)
def test_versions_only_rise(
    version: int, previous: str | None, expected: DocumentFault | None
) -> None:
    """Rollback and fast-forward against version 7."""
    assert verdict(note(version, previous=previous), Mark(7, OLD)) is expected


def test_the_same_version_once_more_is_no_change() -> None:
    assert verdict(note(7), Mark(7, NEW)) is None


def test_a_second_person_may_confirm_a_jump_but_no_rollback() -> None:
    jump = note(8 + limits.MAX_VERSION_JUMP)
    assert verdict(jump, Mark(7, OLD), confirmed=True) is None
    assert verdict(note(6), Mark(7, OLD), confirmed=True) is DocumentFault.ROLLBACK
    assert verdict(note(7), Mark(7, OLD), confirmed=True) is DocumentFault.VERSION_CONFLICT
    assert verdict(note(8), Mark(7, OLD), confirmed=True) is DocumentFault.PREDECESSOR


def test_an_indefinite_freeze_ends_at_the_second_of_expiry() -> None:
    assert verdict(note(), at=EXPIRES - SECOND) is None
    assert verdict(note(), at=EXPIRES) is DocumentFault.EXPIRED
    assert verdict(note(), at=EXPIRES + SECOND) is DocumentFault.EXPIRED


def test_a_document_that_expires_before_it_is_issued_never_counts() -> None:
    assert verdict(note(expires=ISSUED), at=ISSUED - SECOND) is DocumentFault.EXPIRED


def test_two_offices_clocks_may_differ_by_the_skew_and_no_more() -> None:
    edge = NOW + limits.LIST_CLOCK_SKEW
    assert verdict(note(issued=edge)) is None
    assert verdict(note(issued=edge + SECOND)) is DocumentFault.FROM_FUTURE


@pytest.mark.parametrize(
    ("audience", "reader", "expected"),
    [
        (("000000",), "500000", None),
        (("500000",), "500000", None),
        (("500000",), "500105", None),
        (("500105",), "500000", None),
        (("530000", "500000"), "500000", None),
        (("530000",), "500000", DocumentFault.AUDIENCE),
        (("500105",), "500106", DocumentFault.AUDIENCE),
    ],
)
def test_a_document_for_another_region_is_refused(
    audience: tuple[str, ...], reader: str, expected: DocumentFault | None
) -> None:
    assert verdict(note(audience=audience), reader=reader) is expected


@pytest.mark.parametrize(
    ("document", "mark", "where"),
    [
        (note(audience=("530000",)), None, "audience"),
        (note(expires=NOW), None, "expires"),
        (note(issued=NOW + timedelta(days=1)), None, "issued"),
        (note(1), Mark(2, OLD), "version"),
        (note(2, previous=NEW), Mark(1, OLD), "previous"),
    ],
)
def test_a_refusal_names_the_place_in_both_languages(
    document: Note, mark: Mark | None, where: str
) -> None:
    with pytest.raises(DocumentRefusedError) as caught:
        check_succession(document, NEW, mark, reader="500000", at=NOW)
    assert caught.value.where == where
    assert caught.value.zh.startswith(caught.value.fault.zh)
    assert caught.value.en.startswith(caught.value.fault.en)


@given(
    mark=st.integers(1, limits.MAX_SAFE_INTEGER),
    version=st.integers(1, limits.MAX_SAFE_INTEGER),
    previous=st.sampled_from([None, OLD, NEW]),
    confirmed=st.booleans(),
)
@settings(max_examples=200, deadline=None)
def test_no_document_that_passes_lowers_the_mark(
    mark: int, version: int, previous: str | None, confirmed: bool
) -> None:
    found = verdict(note(version, previous=previous), Mark(mark, OLD), confirmed=confirmed)
    if version <= mark:
        assert found in {DocumentFault.ROLLBACK, DocumentFault.VERSION_CONFLICT}
    elif version > mark + limits.MAX_VERSION_JUMP and not confirmed:
        assert found is DocumentFault.VERSION_JUMP
    elif version == mark + 1 and previous != OLD:
        assert found is DocumentFault.PREDECESSOR
    else:
        assert found is None


@pytest.mark.parametrize(
    ("mark", "expected"),
    [
        (Mark(3, NEW), None),
        (Mark(4, NEW), DocumentFault.ROLLBACK),
        (Mark(3, OLD), DocumentFault.VERSION_CONFLICT),
        (Mark(2, OLD), DocumentFault.VERSION_CONFLICT),
        (None, DocumentFault.VERSION_CONFLICT),
    ],
)
def test_a_store_put_back_from_an_old_backup_is_noticed(
    mark: Mark | None, expected: DocumentFault | None
) -> None:
    if expected is None:
        check_restored(note(3), NEW, mark)
        return
    with pytest.raises(DocumentRefusedError) as caught:
        check_restored(note(3), NEW, mark)
    assert caught.value.fault is expected
    assert caught.value.where == "version"
