"""What one region hands to another: all of it comes into force, or nothing."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import orjson
import pytest

import ecert
from ecert.demo import demo_region
from ecert.errors import DocumentRefusedError
from ecert.faults import DocumentFault
from ecert.limits import MAX_ENVELOPE_BYTES
from ecert.sign import envelope
from ecert.trust.roots import Role
from ecert.wallet.vault import CHEAPEST
from ecert.workspace import Workspace
from ecert.workspace.bundle import Bundle
from tests.unit.workspace.conftest import issue

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.unit.workspace.conftest import Clock


def _known(workspace: Workspace) -> dict[str, bytes]:
    workspace.knowledge.reload()
    return dict(workspace.knowledge.trust.documents)


def _changed(bundle: Bundle, change: Callable[[dict[str, Any]], object]) -> bytes:
    plain = orjson.loads(bundle.to_bytes())
    change(plain)
    return orjson.dumps(plain)


def test_a_bundle_survives_its_file(guangan: Workspace) -> None:
    bundle = guangan.bundle()
    again = Bundle.from_bytes(bundle.to_bytes())
    assert envelope.parse(again.trust_list) == envelope.parse(bundle.trust_list)
    assert envelope.parse(again.roots) == envelope.parse(bundle.roots)
    assert again.status_lists == bundle.status_lists


def test_proposing_tells_everything_and_changes_nothing(
    guangan: Workspace, chongqing: Workspace
) -> None:
    before = _known(chongqing)
    told = chongqing.propose_bundle(guangan.bundle().to_bytes())
    assert told.pins
    assert told.roots.owner == "510000"
    assert [one.slot.partition(":")[0] for one in told.accepted] == [
        "ecert-trust-list+jws", "ecert-catalogue+jws", "statuslist+jwt", "ecert-manifest+jws",
    ]  # fmt: skip
    assert _known(chongqing) == before


def test_accepting_pins_and_knows_the_issuer_also_when_opened_again(
    guangan: Workspace, chongqing: Workspace
) -> None:
    assert chongqing.accept_bundle(guangan.bundle().to_bytes()).pins
    chongqing.close()
    with Workspace.open(chongqing.path) as again:
        entry = again.knowledge.trust.issuer(guangan.settings.code or "")
        assert entry is not None
        assert entry.issuer.name == "四川省广安市公安局"


def test_a_newer_bundle_only_updates(
    guangan: Workspace, chongqing: Workspace, clock: Clock
) -> None:
    chongqing.accept_bundle(guangan.bundle().to_bytes())
    clock.advance(timedelta(days=2))
    second = chongqing.accept_bundle(guangan.bundle().to_bytes())
    assert not second.pins
    versions = {one.slot.partition(":")[0]: one.version for one in second.accepted}
    assert versions["statuslist+jwt"] == int(clock.now.timestamp())


def test_yesterday_s_bundle_is_refused_and_today_s_stays(
    guangan: Workspace, chongqing: Workspace, clock: Clock
) -> None:
    old = guangan.bundle().to_bytes()
    clock.advance(timedelta(days=2))
    chongqing.accept_bundle(guangan.bundle().to_bytes())
    before = _known(chongqing)
    with pytest.raises(DocumentRefusedError) as caught:
        chongqing.accept_bundle(old)
    assert caught.value.fault is DocumentFault.ROLLBACK
    assert _known(chongqing) == before


def _last_char(token: str) -> str:
    head, _, signature = token.rpartition(".")
    return f"{head}.{('B' if signature[0] == 'A' else 'A')}{signature[1:]}"


def test_one_bad_status_list_keeps_everything_out(guangan: Workspace, chongqing: Workspace) -> None:
    data = _changed(
        guangan.bundle(),
        lambda plain: plain.update(status_lists=[_last_char(plain["status_lists"][0])]),
    )
    before = _known(chongqing)
    with pytest.raises(DocumentRefusedError) as caught:
        chongqing.accept_bundle(data)
    assert caught.value.fault is DocumentFault.SIGNATURE
    assert _known(chongqing) == before, "not even the roots are pinned"


def test_a_trust_list_signed_by_another_region_s_key_is_refused(
    guangan: Workspace, chongqing: Workspace
) -> None:
    bundle = guangan.bundle()
    opened = envelope.parse(bundle.trust_list)
    strangers = demo_region("500000").signers[Role.TRUST_LIST]
    forged = envelope.make(opened.typ, opened.unverified_payload, strangers)
    data = Bundle(bundle.roots, forged, bundle.catalogue, bundle.status_lists).to_bytes()
    with pytest.raises(DocumentRefusedError) as caught:
        chongqing.accept_bundle(data)
    assert caught.value.fault is DocumentFault.TOO_FEW_SIGNATURES


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        (lambda plain: plain.update(typ="ecert-other"), DocumentFault.WRONG_KIND),
        (lambda plain: plain.pop("roots"), DocumentFault.MALFORMED),
        (lambda plain: plain.update(more=1), DocumentFault.MALFORMED),
        (lambda plain: plain.update(status_lists="x"), DocumentFault.MALFORMED),
        (lambda plain: plain.update(status_lists=[1]), DocumentFault.MALFORMED),
        (lambda plain: plain.update(status_lists=["x"] * 65), DocumentFault.MALFORMED),
        (lambda plain: plain.update(roots={"payload": 1}), DocumentFault.MALFORMED),
    ],
)
def test_another_shape_is_refused(
    guangan: Workspace,
    chongqing: Workspace,
    change: Callable[[dict[str, Any]], object],
    fault: DocumentFault,
) -> None:
    with pytest.raises(DocumentRefusedError) as caught:
        chongqing.propose_bundle(_changed(guangan.bundle(), change))
    assert caught.value.fault is fault


@pytest.mark.parametrize("data", [b"", b"{", b"[]", b'{"typ":"ecert-bundle","typ":1}'])
def test_what_is_no_json_object_is_malformed(data: bytes) -> None:
    with pytest.raises(DocumentRefusedError) as caught:
        Bundle.from_bytes(data)
    assert caught.value.fault is DocumentFault.MALFORMED


def test_the_size_is_bounded_before_anything_is_parsed() -> None:
    with pytest.raises(DocumentRefusedError) as caught:
        Bundle.from_bytes(b" " * (MAX_ENVELOPE_BYTES + 1))
    assert caught.value.fault is DocumentFault.TOO_LARGE
    with pytest.raises(DocumentRefusedError) as caught:
        Bundle.from_bytes(b" " * MAX_ENVELOPE_BYTES)
    assert caught.value.fault is DocumentFault.MALFORMED


# -- demonstration keys -----------------------------------------------------------------------


def test_a_real_workspace_refuses_demonstration_roots_unless_told(
    guangan: Workspace, linshui: Workspace
) -> None:
    data = guangan.bundle().to_bytes()
    with pytest.raises(DocumentRefusedError) as caught:
        linshui.accept_bundle(data)
    assert "演示" in caught.value.zh
    assert "--allow-demo" in caught.value.fix_en
    assert linshui.knowledge.trust.roots("510000") is None
    assert linshui.accept_bundle(data, allow_demo=True).roots.demo


def test_a_demonstration_takes_a_real_region(linshui: Workspace, chongqing: Workspace) -> None:
    assert not chongqing.accept_bundle(linshui.bundle().to_bytes()).roots.demo


# -- knowing oneself --------------------------------------------------------------------------


def test_what_is_published_is_known_at_home(
    guangan: Workspace, tmp_path: Path, clock: Clock
) -> None:
    licence = issue(guangan)
    wallet = ecert.Wallet.create(tmp_path / "w.wallet", "long enough", kdf=CHEAPEST, clock=clock)
    wallet.add(guangan.issuer.deliver(licence.id, wallet.request(guangan.issuer.nonce())))
    guangan.bundle()
    assert guangan.verifier.verify(wallet.show(licence.id).text).accepted
    guangan.issuer.revoke(licence.id, reason="测试", document="测〔2026〕1号")
    guangan.status_lists()
    verdict = guangan.verifier.verify(wallet.show(licence.id).text)
    assert verdict.reason is ecert.Reason.REVOKED


def test_status_lists_are_signed_before_a_trust_list_is(guangan: Workspace) -> None:
    assert len(guangan.status_lists()) == 1
    assert guangan.knowledge.trust.issuer(guangan.settings.code or "") is None
