"""Takes apart what is signed: credentials, status lists, documents with many signatures."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from ecert.cli import unproven_receipts
from ecert.cli.portraits import without_portrait
from ecert.cli.unproven import Unproven, unknown
from ecert.cli.unproven_codes import describe_type
from ecert.errors import ParseError

if TYPE_CHECKING:
    from ecert.sign.envelope import Envelope

# Claims of a credential that tell nothing about its holder.
_IMPERSONAL: Final = (
    "iss", "vct", "iat", "nbf", "exp", "region", "type_name", "issuer_name", "status",
)  # fmt: skip


def sd_jwt(text: str) -> Unproven:
    """Take apart a credential."""
    from ecert.sign import sdjwt

    parsed = sdjwt.parse(text)
    claims = parsed.unverified_claims()
    bound = "cnf" in claims
    facts: dict[str, Any] = {
        "header": parsed.token.header,
        "bound_to_wallet": bound,
        "disclosures": len(parsed.disclosures),
    }
    facts |= {name: claims[name] for name in _IMPERSONAL if name in claims}
    personal = {
        name: value for name, value in without_portrait(claims).items() if name not in _IMPERSONAL
    }
    if bound:
        return Unproven("wallet-credential", "卡包凭证", "a wallet credential", facts, personal)
    if "purpose_copy" in claims:
        return Unproven("purpose-copy", "加注件", "a purpose copy", facts, personal)
    return Unproven("file-credential", "电子证照文件", "a file credential", facts, personal)


def token(text: str) -> Unproven:
    """Take apart a signed token: a status list, a proof."""
    from ecert import limits
    from ecert.sign import jws
    from ecert.sign.strict import parse_json_object

    parsed = jws.parse(text, max_chars=limits.MAX_STATUS_TOKEN_CHARS)
    claims = parse_json_object(parsed.payload)
    if parsed.header.get("typ") == "statuslist+jwt":
        return _status_list(parsed.header, claims)
    if parsed.header.get("typ") in unproven_receipts.KINDS:
        return unproven_receipts.token(text)
    facts = {"header": parsed.header, "claims": sorted(claims)}
    return Unproven("token", "签名令牌（JWT）", "a signed token (JWT)", facts, {"values": claims})


def _status_list(header: dict[str, Any], claims: dict[str, Any]) -> Unproven:
    from collections import Counter

    from ecert.status.packing import decode_list
    from ecert.status.values import StatusValue

    entries = claims.get("status_list")
    if not isinstance(entries, dict) or not isinstance(entries.get("lst"), str):
        raise ParseError("there is no list", where="status_list")
    decoded = decode_list(entries.get("bits", 0), entries["lst"])
    counts = Counter(decoded.value(index) for index in range(len(decoded)))
    names = {value.value: value.name.lower().replace("_", "-") for value in StatusValue}
    facts = {
        "header": header,
        "uri": claims.get("sub"),
        "issued": _moment(claims.get("iat")),
        "expires": _moment(claims.get("exp")),
        "entries": len(decoded),
        "counts": {names.get(value, str(value)): n for value, n in sorted(counts.items())},
    }
    return Unproven("status-list", "状态表", "a status list", facts)


def _moment(seconds: object) -> str | None:
    if type(seconds) is not int or not 0 <= seconds < 10**11:
        return None
    return datetime.fromtimestamp(seconds, UTC).isoformat()


def json_document(data: bytes) -> Unproven:
    """Take apart a signed document, a delivery, a mandate or a bundle."""
    from ecert import limits
    from ecert.sign import envelope
    from ecert.sign.strict import bounded, parse_json_object

    plain = parse_json_object(bounded(data, limits.MAX_ENVELOPE_BYTES))
    if plain.keys() == {"payload", "signatures"}:
        return _envelope(envelope.parse(data))
    if plain.get("typ") == "ecert-delivery":
        return _delivery(data)
    if plain.get("typ") == "ecert-mandate":
        return _mandate(data)
    if plain.get("typ") == "ecert-bundle":
        return _bundle(data)
    raise unknown()


def _delivery(data: bytes) -> Unproven:
    from ecert.show.delivery import Delivery

    found = Delivery.from_bytes(data)
    facts = describe_type(found.type_code) | {
        "issuer_name": found.issuer_name,
        "profiles": list(found.compact),
    }
    personal = {"licence_id": found.licence_id}
    return Unproven("delivery", "送达件", "a delivery for a wallet", facts, personal)


def _mandate(data: bytes) -> Unproven:
    from ecert.cli.unproven_codes import describe_mandate
    from ecert.show.mandate_package import MandatePackage

    found = MandatePackage.from_bytes(data)
    facts, personal = describe_mandate(found.claims)
    facts["packed"] = [
        {"type_name": one.type_name, "issuer_name": one.issuer_name, "profiles": list(one.compact)}
        for one in found.licences
    ]
    return Unproven("mandate", "委托书", "a mandate", facts, personal)


def _bundle(data: bytes) -> Unproven:
    from ecert.sign import envelope
    from ecert.workspace.bundle import Bundle

    bundle = Bundle.from_bytes(data)
    envelopes = [bundle.roots, bundle.trust_list, bundle.catalogue]
    parts = [_envelope(envelope.parse(part)) for part in envelopes]
    parts += [token(one) for one in bundle.status_lists]
    facts = {"documents": [{"kind": part.kind} | part.facts for part in parts]}
    return Unproven("bundle", "可信名单导出件", "an exported bundle", facts)


# What to count in each kind of document, and what else it tells of itself.
_DOCUMENTS: Final = {
    "ecert-roots+jws": ("roots", "根密钥", "a root set", "keys", ("name", "demo")),
    "ecert-trust-list+jws": ("trust-list", "可信签发机构名单", "a trust list", "issuers", ()),
    "ecert-catalogue+jws": ("catalogue", "目录", "a catalogue", "types", ()),
    "ecert-recognition-list+jws": (
        "recognition-list", "互认清单", "a recognition list", "entries",
        ("title", "document_number", "list_id", "parties", "sample"),
    ),
    "ecert-recognition-withdrawal+jws": (
        "withdrawal-notice", "撤回通知", "a withdrawal notice", "withdrawals",
        ("list_owner", "list_id"),
    ),
}  # fmt: skip
_HEAD: Final = ("owner", "audience", "version", "issued", "expires", "previous")


def _envelope(opened: Envelope) -> Unproven:
    from ecert.sign.strict import parse_json_object

    payload = parse_json_object(opened.unverified_payload)
    kind, zh, en, counted, more = _DOCUMENTS.get(
        opened.typ, (opened.typ, "签名文件", "a signed document", "", ())
    )
    facts: dict[str, Any] = {"typ": opened.typ}
    facts |= {name: payload[name] for name in (*_HEAD, *more) if name in payload}
    if isinstance(items := payload.get(counted), list):
        facts[counted] = len(items)
    facts |= {
        "digest": opened.digest,
        "signed_by": [str(signature.kid) for signature in opened.signatures],
    }
    return Unproven(kind, zh, en, facts)
