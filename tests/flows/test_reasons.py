"""Each reason that can arise so far has one flow that ends in exactly it."""

from __future__ import annotations

import io
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from PIL import Image

import ecert
from ecert.demo import demo_region
from ecert.issuers.credential import StatusPlace, compact_claims
from ecert.issuers.demonstration import demo_code
from ecert.issuers.keyring import HeldKey, Keyring
from ecert.issuers.memory import MemoryRegister
from ecert.issuers.publish import RegionSigners
from ecert.model.calendar import office_day
from ecert.reasons import Outcome, Reason
from ecert.show import compact, digits, offline
from ecert.show.digits import CodeKind
from ecert.sign import cose
from ecert.sign.keys import PrivateKey
from ecert.status.status_list import build_token
from tests.flows.world import MATTER, ZHANG, World, refuses, sample_list, sign_list

if TYPE_CHECKING:
    from collections.abc import Callable

    from ecert.show.compact import CompactClaims

DRIVING = "111000009999999986001"


def test_ok(world: World) -> None:
    verdict = world.verify()
    assert verdict.reason is Reason.OK
    assert verdict.accepted
    assert verdict.licence.holders == (("张伟", "1237"),)
    assert dict(verdict.licence.fields) == {"准驾车型": "C1"}
    assert verdict.demo
    assert [use.kind for use in verdict.lists_used] == [
        "trust-list", "status-list", "recognition-list",
    ]  # fmt: skip


# -- the code itself ------------------------------------------------------------------------------


def png(*texts: str) -> bytes:
    pictures = [Image.open(io.BytesIO(ecert.ShowCode(text).png(scale=3))) for text in texts]
    sheet = Image.new("L", (sum(p.width for p in pictures) + 40, pictures[0].height + 40), 255)
    left = 20
    for picture in pictures:
        sheet.paste(picture, (left, 20))
        left += picture.width
    out = io.BytesIO()
    sheet.save(out, "PNG")
    return out.getvalue()


def test_unreadable(world: World) -> None:
    blank = io.BytesIO()
    Image.new("L", (300, 300), 255).save(blank, "PNG")
    verdict = world.window.verify_picture(blank.getvalue(), matter=MATTER)
    refuses(verdict, Reason.UNREADABLE)
    assert verdict.outcome is Outcome.UNDETERMINED


def test_several_codes(world: World) -> None:
    picture = png(world.code(), world.code())
    refuses(world.window.verify_picture(picture, matter=MATTER), Reason.SEVERAL_CODES)


def test_a_picture_with_one_code_is_accepted(world: World) -> None:
    assert world.window.verify_picture(png(world.code()), matter=MATTER).accepted


