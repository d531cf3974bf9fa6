"""The least that SM2 needs: bare EVP calls, with the user id, and nothing checked or converted.

Imports no package but ecert's binding, so that a foreign implementation's process has it, too.
"""

from __future__ import annotations

import ctypes
from ctypes import byref, c_size_t, c_void_p
from typing import TYPE_CHECKING

from harness import Case, repeated

from ecert.sign.der import signature as to_der
from ecert.sign.sm2_curve import bare_pkcs8
from ecert.sign.sm2_libcrypto import Libcrypto, candidates

if TYPE_CHECKING:
    from collections.abc import Callable

NAME = "raw EVP calls"
_UID = b"1234567812345678"


def raw_signing(d: bytes, message: bytes) -> Case:
    """Return the case that signs ``message`` again and again."""
    c, sm3, key = _prepared(d)
    der, size = ctypes.create_string_buffer(72), c_size_t()

    def sign() -> None:
        context, inner = c.EVP_MD_CTX_new(), c_void_p()
        c.EVP_DigestSignInit(context, byref(inner), sm3, None, key)
        c.EVP_PKEY_CTX_set1_id(inner, _UID, len(_UID))
        size.value = 72
        if c.EVP_DigestSign(context, der, byref(size), message, len(message)) != 1:
            raise RuntimeError("it does not sign")
        c.EVP_MD_CTX_free(context)

    return Case(NAME, repeated(sign))


def raw_verifying(d: bytes, message: bytes, signature: bytes) -> Case:
    """Return the case that verifies r‖s over ``message`` again and again."""
    c, sm3, key = _prepared(d)
    der = to_der(signature)

    def verify() -> None:
        context, inner = c.EVP_MD_CTX_new(), c_void_p()
        c.EVP_DigestVerifyInit(context, byref(inner), sm3, None, key)
        c.EVP_PKEY_CTX_set1_id(inner, _UID, len(_UID))
        if c.EVP_DigestVerify(context, der, len(der), message, len(message)) != 1:
            raise RuntimeError("it does not verify")
        c.EVP_MD_CTX_free(context)

    return Case(NAME, repeated(verify))


def foreign(name: str, operation: Callable[[], object]) -> Case:
    """Return a case that is compared with the raw one beside it."""
    return Case(name, repeated(operation), NAME)


def _prepared(d: bytes) -> tuple[Libcrypto, int, int]:
    library = next(candidates())
    info = library.parsed("d2i_PKCS8_PRIV_KEY_INFO", bare_pkcs8(d))
    key = library.made(library.c.EVP_PKCS82PKEY(info), "EVP_PKCS82PKEY")
    return library.c, library.made(library.c.EVP_MD_fetch(None, b"SM3", None), "SM3"), key
