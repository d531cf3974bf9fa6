"""Finding libcrypto: the one that Python is linked with, when it is needed and not before."""

from __future__ import annotations

import ctypes
import ctypes.util
import importlib.util
import ssl
import subprocess
import sys
from types import SimpleNamespace
from typing import Any

import pytest

from ecert.sign import sm2_libcrypto
from ecert.sign.sm2_libcrypto import Libcrypto, candidates
from tests.conftest import ROOT

LAZY = """
import sys
import ecert
from ecert.sign import suites
from ecert.sign.keys import PrivateKey, PublicKey
key = PrivateKey.generate()
key.public.verify(key.sign(b"x"), b"x")
copy = PrivateKey.from_pem(key.to_pem("correct horse"), "correct horse").public
for public in (PublicKey.from_pem(copy.to_pem()), PublicKey.from_cose_key(copy.cose_key())):
    assert public == key.public
PublicKey.from_jwk({jwk})
late = ["ctypes", "ecert.sign.sm2_evp", "ecert.sign.sm2_libcrypto", "ecert.sign.sm2_pure"]
print(*[name for name in late if name in sys.modules])
"""
SM2_JWK = {
    "kty": "EC",
    "crv": "SM2-P-256",
    "x": "CfnfMR5UIaFQ3X0WHkvFxnIXn60YM_wHa7CP81bzUCA",
    "y": "zOpJDOJndaUtxupxjMGqYArtBfvzXghKZjL2By2prRM",
}


def test_es256_and_a_trust_list_with_sm2_keys_load_no_backend() -> None:
    done = subprocess.run(
        [sys.executable, "-c", LAZY.format(jwk=SM2_JWK)],
        capture_output=True, check=True, text=True, cwd=ROOT,
    )  # fmt: skip
    assert done.stdout.split() == []


def test_it_is_the_library_that_python_is_linked_with() -> None:
    first = next(candidates())
    assert first.c.OpenSSL_version_num() == ssl.OPENSSL_VERSION_NUMBER
    assert ssl.OPENSSL_VERSION.startswith(first.version)


MAPPED = """
import ssl
from ecert.sign import sm2
print(sm2.backend())
with open("/proc/self/maps") as file:
    print(*{line.split()[-1] for line in file if "libcrypto" in line}, sep="\\n")
"""


@pytest.mark.skipif(sys.platform != "linux", reason="what is loaded is read from /proc")
def test_no_second_copy_is_loaded() -> None:
    done = subprocess.run(
        [sys.executable, "-c", MAPPED], capture_output=True, check=True, text=True, cwd=ROOT
    )
    backend, *loaded = done.stdout.splitlines()
    assert backend.startswith("libcrypto ")
    assert len(loaded) == 1


@pytest.mark.parametrize("origin", [None, "/nowhere/_hashlib.so"])
def test_a_python_without_a_linked_libcrypto_takes_the_systems(
    origin: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    spec = None if origin is None else SimpleNamespace(has_location=True, origin=origin)
    monkeypatch.setattr(importlib.util, "find_spec", lambda _: spec)
    monkeypatch.setattr(ctypes.util, "find_library", lambda _: "libcrypto.so.3")
    names = list(sm2_libcrypto._names())
    assert names == [origin, "libcrypto.so.3"]
    monkeypatch.setattr(ctypes.util, "find_library", lambda _: None)
    assert list(sm2_libcrypto._names()) == [origin]
    if origin is not None:
        assert list(candidates()) == [], "what cannot be loaded is passed over"


def test_on_windows_the_library_is_asked_for_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "win32")
    monkeypatch.setattr(importlib.util, "find_spec", lambda _: None)
    monkeypatch.setattr(ctypes.util, "find_library", lambda _: None)
    assert list(sm2_libcrypto._names()) == ["libcrypto-3"]


def test_a_library_that_lacks_a_function_or_is_too_old_is_passed_over(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    incomplete = ctypes.CDLL(None)
    monkeypatch.setattr(sm2_libcrypto, "_SHORT", {"LibreSSL_has_no_such": (ctypes.c_int,)})
    monkeypatch.setattr(sm2_libcrypto, "_libraries", lambda: iter([incomplete]))
    assert list(candidates()) == []

    def declared(version: int) -> Any:
        return lambda _: SimpleNamespace(OpenSSL_version_num=lambda: version)

    monkeypatch.setattr(sm2_libcrypto, "_declare", declared(0x1010117F))
    assert list(candidates()) == []
    monkeypatch.setattr(sm2_libcrypto, "_declare", declared(0x30000000))
    assert [type(found) for found in candidates()] == [Libcrypto]
