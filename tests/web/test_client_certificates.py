"""Client certificates over real TLS, and the files for systemd and web servers."""

from __future__ import annotations

import ipaddress
import logging
import shutil
import ssl
import subprocess
import threading
import time
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import httpx
import pytest
import uvicorn
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from ecert.cli.entry import run
from ecert.clock import system_clock
from ecert.errors import FormatError
from ecert.limits import MAX_CERTIFICATE_BYTES
from ecert.service.serve import application
from ecert.service.window_running import _tls
from ecert.sign.certificates import read_certificate
from ecert.store.tokens import SQLTokens
from ecert.workspace import Workspace
from ecert.workspace.access import Role, find_token, new_certificate
from ecert.workspace.service_settings import ServiceSettings
from tests.conftest import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

NOW = system_clock()


class Authority:
    """Somebody who makes certificates."""

    def __init__(self, folder: Path, name: str) -> None:
        self.folder, self._name = folder, x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        self._key = ec.generate_private_key(ec.SECP256R1())
        self.file = folder / f"{name}.pem"
        made = self._builder(self._name, self._key, 30).add_extension(
            x509.BasicConstraints(ca=True, path_length=None), critical=True
        )
        self.file.write_bytes(self._signed(made))

    def make(self, name: str, days: int = 30) -> tuple[str, str]:
        """Make a certificate; returns its file and its key's."""
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        made = self._builder(subject, key, days).add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), False
        )
        certificate, own = self.folder / f"{name}.crt", self.folder / f"{name}.key"
        certificate.write_bytes(self._signed(made))
        own.write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            )
        )
        return str(certificate), str(own)

    def _builder(
        self, subject: x509.Name, key: ec.EllipticCurvePrivateKey, days: int
    ) -> x509.CertificateBuilder:
        return (
            x509.CertificateBuilder().subject_name(subject).issuer_name(self._name)
            .public_key(key.public_key()).serial_number(x509.random_serial_number())
            .not_valid_before(NOW - timedelta(days=60)).not_valid_after(NOW + timedelta(days=days))
        )  # fmt: skip

    def _signed(self, builder: x509.CertificateBuilder) -> bytes:
        return builder.sign(self._key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)


class Hall:
    """A service that speaks TLS and knows one authority."""

    def __init__(self, folder: Path) -> None:
        self.ca = Authority(folder, "ca")
        certificate, key = self.ca.make("server")
        self.workspace = Workspace.init(folder / "w", region="500000", name="窗口", demo=True)
        self.tokens = SQLTokens(self.workspace.engine)
        settings = ServiceSettings(
            certificate=certificate, certificate_key=key, client_ca=str(self.ca.file)
        )
        config = uvicorn.Config(
            application(self.workspace, settings=settings), port=0, log_config=None,
            access_log=False, proxy_headers=False, **_tls(settings),
        )  # fmt: skip
        self.server = uvicorn.Server(config)
        self.thread = threading.Thread(target=self.server.run)

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"https://127.0.0.1:{self.server.servers[0].sockets[0].getsockname()[1]}"

    def know(self, file: str, role: Role = Role.CLERK, days: int = 365) -> str:
        """Give a role to a certificate; returns the id."""
        with open(file, "rb") as opened:  # noqa: PTH123 - a text of uvicorn's
            read = read_certificate(opened.read())
        kept = new_certificate(
            role, "3号窗口", read, created=NOW, expires=NOW + timedelta(days=days)
        )
        self.tokens.add(kept)
        return kept.id

    def ask(self, files: tuple[str, str] | None, method: str = "GET", **how: Any) -> httpx.Response:
        """Ask who is signed in, with a certificate."""
        context = ssl.create_default_context(cafile=str(self.ca.file))
        if files is not None:
            context.load_cert_chain(*files)
        path = how.pop("path", "/api/session")
        with httpx.Client(verify=context, trust_env=False) as client:
            return client.request(method, f"{self.url}{path}", **how)


@pytest.fixture
def hall(tmp_path: Path) -> Iterator[Hall]:
    """One hall, serving."""
    made = Hall(tmp_path)
    made.thread.start()
    while not made.server.started:
        assert made.thread.is_alive(), "the server did not start"
        time.sleep(0.02)
    yield made
    made.server.should_exit = True
    made.thread.join()


