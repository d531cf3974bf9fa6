"""Places of keys: variables and token addresses, and that no secret stands in an address."""

from __future__ import annotations

import base64
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from ecert.errors import CustodyError
from ecert.sign import pkcs11_uri
from ecert.sign.custody import open_signer
from ecert.sign.keys import PrivateKey
from tests.conftest import ROOT

PASSPHRASE = "correct horse 电池"
MODULE = "?module-path=/usr/lib/x.so"


@pytest.fixture(scope="module", params=["ES256", "SGD_SM3_SM2"])
def key(request: pytest.FixtureRequest) -> PrivateKey:
    return PrivateKey.generate(request.param)


def _nobody(question: str) -> str:
    raise AssertionError(question)


# -- env ----------------------------------------------------------------------------------------


def test_a_variable_holds_pem_or_its_base64(
    key: PrivateKey, monkeypatch: pytest.MonkeyPatch
) -> None:
    pem = key.to_pem(PASSPHRASE)
    wrapped = base64.encodebytes(pem).decode()
    for value in (pem.decode(), base64.b64encode(pem).decode(), wrapped):
        monkeypatch.setenv("OFFICE_KEY", value)
        signer = open_signer("env:OFFICE_KEY", lambda _: PASSPHRASE)
        key.public.verify(signer.sign(b"x"), b"x")


