"""Several licences in one code (一照通行, 多卡合一): one proof, each part told on its own."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import cbor2
import pytest

import ecert
from ecert import limits
from ecert.demo import demo_region
from ecert.errors import CodeTooLargeError, NotAcceptedError, ParseError
from ecert.issuers.demonstration import demo_code
from ecert.issuers.keyring import HeldKey, Keyring
from ecert.issuers.memory import MemoryRegister
from ecert.issuers.publish import RegionSigners
from ecert.reasons import Outcome, Reason
from ecert.show import digits, offline
from ecert.show.digits import CodeKind
from ecert.sign import cose
from ecert.sign.keys import PrivateKey
from ecert.wallet.vault import CHEAPEST
from tests.flows.test_mixed_suites import ES256, SM2, issue, mixed_list, window_of
from tests.flows.world import MATTER, ZHANG, Clock, World, refuses
from tests.wallets import held_by, key_of

if TYPE_CHECKING:
    from pathlib import Path

CHILD = ecert.Holder("张小明", "510681201503078435")
NAMESAKE = ecert.Holder("张伟", "510681198802145672")


def social(world: World, **changes: object) -> ecert.Licence:
    """A second licence in the wallet, of Sichuan's social security."""
    return world.issue(
        "社会保障卡",
        **({"fields": {"社会保障卡卡号": "SC12345678"}, "valid_until": None} | changes),
    )


def own_window(world: World) -> ecert.Verifier:
    """A window in the licences' own province, where no list is asked."""
    window = ecert.Verifier("511600", clock=world.clock)
    window.knowledge.pin(ecert.demo_roots())
    window.knowledge.accept(world.police.trust_list())
    for status_list in world.police.status_lists():
        window.knowledge.accept(status_list)
    return window


def show(world: World, *licences: ecert.Licence, **how: object) -> str:
    return world.wallet.show(*(one.id for one in licences), **how).text  # type: ignore[arg-type]


def told(verdict: ecert.Verdict) -> str:
    return f"{verdict.explain('zh')}\n{verdict.explain('en')}\n{verdict.to_dict()}"


def test_each_part_is_accepted_and_told(world: World) -> None:
    second = social(world)
    verdict = own_window(world).verify(show(world, world.licence, second))
    assert verdict.accepted
    assert [part.licence.type_name for part in verdict.parts] == ["机动车驾驶证", "社会保障卡"]
    assert verdict.one_holder is True
    text = verdict.explain("zh")
    assert "共 2 份证照，予以认可 2 份" in text
    assert text.index("[1] √") < text.index("机动车驾驶证") < text.index("[2] √")
    assert text.count("下一步：") == 2
    assert "注意" not in text
    with pytest.raises(ValueError, match="several"):
        _ = verdict.licence


def test_every_part_tells_type_outcome_reason_and_next_step(world: World) -> None:
    """Of three, one is accepted, one not recognised here, one revoked."""
    listed, unlisted, gone = world.licence, social(world), world.issue()
    world.police.revoke(gone.id, reason="测试", document="测〔2026〕1号")
    world.sync()
    verdict = world.verify(show(world, listed, unlisted, gone))
    assert verdict.outcome is Outcome.REFUSED
    assert verdict.reason is Reason.REVOKED, "the whole is as good as its worst part"
    assert not verdict.accepted
    outcomes = [part.outcome for part in verdict.parts]
    assert outcomes == [Outcome.ACCEPTED, Outcome.NOT_RECOGNISED, Outcome.REFUSED]
    plain = verdict.to_dict()
    for part, plain_part in zip(verdict.parts, plain["parts"], strict=True):
        assert plain_part["about"]["type_name"] in verdict.explain("zh")
        assert plain_part["reason"] == part.reason.value
        assert plain_part["next"]["zh"] in verdict.explain("zh")
        assert plain_part["next"]["en"] in verdict.explain("en")
        assert plain_part["wording"]["zh"] in verdict.explain("zh")
    assert [line[:5] for line in verdict.explain("zh").splitlines() if "  [" in line] == [
        "  [1]", "  [2]", "  [3]",
    ]  # fmt: skip


