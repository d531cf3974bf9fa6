"""A window that keeps itself up to date from a partner's server, whatever that server does."""

from __future__ import annotations

import itertools
from datetime import timedelta
from typing import TYPE_CHECKING

import orjson
import pytest

import ecert
from ecert.client import Bounds, Way, fetch_all
from ecert.demo import demo_region
from ecert.errors import DocumentRefusedError, FetchError
from ecert.faults import DocumentFault
from ecert.sign import envelope
from ecert.sign.strict import b64url
from ecert.trust.roots import Role
from ecert.workspace import webroot
from ecert.workspace.knowledge_file import read_knowledge, write_knowledge
from tests.partner import Mode, Partner
from tests.unit.workspace.conftest import issue

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ecert.client import Fetched, Request
    from ecert.workspace import Workspace
    from ecert.workspace.sync import SyncRow
    from tests.unit.workspace.conftest import Clock

QUICK = Bounds(deadline=timedelta(seconds=1))


async def no_pause(_seconds: float) -> None:
    """Wait for nothing."""


def quickly(requests: Sequence[Request]) -> tuple[Fetched | FetchError, ...]:
    """Fetch as `ecert sync` does, with a deadline that a test can wait for."""
    return fetch_all(requests, way=Way(allow_http=True), bounds=QUICK, pause=no_pause)


def patiently(requests: Sequence[Request]) -> tuple[Fetched | FetchError, ...]:
    """Fetch from servers that answer, however busy the machine is."""
    return fetch_all(requests, way=Way(allow_http=True), pause=no_pause)


def published(workspace: Workspace) -> dict[str, bytes]:
    """Return the folder that the workspace publishes."""
    return {one.name: one.data for one in webroot.documents(workspace, everything=True)}


def bytes_of(workspace: Workspace) -> tuple[object, ...]:
    """Return everything that is in force, documents and marks."""
    workspace.knowledge.reload()
    return dict(workspace.knowledge.documents), dict(workspace.knowledge.in_force)


@pytest.fixture
def window(chongqing: Workspace) -> Workspace:
    """A window that has pinned Sichuan's roots and fetched nothing yet."""
    chongqing.knowledge.pin(ecert.demo_roots("510000"))
    return chongqing


@pytest.fixture
def partner(guangan: Workspace) -> Iterator[Partner]:
    issue(guangan)
    with Partner(published(guangan)) as server:
        yield server


def sync(window: Workspace, *sources: Sequence[str], hurry: bool = False) -> tuple[SyncRow, ...]:
    if sources:
        window.set_sources(sources, allow_http=True)
    return window.sync(fetch=quickly if hurry else patiently)


def results(rows: Sequence[SyncRow]) -> list[str]:
    return [row.result for row in rows]


def test_one_address_brings_everything_and_asks_once(
    window: Workspace, guangan: Workspace, partner: Partner
) -> None:
    rows = sync(window, [partner.address])
    assert results(rows) == ["new", "new"], [row.to_dict() for row in rows]
    assert {slot.partition(":")[0] for slot in window.knowledge.documents} == {
        "ecert-roots+jws", "ecert-trust-list+jws", "ecert-catalogue+jws", "ecert-manifest+jws",
        "statuslist+jwt",
    }  # fmt: skip
    assert window.knowledge.trust.issuer(guangan.settings.code or "") is not None
    asked = len(partner.hits)
    assert results(sync(window)) == ["unchanged", "unchanged"]
    again = [head for head in partner.headers[asked:] if "if-none-match" in head.lower()]
    assert len(again) == 5, "every document but none of their contents"


def test_what_changes_comes_and_what_was_refused_is_not_taken_for_known(
    window: Workspace, guangan: Workspace, partner: Partner, clock: Clock
) -> None:
    sync(window, [partner.address])
    clock.advance(timedelta(days=2))
    partner.files = published(guangan)
    good = partner.files["trust-list.json"]
    partner.files["trust-list.json"] = good.replace(b'"signature": "', b'"signature": "AAAA')
    broken = sync(window)
    assert broken[0].result == "failed"
    partner.files["trust-list.json"] = good
    healed = sync(window)
    assert results(healed)[0] == "new", [row.to_dict() for row in healed]
    (uri,) = (row.name for row in healed[1:])
    held = window.knowledge.status_list(uri)
    assert held is not None
    assert held.issued == clock.now


