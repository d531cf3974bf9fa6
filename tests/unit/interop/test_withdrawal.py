"""The withdrawal notice: it takes away at once, never gives back, and outlives its expiry."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecert import limits
from ecert.errors import DocumentRefusedError
from ecert.faults import DocumentFault
from ecert.interop.book import RecognitionBook
from ecert.interop.decision import ListInForce, Question, RecognitionIndex
from ecert.interop.entry import Withdrawal
from ecert.interop.withdrawal import WithdrawalNotice, WithdrawnEntry, withheld
from ecert.reasons import Reason
from ecert.sign import envelope
from ecert.sign.keys import PrivateKey
from tests.unit.interop.regions import (
    AT,
    CHONGQING,
    EXPIRES,
    GUANGAN,
    GUIZHOU,
    ISSUED,
    ISSUER,
    NATIONAL,
    SICHUAN,
    YUZHONG,
    Office,
    entry,
    recognition_list,
    side,
    signed,
    successor,
    trust_in,
)

if TYPE_CHECKING:
    from ecert.interop.decision import Decision
    from ecert.trust.book import TrustBook

TODAY = date(2026, 11, 22)
BACK = entry("2", source=side(CHONGQING), target=side(SICHUAN))
AWAY = entry("3", source=side(SICHUAN), target=side(GUIZHOU))
FIRST = recognition_list(
    entry(), BACK, AWAY,
    parties=(SICHUAN, CHONGQING, GUIZHOU), audience=(SICHUAN, CHONGQING, GUIZHOU),
)  # fmt: skip


def gone(id_: str = "1", **changes: Any) -> WithdrawnEntry:
    parts: dict[str, Any] = {"entry": id_, "on": TODAY, "basis": "渝府办〔2026〕9号"}
    return WithdrawnEntry(**(parts | changes))


def notice(*lines: WithdrawnEntry, **changes: Any) -> WithdrawalNotice:
    """Return a notice of Chongqing's about the first list."""
    parts: dict[str, Any] = {
        "owner": CHONGQING,
        "audience": (SICHUAN, CHONGQING, GUIZHOU),
        "version": 1,
        "issued": AT,
        "expires": EXPIRES,
        "list_owner": SICHUAN,
        "list_id": "chuan-yu",
        "withdrawals": lines or (gone(),),
    }
    return WithdrawalNotice(**(parts | changes))


def next_notice(before: WithdrawalNotice, *lines: WithdrawnEntry, **changes: Any) -> Any:
    digest = envelope.parse(by_anyone(before)).digest
    head = {"version": before.version + 1, "previous": digest}
    return notice(*lines, **(head | changes))


def by_anyone(document: WithdrawalNotice) -> bytes:
    return signed(document, STRANGER)


STRANGER = Office("110000")


class Window:
    """A window in Chongqing under the first list."""

    def __init__(self, trust: TrustBook, *offices: Office) -> None:
        self.trust = trust
        self.book = RecognitionBook()
        self.take(signed(FIRST, *offices))

    def take(self, data: bytes, **changes: Any) -> None:
        given: dict[str, Any] = {"trust": self.trust, "reader": CHONGQING, "at": AT}
        self.book.accept_any(data, **(given | changes))

    def refuses(self, data: bytes, fault: DocumentFault, where: str, **changes: Any) -> None:
        before = (self.book.marks, self.book.documents, self.decide().reason)
        with pytest.raises(DocumentRefusedError) as refusal:
            self.take(data, **changes)
        assert (refusal.value.fault, refusal.value.where) == (fault, where)
        assert (self.book.marks, self.book.documents, self.decide().reason) == before

    def decide(self, **changes: Any) -> Decision:
        asked: dict[str, Any] = {
            "licence_type": NATIONAL, "licence_region": GUANGAN, "issuer": ISSUER,
            "reader_region": YUZHONG, "matter": None, "at": AT,
        }  # fmt: skip
        return self.book.decide(**(asked | changes))


@pytest.fixture
def window(sichuan: Office, chongqing: Office, guizhou: Office) -> Window:
    return Window(trust_in(sichuan, chongqing, guizhou), sichuan, chongqing, guizhou)


@pytest.mark.parametrize("owner", [CHONGQING, SICHUAN], ids=["accepting", "issuing"])
def test_either_side_alone_stops_recognition_at_once(
    window: Window, sichuan: Office, chongqing: Office, owner: str
) -> None:
    assert window.decide().recognised
    office = {SICHUAN: sichuan, CHONGQING: chongqing}[owner]
    document = notice(owner=owner)
    window.take(signed(document, office))
    decision = window.decide()
    assert decision.reason is Reason.TYPE_NOT_LISTED
    told = decision.facts
    assert (told["withdrawn_on"], told["withdrawal_basis"]) == ("2026-11-22", "渝府办〔2026〕9号")
    assert (told["notice_by"], told["notice_version"]) == (owner, 1)
    assert told["notice_digest"] == envelope.parse(by_anyone(document)).digest
    other = {"licence_region": CHONGQING, "reader_region": SICHUAN}
    assert window.decide(**other).recognised, "the entry of the other direction stands"