def _whys(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [
        record.facts["why"] for record in caplog.records  # type: ignore[attr-defined]
        if record.getMessage() == "refused"
    ]  # fmt: skip


def test_a_certificate_opens_what_its_role_opens_until_it_is_withdrawn(
    hall: Hall, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING, "ecert.service")
    files = hall.ca.make("window")
    stranger = hall.ca.make("stranger")
    token_id = hall.know(files[0])
    assert hall.ask(files).json()["name"] == "3号窗口"
    assert hall.ask(files, "POST", path="/api/verify", json={"code": "123"}).status_code == 200
    assert hall.ask(files, path="/metrics").status_code == 403
    # Another site can make a browser send the certificate, but not say that it is our page.
    site = {"origin": "https://elsewhere.example"}
    for headers, status in ((site, 401), (site | {"x-ecert-page": "1"}, 200)):
        told = hall.ask(files, "POST", path="/api/verify", json={"code": "1"}, headers=headers)
        assert told.status_code == status
    # A token that is given speaks for itself, and a header is nobody's certificate.
    assert hall.ask(files, headers={"authorization": "Bearer wrong"}).status_code == 401
    header = {"x-client-cert": "anything", "x-ssl-client-verify": "SUCCESS"}
    assert hall.ask(None, headers=header).status_code == 401
    assert hall.ask(stranger).status_code == 401
    hall.tokens.withdraw(token_id, system_clock())
    assert hall.ask(files).status_code == 401
    assert hall.ask(None, path="/health").status_code == 200
    whys = _whys(caplog)
    assert whys[0] == "role clerk"
    assert whys[-2:] == ["certificate: unknown", "certificate: withdrawn"]


def test_tls_refuses_what_has_expired_or_comes_from_somebody_else_and_the_log_says_so(
    hall: Hall, caplog: pytest.LogCaptureFixture, tmp_path: Path
) -> None:
    caplog.set_level(logging.WARNING, "ecert.service")
    (tmp_path / "other").mkdir()
    forged = Authority(tmp_path / "other", "ca").make("window")
    expired = hall.ca.make("old", days=-1)
    for files, why in (
        (expired, "certificate: certificate has expired"),
        (forged, "certificate: certificate signature failure"),
    ):
        with pytest.raises(httpx.TransportError):
            hall.ask(files)
        assert _whys(caplog)[-1].startswith("certificate: "), why
    assert _whys(caplog)[0] == "certificate: certificate has expired"
    assert len(_whys(caplog)) == 2


def test_a_certificate_ends_with_its_own_last_day_and_is_no_token(hall: Hall) -> None:
    files = hall.ca.make("short", days=2)
    kept = hall.tokens.get(hall.know(files[0]))
    assert kept is not None
    assert kept.expires < NOW + timedelta(days=2, seconds=1)
    assert find_token(f"ecert.{kept.id}.anything", hall.tokens, NOW) == (None, "malformed")
    with pytest.raises(FormatError, match="过期"):
        hall.know(hall.ca.make("ended", days=-1)[0])


def test_the_command_notes_a_certificate_once(
    hall: Hall, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    file, key = hall.ca.make("window")
    command = ["-C", str(tmp_path / "w"), "token", "add", "clerk", "3号窗口", "--certificate"]
    assert run([*command, file]) == 0
    assert "√ 已登记 cert-" in capsys.readouterr().out
    assert run([*command, file]) != 0
    assert "已经登记" in capsys.readouterr().err
    assert run([*command, key]) == 2
    assert "不是证书文件" in capsys.readouterr().err


def test_the_file_of_a_certificate_is_bounded(hall: Hall) -> None:
    data = hall.ca.file.read_bytes()
    assert read_certificate(data + b"\n" * (MAX_CERTIFICATE_BYTES - len(data))).ends > NOW
    for wrong in (data + b"\n" * (MAX_CERTIFICATE_BYTES - len(data) + 1), data + data, b"", b"0"):
        with pytest.raises(FormatError, match="不是证书文件"):
            read_certificate(wrong)


# -- deployment ---------------------------------------------------------------------------------


def test_systemd_takes_the_units(tmp_path: Path) -> None:
    program = shutil.which("systemd-analyze")
    if program is None:
        pytest.skip("systemd is not installed")
    for unit in (ROOT / "deploy").glob("ecert-*"):
        text = unit.read_text("utf-8").replace("/opt/ecert/bin/ecert", "/bin/true")
        (tmp_path / unit.name).write_text(text, "utf-8")
    units = sorted(tmp_path.glob("ecert-*"))
    assert len(units) == 3
    done = subprocess.run([program, "verify", *units], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_nginx_takes_the_example(hall: Hall, tmp_path: Path) -> None:
    program = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
    if program is None:
        pytest.skip("nginx is not installed (apt-get install nginx-light)")
    certificate, key = hall.ca.make("proxy")
    text = (ROOT / "deploy" / "nginx.conf").read_text("utf-8")
    text = text.replace("/etc/ssl/hall.crt", certificate).replace("/etc/ssl/hall.key", key)
    config = tmp_path / "nginx.conf"
    config.write_text(f"pid {tmp_path}/pid;\nevents {{}}\nhttp {{\n{text}\n}}\n")
    done = subprocess.run(
        [program, "-t", "-q", "-c", config, "-e", tmp_path / "error"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")


def test_caddy_takes_the_example(hall: Hall, tmp_path: Path) -> None:
    program = shutil.which("caddy")
    if program is None:
        pytest.skip("Caddy is not installed (apt-get install caddy)")
    certificate, key = hall.ca.make("proxy")
    text = (ROOT / "deploy" / "Caddyfile").read_text("utf-8")
    text = text.replace("/etc/ssl/hall.crt", certificate).replace("/etc/ssl/hall.key", key)
    (tmp_path / "Caddyfile").write_text(text)
    done = subprocess.run(
        [program, "validate", "--adapter", "caddyfile", "--config", tmp_path / "Caddyfile"],
        capture_output=True, text=True, check=False,
        env={"HOME": str(tmp_path), "PATH": "/usr/bin"},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
