"""The worked examples of the formats: real bytes by keys that anybody can compute.

ECDSA signatures are random, so an example is kept as it stands in the document for as long as it
proves and says what it should; only then is it made anew.
"""

from __future__ import annotations

import tempfile
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

import cbor2
from doc_blocks import stored_bytes, stored_text
from doc_samples import AT, documentation_key, sample_licence

from ecert import limits
from ecert.errors import EcertError
from ecert.issuers.credential import StatusPlace, compact_claims, write_credential
from ecert.model.calendar import office_day
from ecert.model.catalogue import builtin
from ecert.show import compact, digits, possession
from ecert.show.digits import CodeKind
from ecert.sign import cose, envelope, sdjwt
from ecert.status import status_list
from ecert.trust.trust_list import KeyRecord, StatusListRef, TrustedIssuer, TrustList
from ecert.wallet.vault import CHEAPEST, Vault

if TYPE_CHECKING:
    from ecert.show.delivery import Delivery

TYPE_NAME: Final = "机动车驾驶证"
ISSUER: Final = documentation_key("issuer")
STATUS: Final = documentation_key("status")
HOLDER: Final = documentation_key("holder")
AGENT: Final = documentation_key("agent")
REGION: Final = documentation_key("region")
KEYS: Final = {
    "issuer": ISSUER, "status": STATUS, "holder": HOLDER, "agent": AGENT, "region": REGION,
}  # fmt: skip
CODE_ID: Final = bytes.fromhex("0102030405060708")
PACKED_VALUES: Final = {0: 1, 2: 2, 5: 12, 7: 14}
PACKED_SIZE: Final = 8
STATUS_VALUES: Final = {5: 12, 1_000: 1, 99_999: 2}
VAULT_PASSPHRASE: Final = "correct horse"  # noqa: S105  (printed in the document)
VAULT_PAYLOAD: Final = b"{}"
NONCE_CHARS: Final = 22


def place() -> StatusPlace:
    """Return where the status of the example stands."""
    return StatusPlace(
        1, 70_231, f"https://status.example/{sample_licence(TYPE_NAME).issuer_code}/1"
    )


@cache
def compact_credential() -> bytes:
    """Return the compact credential of the example, profile `minimal`."""
    claims = compact_claims(
        sample_licence(TYPE_NAME), builtin().require(TYPE_NAME),
        builtin().require(TYPE_NAME).profile("minimal"), place(),
        holder_key=HOLDER.public, on=office_day(AT),
    )  # fmt: skip
    fresh = compact.sign(claims, ISSUER)
    kept = stored_bytes("formats/compact-credential.md", "compact-credential")
    with suppress(EcertError):
        found, wanted = cose.parse_sign1(kept), cose.parse_sign1(fresh)
        found.verify(ISSUER.public)
        if (found.payload, found.kid) == (wanted.payload, wanted.kid):
            return kept
    return fresh


@cache
def show_code() -> bytes:
    """Return the signed bytes of the example's show code."""
    payload = cbor2.dumps(
        {0: 3, 1: int(AT.timestamp()), 2: 60, 3: CODE_ID, 5: [compact_credential()]}
    )
    kept = stored_bytes("formats/show-code.md", "show-code")
    with suppress(EcertError):
        found = cose.parse_sign1(kept)
        found.verify(HOLDER.public)
        if (found.payload, found.kid) == (payload, None):
            return kept
    return cose.sign1(payload, HOLDER)


def show_digits() -> str:
    """Return the example's show code as it is scanned."""
    return digits.encode(CodeKind.SELF_CONTAINED, show_code())


@cache
def delivery() -> Delivery:
    """Return a fresh delivery of the example; its signatures and salts are new each time."""
    return write_credential(
        sample_licence(TYPE_NAME), builtin().require(TYPE_NAME), ISSUER, place(),
        holder_key=HOLDER.public, at=AT,
    )  # fmt: skip


@cache
def sd_jwt() -> str:
    """Return the example's SD-JWT VC with all its disclosures."""
    kept, fresh = stored_text("formats/credential.md", "sd-jwt"), delivery().sd_jwt
    wanted = sdjwt.parse(fresh).unverified_claims()
    with suppress(EcertError):
        found = sdjwt.verify(kept, [ISSUER.public], at=int(AT.timestamp()))
        if found.claims == wanted and found.header["kid"] == ISSUER.public.kid:
            return kept
    return fresh


@cache
def status_token() -> str:
    """Return a status list of the usual size."""
    fresh = status_list.build_token(
        place().uri, STATUS_VALUES, size=limits.STATUS_LIST_SIZE, signer=STATUS, issued=AT,
        expires=AT + timedelta(hours=72), ttl=timedelta(hours=1),
    )  # fmt: skip
    kept = stored_text("formats/status-list.md", "status-token")
    with suppress(EcertError):
        found, wanted = (
            status_list.open_token(token, [STATUS.public], at=AT) for token in (kept, fresh)
        )
        # Whatever zlib has packed the entries, they are to be the same.
        if replace(found, digest="") == replace(wanted, digest=""):
            return kept
    return fresh


@cache
def possession_proof() -> str:
    """Return the holder's proof over the example's nonce."""
    fresh = possession.make_proof(nonce(), HOLDER, at=int(AT.timestamp()))
    kept = stored_text("formats/delivery.md", "proof")
    with suppress(EcertError):
        if possession.open_proof(kept) == possession.open_proof(fresh):
            return kept
    return fresh


def nonce() -> str:
    """Return the nonce of the example; a real one is random."""
    return f"{sample_licence(TYPE_NAME).issuer_code}.{'A' * NONCE_CHARS}"


@cache
def trust_list() -> bytes:
    """Return the envelope of a trust list with the example's issuer."""
    document = _trust_list()
    kept = stored_text("formats/documents.md", "trust-list-envelope").encode()
    with suppress(EcertError):
        found = envelope.parse(kept)
        if (
            found.unverified_payload == document.to_payload()
            and found.typ == TrustList.TYP
            and found.valid_signers([REGION.public])
        ):
            return kept
    return document.signed_by([REGION])


def _trust_list() -> TrustList:
    licence = sample_licence(TYPE_NAME)
    since = datetime(2026, 1, 1, tzinfo=UTC)
    keys = (
        KeyRecord(jwk=ISSUER.public.jwk(), use="licence", types=("*",), valid_from=since),
        KeyRecord(jwk=STATUS.public.jwk(), use="status", types=("*",), valid_from=since),
    )
    issuer = TrustedIssuer(
        code=licence.issuer_code, name=licence.issuer_name, region=licence.region, keys=keys,
        status_lists=(StatusListRef(number=1, uri=place().uri),),
    )  # fmt: skip
    return TrustList(
        owner="510000", audience=("000000",), version=1, issued=AT,
        expires=AT + timedelta(days=30), issuers=(issuer,),
    )  # fmt: skip


@cache
def vault() -> bytes:
    """Return a vault file at the least cost, which protects nothing."""
    kept = stored_bytes("formats/vault.md", "vault")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "kept"
        path.write_bytes(kept)
        with suppress(EcertError):
            if Vault.open(path, VAULT_PASSPHRASE).read() == VAULT_PAYLOAD:
                return kept
        path = Path(folder) / "fresh"
        Vault.create(path, VAULT_PASSPHRASE, kdf=CHEAPEST).write(VAULT_PAYLOAD)
        return path.read_bytes()
