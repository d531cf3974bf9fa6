"""What attackers and accidents do to the lists that a window holds."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

import ecert
from ecert.demo import demo_region
from ecert.errors import DocumentRefusedError, StoreError
from ecert.faults import DocumentFault
from ecert.model.regions import name_of
from ecert.reasons import Reason
from ecert.sign import envelope
from ecert.sign.keys import PrivateKey
from ecert.store.engine import open_engine
from ecert.store.knowledge import SQLKnowledgeStore
from ecert.store.replay import SQLReplay
from ecert.trust.roots import Role, RootSet, make_roots
from ecert.trust.trust_list import TrustList
from ecert.verify.knowledge import Knowledge
from tests.flows.world import MATTER, World, refuses, sample_list, sign_list

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def refused(fault: DocumentFault, act: Callable[[], object]) -> None:
    with pytest.raises(DocumentRefusedError) as error:
        act()
    assert error.value.fault is fault
    assert error.value.zh
    assert error.value.en


def in_force(knowledge: Knowledge) -> tuple[dict[str, object], ...]:
    return (
        dict(knowledge.trust.marks), dict(knowledge.recognition.marks),
        dict(knowledge.trust.documents), dict(knowledge.recognition.documents),
    )  # fmt: skip


def test_a_list_signed_by_the_wrong_key_leaves_the_old_one(world: World) -> None:
    knowledge = world.window.knowledge
    before = in_force(knowledge)
    stranger = PrivateKey.generate()
    forged = envelope.make("ecert-recognition-list+jws", sample_list().to_payload(), [stranger])
    refused(DocumentFault.TOO_FEW_SIGNATURES, lambda: knowledge.accept(forged))
    half = sign_list(sample_list(), "510000")
    refused(DocumentFault.TOO_FEW_SIGNATURES, lambda: knowledge.accept(half))
    licence_key = world.police._keyring.keys[0].signer
    misused = envelope.make("ecert-trust-list+jws", b"{}", [licence_key])
    refused(DocumentFault.MALFORMED, lambda: knowledge.accept(misused))
    assert in_force(knowledge) == before
    assert world.verify().accepted


def test_yesterdays_lists_do_not_come_back(world: World) -> None:
    old_status = world.police.status_list()
    world.clock.advance(minutes=5)
    world.police.revoke(world.licence.id, reason="测试", document="测〔2026〕1号")
    world.sync()
    refuses(world.verify(), Reason.REVOKED)
    refused(DocumentFault.ROLLBACK, lambda: world.window.knowledge.accept(old_status))
    refuses(world.verify(), Reason.REVOKED)

    old_trust = world.police.trust_list()
    world.clock.advance(days=16)
    new_trust = world.police.trust_list()
    assert new_trust != old_trust
    world.window.knowledge.accept(new_trust)
    refused(DocumentFault.ROLLBACK, lambda: world.window.knowledge.accept(old_trust))


def test_the_same_version_with_other_content_is_refused(world: World) -> None:
    other = sample_list().model_copy(update={"title": "另一份清单"})
    refused(DocumentFault.VERSION_CONFLICT, lambda: world.window.knowledge.accept(sign_list(other)))
    again = world.window.knowledge.accept(ecert.fixture("川渝互认清单"))
    assert again.change is not None
    assert again.change.unchanged == len(sample_list().entries)


def test_an_issuer_cannot_vouch_for_itself_outside_its_region(world: World) -> None:
    own = TrustList.from_payload(envelope.parse(world.police.trust_list()).unverified_payload)
    (issuer,) = own.issuers
    abroad = own.model_copy(
        update={"version": 2, "issuers": (issuer.model_copy(update={"region": "500000"}),)}
    )
    signers = demo_region("510000").signers[Role.TRUST_LIST]
    forged = envelope.make(TrustList.TYP, abroad.to_payload(), signers)
    refused(DocumentFault.OVERSTEPS, lambda: world.window.knowledge.accept(forged))


def test_garbage_is_refused_by_name(world: World) -> None:
    for data in (b"", b"{", b"\xff\xfe", b"abc.def.ghi", b"[]", b"PK\x03\x04" + bytes(500)):
        refused(DocumentFault.MALFORMED, lambda data=data: world.window.knowledge.accept(data))  # type: ignore[misc]
    refused(
        DocumentFault.TOO_LARGE,
        lambda: world.window.knowledge.accept(b"{" + b" " * (50 * 1024 * 1024)),
    )
    unpinned = demo_region("520000").roots
    refused(DocumentFault.NOT_PINNED, lambda: world.window.knowledge.accept(unpinned))


@pytest.fixture
def stored(world: World, tmp_path: Path) -> Callable[[], ecert.Verifier]:
    """The same window on a database; each call opens it anew, as after a restart."""
    path = tmp_path / "window.db"

    def open_window() -> ecert.Verifier:
        engine = open_engine(path)
        return ecert.Verifier(
            "500000",
            knowledge=Knowledge("500000", store=SQLKnowledgeStore(engine), clock=world.clock),
            replay=SQLReplay(engine),
            clock=world.clock,
        )

    window = open_window()
    window.knowledge.pin(ecert.demo_roots())
    window.knowledge.accept(world.police.trust_list())
    window.knowledge.accept(world.police.status_list())
    window.knowledge.accept(ecert.fixture("川渝互认清单"))
    return open_window


def test_a_restart_forgets_neither_lists_nor_used_codes(
    world: World, stored: Callable[[], ecert.Verifier]
) -> None:
    code = world.code()
    assert stored().verify(code, matter=MATTER).accepted
    refuses(stored().verify(code, matter=MATTER), Reason.REPLAYED)


def test_a_restart_does_not_lower_marks(world: World, stored: Callable[[], ecert.Verifier]) -> None:
    old = world.police.status_list()
    world.clock.advance(minutes=1)
    world.police.revoke(world.licence.id, reason="测试", document="测〔2026〕1号")
    stored().knowledge.accept(world.police.status_list())
    refused(DocumentFault.ROLLBACK, lambda: stored().knowledge.accept(old))
    refuses(stored().verify(world.code(), matter=MATTER), Reason.REVOKED)


def test_expired_lists_are_known_as_expired_after_a_restart(
    world: World, stored: Callable[[], ecert.Verifier]
) -> None:
    world.clock.advance(days=4)
    refuses(stored().verify(world.code(), matter=MATTER), Reason.STATUS_STALE)
    world.clock.advance(days=400)
    verdict = stored().verify(world.code(), matter=MATTER)
    assert Reason.TRUST_LIST_EXPIRED in {finding.reason for finding in verdict.findings}


def test_a_slower_process_is_refused_and_catches_up(
    world: World, stored: Callable[[], ecert.Verifier]
) -> None:
    slow, fast = stored(), stored()
    world.clock.advance(minutes=1)
    world.police.revoke(world.licence.id, reason="测试", document="测〔2026〕1号")
    fast.knowledge.accept(world.police.status_list())
    world.clock.advance(minutes=1)
    # Of the same year, so that it is on the same list.
    other = world.issue()
    (lost,) = world.police.credentials(other.id)
    world.police.withdraw_credential(lost.id, reason="手机遗失")
    with pytest.raises(StoreError):
        slow.knowledge.accept(world.police.status_list())
    slow.knowledge.accept(world.police.status_list())
    assert not slow.verify(world.code(), matter=MATTER).accepted


def rotated(world: World, *roles: Role) -> tuple[bytes, dict[Role, list[PrivateKey]]]:
    """Version 2 of Sichuan's roots with fresh keys for ``roles``, rightly signed."""
    demo = demo_region("510000")
    old = RootSet.from_payload(envelope.parse(demo.roots).unverified_payload)
    fresh = {role: [PrivateKey.generate()] for role in roles}
    keys = {
        role: [key.public for key in fresh[role]] if role in fresh else list(old.keys_for(role))
        for role in old.roles
    }
    new = make_roots(
        "510000", name_of("510000"), keys, version=2, demo=True,
        previous=envelope.parse(demo.roots).digest, issued=world.clock(),
        expires=world.clock() + timedelta(days=3650),
        threshold={role: 1 if role in fresh else old.threshold(role) for role in old.roles},
    )  # fmt: skip
    return envelope.make(new.TYP, new.to_payload(), demo.signers[Role.ROOTS]), fresh


