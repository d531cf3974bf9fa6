"""Whoever changes a code, in whatever way, never gets it accepted."""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ecert.errors import ParseError
from ecert.reasons import Reason
from ecert.show import digits, offline
from ecert.show.digits import CodeKind
from tests.flows.world import MATTER, World, refuses

if TYPE_CHECKING:
    from datetime import datetime

    from ecert.verify.replay import ReplayMemory


class Forgetful:
    """A replay memory that forgets, so that only the other checks stand in the way."""

    def claim(self, key: bytes, *, until: datetime, at: datetime) -> bool:
        del key, until, at
        return True


def without_replay_memory(world: World) -> None:
    memory: ReplayMemory = Forgetful()
    world.window._replay = memory


def test_no_flipped_bit_is_accepted(world: World) -> None:
    """Every single bit of a show code, with length and check digits made right again."""
    without_replay_memory(world)
    kind, data = digits.decode(world.code())
    assert world.verify(digits.encode(kind, data)).accepted
    findings = set()
    for position in range(len(data) * 8):
        altered = bytearray(data)
        altered[position // 8] ^= 1 << position % 8
        verdict = world.verify(digits.encode(kind, bytes(altered)))
        assert not verdict.accepted, position
        findings.add((verdict.findings[0].check, verdict.reason))
    assert Reason.MALFORMED in {reason for _, reason in findings}
    # Both signatures were put to the test: the issuer's and the holder's.
    for check in ("issuer-signature", "holder-proof"):
        assert (check, Reason.SIGNATURE) in findings


def test_no_single_digit_is_accepted_with_another_value(world: World) -> None:
    """Typed by hand with one digit wrong, the code asks to be scanned again."""
    without_replay_memory(world)
    code = world.code()
    for position in range(0, len(code), 7):
        for other in "0123456789":
            if other != code[position]:
                wrong = code[:position] + other + code[position + 1 :]
                refuses(world.window.verify(wrong, matter=MATTER), Reason.INCOMPLETE_SCAN)


def test_cut_inserted_and_doubled_bytes_are_not_accepted(world: World) -> None:
    without_replay_memory(world)
    kind, right = digits.decode(world.code())

    @settings(max_examples=200, deadline=None)
    @given(
        start=st.integers(0, len(right)), length=st.integers(0, 20), insert=st.binary(max_size=20)
    )
    def spoil(start: int, length: int, insert: bytes) -> None:
        altered = right[:start] + insert + right[start + length :]
        if altered != right:
            assert not world.verify(digits.encode(kind, altered)).accepted

    spoil()


@settings(max_examples=200, deadline=None)
@given(text=st.one_of(st.text(max_size=300), st.text("0123456789", max_size=1200)))
def test_any_text_is_refused_with_a_reason(text: str) -> None:
    with pytest.raises(ParseError) as refused:
        offline.read(text)
    assert refused.value.reason in {Reason.INCOMPLETE_SCAN, Reason.MALFORMED, Reason.TOO_LARGE}


@settings(max_examples=200, deadline=None)
@given(data=st.binary(max_size=600))
def test_any_bytes_in_digits_come_back(data: bytes) -> None:
    assert digits.decode(digits.encode(CodeKind.PAPER, data)) == (CodeKind.PAPER, data)


def test_the_twin_of_a_signature_is_the_same_code(world: World) -> None:
    """(r, n-s) verifies as well as (r, s); it must not get a code accepted a second time."""
    from ecert.sign.es256 import N

    kind, data = digits.decode(world.code())
    assert world.verify(digits.encode(kind, data)).accepted
    s = int.from_bytes(data[-32:])
    twin = data[:-32] + (N - s).to_bytes(32)
    refuses(world.verify(digits.encode(kind, twin)), Reason.REPLAYED)


def test_packing_a_code_again_is_the_same_code(world: World) -> None:
    kind, data = digits.decode(world.code())
    assert world.verify(digits.encode(kind, data)).accepted
    packed = zlib.compress(data, 1)
    assert packed[:1] == b"\x78"
    refuses(world.verify(digits.encode(kind, packed)), Reason.REPLAYED)


def test_a_zlib_bomb_is_refused_early(world: World) -> None:
    bomb = zlib.compress(bytes(500_000), 9)
    assert len(bomb) < 600
    refuses(world.verify(digits.encode(CodeKind.SELF_CONTAINED, bomb)), Reason.TOO_LARGE)


def test_zlib_with_a_tail_is_refused(world: World) -> None:
    kind, data = digits.decode(world.code())
    packed = zlib.compress(data) + b"x"
    refuses(world.verify(digits.encode(kind, packed)), Reason.MALFORMED)


def test_paper_is_accepted_as_bearer_and_says_so(world: World) -> None:
    code = world.police.paper_code(world.licence.id)
    world.sync()
    verdict = world.verify(code)
    assert verdict.accepted, "and paper is not used up:"
    for _ in range(2):
        verdict = world.verify(code)
        assert verdict.accepted
        assert verdict.licence.bearer
    assert "身份证件" in verdict.explain("zh")


def test_a_terminal_takes_no_paper(world: World) -> None:
    from ecert.verify.policy import TERMINAL

    code = world.police.paper_code(world.licence.id)
    world.sync()
    world.window.policy = TERMINAL
    refuses(world.verify(code), Reason.HOLDER_PROOF)
    refuses(world.verify(world.code()), Reason.AUDIENCE)
    refuses(world.verify(world.code(challenge="0815"), challenge="0815"), Reason.PIN_REQUIRED)
    assert world.verify(world.code_with_pin("0815"), challenge="0815").accepted