# What a client cannot see; here documents decide.
@pytest.mark.parametrize("mode", [mode for mode in Mode if mode is not Mode.OK], ids=str)
def test_whatever_the_server_does_nothing_in_force_changes_and_the_next_sync_heals(
    window: Workspace, guangan: Workspace, partner: Partner, clock: Clock, mode: Mode
) -> None:
    first = sync(window, [partner.address])
    assert results(first) == ["new", "new"], [row.to_dict() for row in first]
    before = bytes_of(window)
    clock.advance(timedelta(days=20))
    partner.stale = dict(partner.files)
    partner.files = published(guangan)
    partner.mode = mode
    rows = sync(window, hurry=True)
    told = [error for row in rows for error in (*row.errors, *row.refusals)]
    if mode is Mode.STALE:
        # Genuine, and what is here already: only its age tells.
        assert results(rows)[0] == "unchanged" or told
    else:
        assert results(rows) == ["failed", "failed"], [row.to_dict() for row in rows]
        assert told
        assert all(error.where and error.zh and error.en for error in told)
    assert bytes_of(window) == before
    partner.mode = Mode.OK
    healed = sync(window)
    assert results(healed) == ["new", "new"], [row.to_dict() for row in healed]
    assert bytes_of(window) != before


@pytest.mark.parametrize(
    "order", list(itertools.permutations(["stale", "corrupt", "good"])), ids="-".join
)
def test_of_three_mirrors_the_best_that_is_valid_comes_in(
    window: Workspace, guangan: Workspace, partner: Partner, clock: Clock, order: tuple[str, ...]
) -> None:
    stale = dict(partner.files)
    clock.advance(timedelta(days=16))
    good = published(guangan)
    corrupt = {name: data[:-40] for name, data in good.items()}
    with Partner(stale) as one, Partner(corrupt) as two, Partner(good) as three:
        addresses = {"stale": one.address, "corrupt": two.address, "good": three.address}
        rows = sync(window, [addresses[name] for name in order])
    assert rows[0].result == "new"
    (manifest,) = window.knowledge.manifests
    assert manifest.version == 2
    assert manifest.issued == clock.now
    assert any(addresses["corrupt"] in error.where for error in rows[0].errors)


def test_one_dead_source_stops_no_other(window: Workspace, partner: Partner) -> None:
    with Partner({}, Mode.HANG) as dead:
        rows = sync(window, [dead.address], [partner.address], hurry=True)
    assert results(rows)[:2] == ["failed", "new"]


def test_a_list_that_shrinks_is_held_for_a_second_person_and_then_comes_in(
    window: Workspace, partner: Partner
) -> None:
    from tests.flows.world import sample_list, sign_list

    first = sample_list()
    window.knowledge.pin(ecert.demo_roots("500000"))
    window.knowledge.accept(sign_list(first))
    shrunk = first.model_copy(update={
        "version": first.version + 1, "entries": first.entries[:2],
        "previous": envelope.parse(sign_list(first)).digest,
    })  # fmt: skip
    assert len(first.entries) >= 10
    partner.files["list.json"] = sign_list(shrunk)
    before = bytes_of(window)
    (row, *_) = sync(window, [f"{partner.address}list.json"])
    assert row.result == "held"
    assert bytes_of(window) == before
    assert row.held is not None
    assert row.held.parent == window.path / "held"
    (found,) = window.import_knowledge(row.held.read_bytes(), dry_run=True)
    assert isinstance(found.error, DocumentRefusedError)
    assert found.error.fault is DocumentFault.LARGE_CHANGE
    (found,) = window.import_knowledge(row.held.read_bytes(), confirmed=True)
    assert found.error is None
    assert [one.version for one in found.changed] == [shrunk.version]


