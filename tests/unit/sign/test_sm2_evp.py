"""The calls into libcrypto: every return code counts, everything is freed, threads and forks."""

from __future__ import annotations

import gc
import secrets
import subprocess
import sys
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from ecert.errors import CustodyError, SignatureError
from ecert.sign import sm2, sm2_curve, sm2_evp, sm2_libcrypto
from ecert.sign.keys import PrivateKey
from ecert.sign.sm2_digest import DEFAULT_UID
from ecert.sign.sm2_evp import EVP
from ecert.sign.sm2_libcrypto import Libcrypto
from tests.conftest import ROOT

if TYPE_CHECKING:
    from collections.abc import Callable

ALG = "SGD_SM3_SM2"
D = bytes.fromhex("3945208f7b2144b13f36e38ac6d39f95889393692860b51a42fb81ef4df7c5b8")
MESSAGE = b"message digest"
# Who makes something that must be freed, and who frees it.
FREED_BY = {
    "EVP_MD_CTX_new": "EVP_MD_CTX_free",
    "EVP_PKEY_CTX_new_from_name": "EVP_PKEY_CTX_free",
    "EVP_PKEY_dup": "EVP_PKEY_free",
    "EVP_PKCS82PKEY": "EVP_PKEY_free",
    "EVP_PKEY_keygen": "EVP_PKEY_free",
    "EVP_PKEY_get_bn_param": "BN_clear_free",
    "PKCS8_decrypt": "PKCS8_PRIV_KEY_INFO_free",
    "d2i_PKCS8_PRIV_KEY_INFO": "PKCS8_PRIV_KEY_INFO_free",
    "d2i_X509_SIG": "X509_SIG_free",
    "PKCS8_set0_pbe": "X509_SIG_free",
}
# What each of these is asked for while one key goes through everything.
FAILING = [
    *FREED_BY,
    "BN_bn2binpad",
    "EVP_DigestSign",
    "EVP_DigestSignInit",
    "EVP_DigestVerifyInit",
    "EVP_PKEY_CTX_set1_id",
    "EVP_PKEY_keygen_init",
    "EVP_PKEY_set1_encoded_public_key",
    "PKCS5_pbe2_set_scrypt",
    "i2d_X509_SIG",
]


def real() -> EVP:
    return sm2._require_evp()


class Watched:
    """The real functions, counted; one of them may be made to fail."""

    def __init__(self, failing: str = "", *, result: int = 0) -> None:
        self.made: Counter[str] = Counter()
        self.freed: Counter[str] = Counter()
        functions = {
            name: self._watch(name, function) for name, function in vars(real()._c).items()
        }
        if failing:
            functions[failing] = lambda *_: result
        self.evp = EVP.__new__(EVP)
        self.evp.__dict__ |= real().__dict__
        self.evp._c = SimpleNamespace(**functions)
        self.evp._library = Libcrypto(self.evp._c)

    def _watch(self, name: str, function: Callable[..., Any]) -> Callable[..., Any]:
        def call(*arguments: Any) -> Any:
            result = function(*arguments)
            if name in FREED_BY and result:
                self.made[FREED_BY[name]] += 1
            # Freeing NULL is freeing nothing.
            if name in FREED_BY.values() and getattr(arguments[0], "value", arguments[0]):
                self.freed[name] += 1
            return result

        return call


def everything(evp: EVP) -> None:
    key = evp.private(D)
    x, y = evp.point(key)
    evp.generate()
    signature = evp.sign(key, DEFAULT_UID, MESSAGE)
    if not evp.verify(evp.public(x, y), DEFAULT_UID, signature, MESSAGE):
        raise SignatureError
    der = evp.encrypt(sm2_curve.pkcs8(evp.scalar(key), x, y), b"correct horse")
    if evp.decrypt(der, b"correct horse") is None:
        raise CustodyError("打不开", "it does not open")


def queue(evp: EVP) -> int:
    return int(evp._c.ERR_peek_last_error())


def test_what_is_made_is_freed() -> None:
    watched = Watched()
    everything(watched.evp)
    gc.collect()
    assert watched.made == watched.freed
    assert watched.made.keys() == set(FREED_BY.values()), "and all of them are made"


@pytest.mark.parametrize("failing", FAILING)
def test_a_failing_call_is_an_error_and_leaks_nothing(failing: str) -> None:
    watched = Watched(failing)
    with pytest.raises(CustodyError):
        everything(watched.evp)
    gc.collect()
    assert watched.made == watched.freed
    assert queue(watched.evp) == 0


def test_every_function_that_can_fail_is_among_those_made_to() -> None:
    harmless = {
        "ERR_clear_error", "ERR_error_string_n", "ERR_peek_last_error", "OpenSSL_version",
        "OpenSSL_version_num", "EVP_aes_256_cbc", *FREED_BY.values(), "X509_ALGOR_free",
        # asked when the library is opened, and below
        "EVP_MD_fetch", "d2i_PUBKEY", "EVP_PKEY_is_a", "EVP_DigestVerify",
    }  # fmt: skip
    declared = sm2_libcrypto._SHORT.keys() | sm2_libcrypto._LONG.keys()
    assert declared - harmless == set(FAILING)


