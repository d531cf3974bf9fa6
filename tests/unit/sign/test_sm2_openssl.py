"""SM2 against the openssl command: its signatures and key files, and ours.

It is told the user id every time: before 4.0 it takes the empty one by itself, and then refuses
even the standard's own example.
"""

from __future__ import annotations

import secrets
import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

from ecert.errors import CustodyError
from ecert.sign import der
from ecert.sign.keys import PrivateKey, PublicKey

if TYPE_CHECKING:
    from pathlib import Path

ALG = "SGD_SM3_SM2"
PASSPHRASE = "correct horse"
# Scalars whose x, or for the last y, begins with the bytes 04, 40, 44 or 00.
STRIPPED = (11, 307, 65, 138, 327, 659, 107)


def raw(signature: bytes) -> bytes:
    r, s = decode_dss_signature(signature)
    return r.to_bytes(32) + s.to_bytes(32)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    if shutil.which("openssl") is None:
        pytest.skip("the openssl command is not installed")
    return tmp_path


def openssl(folder: Path, *arguments: str, good: bool = True) -> str:
    done = subprocess.run(
        ["openssl", *arguments], capture_output=True, check=False, text=True, cwd=folder
    )
    assert (done.returncode == 0) is good, done.stderr
    return done.stdout


UID = ("-pkeyopt", "distid:1234567812345678")
DIGEST = ("-rawin", "-digest", "sm3", *UID)


def openssl_verifies(folder: Path, signature: bytes, *, good: bool = True) -> None:
    (folder / "signature").write_bytes(der.signature(signature))
    openssl(
        folder, "pkeyutl", "-verify", *DIGEST, "-pubin", "-inkey", "public.pem",
        "-in", "message", "-sigfile", "signature", good=good,
    )  # fmt: skip


def openssl_signs(folder: Path) -> bytes:
    openssl(
        folder, "pkeyutl", "-sign", *DIGEST, "-inkey", "private.pem",
        "-passin", f"pass:{PASSPHRASE}", "-in", "message", "-out", "signature",
    )  # fmt: skip
    return raw((folder / "signature").read_bytes())


@pytest.mark.parametrize("turn", range(25))
def test_keys_of_ours_serve_the_openssl_command_and_both_verify(turn: int, folder: Path) -> None:
    key = (
        PrivateKey.from_scalar(ALG, STRIPPED[turn].to_bytes(32))
        if turn < len(STRIPPED)
        else PrivateKey.generate(ALG)
    )
    message = secrets.token_bytes(1 + 40 * turn)
    (folder / "private.pem").write_bytes(key.to_pem(PASSPHRASE))
    (folder / "public.pem").write_bytes(key.public.to_pem())
    (folder / "message").write_bytes(message)
    openssl_verifies(folder, key.sign(message))
    key.public.verify(openssl_signs(folder), message)
    openssl_verifies(folder, key.sign(message + b"\0"), good=False)


MAKE = ("genpkey", "-algorithm", "SM2", "-out", "private.pem", "-pass", f"pass:{PASSPHRASE}")
WRAP = ("pkcs8", "-topk8", "-in", "plain.pem", "-out", "private.pem",
        "-passout", f"pass:{PASSPHRASE}")  # fmt: skip
PLAIN = ("genpkey", "-algorithm", "SM2", "-out", "plain.pem")


@pytest.mark.parametrize(
    "commands",
    [
        [(*MAKE, "-aes-256-cbc")],
        [(*MAKE, "-sm4-cbc")],
        [PLAIN, (*WRAP, "-scrypt")],
        [PLAIN, (*WRAP, "-v2", "aes-128-cbc", "-v2prf", "hmacWithSHA512", "-iter", "1000")],
        [PLAIN, (*WRAP, "-v2", "sm4-cbc")],
        # as `openssl ecparam` writes keys: the curve's parameters in front
        [("ecparam", "-genkey", "-name", "SM2", "-out", "plain.pem"), WRAP],
    ],
)
def test_keys_that_the_openssl_command_makes_are_read(
    commands: list[tuple[str, ...]], folder: Path
) -> None:
    for command in commands:
        openssl(folder, *command)
    openssl(
        folder, "pkey", "-in", "private.pem", "-passin", f"pass:{PASSPHRASE}",
        "-pubout", "-out", "public.pem",
    )  # fmt: skip
    (folder / "message").write_bytes(b"message")
    key = PrivateKey.from_pem((folder / "private.pem").read_bytes(), PASSPHRASE)
    assert key.public == PublicKey.from_pem((folder / "public.pem").read_bytes())
    assert key.public.to_pem() == (folder / "public.pem").read_bytes(), "to the letter"
    openssl_verifies(folder, key.sign(b"message"))
    with pytest.raises(CustodyError):
        PrivateKey.from_pem((folder / "private.pem").read_bytes(), PASSPHRASE + ".")


@pytest.mark.parametrize(
    "commands",
    [
        [PLAIN, ("pkey", "-in", "plain.pem", "-out", "private.pem")],
        [PLAIN, ("ec", "-in", "plain.pem", "-out", "private.pem", "-aes256",
                 "-passout", f"pass:{PASSPHRASE}")],
    ],
    ids=["unencrypted", "not PKCS#8"],
)  # fmt: skip
def test_key_files_without_pkcs8s_protection_are_refused(
    commands: list[tuple[str, ...]], folder: Path
) -> None:
    for command in commands:
        openssl(folder, *command)
    with pytest.raises(CustodyError) as caught:
        PrivateKey.from_pem((folder / "private.pem").read_bytes(), PASSPHRASE)
    assert "not encrypted" in caught.value.en


def test_a_p_256_key_wrapped_with_sm4_is_no_sm2_key(folder: Path) -> None:
    """Only libcrypto opens it, and must not take it for its own."""
    openssl(
        folder, "genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256",
        "-sm4-cbc", "-pass", f"pass:{PASSPHRASE}", "-out", "private.pem",
    )  # fmt: skip
    with pytest.raises(CustodyError) as caught:
        PrivateKey.from_pem((folder / "private.pem").read_bytes(), PASSPHRASE)
    assert "not supported" in caught.value.en