def test_personal_data_stand_in_accepted_parts_only(world: World) -> None:
    other = world.issue(holder=NAMESAKE, number=NAMESAKE.number)
    world.police.revoke(other.id, reason="测试", document="测〔2026〕1号")
    world.sync()
    verdict = world.verify(show(world, world.licence, other))
    good, bad = verdict.parts
    assert good.licence.holders == (("张伟", "1237"),)
    with pytest.raises(NotAcceptedError):
        _ = bad.licence
    plain = verdict.to_dict()["parts"]
    assert "licence" in plain[0]
    assert "licence" not in plain[1]
    assert "5672" not in told(verdict)


def test_with_no_part_accepted_nothing_personal_is_told(world: World) -> None:
    second = world.issue()
    verdict = world.verify(show(world, world.licence, second), matter="婚姻登记")
    refuses(verdict, Reason.MATTER_NOT_COVERED)
    assert verdict.to_dict()["one_holder"] is None


def test_what_is_wrong_with_the_code_is_wrong_with_every_part(world: World) -> None:
    second = world.issue()
    code = show(world, world.licence, second)
    world.clock.advance(seconds=91)
    verdict = world.verify(code)
    refuses(verdict, Reason.CODE_EXPIRED)
    assert [part.reason for part in verdict.parts] == [Reason.CODE_EXPIRED] * 2
    with_number = show(world, world.licence, second, challenge="13-123456")
    assert {part.reason for part in world.verify(with_number).parts} == {Reason.AUDIENCE}


def test_a_code_with_one_accepted_part_is_used_up(world: World) -> None:
    code = show(world, world.licence, social(world))
    world.sync()
    assert [part.accepted for part in world.verify(code).parts] == [True, False]
    again = world.verify(code)
    assert again.reason is Reason.REPLAYED
    assert not any(part.accepted for part in again.parts)


# -- one part of unknown origin -------------------------------------------------------------------


def stranger(world: World) -> tuple[ecert.Issuer, ecert.Licence]:
    """A licence in the wallet by an authority whose trust list the window lacks."""
    demo = demo_region("510000")
    begin = world.clock() - timedelta(days=365)
    keys = tuple(
        HeldKey(signer=PrivateKey.generate(), use=use, valid_from=begin)
        for use in ("licence", "status")
    )
    issuer = ecert.Issuer(
        code=demo_code("武胜县公安局", "511622"), name="武胜县公安局", region="511622",
        keyring=Keyring(keys), register=MemoryRegister(),
        signers=RegionSigners(demo.roots, demo.signers), clock=world.clock,
    )  # fmt: skip
    licence = issuer.issue(
        "机动车驾驶证", number=ZHANG.number, holder=ZHANG, fields={"准驾车型": "B2"},
        valid_until=date(2031, 6, 1),
    )  # fmt: skip
    world.wallet.add(issuer.deliver(licence.id, world.wallet.request(issuer.nonce())))
    return issuer, licence


@pytest.mark.parametrize("turned", [False, True])
def test_a_part_of_an_unknown_issuer_keeps_its_place_and_spoils_no_other(
    world: World, turned: bool
) -> None:
    _, foreign = stranger(world)
    pair = (foreign, world.licence) if turned else (world.licence, foreign)
    verdict = world.verify(show(world, *pair))
    assert verdict.outcome is Outcome.REFUSED
    assert verdict.reason is Reason.UNKNOWN_ISSUER
    unknown, known = verdict.parts if turned else verdict.parts[::-1]
    assert known.accepted
    assert (unknown.reason, unknown.about) == (Reason.UNKNOWN_ISSUER, None)
    assert "证照：种类未证实" in verdict.explain("zh")
    assert "unproven type" in verdict.explain("en")


def test_whether_a_part_is_accepted_is_the_same_alone_and_beside_others(world: World) -> None:
    """Nothing is gained and nothing lost by the company that a licence keeps."""
    _, foreign = stranger(world)
    revoked, unlisted = world.issue(), social(world)
    world.police.revoke(revoked.id, reason="测试", document="测〔2026〕1号")
    world.sync()
    licences = [world.licence, foreign, revoked]
    alone = [world.verify(show(world, one)).parts[0] for one in (*licences, unlisted)]
    for together in (licences, licences[::-1], [licences[1], unlisted, licences[0]]):
        parts = world.verify(show(world, *together)).parts
        for licence, part in zip(together, parts, strict=True):
            single = alone[(*licences, unlisted).index(licence)]
            assert (part.outcome, part.reason) == (single.outcome, single.reason)
            assert part.accepted == single.accepted