@pytest.mark.parametrize("failing", ["", "PKCS8_set0_pbe", "PKCS5_pbe2_set_scrypt"])
def test_a_scheme_is_freed_by_whoever_has_it(failing: str) -> None:
    """A file that is made owns its scheme; one that is not leaves it behind."""
    watched = Watched(failing)
    freed: list[int | None] = []
    watched.evp._c.X509_ALGOR_free = freed.append
    if failing:
        with pytest.raises(CustodyError):
            everything(watched.evp)
    else:
        everything(watched.evp)
    assert [bool(scheme) for scheme in freed] == {
        "": [], "PKCS8_set0_pbe": [True], "PKCS5_pbe2_set_scrypt": [False]
    }[failing]  # fmt: skip


@pytest.mark.parametrize("answer", [-1, -2, 2])
def test_a_verification_that_could_not_be_made_is_neither_yes_nor_no(answer: int) -> None:
    evp = Watched("EVP_DigestVerify", result=answer).evp
    with pytest.raises(CustodyError) as caught:
        evp.verify(evp.private(D), DEFAULT_UID, sm2_evp._KNOWN_SIGNATURE, MESSAGE)
    assert caught.value.where == "EVP_DigestVerify"


def test_a_mismatch_is_no_and_leaves_the_error_queue_empty() -> None:
    """The queue is shared with `ssl`, which reports what it finds there as its own."""
    evp = real()
    key = evp.public(*sm2_evp._KNOWN_POINT)
    d, r = int.from_bytes(D), secrets.randbelow(2**250) + 1
    # s·G + t·P = infinity: the one mismatch for which OpenSSL leaves an error behind.
    infinity = -r * d * pow(1 + d, -1, sm2_curve.N) % sm2_curve.N
    for signature in (
        sm2_evp._KNOWN_SIGNATURE[:-1] + b"\0",
        r.to_bytes(32) + infinity.to_bytes(32),
    ):
        assert evp.verify(key, DEFAULT_UID, signature, MESSAGE) is False
        assert queue(evp) == 0
    assert evp.decrypt(b"0\x82nonsense", b"x") is None
    assert queue(evp) == 0


def test_an_error_says_which_step_and_openssls_reason() -> None:
    evp = real()
    with pytest.raises(CustodyError) as caught:
        evp.public(bytes(32), bytes(32))
    assert caught.value.where == "EVP_PKEY_set1_encoded_public_key"
    assert "error:" in caught.value.en
    assert queue(evp) == 0


def test_a_library_that_gets_the_standards_example_wrong_is_not_used(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    library = real()._library
    for answer in (0, 1):
        functions = SimpleNamespace(
            **vars(library.c) | {"EVP_DigestVerify": lambda *_, a=answer: a}
        )
        with pytest.raises(CustodyError) as caught:
            EVP(Libcrypto(functions))
        assert caught.value.where == "GB/T 32918.5 A.2"
        monkeypatch.setattr(sm2_evp, "candidates", lambda f=functions: iter([Libcrypto(f)]))
        assert sm2_evp.open_evp() is None
    monkeypatch.setattr(sm2_evp, "candidates", lambda: iter([Libcrypto(functions), library]))
    found = sm2_evp.open_evp()
    assert found is not None, "the next one is"
    assert found._library is library


@pytest.mark.parametrize("missing", ["EVP_MD_fetch", "d2i_PUBKEY"])
def test_a_library_without_sm3_or_sm2_is_not_used(missing: str) -> None:
    functions = SimpleNamespace(**vars(real()._c) | {missing: lambda *_: None})
    with pytest.raises(CustodyError):
        EVP(Libcrypto(functions))


def test_one_key_serves_several_threads() -> None:
    key = PrivateKey.generate(ALG)

    def work(number: int) -> bytes:
        message = number.to_bytes(4)
        signature = key.sign(message)
        key.public.verify(signature, message)
        with pytest.raises(SignatureError):
            key.public.verify(signature, message + b"\0")
        assert queue(real()) == 0
        return signature

    with ThreadPoolExecutor(8) as pool:
        signatures = list(pool.map(work, range(400)))
    assert len({signature[:32] for signature in signatures}) == 400


FORKING = """
import os
from ecert.sign.keys import PrivateKey

key = PrivateKey.generate("SGD_SM3_SM2")
key.sign(b"before")  # libcrypto has drawn from its generator when the process splits
pipes = []
for child in range(3):
    reading, writing = os.pipe()
    if os.fork() == 0:
        new = PrivateKey.generate("SGD_SM3_SM2")
        lines = [key.sign(b"the same").hex() for _ in range(50)] + [new.jwk()["x"]]
        os.write(writing, "\\n".join(lines).encode())
        os._exit(0)
    os.close(writing)
    pipes.append(reading)
own = [key.sign(b"the same").hex() for _ in range(50)]
for signature in own:
    key.public.verify(bytes.fromhex(signature), b"the same")
print(*own, PrivateKey.generate("SGD_SM3_SM2").jwk()["x"], sep="\\n")
for reading in pipes:
    os.wait()
    with os.fdopen(reading) as file:
        text = file.read()
    for signature in text.split()[:-1]:
        key.public.verify(bytes.fromhex(signature), b"the same")
    print(text)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="there is no fork on Windows")
def test_forked_processes_share_neither_nonce_nor_key() -> None:
    done = subprocess.run(
        [sys.executable, "-c", FORKING], capture_output=True, check=True, text=True, cwd=ROOT
    )
    lines = done.stdout.split()
    signatures = [line for line in lines if len(line) == 128]
    keys = [line for line in lines if len(line) == 43]
    assert (len(signatures), len(keys)) == (200, 4)
    assert len({signature[:64] for signature in signatures}) == 200
    assert len(set(keys)) == 4
