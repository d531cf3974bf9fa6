"""Fixtures of the sharing interface; see `tests.sharing.office`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

import pytest
from starlette.testclient import TestClient

from tests.sharing.office import SharingOffice

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


class Asks(Protocol):
    """Calls one interface as the partner and returns the whole answer."""

    def __call__(self, name: str, /, **data: Any) -> dict[str, Any]: ...


@pytest.fixture
def office(tmp_path: Path) -> Iterator[SharingOffice]:
    """One office."""
    made = SharingOffice(tmp_path)
    yield made
    made.workspace.close()


@pytest.fixture
def client(office: SharingOffice) -> Iterator[TestClient]:
    """A client of its service."""
    with TestClient(office.app()) as client:
        yield client


@pytest.fixture
def ask(office: SharingOffice, client: TestClient) -> Asks:
    """Ask as the partner's platform does."""

    def asked(name: str, /, **data: Any) -> dict[str, Any]:
        told = client.post(f"/CertShare/{name}", json=office.message(**data))
        assert told.status_code == 200, told.text
        plain: dict[str, Any] = told.json()
        assert plain.keys() == {"head", "data"}
        return plain

    return asked