@pytest.mark.parametrize(
    "spoil",
    [
        lambda code: code[1:],
        lambda code: code[:-1],
        lambda code: code[: len(code) // 2],
        lambda code: code + code,
        lambda code: code[:100] + code[101] + code[100] + code[102:],
        lambda code: f"你{code[1:]}",
        lambda _: "",
    ],
    ids=["first lost", "last lost", "half", "twice", "two swapped", "input method", "nothing"],
)
def test_incomplete_scan(world: World, spoil: Callable[[str], str]) -> None:
    code = world.code()
    while code[100] == code[101]:
        code = world.code()
    verdict = world.window.verify(spoil(code), matter=MATTER)
    refuses(verdict, Reason.INCOMPLETE_SCAN)
    assert verdict.outcome is Outcome.UNDETERMINED


def test_full_width_digits_and_dashes_are_the_same_code(world: World) -> None:
    wide = world.code().translate({ord("0") + n: 0xFF10 + n for n in range(10)})
    assert world.verify(wide).accepted
    grouped = world.code()
    grouped = "-".join(grouped[start : start + 4] for start in range(0, len(grouped), 4))
    assert world.verify(f"]Q3{grouped}\r\n").accepted


def test_too_large(world: World) -> None:
    refuses(world.window.verify("1" * 5000), Reason.TOO_LARGE)
    refuses(world.window.verify("https://" + "a" * 100_000), Reason.TOO_LARGE)


def test_malformed(world: World) -> None:
    refuses(world.window.verify("https://example.invalid/?a=1"), Reason.MALFORMED)
    nonsense = digits.encode(CodeKind.SELF_CONTAINED, b"\xd2" + bytes(300))
    refuses(world.window.verify(nonsense), Reason.MALFORMED)


# -- authenticity ---------------------------------------------------------------------------------


class Spoilt:
    """A signer whose header says another algorithm than its key has."""

    def __init__(self, key: PrivateKey) -> None:
        self._key = key

    @property
    def public(self) -> object:
        real = self._key.public

        class Fake:
            cose_alg = -8
            short_kid = real.short_kid

        return Fake()

    def sign(self, message: bytes) -> bytes:
        return self._key.sign(message)


def forge(
    world: World,
    *,
    signer: object | None = None,
    holder: PrivateKey | None = None,
    change: Callable[[CompactClaims], CompactClaims] = lambda claims: claims,
) -> str:
    """Write a code as the issuer and the holder would, apart from one thing."""
    holder = holder or PrivateKey.generate()
    licence_type = world.police.catalogue.require(world.licence.type_code)
    claims = compact_claims(
        world.licence, licence_type, licence_type.profile("minimal"),
        StatusPlace(1, 7, "unused"), holder_key=holder.public, on=office_day(world.clock()),
    )  # fmt: skip
    own = world.police._keyring.signer("licence", world.clock())
    credential = compact.sign(change(claims), signer or own)  # type: ignore[arg-type]
    return offline.write_show_code([credential], holder, made=world.clock())


def replaced(claims: CompactClaims, **changes: object) -> CompactClaims:
    return claims._replace(**changes)  # type: ignore[arg-type]


def test_what_forge_makes_without_a_change_is_accepted(world: World) -> None:
    assert world.verify(forge(world)).accepted


def test_algorithm(world: World) -> None:
    own = world.police._keyring.signer("licence", world.clock())
    refuses(world.verify(forge(world, signer=Spoilt(own))), Reason.ALGORITHM)  # type: ignore[arg-type]


def test_signature(world: World) -> None:
    code = world.code()
    kind, data = digits.decode(code)
    at_name = data.index("张伟".encode())
    altered = data[:at_name] + "李强".encode() + data[at_name + 6 :]
    refuses(world.verify(digits.encode(kind, altered)), Reason.SIGNATURE)


def test_unknown_issuer(world: World) -> None:
    stranger = PrivateKey.generate()
    refuses(world.verify(forge(world, signer=stranger)), Reason.UNKNOWN_ISSUER)


def test_an_unknown_key_under_an_expired_list_is_undetermined(world: World) -> None:
    """A newer list may well name it."""
    world.clock.advance(days=31)
    verdict = world.verify(forge(world, signer=PrivateKey.generate()))
    undetermined(verdict, Reason.TRUST_LIST_EXPIRED)


def test_issuer_key_scope_key_of_another_issuer(world: World) -> None:
    other = ecert.Issuer.demo("四川省广安市广安区公安局", region="511602", clock=world.clock)
    world.window.knowledge.accept(other.trust_list())
    key = other._keyring.signer("licence", world.clock())
    refuses(world.verify(forge(world, signer=key)), Reason.ISSUER_KEY_SCOPE)


def scoped_issuer(world: World, **scope: object) -> ecert.Issuer:
    """Another police office whose licence key is limited."""
    demo = demo_region("510000")
    begin = world.clock() - timedelta(days=365)
    limits: dict[str, object] = {"valid_from": begin} | scope
    licence_key = HeldKey(signer=PrivateKey.generate(), use="licence", **limits)  # type: ignore[arg-type]
    status_key = HeldKey(signer=PrivateKey.generate(), use="status", valid_from=begin)
    return ecert.Issuer(
        code=demo_code("武胜县公安局", "511622"), name="武胜县公安局", region="511622",
        keyring=Keyring((licence_key, status_key)), register=MemoryRegister(),
        signers=RegionSigners(demo.roots, demo.signers), clock=world.clock,
    )  # fmt: skip


def test_issuer_key_scope_type_region_and_day(world: World) -> None:
    other = scoped_issuer(world, types=(DRIVING,), valid_until=world.clock() + timedelta(days=30))
    world.police = other
    world.licence = world.issue()
    world.sync()
    key = other._keyring.keys[0].signer
    assert world.verify(forge(world, signer=key)).accepted

    for wrong in (
        {"type_code": "11100000000019713D013"},
        {"region": "511600"},
        {"signed_on": date(2020, 1, 1)},
        {"signed_on": office_day(world.clock()) + timedelta(days=31)},
    ):
        code = forge(world, signer=key, change=lambda c, wrong=wrong: replaced(c, **wrong))  # type: ignore[misc]
        verdict = world.verify(code)
        assert Reason.ISSUER_KEY_SCOPE in {f.reason for f in verdict.findings}, wrong
        refuses(verdict, Reason.ISSUER_KEY_SCOPE)


def test_signature_of_a_thief_in_place_of_the_holder(world: World) -> None:
    credential = world.wallet.delivery(world.licence.id).compact["minimal"]
    thief = PrivateKey.generate()
    code = offline.write_show_code([credential], thief, made=world.clock())
    verdict = world.verify(code)
    refuses(verdict, Reason.SIGNATURE)
    assert [finding.check for finding in verdict.findings] == ["holder-proof"]


def test_holder_proof_wallet_credential_dressed_as_paper(world: World) -> None:
    _, data = digits.decode(world.code())
    inside = offline.read(world.code()).credentials[0]
    assert inside.claims.holder_key is not None
    credential = world.wallet.delivery(world.licence.id).compact["minimal"]
    assert credential in data
    refuses(world.verify(digits.encode(CodeKind.PAPER, credential)), Reason.HOLDER_PROOF)


def test_licences_bound_to_two_wallets_do_not_make_one_code(world: World) -> None:
    first, second = PrivateKey.generate(), PrivateKey.generate()
    licence_type = world.police.catalogue.require(world.licence.type_code)
    own = world.police._keyring.signer("licence", world.clock())
    credentials = [
        compact.sign(
            compact_claims(
                world.licence, licence_type, licence_type.profile("minimal"),
                StatusPlace(1, 7, ""), holder_key=key.public, on=office_day(world.clock()),
            ),
            own,
        )
        for key in (first, second)
    ]  # fmt: skip
    code = offline.write_show_code(credentials, first, made=world.clock())
    refuses(world.verify(code), Reason.HOLDER_PROOF)


# -- state ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("act", "reason"),
    [
        ("revoke", Reason.REVOKED),
        ("suspend", Reason.SUSPENDED),
        ("cancel", Reason.CANCELLED),
        ("withdraw", Reason.WITHDRAWN),
    ],
)
def test_state(world: World, act: str, reason: Reason) -> None:
    getattr(world.police, act)(world.licence.id, reason="测试", document="广公〔2026〕1号")
    assert world.verify().accepted, "the window cannot know yet"
    world.sync()
    refuses(world.verify(), reason)


