"""SM2 keys and signatures by OpenSSL's EVP interface (see `sm2_libcrypto`)."""

from __future__ import annotations

import ctypes
from ctypes import byref, c_size_t, c_void_p
from typing import TYPE_CHECKING, Any

from cryptography.hazmat.primitives.asymmetric.utils import (
    decode_dss_signature,
    encode_dss_signature,
)

from ecert.errors import CustodyError
from ecert.sign import sm2_curve
from ecert.sign.sm2_digest import DEFAULT_UID
from ecert.sign.sm2_libcrypto import Libcrypto, candidates

if TYPE_CHECKING:
    from collections.abc import Callable

# N, r and p of RFC 7914 §2 as `openssl pkcs8 -scrypt` chooses them: 16 MiB, within the bound
# that OpenSSL sets itself when it reads such a file.
_SCRYPT = (1 << 14, 8, 1)
_SALT_BYTES = 16
# Two integers of 33 bytes with their heads, and the head of the sequence.
_DER_BYTES = 72

# GB/T 32918.5-2017 A.2: public key, message, signature
_KNOWN_POINT = (
    bytes.fromhex("09f9df311e5421a150dd7d161e4bc5c672179fad1833fc076bb08ff356f35020"),
    bytes.fromhex("ccea490ce26775a52dc6ea718cc1aa600aed05fbf35e084a6632f6072da9ad13"),
)
_KNOWN_MESSAGE = b"message digest"
_KNOWN_SIGNATURE = bytes.fromhex(
    "f5a03b0648d2c4630eeac513e1bb81a15944da3827d5b74143ac7eaceee720b3"
    "b1b6aa29df212fd8763182bc0d421ca1bb9038fd1f7f42d4840b69c485bbc1aa"
)


class EVPKey:
    """An ``EVP_PKEY``, freed with this object; several threads may use it at once."""

    __slots__ = ("_free", "pointer")

    def __init__(self, pointer: int, free: Callable[[int], None]) -> None:
        self.pointer = pointer
        self._free = free

    def __del__(self) -> None:
        self._free(self.pointer)


