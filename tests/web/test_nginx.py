"""The configuration in the guide, in a real nginx, over what ``ecert status publish`` wrote."""

from __future__ import annotations

import email.utils
import json
import re
import shutil
import socket
import subprocess
import time
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

import httpx
import pytest

import ecert
from ecert.workspace import Workspace, webroot
from tests.conftest import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

NUMBER = "510681199003071237"
CODE = re.compile(r"[0-9A-Z]{18}")


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Workspace]:
    made = Workspace.init(
        tmp_path / "guangan", region="511600", name="四川省广安市公安局", demo=True
    )
    with made as workspace:
        licence = workspace.issuer.issue(
            "机动车驾驶证", number=NUMBER, holder=ecert.Holder("张伟", NUMBER),
            fields={"准驾车型": "C1"}, valid_until=date(2031, 6, 1),
        )  # fmt: skip
        workspace.issuer.file(licence.id)
        yield workspace


@pytest.fixture
def folder(workspace: Workspace, tmp_path: Path) -> Path:
    """Everything, published as the guide says."""
    folder = tmp_path / "srv" / workspace.issuer.code
    webroot.write(folder, webroot.documents(workspace, everything=True))
    (folder / ".1.jwt.tmp").write_text("half")
    (folder / "secret.txt").write_text("not for the world")
    return folder


@pytest.fixture
def server(folder: Path, tmp_path: Path) -> Iterator[httpx.Client]:
    """A client of an nginx that serves the folder by the guide's configuration."""
    program = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
    if program is None:
        pytest.skip("nginx is not installed (apt-get install nginx-light)")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
    config = tmp_path / "nginx.conf"
    config.write_text(_config(folder.parent, tmp_path, port))
    (tmp_path / "temp").mkdir()
    with subprocess.Popen([program, "-c", config, "-e", tmp_path / "error.log"]) as running:
        try:
            with httpx.Client(base_url=f"http://127.0.0.1:{port}") as client:
                _wait_for(client)
                yield client
        finally:
            running.terminate()


def _config(root: Path, place: Path, port: int) -> str:
    guide = (ROOT / "docs" / "guides" / "publishing.md").read_text("utf-8")
    found = re.search(r"```nginx\n(.*?)```", guide, re.DOTALL)
    assert found is not None
    temporary = "".join(
        f"{name}_temp_path {place}/temp/{name};\n"
        for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    # As root, nginx would serve as another user, who may not look into the test's folder.
    user = "user root;\n" if place.owner() == "root" else ""
    return (
        f"{user}daemon off;\nmaster_process off;\npid {place}/nginx.pid;\nevents {{}}\n"
        f"http {{\n{temporary}access_log off;\nserver {{\nlisten 127.0.0.1:{port};\n"
        f"{found[1].replace('/srv/ecert', str(root))}\n}}\n}}\n"
    )


def _wait_for(client: httpx.Client) -> None:
    for _ in range(100):
        try:
            client.get("/")
        except httpx.TransportError:
            time.sleep(0.05)
        else:
            return
    pytest.fail("nginx did not come up")


def _list(folder: Path) -> str:
    names = sorted(path.stem for path in folder.glob("[1-9]*.jwt"))
    return f"/{folder.name}/{names[-1]}"


def test_a_list_comes_under_its_address_with_its_type_and_age(
    server: httpx.Client, folder: Path
) -> None:
    path = _list(folder)
    answer = server.get(path)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/statuslist+jwt"
    assert answer.headers["cache-control"] == "public, max-age=3600"
    assert answer.content == (folder.parent / f"{path[1:]}.jwt").read_bytes()
    claims = json.loads(_payload(answer.text))
    assert claims["ttl"] == 3600
    assert CODE.search(claims["sub"])
    modified = email.utils.parsedate_to_datetime(answer.headers["last-modified"])
    assert modified == datetime.fromtimestamp(claims["iat"], UTC)


def _payload(token: str) -> bytes:
    import base64

    part = token.split(".")[1]
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))


def test_who_has_the_newest_is_told_so(
    server: httpx.Client, folder: Path, workspace: Workspace
) -> None:
    path = _list(folder)
    first = server.get(path)
    for name, value in (
        ("if-none-match", first.headers["etag"]),
        ("if-modified-since", first.headers["last-modified"]),
    ):
        assert server.get(path, headers={name: value}).status_code == 304
    # Published again, nothing has changed.
    webroot.write(folder, webroot.documents(workspace))
    assert server.get(path, headers={"if-none-match": first.headers["etag"]}).status_code == 304
    # Revoked, and published within the same second.
    licence = workspace.licences.find("1")
    workspace.issuer.revoke(licence.id, reason="测试", document="测〔2026〕1号")
    webroot.write(folder, webroot.documents(workspace))
    second = server.get(path, headers={"if-none-match": first.headers["etag"]})
    assert second.status_code == 200
    assert second.content != first.content


def test_the_other_documents(server: httpx.Client, folder: Path) -> None:
    for name in (webroot.INDEX, *webroot.OF_ALL):
        answer = server.get(f"/{folder.name}/{name}")
        assert (answer.status_code, answer.headers["content-type"]) == (200, "application/json")
        assert answer.json()


@pytest.mark.parametrize(
    "name", ["", "/", "/1.jwt", "/.1.jwt.tmp", "/secret.txt", "/99", "/0", "/../nginx.conf"]
)
def test_nothing_else_is_served(server: httpx.Client, folder: Path, name: str) -> None:
    assert server.get(f"/{folder.name}{name}").status_code == 404