def test_a_forged_part_is_refused_as_forged_and_the_proof_must_still_hold(world: World) -> None:
    second = world.issue()
    code = show(world, world.licence, second)
    kind, data = digits.decode(code)
    if data[:1] == b"\x78":
        data = offline._unpack(data)
    outer = cbor2.loads(data).value
    payload = cbor2.loads(outer[2])
    forged = bytearray(payload[5][1])
    forged[-1] ^= 1
    payload[5][1] = bytes(forged)
    # The thief signs with his own key: the proof holds for nothing.
    thief = PrivateKey.generate()
    spliced = digits.encode(kind, cose.sign1(cbor2.dumps(payload), thief))
    verdict = world.verify(spliced)
    assert not any(part.accepted for part in verdict.parts)
    assert {part.reason for part in verdict.parts} == {Reason.SIGNATURE}
    assert "1237" not in told(verdict)
    # The holder himself adds a forged licence to his own: it is refused, his own is not.
    own = digits.encode(kind, cose.sign1(cbor2.dumps(payload), key_of(world.wallet)))
    verdict = world.verify(own)
    assert verdict.reason is Reason.SIGNATURE
    assert [part.accepted for part in verdict.parts] == [True, False]


# -- whose licences -------------------------------------------------------------------------------


def test_a_parents_and_a_childs_licence_are_not_told_as_one_persons(world: World) -> None:
    child = social(world, holder=CHILD, number=CHILD.number)
    verdict = own_window(world).verify(show(world, world.licence, child))
    assert verdict.accepted
    assert verdict.one_holder is False
    assert verdict.to_dict()["one_holder"] is False
    assert "不属于同一持证主体" in verdict.explain("zh")
    assert "not one holder's" in verdict.explain("en")


def test_two_people_of_one_name_are_told_apart_by_the_last_four(world: World) -> None:
    other = social(world, holder=NAMESAKE, number=NAMESAKE.number)
    verdict = own_window(world).verify(show(world, world.licence, other))
    assert verdict.one_holder is False


@pytest.mark.parametrize(
    ("holders", "expected"),
    [
        ([("张伟", "1237")], True),
        ([("张伟", "1237"), ("张伟", "510681199003071237")], True),
        ([("张伟", "1237"), ("张伟", None)], None),
        ([("张伟", "1237"), (None, "1237")], None),
        ([("张伟", "1237"), (None, None)], None),
        ([("张伟", "1237"), ("李娜", None)], False),
        ([("张伟", "1237"), (None, "5671")], False),
        ([("张伟", "123x"), ("张伟", "123X")], True),
        ([("张伟", "1237"), ("张伟", "1237"), ("张小明", "8432")], False),
    ],
)
def test_sameness_is_told_only_where_name_and_last_four_are_shown(
    holders: list[tuple[str | None, str | None]], expected: bool | None
) -> None:
    from types import SimpleNamespace

    from ecert.verify.together import one_holder

    parts: Any = [
        SimpleNamespace(accepted=True, licence=SimpleNamespace(holders=(holder,)))
        for holder in holders
    ]
    assert one_holder(parts) is expected


Rows = list[tuple[str, str]]


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        ([("张伟", "1237")], [("李娜", "5672"), ("张伟", "1237")], True),
        ([("李娜", "5672"), ("张伟", "1237")], [("张伟", "1237")], True),
        ([("李娜", "5672"), ("张伟", "1237")], [("王芳", "0011")], False),
    ],
)
def test_a_holder_beside_co_owners_is_the_same_holder(
    first: Rows, second: Rows, expected: bool
) -> None:
    from types import SimpleNamespace

    from ecert.verify.together import one_holder

    parts: Any = [
        SimpleNamespace(accepted=True, licence=SimpleNamespace(holders=tuple(rows)))
        for rows in (first, second)
    ]
    assert one_holder(parts) is expected
    refused: Any = SimpleNamespace(accepted=False, licence=None)
    assert one_holder([*parts, refused]) is expected, "what is not accepted does not count"


