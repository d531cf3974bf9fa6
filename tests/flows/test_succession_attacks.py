"""TUF's list of attacks on lists, row by row: T1 to T15 of the threat research.

Each runs on a store in memory and on SQLite.  A refusal leaves documents and marks as they were,
byte for byte, also for whoever opens the store afterwards.
"""

from __future__ import annotations

import itertools
import random  # noqa: TID251 - a seeded order, repeatable
import shutil
import socket
import subprocess
import sys
import time
from contextlib import contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import orjson
import pytest
from sqlalchemy import text

import ecert
from ecert import limits
from ecert.client import Bounds, Way, fetch
from ecert.demo import demo_region
from ecert.errors import DocumentRefusedError, FetchError
from ecert.faults import DocumentFault, FetchFault
from ecert.interop.recognition import RecognitionList
from ecert.issuers.manifests import make_manifest
from ecert.reasons import Reason
from ecert.sign import envelope
from ecert.sign.keys import PrivateKey
from ecert.sign.strict import b64url, b64url_decode
from ecert.store.engine import open_engine
from ecert.store.knowledge import SQLKnowledgeStore
from ecert.trust.catalogue import CatalogueDocument
from ecert.trust.roots import Role
from ecert.trust.trust_list import TrustList
from ecert.verify.knowledge import Knowledge
from ecert.verify.storage import MemoryStore
from ecert.workspace.intake import take_in
from ecert.workspace.knowledge_file import write_knowledge
from tests.conftest import ROOT
from tests.flows.world import MATTER, World, refuses, sample_list, sign_list
from tests.partner import Mode, Partner
from tests.unit.trust.office import EXPIRES, ISSUED, NOW, Office, digest_of, issuer, signed

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from ecert.store.engine import Engine
    from ecert.trust.document import Document
    from ecert.verify.storage import KnowledgeStore

SICHUAN, CHONGQING, GUANGAN = "510000", "500000", "511600"
SECOND = timedelta(seconds=1)


