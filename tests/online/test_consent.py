"""A window names what it wants, the holder agrees to all or a part, the window fetches once."""

from __future__ import annotations

from datetime import date
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest

import ecert
from ecert import limits
from ecert.errors import FormatError, ProofError, RegisterError
from ecert.online.answers import Handed, Refused
from ecert.online.consent import Awaited, Begun
from ecert.online.purpose import AccessPurpose
from ecert.online.storage import ConsentState
from ecert.reasons import Reason
from ecert.show.online import OnlineCode, audience_of, transaction_nonce
from tests.flows.world import MATTER
from tests.online.office import REGION, WORDS, Office

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

MISSED = Refused(Reason.NOT_REDEEMABLE)
LEFT_OUT = Refused(Reason.CONSENT_DECLINED)


def opened(office: Office) -> OnlineCode:
    code = OnlineCode.new(REGION)
    office.consent.open(code.text, office.present(code, ()), at=office.now)
    return code


def begun(office: Office, code: OnlineCode, *types: str) -> Begun:
    wanted = types or (office.world.licence.type_code,)
    done = office.consent.begin(code.text, wanted, office.caller(), at=office.now)
    assert isinstance(done, Begun), done
    return done


def pending(office: Office, code: OnlineCode) -> Awaited:
    return office.consent.pending(office.ask("pending", code.text), at=office.now)


def agree(office: Office, code: OnlineCode, ids: Sequence[object] = ()) -> tuple[str, ...]:
    shown = office.world.wallet.present(
        *(str(one) for one in ids or [office.world.licence.id]), audience=audience_of(REGION),
        nonce=transaction_nonce(code.transaction),
    )  # fmt: skip
    return office.consent.agree(office.ask("agree", code.text), shown, at=office.now)


def status(office: Office, code: OnlineCode, token: str | None = None) -> ConsentState | Refused:
    return office.consent.status(code.transaction, office.caller(token), at=office.now)


def fetch(
    office: Office, code: OnlineCode, type_code: str = "", token: str | None = None
) -> Handed | Refused:
    wanted = type_code or office.world.licence.type_code
    return office.consent.fetch(code.transaction, wanted, office.caller(token), at=office.now)


def test_the_holder_sees_who_wants_what_and_why_and_agrees(office: Office) -> None:
    code = opened(office)
    assert pending(office, code).state is None
    assert begun(office, code).transaction == code.transaction
    found = pending(office, code)
    assert found.state is ConsentState.WAITING
    assert found.asked == {
        "verifier": {"region": "500000", "office": "窗口"},
        "types": [office.world.licence.type_code], "purpose": WORDS,
    }  # fmt: skip
    assert status(office, code) is ConsentState.WAITING
    assert fetch(office, code) == MISSED, "not before the holder agreed"
    assert agree(office, code) == (office.world.licence.type_code,)
    assert status(office, code) is ConsentState.AGREED
    done = fetch(office, code)
    assert isinstance(done, Handed)
    verdict = office.world.window.verify_presentation(
        done.tokens, audience=audience_of(REGION), nonce=transaction_nonce(code.transaction),
        matter=MATTER,
    )  # fmt: skip
    assert verdict.accepted
    assert fetch(office, code) == MISSED
    assert [one["outcome"] for one in office.log()] == ["gone", "served", "missed", "asked"]


def test_a_part_of_what_was_asked_for_is_enough_for_the_holder(office: Office) -> None:
    library = office.world.issue(
        "图书馆借书证",
        number="J0001",
        fields={"读者类型": "普通读者"},
        valid_until=date(2030, 1, 1),
    )
    code = opened(office)
    begun(office, code, office.world.licence.type_code, library.type_code)
    assert agree(office, code) == (office.world.licence.type_code,)
    assert fetch(office, code, library.type_code) == LEFT_OUT
    assert isinstance(fetch(office, code), Handed)
    assert fetch(office, code) == MISSED
    entries = office.log()
    assert [one["outcome"] for one in entries] == ["gone", "served", "declined", "asked"]
    assert entries[2]["types"] == [library.type_code]


@pytest.mark.parametrize("word", WORDS)
def test_consent_for_one_purpose_is_not_fetched_for_another(office: Office, word: str) -> None:
    code = opened(office)
    begun(office, code)
    agree(office, code)
    other = AccessPurpose.read(WORDS | {word: "另一个"})
    caller = office.caller()._replace(purpose=other)
    with pytest.raises(FormatError, match="another than the holder was asked with") as raised:
        office.consent.fetch(
            code.transaction, office.world.licence.type_code, caller, at=office.now
        )
    assert raised.value.zh == "调用事由与申请出示时告知持证人的不一致，不能提供"
    entry, *_ = office.log()
    assert (entry["outcome"], entry["purpose"]) == ("missed", other.plain())
    assert isinstance(fetch(office, code), Handed), "it took nothing"


