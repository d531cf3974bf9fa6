"""What departments and wallets do, and what goes wrong between them."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import orjson
import pytest

import ecert
from ecert.demo import demo_region
from ecert.errors import (
    CatalogueError,
    CustodyError,
    DocumentRefusedError,
    ForbiddenMoveError,
    NotHeldError,
    ProofError,
    RequestConflictError,
    UnknownLicenceError,
    VaultError,
    WalletError,
)
from ecert.faults import DocumentFault
from ecert.issuers import credentials
from ecert.issuers.demonstration import demo_code
from ecert.issuers.keyring import HeldKey, Keyring
from ecert.issuers.memory import MemoryRegister
from ecert.issuers.publish import RegionSigners
from ecert.model.catalogue import Authority, builtin
from ecert.model.codes import make_uscc
from ecert.show import possession
from ecert.sign import envelope, jws
from ecert.sign.keys import PrivateKey
from ecert.trust.catalogue import CatalogueDocument
from ecert.trust.roots import Role
from ecert.wallet.vault import CHEAPEST
from tests.flows.world import ZHANG, World

if TYPE_CHECKING:
    from pathlib import Path

    from tests.flows.world import Clock

APPLICATION: dict[str, Any] = {
    "number": "510681199003071237",
    "holder": ZHANG,
    "fields": {"准驾车型": "C1"},
    "valid_until": date(2031, 6, 1),
}


def test_a_retry_gives_the_same_licence_even_after_midnight(world: World) -> None:
    first = world.police.issue("机动车驾驶证", **APPLICATION, request_id="r-1")
    world.clock.advance(days=1)
    assert world.police.issue("驾驶证", **APPLICATION, request_id="r-1") == first


def test_the_same_request_with_other_content_is_refused(world: World) -> None:
    world.police.issue("机动车驾驶证", **APPLICATION, request_id="r-1")
    other = APPLICATION | {"fields": {"准驾车型": "A1"}}
    with pytest.raises(RequestConflictError) as refused:
        world.police.issue("机动车驾驶证", **other, request_id="r-1")
    assert refused.value.where == "r-1"
    moved = world.police.suspend(
        world.licence.id, reason="a", document="测〔2026〕1号", request_id="s-1"
    )
    assert (
        world.police.suspend(
            world.licence.id, reason="a", document="测〔2026〕1号", request_id="s-1"
        )
        == moved
    )
    with pytest.raises(RequestConflictError):
        world.police.suspend(
            world.licence.id, reason="b", document="测〔2026〕1号", request_id="s-1"
        )


def test_unknown_things_are_named(world: World) -> None:
    with pytest.raises(CatalogueError) as unknown:
        world.police.issue("机动车驾驶正", **APPLICATION)
    assert "机动车驾驶证" in unknown.value.fix_zh
    with pytest.raises(UnknownLicenceError):
        world.police.revoke("1.2.3", reason="x", document="测〔2026〕1号")


# -- delivery -------------------------------------------------------------------------------------


def test_the_same_proof_gives_the_same_credential(world: World) -> None:
    proof = world.wallet.request(world.police.nonce())
    first = world.police.deliver(world.licence.id, proof)
    world.clock.advance(days=1)
    assert world.police.deliver(world.licence.id, proof) == first
    assert len(world.police.credentials(world.licence.id)) == 2


def test_a_try_that_broke_off_before_signing_is_finished_not_doubled(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    proof = world.wallet.request(world.police.nonce())

    def power_cut(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(credentials, "write_credential", power_cut)
        with pytest.raises(KeyboardInterrupt):
            world.police.deliver(world.licence.id, proof)
    (_, reserved) = world.police.credentials(world.licence.id)
    assert reserved.signed_at is None
    world.wallet.add(world.police.deliver(world.licence.id, proof))
    (_, signed) = world.police.credentials(world.licence.id)
    assert (signed.id, signed.signed_at) == (reserved.id, world.clock())
    world.sync()
    assert world.verify().accepted


def test_a_proof_serves_one_licence_once_and_soon(world: World) -> None:
    second = world.police.issue("机动车驾驶证", **APPLICATION)
    proof = world.wallet.request(world.police.nonce())
    world.police.deliver(world.licence.id, proof)
    with pytest.raises(ProofError):
        world.police.deliver(second.id, proof)
    late = world.wallet.request(world.police.nonce())
    world.clock.advance(minutes=10)
    with pytest.raises(ProofError):
        world.police.deliver(second.id, late)
    invented = world.wallet.request(f"{world.police.code}.{'A' * 22}")
    with pytest.raises(ProofError):
        world.police.deliver(second.id, invented)
    elsewhere = ecert.Issuer.demo("达州市公安局", region="511700", clock=world.clock)
    with pytest.raises(ProofError):
        world.police.deliver(second.id, world.wallet.request(elsewhere.nonce()))


def test_a_proof_must_be_signed_by_the_key_that_it_names(world: World) -> None:
    nonce, thief = world.police.nonce(), PrivateKey.generate()
    claims = {"aud": world.police.code, "nonce": nonce, "iat": 0}
    named = PrivateKey.generate().public.jwk()
    for header, jwk in (
        ({"typ": possession.TYP}, named),
        ({"typ": "JWT"}, thief.public.jwk()),
        ({"typ": possession.TYP}, {"kty": "oct", "k": "AAAA"}),
        ({"typ": possession.TYP}, "none"),
    ):
        forged = jws.sign(header, orjson.dumps(claims | {"jwk": jwk}), thief)
        with pytest.raises(ProofError):
            world.police.deliver(world.licence.id, forged)
    with pytest.raises(ProofError):
        world.police.deliver(world.licence.id, "not a token")


def test_nothing_is_signed_for_a_licence_that_is_not_in_force(world: World) -> None:
    world.police.suspend(world.licence.id, reason="暂扣", document="测〔2026〕1号")
    for act in (
        lambda: world.police.file(world.licence.id),
        lambda: world.police.paper_code(world.licence.id),
        lambda: world.deliver(world.licence),
    ):
        with pytest.raises(ForbiddenMoveError):
            act()
    assert len(world.police.credentials(world.licence.id)) == 1


def test_an_expired_key_signs_nothing_and_reserves_nothing(world: World, clock: Clock) -> None:
    demo, begin = demo_region("510000"), clock() - timedelta(days=2)
    police = ecert.Issuer(
        code=demo_code("邻水县公安局", "511623"), name="邻水县公安局", region="511623",
        keyring=Keyring((
            HeldKey(signer=PrivateKey.generate(), use="licence", valid_from=begin,
                    valid_until=clock()),
            HeldKey(signer=PrivateKey.generate(), use="status", valid_from=begin),
        )),
        register=MemoryRegister(), signers=RegionSigners(demo.roots, demo.signers), clock=clock,
    )  # fmt: skip
    licence = police.issue("机动车驾驶证", **APPLICATION)
    nonce = police.nonce()
    with pytest.raises(CustodyError) as refused:
        police.deliver(licence.id, world.wallet.request(nonce))
    assert "有效期" in refused.value.zh
    assert refused.value.fix_zh
    with pytest.raises(CustodyError):
        police.file(licence.id)
    assert police.credentials(licence.id) == ()


# -- publication ----------------------------------------------------------------------------------


def test_unchanged_lists_are_given_out_again_and_changed_ones_rise(world: World) -> None:
    first, trust = world.police.status_list(), world.police.trust_list()
    assert (world.police.status_list(), world.police.trust_list()) == (first, trust)
    world.police.revoke(world.licence.id, reason="测试", document="测〔2026〕1号")
    second = world.police.status_list()
    assert second != first, "in the same second"
    world.window.knowledge.accept(second)
    world.clock.advance(days=16)
    later = envelope.parse(world.police.trust_list())
    content = orjson.loads(later.unverified_payload)
    assert content["version"] == 2
    assert content["previous"] == envelope.parse(trust).digest


def test_a_region_publishes_its_own_types_and_may_define_no_others(world: World) -> None:
    driving = builtin().require("机动车驾驶证")
    own_code = make_uscc("11", "511600", "12345678")
    local = driving.model_copy(
        update={
            "code": f"{own_code}001", "name": "广安市小客车备案证", "aliases": (),
            "defining_authority": Authority(code=own_code, name="广安市公安局"),
        }
    )  # fmt: skip
    world.police.catalogue = builtin().with_types([local])
    world.window.knowledge.accept(world.police.catalogue_document())
    assert world.window.knowledge.catalogue.require("广安市小客车备案证").code == local.code

    foreign = CatalogueDocument(
        owner="511700", audience=("000000",), version=1, issued=world.clock(),
        expires=world.clock() + timedelta(days=1), types=(local,),
    )  # fmt: skip
    signers = demo_region("510000").signers[Role.CATALOGUE]
    forged = envelope.make(foreign.TYP, foreign.to_payload(), signers)
    with pytest.raises(DocumentRefusedError) as refused:
        world.window.knowledge.accept(forged)
    assert refused.value.fault is DocumentFault.OVERSTEPS


# -- wallets --------------------------------------------------------------------------------------


def test_a_wallet_keeps_only_what_is_bound_to_it(world: World, tmp_path: Path) -> None:
    other = ecert.Wallet.create(
        tmp_path / "other", "nothing secret here", kdf=CHEAPEST, clock=world.clock
    )
    delivery = world.police.deliver(world.licence.id, other.request(world.police.nonce()))
    with pytest.raises(WalletError):
        world.wallet.add(delivery)
    assert other.add(delivery).type_name == "机动车驾驶证"
    reopened = ecert.Wallet.open(tmp_path / "other", "nothing secret here")
    assert [held.id for held in reopened.licences] == [str(world.licence.id)]
    reopened.remove(world.licence.id)
    with pytest.raises(NotHeldError):
        reopened.show(world.licence.id)
    assert ecert.Wallet.open(tmp_path / "other", "nothing secret here").licences == ()


def test_a_wallet_names_what_it_does_not_hold(world: World) -> None:
    with pytest.raises(NotHeldError) as missing:
        world.wallet.show("1.2.3")
    assert missing.value.where == "1.2.3"
    with pytest.raises(NotHeldError) as profile:
        world.wallet.show(world.licence.id, profile="everything")
    assert "minimal" in profile.value.fix_zh


def test_a_vault_that_is_no_wallet_is_told(tmp_path: Path) -> None:
    from ecert.wallet.vault import Vault

    for number, content in enumerate((b"", b"{}", b'{"key": 1, "credentials": []}')):
        path = tmp_path / f"{number}"
        Vault.create(path, "nothing secret here", kdf=CHEAPEST).write(content)
        with pytest.raises(VaultError):
            ecert.Wallet.open(path, "nothing secret here")


def test_several_licences_in_one_code_are_told_each_on_its_own(world: World) -> None:
    card = world.issue(
        "残疾人证", number="51068119900307123743", valid_until=date(2030, 1, 1),
        fields={"残疾类别": "肢体", "残疾等级": "三级"},
    )  # fmt: skip
    world.sync()
    code = world.wallet.show(world.licence.id, card.id)
    verdict = world.verify(code.text)
    assert [part.reason.value for part in verdict.parts] == ["ok", "type-not-listed"]
    assert verdict.outcome.value == "not-recognised"
    assert verdict.parts[0].licence.type_name == "机动车驾驶证"
    with pytest.raises(ValueError, match="several"):
        _ = verdict.licence
    again = world.verify(code.text)
    assert again.parts[0].reason is ecert.Reason.REPLAYED


def test_a_verdict_is_not_a_yes_or_no(world: World) -> None:
    verdict = world.verify()
    with pytest.raises(TypeError):
        bool(verdict)
    assert verdict.require_accepted() is verdict
