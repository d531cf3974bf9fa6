"""SM2 and ES256 side by side: every mixture works, every confusion is refused."""

from __future__ import annotations

from datetime import date, timedelta
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

import ecert
from ecert.demo import demo_region
from ecert.errors import SignatureError
from ecert.issuers.demonstration import demo_code
from ecert.issuers.keyring import HeldKey, Keyring
from ecert.issuers.memory import MemoryRegister
from ecert.issuers.publish import RegionSigners
from ecert.reasons import Reason
from ecert.show import offline
from ecert.sign import cose, envelope, jws
from ecert.sign.keys import PrivateKey
from ecert.trust.roots import Role
from ecert.wallet.vault import CHEAPEST
from tests.flows.world import MATTER, ZHANG, Clock, refuses, sample_list

if TYPE_CHECKING:
    from pathlib import Path

ES256, SM2 = "ES256", "SGD_SM3_SM2"


def mixed_list(sichuan: str, chongqing: str) -> bytes:
    """The sample list, each party signing with its own suite."""
    signers = [
        *demo_region("510000", sichuan).signers[Role.RECOGNITION_LIST],
        *demo_region("500000", chongqing).signers[Role.RECOGNITION_LIST],
    ]
    return envelope.make("ecert-recognition-list+jws", sample_list().to_payload(), signers)


def window_of(clock: Clock, sichuan: str, chongqing: str) -> ecert.Verifier:
    window = ecert.Verifier("500000", clock=clock)
    window.knowledge.pin(ecert.demo_roots("510000", alg=sichuan))
    window.knowledge.pin(ecert.demo_roots("500000", alg=chongqing))
    return window


def issue(police: ecert.Issuer, wallet: ecert.Wallet) -> ecert.Licence:
    licence = police.issue(
        "机动车驾驶证", number="510681199003071237", holder=ZHANG,
        fields={"准驾车型": "C1"}, valid_until=date(2031, 6, 1),
    )  # fmt: skip
    wallet.add(police.deliver(licence.id, wallet.request(police.nonce())))
    return licence


@pytest.mark.parametrize("holder", [ES256, SM2])
@pytest.mark.parametrize("chongqing", [ES256, SM2])
@pytest.mark.parametrize("sichuan", [ES256, SM2])
def test_every_mixture_of_suites_is_accepted(
    tmp_path: Path, clock: Clock, sichuan: str, chongqing: str, holder: str
) -> None:
    police = ecert.Issuer.demo("四川省广安市公安局", region="511600", alg=sichuan, clock=clock)
    wallet = ecert.Wallet.create(
        tmp_path / "w", "nothing secret here", alg=holder, kdf=CHEAPEST, clock=clock
    )
    licence = issue(police, wallet)
    window = window_of(clock, sichuan, chongqing)
    lists = (police.trust_list(), police.status_list(), mixed_list(sichuan, chongqing))
    for document in lists:
        window.knowledge.accept(document)
    reopened = ecert.Wallet.open(tmp_path / "w", "nothing secret here", clock=clock)
    code = reopened.show(licence.id)
    assert code.qr_version <= 16
    assert window.verify(code.text, matter=MATTER).accepted
    paper, file = police.paper_code(licence.id), police.file(licence.id)
    assert window.verify(paper, matter=MATTER).accepted
    assert window.verify_file(file, matter=MATTER).accepted

    police.revoke(licence.id, reason="测试", document="测〔2026〕1号")
    window.knowledge.accept(police.status_list())
    refuses(window.verify(reopened.show(licence.id).text, matter=MATTER), Reason.REVOKED)


@pytest.mark.parametrize("signer", [ES256, SM2])
@pytest.mark.parametrize("header", [ES256, SM2])
@pytest.mark.parametrize("holder", [ES256, SM2])
def test_a_show_code_of_confused_suites_is_refused_at_the_window(
    tmp_path: Path, clock: Clock, holder: str, header: str, signer: str
) -> None:
    """The wallet's key is one suite's, the proof's header and its signature another's."""
    police = ecert.Issuer.demo("四川省广安市公安局", region="511600", alg=SM2, clock=clock)
    wallet = ecert.Wallet.create(
        tmp_path / "w", "nothing secret here", alg=holder, kdf=CHEAPEST, clock=clock
    )
    licence = issue(police, wallet)
    window = window_of(clock, SM2, ES256)
    for document in (police.trust_list(), police.status_list(), mixed_list(SM2, ES256)):
        window.knowledge.accept(document)
    key = wallet.keys.signer() if signer == holder else PrivateKey.generate(signer)
    said = PrivateKey.generate(header).public.cose_alg
    forger: Any = SimpleNamespace(public=SimpleNamespace(cose_alg=said), sign=key.sign)
    credential = wallet.delivery(licence.id).compact["minimal"]
    code = offline.write_show_code([credential], forger, made=clock())
    verdict = window.verify(code, matter=MATTER)
    if holder == header == signer:
        assert verdict.accepted
        return
    refuses(verdict, Reason.ALGORITHM if header != holder else Reason.SIGNATURE)
    assert [finding.check for finding in verdict.findings] == ["holder-proof"]


