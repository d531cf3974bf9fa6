"""Deposit, cancel, redeem, and the log: the rules, without HTTP."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

import ecert
from ecert import limits
from ecert.errors import FormatError, ProofError, RegisterError
from ecert.online.answers import Handed, Refused
from ecert.online.storage import Rates
from ecert.online.verifiers import new_verifier
from ecert.reasons import Reason
from ecert.show.online import OnlineCode, audience_of
from ecert.sign import sdjwt
from ecert.store.engine import open_engine
from tests.flows.world import MATTER, sample_list, sign_list
from tests.online.office import REGION, WORDS, Office

if TYPE_CHECKING:
    from pathlib import Path

MISSED = Refused(Reason.NOT_REDEEMABLE)


def handed(done: Handed | Refused) -> Handed:
    assert isinstance(done, Handed), done
    return done


# -- handing over ---------------------------------------------------------------------------------


def test_what_was_deposited_is_handed_over_once_and_judged_off_line(office: Office) -> None:
    code = office.deposit()
    done = handed(office.redeem(code))
    window = office.world.window
    verdict = window.verify_presentation(
        done.tokens, audience=audience_of(code.region), nonce=code.nonce, matter=MATTER
    )
    assert verdict.accepted, verdict.explain("en")
    licence = verdict.licence
    assert licence.holders == (("张伟", "510681199003071237"),)
    assert (licence.number, licence.bearer) == ("510681199003071237", False)
    assert dict(licence.fields) == {"准驾车型": "C1"}
    assert office.redeem(code) == MISSED


def test_the_holder_chooses_what_is_disclosed(office: Office) -> None:
    office.world.licence = office.world.issue(
        fields={"准驾车型": "C1", "住址": "广安市", "初次领证日期": "2010-01-01"}
    )
    done = handed(office.redeem(office.deposit(fields=("住址",))))
    claims = sdjwt.parse(done.tokens[0]).unverified_claims()
    assert claims["fields"].keys() == {"准驾车型", "住址"}, "the leading field is always open"
    assert "number" not in claims
    whole = handed(office.redeem(office.deposit()))
    assert len(sdjwt.parse(whole.tokens[0]).unverified_claims()["fields"]) == 3


def test_a_field_that_the_licence_lacks_is_named(office: Office) -> None:
    with pytest.raises(ecert.EcertError, match="no field") as caught:
        office.deposit(fields=("血型",))
    assert "准驾车型" in caught.value.fix_zh


def test_two_clerks_at_once_and_only_one_gets_it(office: Office) -> None:
    tokens = [office.verifier("500000") for _ in range(8)]
    for _ in range(5):
        code = office.deposit()
        start = threading.Barrier(len(tokens))

        def run(token: str, code: OnlineCode = code, start: threading.Barrier = start) -> bool:
            start.wait()
            return isinstance(office.redeem(code, token=token), Handed)

        with ThreadPoolExecutor(len(tokens)) as pool:
            assert sum(pool.map(run, tokens)) == 1
        office.world.clock.advance(minutes=2)


# -- the one answer -------------------------------------------------------------------------------


def test_all_that_cannot_be_redeemed_answers_alike(office: Office) -> None:
    used, expired, cancelled = (office.deposit() for _ in range(3))
    handed(office.redeem(used))
    assert office.desk.cancel(office.ask("cancel", cancelled.text), at=office.now)
    answers = [office.redeem(used), office.redeem(cancelled)]
    answers.append(office.redeem(OnlineCode.new(REGION)))
    answers.append(office.redeem(OnlineCode.new("510000")))
    office.world.clock.advance(minutes=2)
    good = office.deposit()
    answers.append(office.redeem(good, token="ecv_wrong"))
    answers.append(office.redeem(good, token=""))
    answers.append(office.redeem("1234"))
    office.world.clock.advance(seconds=181)
    answers.append(office.redeem(expired))
    assert answers == [MISSED] * 8
    assert isinstance(office.redeem(good), Handed), "a wrong token does not use a code up"


@pytest.mark.parametrize(("seconds", "good"), [(299, True), (300, False)])
def test_a_code_runs_out_on_the_second(office: Office, seconds: int, good: bool) -> None:
    code = office.deposit()
    office.world.clock.advance(seconds=seconds)
    assert isinstance(office.redeem(code), Handed) is good


def test_a_verifier_s_token_ends(office: Office) -> None:
    short = office.verifier("500000", days=1)
    removed = office.verifier("500000")
    (record,) = [one for one in office.store.verifiers() if one.id][2:]
    assert office.store.remove_verifier(record.id, at=office.now)
    assert not office.store.remove_verifier(record.id, at=office.now)
    assert office.redeem(office.deposit(), token=removed) == MISSED
    office.world.clock.advance(hours=24)
    assert office.redeem(office.deposit(), token=short) == MISSED


def test_another_service_key_finds_nothing(office: Office) -> None:
    code = office.deposit()
    other = office.new_desk(key=b"x" * 32)
    assert other.redeem(code.text, office.caller(), at=office.now) == MISSED


# -- whom the lists cover -------------------------------------------------------------------------


def test_a_region_without_a_list_is_refused_and_the_code_stays_good(office: Office) -> None:
    code = office.deposit()
    beijing = office.verifier("110000")
    assert office.redeem(code, token=beijing) == Refused(Reason.LIST_MISSING)
    assert isinstance(office.redeem(code), Handed)


def test_a_type_that_is_not_listed_is_refused_and_the_code_stays_good(office: Office) -> None:
    document, driving = sample_list(), office.world.licence.type_code
    entries = tuple(one for one in document.entries if one.source.type != driving)
    known = ecert.Verifier(REGION, clock=office.world.clock).knowledge
    known.pin(ecert.demo_roots())
    known.accept(office.world.police.trust_list())
    known.accept(sign_list(document.model_copy(update={"entries": entries})))
    desk, code = replace(office.desk, known=known), office.deposit()
    refused = desk.redeem(code.text, office.caller(), at=office.now)
    assert refused == Refused(Reason.TYPE_NOT_LISTED)
    chengdu = office.caller(office.verifier("510000"))
    assert isinstance(desk.redeem(code.text, chengdu, at=office.now), Handed)


def test_the_own_province_needs_no_list(office: Office) -> None:
    assert isinstance(office.redeem(office.deposit(), token=office.verifier("510100")), Handed)


def test_an_expired_list_covers_nothing(office: Office) -> None:
    office.world.clock.advance(days=4_000)
    office.world.licence = office.world.issue(valid_until=None)
    token = office.verifier("500000")
    assert office.redeem(office.deposit(), token=token) == Refused(Reason.LIST_EXPIRED)


# -- what may be deposited ------------------------------------------------------------------------


def test_a_deposit_sent_again_is_kept_once(office: Office) -> None:
    code = OnlineCode.new(REGION)
    shown = office.present(code)
    life = limits.ONLINE_CODE_LIFE
    first = office.desk.deposit(code.text, shown, life=life, at=office.now)
    office.world.clock.advance(seconds=5)
    assert office.desk.deposit(code.text, shown, life=life, at=office.now) == first
    handed(office.redeem(code))
    with pytest.raises(RegisterError, match="taken"):
        office.desk.deposit(code.text, shown, life=life, at=office.now)


def test_who_has_fetched_a_presentation_cannot_deposit_it(office: Office) -> None:
    done = handed(office.redeem(office.deposit()))
    other = OnlineCode.new(REGION)
    with pytest.raises(ProofError, match="another's"):
        office.desk.deposit(other.text, done.tokens, life=timedelta(seconds=60), at=office.now)


@pytest.mark.parametrize(("seconds", "good"), [(90, True), (91, False), (-90, True), (-91, False)])
def test_a_deposit_is_of_now(office: Office, seconds: int, good: bool) -> None:
    code = OnlineCode.new(REGION)
    shown = office.present(code)
    at = office.now + timedelta(seconds=seconds)
    if good:
        office.desk.deposit(code.text, shown, life=timedelta(seconds=60), at=at)
        return
    with pytest.raises(ProofError, match="clock"):
        office.desk.deposit(code.text, shown, life=timedelta(seconds=60), at=at)


def test_only_licences_of_this_region_and_a_known_issuer(office: Office) -> None:
    code = OnlineCode.new(REGION)
    shown = office.present(code)
    elsewhere = replace(office.desk, region="510100")
    with pytest.raises(FormatError, match="another show service"):
        elsewhere.deposit(code.text, shown, life=timedelta(seconds=9), at=office.now)
    other = OnlineCode.new("510100")
    audience = audience_of("510100")
    shown = office.world.wallet.present(
        office.world.licence.id, audience=audience, nonce=other.nonce
    )
    with pytest.raises(ProofError, match="another region"):
        elsewhere.deposit(other.text, shown, life=timedelta(seconds=9), at=office.now)
    stranger = replace(office.desk, known=ecert.Verifier(REGION).knowledge)
    with pytest.raises(ProofError, match="not known here"):
        stranger.deposit(code.text, office.present(code), life=timedelta(seconds=9), at=office.now)


def test_a_changed_or_unbound_presentation_is_refused(office: Office) -> None:
    code = OnlineCode.new(REGION)
    (token,) = office.present(code)
    unbound = token[: token.rindex("~") + 1]
    cut = "~".join(part for number, part in enumerate(token.split("~")) if number != 1)
    for forged, why in ((unbound, "missing"), (cut, "sd_hash"), (token[:-6] + "AAAAAA", "sign")):
        with pytest.raises(ProofError, match=why):
            office.desk.deposit(code.text, [forged], life=timedelta(seconds=9), at=office.now)


@pytest.mark.parametrize(("count", "good"), [(0, False), (1, True), (8, True), (9, False)])
def test_licences_of_one_deposit_are_bounded(office: Office, count: int, good: bool) -> None:
    code = OnlineCode.new(REGION)
    shown = office.present(code) * count
    try:
        office.desk.deposit(code.text, shown, life=timedelta(seconds=9), at=office.now)
    except ProofError:
        assert not good
    else:
        assert good


@pytest.mark.parametrize(("seconds", "good"), [(0, False), (1, True), (300, True), (301, False)])
def test_the_life_of_a_code_is_bounded(office: Office, seconds: int, good: bool) -> None:
    if good:
        office.deposit(life=timedelta(seconds=seconds))
        return
    with pytest.raises(FormatError, match="life"):
        office.deposit(life=timedelta(seconds=seconds))


def test_open_codes_of_a_holder_are_bounded(office: Office) -> None:
    codes = [office.deposit() for _ in range(limits.MAX_OPEN_CODES)]
    with pytest.raises(RegisterError, match="at most"):
        office.deposit()
    assert office.desk.cancel(office.ask("cancel", codes[0].text), at=office.now)
    office.deposit()


# -- cancelling -----------------------------------------------------------------------------------


def test_a_code_is_cancelled_at_the_last_moment_or_it_was_used(office: Office) -> None:
    for _ in range(10):
        code = office.deposit()
        request, start = office.ask("cancel", code.text), threading.Barrier(2)

        def cancel(request: str = request, start: threading.Barrier = start) -> bool:
            start.wait()
            return office.desk.cancel(request, at=office.now)

        def redeem(code: OnlineCode = code, start: threading.Barrier = start) -> bool:
            start.wait()
            return isinstance(office.redeem(code), Handed)

        with ThreadPoolExecutor(2) as pool:
            done = [pool.submit(cancel), pool.submit(redeem)]
        assert sorted(one.result() for one in done) == [False, True]
        office.world.clock.advance(minutes=2)


def test_only_the_holder_cancels(office: Office, tmp_path: Path) -> None:
    from ecert.wallet.vault import CHEAPEST

    code = office.deposit()
    thief = ecert.Wallet.create(
        tmp_path / "thief", "nothing secret", kdf=CHEAPEST, clock=office.world.clock
    )
    request = thief.ask("cancel", audience_of(REGION), about=code.text)
    assert not office.desk.cancel(request, at=office.now)
    assert isinstance(office.redeem(code), Handed)
    assert not office.desk.cancel(office.ask("cancel", code.text), at=office.now)


def test_a_request_is_taken_once_for_one_act_at_one_service_in_time(office: Office) -> None:
    request = office.ask("log")
    office.desk.log(request, at=office.now)
    with pytest.raises(ProofError, match="taken before"):
        office.desk.log(request, at=office.now)
    with pytest.raises(ProofError, match="another act"):
        office.desk.cancel(office.ask("log"), at=office.now)
    other = office.world.wallet.ask("log", audience_of("510000"))
    with pytest.raises(ProofError, match="another service"):
        office.desk.log(other, at=office.now)
    late = office.ask("log")
    office.world.clock.advance(seconds=91)
    with pytest.raises(ProofError, match="clock"):
        office.desk.log(late, at=office.now)
    with pytest.raises(ValueError, match="no such act"):
        office.ask("everything")


# -- the log --------------------------------------------------------------------------------------


def test_the_holder_reads_who_and_what_for_and_nobody_else_does(
    office: Office, tmp_path: Path
) -> None:
    from ecert.wallet.vault import CHEAPEST

    code = office.deposit()
    office.redeem(code, token="ecv_wrong")
    office.redeem(code, token=office.verifier("110000"))
    office.redeem(code)
    entries = office.log()
    assert [one["outcome"] for one in entries] == ["served", "not-covered", "missed"]
    assert [one["verifier"] and one["verifier"]["region"] for one in entries] == [
        "500000", "110000", None,
    ]  # fmt: skip
    assert all(one["purpose"] == WORDS for one in entries)
    assert entries[0]["types"] == [office.world.licence.type_code]
    other = ecert.Wallet.create(
        tmp_path / "other", "nothing secret", kdf=CHEAPEST, clock=office.world.clock
    )
    assert office.desk.log(other.ask("log", audience_of(REGION)), at=office.now) == ()


def test_the_log_tells_the_newest_and_is_bounded(office: Office) -> None:
    office.rates = Rates(misses_of_verifier=999, misses_of_address=999, requests_of_verifier=999)
    desk, code = office.new_desk(), office.deposit()
    for _ in range(limits.MAX_LOG_ROWS + 1):
        desk.redeem(code.text, office.caller(), at=office.now)
    entries = office.log()
    assert len(entries) == limits.MAX_LOG_ROWS
    assert {one["outcome"] for one in entries} == {"missed"}, "the oldest, the handing over, is out"


# -- guessing -------------------------------------------------------------------------------------


def test_guessing_is_slowed_down_by_verifier(office: Office) -> None:
    code = office.deposit()
    for _ in range(limits.MAX_MISSES_OF_VERIFIER):
        assert office.redeem(OnlineCode.new(REGION)) == MISSED
    busy = Refused(Reason.SERVICE_BUSY, limits.SHOW_WINDOW)
    assert office.redeem(code) == busy, "the right code does not show itself either"
    assert isinstance(office.redeem(code, token=office.verifier("500000")), Handed)
    office.world.clock.advance(seconds=60)
    assert office.redeem(OnlineCode.new(REGION)) == MISSED


def test_guessing_is_slowed_down_by_address_whatever_the_token(office: Office) -> None:
    for number in range(limits.MAX_MISSES_OF_ADDRESS):
        assert office.redeem(OnlineCode.new(REGION), token=f"ecv_{number}") == MISSED
    assert office.redeem(office.deposit(), token="x") == Refused(
        Reason.SERVICE_BUSY, limits.SHOW_WINDOW
    )
    assert office.redeem(office.deposit(), token="x", address="10.0.0.2") == MISSED


def test_many_guesses_at_once_are_counted_one_after_the_other(office: Office) -> None:
    """Whoever looks before the others have been counted gains nothing."""
    with ThreadPoolExecutor(8) as pool:
        done = list(pool.map(lambda _: office.redeem(OnlineCode.new(REGION)), range(40)))
    assert done.count(MISSED) == limits.MAX_MISSES_OF_VERIFIER


def test_requests_of_a_verifier_are_bounded(office: Office) -> None:
    office.rates = Rates(requests_of_verifier=3)
    desk = office.new_desk()
    done = [desk.redeem(office.deposit().text, office.caller(), at=office.now) for _ in range(4)]
    assert [isinstance(one, Handed) for one in done] == [True, True, True, False]
    assert done[3] == Refused(Reason.SERVICE_BUSY, limits.SHOW_WINDOW)


def test_the_usual_rates_are_the_limits() -> None:
    rates = Rates()
    assert rates.misses_of_verifier == limits.MAX_MISSES_OF_VERIFIER == 5
    assert rates.misses_of_address == limits.MAX_MISSES_OF_ADDRESS == 20
    assert rates.requests_of_verifier == limits.MAX_REQUESTS_OF_VERIFIER == 600


# -- at rest --------------------------------------------------------------------------------------


def test_nothing_that_was_deposited_or_said_stands_in_the_database(
    office: Office, tmp_path: Path
) -> None:
    open_code, used = office.deposit(), office.deposit()
    done = handed(office.redeem(used))
    office.log()
    office.engine.close()
    data = b"".join(path.read_bytes() for path in tmp_path.glob("show.db*"))
    secrets = [open_code.text, open_code.secret, used.secret, used.transaction, office.token]
    words = ["张伟", "510681199003071237", "1237", *WORDS.values(), "10.0.0.1"]
    assert [text for text in (*secrets, *words, *done.tokens) if text.encode() in data] == []
    assert "窗口".encode() in data, "the office's own name, so that the search can find something"


def test_what_has_run_out_is_deleted(office: Office) -> None:
    codes = [office.deposit() for _ in range(3)]
    handed(office.redeem(codes[0]))
    tags = [office.desk.locker.tag(code.text) for code in codes]
    kept = [office.store.code(tag) for tag in tags]
    assert [one is not None and one.payload is not None for one in kept] == [False, True, True]
    assert office.store.purge(at=office.now) == 0
    office.world.clock.advance(seconds=300)
    assert office.store.purge(at=office.now) == 3
    left = office.store.code(tags[1])
    assert left is not None
    assert left.payload is None
    office.world.clock.advance(seconds=300)
    office.store.purge(at=office.now)
    assert [office.store.code(tag) for tag in tags] == [None] * 3
    assert len(office.log()) == 1
    office.world.clock.advance(days=limits.SHOW_LOG_LIFE.days, seconds=1)
    office.store.purge(at=office.now)
    assert office.log() == ()


def test_a_service_that_is_started_again_goes_on(office: Office, tmp_path: Path) -> None:
    code, used = office.deposit(), office.deposit()
    handed(office.redeem(used))
    office.engine.close()
    with open_engine(tmp_path / "show.db") as again:
        other = Office(office.world, again)
        done = other.desk.redeem(used.text, office.caller(), at=office.now)
        assert done == MISSED
        assert isinstance(other.desk.redeem(code.text, office.caller(), at=office.now), Handed)


# -- verifiers ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changed", "good"),
    [
        ({"days": 0}, False), ({"days": 1}, True), ({"days": 366}, True), ({"days": 367}, False),
        ({"office": ""}, False), ({"office": " "}, False), ({"office": "厅" * 200}, True),
        ({"office": "厅" * 201}, False), ({"office": "厅\u202e"}, False),
        ({"region": "999999"}, False),
    ],
)  # fmt: skip
def test_a_verifier_is_a_region_an_office_and_some_days(
    office: Office, changed: dict[str, object], good: bool
) -> None:
    given: dict[str, object] = {"region": "500000", "office": "窗口", "days": 30}
    try:
        record, token = new_verifier(**(given | changed), at=office.now)  # type: ignore[arg-type]
    except FormatError:
        assert not good
    else:
        assert good
        assert len(token) >= 40
        assert token.encode() not in repr(record).encode()