def test_reinstated_licence_is_accepted_again(world: World) -> None:
    world.police.suspend(world.licence.id, reason="暂扣", document="测〔2026〕1号")
    world.sync()
    refuses(world.verify(), Reason.SUSPENDED)
    world.police.reinstate(world.licence.id, reason="发还")
    world.sync()
    assert world.verify().accepted


@pytest.mark.parametrize(
    ("value", "reason"),
    [(3, Reason.SUPERSEDED), (15, Reason.TRANSFERRED), (7, Reason.STATUS_MISSING)],
    ids=["superseded", "transferred", "a value that nobody has defined"],
)
def test_status_values_that_no_move_sets_yet(world: World, value: int, reason: Reason) -> None:
    (credential,) = world.police.credentials(world.licence.id)
    token = build_token(
        world.police._publisher.status_uri(1), {credential.index: value}, size=1 << 17,
        signer=world.police._keyring.signer("status", world.clock()),
        issued=world.clock() + timedelta(seconds=5), expires=world.clock() + timedelta(days=1),
    )  # fmt: skip
    world.window.knowledge.accept(token)
    refuses(world.verify(), reason)


def test_credential_withdrawn_leaves_the_licence_alone(world: World) -> None:
    (lost,) = world.police.credentials(world.licence.id)
    world.police.withdraw_credential(lost.id, reason="手机遗失")
    world.sync()
    refuses(world.verify(), Reason.CREDENTIAL_WITHDRAWN)
    world.deliver(world.licence)
    world.sync()
    assert world.verify().accepted, "a new credential of the same licence is good"