def test_what_the_holder_left_out_shuts_no_window_out(office: Office) -> None:
    left_out = [f"T{n}" for n in range(limits.MAX_CONSENT_TYPES - 1)]
    code = opened(office)
    begun(office, code, *left_out, office.world.licence.type_code)
    agree(office, code)
    assert {fetch(office, code, one) for one in left_out} == {LEFT_OUT}
    assert isinstance(fetch(office, code), Handed)
    assert {fetch(office, code) for _ in range(limits.MAX_MISSES_OF_VERIFIER)} == {MISSED}
    begun(office, opened(office))


def test_declined_cancelled_and_run_out_shut_no_window_out(office: Office) -> None:
    codes = [opened(office) for _ in range(3)]
    for code in codes:
        begun(office, code)
    office.consent.decline(office.ask("decline", codes[0].text), at=office.now)
    agree(office, codes[1])
    assert office.desk.cancel(office.ask("cancel", codes[1].text), at=office.now)
    agree(office, codes[2])
    tries = range(limits.MAX_MISSES_OF_VERIFIER)
    assert [fetch(office, code) for code in codes[:2] for _ in tries] == [LEFT_OUT] * 10
    office.world.clock.advance(seconds=300)
    assert [fetch(office, codes[2]) for _ in tries] == [MISSED] * 5
    begun(office, opened(office))


def test_a_type_that_was_not_asked_for_is_a_guess(office: Office) -> None:
    code = opened(office)
    begun(office, code)
    agree(office, code)
    guesses = [fetch(office, code, f"T{n}") for n in range(limits.MAX_MISSES_OF_VERIFIER)]
    assert guesses == [MISSED] * 5
    busy = fetch(office, code)
    assert isinstance(busy, Refused)
    assert busy.reason is Reason.SERVICE_BUSY


def test_only_what_was_asked_for_and_each_once(office: Office) -> None:
    library = office.world.issue(
        "图书馆借书证",
        number="J0001",
        fields={"读者类型": "普通读者"},
        valid_until=date(2030, 1, 1),
    )
    code = opened(office)
    begun(office, code)
    for ids in ([library.id], [office.world.licence.id, library.id], [office.world.licence.id] * 2):
        with pytest.raises(FormatError, match="asked for"):
            agree(office, code, ids)
    agree(office, code)
    with pytest.raises(RegisterError, match="no request awaits"):
        agree(office, code)


def test_the_holder_declines(office: Office) -> None:
    code = opened(office)
    begun(office, code)
    office.consent.decline(office.ask("decline", code.text), at=office.now)
    assert status(office, code) is ConsentState.DECLINED
    assert fetch(office, code) == Refused(Reason.CONSENT_DECLINED)
    with pytest.raises(RegisterError):
        agree(office, code)


def test_the_holder_cancels_after_agreeing(office: Office) -> None:
    code = opened(office)
    begun(office, code)
    agree(office, code)
    assert office.desk.cancel(office.ask("cancel", code.text), at=office.now)
    assert status(office, code) is ConsentState.DECLINED
    assert isinstance(fetch(office, code), Refused)


def test_a_request_runs_out(office: Office) -> None:
    code = opened(office)
    begun(office, code)
    office.world.clock.advance(seconds=299)
    assert status(office, code) is ConsentState.WAITING
    agree(office, code)
    office.world.clock.advance(seconds=299)
    assert status(office, code) is ConsentState.AGREED
    office.world.clock.advance(seconds=1)
    assert status(office, code) is ConsentState.EXPIRED
    assert fetch(office, code) == MISSED
    late = opened(office)
    begun(office, late)
    office.world.clock.advance(seconds=300)
    with pytest.raises(RegisterError):
        agree(office, late)


def test_a_code_is_for_one_request_and_not_for_redeeming(office: Office) -> None:
    code, deposited = opened(office), office.deposit()
    assert office.redeem(code) == MISSED
    types = [office.world.licence.type_code]
    for text in (deposited.text, OnlineCode.new(REGION).text, "1"):
        assert office.consent.begin(text, types, office.caller(), at=office.now) == MISSED
    assert isinstance(office.redeem(deposited), Handed)
    begun(office, code)
    other = office.caller(office.verifier("500000"))
    assert office.consent.begin(code.text, types, other, at=office.now) == MISSED