def test_it_holds_from_its_day_on(window: Window, chongqing: Office) -> None:
    window.take(signed(notice(gone(on=TODAY + timedelta(days=1))), chongqing))
    # The last second of the day in China, and midnight.
    midnight = AT.replace(hour=16)
    assert window.decide(at=midnight - timedelta(seconds=1)).recognised
    assert window.decide(at=midnight).reason is Reason.TYPE_NOT_LISTED


def test_of_two_withdrawals_the_earlier_day_counts_and_is_told(
    window: Window, sichuan: Office, chongqing: Office
) -> None:
    window.take(signed(notice(gone(on=TODAY, basis="后")), chongqing))
    early = gone(on=TODAY - timedelta(days=1), basis="先")
    window.take(signed(notice(early, owner=SICHUAN), sichuan))
    assert window.decide().facts["withdrawal_basis"] == "先"
    assert window.decide(at=AT - timedelta(days=1)).reason is Reason.TYPE_NOT_LISTED


def test_where_the_list_itself_withdrew_earlier_the_list_is_told(
    sichuan: Office, chongqing: Office, guizhou: Office
) -> None:
    window = Window(trust_in(sichuan, chongqing, guizhou), sichuan, chongqing, guizhou)
    listed = Withdrawal(on=TODAY - timedelta(days=3), basis="清单")
    second = successor(FIRST, entries=(entry(withdrawn=listed), BACK, AWAY))
    window.take(signed(second, sichuan, chongqing, guizhou))
    window.take(signed(notice(), chongqing))
    told = window.decide().facts
    assert told["withdrawal_basis"] == "清单"
    assert "notice_by" not in told


# -- attacks ----------------------------------------------------------------------------------


def test_a_region_that_is_no_party_cannot_withdraw(window: Window) -> None:
    window.trust.pin(STRANGER.roots_data, at=AT)
    window.refuses(by_anyone(notice(owner=STRANGER.region)), DocumentFault.OVERSTEPS, "owner")


def test_a_party_cannot_withdraw_what_two_others_agreed(window: Window, guizhou: Office) -> None:
    data = signed(notice(owner=GUIZHOU), guizhou)
    window.refuses(data, DocumentFault.OVERSTEPS, "withdrawals.1")


def test_an_entry_that_does_not_exist_is_refused_whole(window: Window, chongqing: Office) -> None:
    data = signed(notice(gone(), gone("99")), chongqing)
    window.refuses(data, DocumentFault.CONTENT, "withdrawals.99")


def test_a_notice_in_force_stays_known_after_the_list_has_dropped_its_entry(
    window: Window, sichuan: Office, chongqing: Office, guizhou: Office
) -> None:
    data = signed(notice(), chongqing)
    window.take(data)
    answered = successor(FIRST, entries=(BACK, AWAY), issued=AT)
    window.take(signed(answered, sichuan, chongqing, guizhou))
    before = window.book.marks
    window.take(data)  # as every synchronisation offers it again
    assert window.book.marks == before


def test_a_list_that_is_not_here_is_named(window: Window, chongqing: Office) -> None:
    data = signed(notice(list_id="other"), chongqing)
    window.refuses(data, DocumentFault.CONTENT, "list_id")


def test_signed_by_too_few_by_another_party_or_in_another_s_name(
    window: Window, sichuan: Office, chongqing: Office
) -> None:
    payload = notice().to_payload()
    one = envelope.make(WithdrawalNotice.TYP, payload, chongqing.keys[:1])
    window.refuses(one, DocumentFault.TOO_FEW_SIGNATURES, "signatures")
    same = envelope.make(WithdrawalNotice.TYP, payload, [chongqing.keys[0]] * 2)
    window.refuses(same, DocumentFault.TOO_FEW_SIGNATURES, "signatures")
    other = envelope.make(WithdrawalNotice.TYP, payload, sichuan.keys)
    window.refuses(other, DocumentFault.TOO_FEW_SIGNATURES, "signatures")


def test_signatures_under_a_list_are_no_signatures_under_a_notice(
    window: Window, chongqing: Office
) -> None:
    as_list = envelope.make(FIRST.TYP, notice().to_payload(), chongqing.keys)
    with pytest.raises(DocumentRefusedError) as refusal:
        window.take(as_list)
    assert refusal.value.fault is DocumentFault.MALFORMED


