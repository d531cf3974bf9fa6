"""A window shows a number, and what holders, thieves and accidents make of it.

Played with the memories of one process and with those of a hall in either database.
"""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, NamedTuple

import pytest
from sqlalchemy import event

import ecert
from ecert import limits
from ecert.errors import FormatError, StoreError
from ecert.reasons import Outcome, Reason
from ecert.show import offline
from ecert.show.challenge import WindowChallenge, read_challenge
from ecert.store.challenges import SQLChallenges
from ecert.store.engine import open_engine
from ecert.store.replay import SQLReplay
from ecert.verify.challenges import MemoryChallenges
from ecert.verify.policy import TERMINAL, Challenge, Policy
from ecert.verify.replay import MemoryReplay
from tests.conftest import ROOT
from tests.flows.test_reasons import png
from tests.flows.world import MATTER, World, refuses

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime
    from pathlib import Path

    from ecert.show.digits import CodeKind
    from ecert.store.engine import Engine
    from ecert.verify.challenges import ChallengeBook, HeldChallenge
    from ecert.verify.replay import ReplayMemory
    from tests.postgres import Cluster

SECOND = timedelta(seconds=1)


@dataclass
class Hall:
    """Windows 12 and 13 of one hall; each call of `window` is a program started anew."""

    world: World
    memories: Callable[[], tuple[ReplayMemory, ChallengeBook]]

    def window(self, number: int | None, policy: Policy | None = None) -> ecert.Verifier:
        replay, challenges = self.memories()
        return ecert.Verifier(
            "500000", knowledge=self.world.window.knowledge, clock=self.world.clock,
            policy=policy or Policy(), replay=replay, window=number, challenges=challenges,
        )  # fmt: skip


@pytest.fixture(params=["memory", "sqlite", "postgresql"])
def hall(request: pytest.FixtureRequest, world: World, tmp_path: Path) -> Iterator[Hall]:
    if request.param == "memory":
        replay, challenges = MemoryReplay(), MemoryChallenges()
        yield Hall(world, lambda: (replay, challenges))
        return
    sqlite = request.param == "sqlite"
    url = f"sqlite:///{tmp_path / 'h.db'}" if sqlite else request.getfixturevalue("postgres_url")
    with ExitStack() as opened:

        def memories() -> tuple[ReplayMemory, ChallengeBook]:
            engine = opened.enter_context(open_engine(url))
            return SQLReplay(engine), SQLChallenges(engine)

        yield Hall(world, memories)


def show(window: ecert.Verifier) -> str:
    return window.challenge().challenge.text


def scan(window: ecert.Verifier, code: str, **how: object) -> ecert.Verdict:
    return window.verify(code, matter=MATTER, **how)  # type: ignore[arg-type]


def facts(verdict: ecert.Verdict, check: str = "audience") -> dict[str, object]:
    return dict(next(f.facts for f in verdict.findings if f.check == check))


# -- the ordinary way -----------------------------------------------------------------------------


def test_a_holder_types_the_number_and_is_served(hall: Hall) -> None:
    window = hall.window(12)
    number = show(window)
    assert scan(window, hall.world.code(challenge=number)).accepted


def test_a_holder_scans_the_windows_code_instead_of_typing(hall: Hall) -> None:
    window = hall.window(12)
    shown = window.challenge().challenge
    code = hall.world.code(challenge=f"]Q1{shown.digits}\r\n")
    proof = offline.read(code).proof
    assert proof is not None
    assert proof.challenge == shown.text
    assert scan(window, code).accepted


def test_the_clerk_may_name_the_number_that_was_shown(hall: Hall) -> None:
    window = hall.window(12)
    first, second = show(window), show(window)
    code = hall.world.code(challenge=first)
    refuses(scan(window, code, challenge=second), Reason.AUDIENCE)
    assert scan(window, code, challenge=first.replace("-", " ")).accepted


def test_a_program_started_anew_still_knows_the_number(hall: Hall) -> None:
    number = show(hall.window(12))
    assert scan(hall.window(12), hall.world.code(challenge=number)).accepted


def test_a_code_without_a_number_is_taken_where_none_is_required(hall: Hall) -> None:
    window = hall.window(12)
    show(window)
    assert scan(window, hall.world.code()).accepted
    strict = hall.window(12, Policy(challenge=Challenge.REQUIRED))
    refuses(scan(strict, hall.world.code()), Reason.AUDIENCE)


# -- thieves --------------------------------------------------------------------------------------


