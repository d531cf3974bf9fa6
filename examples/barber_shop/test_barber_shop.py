"""The example's own tests: what an integrator writes, with ecert's pytest plug-in."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from starlette.testclient import TestClient

sys.path.insert(0, str(Path(__file__).parent))
from barber_shop import HERE, make_app

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ecert.testing import BadCode, DemoWorld
    from ecert.workspace import Workspace


@pytest.fixture
def files(tmp_path: Path) -> Path:
    """Where cases are filed."""
    return tmp_path / "cases"


@pytest.fixture
def office(ecert_workspace: Workspace, files: Path) -> Iterator[TestClient]:
    """The application over a demonstration window."""
    ecert_workspace.matters.import_table(HERE / "matters.csv")
    with TestClient(make_app(ecert_workspace, files)) as client:
        yield client


def show(office: TestClient, code: str, case: str = "2026-0001") -> Any:
    """Show a code for a case."""
    return office.post(f"/cases/{case}", json={"code": code})


def test_it_asks_for_the_licences_of_its_matter(office: TestClient) -> None:
    """The matter list says what, the recognition list from where."""
    assert office.get("/needs").json() == [
        {"any_of": ["居民身份证"], "recognised_from": ["510000"]},
        {"any_of": ["营业执照"], "recognised_from": ["510000"]},
    ]
    assert "开办理发店" in office.get("/").text


def test_both_licences_in_one_code_are_filed_with_the_receipt(
    office: TestClient, ecert_world: DemoWorld, ecert_workspace: Workspace, files: Path
) -> None:
    """The case copy is proven again from the file, years later."""
    told = show(office, ecert_world.code("居民身份证", "营业执照"))
    assert told.status_code == 201, told.text
    assert [one["type"] for one in told.json()["licences"]] == ["居民身份证", "营业执照"]
    copy = (files / "2026-0001" / "存卷件.jwt").read_text()
    proven = ecert_workspace.receipts.prove_copy(copy)
    receipt = proven.receipt.receipt
    assert (receipt.case, receipt.clerk) == ("2026-0001", "理发店专窗")
    assert (files / "2026-0001" / "回执.jwt").stat().st_mode & 0o077 == 0
    # Filed once: the second code is not even looked at, and stays good for another case.
    code = ecert_world.code("居民身份证", "营业执照")
    assert show(office, code).status_code == 409
    assert show(office, code, "2026-0002").status_code == 201


def test_a_bad_code_files_nothing(office: TestClient, ecert_bad_code: BadCode, files: Path) -> None:
    """Three lines for every bad code there is."""
    told = show(office, ecert_bad_code.code)
    assert told.status_code in {403, 422, 503}
    assert not files.exists()


def test_a_revoked_licence_is_told_with_its_number_and_nothing_personal(
    office: TestClient, ecert_world: DemoWorld, files: Path
) -> None:
    """Both wordings, the reason's number, and what the clerk does next."""
    shop = ecert_world.licences["营业执照"]
    ecert_world.issuer.revoke(shop.id, reason="样例", document="样例〔2026〕1号")
    ecert_world.sync()
    told = show(office, ecert_world.code("居民身份证", "营业执照"))
    assert told.status_code == 403
    detail = told.json()["detail"]
    assert (detail["reason"], detail["number"]) == ("revoked", "E201")
    assert detail["zh"]
    assert detail["en"].isascii()
    assert detail["next"]["zh"]
    assert "张伟" not in told.text
    assert not files.exists()


def test_what_is_missing_is_named(office: TestClient, ecert_world: DemoWorld, files: Path) -> None:
    """One of two licences is not enough."""
    told = show(office, ecert_world.code("居民身份证"))
    assert told.status_code == 422
    assert told.json()["detail"]["missing"] == ["营业执照"]
    assert not files.exists()


@pytest.mark.parametrize("case", ["..", "2026-1%2F..", "2026_1", "x" * 200])
def test_a_case_number_is_no_path(
    office: TestClient, ecert_world: DemoWorld, files: Path, case: str
) -> None:
    """And the code that came with it is still good."""
    code = ecert_world.code("居民身份证", "营业执照")
    assert show(office, code, case).status_code in {404, 405, 422}
    assert not files.exists()
    assert show(office, code).status_code == 201


def test_the_windows_own_api_stands_beside_it(office: TestClient, ecert_code: str) -> None:
    """The clerk's check, behind the same sign-in."""
    told = office.post("/window/api/verify", json={"code": ecert_code, "matter": "机动车业务"})
    assert told.json()["outcome"] == "accepted"
    assert "no-store" in told.headers["cache-control"]
    bad = office.post("/window/api/verify", json={"code": ecert_code, "张伟": 1})
    assert bad.status_code == 422
    assert json.dumps(ecert_code) not in bad.text