def test_the_same_request_is_answered_again_and_no_other(office: Office) -> None:
    code, types = opened(office), [office.world.licence.type_code]
    first = begun(office, code)
    office.world.clock.advance(seconds=9)
    assert begun(office, code) == first
    begin, at = office.consent.begin, office.now
    another = AccessPurpose.read(WORDS | {"businessCode": "2026-0002"})
    for who in (
        office.caller()._replace(purpose=another),
        office.caller(office.verifier("500000")),
    ):
        assert begin(code.text, types, who, at=at) == MISSED
    assert begin(code.text, [*types, "A"], office.caller(), at=at) == MISSED
    agree(office, code)
    assert begun(office, code).transaction == first.transaction
    assert [one["outcome"] for one in office.log()].count("asked") == 3
    office.world.clock.advance(seconds=300)
    assert begin(code.text, types, office.caller(), at=office.now) == MISSED


def test_of_two_same_requests_at_once_both_are_answered(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    code, types = opened(office), [office.world.licence.type_code]
    use, answers = office.store.use, []

    def slower(*given: Any, **more: Any) -> Any:
        monkeypatch.setattr(office.store, "use", use)
        answers.append(begun(office, code))
        return use(*given, **more)

    monkeypatch.setattr(office.store, "use", slower)
    assert office.consent.begin(code.text, types, office.caller(), at=office.now) == answers[0]


def test_a_cancelled_request_is_not_begun_again(office: Office) -> None:
    code, types = opened(office), [office.world.licence.type_code]
    begun(office, code)
    assert office.desk.cancel(office.ask("cancel", code.text), at=office.now)
    assert office.consent.begin(code.text, types, office.caller(), at=office.now) == MISSED


def test_another_verifier_s_request_is_none(office: Office) -> None:
    code = opened(office)
    begun(office, code)
    agree(office, code)
    for token in (office.verifier("500000"), "ecv_wrong"):
        assert status(office, code, token) == MISSED
        assert fetch(office, code, token=token) == MISSED
    for wrong in ("", "x", OnlineCode.new(REGION).transaction, "字"):
        assert office.consent.status(wrong, office.caller(), at=office.now) == MISSED
    assert isinstance(fetch(office, code), Handed)


def test_a_region_that_no_list_covers_gets_no_consent(office: Office) -> None:
    code, beijing = opened(office), office.caller(office.verifier("110000"))
    types = [office.world.licence.type_code]
    done = office.consent.begin(code.text, types, beijing, at=office.now)
    assert isinstance(done, Begun)
    with pytest.raises(RegisterError, match="recognition list"):
        agree(office, code)


def test_only_the_holder_answers(office: Office, tmp_path: Path) -> None:
    from ecert.wallet.vault import CHEAPEST

    code = opened(office)
    begun(office, code)
    thief = ecert.Wallet.create(
        tmp_path / "thief", "nothing secret", kdf=CHEAPEST, clock=office.world.clock
    )
    consent, at = office.consent, office.now
    ways: dict[str, Callable[..., object]] = {
        "pending": consent.pending,
        "agree": partial(consent.agree, tokens=[]),
        "decline": consent.decline,
    }
    for act, way in ways.items():
        request = thief.ask(act, audience_of(REGION), about=code.text)
        with pytest.raises(RegisterError, match="no request"):
            way(request, at=at)


def test_what_is_handed_over_is_bound_to_the_request(office: Office) -> None:
    code = opened(office)
    begun(office, code)
    with pytest.raises(ProofError, match="another's"):
        office.consent.agree(office.ask("agree", code.text), office.present(code), at=office.now)


@pytest.mark.parametrize(
    ("types", "good"),
    [
        ([], False), (["A"], True), ([f"T{n}" for n in range(limits.MAX_CONSENT_TYPES)], True),
        ([f"T{n}" for n in range(limits.MAX_CONSENT_TYPES + 1)], False), (["A", "A"], False),
        (["A" * 65], False), (["A b"], False), ([""], False), (["证"], False),
    ],
)  # fmt: skip
def test_types_of_a_request_are_bounded(office: Office, types: list[str], good: bool) -> None:
    code = opened(office)
    try:
        done = office.consent.begin(code.text, types, office.caller(), at=office.now)
    except FormatError:
        assert not good
    else:
        assert isinstance(done, Begun) is good


def test_a_code_that_was_opened_again_is_kept_once(office: Office) -> None:
    code = OnlineCode.new(REGION)
    shown = office.present(code, ())
    first = office.consent.open(code.text, shown, at=office.now)
    office.world.clock.advance(seconds=9)
    assert office.consent.open(code.text, shown, at=office.now) == first
