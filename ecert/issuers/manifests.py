"""Makes manifests (清册): which of an owner's published documents belong together."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Final

from ecert import limits
from ecert.errors import ParseError
from ecert.interop.recognition import RecognitionList
from ecert.sign import jws
from ecert.sign.strict import parse_json_object
from ecert.status.status_list import TYP as STATUS
from ecert.trust.catalogue import CatalogueDocument
from ecert.trust.document import EVERYONE
from ecert.trust.manifest import Manifest, NamedDocument
from ecert.trust.signatures import open_envelope
from ecert.trust.trust_list import TrustList

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

_KINDS: Final = {kind.TYP: kind for kind in (TrustList, CatalogueDocument, RecognitionList)}


def make_manifest(
    owner: str,
    documents: Iterable[bytes | str],
    *,
    issued: datetime,
    version: int = 1,
    previous: str | None = None,
    audience: tuple[str, ...] = (EVERYONE,),
) -> Manifest:
    """Make a manifest; it is still to be signed (`Manifest.signed_by`).

    Args:
        owner: The region's code.
        documents: The signed documents that belong together, as they are published.
        issued: When it is made; it lives for `ecert.limits.MANIFEST_LIFE`.
        version: One more than the predecessor's.
        previous: SHA-256 of the predecessor's payload in hex.
        audience: The regions that it speaks to; all of them by default.

    Raises:
        DocumentRefusedError: A document is none, or belongs to another owner.
    """
    manifest = Manifest(
        owner=owner,
        audience=audience,
        version=version,
        issued=issued,
        expires=issued + limits.MANIFEST_LIFE,
        previous=previous,
        documents=tuple(name_document(document) for document in documents),
    )
    manifest.check_content()
    return manifest


def name_document(document: bytes | str) -> NamedDocument:
    """Return slot, version and hash of a signed document.

    Raises:
        DocumentRefusedError: It is none that a manifest names.
        ParseError: A status list does not parse.
    """
    data = document if isinstance(document, str) else document.decode("utf-8")
    if not data.lstrip().startswith("{"):
        return _name_status_list(jws.parse(data, max_chars=limits.MAX_STATUS_TOKEN_CHARS).payload)
    opened = open_envelope(data.encode("utf-8"), *_KINDS)
    named = _KINDS[opened.typ].from_payload(opened.unverified_payload)
    return NamedDocument(slot=named.slot, version=named.version, sha256=opened.digest)


def _name_status_list(payload: bytes) -> NamedDocument:
    claims = parse_json_object(payload)
    try:
        return NamedDocument(
            slot=f"{STATUS}:{claims['sub']}",
            version=int(claims["iat"]),
            sha256=hashlib.sha256(payload).hexdigest(),
        )
    # Nothing in it is proven yet: it may say anything, or nothing.
    except (KeyError, TypeError, ValueError) as error:
        raise ParseError("no address, or no time of issue", where="sub, iat") from error