def test_rotated_list_keys_take_their_lists_along_and_survive_a_restart(
    world: World, stored: Callable[[], ecert.Verifier]
) -> None:
    roots, fresh = rotated(world, Role.RECOGNITION_LIST, Role.TRUST_LIST)
    window = stored()
    window.knowledge.accept(roots)
    for view in (window, stored()):
        verdict = view.verify(world.code(), matter=MATTER)
        refuses(verdict, Reason.TRUST_LIST_MISSING)
    payload = envelope.parse(world.police.trust_list()).unverified_payload
    again = envelope.make(TrustList.TYP, payload, fresh[Role.TRUST_LIST])
    window = stored()
    window.knowledge.accept(again)
    window.knowledge.accept(world.police.status_list())
    refuses(stored().verify(world.code(), matter=MATTER), Reason.LIST_MISSING)
    signers = [
        *fresh[Role.RECOGNITION_LIST], *demo_region("500000").signers[Role.RECOGNITION_LIST]
    ]  # fmt: skip
    relisted = envelope.make("ecert-recognition-list+jws", sample_list().to_payload(), signers)
    window.knowledge.accept(relisted)
    assert stored().verify(world.code(), matter=MATTER).accepted


def test_a_status_key_that_the_trust_list_drops_speaks_no_longer(world: World) -> None:
    own = TrustList.from_payload(envelope.parse(world.police.trust_list()).unverified_payload)
    (issuer,) = own.issuers
    keys = tuple(
        record.model_copy(update={"state": "compromised"}) if record.use == "status" else record
        for record in issuer.keys
    )
    dropped = own.model_copy(
        update={
            "version": 2, "issuers": (issuer.model_copy(update={"keys": keys}),),
            "previous": envelope.parse(world.police.trust_list()).digest,
        }
    )  # fmt: skip
    signers = demo_region("510000").signers[Role.TRUST_LIST]
    world.window.knowledge.accept(envelope.make(TrustList.TYP, dropped.to_payload(), signers))
    refuses(world.verify(), Reason.STATUS_MISSING)