def test_keys_roll_over_from_es256_to_sm2(tmp_path: Path, clock: Clock) -> None:
    """Both keys are listed for a while; what the old one signed stays good after its end."""
    demo, begin = demo_region("510000"), clock() - timedelta(days=100)
    old, new = PrivateKey.generate(ES256), PrivateKey.generate(SM2)
    status = HeldKey(signer=PrivateKey.generate(), use="status", valid_from=begin)
    register = MemoryRegister()

    def police(*keys: HeldKey) -> ecert.Issuer:
        return ecert.Issuer(
            code=demo_code("公安局", "511600"), name="四川省广安市公安局", region="511600",
            keyring=Keyring((*keys, status)), register=register,
            signers=RegionSigners(demo.roots, demo.signers), clock=clock,
        )  # fmt: skip

    wallet = ecert.Wallet.create(tmp_path / "w", "nothing secret here", kdf=CHEAPEST, clock=clock)
    before = police(HeldKey(signer=old, use="licence", valid_from=begin))
    first = issue(before, wallet)
    window = window_of(clock, ES256, ES256)
    window.knowledge.accept(before.trust_list())

    clock.advance(days=1)
    after = police(
        HeldKey(signer=old, use="licence", valid_from=begin, valid_until=clock()),
        HeldKey(signer=new, use="licence", valid_from=clock()),
    )
    second = issue(after, wallet)
    for document in (after.trust_list(), after.status_list(), mixed_list(ES256, ES256)):
        window.knowledge.accept(document)
    for licence in (first, second):
        assert window.verify(wallet.show(licence.id).text, matter=MATTER).accepted


class Confused:
    """A signer that signs with one key under another's name, or under another algorithm."""

    def __init__(self, key: PrivateKey, *, claims: PrivateKey) -> None:
        self._key = key
        self.public = claims.public

    def sign(self, message: bytes) -> bytes:
        return self._key.sign(message)


@pytest.mark.parametrize("named", [ES256, SM2])
@pytest.mark.parametrize("signing", [ES256, SM2])
@pytest.mark.parametrize("registered", [ES256, SM2])
def test_key_of_one_signature_of_another_header_of_a_third(
    registered: str, signing: str, named: str
) -> None:
    """In JWS, COSE and envelopes: refused as algorithm or signature unless all agree."""
    keys = {alg: PrivateKey.generate(alg) for alg in (ES256, SM2)}
    trusted = keys[registered].public
    signer = Confused(keys[signing], claims=keys[named])
    right = registered == signing == named

    token = jws.sign({"kid": trusted.kid}, b"{}", signer)
    signed = cose.sign1(b"x", signer)
    wrapped = envelope.parse(envelope.make("t", b"{}", [_Named(signer, trusted.kid)]))  # type: ignore[list-item]
    for check in (
        lambda: jws.parse(token).verify([trusted]),
        lambda: cose.parse_sign1(signed).verify(trusted),
        lambda: wrapped.valid_signers([trusted]),
    ):
        if right:
            check()
            continue
        with pytest.raises(SignatureError) as refused:
            check()
        assert refused.value.reason in {Reason.ALGORITHM, Reason.SIGNATURE}


class _Named:
    """The same signer under a given key id."""

    def __init__(self, signer: Confused, kid: str) -> None:
        self._signer = signer
        real = signer.public

        class Public:
            alg = real.alg

        self.public = Public()
        self.public.kid = kid  # type: ignore[attr-defined]

    def sign(self, message: bytes) -> bytes:
        return self._signer.sign(message)


def test_aliases_and_der_only_where_the_key_record_says_so(clock: Clock) -> None:
    from ecert.errors import DocumentRefusedError
    from ecert.sign import der
    from ecert.trust.trust_list import KeyRecord

    key = PrivateKey.generate(SM2)
    plain = KeyRecord(jwk=key.public.jwk(), use="licence", types=("*",), valid_from=clock())
    old = plain.model_copy(update={"aliases": ("SM2SM3",), "signature_form": "der"})
    old = KeyRecord.model_validate(old.model_dump(exclude={"public"}))

    class OldSoftware:
        public = key.public

        def sign(self, message: bytes) -> bytes:
            return der.signature(key.sign(message))

    token = jws.parse(jws.sign({"alg": "SM2SM3"}, b"{}", OldSoftware()))
    assert token.verify([old.public]) == key.public
    with pytest.raises(SignatureError) as refused:
        token.verify([plain.public])
    assert refused.value.reason is Reason.ALGORITHM
    raw = jws.parse(jws.sign({}, b"{}", key))
    assert raw.verify([plain.public]) == key.public
    with pytest.raises(SignatureError):
        raw.verify([old.public])

    es256 = PrivateKey.generate(ES256).public.jwk()
    wrong = KeyRecord.model_validate(old.model_dump(exclude={"public", "jwk"}) | {"jwk": es256})
    with pytest.raises(DocumentRefusedError):
        wrong.check_content("keys")
