"""The trust book: what may come into force, told as attacks."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from ecert import limits
from ecert.errors import DocumentRefusedError
from ecert.faults import DocumentFault
from ecert.sign.keys import PrivateKey
from ecert.trust.book import TrustBook
from ecert.trust.succession import Mark
from tests.unit.trust.office import (
    CHONGQING,
    EXPIRES,
    GUANGAN,
    NOW,
    SICHUAN,
    Office,
    digest_of,
    issuer,
    issuer_code,
    record,
    signed,
    status_ref,
)

if TYPE_CHECKING:
    from ecert.trust.trust_list import TrustList

SECOND = timedelta(seconds=1)


@pytest.fixture
def office() -> Office:
    return Office()


@pytest.fixture
def book(office: Office) -> TrustBook:
    """A machine in Chongqing that has pinned Guang'an's roots."""
    pinned = TrustBook()
    pinned.pin(office.roots(), at=NOW)
    return pinned


def accept(book: TrustBook, data: bytes, **changes: Any) -> TrustList:
    values: dict[str, Any] = {"reader": CHONGQING, "at": NOW}
    return book.accept(data, **(values | changes))


def refuse(book: TrustBook, data: bytes, **changes: Any) -> DocumentRefusedError:
    """Require a refusal by both doors that leaves everything as it was."""
    values: dict[str, Any] = {"reader": CHONGQING, "at": NOW}
    before = (book.marks, book.documents)
    with pytest.raises(DocumentRefusedError) as proposed:
        book.propose(data, **(values | changes))
    with pytest.raises(DocumentRefusedError) as caught:
        book.accept(data, **(values | changes))
    assert proposed.value.fault is caught.value.fault
    assert (book.marks, book.documents) == before
    return caught.value


# -- the good case -------------------------------------------------------------------------------


def test_an_accepted_list_is_in_force(book: TrustBook, office: Office) -> None:
    key = PrivateKey.generate()
    one = issuer(keys=(record(key),), status_lists=(status_ref(),))
    data = office.trust_list(1, [one])
    accepted = accept(book, data)
    assert book.trust_list(GUANGAN) == accepted
    assert book.documents[accepted.slot] == data
    assert book.marks[accepted.slot] == Mark(1, digest_of(data))
    (found,) = book.find_keys(key.public.short_kid, "licence")
    assert found.public == key.public
    assert found.roots == book.roots(GUANGAN)
    assert book.issuer(one.code) is not None
    assert book.status_issuer(status_ref().uri) == book.issuer(one.code)
    assert book.lists_covering("511623") == (accepted,)


def test_proposing_changes_nothing(book: TrustBook, office: Office) -> None:
    before = (book.marks, book.documents)
    proposed = book.propose(office.trust_list(1, [issuer()]), reader=CHONGQING, at=NOW)
    assert proposed.version == 1
    assert (book.marks, book.documents) == before
    assert book.trust_list(GUANGAN) is None
    assert book.issuer(issuer_code(1)) is None


def test_the_successor_takes_the_place_and_the_look_ups(book: TrustBook, office: Office) -> None:
    old, new = PrivateKey.generate(), PrivateKey.generate()
    first = office.trust_list(1, [issuer(keys=(record(old),))])
    accept(book, first)
    accept(book, office.trust_list(2, [issuer(keys=(record(new),))], previous=digest_of(first)))
    assert book.find_keys(old.public.short_kid, "licence") == ()
    assert len(book.find_keys(new.public.short_kid, "licence")) == 1


def test_the_same_list_once_more_changes_nothing(book: TrustBook, office: Office) -> None:
    data = office.trust_list(1, [issuer()])
    accept(book, data)
    before = (book.marks, book.documents)
    accept(book, data)
    assert (book.marks, book.documents) == before


# -- (1) to (3): arbitrary installation ----------------------------------------------------------


def test_arbitrary_installation_under_another_key_is_refused(
    book: TrustBook, office: Office
) -> None:
    accept(book, office.trust_list(1, [issuer()]))
    forged = signed(office.document(2), [PrivateKey.generate(), PrivateKey.generate()])
    assert refuse(book, forged).fault is DocumentFault.TOO_FEW_SIGNATURES


def test_an_issuers_licence_key_cannot_sign_the_list(book: TrustBook, office: Office) -> None:
    key = PrivateKey.generate()
    accept(book, office.trust_list(1, [issuer(keys=(record(key),))]))
    assert refuse(book, signed(office.document(2), [key])).fault is (
        DocumentFault.TOO_FEW_SIGNATURES
    )


def test_a_duplicate_key_is_counted_once(book: TrustBook, office: Office) -> None:
    key = office.list_keys[0]
    assert refuse(book, signed(office.document(), [key, key])).fault is (
        DocumentFault.TOO_FEW_SIGNATURES
    )


def test_the_roots_of_another_region_prove_nothing_here(book: TrustBook) -> None:
    chongqing = Office(CHONGQING)
    book.pin(chongqing.roots(), at=NOW)
    assert refuse(book, chongqing.trust_list(1, owner=GUANGAN)).fault is (
        DocumentFault.TOO_FEW_SIGNATURES
    )


def test_a_region_without_pinned_roots_is_unknown(office: Office) -> None:
    error = refuse(TrustBook(), office.trust_list())
    assert error.fault is DocumentFault.NOT_PINNED
    assert error.where == "owner"
    assert GUANGAN in error.zh
    assert "指纹" in error.fix_zh


def test_a_region_below_does_not_speak_for_the_region_above(book: TrustBook) -> None:
    assert refuse(book, Office(SICHUAN).trust_list()).fault is DocumentFault.NOT_PINNED


def test_a_region_above_may_sign_for_one_that_has_no_roots_of_its_own() -> None:
    sichuan = Office(SICHUAN)
    book = TrustBook()
    book.pin(sichuan.roots(), at=NOW)
    accept(book, sichuan.trust_list(1, [issuer()], owner=GUANGAN))
    entry = book.issuer(issuer_code(1))
    assert entry is not None
    assert entry.roots.owner == SICHUAN


def test_a_region_with_roots_of_its_own_is_not_overruled_from_above(
    book: TrustBook, office: Office
) -> None:
    sichuan = Office(SICHUAN)
    book.pin(sichuan.roots(), at=NOW)
    accept(book, office.trust_list(1, [issuer()]))
    assert refuse(book, sichuan.trust_list(2, owner=GUANGAN)).fault is (
        DocumentFault.TOO_FEW_SIGNATURES
    )


def test_expired_roots_prove_nothing(office: Office) -> None:
    book = TrustBook()
    end = NOW + timedelta(days=1)
    book.pin(office.roots(expires=end), at=NOW)
    accept(book, office.trust_list(), at=end - SECOND)
    error = refuse(book, office.trust_list(), at=end)
    assert error.fault is DocumentFault.EXPIRED
    assert error.where == "roots"


# -- (4): content --------------------------------------------------------------------------------


def test_a_list_that_oversteps_is_refused_whole(book: TrustBook, office: Office) -> None:
    """P lists what it does not own: good entries beside the bad one do not come in either."""
    data = office.trust_list(1, [issuer(1), issuer(2, CHONGQING), issuer(3)])
    error = refuse(book, data)
    assert error.fault is DocumentFault.OVERSTEPS
    assert book.issuer(issuer_code(1)) is None


def test_a_list_with_something_twice_is_refused(book: TrustBook, office: Office) -> None:
    assert refuse(book, office.trust_list(1, [issuer(), issuer()])).fault is DocumentFault.CONTENT


# -- (5): succession -----------------------------------------------------------------------------


def test_rollback_to_a_list_in_which_a_dropped_issuer_still_stands(
    book: TrustBook, office: Office
) -> None:
    key = PrivateKey.generate()
    old = office.trust_list(6, [issuer(keys=(record(key),))])
    accept(book, old)
    accept(book, office.trust_list(7, previous=digest_of(old)))
    assert refuse(book, old).fault is DocumentFault.ROLLBACK
    assert book.find_keys(key.public.short_kid, "licence") == ()


def test_rollback_after_the_documents_were_wiped_but_not_the_marks(
    book: TrustBook, office: Office
) -> None:
    accept(book, office.trust_list(7))
    later = TrustBook(book.marks)
    later.pin(office.roots(), at=NOW)
    assert refuse(later, office.trust_list(6)).fault is DocumentFault.ROLLBACK
    assert refuse(later, office.trust_list(7, [issuer()])).fault is DocumentFault.VERSION_CONFLICT
    accept(later, office.trust_list(7))


def test_two_lists_with_one_version_are_a_conflict(book: TrustBook, office: Office) -> None:
    accept(book, office.trust_list(7))
    assert refuse(book, office.trust_list(7, [issuer()])).fault is DocumentFault.VERSION_CONFLICT


def test_freeze_ends_with_the_lists_expiry(book: TrustBook, office: Office) -> None:
    accept(book, office.trust_list(), at=EXPIRES - SECOND)
    assert refuse(book, office.trust_list(), at=EXPIRES).fault is DocumentFault.EXPIRED


def test_fast_forward_waits_for_a_second_person(book: TrustBook, office: Office) -> None:
    accept(book, office.trust_list(1))
    far = office.trust_list(2 + limits.MAX_VERSION_JUMP)
    assert refuse(book, far).fault is DocumentFault.VERSION_JUMP
    assert accept(book, far, confirmed=True).version == 2 + limits.MAX_VERSION_JUMP


def test_a_list_for_another_region_is_refused(book: TrustBook, office: Office) -> None:
    data = office.trust_list(1, audience=("530000",))
    assert refuse(book, data).fault is DocumentFault.AUDIENCE
    assert accept(book, data, reader="530100").version == 1


def test_a_list_from_the_future_is_refused(book: TrustBook, office: Office) -> None:
    data = office.trust_list(1, issued=NOW + timedelta(hours=1))
    assert refuse(book, data).fault is DocumentFault.FROM_FUTURE


def test_a_successor_of_something_else_is_refused(book: TrustBook, office: Office) -> None:
    accept(book, office.trust_list(1))
    assert refuse(book, office.trust_list(2, previous="0" * 64)).fault is DocumentFault.PREDECESSOR


# -- (6): extent and collisions ------------------------------------------------------------------


def test_a_list_that_suddenly_shrinks_waits_for_a_second_person(
    book: TrustBook, office: Office
) -> None:
    first = office.trust_list(1, [issuer(n) for n in range(10)])
    accept(book, first)
    eight = office.trust_list(2, [issuer(n) for n in range(8)], previous=digest_of(first))
    seven = office.trust_list(2, [issuer(n) for n in range(7)], previous=digest_of(first))
    assert refuse(book, seven).fault is DocumentFault.LARGE_CHANGE
    assert len(book.propose(eight, reader=CHONGQING, at=NOW).issuers) == 8
    assert len(accept(book, seven, confirmed=True).issuers) == 7


def test_two_regions_cannot_both_register_an_issuer(book: TrustBook, office: Office) -> None:
    accept(book, office.trust_list(1, [issuer()]))
    chongqing = Office(CHONGQING)
    book.pin(chongqing.roots(), at=NOW)
    theirs = chongqing.trust_list(1, [issuer(1, CHONGQING, code=issuer_code(1))])
    error = refuse(book, theirs)
    assert error.fault is DocumentFault.CONFLICT
    assert GUANGAN in error.zh
    entry = book.issuer(issuer_code(1))
    assert entry is not None
    assert entry.trust_list.owner == GUANGAN


def test_a_region_may_register_its_issuer_again_in_its_next_list(
    book: TrustBook, office: Office
) -> None:
    one = issuer(keys=(record(PrivateKey.generate()),), status_lists=(status_ref(),))
    first = office.trust_list(1, [one])
    accept(book, first)
    assert accept(book, office.trust_list(2, [one], previous=digest_of(first))).version == 2


# -- keeping -------------------------------------------------------------------------------------


def test_what_is_handed_out_makes_the_same_book(book: TrustBook, office: Office) -> None:
    key = PrivateKey.generate()
    accept(book, office.trust_list(3, [issuer(keys=(record(key),))]))
    # Whatever order a store gives them in: the list may come before its roots.
    again = TrustBook.restored(reversed(book.documents.values()), book.marks)
    assert again.documents == book.documents
    assert again.marks == book.marks
    assert again.find_keys(key.public.short_kid, "licence")[0].public == key.public


def test_a_list_that_has_expired_since_is_still_known_after_restoring(
    book: TrustBook, office: Office
) -> None:
    accept(book, office.trust_list(1, expires=NOW + SECOND))
    again = TrustBook.restored(book.documents.values(), book.marks)
    held = again.trust_list(GUANGAN)
    assert held is not None
    assert held.expires == NOW + SECOND


def test_an_old_backup_below_the_marks_is_noticed(book: TrustBook, office: Office) -> None:
    first = office.trust_list(1)
    accept(book, first)
    backup = dict(book.documents)
    accept(book, office.trust_list(2, previous=digest_of(first)))
    with pytest.raises(DocumentRefusedError) as caught:
        TrustBook.restored(backup.values(), book.marks)
    assert caught.value.fault is DocumentFault.ROLLBACK


def test_documents_without_their_marks_are_noticed(book: TrustBook, office: Office) -> None:
    accept(book, office.trust_list())
    with pytest.raises(DocumentRefusedError) as caught:
        TrustBook.restored(book.documents.values(), {})
    assert caught.value.fault is DocumentFault.VERSION_CONFLICT


def test_a_stored_list_without_its_roots_is_noticed(book: TrustBook, office: Office) -> None:
    data = office.trust_list()
    accept(book, data)
    with pytest.raises(DocumentRefusedError) as caught:
        TrustBook.restored([data], book.marks)
    assert caught.value.fault is DocumentFault.NOT_PINNED


def test_a_stored_list_that_was_tampered_with_is_noticed(book: TrustBook, office: Office) -> None:
    accept(book, office.trust_list())
    forged = signed(office.document(1, [issuer()]), [PrivateKey.generate()])
    documents = [book.documents[f"ecert-roots+jws:{GUANGAN}"], forged]
    with pytest.raises(DocumentRefusedError) as caught:
        TrustBook.restored(documents, book.marks)
    assert caught.value.fault is DocumentFault.TOO_FEW_SIGNATURES


def test_marks_of_other_kinds_are_left_to_their_own_book() -> None:
    marks = {"ecert-recognition-list+jws:1": Mark(4, "0" * 64)}
    assert TrustBook(marks).marks == {}


def test_marks_handed_out_are_a_copy(book: TrustBook) -> None:
    book.marks.clear()
    assert book.marks != {}
