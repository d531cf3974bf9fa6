"""Links for one download: once, in time, for whom they were made, and written down."""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from ecert.errors import StoreError
from ecert.issuers.sharing.access import ShareRates, ShareService
from ecert.limits import SHARE_LINK_LIFE
from ecert.workspace.access import Role
from tests.sharing.office import AT, WORDS, content_of

if TYPE_CHECKING:
    from starlette.testclient import TestClient

    from tests.sharing.conftest import Asks
    from tests.sharing.office import SharingOffice


def link(office: SharingOffice, ask: Asks, **more: Any) -> str:
    """Ask for a link."""
    told = ask("downloadUrl", certIdentifier=str(office.licence.id), **more)
    assert told["head"]["status"] == 0, told
    path: str = told["data"]["downloadUrl"]
    return path


def get(client: TestClient, path: str, token: str) -> Any:
    """Follow a link."""
    return client.get(path, headers={"authorization": f"Bearer {token}"} if token else {})


def refused(told: Any, status: int, http: int = 404) -> None:
    assert (told.status_code, told.json()["head"]["status"]) == (http, status), told.text


def test_a_link_gives_the_same_copy_as_the_download_once(
    office: SharingOffice, client: TestClient, ask: Asks
) -> None:
    path = link(office, ask)
    told = get(client, path, office.text)
    assert (told.status_code, told.headers["content-type"]) == (200, "application/dc+sd-jwt")
    assert told.headers["cache-control"] == "no-store"
    assert told.headers["content-disposition"].startswith("attachment")
    file = ask("downloadFile", certIdentifier=str(office.licence.id))["data"]
    assert told.content == content_of(file)
    refused(get(client, path, office.text), 10)
    # Each call stands in the log, with whom, whose and what for; and so does the second try.
    again, _, fetched, offered = office.log()
    for one, service, status in ((offered, "downloadUrl", 0), (fetched, "file", 0)):
        assert (one.service, one.status, one.token) == (service, status, office.partner.id)
        assert (one.licences, one.purpose) == ((str(office.licence.id),), WORDS)
    assert (again.service, again.status, again.missed) == ("file", 10, True)


@pytest.mark.parametrize(
    ("late", "good"), [(timedelta(microseconds=1), True), (timedelta(), False)]
)
def test_a_link_lives_for_its_time(
    office: SharingOffice, client: TestClient, ask: Asks, late: timedelta, *, good: bool
) -> None:
    path = link(office, ask)
    office.clock.now = AT + SHARE_LINK_LIFE - late
    told = get(client, path, office.text)
    if good:
        assert told.status_code == 200
    else:
        refused(told, 10)


def test_a_link_is_for_the_caller_that_asked(
    office: SharingOffice, client: TestClient, ask: Asks
) -> None:
    path = link(office, ask)
    other, kept = office.token(name="成都市政务服务平台")
    office.grant(kept.id)
    refused(get(client, path, other), 10)
    refused(get(client, path, ""), 11, 401)
    refused(get(client, path, office.token(Role.CLERK)[0]), 11, 401)
    # What others have tried does not use it up.
    assert get(client, path, office.text).status_code == 200


def test_no_other_line_of_the_log_is_a_link(
    office: SharingOffice, client: TestClient, ask: Asks
) -> None:
    ask("queryCertInfo", certIdentifier=str(office.licence.id))
    ask("downloadUrl", certIdentifier=str(office.licence.id), fileType="ofd")
    for number in (1, 2, 3, 2**53 - 1):
        refused(get(client, f"/CertShare/file/{number}/sd-jwt/20261130", office.text), 10)
    for path in ("0/sd-jwt/20261130", "x/sd-jwt/20261130", "1/ofd/20261130", "1/pdf/2026-11-30"):
        assert get(client, f"/CertShare/file/{path}", office.text).status_code == 422