def test_rollback_of_a_notice(window: Window, chongqing: Office) -> None:
    first = notice()
    second = next_notice(first, gone(), gone("2"))
    window.take(signed(first, chongqing))
    window.take(signed(second, chongqing))
    window.refuses(signed(first, chongqing), DocumentFault.ROLLBACK, "version")
    other = notice(gone(), gone("2"), version=2)
    window.refuses(signed(other, chongqing), DocumentFault.VERSION_CONFLICT, "version")
    stray = notice(gone(), gone("2"), version=3, previous="0" * 64)
    window.refuses(signed(stray, chongqing), DocumentFault.PREDECESSOR, "previous")


@pytest.mark.parametrize(
    "lines", [(gone("2"),), (gone(on=TODAY + timedelta(days=9)), gone("2"))], ids=["gone", "later"]
)
def test_a_later_notice_gives_nothing_back(
    window: Window, chongqing: Office, lines: tuple[WithdrawnEntry, ...]
) -> None:
    first = notice()
    window.take(signed(first, chongqing))
    data = signed(next_notice(first, *lines), chongqing)
    window.refuses(data, DocumentFault.CONTENT, "withdrawals.1")
    window.take(signed(next_notice(first, gone(on=TODAY - timedelta(days=1))), chongqing))


@pytest.mark.parametrize("extra", ["matters", "valid_from", "target"])
def test_a_notice_that_says_what_only_a_list_may_say(
    window: Window, chongqing: Office, extra: str
) -> None:
    plain = orjson.loads(notice().to_payload())
    plain["withdrawals"][0][extra] = ["*"]
    data = envelope.make(WithdrawalNotice.TYP, orjson.dumps(plain), chongqing.keys)
    window.refuses(data, DocumentFault.MALFORMED, WithdrawalNotice.TYP)


def test_for_another_region_or_from_the_future(window: Window, chongqing: Office) -> None:
    away = signed(notice(audience=(GUIZHOU,)), chongqing)
    window.refuses(away, DocumentFault.AUDIENCE, "audience")
    edge = AT + limits.LIST_CLOCK_SKEW
    late = signed(notice(issued=edge + timedelta(seconds=1)), chongqing)
    window.refuses(late, DocumentFault.FROM_FUTURE, "issued")
    window.take(signed(notice(issued=edge), chongqing))


def test_contradictions(window: Window, chongqing: Office) -> None:
    twice = signed(notice(gone(), gone()), chongqing)
    window.refuses(twice, DocumentFault.CONTENT, "withdrawals")
    dates = signed(notice(expires=AT), chongqing)
    window.refuses(dates, DocumentFault.CONTENT, "expires")


def test_a_far_jump_waits_for_a_second_person(window: Window, chongqing: Office) -> None:
    first = notice()
    window.take(signed(first, chongqing))
    at_limit = 1 + limits.MAX_VERSION_JUMP
    over = signed(notice(version=at_limit + 1), chongqing)
    window.refuses(over, DocumentFault.VERSION_JUMP, "version")
    window.take(signed(notice(version=at_limit), chongqing))


def test_as_many_entries_as_the_limit() -> None:
    lines = tuple(gone(str(number)) for number in range(limits.MAX_WITHDRAWALS))
    notice(*lines).check_content()
    with pytest.raises(ValueError, match="withdrawals"):
        notice(*lines, gone("over"))


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["510000", "500000"]),
            st.sets(st.sampled_from(["1", "2"]), min_size=1),
            st.integers(-3, 3),
            st.integers(-3, 3),
        ),
        max_size=4,
    )
)
def test_no_notices_ever_add_recognition(
    notices: list[tuple[str, set[str], int, int]],
) -> None:
    told = []
    for owner, entries, day, made in notices:
        lines = [gone(id_, on=TODAY + timedelta(days=day)) for id_ in sorted(entries)]
        issued = ISSUED + timedelta(hours=made)
        told.append((notice(*lines, owner=owner, issued=issued), "0" * 64))
    digest = "1" * 64
    without = RecognitionIndex([ListInForce(FIRST, digest)])
    under = RecognitionIndex([ListInForce(FIRST, digest, withheld(FIRST, told))])
    for issuing, accepting in ((GUANGAN, YUZHONG), (YUZHONG, GUANGAN), (GUANGAN, GUIZHOU)):
        for day in range(-4, 5):
            on = TODAY + timedelta(days=day)
            question = Question(NATIONAL, issuing, ISSUER, accepting, None, on)
            before, after = without.decide(question, AT), under.decide(question, AT)
            assert before.recognised or not after.recognised
            withdrawn = any(
                one.speaks_over(FIRST) and line.on <= on and line.entry == before.entry.id
                for one, _ in told
                for line in one.withdrawals
                if before.entry is not None
            )
            assert after.recognised == (before.recognised and not withdrawn)