def test_a_code_for_window_12_is_refused_at_window_13(hall: Hall) -> None:
    code = hall.world.code(challenge=show(hall.window(12)))
    elsewhere = hall.window(13)
    show(elsewhere)
    verdict = scan(elsewhere, code)
    refuses(verdict, Reason.AUDIENCE)
    assert facts(verdict)["made_for_window"] == 12
    assert "此码用于：12 号窗口" in verdict.explain("zh")
    assert "Made for: window 12" in verdict.explain("en")
    refuses(scan(hall.window(None), code), Reason.AUDIENCE)
    assert scan(hall.window(12), code).accepted, "and at its own window it is still good"


def test_a_photographed_code_is_refused_the_second_time_at_every_window(hall: Hall) -> None:
    window = hall.window(12)
    code = hall.world.code(challenge=show(window))
    assert scan(window, code).accepted
    hall.world.clock.advance(seconds=5)
    refuses(scan(window, code), Reason.REPLAYED)
    refuses(scan(hall.window(12), code), Reason.REPLAYED)
    refuses(scan(hall.window(13), code), Reason.AUDIENCE)


def test_a_second_code_for_a_number_that_was_answered_is_refused(hall: Hall) -> None:
    window = hall.window(12)
    number = show(window)
    assert scan(window, hall.world.code(challenge=number)).accepted
    verdict = scan(window, hall.world.code(challenge=number))
    refuses(verdict, Reason.AUDIENCE)
    assert facts(verdict)["answered_before"] is True


def test_a_code_made_before_the_number_was_shown_is_refused(hall: Hall) -> None:
    """Whoever guessed the number, or saw it made early, has made no code of this moment."""
    window, clock = hall.window(12), hall.world.clock
    given = window.challenge()
    for behind, accepted in ((31, False), (30, True)):
        made = clock() - timedelta(seconds=behind)
        code = hall.world.code(challenge=given.challenge.text, at=made)
        verdict = scan(window, code)
        assert verdict.accepted is accepted
        if not accepted:
            refuses(verdict, Reason.AUDIENCE)
            assert facts(verdict)["shown"] == given.issued


def test_a_tighter_window_takes_no_code_older_than_its_number(hall: Hall) -> None:
    window, clock = hall.window(12, Policy(max_late=timedelta(0))), hall.world.clock
    number = show(window)
    early = hall.world.code(challenge=number, at=clock() - SECOND)
    refuses(scan(window, early), Reason.AUDIENCE)
    clock.advance(microseconds=999_999)
    assert scan(window, hall.world.code(challenge=number)).accepted


def test_a_guesser_has_five_tries(hall: Hall) -> None:
    window = hall.window(12)
    given = window.challenge()
    for wrong in range(limits.MAX_CHALLENGE_MISSES):
        assert _held(window, given).open_at(hall.world.clock())
        number = f"{(int(given.challenge.number) + wrong + 1) % 10**6:06d}"
        refuses(scan(window, hall.world.code(challenge=f"12-{number}")), Reason.AUDIENCE)
    verdict = scan(window, hall.world.code(challenge=given.challenge.text))
    refuses(verdict, Reason.CHALLENGE_EXPIRED)
    assert facts(verdict)["misses"] == limits.MAX_CHALLENGE_MISSES
    assert scan(window, hall.world.code(challenge=show(window))).accepted


def test_a_mistyped_number_is_told_as_such(hall: Hall) -> None:
    window = hall.window(12)
    number = window.challenge().challenge.number
    mistyped = f"12-{(int(number) + 1) % 10**6:06d}"
    verdict = scan(window, hall.world.code(challenge=mistyped))
    refuses(verdict, Reason.AUDIENCE)
    assert "窗口数字：与本窗口给出的不符" in verdict.explain("zh")
    assert "not one that this window has shown" in verdict.explain("en")
    assert mistyped not in f"{verdict.to_dict()}{verdict.explain('zh')}"


def test_four_tries_leave_the_number_open(hall: Hall) -> None:
    window = hall.window(12)
    given = window.challenge()
    for wrong in range(limits.MAX_CHALLENGE_MISSES - 1):
        number = f"{(int(given.challenge.number) + wrong + 1) % 10**6:06d}"
        refuses(scan(window, hall.world.code(challenge=f"12-{number}")), Reason.AUDIENCE)
    assert scan(window, hall.world.code(challenge=given.challenge.text)).accepted


