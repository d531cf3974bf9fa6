"""What every register promises, over the one in memory and the one in SQL."""

from __future__ import annotations

from datetime import date, datetime, timedelta, timezone
from typing import TYPE_CHECKING

import pytest

from ecert.errors import (
    FormatError,
    RegisterError,
    RequestConflictError,
    UnknownLicenceError,
)
from ecert.issuers.lifecycle import Move
from ecert.issuers.register import LicenceEvent, RecordedRequest
from ecert.model.codes import make_uscc
from ecert.model.holders import Holder
from ecert.model.licence import LicenceState
from tests.unit.issuers.sample_register import (
    AT,
    LATER,
    NUMBER,
    a_licence,
    a_publication,
    an_event,
    breaking_off,
    contents,
    licence_id,
    reserve,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from ecert.issuers.register import Register, RegisterTransaction
    from ecert.model.licence import Licence

MICROSECOND = timedelta(microseconds=1)

# -- licences -------------------------------------------------------------------------------------

ODD_LICENCES = {
    "plain": a_licence(),
    "rare ideographs and a variation sequence": a_licence(
        holders=(Holder("𠮷田𪚥\U000e0100", NUMBER),), fields={"住址": "𫝀\U00030000路9号"}
    ),
    "minority name": a_licence(holders=(Holder("阿卜杜拉·买买提", NUMBER),)),
    "Tibetan and Uyghur script": a_licence(
        holders=(Holder("བསྟན་འཛིན", NUMBER),), fields={"姓名": "ئابدۇللا"}
    ),
    "enterprise and several holders": a_licence(
        number="JY15116230012345",
        holders=(
            Holder.enterprise("广安某某食品有限公司", make_uscc("91", "511600", "12345678")),
            Holder("李娜", "E12345678", "414"),
            Holder("Ann O'Neill", "H1234567890", "516"),
        ),
    ),
    "open end and a predecessor": a_licence(valid_until=None, predecessor=a_licence(99).id),
    "dates at the edges": a_licence(
        issued_on=date(1949, 10, 1), valid_from=date(1900, 1, 1), valid_until=date(9999, 12, 31)
    ),
    "leap day": a_licence(valid_until=date(2028, 2, 29)),
    "no fields": a_licence(fields={}),
    "fields that look like code": a_licence(
        fields={"备注": "'; DROP TABLE licence; -- \"\\ %s :key ?", "空": "", "行": "a\nb\x00c"}
    ),
    "many long fields": a_licence(fields={f"项{i}": "字" * 1000 for i in range(64)}),
    **{
        f"state {state}": a_licence(state=state)
        for state in LicenceState
        if state not in {LicenceState.ISSUED, LicenceState.EXPIRED}
    },
}


@pytest.mark.parametrize("licence", ODD_LICENCES.values(), ids=ODD_LICENCES.keys())
def test_a_licence_comes_back_as_it_went_in(register: Register, licence: Licence) -> None:
    with register.transaction() as tx:
        tx.add_licence(licence)
        assert tx.licence(str(licence.id)) == licence
    with register.view() as view:
        back = view.licence(str(licence.id))
    assert back == licence
    assert list(back.fields.items()) == list(licence.fields.items())
    assert [holder.name for holder in back.holders] == [holder.name for holder in licence.holders]


def test_licences_come_in_the_order_in_which_they_were_added(register: Register) -> None:
    serials = [7, 3, 9, 1, 1200, 2]
    with register.transaction() as tx:
        for serial in serials:
            tx.add_licence(a_licence(serial))
        tx.set_state(licence_id(3), LicenceState.SUSPENDED)
    with register.view() as view:
        assert [str(one.id) for one in view.licences()] == [licence_id(one) for one in serials]


def test_more_licences_than_one_page_are_all_seen_once(register: Register) -> None:
    with register.transaction() as tx:
        for serial in range(1, 1102):
            tx.add_licence(a_licence(serial))
    with register.view() as view:
        assert [str(one.id) for one in view.licences()] == [
            licence_id(one) for one in range(1, 1102)
        ]


def test_licences_can_be_changed_while_iterating(register: Register) -> None:
    with register.transaction() as tx:
        for serial in range(600):
            tx.add_licence(a_licence(serial))
    with register.transaction() as tx:
        for licence in tx.licences():
            tx.set_state(str(licence.id), LicenceState.REVOKED)
    with register.view() as view:
        states = [licence.state for licence in view.licences()]
    assert states == [LicenceState.REVOKED] * 600


def test_one_number_may_have_several_licences(register: Register) -> None:
    with register.transaction() as tx:
        tx.add_licence(a_licence(2))
        tx.add_licence(a_licence(1, state=LicenceState.CANCELLED))
        tx.add_licence(a_licence(3, number="另一个号码"))
    with register.view() as view:
        assert view.find_by_number(NUMBER) == (
            a_licence(2),
            a_licence(1, state=LicenceState.CANCELLED),
        )
        assert view.find_by_number(NUMBER[:-1]) == ()


def test_a_second_licence_with_the_same_id_is_refused_and_the_first_stays(
    register: Register,
) -> None:
    with register.transaction() as tx:
        tx.add_licence(a_licence())
    with pytest.raises(RegisterError) as caught, register.transaction() as tx:
        tx.add_licence(a_licence(fields={"准驾车型": "A1"}))
    assert caught.value.where == licence_id()
    with register.view() as view:
        assert view.licence(licence_id()) == a_licence()


def test_setting_a_state_changes_nothing_else(register: Register) -> None:
    licence = ODD_LICENCES["enterprise and several holders"]
    with register.transaction() as tx:
        tx.add_licence(licence)
        for state in set(LicenceState) - {LicenceState.EXPIRED}:
            tx.set_state(str(licence.id), state)
            assert tx.licence(str(licence.id)).state is state
        tx.set_state(str(licence.id), LicenceState.TRANSFERRED)
        # A matter of the day; recorded, it could not be read again.
        with pytest.raises(FormatError) as caught:
            tx.set_state(str(licence.id), LicenceState.EXPIRED)
        assert caught.value.where == "state"
    with register.view() as view:
        assert view.licence(str(licence.id)).to_dict() == {
            **licence.to_dict(),
            "state": "transferred-out",
        }


UNKNOWN: dict[str, Callable[[RegisterTransaction], object]] = {
    "licence": lambda tx: tx.licence(licence_id(5)),
    "set_state": lambda tx: tx.set_state(licence_id(5), LicenceState.REVOKED),
    "add_event": lambda tx: tx.add_event(an_event(5)),
    "credential": lambda tx: tx.credential(licence_id(5)),
    "record_signed": lambda tx: tx.record_signed(licence_id(5), b"signed", AT),
    "set_status": lambda tx: tx.set_status(licence_id(5), 1, AT),
    "add_credential": lambda tx: reserve(tx, serial=5),
}


@pytest.mark.parametrize("act", UNKNOWN.values(), ids=UNKNOWN.keys())
def test_what_is_unknown_is_named_in_both_languages(
    register: Register, act: Callable[[RegisterTransaction], object]
) -> None:
    with register.transaction() as tx:
        tx.add_licence(a_licence())
    before = contents(register)
    with pytest.raises(UnknownLicenceError) as caught, register.transaction() as tx:
        act(tx)
    assert caught.value.where == licence_id(5)
    assert "证照库中没有" in caught.value.zh
    assert "no such" in caught.value.en
    assert contents(register) == before


def test_looking_for_what_may_be_absent_finds_nothing(register: Register) -> None:
    with register.view() as view:
        assert view.request("r1") is None
        assert view.find_by_number(NUMBER) == ()
        assert list(view.licences()) == []
        assert view.events(licence_id()) == ()
        assert view.credential_by_request("request-c1") is None
        assert view.credentials_of(licence_id()) == ()
        assert view.list_numbers() == ()
        assert view.statuses(1) == {}
        assert view.publication("trust-list") is None
        with pytest.raises(RegisterError) as caught:
            view.list_size(1)
    assert caught.value.where == "1"


# -- events ---------------------------------------------------------------------------------------


def test_events_come_back_in_order_to_the_microsecond(register: Register) -> None:
    chengdu = timezone(timedelta(hours=8))
    events = (
        an_event(),
        LicenceEvent(
            licence_id(), Move.SUSPEND, datetime(2026, 11, 22, 10, 0, tzinfo=chengdu),
            "酒后驾驶", "川公交〔2026〕第１２号", "王警官𠮷", "r1",
        ),
        LicenceEvent(licence_id(), Move.REINSTATE, AT - timedelta(days=40_000), "", "", "", None),
    )  # fmt: skip
    with register.transaction() as tx:
        tx.add_licence(a_licence(1))
        tx.add_licence(a_licence(2))
        for event in events:
            tx.add_event(event)
        tx.add_event(an_event(2))
    with register.view() as view:
        assert view.events(licence_id()) == events
        assert view.events(licence_id())[0].at - AT == timedelta(0)
        assert len(view.events(licence_id(2))) == 1


@pytest.mark.parametrize("name", ["reason", "document", "actor"])
def test_an_event_holds_no_text_that_shows_nothing(name: str) -> None:
    texts = {"reason": "", "document": "", "actor": "", name: "abc\ud800"}
    with pytest.raises(FormatError) as caught:
        LicenceEvent(licence_id(), Move.ISSUE, AT, **texts, request_id=None)
    assert caught.value.where == name
    assert "U+D800" in caught.value.zh


# -- requests -------------------------------------------------------------------------------------


def test_a_request_is_remembered_with_its_result(register: Register) -> None:
    request = RecordedRequest("r1", "issue", "digest", licence_id())
    with register.transaction() as tx:
        assert tx.request("r1") is None
        tx.record_request(request)
        assert tx.request("r1") == request
    with register.view() as view:
        assert view.request("r1") == request
        assert view.request("R1") is None


def test_a_request_id_is_recorded_once(register: Register) -> None:
    with register.transaction() as tx:
        tx.record_request(RecordedRequest("r1", "issue", "digest", "first"))
    with pytest.raises(RequestConflictError) as caught, register.transaction() as tx:
        tx.record_request(RecordedRequest("r1", "issue", "digest", "second"))
    assert caught.value.where == "r1"
    with register.view() as view:
        assert view.request("r1") == RecordedRequest("r1", "issue", "digest", "first")


# -- nonces ---------------------------------------------------------------------------------------


def test_a_nonce_is_good_for_one_use(register: Register) -> None:
    with register.transaction() as tx:
        tx.add_nonce(b"one", LATER)
    with register.transaction() as tx:
        assert tx.consume_nonce(b"one", AT)
        assert not tx.consume_nonce(b"one", AT)
    with register.transaction() as tx:
        assert not tx.consume_nonce(b"one", AT)
        assert not tx.consume_nonce(b"unknown", AT)


@pytest.mark.parametrize(
    ("at", "good"), [(LATER - MICROSECOND, True), (LATER, False), (LATER + MICROSECOND, False)]
)
def test_a_nonce_is_good_until_it_expires(register: Register, at: datetime, good: bool) -> None:
    with register.transaction() as tx:
        tx.add_nonce(b"one", LATER)
        assert tx.consume_nonce(b"one", at) is good


def test_an_expired_nonce_is_forgotten_whichever_nonce_is_used(register: Register) -> None:
    with register.transaction() as tx:
        tx.add_nonce(b"old", AT)
        tx.add_nonce(b"new", LATER)
        assert tx.consume_nonce(b"new", AT)
        # Were it still there, adding it would be refused.
        tx.add_nonce(b"old", LATER)


def test_a_nonce_cannot_be_registered_twice(register: Register) -> None:
    with register.transaction() as tx:
        tx.add_nonce(b"one", AT)
        with pytest.raises(RegisterError) as caught:
            tx.add_nonce(b"one", LATER)
    assert caught.value.where == "nonce"


def test_a_nonce_used_in_a_transaction_that_fails_is_not_used(register: Register) -> None:
    with register.transaction() as tx:
        tx.add_nonce(b"one", LATER)
    with breaking_off(register) as tx:
        assert tx.consume_nonce(b"one", AT)
    with register.transaction() as tx:
        assert tx.consume_nonce(b"one", AT)


# -- publications ---------------------------------------------------------------------------------


def test_the_newest_publication_of_each_kind_is_told_and_those_before_are_kept(
    register: Register,
) -> None:
    with register.transaction() as tx:
        tx.record_publication(a_publication(1))
        tx.record_publication(a_publication(5, issued=LATER))
        tx.record_publication(a_publication(2, "status-list"))
    with register.view() as view:
        assert view.publication("trust-list") == a_publication(5, issued=LATER)
        assert view.publication("status-list") == a_publication(2, "status-list")
        assert view.publication("trust-list", at=AT - MICROSECOND) is None
        assert view.publication("trust-list", at=AT) == a_publication(1)
        assert view.publication("trust-list", at=LATER - MICROSECOND) == a_publication(1)
        assert view.publication("trust-list", at=LATER) == a_publication(5, issued=LATER)


def test_of_a_status_list_only_the_newest_keeps_its_document(register: Register) -> None:
    kind = "status-list:1"
    for version in (1, 2, 3):
        with register.transaction() as tx:
            issued = AT + version * MICROSECOND
            tx.record_publication(a_publication(version, kind, issued=issued, changes=version))
    with register.view() as view:
        kept = [view.publication(kind, at=AT + version * MICROSECOND) for version in (1, 2, 3)]
    assert [one and (one.version, one.document, one.changes) for one in kept] == [
        (1, b"", 1), (2, b"", 2), (3, b"document 3", 3),
    ]  # fmt: skip


@pytest.mark.parametrize("version", [4, 5])
def test_a_publication_whose_version_does_not_rise_is_refused(
    register: Register, version: int
) -> None:
    with register.transaction() as tx:
        tx.record_publication(a_publication(5))
    with pytest.raises(RegisterError) as caught, register.transaction() as tx:
        tx.record_publication(a_publication(version))
    assert caught.value.where == "trust-list"
    assert f"{version}" in caught.value.zh
    with register.view() as view:
        assert view.publication("trust-list") == a_publication(5)