def test_expired_after_the_last_day_to_its_end(world: World) -> None:
    world.licence = world.issue(valid_until=date(2026, 11, 23))
    world.sync()
    world.clock.advance(hours=37.99)  # 23 November, 23:59 in the office
    assert world.verify().accepted
    world.clock.advance(hours=0.02)
    refuses(world.verify(), Reason.EXPIRED)


def test_not_yet_valid(world: World) -> None:
    world.licence = world.issue(valid_from=date(2026, 12, 1))
    world.sync()
    refuses(world.verify(), Reason.NOT_YET_VALID)


# -- freshness of the code ------------------------------------------------------------------------


def test_replayed(world: World) -> None:
    code = world.code()
    assert world.verify(code).accepted
    refuses(world.verify(code), Reason.REPLAYED)


def test_a_code_that_was_not_accepted_may_be_tried_for_the_right_matter(world: World) -> None:
    code = world.code()
    refuses(world.verify(code, matter="婚姻登记"), Reason.MATTER_NOT_COVERED)
    assert world.verify(code).accepted


def test_code_expired_after_life_and_tolerance(world: World) -> None:
    code, late = world.code(), world.code()
    world.clock.advance(seconds=90)
    assert world.verify(code).accepted
    world.clock.advance(seconds=1)
    refuses(world.verify(late), Reason.CODE_EXPIRED)


def test_code_from_future_beyond_tolerance(world: World) -> None:
    ahead = world.code(at=world.clock() + timedelta(seconds=90))
    assert world.verify(ahead).accepted
    too_far = world.code(at=world.clock() + timedelta(seconds=91))
    refuses(world.verify(too_far), Reason.CODE_FROM_FUTURE)


def test_audience(world: World) -> None:
    assert world.verify(world.code(challenge="4711"), challenge="4711").accepted
    refuses(world.verify(world.code(challenge="4711"), challenge="4712"), Reason.AUDIENCE)
    refuses(world.verify(world.code(challenge="4711")), Reason.AUDIENCE)
    refuses(world.verify(world.code(), challenge="4711"), Reason.AUDIENCE)


# -- what the verifier cannot know ----------------------------------------------------------------


def undetermined(verdict: ecert.Verdict, reason: Reason) -> None:
    refuses(verdict, reason)
    assert verdict.outcome is Outcome.UNDETERMINED


def test_clock_doubtful(world: World) -> None:
    before = world.clock() - timedelta(days=400)
    code = world.code(at=before)
    verdict = world.verify(code, at=before)
    assert Reason.CLOCK_DOUBTFUL in {finding.reason for finding in verdict.findings}
    slightly = world.clock() - timedelta(seconds=121)
    undetermined(world.verify(world.code(at=slightly), at=slightly), Reason.CLOCK_DOUBTFUL)


def test_trust_list_missing(world: World, empty_window: ecert.Verifier) -> None:
    stranger = ecert.Verifier("500000", clock=world.clock)
    undetermined(stranger.verify(world.code(), matter=MATTER), Reason.TRUST_LIST_MISSING)
    assert empty_window is world.window


