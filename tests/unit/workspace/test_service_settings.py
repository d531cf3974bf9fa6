"""How the service runs: the file, the variables over it, the options over both."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from ecert.errors import CustodyError, FormatError, WorkspaceError
from ecert.limits import MAX_PASSPHRASE_FILE_BYTES, MAX_SERVICE_WORKERS
from ecert.workspace.passphrases import given_passphrase
from ecert.workspace.service_settings import ServiceSettings, effective, require_files
from ecert.workspace.settings import FILE, Settings

if TYPE_CHECKING:
    from pathlib import Path

HEAD = 'region = "511600"\nname = "广安市公安局"\nschema = 1\n'


def _read(folder: Path, table: str) -> Settings:
    (folder / FILE).write_text(f"{HEAD}[service]\n{table}", "utf-8")
    return Settings.read(folder)


def test_the_table_survives_the_file(tmp_path: Path) -> None:
    read = _read(tmp_path, 'port = 9000\nparts = ["show"]\nworkers = 2\n')
    assert read.service == ServiceSettings(port=9000, parts=("show",), workers=2)
    replace(read, name="别处").write(tmp_path)
    assert Settings.read(tmp_path).service == read.service


@pytest.mark.parametrize(
    ("table", "where", "fix"),
    [
        ("port = 0", "[service] port", "65535"),
        ("port = 65536", "[service] port", "65535"),
        ('port = "80"', "[service] port", "65535"),
        (f"workers = {MAX_SERVICE_WORKERS + 1}", "[service] workers", str(MAX_SERVICE_WORKERS)),
        ("prot = 80", "[service] prot", "[service] port"),
        ('parts = ["windows"]', "[service] parts", "publication"),
        ('parts = ["show", "show"]', "[service] parts", "show"),
        ('parts = "show"', "[service] parts", '["a", "b"]'),
        ('behind = "TLS"', "[service] behind", "https"),
        ('trusted_proxies = ["proxy"]', "[service] trusted_proxies", "10.0.0.0/24"),
        ('certificate = "a.pem"', "certificate", "certificate_key"),
        ('client_ca = "a.pem"', "client_ca", "certificate"),
        ('trusted_proxies = ["::1"]', "behind", "behind"),
        ('behind = "https"\nparts = ["show"]', "trusted_proxies", "127.0.0.1"),
        (
            'certificate = "a"\ncertificate_key = "b"\nclient_ca = "c"\nbehind = "https"',
            "client_ca",
            "令牌",
        ),
    ],
)
def test_a_wrong_value_says_where_and_how_to_mend_it(
    tmp_path: Path, table: str, where: str, fix: str
) -> None:
    with pytest.raises(WorkspaceError) as caught:
        _read(tmp_path, table)
    assert where in caught.value.zh
    assert fix in caught.value.zh
    assert caught.value.where == str(tmp_path / FILE)


def test_the_bounds_themselves_are_allowed() -> None:
    assert ServiceSettings(workers=MAX_SERVICE_WORKERS, port=65535).port == 65535


def test_options_go_over_variables_and_those_over_the_file(tmp_path: Path) -> None:
    own = ServiceSettings(port=1, workers=2, host="::1", certificate="a", certificate_key="b")
    variables = {
        "ECERT_SERVE_PORT": "2", "ECERT_SERVE_WORKERS": "3", "ECERT_SERVE_PARTS": "window, show",
        "ECERT_SERVE_CERTIFICATE": "", "ECERT_SERVE_CERTIFICATE_KEY": "", "OTHER": "x",
    }  # fmt: skip
    found = effective(own, tmp_path, variables, {"port": 3, "workers": None})
    assert (found.port, found.workers, found.host) == (3, 3, "::1")
    assert found.parts == ("window", "show")
    assert found.certificate is None
    assert found.published == str(tmp_path / "published")
    assert effective(None, tmp_path, found.to_environment(), {}) == found


@pytest.mark.parametrize(
    ("variables", "options", "where"),
    [
        ({"ECERT_SERVE_PORT": "eighty"}, {}, "ECERT_SERVE_PORT"),
        ({"ECERT_SERVE_PROT": "80"}, {}, "ECERT_SERVE_PROT"),
        ({}, {"behind": "tls"}, "--behind"),
    ],
)
def test_a_wrong_variable_or_option_is_named(
    tmp_path: Path, variables: dict[str, str], options: dict[str, Any], where: str
) -> None:
    with pytest.raises(FormatError) as caught:
        effective(None, tmp_path, variables, options)
    assert caught.value.where == where
    assert caught.value.fix_zh


def test_files_that_are_not_there_are_told_before_anything_listens(tmp_path: Path) -> None:
    own = ServiceSettings(certificate="no.pem", certificate_key="no.key").in_folder(tmp_path)
    with pytest.raises(FormatError) as caught:
        require_files(own)
    assert (caught.value.where, "no.pem" in caught.value.zh) == ("certificate", True)


# -- passphrases ------------------------------------------------------------------------------


def test_a_passphrase_comes_from_a_variable_a_file_or_systemd(tmp_path: Path) -> None:
    (tmp_path / "ecert-passphrase").write_text("from systemd\n")
    (tmp_path / "file").write_text("from a file\r\nmore\n")
    systemd = {"CREDENTIALS_DIRECTORY": str(tmp_path)}
    file = {"ECERT_PASSPHRASE_FILE": str(tmp_path / "file")}
    assert given_passphrase({}) is None
    assert given_passphrase({"CREDENTIALS_DIRECTORY": str(tmp_path / "none")}) is None
    assert given_passphrase(systemd) == "from systemd"
    assert given_passphrase(systemd | file) == "from a file"
    assert given_passphrase(systemd | {"ECERT_PASSPHRASE": "x"}) == "x"
    with pytest.raises(CustodyError, match="两处"):
        given_passphrase(file | {"ECERT_PASSPHRASE": "x"})


def test_a_file_of_a_passphrase_is_bounded_and_told_if_it_is_unfit(tmp_path: Path) -> None:
    path = tmp_path / "file"
    named = {"ECERT_PASSPHRASE_FILE": str(path)}
    with pytest.raises(CustodyError, match="读不了") as caught:
        given_passphrase(named)
    assert caught.value.where == f"ECERT_PASSPHRASE_FILE={path}"
    path.write_bytes(b"p" * MAX_PASSPHRASE_FILE_BYTES)
    assert given_passphrase(named) == "p" * MAX_PASSPHRASE_FILE_BYTES
    for data in (b"p" * (MAX_PASSPHRASE_FILE_BYTES + 1), b"", b"\nsecond"):
        path.write_bytes(data)
        with pytest.raises(CustodyError, match="空的或过大"):
            given_passphrase(named)
