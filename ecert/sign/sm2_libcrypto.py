"""Finds the libcrypto that this Python is linked with, and declares the functions used of it.

Nothing is installed for SM2 and nothing is shipped: whoever keeps the system's OpenSSL up to
date keeps this up to date.
"""

from __future__ import annotations

import ctypes
import ctypes.util
import importlib.util
import sys
from ctypes import c_char_p, c_int, c_long, c_size_t, c_uint64, c_ulong, c_void_p
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from ecert.errors import CustodyError

if TYPE_CHECKING:
    from collections.abc import Iterator

# The first with a key type of its own for SM2, and with EVP_PKEY_dup.
_OLDEST = 0x30000000
_ERROR_BYTES = 256

# Result and arguments of each function.  Short ones hold the GIL: to give it away and queue for
# it again would take longer than the call.  Long ones run without it.
_SHORT: dict[str, tuple[Any, ...]] = {
    "BN_bn2binpad": (c_int, c_void_p, c_char_p, c_int),
    "BN_clear_free": (None, c_void_p),
    "ERR_clear_error": (None,),
    "ERR_error_string_n": (None, c_ulong, c_char_p, c_size_t),
    "ERR_peek_last_error": (c_ulong,),
    "EVP_DigestSignInit": (c_int, c_void_p, c_void_p, c_void_p, c_void_p, c_void_p),
    "EVP_DigestVerifyInit": (c_int, c_void_p, c_void_p, c_void_p, c_void_p, c_void_p),
    "EVP_MD_CTX_free": (None, c_void_p),
    "EVP_MD_CTX_new": (c_void_p,),
    "EVP_MD_fetch": (c_void_p, c_void_p, c_char_p, c_char_p),
    "EVP_PKEY_CTX_free": (None, c_void_p),
    "EVP_PKEY_CTX_new_from_name": (c_void_p, c_void_p, c_char_p, c_char_p),
    "EVP_PKEY_CTX_set1_id": (c_int, c_void_p, c_char_p, c_int),
    "EVP_PKEY_dup": (c_void_p, c_void_p),
    "EVP_PKEY_free": (None, c_void_p),
    "EVP_PKEY_get_bn_param": (c_int, c_void_p, c_char_p, c_void_p),
    "EVP_PKEY_is_a": (c_int, c_void_p, c_char_p),
    "EVP_PKEY_keygen_init": (c_int, c_void_p),
    "EVP_PKEY_set1_encoded_public_key": (c_int, c_void_p, c_char_p, c_size_t),
    "EVP_aes_256_cbc": (c_void_p,),
    "OpenSSL_version": (c_char_p, c_int),
    "OpenSSL_version_num": (c_ulong,),
    "PKCS5_pbe2_set_scrypt": (
        c_void_p, c_void_p, c_char_p, c_int, c_char_p, c_uint64, c_uint64, c_uint64
    ),
    "PKCS8_PRIV_KEY_INFO_free": (None, c_void_p),
    "X509_ALGOR_free": (None, c_void_p),
    "X509_SIG_free": (None, c_void_p),
    "d2i_PKCS8_PRIV_KEY_INFO": (c_void_p, c_void_p, c_void_p, c_long),
    "d2i_PUBKEY": (c_void_p, c_void_p, c_void_p, c_long),
    "d2i_X509_SIG": (c_void_p, c_void_p, c_void_p, c_long),
    "i2d_X509_SIG": (c_int, c_void_p, c_void_p),
}  # fmt: skip
_LONG: dict[str, tuple[Any, ...]] = {
    "EVP_DigestSign": (c_int, c_void_p, c_char_p, c_void_p, c_char_p, c_size_t),
    "EVP_DigestVerify": (c_int, c_void_p, c_char_p, c_size_t, c_char_p, c_size_t),
    "EVP_PKCS82PKEY": (c_void_p, c_void_p),
    "EVP_PKEY_keygen": (c_int, c_void_p, c_void_p),
    "PKCS8_decrypt": (c_void_p, c_void_p, c_char_p, c_int),
    "PKCS8_set0_pbe": (c_void_p, c_char_p, c_int, c_void_p, c_void_p),
}


class Libcrypto:
    """One libcrypto: its functions in ``c``, and what to do with their results.

    The error queue is shared with `ssl`, so every failure empties it.
    """

    def __init__(self, c: SimpleNamespace) -> None:
        self.c = c

    @property
    def version(self) -> str:
        """Its own name and version, such as ``OpenSSL 3.0.19``."""
        text: bytes = self.c.OpenSSL_version(0)
        return " ".join(text.decode("ascii", "replace").split()[:2])

    def require(self, result: int, step: str) -> None:
        """Check a result of which 1 is the good one.

        Raises:
            CustodyError: It is another.
        """
        if result != 1:
            raise self.failure(step)

    def made(self, pointer: int | None, step: str) -> int:
        """Return a pointer that is not NULL.

        Raises:
            CustodyError: It is.
        """
        if not pointer:
            raise self.failure(step)
        return pointer

    def parsed(self, function: str, der: bytes) -> int:
        """Return what ``d2i_…`` makes of the whole of ``der``.

        Raises:
            CustodyError: It is malformed.
        """
        buffer = ctypes.create_string_buffer(der, len(der))
        position = c_void_p(ctypes.addressof(buffer))
        result = getattr(self.c, function)(None, ctypes.byref(position), len(der))
        return self.made(result, function)

    def failure(self, step: str) -> CustodyError:
        """Return the error to raise after ``step`` went wrong, and empty the queue."""
        text = ctypes.create_string_buffer(_ERROR_BYTES)
        self.c.ERR_error_string_n(self.c.ERR_peek_last_error(), text, _ERROR_BYTES)
        self.c.ERR_clear_error()
        reason = text.value.decode("ascii", "replace")
        return CustodyError("密码库出错", f"libcrypto failed ({reason})", where=step)


def candidates() -> Iterator[Libcrypto]:
    """Yield the libcryptos at hand that have every function, the one of `hashlib` first."""
    for library in _libraries():
        try:
            functions = _declare(library)
        except AttributeError:
            # LibreSSL, BoringSSL, an OpenSSL before 3.0
            continue
        if functions.OpenSSL_version_num() >= _OLDEST:
            yield Libcrypto(functions)


def _libraries() -> Iterator[ctypes.CDLL]:
    for name in _names():
        try:
            yield ctypes.CDLL(name)
        except OSError:
            continue


def _names() -> Iterator[str | None]:
    # A symbol asked of an extension is looked for in the libraries that it is linked with, too:
    # no guess at their file names, and certainly the one in use.  None is the program itself,
    # for a Python that has `_hashlib` built in.
    spec = importlib.util.find_spec("_hashlib")
    if spec is not None and spec.has_location:
        yield spec.origin
    elif sys.platform != "win32":
        yield None
    # Windows asks one library only, by the name under which `_hashlib` has loaded it already.
    yield from ["libcrypto-3"] if sys.platform == "win32" else []
    # A Python with its libcrypto sealed inside (some are built so) may still have a system's.
    found = ctypes.util.find_library("crypto")
    yield from [found] if found else []


def _declare(library: ctypes.CDLL) -> SimpleNamespace:
    holding = ctypes.PyDLL(library._name, handle=library._handle)  # noqa: SLF001 documented
    functions = SimpleNamespace()
    for source, table in ((holding, _SHORT), (library, _LONG)):
        for name, (result, *arguments) in table.items():
            function = getattr(source, name)
            function.restype, function.argtypes = result, arguments
            setattr(functions, name, function)
    return functions
