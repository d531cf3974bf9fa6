"""Who may open what of the service: roles, and the tokens that stand for them."""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from enum import StrEnum
from typing import TYPE_CHECKING, Final, NamedTuple

from ecert.errors import FormatError
from ecert.sign.certificates import certificate_digest
from ecert.store.tokens import CERTIFICATE, AccessToken

if TYPE_CHECKING:
    from datetime import datetime

    from ecert.sign.certificates import ClientCertificate
    from ecert.store.tokens import SQLTokens

_PREFIX: Final = "ecert"
_ID_BYTES: Final = 6
_TOKEN_ID: Final = re.compile(f"[0-9a-f]{{{2 * _ID_BYTES}}}")
_SECRET_BYTES: Final = 32


class Role(StrEnum):
    """What a token opens; none opens what another does, but the administrator's."""

    CLERK = "clerk"
    ISSUER = "issuer"
    AUDITOR = "auditor"
    LIST_KEEPER = "list-keeper"
    PARTNER = "partner"
    ADMINISTRATOR = "administrator"

    @property
    def zh(self) -> str:
        """What the office calls it."""
        return _ZH[self]


_ZH: Final = {
    Role.CLERK: "窗口人员",
    Role.ISSUER: "签发人员",
    Role.AUDITOR: "审计人员",
    Role.LIST_KEEPER: "清单管理员",
    Role.PARTNER: "共享调用方",
    Role.ADMINISTRATOR: "系统管理员",
}


def new_token(
    role: Role, name: str, *, created: datetime, expires: datetime
) -> tuple[str, AccessToken]:
    """Return the text of a new token, which is told once, and what is kept of it."""
    token_id, secret = secrets.token_hex(_ID_BYTES), secrets.token_urlsafe(_SECRET_BYTES)
    kept = AccessToken(
        id=token_id,
        role=role.value,
        name=name,
        digest=_digest(secret),
        created=created,
        expires=expires,
    )
    return f"{_PREFIX}.{token_id}.{secret}", kept


def new_certificate(
    role: Role,
    name: str,
    certificate: ClientCertificate,
    *,
    created: datetime,
    expires: datetime,
) -> AccessToken:
    """Return what is kept of a client certificate: a role that ends with it at the latest.

    Raises:
        FormatError: The certificate has ended, or has not begun.
    """
    if not certificate.begins <= created < certificate.ends:
        raise FormatError(
            "证书已过期或尚未生效", "the certificate has expired or has not begun",
            fix_zh="请核对本机时间，或换一张证书", fix_en="Check the clock, or take another one",
        )  # fmt: skip
    return AccessToken(
        id=f"{CERTIFICATE}{secrets.token_hex(_ID_BYTES)}",
        role=role.value,
        name=name,
        digest=certificate.digest,
        created=created,
        expires=min(expires, certificate.ends),
    )


def find_certificate(der: bytes, store: SQLTokens, at: datetime) -> tuple[AccessToken | None, str]:
    """Return what a client certificate (DER, proven by TLS) opens; or None, and why not."""
    found = store.with_certificate(certificate_digest(der))
    good = [one for one in found if one.is_good(at)]
    if good:
        return good[-1], ""
    if not found:
        return None, "certificate: unknown"
    return None, f"certificate: {_ended(found[-1])}"


class ReadToken(NamedTuple):
    """A token as somebody shows it, not compared with anything yet."""

    id: str
    secret: str


def read_token(text: str) -> ReadToken | None:
    """Return the parts of what is written as a token; None if it is written otherwise."""
    prefix, _, rest = text.partition(".")
    token_id, _, secret = rest.partition(".")
    # Only what `new_token` writes is looked up, with whatever others ask at the same time.  A
    # certificate is public, so it opens nothing by being written down.
    if prefix != _PREFIX or not _TOKEN_ID.fullmatch(token_id) or not secret:
        return None
    return ReadToken(token_id, secret)


def judge_token(
    read: ReadToken | None, kept: AccessToken | None, at: datetime
) -> tuple[AccessToken | None, str]:
    """Return ``kept`` if ``read`` is it and it is good; or None, and for the log why not.

    Args:
        read: What was shown.
        kept: What is kept under its id; None if nothing is.
        at: The time.
    """
    if read is None:
        return None, "malformed"
    digest = _digest(read.secret)
    # Compared also where there is none, so that both take the same time.
    same = hmac.compare_digest(digest, kept.digest if kept is not None else bytes(len(digest)))
    if kept is None or not same:
        return None, "unknown"
    if not kept.is_good(at):
        return None, _ended(kept)
    return kept, ""


def find_token(text: str, store: SQLTokens, at: datetime) -> tuple[AccessToken | None, str]:
    """Return the good token that ``text`` is; or None, and for the log why not.

    Whoever holds none is told one thing alone, whatever the reason is.
    """
    read = read_token(text)
    return judge_token(read, None if read is None else store.get(read.id), at)


def _ended(kept: AccessToken) -> str:
    return "withdrawn" if kept.withdrawn is not None else "expired"


def _digest(secret: str) -> bytes:
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).digest()