def test_trust_list_expired(world: World) -> None:
    world.clock.advance(days=29)
    for status_list in world.police.status_lists():
        world.window.knowledge.accept(status_list)
    world.clock.advance(days=1)
    undetermined(world.verify(), Reason.TRUST_LIST_EXPIRED)


def test_status_missing(world: World) -> None:
    window = ecert.Verifier("500000", clock=world.clock)
    window.knowledge.pin(ecert.demo_roots())
    window.knowledge.accept(world.police.trust_list())
    window.knowledge.accept(ecert.fixture("川渝互认清单"))
    undetermined(window.verify(world.code(), matter=MATTER), Reason.STATUS_MISSING)


def test_status_stale(world: World) -> None:
    world.clock.advance(hours=71, minutes=59)
    assert world.verify().accepted
    world.clock.advance(minutes=1)
    undetermined(world.verify(), Reason.STATUS_STALE)


def test_a_stale_list_that_says_revoked_still_counts(world: World) -> None:
    world.police.revoke(world.licence.id, reason="测试", document="测〔2026〕1号")
    world.sync()
    world.clock.advance(days=5)
    refuses(world.verify(), Reason.REVOKED)


def test_list_missing(world: World) -> None:
    window = ecert.Verifier("500000", clock=world.clock)
    window.knowledge.pin(ecert.demo_roots())
    window.knowledge.accept(world.police.trust_list())
    window.knowledge.accept(world.police.status_list())
    undetermined(window.verify(world.code(), matter=MATTER), Reason.LIST_MISSING)


def test_list_expired(world: World) -> None:
    window = ecert.Verifier("500000", clock=world.clock)
    window.knowledge.pin(ecert.demo_roots())
    window.knowledge.accept(world.police.trust_list())
    window.knowledge.accept(world.police.status_list())
    short = sample_list().model_copy(
        update={"version": 2, "expires": world.clock() + timedelta(hours=1)}
    )
    window.knowledge.accept(sign_list(short))
    assert window.verify(world.code(), matter=MATTER).accepted
    world.clock.advance(hours=1)
    undetermined(window.verify(world.code(), matter=MATTER), Reason.LIST_EXPIRED)


def test_type_unknown(world: World) -> None:
    window = ecert.Verifier(
        "500000", clock=world.clock,
        knowledge=ecert.Knowledge("500000", catalogue=ecert.Catalogue(), clock=world.clock),
    )  # fmt: skip
    window.knowledge.pin(ecert.demo_roots())
    window.knowledge.accept(world.police.trust_list())
    window.knowledge.accept(world.police.status_list())
    undetermined(window.verify(world.code(), matter=MATTER), Reason.TYPE_UNKNOWN)


# -- recognition ----------------------------------------------------------------------------------


def not_recognised(verdict: ecert.Verdict, reason: Reason) -> None:
    refuses(verdict, reason)
    assert verdict.outcome is Outcome.NOT_RECOGNISED
    assert verdict.about is not None
    assert verdict.about.issuer_name == "四川省广安市公安局"


def test_matter_not_covered(world: World) -> None:
    not_recognised(world.verify(matter="婚姻登记"), Reason.MATTER_NOT_COVERED)
    not_recognised(world.verify(matter=None), Reason.MATTER_NOT_COVERED)


def test_type_not_listed(world: World) -> None:
    world.licence = world.issue(
        "残疾人证", number="51068119900307123743", valid_until=date(2030, 1, 1),
        fields={"残疾类别": "肢体", "残疾等级": "三级"},
    )  # fmt: skip
    world.sync()
    not_recognised(world.verify(), Reason.TYPE_NOT_LISTED)