def test_where_it_cannot_be_told_that_is_said(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    verdict = world.verify(show(world, world.licence, world.issue()))
    monkeypatch.setattr("ecert.verify.verdict.one_holder", lambda _: None)
    assert "不足以判断是否属于同一持证主体" in verdict.explain("zh")


# -- suites, bounds -------------------------------------------------------------------------------


@pytest.mark.parametrize("holder", [ES256, SM2])
def test_issuers_of_both_suites_and_two_regions_in_one_code(
    tmp_path: Path, clock: Clock, holder: str
) -> None:
    guangan = ecert.Issuer.demo("四川省广安市公安局", region="511600", alg=ES256, clock=clock)
    yuzhong = ecert.Issuer.demo("重庆市渝中区公安局", region="500103", alg=SM2, clock=clock)
    wallet = ecert.Wallet.create(
        tmp_path / "w", "nothing secret here", alg=holder, kdf=CHEAPEST, clock=clock
    )
    licences = [issue(guangan, wallet), issue(yuzhong, wallet)]
    window = window_of(clock, ES256, SM2)
    for document in (
        guangan.trust_list(), guangan.status_list(), yuzhong.trust_list(), yuzhong.status_list(),
        mixed_list(ES256, SM2),
    ):  # fmt: skip
        window.knowledge.accept(document)
    verdict = window.verify(wallet.show(*(one.id for one in licences)).text, matter=MATTER)
    assert verdict.accepted, verdict.explain("zh")
    assert verdict.parts[0].licence.basis is not None
    assert verdict.parts[1].licence.basis is None, "the own province needs no list"
    assert verdict.one_holder is True


def test_one_licence_twice_is_no_code_and_no_wallet_writes_it(world: World) -> None:
    with pytest.raises(ValueError, match="once"):
        show(world, world.licence, world.licence)
    minimal, full = (held_by(world.wallet, world.licence.id)[name] for name in ("minimal", "full"))
    code = offline.write_show_code([minimal, full], key_of(world.wallet), made=world.clock())
    verdict = world.verify(code)
    refuses(verdict, Reason.MALFORMED)
    assert verdict.findings[0].facts == {"detail": "a licence stands twice in the code"}


def test_eight_licences_are_the_most_whatever_their_size(world: World) -> None:
    most = limits.MAX_LICENCES_PER_CODE
    licences = [world.licence, *(world.issue() for _ in range(most))]
    with pytest.raises(CodeTooLargeError) as caught:
        show(world, *licences[:most])
    assert "一次最多出示前" in caught.value.fix_zh
    with pytest.raises(ValueError, match="1 to 8"):
        show(world, *licences)
    with pytest.raises(ValueError, match="1 to 8"):
        offline.write_show_code([], key_of(world.wallet), made=world.clock())
    for count, detail in ((most, "COSE"), (most + 1, "too many")):
        assert detail in _refusal(world, count) or count == most
    assert "too many" not in _refusal(world, most)


def _refusal(world: World, count: int) -> str:
    """Why a signed code of ``count`` things that are no credentials is refused."""
    payload = {0: 3, 1: int(world.clock().timestamp()), 2: 60, 3: bytes(8), 5: [b"x"] * count}
    signed = cose.sign1(cbor2.dumps(payload), key_of(world.wallet))
    with pytest.raises(ParseError) as caught:
        offline.read(digits.encode(CodeKind.SELF_CONTAINED, signed))
    return caught.value.en


def test_three_minimal_licences_fit_one_code(world: World) -> None:
    code = show(world, world.licence, world.issue(), world.issue())
    assert world.verify(code).accepted
    assert len(world.verify(show(world, world.licence)).parts) == 1


# -- the PIN's mark in the bytes ------------------------------------------------------------------


@pytest.mark.parametrize("mark", [0, 2, True, "1", None, b"\x01"])
def test_the_pins_mark_is_the_whole_number_1_or_left_out(world: World, mark: object) -> None:
    credential = held_by(world.wallet, world.licence.id)["minimal"]
    payload = {
        0: 3, 1: int(world.clock().timestamp()), 2: 60, 3: bytes(8), 5: [credential], 6: mark,
    }  # fmt: skip
    code = digits.encode(
        CodeKind.SELF_CONTAINED, cose.sign1(cbor2.dumps(payload), key_of(world.wallet))
    )
    refuses(world.verify(code), Reason.MALFORMED)
    payload[6] = 1
    good = cose.sign1(cbor2.dumps(payload), key_of(world.wallet))
    assert world.verify(digits.encode(CodeKind.SELF_CONTAINED, good)).accepted
