"""The worked example of a mandate, and how large codes with one become."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta
from functools import cache
from itertools import combinations
from typing import TYPE_CHECKING, Final

import cbor2
import doc_sizes
from doc_blocks import annotated, fenced, stored_bytes, table
from doc_drawn import sign1_pieces
from doc_examples import AGENT, HOLDER, compact_credential
from doc_samples import AT, sample_names

from ecert import limits
from ecert.errors import CodeTooLargeError, EcertError
from ecert.model.catalogue import builtin
from ecert.show import compact, mandate
from ecert.show.agent import Agent
from ecert.show.mandate import CoveredLicence, MandateClaims, MandatePlace
from ecert.show.render import qr_version
from ecert.sign import cose

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ecert.sign.custody import Signer

MANDATE_ID: Final = bytes.fromhex("1112131415161718")
_PIECES: Final = {
    0: "kind: 4, mandate",
    1: "mandate id",
    2: "agent: [name, last four of the number]",
    3: "the agent's COSE_Key {kty 2, crv 1, x, y odd or even}",
    4: "licences: [[digest, profile 1]]",
    5: "matters: 机动车业务",
    6: "[from, until] in seconds since 1970",
    7: "status: [issuer code, list number, index]",
}


@cache
def signed_mandate() -> bytes:
    """Return the example's mandate."""
    fresh = _sign([compact_credential()], HOLDER)
    kept = stored_bytes("formats/mandate.md", "mandate")
    with suppress(EcertError):
        found = cose.parse_sign1(kept)
        found.verify(HOLDER.public)
        if found.payload == cose.parse_sign1(fresh).payload:
            return kept
    return fresh


def _sign(credentials: Sequence[bytes], principal: Signer) -> bytes:
    licences = [compact.parse(one).claims for one in credentials]
    claims = MandateClaims(
        MANDATE_ID, Agent("李娜", "002X", AGENT.public),
        tuple(
            CoveredLicence(mandate.licence_digest(MANDATE_ID, one), (one.profile,))
            for one in licences
        ),
        ("机动车业务",), AT, AT + timedelta(days=30),
        MandatePlace(licences[0].issuer_code, 2, 31_337),
    )  # fmt: skip
    return mandate.sign(claims, principal)


def example() -> str:
    """Return the mandate's bytes, annotated."""
    return fenced(annotated(sign1_pieces(signed_mandate(), _PIECES)))


def digest_steps() -> str:
    """Return how the licence is named in it."""
    claims = compact.parse(compact_credential()).claims
    named = [claims.type_code, claims.issuer_code, claims.serial, claims.version]
    data = cbor2.dumps(named)
    digest = mandate.licence_digest(MANDATE_ID, claims)
    return fenced(
        f"mandate id            {MANDATE_ID.hex()}\n"
        f"licence as CBOR       {data.hex()[:40]}…  ({len(data)} bytes)\n"
        f"SHA-256, 16 bytes     {digest.hex()}"
    )


def sizes() -> str:
    """Return how large codes with a mandate become, for the samples of the catalogue."""
    minimal = {
        name: doc_sizes.compact_of(name, builtin().require(name).profile("minimal"))
        for name in sample_names()
    }
    full = [
        doc_sizes.compact_of(name, builtin().require(name).profile("full"))
        for name in sample_names()
    ]
    rows: list[tuple[str, ...]] = [
        ("what", "mandate, bytes", "digits by the holder", "digits by an agent", "QR version"),
        ("---", "--:", "--:", "--:", "--:"),
        _row("one `minimal`, the largest of all types", [[one] for one in minimal.values()]),
        _row("one `full`, the largest of all types", [[one] for one in full]),
        _row("two `minimal`, the largest", list(map(list, combinations(minimal.values(), 2)))),
        _row("three `minimal`, the largest", list(map(list, combinations(minimal.values(), 3)))),
    ]
    return table(rows)


def _row(what: str, codes: Sequence[list[bytes]]) -> tuple[str, ...]:
    largest = max(codes, key=lambda one: len(doc_sizes.shown_code(*one)))
    signed = _sign(largest, doc_sizes.HOLDER)
    own = str(len(doc_sizes.shown_code(*largest)))
    try:
        code = doc_sizes.shown_code(*largest, mandate=signed)
    except CodeTooLargeError:
        return what, str(len(signed)), own, f"over {limits.MAX_CODE_DIGITS}", "refused"
    return what, str(len(signed)), own, str(len(code)), str(qr_version(code))