# -- how long it holds --------------------------------------------------------------------------


def test_expiry_neither_ends_it_nor_keeps_it_out(window: Window, chongqing: Office) -> None:
    short = notice(issued=AT - timedelta(hours=2), expires=AT - timedelta(hours=1))
    window.take(signed(short, chongqing))
    assert window.decide().reason is Reason.TYPE_NOT_LISTED
    assert window.decide(at=AT + timedelta(days=20)).reason is Reason.TYPE_NOT_LISTED


def test_a_list_version_made_before_the_notice_does_not_answer_it(
    window: Window, sichuan: Office, chongqing: Office, guizhou: Office
) -> None:
    window.take(signed(notice(), chongqing))
    under_way = successor(FIRST, issued=AT, title="另一标题")
    window.take(signed(under_way, sichuan, chongqing, guizhou))
    assert window.decide().reason is Reason.TYPE_NOT_LISTED


def test_what_the_list_no_longer_has_need_not_be_carried_on(
    window: Window, sichuan: Office, chongqing: Office, guizhou: Office
) -> None:
    first = notice()
    window.take(signed(first, chongqing))
    shorter = successor(FIRST, entries=(BACK, AWAY))
    window.take(signed(shorter, sichuan, chongqing, guizhou), confirmed=True)
    stale = signed(next_notice(first, gone(), gone("2")), chongqing)
    with pytest.raises(DocumentRefusedError) as refusal:
        window.take(stale)
    assert refusal.value.where == "withdrawals.1"
    window.take(signed(next_notice(first, gone("2")), chongqing))
    other = {"licence_region": CHONGQING, "reader_region": SICHUAN}
    assert window.decide(**other).reason is Reason.TYPE_NOT_LISTED


def test_a_later_list_version_speaks_for_itself(
    window: Window, sichuan: Office, chongqing: Office, guizhou: Office
) -> None:
    first = notice(issued=AT - timedelta(hours=1))
    window.take(signed(first, chongqing))
    later = successor(FIRST, issued=AT)
    window.take(signed(later, sichuan, chongqing, guizhou))
    assert window.decide().recognised, "every party signed it, the notice's owner among them"
    # What has been answered need not be carried on.
    window.take(signed(next_notice(first, gone("2"), issued=AT), chongqing))
    assert window.decide().recognised


def test_a_restart_keeps_notices_and_marks(window: Window, chongqing: Office) -> None:
    window.take(signed(notice(), chongqing))
    book = window.book
    again = RecognitionBook.restored(book.documents.values(), book.marks, trust=window.trust)
    assert (again.documents, again.marks) == (book.documents, book.marks)
    window.book = again
    assert window.decide().reason is Reason.TYPE_NOT_LISTED
    assert [one.owner for one in again.notices] == [CHONGQING]
    with pytest.raises(DocumentRefusedError) as refusal:
        RecognitionBook.restored(book.documents.values(), {}, trust=window.trust)
    assert refusal.value.fault is DocumentFault.VERSION_CONFLICT


def test_new_keys_of_its_owner_drop_notice_and_list_together(
    window: Window, chongqing: Office
) -> None:
    first = notice()
    window.take(signed(first, chongqing))
    before = window.trust.roots(CHONGQING)
    window.trust.pin(chongqing.new_recognition_keys(), at=AT)
    assert set(window.book.follow_roots(window.trust, before)) == {FIRST.slot, first.slot}
    assert window.decide().reason is Reason.LIST_MISSING
    assert first.slot not in window.book.marks, "a stolen key's versions block nobody"


def test_the_first_list_was_issued_before_all_this() -> None:
    assert FIRST.issued == ISSUED < AT


def test_a_partial_change_of_keys_brings_nothing_back(sichuan: Office, guizhou: Office) -> None:
    chongqing = Office(CHONGQING, recognition_keys=3)
    first, second, third = chongqing.keys
    chongqing.keys = [first, second]
    window = Window(trust_in(sichuan, chongqing, guizhou), sichuan, chongqing, guizhou)
    payload = notice().to_payload()
    window.take(envelope.make(WithdrawalNotice.TYP, payload, [second, third]))
    before = window.trust.roots(CHONGQING)
    chongqing.keys = [first, second, PrivateKey.generate()]
    window.trust.pin(chongqing.rotated(), at=AT)
    assert window.book.follow_roots(window.trust, before) == ()
    assert window.decide().reason is Reason.TYPE_NOT_LISTED
    book = window.book
    window.book = RecognitionBook.restored(book.documents.values(), book.marks, trust=window.trust)
    assert window.decide().reason is Reason.TYPE_NOT_LISTED