@pytest.fixture(params=["memory", "sqlite"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[KnowledgeStore]:
    if request.param == "memory":
        yield MemoryStore()
        return
    with open_engine(tmp_path / "window.db") as engine:
        yield SQLKnowledgeStore(engine)


@pytest.fixture
def window(store: KnowledgeStore) -> Knowledge:
    """What a window in Chongqing knows: the roots of both demonstration provinces."""
    knowledge = Knowledge(CHONGQING, store=store, clock=lambda: NOW)
    knowledge.pin(ecert.demo_roots())
    return knowledge


@pytest.fixture
def office() -> Office:
    """Guang'an, with roots of its own: three keys for lists, of which two must sign."""
    return Office(GUANGAN)


def kept(knowledge: Knowledge, store: KnowledgeStore) -> tuple[object, ...]:
    return (
        knowledge.documents, knowledge.in_force, {one.slot: one for one in store.documents()},
        dict(store.marks()), Knowledge(CHONGQING, store=store).documents,
    )  # fmt: skip


@contextmanager
def refused(knowledge: Knowledge, store: KnowledgeStore, *faults: DocumentFault) -> Iterator[None]:
    """Expect a refusal for one of ``faults``, and nothing at all to have changed."""
    before = kept(knowledge, store)
    with pytest.raises(DocumentRefusedError) as caught:
        yield
    assert caught.value.fault in faults, caught.value
    assert kept(knowledge, store) == before


def by(document: Document, signers: Sequence[PrivateKey]) -> bytes:
    return envelope.make(document.TYP, document.to_payload(), signers)


def trust_list(version: int = 1, previous: bytes | None = None, **changes: Any) -> bytes:
    """Sichuan's trust list, rightly signed."""
    values: dict[str, Any] = {
        "owner": SICHUAN, "audience": ("000000",), "version": version, "issued": ISSUED,
        "expires": EXPIRES, "issuers": (issuer(1),),
        "previous": None if previous is None else digest_of(previous),
    }  # fmt: skip
    return by(TrustList(**(values | changes)), demo_region(SICHUAN).signers[Role.TRUST_LIST])


def recognition(version: int = 1, previous: bytes | None = None, **changes: Any) -> bytes:
    """The sample list, as another version."""
    values = {
        "version": version, "issued": ISSUED, "expires": EXPIRES,
        "previous": None if previous is None else digest_of(previous),
    }  # fmt: skip
    return sign_list(sample_list().model_copy(update=values | changes))


def catalogue(version: int = 1, previous: bytes | None = None) -> bytes:
    document = CatalogueDocument(
        owner=SICHUAN, audience=("000000",), version=version, issued=ISSUED, expires=EXPIRES,
        previous=None if previous is None else digest_of(previous), types=(),
    )  # fmt: skip
    return by(document, demo_region(SICHUAN).signers[Role.CATALOGUE])


def manifest(documents: Sequence[bytes], version: int = 1, previous: bytes | None = None) -> bytes:
    made = make_manifest(
        SICHUAN, documents, issued=ISSUED, version=version,
        previous=None if previous is None else digest_of(previous),
    )  # fmt: skip
    return by(made, demo_region(SICHUAN).signers[Role.TRUST_LIST])


# -- T1 ---------------------------------------------------------------------------------------


def test_t1_arbitrary_installation(window: Knowledge, store: KnowledgeStore) -> None:
    first = recognition()
    window.accept(first)
    document = sample_list().model_copy(
        update={"version": 2, "issued": ISSUED, "expires": EXPIRES, "previous": digest_of(first)}
    )
    demo = demo_region(SICHUAN).signers
    few = (DocumentFault.TOO_FEW_SIGNATURES,)
    for wrong in ([PrivateKey.generate()], demo[Role.TRUST_LIST], demo[Role.ROOTS]):
        with refused(window, store, *few):
            window.accept(by(document, wrong))
    payload = b64url(document.to_payload())
    for header in ({"alg": "HS256", "kid": "x"}, {"alg": "none", "kid": "x"}):
        protected = b64url(orjson.dumps(header | {"typ": RecognitionList.TYP}))
        entry = {"protected": protected, "signature": b64url(b"x" * 64)}
        with refused(window, store, DocumentFault.MALFORMED, *few):
            window.accept(orjson.dumps({"payload": payload, "signatures": [entry]}))
    with refused(window, store, DocumentFault.MALFORMED):
        window.accept(orjson.dumps({"payload": payload, "signatures": []}))
    with refused(window, store, DocumentFault.MALFORMED, DocumentFault.WRONG_KIND):
        window.accept(document.to_payload())


# -- T2 ---------------------------------------------------------------------------------------


def test_t2_rollback(window: Knowledge, store: KnowledgeStore) -> None:
    sixth, seventh = trust_list(6), trust_list(7)
    window.accept(seventh)
    with refused(window, store, DocumentFault.ROLLBACK):
        window.accept(sixth)
    with refused(window, store, DocumentFault.VERSION_CONFLICT):
        window.accept(trust_list(7, issuers=(issuer(2),)))
    before = kept(window, store)
    window.accept(seventh)
    assert kept(window, store) == before, "the same once more is nothing"
    assert window.accept(trust_list(8, seventh)).version == 8
    with refused(window, store, DocumentFault.ROLLBACK):
        Knowledge(CHONGQING, store=store).accept(seventh, at=NOW)


def test_t2_documents_from_an_old_backup_are_found_out_by_the_marks(tmp_path: Path) -> None:
    with open_engine(tmp_path / "window.db") as engine:
        store = SQLKnowledgeStore(engine)
        window = Knowledge(CHONGQING, store=store)
        window.pin(ecert.demo_roots(), at=NOW)
        first = trust_list(1)
        window.accept(first, at=NOW)
        (old,) = (one for one in store.documents() if one.data == first)
        window.accept(trust_list(2, first), at=NOW)
        with engine.write() as connection:
            connection.execute(
                text("UPDATE knowledge_document SET data=:d, digest=:g, version=1 WHERE slot=:s"),
                {"d": old.data, "g": old.digest, "s": old.slot},
            )
        with pytest.raises(DocumentRefusedError) as caught:
            Knowledge(CHONGQING, store=store)
        assert caught.value.fault is DocumentFault.ROLLBACK


# -- T3 ---------------------------------------------------------------------------------------


def _verifier(world: World, engine: Engine | None) -> ecert.Verifier:
    store = MemoryStore() if engine is None else SQLKnowledgeStore(engine)
    window = ecert.Verifier(
        CHONGQING, clock=world.clock, knowledge=Knowledge(CHONGQING, store=store, clock=world.clock)
    )
    window.knowledge.pin(ecert.demo_roots())
    world.window = window
    world.sync()
    return window


@pytest.fixture(params=["memory", "sqlite"])
def shown(request: pytest.FixtureRequest, world: World, tmp_path: Path) -> Iterator[ecert.Verifier]:
    """A window at which the world's licence is shown; it has no recognition list yet."""
    if request.param == "memory":
        yield _verifier(world, None)
        return
    with open_engine(tmp_path / "shown.db") as engine:
        yield _verifier(world, engine)


def test_t3_indefinite_freeze(world: World, shown: ecert.Verifier) -> None:
    start = world.clock.now
    listed = sign_list(sample_list().model_copy(
        update={"issued": start, "expires": start + timedelta(days=30)}
    ))  # fmt: skip
    shown.knowledge.accept(listed)
    world.clock.advance(days=30, seconds=-1)
    world.sync()
    assert world.verify().accepted
    world.clock.advance(seconds=2)
    refuses(world.verify(), Reason.LIST_EXPIRED)
    with pytest.raises(DocumentRefusedError) as caught:
        shown.knowledge.accept(listed)
    assert caught.value.fault is DocumentFault.EXPIRED


def test_t3_a_manifest_that_is_held_up_is_seen_and_binds_on(
    window: Knowledge, store: KnowledgeStore
) -> None:
    first = trust_list()
    window.accept_all([first, manifest([first])])
    late = NOW + limits.MANIFEST_LIFE
    (held,) = window.manifests
    assert held.expires <= late
    with refused(window, store, DocumentFault.EXPIRED):
        window.accept(manifest([first], 1), at=late)
    with refused(window, store, DocumentFault.MANIFEST):
        window.accept(trust_list(2, first), at=late)


# -- T4 ---------------------------------------------------------------------------------------


def test_t4_fast_forward(window: Knowledge, store: KnowledgeStore) -> None:
    window.accept(trust_list(1))
    with refused(window, store, DocumentFault.VERSION_JUMP):
        window.accept(trust_list(2 + limits.MAX_VERSION_JUMP))
    payload = TrustList.from_payload(envelope.parse(trust_list(1)).unverified_payload)
    beyond = orjson.dumps(orjson.loads(payload.to_payload()) | {"version": 2**53})
    signers = demo_region(SICHUAN).signers[Role.TRUST_LIST]
    with refused(window, store, DocumentFault.MALFORMED):
        window.accept(envelope.make(TrustList.TYP, beyond, signers), confirmed=True)
    assert window.accept(trust_list(1 + limits.MAX_VERSION_JUMP)).version == 1001
    assert window.accept(trust_list(2**53 - 1), confirmed=True).version == 2**53 - 1


def test_t4_new_roots_begin_a_new_epoch_for_every_kind(
    window: Knowledge, store: KnowledgeStore
) -> None:
    high = 10**9
    parts = [trust_list(high), catalogue(high)]
    bound = make_manifest(SICHUAN, parts, issued=ISSUED, version=high)
    data = by(bound, demo_region(SICHUAN).signers[Role.TRUST_LIST])
    window.accept_all([*parts, data], confirmed=True)
    with refused(window, store, DocumentFault.ROLLBACK):
        window.accept(catalogue(2))

    from ecert.trust.roots import RootSet, make_roots

    demo = demo_region(SICHUAN)
    old = RootSet.from_payload(envelope.parse(demo.roots).unverified_payload)
    fresh = {role: PrivateKey.generate() for role in (Role.TRUST_LIST, Role.CATALOGUE)}
    new = make_roots(
        SICHUAN, old.name,
        {role: [fresh[role].public] if role in fresh else list(old.keys_for(role))
         for role in old.roles},
        threshold={role: 1 if role in fresh else old.threshold(role) for role in old.roles},
        version=2, previous=digest_of(demo.roots), issued=ISSUED, expires=old.expires, demo=True,
    )  # fmt: skip
    window.accept(by(new, demo.signers[Role.ROOTS]))
    assert window.manifests == ()
    lists = [
        by(TrustList.from_payload(envelope.parse(trust_list(1)).unverified_payload),
           [fresh[Role.TRUST_LIST]]),
        by(CatalogueDocument.from_payload(envelope.parse(catalogue(1)).unverified_payload),
           [fresh[Role.CATALOGUE]]),
    ]  # fmt: skip
    low = by(make_manifest(SICHUAN, lists, issued=ISSUED), [fresh[Role.TRUST_LIST]])
    assert {one.version for one in window.accept_all([*lists, low])} == {1}
    with refused(window, store, DocumentFault.TOO_FEW_SIGNATURES):
        window.accept(trust_list(high), confirmed=True)


# -- T5 ---------------------------------------------------------------------------------------


def _old_and_new() -> tuple[list[bytes], list[bytes], bytes, bytes]:
    old = [trust_list(), catalogue(), recognition()]
    new = [
        trust_list(2, old[0], issuers=(issuer(1), issuer(2))), catalogue(2, old[1]),
        recognition(2, old[2], title="新版清单"),
    ]  # fmt: skip
    first = manifest(old)
    return old, new, first, manifest(new, 2, first)


@pytest.mark.parametrize("picked", list(itertools.product([0, 1], repeat=3)), ids=str)
def test_t5_mix_and_match(
    window: Knowledge, store: KnowledgeStore, picked: tuple[int, int, int]
) -> None:
    old, new, first, second = _old_and_new()
    window.accept_all([*old, first])
    chosen = [(old, new)[which][place] for place, which in enumerate(picked)]
    if picked == (0, 0, 0):
        before = kept(window, store)
        window.accept_all([*chosen, first])
        assert kept(window, store) == before
    else:
        with refused(window, store, DocumentFault.MANIFEST, DocumentFault.ROLLBACK):
            window.accept_all([*chosen, first])
    if picked == (1, 1, 1):
        window.accept_all([*chosen, second])
        assert {one.version for one in map(window.in_force.__getitem__, _slots(new))} == {2}
        return
    with refused(window, store, DocumentFault.MANIFEST):
        window.accept_all([*chosen, second])
    with refused(window, store, DocumentFault.MANIFEST):
        window.accept(second)


@pytest.mark.parametrize("picked", list(itertools.product([0, 1], repeat=3)), ids=str)
def test_t5_a_window_that_begins_takes_only_what_belongs_together(
    window: Knowledge, store: KnowledgeStore, picked: tuple[int, int, int]
) -> None:
    old, new, _, second = _old_and_new()
    chosen = [(old, new)[which][place] for place, which in enumerate(picked)]
    if picked == (1, 1, 1):
        assert len(window.accept_all([second, *reversed(chosen)])) == 4
        return
    with refused(window, store, DocumentFault.MANIFEST):
        window.accept_all([*chosen, second])


def test_t5_one_after_the_other_is_refused_where_a_manifest_binds(
    window: Knowledge, store: KnowledgeStore
) -> None:
    old, new, first, _ = _old_and_new()
    window.accept_all([*old, first])
    for document in new:
        with refused(window, store, DocumentFault.MANIFEST):
            window.accept(document)


def test_t5_a_recognition_list_that_no_manifest_names_follows_its_own_rules(
    window: Knowledge, store: KnowledgeStore
) -> None:
    old, new, _, _ = _old_and_new()
    first = manifest(old[:2])
    window.accept_all([*old[:2], first])
    window.accept(old[2])
    window.accept(new[2])
    with refused(window, store, DocumentFault.ROLLBACK):
        window.accept(old[2])
    # Once it is named, it is bound like the others.
    with refused(window, store, DocumentFault.MANIFEST):
        window.accept_all([manifest(old, 2, first)])


def test_t5_an_old_status_list_beside_a_new_manifest(world: World, shown: ecert.Verifier) -> None:
    police, knowledge = world.police, shown.knowledge
    old = police.status_list()
    parts = [police.trust_list(), police.catalogue_document()]
    first = police.manifest([*parts, old])
    knowledge.accept_all([*parts, old, first])
    world.clock.advance(minutes=5)
    police.revoke(world.licence.id, reason="测试", document="测〔2026〕1号")
    new = police.status_list()
    second = police.manifest([*parts, new])
    before = knowledge.in_force
    with pytest.raises(DocumentRefusedError) as caught:
        knowledge.accept(second)
    assert caught.value.fault is DocumentFault.MANIFEST
    assert knowledge.in_force == before
    # A revocation waits for no manifest; and then the manifest fits.
    knowledge.accept(new)
    knowledge.accept(second)


def _slots(documents: Sequence[bytes]) -> list[str]:
    from ecert.issuers.manifests import name_document

    return [name_document(one).slot for one in documents]


# -- T6, T7 -----------------------------------------------------------------------------------


@pytest.mark.parametrize("mode", [Mode.ENDLESS, Mode.DRIP, Mode.SLOW_HEADERS, Mode.HANG], ids=str)
def test_t6_endless_data_and_slow_retrieval(
    window: Knowledge, store: KnowledgeStore, mode: Mode
) -> None:
    before = kept(window, store)
    began = time.monotonic()
    with Partner({}, mode) as partner:
        with pytest.raises(FetchError) as caught:
            fetch(partner.address, way=Way(allow_http=True), bounds=Bounds(deadline=SECOND))
        assert time.monotonic() - began < 8
        # Twice the bound: what stands in the network's buffers nobody has read.
        assert partner.sent < 2 * limits.MAX_FETCH_BYTES
    assert caught.value.fault in {FetchFault.TOO_LARGE, FetchFault.TIMEOUT}
    assert kept(window, store) == before


@pytest.mark.parametrize(
    "order", list(itertools.permutations(["stale", "corrupt", "good"])), ids="-".join
)
def test_t7_a_mirror_cannot_keep_an_update_from_us(
    window: Knowledge, order: tuple[str, ...]
) -> None:
    first = trust_list(1)
    window.accept(first)
    good = trust_list(2, first)
    sources = {"stale": first, "corrupt": good[:-30] + b"}", "good": good}
    for name in order:
        take_in([sources[name]], window, at=NOW)
    held = window.trust.trust_list(SICHUAN)
    assert held is not None
    assert held.version == 2


# -- T8, T9 -----------------------------------------------------------------------------------


def test_t8_extraneous_dependencies(
    window: Knowledge, store: KnowledgeStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    def connect(*_: object) -> None:
        raise AssertionError("a document made us connect")

    monkeypatch.setattr(socket.socket, "connect", connect)
    window.accept(trust_list())
    payload = orjson.loads(envelope.parse(trust_list(2, trust_list())).unverified_payload)
    more = orjson.dumps(payload | {"include_url": "https://other.example/list.json"})
    signers = demo_region(SICHUAN).signers[Role.TRUST_LIST]
    with refused(window, store, DocumentFault.MALFORMED):
        window.accept(envelope.make(TrustList.TYP, more, signers))


def test_t9_a_genuine_list_of_or_for_somebody_else(
    window: Knowledge, store: KnowledgeStore
) -> None:
    window.accept(trust_list())
    theirs = demo_region(CHONGQING).signers[Role.TRUST_LIST]
    document = TrustList.from_payload(
        envelope.parse(trust_list(2, trust_list())).unverified_payload
    )
    with refused(window, store, DocumentFault.TOO_FEW_SIGNATURES):
        window.accept(by(document, theirs))
    with refused(window, store, DocumentFault.AUDIENCE):
        window.accept(trust_list(2, trust_list(), audience=("440000",)))
    made = make_manifest(SICHUAN, [trust_list()], issued=ISSUED, audience=("440000",))
    with refused(window, store, DocumentFault.AUDIENCE):
        window.accept(by(made, demo_region(SICHUAN).signers[Role.TRUST_LIST]))


# -- T10, T11 ---------------------------------------------------------------------------------


def _renamed(data: bytes, kid: str) -> dict[str, str]:
    """A signature of ``data`` under another key id; its header is no longer what was signed."""
    entry = orjson.loads(data)["signatures"][0]
    header = orjson.loads(b64url_decode(entry["protected"], where="protected"))
    return {
        "protected": b64url(orjson.dumps(header | {"kid": kid})), "signature": entry["signature"]
    }  # fmt: skip


def test_t10_fewer_keys_than_the_threshold(
    window: Knowledge, store: KnowledgeStore, office: Office
) -> None:
    window.pin(office.roots())
    one, two = office.list_keys[:2]
    document = office.document(1, [issuer()])
    few = DocumentFault.TOO_FEW_SIGNATURES
    with refused(window, store, few):
        window.accept(by(document, [one]))
    with refused(window, store, few):
        window.accept(by(document, [one, one]))
    single = orjson.loads(by(document, [one]))
    for kid, faults in (
        ("another-name", (few,)),
        (two.public.kid, (few, DocumentFault.SIGNATURE)),
    ):
        entry = _renamed(by(document, [one]), kid)
        twice = single | {"signatures": [*single["signatures"], entry]}
        with refused(window, store, *faults):
            window.accept(orjson.dumps(twice))
    # A key that new roots have dropped counts no more, beside a good one neither.
    gone, before = office.list_keys[0], office.roots()
    office.list_keys[0] = PrivateKey.generate()
    window.accept(office.roots(2, digest_of(before)))
    with refused(window, store, few):
        window.accept(by(document, [gone, two]))
    assert window.accept(by(document, office.list_keys[:2])).version == 1


def test_t10_a_root_set_that_lists_one_key_twice(
    window: Knowledge, store: KnowledgeStore, office: Office
) -> None:
    roots = office.root_set()
    twice = roots.model_copy(update={"keys": (*roots.keys, roots.keys[0])})
    with refused(window, store, DocumentFault.CONTENT):
        window.pin(signed(twice, office.root_keys[:2]))


def test_t11_roots_go_step_by_step_signed_by_both_sides(
    window: Knowledge, store: KnowledgeStore
) -> None:
    office = Office(GUANGAN)
    first = office.roots()
    window.pin(first)
    old_keys = list(office.root_keys)
    office.root_keys = [PrivateKey.generate() for _ in range(3)]
    second = office.root_set(2, digest_of(first))
    new_keys = list(office.root_keys)
    office.root_keys = [PrivateKey.generate() for _ in range(3)]
    both = signed(second, [*old_keys[:2], *new_keys[:2]])
    third = signed(office.root_set(3, digest_of(both)), [*new_keys[:2], *office.root_keys[:2]])
    with refused(window, store, DocumentFault.VERSION_JUMP, DocumentFault.TOO_FEW_SIGNATURES):
        window.accept(third)
    for half in (new_keys[:2], old_keys[:2], [old_keys[0], new_keys[0], new_keys[1]]):
        with refused(window, store, DocumentFault.TOO_FEW_SIGNATURES):
            window.accept(signed(second, half))
    before = kept(window, store)
    with pytest.raises(DocumentRefusedError):
        window.accept_all([first, third])
    assert kept(window, store) == before
    # In one go they pass in their order.
    assert [one.version for one in window.accept_all([both, third])] == [2, 3]
    with refused(window, store, DocumentFault.ROLLBACK):
        window.accept(both)


# -- T12, T13, T14 ----------------------------------------------------------------------------


@pytest.mark.parametrize("region", ["500000", "500112", "440000", "000000", "520100", "110000"])
def test_t12_a_partner_lists_what_it_does_not_own(
    window: Knowledge, store: KnowledgeStore, region: str
) -> None:
    first = trust_list()
    window.accept(first)
    code = issuer(9).code
    mixed = (issuer(1), issuer(2), issuer(9, code=code, region=region))
    with refused(window, store, DocumentFault.OVERSTEPS):
        window.accept(trust_list(2, first, issuers=mixed))
    assert window.trust.issuer(issuer(2).code) is None, "never trimmed to what would pass"


def test_t12_types_that_neither_party_may_name(window: Knowledge, store: KnowledgeStore) -> None:
    listed = sample_list()
    (one, *others) = listed.entries
    foreign = "11440000007482532X001"
    side = one.source.model_copy(update={"type": foreign, "name": None})
    for outside in (
        one.model_copy(update={"source": side}),
        one.model_copy(update={"source": one.source.model_copy(update={"region": "440000"})}),
    ):
        with refused(window, store, DocumentFault.OVERSTEPS, DocumentFault.CONTENT):
            window.accept(recognition(1, entries=(outside, *others)))


@pytest.mark.parametrize(
    ("left", "passes"), [(801, True), (800, True), (799, False), (1199, True), (1201, False)]
)
def test_t13_mass_removal_and_addition(
    window: Knowledge, store: KnowledgeStore, left: int, passes: bool
) -> None:
    many = tuple(issuer(number) for number in range(1, 1202))
    first = trust_list(1, issuers=many[:1000])
    window.accept(first)
    second = trust_list(2, first, issuers=many[:left])
    if passes:
        assert window.accept(second).version == 2
        return
    with refused(window, store, DocumentFault.LARGE_CHANGE):
        window.accept(second)
    assert window.accept(second, confirmed=True).version == 2


def test_t14_two_lists_claim_one_issuer(
    window: Knowledge, store: KnowledgeStore, office: Office
) -> None:
    window.pin(office.roots())
    theirs = office.trust_list(1, [issuer(1)])
    window.accept(trust_list(1, issuers=(issuer(1),)))
    with refused(window, store, DocumentFault.CONFLICT):
        window.accept(theirs)
    entry = window.trust.issuer(issuer(1).code)
    assert entry is not None
    assert entry.trust_list.owner == SICHUAN, "who was there stays, and it is said aloud"
    (found,) = take_in([theirs], window, at=NOW)
    assert found.is_held, "kept for people to settle, whoever confirms"
    with refused(window, store, DocumentFault.CONFLICT):
        window.accept(theirs, confirmed=True)


# -- T15 --------------------------------------------------------------------------------------


def test_t15_recognition_then_and_now(world: World, shown: ecert.Verifier) -> None:
    knowledge = shown.knowledge
    start = world.clock.now
    listed = sample_list().model_copy(update={"issued": start})
    first = sign_list(listed)
    knowledge.accept(first)
    code = world.code()
    then = shown.verify(code, matter=MATTER)
    assert then.accepted
    in_force_then = knowledge.in_force

    world.clock.advance(days=1)
    entries = tuple(one for one in listed.entries if one.id != "川-01")
    second = sign_list(listed.model_copy(update={
        "version": 2, "previous": digest_of(first), "entries": entries,
        "issued": world.clock.now,
    }))  # fmt: skip
    knowledge.accept(second)
    world.sync()
    refuses(world.verify(), Reason.TYPE_NOT_LISTED)

    # The case of yesterday, looked at today: with the lists, and at the moment, of then.
    past = knowledge.as_of(start)
    assert past.in_force == in_force_then
    again = ecert.Verifier(CHONGQING, knowledge=past, clock=lambda: start).verify(
        code, matter=MATTER
    )
    assert again.accepted
    assert again.to_dict()["lists_used"] == then.to_dict()["lists_used"]
    # Today's lists on yesterday's moment, and yesterday's lists on today's code, are neither.
    assert not shown.verify(code, matter=MATTER, at=start).accepted
    with pytest.raises(ecert.EcertError):
        past.accept(second, at=start)
    assert knowledge.as_of(start - timedelta(days=1)).documents == {}
    assert knowledge.as_of(world.clock.now).in_force == knowledge.in_force


@pytest.mark.parametrize(("after", "recognised"), [(0, True), (1, True), (2, False)])
def test_t15_an_entry_ends_with_its_day(
    world: World, shown: ecert.Verifier, after: int, recognised: bool
) -> None:
    last = (world.clock.now + timedelta(days=1)).date()
    listed = sample_list()
    entries = tuple(
        one.model_copy(update={"valid_until": last}) if one.id == "川-01" else one
        for one in listed.entries
    )
    shown.knowledge.accept(sign_list(listed.model_copy(update={"entries": entries})))
    world.clock.advance(days=after)
    world.sync()
    assert world.verify().accepted is recognised


def test_t15_old_lists_are_kept_until_they_are_dropped(
    window: Knowledge, store: KnowledgeStore
) -> None:
    first = trust_list(1)
    window.accept(first, at=NOW)
    later = NOW + timedelta(days=2)
    window.accept(first, at=NOW + timedelta(days=1))  # known: its day of acceptance stays
    window.accept(trust_list(2, first), at=later)
    assert window.as_of(NOW).trust.trust_list(SICHUAN) is not None
    assert window.prune(later, dry_run=True) == 0
    assert window.prune(later + SECOND, dry_run=True) == 1
    before = kept(window, store)
    assert window.prune(later + SECOND) == 1
    assert kept(window, store) == before, "what is in force, and every mark, stays"
    assert window.as_of(NOW).trust.trust_list(SICHUAN) is None


# -- killed in the middle ---------------------------------------------------------------------

ROUNDS = 8


def test_an_import_that_is_killed_leaves_the_old_set_or_the_new_one(tmp_path: Path) -> None:
    old, new, first, second = _old_and_new()
    database = tmp_path / "old.db"
    with open_engine(database) as engine:
        window = Knowledge(CHONGQING, store=SQLKnowledgeStore(engine))
        window.pin(ecert.demo_roots(), at=NOW)
        window.accept_all([*old, first], at=NOW)
        whole_old = window.in_force
        rehearsal = Knowledge(CHONGQING)
        rehearsal.pin(ecert.demo_roots(), at=NOW)
        rehearsal.accept_all([*new, second], at=NOW)
        whole_new = rehearsal.in_force
    file = tmp_path / "new.jsonl"
    file.write_bytes(write_knowledge([*new, second]))
    chance = random.Random(15)
    for number in range(ROUNDS):
        copy = tmp_path / f"{number}.db"
        shutil.copy(database, copy)
        _killed(copy, file, chance.uniform(0, 0.06))
        with open_engine(copy, make=False) as engine:
            again = Knowledge(CHONGQING, store=SQLKnowledgeStore(engine))
            assert again.in_force in (whole_old, whole_new), f"round {number}"
            again.accept_all([*new, second], at=NOW)
            assert again.in_force == whole_new


def _killed(database: Path, file: Path, after: float) -> None:
    arguments = [str(database), CHONGQING, NOW.isoformat(), str(file)]
    with subprocess.Popen(
        [sys.executable, "-m", "tests.flows.importing_program", *arguments],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=ROOT,
    ) as program:  # fmt: skip
        assert program.stdin is not None
        assert program.stdout is not None
        assert program.stdout.readline() == b"ready\n"
        program.stdin.write(b"go\n")
        program.stdin.flush()
        time.sleep(after)
        program.kill()