class EVP:
    """What one libcrypto does with SM2, once it gets the standard's own example right.

    Raises:
        CustodyError: It has no SM2, or a wrong one.
    """

    def __init__(self, library: Libcrypto) -> None:
        self._library = library
        self._c = library.c
        # Both live as long as the process.
        self._sm3 = library.made(self._c.EVP_MD_fetch(None, b"SM3", None), "SM3")
        generator = sm2_curve.spki(*(number.to_bytes(32) for number in sm2_curve.G))
        self._template = library.parsed("d2i_PUBKEY", generator)
        known = self.public(*_KNOWN_POINT)
        answers = [
            self.verify(known, DEFAULT_UID, _KNOWN_SIGNATURE, message)
            for message in (_KNOWN_MESSAGE, _KNOWN_MESSAGE + b".")
        ]
        if answers != [True, False]:
            raise library.failure("GB/T 32918.5 A.2")

    @property
    def version(self) -> str:
        """Name and version of the library, such as ``OpenSSL 3.0.19``."""
        return self._library.version

    # -- keys ---------------------------------------------------------------------------------

    def _key(self, pointer: int | None, step: str) -> EVPKey:
        return EVPKey(self._library.made(pointer, step), self._c.EVP_PKEY_free)

    def public(self, x: bytes, y: bytes) -> EVPKey:
        """Return the key at the point (x, y)."""
        # To copy a key and move it is six times as fast as to make one: the curve is there.
        key = self._key(self._c.EVP_PKEY_dup(self._template), "EVP_PKEY_dup")
        point = b"\x04" + x + y
        result = self._c.EVP_PKEY_set1_encoded_public_key(key.pointer, point, len(point))
        self._library.require(result, "EVP_PKEY_set1_encoded_public_key")
        return key

    def private(self, d: bytes) -> EVPKey:
        """Return the key with the scalar ``d``; libcrypto works out its public half."""
        info = self._library.parsed("d2i_PKCS8_PRIV_KEY_INFO", sm2_curve.bare_pkcs8(d))
        try:
            return self._key(self._c.EVP_PKCS82PKEY(info), "EVP_PKCS82PKEY")
        finally:
            self._c.PKCS8_PRIV_KEY_INFO_free(info)

    def generate(self) -> EVPKey:
        """Make a key from libcrypto's randomness."""
        library, c = self._library, self._c
        context = library.made(c.EVP_PKEY_CTX_new_from_name(None, b"SM2", None), "SM2")
        try:
            library.require(c.EVP_PKEY_keygen_init(context), "EVP_PKEY_keygen_init")
            pointer = c_void_p()
            library.require(c.EVP_PKEY_keygen(context, byref(pointer)), "EVP_PKEY_keygen")
            return self._key(pointer.value, "EVP_PKEY_keygen")
        finally:
            c.EVP_PKEY_CTX_free(context)

    def point(self, key: EVPKey) -> tuple[bytes, bytes]:
        """Return x and y, 32 bytes each."""
        return self._number(key, b"qx"), self._number(key, b"qy")

    def scalar(self, key: EVPKey) -> bytes:
        """Return the private scalar, 32 bytes."""
        return self._number(key, b"priv")

    def _number(self, key: EVPKey, name: bytes) -> bytes:
        number = c_void_p()
        result = self._c.EVP_PKEY_get_bn_param(key.pointer, name, byref(number))
        self._library.require(result, "EVP_PKEY_get_bn_param")
        try:
            buffer = ctypes.create_string_buffer(32)
            if self._c.BN_bn2binpad(number, buffer, 32) != 32:
                raise self._library.failure("BN_bn2binpad")
            return buffer.raw
        finally:
            self._c.BN_clear_free(number)

    # -- signatures ---------------------------------------------------------------------------

    def sign(self, key: EVPKey, uid: bytes, message: bytes) -> bytes:
        """Return r‖s of 64 bytes; libcrypto chooses the nonce."""
        c = self._c
        context = self._library.made(c.EVP_MD_CTX_new(), "EVP_MD_CTX_new")
        try:
            self._begin(c.EVP_DigestSignInit, context, key, uid)
            der = ctypes.create_string_buffer(_DER_BYTES)
            size = c_size_t(_DER_BYTES)
            result = c.EVP_DigestSign(context, der, byref(size), message, len(message))
            self._library.require(result, "EVP_DigestSign")
        finally:
            c.EVP_MD_CTX_free(context)
        r, s = decode_dss_signature(der.raw[: size.value])
        return r.to_bytes(32) + s.to_bytes(32)

    def verify(self, key: EVPKey, uid: bytes, signature: bytes, message: bytes) -> bool:
        """Say whether r‖s, of 64 bytes and in range, fits.

        Raises:
            CustodyError: libcrypto could not tell.
        """
        c = self._c
        der = encode_dss_signature(int.from_bytes(signature[:32]), int.from_bytes(signature[32:]))
        context = self._library.made(c.EVP_MD_CTX_new(), "EVP_MD_CTX_new")
        try:
            self._begin(c.EVP_DigestVerifyInit, context, key, uid)
            result = c.EVP_DigestVerify(context, der, len(der), message, len(message))
        finally:
            c.EVP_MD_CTX_free(context)
        if result == 0:
            # Some ways of not fitting leave a line in the queue, which `ssl` would stumble over.
            c.ERR_clear_error()
            return False
        self._library.require(result, "EVP_DigestVerify")
        return True

    def _begin(self, begin: Any, context: int, key: EVPKey, uid: bytes) -> None:
        inner = c_void_p()  # is freed together with ``context``
        result = begin(context, byref(inner), self._sm3, None, key.pointer)
        self._library.require(result, "EVP_Digest…Init")
        result = self._c.EVP_PKEY_CTX_set1_id(inner, uid, len(uid))
        self._library.require(result, "EVP_PKEY_CTX_set1_id")

    # -- encrypted PKCS#8 (RFC 5958 §3, RFC 8018 §6.2) ----------------------------------------

    def encrypt(self, pkcs8: bytes, passphrase: bytes) -> bytes:
        """Return EncryptedPrivateKeyInfo in DER: PBES2 with scrypt and AES-256-CBC."""
        c = self._c
        info = self._library.parsed("d2i_PKCS8_PRIV_KEY_INFO", pkcs8)
        scheme = c.PKCS5_pbe2_set_scrypt(c.EVP_aes_256_cbc(), None, _SALT_BYTES, None, *_SCRYPT)
        wrapped = None
        try:
            self._library.made(scheme, "PKCS5_pbe2_set_scrypt")
            wrapped = c.PKCS8_set0_pbe(passphrase, len(passphrase), info, scheme)
            return self._written(self._library.made(wrapped, "PKCS8_set0_pbe"))
        finally:
            c.PKCS8_PRIV_KEY_INFO_free(info)
            c.X509_SIG_free(wrapped)
            if not wrapped:  # otherwise the scheme has become a part of it
                c.X509_ALGOR_free(scheme)

    def _written(self, wrapped: int) -> bytes:
        size = max(self._c.i2d_X509_SIG(wrapped, None), 0)
        buffer = ctypes.create_string_buffer(size)
        # It moves the pointer to the end of what it has written.
        position = c_void_p(ctypes.addressof(buffer))
        if size == 0 or self._c.i2d_X509_SIG(wrapped, byref(position)) != size:
            raise self._library.failure("i2d_X509_SIG")
        return buffer.raw

    def decrypt(self, der: bytes, passphrase: bytes) -> EVPKey | None:
        """Return the key in EncryptedPrivateKeyInfo, of whatever kind, or None: it does not open.

        Every encryption that this libcrypto knows is taken, SM4 among them.
        """
        c = self._c
        wrapped = info = None
        try:
            wrapped = self._library.parsed("d2i_X509_SIG", der)
            info = c.PKCS8_decrypt(wrapped, passphrase, len(passphrase))
            self._library.made(info, "PKCS8_decrypt")
            return self._key(c.EVP_PKCS82PKEY(info), "EVP_PKCS82PKEY")
        except CustodyError:
            return None
        finally:
            c.PKCS8_PRIV_KEY_INFO_free(info)
            c.X509_SIG_free(wrapped)

    def is_sm2(self, key: EVPKey) -> bool:
        """Say whether a key is one of SM2."""
        return bool(self._c.EVP_PKEY_is_a(key.pointer, b"SM2") == 1)


def open_evp() -> EVP | None:
    """Return SM2 of the first libcrypto at hand that has it; None if there is none."""
    for library in candidates():
        try:
            return EVP(library)
        except CustodyError:
            continue
    return None
