"""What may come into force: attack by attack (TUF specification §1.5.2), and what stays then."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from ecert import limits
from ecert.errors import DocumentRefusedError
from ecert.faults import DocumentFault
from ecert.interop.book import RecognitionBook
from ecert.reasons import Reason
from ecert.sign import envelope
from ecert.sign.keys import PrivateKey
from ecert.sign.strict import b64url
from ecert.trust.succession import Mark
from tests.unit.interop.regions import (
    AT,
    CHONGQING,
    EXPIRES,
    GUANGAN,
    GUIZHOU,
    GUIZHOU_TYPE,
    ISSUER,
    NATIONAL,
    SICHUAN,
    YUZHONG,
    Office,
    copy,
    entry,
    recognition_list,
    side,
    signed,
    successor,
    trust_in,
)

if TYPE_CHECKING:
    from ecert.interop.recognition import RecognitionList
    from ecert.sign.custody import Signer
    from ecert.trust.book import TrustBook

FIRST = recognition_list(entry())
QUESTION: dict[str, Any] = {
    "licence_type": NATIONAL,
    "licence_region": GUANGAN,
    "issuer": ISSUER,
    "reader_region": YUZHONG,
    "matter": None,
}


@pytest.fixture
def trust(sichuan: Office, chongqing: Office, guizhou: Office) -> TrustBook:
    return trust_in(sichuan, chongqing, guizhou)


class Desk:
    """A book in Chongqing that has accepted the first version."""

    def __init__(self, trust: TrustBook, first: bytes) -> None:
        self.trust = trust
        self.book = RecognitionBook()
        self.accept(first)

    def accept(self, data: bytes, **changes: Any) -> Any:
        given: dict[str, Any] = {"trust": self.trust, "reader": CHONGQING, "at": AT}
        return self.book.accept(data, **(given | changes))

    def refuses(self, data: bytes, fault: DocumentFault, **changes: Any) -> DocumentRefusedError:
        """Try ``data``; whatever happens, nothing in the book may have moved."""
        before = (self.book.marks, self.book.documents, self.book.lists)
        with pytest.raises(DocumentRefusedError) as refusal:
            self.accept(data, **changes)
        assert refusal.value.fault is fault
        assert (self.book.marks, self.book.documents, self.book.lists) == before
        return refusal.value


@pytest.fixture
def desk(trust: TrustBook, sichuan: Office, chongqing: Office) -> Desk:
    return Desk(trust, signed(FIRST, sichuan, chongqing))


@pytest.fixture
def second() -> RecognitionList:
    return successor(FIRST, entries=(entry(), entry("2", matters=("执法检查",))))


# -- the honest way ---------------------------------------------------------------------------


def test_a_list_that_every_party_signed_comes_into_force(desk: Desk, sichuan: Office) -> None:
    assert desk.book.get(FIRST.slot) == FIRST
    assert [held.document for held in desk.book.lists] == [FIRST]
    assert desk.book.marks == {FIRST.slot: Mark(1, desk.book.lists[0].digest)}


def test_proposing_changes_nothing_and_tells_what_would_change(
    desk: Desk, second: RecognitionList, sichuan: Office, chongqing: Office
) -> None:
    data = signed(second, chongqing, sichuan)
    change = desk.book.propose(data, trust=desk.trust, reader=CHONGQING, at=AT)
    assert [line.id for line in change.added] == ["2"]
    assert desk.book.get(FIRST.slot) == FIRST
    assert desk.accept(data) == change
    assert desk.book.get(FIRST.slot) == second
    assert desk.book.marks == {FIRST.slot: change.mark}
    assert desk.book.documents == {FIRST.slot: data}


def test_signatures_may_be_added_one_by_one_on_each_party_s_machine(
    trust: TrustBook, sichuan: Office, chongqing: Office
) -> None:
    data = FIRST.signed_by(sichuan.keys)
    for key in chongqing.keys:
        data = envelope.add_signature(data, key)
    assert Desk(trust, data).book.get(FIRST.slot) == FIRST


def test_the_same_version_again_is_a_no_op(desk: Desk, sichuan: Office, chongqing: Office) -> None:
    change = desk.accept(signed(FIRST, chongqing, sichuan))
    assert (change.added, change.removed, change.changed, change.unchanged) == ((), (), (), 1)


def test_what_was_accepted_decides_at_once(desk: Desk, sichuan: Office, chongqing: Office) -> None:
    assert desk.book.decide(**QUESTION, at=AT).entry == FIRST.entries[0]
    retired = successor(FIRST, entries=())
    desk.accept(signed(retired, sichuan, chongqing))
    assert desk.book.decide(**QUESTION, at=AT).reason is Reason.REGION_NOT_COVERED
    assert len(desk.book.relevant(GUANGAN, YUZHONG)) == 1


# -- arbitrary content: whose signatures ------------------------------------------------------


def test_a_list_signed_by_one_party_only_is_refused(
    desk: Desk, second: RecognitionList, sichuan: Office, chongqing: Office
) -> None:
    for only, silent in ((sichuan, CHONGQING), (chongqing, SICHUAN)):
        refusal = desk.refuses(signed(second, only), DocumentFault.TOO_FEW_SIGNATURES)
        assert silent in refusal.zh


def test_fewer_keys_than_the_threshold_are_refused_even_if_one_signs_twice(
    desk: Desk, second: RecognitionList, sichuan: Office, chongqing: Office
) -> None:
    keys = [*sichuan.keys, chongqing.keys[0], chongqing.keys[0]]
    data = envelope.make(second.TYP, second.to_payload(), keys)
    desk.refuses(data, DocumentFault.TOO_FEW_SIGNATURES)


@pytest.mark.parametrize("role", ["stranger", "root_key", "trust_key"])
def test_a_key_that_may_not_sign_recognition_lists_counts_for_nothing(
    desk: Desk, second: RecognitionList, sichuan: Office, chongqing: Office, role: str
) -> None:
    wrong = PrivateKey.generate() if role == "stranger" else getattr(chongqing, role)
    keys = [*sichuan.keys, chongqing.keys[0], wrong]
    data = envelope.make(second.TYP, second.to_payload(), keys)
    desk.refuses(data, DocumentFault.TOO_FEW_SIGNATURES)


def test_another_region_s_keys_do_not_sign_for_a_party(
    desk: Desk, second: RecognitionList, sichuan: Office, guizhou: Office
) -> None:
    desk.refuses(signed(second, sichuan, guizhou), DocumentFault.TOO_FEW_SIGNATURES)


def test_a_signature_in_another_s_name_is_refused(
    desk: Desk, second: RecognitionList, sichuan: Office, chongqing: Office
) -> None:
    class Impostor:
        public = chongqing.keys[0].public

        def sign(self, message: bytes) -> bytes:
            return PrivateKey.generate().sign(message)

    keys: list[Signer] = [*sichuan.keys, chongqing.keys[1], Impostor()]
    data = envelope.make(second.TYP, second.to_payload(), keys)
    desk.refuses(data, DocumentFault.SIGNATURE)


def test_changed_content_under_old_signatures_is_refused(
    desk: Desk, second: RecognitionList, sichuan: Office, chongqing: Office
) -> None:
    data = signed(second, sichuan, chongqing)
    wider = successor(FIRST, entries=(entry(), entry("2")))
    forged = data.replace(b64url(second.to_payload()).encode(), b64url(wider.to_payload()).encode())
    assert forged != data
    desk.refuses(forged, DocumentFault.SIGNATURE)


def test_a_party_whose_roots_are_not_pinned_refuses_the_list(
    sichuan: Office, chongqing: Office
) -> None:
    with pytest.raises(DocumentRefusedError) as refusal:
        Desk(trust_in(chongqing), signed(FIRST, sichuan, chongqing))
    assert refusal.value.fault is DocumentFault.NOT_PINNED
    assert SICHUAN in refusal.value.zh


def test_roots_past_their_date_prove_no_new_list(
    desk: Desk, second: RecognitionList, sichuan: Office, chongqing: Office
) -> None:
    later = successor(FIRST, expires=EXPIRES + timedelta(days=30))
    desk.refuses(signed(later, sichuan, chongqing), DocumentFault.EXPIRED, at=EXPIRES)


def test_a_city_party_is_proven_by_its_province_s_roots(
    trust: TrustBook, sichuan: Office, chongqing: Office
) -> None:
    city = recognition_list(
        entry(source=side(GUANGAN)), owner=GUANGAN, parties=(GUANGAN, CHONGQING)
    )
    assert Desk(trust, signed(city, sichuan, chongqing)).book.get(city.slot) == city


def test_a_city_s_own_keys_do_not_sign_for_its_province(sichuan: Office, chongqing: Office) -> None:
    city = Office(GUANGAN)
    with pytest.raises(DocumentRefusedError) as refusal:
        Desk(trust_in(city, sichuan, chongqing), signed(FIRST, city, chongqing))
    assert refusal.value.fault is DocumentFault.TOO_FEW_SIGNATURES


# -- arbitrary content: what is signed --------------------------------------------------------


def test_another_kind_of_document_is_refused(
    desk: Desk, second: RecognitionList, sichuan: Office, chongqing: Office
) -> None:
    keys = [*sichuan.keys, *chongqing.keys]
    data = envelope.make("ecert-trust-list+jws", second.to_payload(), keys)
    desk.refuses(data, DocumentFault.WRONG_KIND)
    desk.refuses(sichuan.roots_data, DocumentFault.WRONG_KIND)


@pytest.mark.parametrize("data", [b"", b"{}", b"\xff", b'{"payload":"e30","signatures":[]}'])
def test_what_is_no_envelope_is_malformed(desk: Desk, data: bytes) -> None:
    desk.refuses(data, DocumentFault.MALFORMED)


def test_an_envelope_over_the_limit_is_refused_unread(desk: Desk) -> None:
    desk.refuses(b" " * (limits.MAX_ENVELOPE_BYTES + 1), DocumentFault.TOO_LARGE)


def test_signed_nonsense_is_malformed(desk: Desk, sichuan: Office, chongqing: Office) -> None:
    keys = [*sichuan.keys, *chongqing.keys]
    payload = FIRST.to_payload()
    for nonsense in (b"[]", payload[:-1] + b',"version":2}', payload[:-1] + b',"next":1}'):
        data = envelope.make(FIRST.TYP, nonsense, keys)
        desk.refuses(data, DocumentFault.MALFORMED)


def test_a_list_that_contradicts_itself_is_refused_even_if_all_signed(
    desk: Desk, sichuan: Office, chongqing: Office
) -> None:
    bad = successor(FIRST, entries=(entry(), entry()))
    desk.refuses(signed(bad, sichuan, chongqing), DocumentFault.CONTENT)


@pytest.mark.parametrize(
    "line",
    [
        {"source": side(GUIZHOU)},
        {"target": side(GUIZHOU)},
        {"source": side(SICHUAN, GUIZHOU_TYPE)},
        {"target": side(CHONGQING, GUIZHOU_TYPE)},
        {"source": side(GUANGAN), "target": side(SICHUAN)},
    ],
)
def test_a_list_that_oversteps_is_refused_whole_even_if_all_signed(
    desk: Desk, sichuan: Office, chongqing: Office, line: dict[str, Any]
) -> None:
    bad = successor(FIRST, entries=(entry(), entry("2", **({"fields": copy("性别")} | line))))
    refusal = desk.refuses(signed(bad, sichuan, chongqing), DocumentFault.OVERSTEPS)
    assert refusal.where.startswith("entries.2")


# -- rollback, freeze, fast-forward, wrong address --------------------------------------------


def test_yesterday_s_list_is_refused(
    desk: Desk, second: RecognitionList, sichuan: Office, chongqing: Office
) -> None:
    desk.accept(signed(second, sichuan, chongqing))
    desk.refuses(signed(FIRST, sichuan, chongqing), DocumentFault.ROLLBACK)


def test_the_mark_outlives_the_list(
    trust: TrustBook, second: RecognitionList, sichuan: Office, chongqing: Office
) -> None:
    empty = RecognitionBook({FIRST.slot: Mark(2, "0" * 64)})
    for document, fault in (
        (FIRST, DocumentFault.ROLLBACK),
        (second, DocumentFault.VERSION_CONFLICT),
    ):
        with pytest.raises(DocumentRefusedError) as refusal:
            empty.accept(signed(document, sichuan, chongqing), trust=trust, reader=CHONGQING, at=AT)
        assert refusal.value.fault is fault


def test_the_same_version_with_other_content_is_refused(
    desk: Desk, sichuan: Office, chongqing: Office
) -> None:
    other = FIRST.model_copy(update={"title": "另一份"})
    desk.refuses(signed(other, sichuan, chongqing), DocumentFault.VERSION_CONFLICT)


def test_a_successor_of_something_else_is_refused(
    desk: Desk, second: RecognitionList, sichuan: Office, chongqing: Office
) -> None:
    for previous in (None, "0" * 64):
        stranger = second.model_copy(update={"previous": previous})
        desk.refuses(signed(stranger, sichuan, chongqing), DocumentFault.PREDECESSOR)


def test_a_version_jump_needs_a_second_person(
    desk: Desk, sichuan: Office, chongqing: Office
) -> None:
    far = successor(FIRST, version=2 + limits.MAX_VERSION_JUMP)
    data = signed(far, sichuan, chongqing)
    desk.refuses(data, DocumentFault.VERSION_JUMP)
    desk.accept(data, confirmed=True)
    assert desk.book.marks[FIRST.slot].version == far.version


def test_an_expired_list_is_refused_to_the_second(
    desk: Desk, sichuan: Office, chongqing: Office
) -> None:
    data = signed(successor(FIRST, expires=AT), sichuan, chongqing)
    desk.refuses(data, DocumentFault.EXPIRED)
    desk.accept(data, at=AT - timedelta(seconds=1))


def test_a_list_from_the_future_is_refused(desk: Desk, sichuan: Office, chongqing: Office) -> None:
    issued = AT + limits.LIST_CLOCK_SKEW + timedelta(seconds=1)
    data = signed(successor(FIRST, issued=issued), sichuan, chongqing)
    desk.refuses(data, DocumentFault.FROM_FUTURE)
    desk.accept(data, at=AT + timedelta(seconds=1))


def test_a_list_for_another_region_is_refused(
    desk: Desk, second: RecognitionList, sichuan: Office, chongqing: Office
) -> None:
    elsewhere = second.model_copy(update={"audience": (SICHUAN, GUIZHOU)})
    desk.refuses(signed(elsewhere, sichuan, chongqing), DocumentFault.AUDIENCE)
    desk.refuses(signed(second, sichuan, chongqing), DocumentFault.AUDIENCE, reader=GUIZHOU)


def test_another_owner_cannot_push_a_list_out_by_its_name(
    desk: Desk, chongqing: Office, guizhou: Office
) -> None:
    theirs = recognition_list(
        owner=GUIZHOU, parties=(GUIZHOU, CHONGQING), audience=("000000",), version=900
    )
    desk.accept(signed(theirs, guizhou, chongqing))
    assert desk.book.get(FIRST.slot) == FIRST
    assert len(desk.book.lists) == 2


# -- too much for one person ------------------------------------------------------------------


def many(count: int, start: int = 0) -> tuple[Any, ...]:
    return tuple(entry(str(n)) for n in range(start, start + count))


@pytest.mark.parametrize(
    ("entries", "held"), [(many(8), False), (many(7), True), (many(12), False), (many(13), True)]
)
def test_a_change_of_over_a_fifth_is_held_until_confirmed(
    trust: TrustBook, sichuan: Office, chongqing: Office, entries: tuple[Any, ...], held: bool
) -> None:
    first = recognition_list(*many(10))
    desk = Desk(trust, signed(first, sichuan, chongqing))
    data = signed(successor(first, entries=entries), sichuan, chongqing)
    if held:
        desk.refuses(data, DocumentFault.LARGE_CHANGE)
    desk.accept(data, confirmed=held)
    assert len(desk.book.lists[0].document.entries) == len(entries)


def test_a_party_cannot_be_dropped_by_the_others_unseen(
    trust: TrustBook, sichuan: Office, chongqing: Office, guizhou: Office
) -> None:
    first = recognition_list(entry(), parties=(SICHUAN, CHONGQING, GUIZHOU))
    desk = Desk(trust, signed(first, sichuan, chongqing, guizhou))
    without = signed(successor(first, parties=(SICHUAN, CHONGQING)), sichuan, chongqing)
    refusal = desk.refuses(without, DocumentFault.LARGE_CHANGE)
    assert GUIZHOU in refusal.zh
    desk.accept(without, confirmed=True)


# -- keeping ----------------------------------------------------------------------------------


def test_a_restored_book_is_the_same_and_knows_what_has_expired(desk: Desk) -> None:
    again = RecognitionBook.restored(
        desk.book.documents.values(), desk.book.marks, trust=desk.trust
    )
    assert again.documents == desk.book.documents
    assert again.marks == desk.book.marks
    assert again.decide(**QUESTION, at=AT).facts == desk.book.decide(**QUESTION, at=AT).facts
    assert again.decide(**QUESTION, at=EXPIRES).reason is Reason.LIST_EXPIRED


@pytest.mark.parametrize("stored", ["older", "newer", "none"])
def test_a_document_that_its_mark_does_not_name_is_not_restored(
    desk: Desk, second: RecognitionList, sichuan: Office, chongqing: Office, stored: str
) -> None:
    mark = desk.book.marks[FIRST.slot]
    data = signed(second if stored == "newer" else FIRST, sichuan, chongqing)
    marks = {"older": {FIRST.slot: Mark(2, "0" * 64)}, "newer": {FIRST.slot: mark}, "none": {}}
    with pytest.raises(DocumentRefusedError) as refusal:
        RecognitionBook.restored([data], marks[stored], trust=desk.trust)
    expected = DocumentFault.ROLLBACK if stored == "older" else DocumentFault.VERSION_CONFLICT
    assert refusal.value.fault is expected


def test_a_stored_document_that_breaks_the_rules_is_not_restored(
    trust: TrustBook, sichuan: Office, chongqing: Office
) -> None:
    data = signed(recognition_list(entry(source=side(GUIZHOU))), sichuan, chongqing)
    marks = {FIRST.slot: Mark(1, envelope.parse(data).digest)}
    with pytest.raises(DocumentRefusedError) as refusal:
        RecognitionBook.restored([data], marks, trust=trust)
    assert refusal.value.fault is DocumentFault.OVERSTEPS


def test_what_is_handed_out_is_a_copy(desk: Desk) -> None:
    desk.book.marks.clear()
    desk.book.documents.clear()
    assert (len(desk.book.marks), len(desk.book.documents)) == (1, 1)


@pytest.fixture
def rotating() -> Office:
    return Office(SICHUAN)


def test_new_roots_that_no_longer_prove_a_list_end_it(rotating: Office, chongqing: Office) -> None:
    desk = Desk(trust_in(rotating, chongqing), signed(FIRST, rotating, chongqing))
    stored = desk.book.documents.values()
    assert desk.book.follow_roots(desk.trust) == ()
    desk.trust.pin(rotating.new_recognition_keys(), at=AT)
    assert desk.book.follow_roots(desk.trust) == (FIRST.slot,)
    assert desk.book.decide(**QUESTION, at=AT).reason is Reason.LIST_MISSING
    assert desk.book.documents == {}
    assert FIRST.slot in desk.book.marks
    with pytest.raises(DocumentRefusedError) as refusal:
        RecognitionBook.restored(stored, desk.book.marks, trust=desk.trust)
    assert refusal.value.fault is DocumentFault.TOO_FEW_SIGNATURES


def test_after_a_stolen_key_ran_the_version_up_new_roots_let_honest_lists_in_again(
    rotating: Office, chongqing: Office
) -> None:
    runaway = FIRST.model_copy(update={"version": limits.MAX_SAFE_INTEGER})
    desk = Desk(trust_in(rotating, chongqing), signed(runaway, rotating, chongqing))
    before = desk.trust.roots(SICHUAN)
    desk.trust.pin(rotating.new_recognition_keys(), at=AT)
    assert desk.book.follow_roots(desk.trust, before) == (FIRST.slot,)
    assert desk.book.marks == {}
    desk.accept(signed(FIRST, rotating, chongqing))
    assert desk.book.get(FIRST.slot) == FIRST


def test_roots_that_stay_lower_no_mark(rotating: Office, chongqing: Office) -> None:
    desk = Desk(trust_in(rotating, chongqing), signed(FIRST, rotating, chongqing))
    before = desk.trust.roots(CHONGQING)
    desk.trust.pin(rotating.new_recognition_keys(), at=AT)
    assert desk.book.follow_roots(desk.trust, before) == (FIRST.slot,)
    assert FIRST.slot in desk.book.marks


def test_new_keys_of_a_region_that_is_no_party_lower_no_mark(
    rotating: Office, chongqing: Office
) -> None:
    stranger = Office(GUIZHOU)
    trust = trust_in(rotating, chongqing, stranger)
    desk = Desk(trust, signed(FIRST, rotating, chongqing))
    before = trust.roots(GUIZHOU)
    for office in (rotating, stranger):
        trust.pin(office.new_recognition_keys(), at=AT)
    assert desk.book.follow_roots(trust, before) == (FIRST.slot,)
    assert FIRST.slot in desk.book.marks