def test_a_forger_without_a_key_uses_up_no_tries(hall: Hall) -> None:
    window = hall.window(12)
    given = window.challenge()
    code = hall.world.code(challenge="12-000000")
    other = hall.world.code(challenge="13-000000")
    kind, data = ecert_digits(code)
    spoilt = data[:-1] + bytes([data[-1] ^ 1])
    for _ in range(limits.MAX_CHALLENGE_MISSES + 1):
        assert not scan(window, encode(kind, spoilt)).accepted
        refuses(scan(window, other), Reason.AUDIENCE)
    assert _held(window, given).misses == 0


def test_a_refused_code_leaves_the_number_open(hall: Hall) -> None:
    window = hall.window(12)
    number = show(window)
    refuses(window.verify(hall.world.code(challenge=number), matter="婚姻登记"),
            Reason.MATTER_NOT_COVERED)  # fmt: skip
    assert scan(window, hall.world.code(challenge=number)).accepted


def test_of_two_codes_that_answer_one_number_at_once_one_is_accepted(hall: Hall) -> None:
    """The second passes every check before the first is recorded."""
    window, rival = hall.window(12), hall.window(12)
    number = show(window)
    mine, yours = (hall.world.code(challenge=number) for _ in range(2))
    book = window._challenges

    class Slow:
        """The rival's scan falls between look-up and use."""

        def find(self, challenge: WindowChallenge) -> HeldChallenge | None:
            found = book.find(challenge)
            assert scan(rival, yours).accepted
            return found

        use = book.use

    window._challenges = Slow()  # type: ignore[assignment]
    verdict = scan(window, mine)
    refuses(verdict, Reason.AUDIENCE)
    assert facts(verdict)["answered_before"] is True


def test_a_live_relay_passes_every_check_so_the_clerk_is_told_to_compare(hall: Hall) -> None:
    """The number is read out to the holder over a telephone, and his code is shown by another."""
    window = hall.window(12)
    relayed = hall.world.code(challenge=show(window))
    verdict = scan(window, relayed)
    assert verdict.accepted
    assert verdict.parts[0].next_step("zh") == "请与居民身份证核对姓名和号码后四位"
    assert verdict.licence.holders == (("张伟", "1237"),), "so that there is something to compare"


# -- time and bounds ------------------------------------------------------------------------------


def test_a_number_lives_120_seconds_and_then_says_so(hall: Hall) -> None:
    window, clock = hall.window(12), hall.world.clock
    first, second = show(window), show(window)
    life = limits.CHALLENGE_LIFE.total_seconds()
    clock.advance(seconds=life - 0.000001)
    assert scan(window, hall.world.code(challenge=first)).accepted
    clock.advance(microseconds=1)
    verdict = scan(window, hall.world.code(challenge=second))
    refuses(verdict, Reason.CHALLENGE_EXPIRED)
    assert facts(verdict)["expired"] == clock()
    assert "重新给出数字" in verdict.explain("zh")


def test_what_ran_out_is_remembered_ten_minutes_and_then_forgotten(hall: Hall) -> None:
    window, clock = hall.window(12), hall.world.clock
    number = show(window)
    kept = limits.CHALLENGE_LIFE + limits.CHALLENGE_REMEMBERED
    clock.advance(seconds=kept.total_seconds())
    show(window)
    refuses(scan(window, hall.world.code(challenge=number)), Reason.CHALLENGE_EXPIRED)
    clock.advance(seconds=1)
    show(window)
    refuses(scan(window, hall.world.code(challenge=number)), Reason.AUDIENCE)


def test_four_numbers_are_open_at_a_window_and_a_fifth_closes_the_oldest(hall: Hall) -> None:
    window, clock = hall.window(12), hall.world.clock
    shown = []
    for _ in range(limits.MAX_OPEN_CHALLENGES):
        shown.append(show(window))
        clock.advance(seconds=1)
    elsewhere = show(hall.window(13))
    assert all(_open(window, one, clock()) for one in shown), "as many as the bound stay open"
    show(window)
    refuses(scan(window, hall.world.code(challenge=shown[0])), Reason.CHALLENGE_EXPIRED)
    for one in shown[1:]:
        assert scan(window, hall.world.code(challenge=one)).accepted
    assert scan(hall.window(13), hall.world.code(challenge=elsewhere)).accepted


def test_no_number_is_shown_again_while_it_is_remembered(
    hall: Hall, monkeypatch: pytest.MonkeyPatch
) -> None:
    window = hall.window(12)
    thrown = iter([7, 7, 7, 8])
    monkeypatch.setattr("ecert.verify.challenges.secrets.randbelow", lambda _: next(thrown))
    assert (show(window), show(window)) == ("12-000007", "12-000008")


