"""Client certificates (X.509) as they stand for somebody: a fingerprint and two dates.

Whether a certificate is genuine is TLS's business; nothing of it is a signature of a licence.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from ecert.errors import FormatError
from ecert.limits import MAX_CERTIFICATE_BYTES

if TYPE_CHECKING:
    from datetime import datetime


@dataclass(frozen=True, slots=True)
class ClientCertificate:
    """One certificate.

    Attributes:
        digest: SHA-256 of its DER form: what ``openssl x509 -fingerprint -sha256`` tells.
        begins: From when it is good.
        ends: Until when.
    """

    digest: bytes
    begins: datetime
    ends: datetime


def certificate_digest(der: bytes) -> bytes:
    """Return the fingerprint (SHA-256) of a certificate in DER form."""
    return hashlib.sha256(der).digest()


def read_certificate(data: bytes) -> ClientCertificate:
    """Read one certificate, PEM or DER.

    Raises:
        FormatError: It is none, more than one, or too large.
    """
    try:
        if len(data) > MAX_CERTIFICATE_BYTES:
            raise ValueError("too large")
        if b"-----BEGIN" in data:
            (found,) = x509.load_pem_x509_certificates(data)
        else:
            found = x509.load_der_x509_certificate(data)
        der = found.public_bytes(Encoding.DER)
    except ValueError as error:
        raise FormatError(
            "不是证书文件", "not a certificate",
            fix_zh="请给出一张证书（PEM 或 DER），不是私钥，也不是证书链",
            fix_en="Give one certificate (PEM or DER), not a key and not a chain",
        ) from error  # fmt: skip
    return ClientCertificate(
        certificate_digest(der), found.not_valid_before_utc, found.not_valid_after_utc
    )