def test_a_grant_or_a_licence_that_ended_meanwhile_gives_no_file(
    office: SharingOffice, client: TestClient, ask: Asks
) -> None:
    first = link(office, ask)
    office.grant(services=frozenset({ShareService.QUERY}))
    refused(get(client, first, office.text), 100)
    office.grant()
    office.issuer.revoke(office.licence.id, reason="违法", document="样例〔2026〕9号")
    told = get(client, first, office.text)
    refused(told, 21)
    assert told.json()["data"]["certificateState"] == "revoked"
    answer = ask("downloadUrl", certIdentifier=str(office.licence.id))
    assert (answer["head"]["status"], "downloadUrl" in answer["data"]) == (21, False)


def test_of_many_at_once_one_gets_the_file(
    office: SharingOffice, client: TestClient, ask: Asks
) -> None:
    path, answers = link(office, ask), []
    get(client, link(office, ask, useCause="先做一份"), office.text)  # what is made once is made

    def fetch() -> None:
        answers.append(get(client, path, office.text).status_code)

    threads = [threading.Thread(target=fetch) for _ in range(6)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert sorted(answers) == [200, *[404] * 5]


def credentials(office: SharingOffice) -> int:
    """Return how many were signed of the licence."""
    return len(office.issuer.credentials(office.licence.id))


def test_a_link_gives_what_was_offered_and_signs_nothing_else(
    office: SharingOffice, client: TestClient, ask: Asks
) -> None:
    path, before = link(office, ask, expiryTime="20261130"), credentials(office)
    for other in (path.replace("20261130", "20271101"), path.replace("sd-jwt", "pdf")):
        refused(get(client, other, office.text), 10)
    assert credentials(office) == before
    assert get(client, path, office.text).status_code == 200
    # Used, it signs no more, whatever day it is asked for; a copy that ends sooner neither.
    for day in ("20261130", "20261129", "20261201"):
        refused(get(client, path.replace("20261130", day), office.text), 10)
    assert credentials(office) == before + 1


def test_who_loses_the_race_after_signing_stands_in_the_log_with_the_licence(
    office: SharingOffice, client: TestClient, ask: Asks, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = link(office, ask)
    assert get(client, path, office.text).status_code == 200
    # Both have looked before either has signed.
    store = client.app.state.sharing._store  # type: ignore[attr-defined]
    monkeypatch.setattr(store.__class__, "is_link_used", lambda *_: False)
    refused(get(client, path, office.text), 10)
    lost = office.log()[0]
    assert (lost.status, lost.missed, lost.licences) == (10, True, (str(office.licence.id),))


def test_who_must_wait_is_told_so_and_keeps_the_link(
    office: SharingOffice, client: TestClient, ask: Asks, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = link(office, ask)
    sharing = client.app.state.sharing  # type: ignore[attr-defined]
    usual, sharing._rates = sharing._rates, ShareRates(calls=1)
    refused(get(client, path, office.text), 901, 429)
    # Also where others came first while the copy was made.
    with monkeypatch.context() as patch:
        patch.setattr(sharing._store.__class__, "is_busy", lambda *_: False)
        refused(get(client, path, office.text), 901, 429)
    sharing._rates = usual
    assert get(client, path, office.text).status_code == 200


def test_what_cannot_be_written_down_is_not_handed_out(
    office: SharingOffice, client: TestClient, ask: Asks, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = link(office, ask)

    def full(*_: object, **__: object) -> int:
        raise StoreError("磁盘已满", "the disk is full")

    store = client.app.state.sharing._store  # type: ignore[attr-defined]
    monkeypatch.setattr(store.__class__, "record_use", full)
    refused(get(client, path, office.text), 904, 503)


def test_a_link_needs_a_purpose_and_a_kind_that_there_is(office: SharingOffice, ask: Asks) -> None:
    asked = {"certIdentifier": str(office.licence.id)}
    assert ask("downloadUrl", **asked, useCause=None)["head"]["status"] == 12
    assert ask("downloadUrl", **asked, fileType="ofd")["head"]["status"] == 102
    assert ask("downloadUrl", **asked, expiryTime="20361130")["head"]["status"] == 102
    assert link(office, ask, expiryTime="20261130").endswith("/sd-jwt/20261130")
