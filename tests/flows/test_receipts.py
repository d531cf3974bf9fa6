"""What a window keeps of its checks, and what an auditor can do with it a year later."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import delete, update

import ecert
from ecert.errors import CustodyError, FormatError, NotAcceptedError, SignatureError, StoreError
from ecert.reasons import Outcome, Reason
from ecert.show.online import OnlineCode
from ecert.sign import envelope
from ecert.store import tables
from ecert.verify.receipt_check import ReceiptFault
from ecert.verify.receipt_replay import ReplayResult
from ecert.verify.receipts import ReceiptQuery
from ecert.verify.signed_receipt import sign_receipt
from ecert.wallet.vault import CHEAPEST
from ecert.workspace import Workspace
from tests.flows.world import MATTER, ZHANG, Clock, sample_list, sign_list

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from ecert.interop.recognition import RecognitionList
    from ecert.verify.receipt import Receipt
    from ecert.verify.signed_receipt import SignedReceipt
    from ecert.workspace.checking import Check

PLANTED = ("张伟", "510681199003071237", "1237", "准驾车型", "C1", "人民路", "51068119900307")


@dataclass
class Hall:
    """A police office, a holder, and a window that keeps receipts."""

    clock: Clock
    police: ecert.Issuer
    wallet: ecert.Wallet
    licence: ecert.Licence
    window: Workspace

    def code(self, **how: str) -> str:
        return self.wallet.show(self.licence.id, **how).text  # type: ignore[arg-type]

    def check(self, code: str | None = None, **how: object) -> Check:
        given: dict[str, object] = {"matter": MATTER, "case": "2026-0001", "clerk": "王"}
        return self.window.checks.check(self.code() if code is None else code, **(given | how))  # type: ignore[arg-type]

    def sync(self) -> None:
        self.window.knowledge.accept(self.police.trust_list())
        for status_list in self.police.status_lists():
            self.window.knowledge.accept(status_list)


@pytest.fixture(params=["sqlite", "postgresql"])
def hall(tmp_path: Path, clock: Clock, request: pytest.FixtureRequest) -> Iterator[Hall]:
    url = None
    if request.param == "postgresql":
        url = request.getfixturevalue("empty_postgres_url")
    police = ecert.Issuer.demo("四川省广安市公安局", region="511600", clock=clock)
    wallet = ecert.Wallet.create(
        tmp_path / "zhang.wallet", "nothing secret here", kdf=CHEAPEST, clock=clock
    )
    licence = police.issue(
        "机动车驾驶证", number="510681199003071237", holder=ZHANG,
        fields={"准驾车型": "C1", "住址": "四川省广安市人民路1号"}, valid_until=date(2031, 6, 1),
    )  # fmt: skip
    wallet.add(police.deliver(licence.id, wallet.request(police.nonce())))
    with Workspace.init(
        tmp_path / "chongqing", region="500000", name="重庆市政务服务中心", demo=True,
        database=url, clock=clock,
    ) as window:  # fmt: skip
        made = Hall(clock, police, wallet, licence, window)
        window.knowledge.pin(ecert.demo_roots())
        made.sync()
        window.knowledge.accept(ecert.fixture("川渝互认清单"))
        clock.advance(minutes=7, microseconds=654_321)
        yield made


def _receipt(check: Check) -> Receipt:
    assert check.fault is None
    assert check.receipt is not None
    return check.receipt.receipt


def test_a_receipt_says_who_what_when_and_by_which_lists_and_nothing_of_the_holder(
    hall: Hall,
) -> None:
    code = hall.code(profile="full")
    accepted, again = hall.check(code), hall.check(code)
    other = hall.check(matter="图书借阅")
    for check in (accepted, again, other):
        said = _receipt(check)
        assert (said.clerk, said.case, said.at) == ("王", "2026-0001", hall.clock.now)
        assert said.outcome is check.verdict.outcome
        assert said.reason is check.verdict.reason
        assert [one.digest for one in said.lists] == [
            use.digest for use in check.verdict.lists_used
        ]
        assert said.parts[0].licence == str(hall.licence.id)
        text = said.to_payload().decode().replace(said.licences[0], "")
        # In a hash or an id any few characters may stand by chance.
        text = re.sub("[0-9a-f]{64}", "", text)
        assert [personal for personal in PLANTED if personal in text] == []
    assert accepted.verdict.licence.fields["住址"] == "四川省广安市人民路1号"
    assert accepted.verdict.accepted
    assert _receipt(again).parts[0].reasons == (Reason.REPLAYED,)
    assert _receipt(other).outcome is Outcome.NOT_RECOGNISED
    assert hall.window.receipts.verify().clean


def test_what_was_not_proven_names_no_licence(hall: Hall) -> None:
    code = hall.code()
    forged = code[:100] + str((int(code[100]) + 1) % 10) + code[101:]
    for scanned in (forged, "510681199003071237", ""):
        said = _receipt(hall.check(scanned))
        assert said.outcome is not Outcome.ACCEPTED
        assert said.licences == ()
        assert said.presentation is None
        assert "510681199003071237" not in said.to_payload().decode()
        with pytest.raises(FormatError, match="摘要"):
            hall.window.receipts.replay(said, scanned)


def test_an_auditor_replays_a_year_later(hall: Hall) -> None:
    code = hall.code()
    check = hall.check(code)
    kept = hall.window.receipts.require(1)
    for _ in range(12):
        hall.clock.advance(days=30)
        hall.police.status_lists()
        hall.sync()
    newer = sample_list().model_copy(
        update={"version": 2, "issued": hall.clock.now.replace(microsecond=0)}
    )
    hall.window.knowledge.accept(_next_list(hall, newer))
    said = hall.window.receipts.prove(kept.open())
    assert said == _receipt(check)
    replay = hall.window.receipts.replay(said, code)
    assert replay.result is ReplayResult.FOLLOWS
    assert replay.then.accepted
    assert (replay.missing, replay.known_alike) == ((), True)
    assert {use.digest for use in replay.then.lists_used} == {one.digest for one in said.lists}


def _next_list(hall: Hall, newer: RecognitionList) -> bytes:
    before = envelope.parse(ecert.fixture("川渝互认清单")).unverified_payload
    document = newer.model_copy(
        update={
            "previous": hashlib.sha256(before).hexdigest(),
            "expires": hall.clock.now.replace(microsecond=0) + timedelta(days=300),
        }
    )
    return sign_list(document)


def test_a_licence_revoked_since_was_rightly_accepted_then_and_would_not_be_today(
    hall: Hall,
) -> None:
    code = hall.code()
    said = _receipt(hall.check(code))
    hall.clock.advance(days=2)
    hall.police.revoke(hall.licence.id, reason="醉驾", document="川公〔2026〕9号")
    hall.sync()
    replay = hall.window.receipts.replay(said, code)
    assert replay.result is ReplayResult.FOLLOWS
    assert (replay.today, replay.today_reasons) == (Outcome.REFUSED, (Reason.REVOKED,))


def test_an_answer_given_against_the_lists_of_its_day_is_found(hall: Hall) -> None:
    code = hall.code()
    hall.clock.advance(seconds=1)
    hall.police.revoke(hall.licence.id, reason="醉驾", document="川公〔2026〕9号")
    hall.sync()
    said = _receipt(hall.check(code))
    assert said.reason is Reason.REVOKED
    # The window's own program was made to lie, and signed it.
    (part,) = said.parts
    lie = said.model_copy(
        update={
            "outcome": Outcome.ACCEPTED, "reason": Reason.OK,
            "parts": (part.model_copy(update={"outcome": Outcome.ACCEPTED, "reasons": ()}),),
        }
    )  # fmt: skip
    replay = hall.window.receipts.replay(lie, code)
    assert replay.result is ReplayResult.DIFFERS
    assert replay.then.reason is Reason.REVOKED


def test_a_second_use_is_told_as_not_repeatable(hall: Hall) -> None:
    code = hall.code()
    hall.check(code)
    replay = hall.window.receipts.replay(_receipt(hall.check(code)), code)
    assert replay.result is ReplayResult.FOLLOWS
    assert replay.not_repeatable == (Reason.REPLAYED,)


def test_lists_that_were_pruned_cannot_be_replayed_and_are_named(hall: Hall) -> None:
    code = hall.code()
    said = _receipt(hall.check(code))
    hall.clock.advance(days=1)
    hall.police.suspend(hall.licence.id, reason="扣分", document="1号")
    hall.sync()
    hall.clock.advance(days=1)
    assert hall.window.knowledge.prune(hall.clock.now) > 0
    replay = hall.window.receipts.replay(said, code)
    assert replay.result is ReplayResult.UNDETERMINED
    assert not replay.known_alike
    status = next(one for one in said.lists if one.kind == "status-list")
    assert status in replay.missing


def test_a_refusal_that_may_come_from_a_pruned_list_cannot_be_told(hall: Hall) -> None:
    code = hall.code()
    said = _receipt(hall.check(code, matter="图书借阅"))
    assert said.outcome is Outcome.NOT_RECOGNISED
    assert hall.window.receipts.replay(said, code).result is ReplayResult.FOLLOWS
    foreign = said.model_copy(update={"knowledge": "0" * 64})
    replay = hall.window.receipts.replay(foreign, code)
    assert replay.then.outcome is Outcome.NOT_RECOGNISED
    assert replay.result is ReplayResult.UNDETERMINED


def test_another_code_is_not_the_receipts(hall: Hall) -> None:
    said = _receipt(hall.check())
    with pytest.raises(FormatError, match="摘要不符"):
        hall.window.receipts.replay(said, hall.code())


# -- the record against those who keep it -----------------------------------------------------


def test_a_clerk_who_deletes_a_receipt_is_found_out(hall: Hall) -> None:
    for number in range(5):
        hall.check(case=f"2026-000{number}")
    (head,) = hall.window.receipts.heads()
    engine, receipt, licence = hall.window.engine, tables.receipt, tables.receipt_licence
    with engine.write() as connection:
        connection.execute(delete(licence).where(licence.c.number == 5))
        connection.execute(delete(receipt).where(receipt.c.number == 5))
    report = hall.window.receipts.verify()
    assert [one.fault for one in report.findings] == [ReceiptFault.HEAD_CHANGED]
    # One who also puts the head back is found out by the head that the auditor has noted.
    last = hall.window.receipts.require(4).open().digest
    with engine.write() as connection:
        connection.execute(update(tables.receipt_window).values(number=4, digest=last))
    assert hall.window.receipts.verify().clean
    report = hall.window.receipts.verify(noted=[head.digest])
    assert [one.fault for one in report.findings] == [ReceiptFault.CUT_SHORT]


def test_receipts_are_found_by_case_licence_and_day(hall: Hall) -> None:
    for number in range(4):
        hall.check(case=f"2026-000{number}")
        hall.clock.advance(days=1)
        hall.sync()
    desk = hall.window.receipts
    assert [one.number for one in desk.find(ReceiptQuery(case="2026-0002"))] == [3]
    found = desk.find(ReceiptQuery(licence=str(hall.licence.id)))
    assert [one.number for one in found] == [1, 2, 3, 4]
    since = hall.clock.now - timedelta(days=2)
    assert [one.number for one in desk.find(ReceiptQuery(since=since))] == [3, 4]


def test_a_new_key_keeps_old_receipts_provable(hall: Hall) -> None:
    desk = hall.window.receipts
    hall.check()
    hall.clock.advance(minutes=1)
    hall.check()
    new = desk.new_key(lambda: "", alg="SGD_SM3_SM2")
    # In the second in which the key changes, the old one goes on.
    hall.check()
    hall.clock.advance(seconds=1)
    hall.check()
    signed = [desk.require(number).open() for number in (1, 2, 3, 4)]
    assert [one.kid == new.public.kid for one in signed] == [False, False, False, True]
    assert [desk.prove(one).number for one in signed] == [1, 2, 3, 4]
    assert desk.verify().clean
    first = signed[0]
    # Whoever still has the old key signs nothing with it that counts.
    late = _signed_with(hall, first.kid)
    with pytest.raises(SignatureError):
        desk.prove(late)


def _signed_with(hall: Hall, kid: str) -> SignedReceipt:
    (old,) = [one for one in hall.window.keys.of("receipt") if one.public.kid == kid]
    said = hall.window.receipts.require(4).open().receipt
    return sign_receipt(said, hall.window.keys.signer(old))


def test_a_window_that_is_open_for_months_follows_a_rollover_elsewhere(hall: Hall) -> None:
    hall.check()
    hall.clock.advance(minutes=1)
    with Workspace.open(hall.window.path, clock=hall.clock) as other:
        new = other.receipts.new_key(lambda: "")
    hall.clock.advance(minutes=1)
    check = hall.check()
    assert check.receipt is not None
    assert check.receipt.kid == new.public.kid
    assert hall.window.receipts.verify().clean


# -- settings ---------------------------------------------------------------------------------


def _set(hall: Hall, receipts: str) -> None:
    hall.window.settings = replace(hall.window.settings, receipts=receipts)


def test_what_the_settings_say_is_kept(hall: Hall) -> None:
    assert hall.check(case=None, clerk=None).receipt is None
    assert hall.check(case=None, clerk="王").receipt is not None
    assert hall.check(keep=False).receipt is None
    _set(hall, "on")
    said = _receipt(hall.check(case=None, clerk=None))
    assert (said.clerk, said.case) == (None, None)
    _set(hall, "required")
    assert hall.check(keep=False).receipt is not None
    code = hall.code()
    with pytest.raises(FormatError, match="核验人"):
        hall.check(code, clerk=None)
    assert hall.check(code).verdict.accepted, "the code was not used up by the refusal"


def test_where_receipts_are_required_no_answer_is_given_without_one(
    hall: Hall, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> object:
        raise StoreError("磁盘已满", "the disk is full")

    _set(hall, "on")
    monkeypatch.setattr(hall.window.receipts.store, "append", full)
    check = hall.check()
    assert check.verdict.accepted
    assert check.receipt is None
    assert isinstance(check.fault, StoreError)
    _set(hall, "required")
    with pytest.raises(StoreError, match="磁盘已满"):
        hall.check()


def test_without_a_key_a_required_receipt_stops_the_check_before_the_code_is_used(
    hall: Hall, monkeypatch: pytest.MonkeyPatch
) -> None:
    code = hall.code()
    _set(hall, "required")
    with monkeypatch.context() as gone:
        gone.setattr(hall.window.keys, "entries", ())
        with pytest.raises(CustodyError, match="receipt key new"):
            hall.check(code)
        _set(hall, "on")
        assert isinstance(hall.check().fault, CustodyError)
    _set(hall, "required")
    assert hall.check(code).verdict.accepted


@pytest.mark.parametrize("name", ["case", "clerk", "matter"])
def test_a_text_that_no_receipt_can_hold_is_refused_before_the_code_is_used(
    hall: Hall, name: str
) -> None:
    code = hall.code()
    for text in ("", " ", "九" * 201, "王\u200b"):
        with pytest.raises(FormatError) as caught:
            hall.check(code, **{name: text})
        assert caught.value.where == name
    assert hall.check(code).verdict.accepted


# -- the case copy ----------------------------------------------------------------------------


def test_a_case_copy_proves_what_the_clerk_saw_and_replays_by_itself(hall: Hall) -> None:
    check = hall.check()
    token = hall.window.receipts.case_copy(check)
    hall.clock.advance(days=200)
    proven = hall.window.receipts.prove_copy(token)
    assert proven.copy.licences[0]["holders"] == [["张伟", "1237"]]
    assert (proven.copy.case, proven.copy.matter) == ("2026-0001", MATTER)
    assert proven.copy.presentation is not None
    replay = hall.window.receipts.replay(proven.receipt.receipt, proven.copy.presentation)
    assert replay.result is ReplayResult.FOLLOWS


def test_nobody_can_use_a_case_copy_as_a_licence(hall: Hall, clock: Clock) -> None:
    proven = hall.window.receipts.prove_copy(hall.window.receipts.case_copy(hall.check()))
    assert proven.copy.presentation is not None
    # Here it is used, and everywhere it has run out.
    assert hall.check(proven.copy.presentation).verdict.reason is Reason.REPLAYED
    clock.advance(seconds=91)
    other = ecert.Verifier("500000", knowledge=hall.window.knowledge, clock=clock)
    assert other.verify(proven.copy.presentation, matter=MATTER).reason is Reason.CODE_EXPIRED


def test_only_an_accepted_check_with_a_case_has_a_copy(hall: Hall) -> None:
    desk = hall.window.receipts
    with pytest.raises(NotAcceptedError):
        desk.case_copy(hall.check(matter="图书借阅"))
    with pytest.raises(FormatError, match="办件编号"):
        desk.case_copy(hall.check(case=None))
    with pytest.raises(FormatError, match="办件编号"):
        desk.case_copy(hall.check(keep=False))


def test_a_file_that_proves_no_holder_is_left_out_of_the_copy(hall: Hall) -> None:
    token = hall.police.file(hall.licence.id)
    check = hall.check(token)
    assert check.verdict.licence.bearer
    said = _receipt(check)
    assert said.presented == "file"
    proven = hall.window.receipts.prove_copy(hall.window.receipts.case_copy(check))
    assert proven.copy.presentation is None
    replay = hall.window.receipts.replay(said, token)
    assert replay.result is ReplayResult.FOLLOWS


# -- where two features meet ----------------------------------------------------------------------


def test_a_file_handed_in_for_a_number_is_refused_and_replays_so(hall: Hall) -> None:
    file = hall.police.file(hall.licence.id)
    check = hall.check(file, challenge="12-482913")
    assert check.verdict.reason is Reason.AUDIENCE
    replay = hall.window.receipts.replay(_receipt(check), file)
    assert replay.result is ReplayResult.FOLLOWS


def test_an_online_code_for_a_number_is_not_fetched(hall: Hall) -> None:
    def fetch() -> ecert.Verdict:
        raise AssertionError("fetched")

    check = hall.check(
        OnlineCode("511600", "1234567890123456789").text, challenge="12-482913", fetch=fetch
    )
    assert check.verdict.outcome is Outcome.UNDETERMINED


def test_a_number_answered_by_another_code_before_is_no_contradiction_later(hall: Hall) -> None:
    hall.window.settings = replace(hall.window.settings, window=12)
    given = hall.window.verifier.challenge().challenge.text
    assert hall.check(hall.code(challenge=given), challenge=given).verdict.accepted
    second = hall.code(challenge=given)
    check = hall.check(second, challenge=given)
    assert check.verdict.reason is Reason.AUDIENCE
    replay = hall.window.receipts.replay(_receipt(check), second)
    assert replay.result is ReplayResult.FOLLOWS
    # One that answers another number is told without any memory.
    other = hall.code(challenge="12-000001")
    check = hall.check(other, challenge=given)
    assert check.verdict.reason is Reason.AUDIENCE
    assert hall.window.receipts.replay(_receipt(check), other).result is ReplayResult.FOLLOWS


def test_a_look_back_goes_by_the_rules_of_the_window(hall: Hall) -> None:
    code, at = hall.code(), hall.clock.now
    assert hall.window.verifier_at(at).verify(code, matter=MATTER).accepted
    named = hall.window.verifier_at(at, policy="terminal").verify(code, matter=MATTER)
    hall.window.settings = replace(hall.window.settings, policy="terminal")
    for verdict in (named, hall.window.verifier_at(at).verify(code, matter=MATTER)):
        assert {found.reason for found in verdict.findings} == {
            Reason.AUDIENCE, Reason.PIN_REQUIRED
        }  # fmt: skip
