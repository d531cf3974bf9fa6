"""Pinning and rotating roots: neither the old keys alone nor the new ones alone are enough."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from ecert import limits
from ecert.errors import DocumentRefusedError
from ecert.faults import DocumentFault
from ecert.sign import envelope
from ecert.sign.keys import PrivateKey
from ecert.trust.book import TrustBook
from ecert.trust.roots import Role, RootSet
from ecert.trust.succession import Mark
from tests.unit.trust.office import (
    CHONGQING,
    EXPIRES,
    GUANGAN,
    NOW,
    SICHUAN,
    Office,
    altered,
    digest_of,
    issuer,
    issuer_code,
    signed,
)

SLOT = f"ecert-roots+jws:{GUANGAN}"
LIST_SLOT = f"ecert-trust-list+jws:{GUANGAN}"


class Rotating(Office):
    """An office that changes all of its root keys, and remembers the old ones."""

    def __init__(self) -> None:
        super().__init__()
        self.first = self.roots()
        self.old_keys = self.root_keys
        self.root_keys = [PrivateKey.generate() for _ in range(3)]

    def successor(self, version: int = 2, **changes: object) -> RootSet:
        return self.root_set(version, digest_of(self.first), **changes)


@pytest.fixture
def office() -> Rotating:
    return Rotating()


@pytest.fixture
def book(office: Rotating) -> TrustBook:
    pinned = TrustBook()
    pinned.pin(office.first, at=NOW)
    return pinned


def refuse(book: TrustBook, data: bytes) -> DocumentRefusedError:
    """Require a refusal by every door that leaves everything as it was."""
    before = (book.marks, book.documents)
    with pytest.raises(DocumentRefusedError) as proposed:
        book.propose_roots(data, at=NOW)
    with pytest.raises(DocumentRefusedError) as caught:
        book.pin(data, at=NOW)
    assert proposed.value.fault is caught.value.fault
    assert (book.marks, book.documents) == before
    return caught.value


def test_a_first_root_set_is_pinned_with_its_mark(book: TrustBook, office: Rotating) -> None:
    pinned = book.roots(GUANGAN)
    assert pinned is not None
    assert book.documents == {SLOT: office.first}
    assert book.marks[SLOT].digest == digest_of(office.first)
    assert book.roots(SICHUAN) is None


def test_a_proposal_shows_the_fingerprint_and_pins_nothing(office: Rotating) -> None:
    book = TrustBook()
    assert len(book.propose_roots(office.first, at=NOW).fingerprint) == 64 + 15
    assert book.roots(GUANGAN) is None
    assert book.marks == {}


def test_rotation_needs_both_the_old_and_the_new_keys(book: TrustBook, office: Rotating) -> None:
    data = signed(office.successor(), [*office.old_keys[:2], *office.root_keys[:2]])
    pinned = book.accept_roots(data, at=NOW)
    assert pinned.version == 2
    assert pinned.keys_for(Role.ROOTS) == tuple(key.public for key in office.root_keys)
    assert book.marks[SLOT].version == 2


@pytest.mark.parametrize(("old", "new"), [(0, 2), (0, 3), (1, 2), (2, 0), (3, 0), (2, 1), (1, 1)])
def test_a_root_set_signed_by_the_old_only_or_the_new_only_is_refused(
    book: TrustBook, office: Rotating, old: int, new: int
) -> None:
    signers = [*office.old_keys[:old], *office.root_keys[:new]]
    error = refuse(book, signed(office.successor(), signers))
    assert error.fault is DocumentFault.TOO_FEW_SIGNATURES


def test_skipping_a_root_version_is_refused(book: TrustBook, office: Rotating) -> None:
    data = signed(office.successor(3), [*office.old_keys, *office.root_keys])
    error = refuse(book, data)
    assert error.fault is DocumentFault.VERSION_JUMP
    assert "2" in error.zh


def test_the_way_to_the_third_leads_over_an_expired_second(
    book: TrustBook, office: Rotating
) -> None:
    """TUF walks through expired versions; nothing can be accepted under one."""
    both = [*office.old_keys, *office.root_keys]
    second = signed(office.successor(expires=NOW), both)
    book.accept_roots(second, at=NOW)
    with pytest.raises(DocumentRefusedError) as caught:
        book.require_roots(GUANGAN, at=NOW)
    assert caught.value.fault is DocumentFault.EXPIRED
    third = signed(office.root_set(3, digest_of(second)), office.root_keys)
    book.accept_roots(third, at=NOW)
    assert book.require_roots(GUANGAN, at=NOW).version == 3


def test_rollback_to_replaced_roots_is_refused(book: TrustBook, office: Rotating) -> None:
    book.pin(signed(office.successor(), [*office.old_keys, *office.root_keys]), at=NOW)
    assert refuse(book, office.first).fault is DocumentFault.ROLLBACK


def test_rollback_is_refused_even_after_the_roots_were_forgotten(
    book: TrustBook, office: Rotating
) -> None:
    book.pin(signed(office.successor(), [*office.old_keys, *office.root_keys]), at=NOW)
    book.unpin(GUANGAN)
    assert refuse(book, office.first).fault is DocumentFault.ROLLBACK


def test_the_same_version_with_other_keys_is_a_conflict(book: TrustBook, office: Rotating) -> None:
    data = signed(office.root_set(1), [*office.old_keys, *office.root_keys])
    assert refuse(book, data).fault is DocumentFault.VERSION_CONFLICT


def test_the_same_roots_once_more_change_nothing(book: TrustBook, office: Rotating) -> None:
    before = (book.marks, book.documents)
    book.pin(office.first, at=NOW)
    assert (book.marks, book.documents) == before


def test_a_successor_of_something_else_is_refused(book: TrustBook, office: Rotating) -> None:
    stray = office.root_set(2, "0" * 64)
    data = signed(stray, [*office.old_keys, *office.root_keys])
    assert refuse(book, data).fault is DocumentFault.PREDECESSOR


def test_demonstration_roots_never_replace_real_ones(book: TrustBook, office: Rotating) -> None:
    data = signed(office.successor(demo=True), [*office.old_keys, *office.root_keys])
    error = refuse(book, data)
    assert error.fault is DocumentFault.CONTENT
    assert error.where == "demo"


def test_roots_from_the_future_are_refused(book: TrustBook, office: Rotating) -> None:
    late = NOW + limits.LIST_CLOCK_SKEW + timedelta(seconds=1)
    both = [*office.old_keys, *office.root_keys]
    assert refuse(book, signed(office.successor(issued=late), both)).fault is (
        DocumentFault.FROM_FUTURE
    )
    assert refuse(TrustBook(), Office().roots(issued=late)).fault is DocumentFault.FROM_FUTURE


@pytest.mark.parametrize("count", [0, 1])
def test_a_first_set_below_its_own_threshold_is_refused(count: int) -> None:
    office = Office()
    signers = office.root_keys[:count] or [PrivateKey.generate()]
    error = refuse(TrustBook(), signed(office.root_set(), signers))
    assert error.fault is DocumentFault.TOO_FEW_SIGNATURES


def test_a_first_set_whose_roles_do_not_fit_its_keys_is_refused() -> None:
    office = Office()
    roles = json.loads(office.root_set().to_payload())["roles"]
    roles["trust-list"]["keys"][0] = PrivateKey.generate().public.kid
    payload = altered(office.root_set(), {"roles": roles})
    error = refuse(TrustBook(), envelope.make(RootSet.TYP, payload, office.root_keys))
    assert error.fault is DocumentFault.CONTENT
    assert error.where == "roles.trust-list"


def test_a_first_set_that_has_expired_is_refused() -> None:
    error = refuse(TrustBook(), Office().roots(expires=NOW))
    assert error.fault is DocumentFault.EXPIRED


def test_a_trust_list_is_no_root_set(office: Rotating) -> None:
    assert refuse(TrustBook(), office.trust_list()).fault is DocumentFault.WRONG_KIND


def test_unattended_acceptance_never_pins_a_stranger(office: Rotating) -> None:
    book = TrustBook()
    with pytest.raises(DocumentRefusedError) as caught:
        book.accept_roots(office.first, at=NOW)
    assert caught.value.fault is DocumentFault.NOT_PINNED
    assert book.documents == {}


def test_the_nearest_roots_govern(book: TrustBook) -> None:
    book.pin(Office(SICHUAN).roots(), at=NOW)
    for region, owner in [("511623", GUANGAN), (GUANGAN, GUANGAN), ("510100", SICHUAN)]:
        roots = book.roots_for(region)
        assert roots is not None
        assert roots.owner == owner
    assert book.roots_for(CHONGQING) is None


# -- what a rotation does to lists ---------------------------------------------------------------


def rotate(office: Office, list_keys: list[PrivateKey]) -> bytes:
    """The next root set, with other keys for lists."""
    first = office.roots()
    office.list_keys = list_keys
    return signed(office.root_set(2, digest_of(first)), office.root_keys)


@pytest.fixture
def steady() -> Office:
    return Office()


def pinned_with_list(office: Office, version: int = 5) -> TrustBook:
    book = TrustBook()
    book.pin(office.roots(), at=NOW)
    book.accept(office.trust_list(version, [issuer()]), reader=CHONGQING, at=NOW)
    return book


def test_a_list_survives_a_rotation_that_keeps_its_keys(steady: Office) -> None:
    book = pinned_with_list(steady)
    book.pin(rotate(steady, steady.list_keys), at=NOW)
    entry = book.issuer(issuer_code(1))
    assert entry is not None
    assert entry.roots.version == 2


def test_a_list_signed_by_a_revoked_and_a_good_key_is_dropped(steady: Office) -> None:
    book = pinned_with_list(steady)
    b, c = steady.list_keys[1:]
    book.pin(rotate(steady, [b, c]), at=NOW)  # the list was signed by the first and b
    assert book.trust_list(GUANGAN) is None
    assert book.issuer(issuer_code(1)) is None
    assert LIST_SLOT not in book.documents
    # b and c could still sign what they signed before: the mark holds.
    assert book.marks[LIST_SLOT].version == 5


def test_the_dropped_list_comes_back_when_it_is_signed_anew(steady: Office) -> None:
    book = pinned_with_list(steady)
    b, c = steady.list_keys[1:]
    book.pin(rotate(steady, [b, c]), at=NOW)
    book.accept(signed(steady.document(5, [issuer()]), [b, c]), reader=CHONGQING, at=NOW)
    assert book.issuer(issuer_code(1)) is not None


def test_fast_forward_recovery_by_new_keys(steady: Office) -> None:
    """A stolen key has published the highest version; new keys begin a new epoch."""
    stolen = steady.list_keys
    book = pinned_with_list(steady)
    fast = steady.trust_list(limits.MAX_SAFE_INTEGER)
    book.accept(fast, reader=CHONGQING, at=NOW, confirmed=True)
    book.pin(rotate(steady, [PrivateKey.generate() for _ in range(3)]), at=NOW)
    assert LIST_SLOT not in book.marks
    accepted = book.accept(steady.trust_list(6, [issuer()]), reader=CHONGQING, at=NOW)
    assert accepted.version == 6
    # What the stolen keys have signed, high or low, does not come back.
    for version in (5, 7, limits.MAX_SAFE_INTEGER):
        with pytest.raises(DocumentRefusedError) as caught:
            book.accept(
                signed(steady.document(version), stolen), reader=CHONGQING, at=NOW, confirmed=True
            )
        assert caught.value.fault is DocumentFault.TOO_FEW_SIGNATURES


def test_a_new_epoch_leaves_other_regions_marks_alone(steady: Office) -> None:
    book = pinned_with_list(steady)
    other = Office(CHONGQING)
    book.pin(other.roots(), at=NOW)
    book.accept(other.trust_list(9), reader=CHONGQING, at=NOW)
    marks = book.marks
    book.pin(rotate(steady, [PrivateKey.generate() for _ in range(3)]), at=NOW)
    del marks[LIST_SLOT]
    marks[SLOT] = book.marks[SLOT]
    assert book.marks == marks


def test_a_new_epoch_keeps_the_mark_of_a_list_that_the_new_keys_have_signed_too(
    steady: Office,
) -> None:
    book = TrustBook()
    book.pin(steady.roots(), at=NOW)
    new = [PrivateKey.generate() for _ in range(3)]
    both = [*steady.list_keys, *new]
    book.accept(signed(steady.document(5), both), reader=CHONGQING, at=NOW)
    book.pin(rotate(steady, new), at=NOW)
    assert book.trust_list(GUANGAN) is not None
    assert book.marks[LIST_SLOT].version == 5


def test_a_new_epoch_forgets_the_marks_of_the_regions_that_it_governs_only() -> None:
    sichuan = Office(SICHUAN)
    governed, alone = "ecert-trust-list+jws:510100", LIST_SLOT
    book = TrustBook({governed: Mark(9, "0" * 64), alone: Mark(9, "0" * 64)})
    book.pin(sichuan.roots(), at=NOW)
    book.pin(Office(GUANGAN).roots(), at=NOW)
    book.pin(rotate(sichuan, [PrivateKey.generate() for _ in range(3)]), at=NOW)
    assert governed not in book.marks
    assert book.marks[alone].version == 9


def test_a_region_that_gets_roots_of_its_own_must_sign_its_list_anew() -> None:
    sichuan, guangan = Office(SICHUAN), Office(GUANGAN)
    book = TrustBook()
    book.pin(sichuan.roots(), at=NOW)
    book.accept(sichuan.trust_list(4, owner=GUANGAN), reader=CHONGQING, at=NOW)
    book.pin(guangan.roots(), at=NOW)
    assert book.trust_list(GUANGAN) is None
    assert book.marks[LIST_SLOT].version == 4
    with pytest.raises(DocumentRefusedError) as caught:
        book.accept(guangan.trust_list(3), reader=CHONGQING, at=NOW)
    assert caught.value.fault is DocumentFault.ROLLBACK


def test_a_region_that_is_unpinned_is_forgotten_with_its_list_but_not_its_marks(
    steady: Office,
) -> None:
    book = pinned_with_list(steady)
    marks = book.marks
    book.unpin(GUANGAN)
    assert book.documents == {}
    assert book.lists_covering(GUANGAN) == ()
    assert book.marks == marks
    book.unpin(GUANGAN)  # once more does no harm


def test_a_rotated_book_restores_from_the_latest_roots_alone(steady: Office) -> None:
    book = pinned_with_list(steady)
    book.pin(rotate(steady, steady.list_keys), at=NOW)
    again = TrustBook.restored(book.documents.values(), book.marks)
    assert again.documents == book.documents
    held = again.roots(GUANGAN)
    assert held is not None
    assert held.version == 2
    assert held.expires > EXPIRES


def test_roots_from_an_old_backup_are_noticed(book: TrustBook, office: Rotating) -> None:
    backup = book.documents.values()
    book.pin(signed(office.successor(), [*office.old_keys, *office.root_keys]), at=NOW)
    with pytest.raises(DocumentRefusedError) as caught:
        TrustBook.restored(backup, book.marks)
    assert caught.value.fault is DocumentFault.ROLLBACK