@pytest.mark.parametrize(
    "claims",
    [{}, {"sub": "x"}, {"sub": "x", "iat": "y"}, {"sub": "x", "iat": []}, {"sub": "x", "iat": -5},
     {"sub": "x" * 500, "iat": 5}],
)  # fmt: skip
def test_a_token_that_lacks_what_every_status_list_has_stops_no_other_source(
    window: Workspace, partner: Partner, claims: dict[str, object]
) -> None:
    head = {"alg": "ES256", "typ": "statuslist+jwt", "kid": "x"}
    token = ".".join(map(b64url, (orjson.dumps(head), orjson.dumps(claims), b"0" * 64)))
    good = dict(partner.files)
    partner.files["catalogue.json"] = token.encode()
    (row, *_) = sync(window, [partner.address])
    assert row.refusals, "the token is refused, and nothing breaks off"
    partner.files = good
    assert results(sync(window))[0] in {"new", "unchanged"}


def test_of_two_large_changes_in_one_source_neither_is_lost(
    window: Workspace, partner: Partner
) -> None:
    from tests.flows.world import sample_list, sign_list

    window.knowledge.pin(ecert.demo_roots("500000"))
    shrunk = []
    for list_id in ("one", "other"):
        first = sample_list().model_copy(update={"list_id": list_id})
        window.knowledge.accept(sign_list(first))
        digest = envelope.parse(sign_list(first)).digest
        changes = {"version": 2, "previous": digest, "entries": first.entries[:2]}
        shrunk.append(sign_list(first.model_copy(update=changes)))
    partner.files["lists.json"] = write_knowledge(shrunk)
    (row, *_) = sync(window, [f"{partner.address}lists.json"])
    assert row.result == "held"
    assert row.held is not None
    assert sorted(read_knowledge(row.held.read_bytes())) == sorted(shrunk)
    found = window.import_knowledge(row.held.read_bytes(), confirmed=True)
    assert [one.error for one in found] == [None, None]


def test_a_status_list_at_another_address_is_not_taken_for_it(
    window: Workspace, partner: Partner
) -> None:
    sync(window, [partner.address])
    other = partner.files.pop("1.jwt")
    partner.files["2.jwt"] = other
    rows = sync(window)
    assert rows[1].result == "failed"


def test_roots_that_nobody_has_pinned_are_not_pinned_by_a_timer(
    chongqing: Workspace, partner: Partner
) -> None:
    before = bytes_of(chongqing)
    (row,) = sync(chongqing, [partner.address])
    assert row.result == "failed"
    faults = {error.fault for error in row.refusals if isinstance(error, DocumentRefusedError)}
    assert faults == {DocumentFault.NOT_PINNED}
    assert bytes_of(chongqing) == before


def test_the_own_lists_are_not_fetched_and_addresses_that_lead_nowhere_neither(
    window: Workspace, partner: Partner
) -> None:
    seen: list[str] = []

    def note(requests: Sequence[Request]) -> tuple[Fetched | FetchError, ...]:
        seen.extend(request.url for request in requests)
        return patiently(requests)

    window.set_sources([[partner.address]], allow_http=True)
    window.sync(fetch=note)
    assert all(url.startswith(partner.address) for url in seen), "status.invalid is only compared"


def test_a_key_of_the_manifest_role_is_not_needed(guangan: Workspace) -> None:
    roots = demo_region("510000").signers
    assert Role.MANIFEST not in roots
    assert guangan.bundle().manifest is not None


def test_without_its_memory_of_sources_a_window_still_catches_up(
    window: Workspace, guangan: Workspace, partner: Partner, clock: Clock
) -> None:
    sync(window, [partner.address])
    clock.advance(timedelta(days=20))
    partner.files = published(guangan)
    for spoilt in (b"", b"[]", b'{"a": 1}', b"\xff"):
        (window.path / "sync.json").write_bytes(spoilt)
        assert {row.result for row in sync(window)} <= {"new", "unchanged"}
    (manifest,) = window.knowledge.manifests
    assert manifest.issued == clock.now


def test_status_lists_are_not_looked_for_in_folders_of_others(
    window: Workspace, partner: Partner
) -> None:
    with Partner({}) as other:
        sync(window, [partner.address], [other.address])
        sync(window)
        assert not [hit for hit in other.hits if hit.endswith(".jwt")]
    assert "1.jwt" in partner.hits