def test_numbers_are_of_chance(hall: Hall) -> None:
    """Of a thousand, as many differ as of a thousand throws of six digits."""
    window = hall.window(12)
    numbers = {window.challenge().challenge.number for _ in range(100)}
    assert len(numbers) > 95
    assert all(len({number[place] for number in numbers}) == 10 for place in range(6))


def test_a_window_has_a_number_of_four_digits(hall: Hall) -> None:
    assert show(hall.window(limits.MAX_WINDOW)).startswith("9999-")
    for wrong in (0, limits.MAX_WINDOW + 1):
        with pytest.raises(FormatError) as caught:
            hall.window(wrong).challenge()
        assert caught.value.where == "window"
    with pytest.raises(ValueError, match="numbered window"):
        hall.window(None).challenge()


# -- self-service terminals -----------------------------------------------------------------------


def test_a_terminal_takes_a_code_with_number_and_pin_and_nothing_else(hall: Hall) -> None:
    terminal = hall.window(12, TERMINAL)
    number = show(terminal)
    refuses(scan(terminal, hall.world.code()), Reason.AUDIENCE)
    refuses(scan(terminal, hall.world.code_with_pin()), Reason.AUDIENCE)
    verdict = scan(terminal, hall.world.code(challenge=number))
    refuses(verdict, Reason.PIN_REQUIRED)
    assert "亮证密码" in verdict.explain("zh")
    paper = hall.world.police.paper_code(hall.world.licence.id)
    hall.world.sync()
    refuses(scan(terminal, paper), Reason.HOLDER_PROOF)
    refuses(terminal.verify_file(hall.world.police.file(hall.world.licence.id), matter=MATTER),
            Reason.HOLDER_PROOF)  # fmt: skip
    assert scan(terminal, hall.world.code_with_pin(number)).accepted


def test_a_counter_does_not_mind_the_pin(hall: Hall) -> None:
    proof = offline.read(hall.world.code_with_pin()).proof
    assert proof is not None
    assert proof.pin
    assert scan(hall.window(12), hall.world.code_with_pin()).accepted


# -- the number itself ----------------------------------------------------------------------------


class Typed(NamedTuple):
    text: str
    read: str


@pytest.mark.parametrize(
    "typed",
    [
        Typed("12-482913", "12-482913"), Typed("12482913", "12-482913"),
        Typed("12 482913", "12-482913"), Typed(" 12－４８２９１３ ", "12-482913"),
        Typed("012-482913", "12-482913"), Typed("1—000000", "1-000000"),
        Typed(WindowChallenge(9999, "000001").digits, "9999-000001"),
        # Not a window's number: whatever the two sides have agreed on stays as it is.
        Typed("4711", "4711"), Typed("0-482913", "0-482913"), Typed("12345-482913", "12345-482913"),
        Typed("2026-11-22", "2026-11-22"), Typed("随机数", "随机数"),
    ],
)  # fmt: skip
def test_what_people_type_is_brought_to_one_form(typed: Typed) -> None:
    assert read_challenge(typed.text) == typed.read


def test_the_format_page_has_the_digits_of_a_challenge() -> None:
    page = (ROOT / "docs" / "formats" / "show-code.md").read_text("utf-8")
    assert f"12-482913\n{WindowChallenge(12, '482913').digits}\n" in page


def test_a_windows_own_code_under_the_scanner_is_politely_refused(world: World) -> None:
    shown = WindowChallenge(12, "482913")
    verdict = world.verify(shown.digits)
    refuses(verdict, Reason.MALFORMED)
    assert facts(verdict, "code") == {"detail": "the number that a window shows, not a show code"}
    assert world.window.verify_picture(shown.png(), matter=MATTER).reason is Reason.MALFORMED


def test_the_windows_own_code_beside_the_phone_disturbs_no_camera(world: World) -> None:
    window = ecert.Verifier(
        "500000", knowledge=world.window.knowledge, clock=world.clock, window=12
    )
    shown = window.challenge().challenge
    code = world.code(challenge=shown.text)
    picture = png(code, shown.digits)
    assert window.verify_picture(picture, matter=MATTER).accepted
    both = png(world.code(), world.code(), shown.digits)
    refuses(window.verify_picture(both, matter=MATTER), Reason.SEVERAL_CODES)


@pytest.mark.parametrize(
    ("window", "number"), [(0, "123456"), (10_000, "123456"), (1, "12345"), (1, "１２３４５６")]
)
def test_a_number_without_its_form_is_refused(window: int, number: str) -> None:
    with pytest.raises(FormatError):
        WindowChallenge(window, number)


# -- when the database cannot record --------------------------------------------------------------