def test_the_question_names_the_variable_and_a_wrong_answer_too(
    key: PrivateKey, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OFFICE_KEY", key.to_pem(PASSPHRASE).decode())
    asked: list[str] = []

    def prompt(question: str) -> str:
        asked.append(question)
        return "wrong"

    with pytest.raises(CustodyError) as caught:
        open_signer("env:OFFICE_KEY", prompt)
    assert caught.value.where == "env:OFFICE_KEY"
    assert "wrong passphrase" in caught.value.en
    assert ["env:OFFICE_KEY" in question for question in asked] == [True]


@pytest.mark.parametrize("name", ["NOT_SET", "A B", "../KEY", "KEY=1", "1KEY"])
def test_an_absent_variable_is_named(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NOT_SET", raising=False)
    with pytest.raises(CustodyError) as caught:
        open_signer(f"env:{name}", _nobody)
    assert caught.value.where == f"env:{name}"
    assert "no such variable" in caught.value.en


@pytest.mark.parametrize("value", ["", "secret-value", "c2VjcmV0LXZhbHVl", "密钥"])
def test_a_variable_with_something_else_is_refused_and_not_repeated(
    value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OFFICE_KEY", value)
    with pytest.raises(CustodyError) as caught:
        open_signer("env:OFFICE_KEY", _nobody)
    assert caught.value.where == "env:OFFICE_KEY"
    assert "neither PEM" in caught.value.en
    assert "secret" not in str(caught.value)
    assert "c2Vj" not in str(caught.value)


def test_an_unencrypted_key_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    plain = ec.generate_private_key(ec.SECP256R1()).private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    monkeypatch.setenv("OFFICE_KEY", plain.decode())
    with pytest.raises(CustodyError) as caught:
        open_signer("env:OFFICE_KEY", lambda _: PASSPHRASE)
    assert "not encrypted" in caught.value.en


# -- pkcs11 addresses -----------------------------------------------------------------------------


def test_an_address_is_read_as_rfc_7512_writes_it() -> None:
    uri = pkcs11_uri.parse(
        "token=%E5%B9%BF%E5%AE%89%20HSM;object=licence;id=%69%01;type=private"
        "?module-path=/usr/lib/x.so&pin-source=file:/run/pin&sm2-mechanism=0x80008105"
    )
    assert (uri.token, uri.object, uri.id) == ("广安 HSM", "licence", b"i\x01")
    assert (uri.module, uri.pin_source) == ("/usr/lib/x.so", Path("/run/pin"))
    assert uri.sm2_mechanism == 0x80008105
    assert uri.place == "token=广安 HSM;object=licence;id=6901"
    assert pkcs11_uri.parse(f"serial=1;id=%01{MODULE}&pin-source=file:///run/pin").pin_source == (
        Path("/run/pin")
    )


@pytest.mark.parametrize(
    "address",
    [
        f"token=a;object=b{MODULE}&pin-value=271828",
        f"token=a;object=b;pin-value=271828{MODULE}",
        "pin-value=271828",
    ],
)
def test_a_pin_in_the_address_is_refused_and_not_repeated(address: str) -> None:
    with pytest.raises(CustodyError) as caught:
        open_signer(f"pkcs11:{address}", _nobody)
    assert caught.value.where == "pin-value"
    assert "must not stand in the address" in caught.value.en
    assert "pin-source=file:" in caught.value.fix_zh
    assert "271828" not in str(caught.value)


@pytest.mark.parametrize(
    ("address", "where"),
    [
        ("token=a;object=b", "module-path"),
        ("token=a;object=b?module-path=x.so", "module-path"),
        (f"object=b{MODULE}", "token"),
        (f"token=a{MODULE}", "object"),
        (f"token=a;token=c;object=b{MODULE}", "token"),
        (f"token=;object=b{MODULE}", "token"),
        (f"token=%G1;object=b{MODULE}", "token"),
        (f"token=%FF;object=b{MODULE}", "token"),
        (f"token=a%00;object=b{MODULE}", "token"),
        (f"token=a;object=b;type=public{MODULE}", "type"),
        (f"token=a;object=b;slot-id=1{MODULE}", "pkcs11"),
        (f"token=a;object=b{MODULE}&module-name=x", "pkcs11"),
        (f"token=a;object=b{MODULE}&pin-source=|cat%20/run/pin", "pin-source"),
        (f"token=a;object=b{MODULE}&pin-source=/run/pin", "pin-source"),
        (f"token=a;object=b{MODULE}&pin-source=file://host/pin", "pin-source"),
        (f"token=a;object=b{MODULE}&sm2-mechanism=0x00001041", "sm2-mechanism"),
        (f"token=a;object=b{MODULE}&sm2-mechanism=2147516677", "sm2-mechanism"),
        ("271828", "pkcs11"),
    ],
)
def test_a_wrong_address_names_the_attribute(address: str, where: str) -> None:
    with pytest.raises(CustodyError) as caught:
        open_signer(f"pkcs11:{address}", _nobody)
    assert caught.value.where == where
    assert caught.value.fix_zh
    assert caught.value.fix_en
    assert "271828" not in str(caught.value)


_PIECES = (
    "token=", "object=", "id=", "pin-value=", "pin-source=file:/p", "module-path=/x", "a", "%41",
    "%", ";", "?", "&", "=", "序",
)  # fmt: skip


@given(st.lists(st.sampled_from(_PIECES), max_size=12).map("".join))
@example("token=a;object=a?module-path=/x")
@settings(max_examples=200, deadline=None)
def test_any_address_is_read_or_refused(text: str) -> None:
    try:
        uri = pkcs11_uri.parse(text)
    except CustodyError:
        return
    assert uri.token
    assert uri.object or uri.id
    assert uri.module.startswith("/")
    assert "pin-value" not in text


@pytest.mark.parametrize("content", [None, b"", b"\n1234", b"\xff\n"])
def test_a_pin_file_that_holds_no_pin_is_named(tmp_path: Path, content: bytes | None) -> None:
    pytest.importorskip("pkcs11", reason="python-pkcs11 (extra hsm) is not installed")
    path = tmp_path / "pin"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(CustodyError) as caught:
        open_signer(f"pkcs11:token=a;object=b{MODULE}&pin-source=file:{path}", _nobody)
    assert caught.value.where == str(path)
    assert "PIN" in caught.value.en


def test_an_empty_answer_is_not_tried_as_a_pin() -> None:
    pytest.importorskip("pkcs11", reason="python-pkcs11 (extra hsm) is not installed")
    with pytest.raises(CustodyError) as caught:
        open_signer(f"pkcs11:token=a;object=b{MODULE}", lambda _: "")
    assert "empty" in caught.value.en


# -- the extra ------------------------------------------------------------------------------------


def test_without_the_extra_the_error_names_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pkcs11", None)
    monkeypatch.delitem(sys.modules, "ecert.sign.pkcs11", raising=False)
    monkeypatch.delitem(sys.modules, "ecert.sign.pkcs11_token", raising=False)
    with pytest.raises(CustodyError) as caught:
        open_signer(f"pkcs11:token=a;object=b{MODULE}", _nobody)
    assert "extra hsm" in caught.value.en
    assert "hsm" in caught.value.zh
    assert 'pip install "ecert[hsm]"' in caught.value.fix_zh


def test_custody_loads_python_pkcs11_only_for_a_token() -> None:
    program = "import sys, ecert, ecert.sign.custody; print('pkcs11' in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, check=True, text=True, cwd=ROOT
    )
    assert done.stdout.split() == ["False"]