def revised_list(world: World, **entry_changes: object) -> None:
    """Accept version 2 of the sample, with its driving licence entry from Sichuan changed."""
    old = sample_list()
    entries = tuple(
        entry.model_copy(update=entry_changes)
        if entry.source.type == DRIVING and entry.source.region == "510000"
        else entry
        for entry in old.entries
    )
    new = old.model_copy(
        update={
            "version": 2, "entries": entries,
            "previous": world.window.knowledge.recognition.marks[old.slot].digest,
        }
    )  # fmt: skip
    world.window.knowledge.accept(sign_list(new), confirmed=True)


def test_region_not_covered(world: World) -> None:
    old = sample_list()
    entries = tuple(
        entry.model_copy(update={"source": entry.source.model_copy(update={"region": "510100"})})
        for entry in old.entries
        if entry.source.region == "510000"
    )
    new = old.model_copy(
        update={
            "version": 2, "entries": entries,
            "previous": world.window.knowledge.recognition.marks[old.slot].digest,
        }
    )  # fmt: skip
    world.window.knowledge.accept(sign_list(new), confirmed=True)
    not_recognised(world.verify(), Reason.REGION_NOT_COVERED)


def test_issuer_not_covered(world: World) -> None:
    revised_list(world, issuers=(demo_code("另一家", "511600"),))
    not_recognised(world.verify(), Reason.ISSUER_NOT_COVERED)


def test_field_missing(world: World) -> None:
    revised_list(world, required=("准驾车型", "住址"))
    not_recognised(world.verify(), Reason.FIELD_MISSING)


def test_value_unmapped(world: World) -> None:
    from ecert.interop.mapping import ValueTable

    table = ValueTable(op="table", source="准驾车型", target="准驾车型", values={"A1": "A1"})
    revised_list(world, fields=(table,))
    not_recognised(world.verify(), Reason.VALUE_UNMAPPED)


def test_a_licence_of_the_own_province_needs_no_list(world: World) -> None:
    chengdu = ecert.Verifier("510100", clock=world.clock)
    chengdu.knowledge.pin(ecert.demo_roots())
    chengdu.knowledge.accept(world.police.trust_list())
    chengdu.knowledge.accept(world.police.status_list())
    verdict = chengdu.verify(world.code())
    assert verdict.accepted
    assert verdict.licence.basis is None


def test_recognition_is_directional(world: World) -> None:
    """What Chongqing recognises of Sichuan says nothing about the way back."""
    old = sample_list()
    one_way = old.model_copy(
        update={"entries": tuple(e for e in old.entries if e.source.region == "510000")}
    )
    police = ecert.Issuer.demo("重庆市公安局", region="500000", clock=world.clock)
    window = ecert.Verifier("510000", clock=world.clock)
    window.knowledge.pin(ecert.demo_roots())
    window.knowledge.accept(police.trust_list())
    window.knowledge.accept(sign_list(one_way))
    licence = police.issue(
        "机动车驾驶证", number="510681199003071237", holder=ZHANG,
        fields={"准驾车型": "C1"}, valid_until=None,
    )  # fmt: skip
    world.wallet.add(police.deliver(licence.id, world.wallet.request(police.nonce())))
    window.knowledge.accept(police.status_list())
    verdict = window.verify(world.wallet.show(licence.id).text, matter=MATTER)
    assert verdict.outcome is Outcome.NOT_RECOGNISED


def test_every_reason_has_a_flow_here_or_says_why_not() -> None:
    """A new reason must come with a flow."""
    flows = Path(__file__).parent.glob("test_*.py")
    text = "".join(path.read_text("utf-8") for path in flows)
    assert [r for r in Reason if f"Reason.{r.name}" not in text] == []


def test_cose_with_two_headers_is_not_ours() -> None:
    """A guard for the tests above: what they forge really reaches the check that they name."""
    key = PrivateKey.generate()
    assert cose.parse_sign1(cose.sign1(b"x", key)).payload == b"x"


def test_a_day_out_of_the_calendar_that_the_issuer_signed_is_no_crash(world: World) -> None:
    code = forge(world, change=lambda claims: replaced(claims, fields={2: 10**9}))
    refuses(world.verify(code), Reason.MALFORMED)