def test_a_used_code_that_cannot_be_recorded_is_not_accepted(world: World, tmp_path: Path) -> None:
    with open_engine(tmp_path / "h.db") as engine:
        window = _window(world, engine)
        code = world.code(challenge=show(window))
        _rename(engine, "used_code", "elsewhere")
        with pytest.raises(StoreError):
            scan(window, code)
        _rename(engine, "elsewhere", "used_code")
        assert scan(window, code).accepted, "nothing was used up by the failure"
        refuses(scan(window, code), Reason.REPLAYED)


def test_a_full_disk_accepts_nothing(world: World, tmp_path: Path) -> None:
    with open_engine(tmp_path / "h.db") as engine:
        window = _window(world, engine)
        _limit_pages(engine)
        accepted = 0

        def go_on() -> None:
            nonlocal accepted
            for _ in range(5000):
                accepted += scan(window, world.code()).accepted

        with pytest.raises(StoreError) as caught:
            go_on()
        assert "磁盘已满" in caught.value.zh
        with engine.read() as connection:
            kept = connection.exec_driver_sql("SELECT COUNT(*) FROM used_code").scalar_one()
        assert kept == accepted, "whatever was accepted is remembered"


def test_a_number_that_cannot_be_marked_as_answered_lets_nobody_in(
    world: World, tmp_path: Path
) -> None:
    with open_engine(tmp_path / "h.db") as engine:
        window = _window(world, engine)
        code = world.code(challenge=show(window))
        book = window._challenges

        class Broken:
            find = book.find

            def use(self, *_: object, **__: object) -> bool:
                raise StoreError("磁盘已满", "the disk is full")

        window._challenges = Broken()  # type: ignore[assignment]
        with pytest.raises(StoreError):
            scan(window, code)
        window._challenges = book
        # The code was recorded before: it is spent, which is the safe side.
        refuses(scan(window, code), Reason.REPLAYED)


def _window(world: World, engine: Engine) -> ecert.Verifier:
    return ecert.Verifier(
        "500000", knowledge=world.window.knowledge, clock=world.clock, window=12,
        replay=SQLReplay(engine), challenges=SQLChallenges(engine),
    )  # fmt: skip


def _rename(engine: Engine, old: str, new: str) -> None:
    with engine.write() as connection:
        connection.exec_driver_sql(f"ALTER TABLE {old} RENAME TO {new}")


def _limit_pages(engine: Engine) -> None:
    """Let the database grow no further than it is, as on a disk that is full."""
    with engine.read() as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
        connection.exec_driver_sql(f"PRAGMA max_page_count = {pages}")
    event.listen(
        engine._engine,
        "connect",
        lambda connection, _: connection.execute(f"PRAGMA max_page_count = {pages}"),
    )


def test_a_database_that_is_gone_accepts_nothing(world: World, own_cluster: Cluster) -> None:
    own_cluster.make_template()
    with open_engine(own_cluster.url(own_cluster.new_database()), patience=SECOND) as engine:
        window = _window(world, engine)
        assert scan(window, world.code()).accepted
        code = world.code()
        own_cluster.stop()
        with pytest.raises(StoreError):
            scan(window, code)
        own_cluster.start()
        assert scan(window, code).accepted
        refuses(scan(window, code), Reason.REPLAYED)


def test_a_database_that_is_held_up_accepts_nothing(world: World, postgres_url: str) -> None:
    with open_engine(postgres_url, patience=SECOND) as engine:
        window = _window(world, engine)
        code = world.code()
        with open_engine(postgres_url) as other, other.write(), pytest.raises(StoreError):
            scan(window, code)
        assert scan(window, code).accepted, "the writer that held it up has gone"


def _held(window: ecert.Verifier, given: HeldChallenge) -> HeldChallenge:
    found = window._challenges.find(given.challenge)
    assert found is not None
    return found


def _open(window: ecert.Verifier, text: str, at: datetime) -> bool:
    challenge = WindowChallenge.find(text)
    assert challenge is not None
    found = window._challenges.find(challenge)
    return found is not None and found.open_at(at)


def ecert_digits(code: str) -> tuple[CodeKind, bytes]:
    from ecert.show import digits

    return digits.decode(code)


def encode(kind: CodeKind, data: bytes) -> str:
    from ecert.show import digits

    return digits.encode(kind, data)


def test_whatever_is_refused_here_says_what_to_do_next() -> None:
    for reason in (Reason.CHALLENGE_EXPIRED, Reason.PIN_REQUIRED):
        assert reason.outcome is Outcome.REFUSED
        assert reason.wording.next_zh.startswith("请")
