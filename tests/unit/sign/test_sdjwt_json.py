"""SD-JWT in JSON serialisation: it is worth what its compact form is worth (RFC 9901 §8)."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from ecert import limits
from ecert.errors import ParseError, TrustError
from ecert.reasons import Reason
from ecert.sign import sdjwt, sdjwt_json
from ecert.sign.keys import PrivateKey
from ecert.sign.sdjwt import Hide, KeyBinding
from ecert.sign.strict import b64url

ISSUER = PrivateKey.from_scalar("ES256", bytes(range(1, 33)))
OTHER = PrivateKey.from_scalar("ES256", bytes(range(2, 34)))
HOLDER = PrivateKey.from_scalar("ES256", bytes(range(3, 35)))
AT = 1_795_312_800
BINDING = KeyBinding("urn:ecert:region:500000", "n-1")
COMPACT = sdjwt.issue(
    {"cnf": {"jwk": HOLDER.public.jwk()}, "name": Hide("张伟"), "age": Hide(30)}, ISSUER
)
BOUND = sdjwt.present(COMPACT, lambda _: True, holder=HOLDER, binding=BINDING, at=AT)


def _flattened(compact: str) -> dict[str, Any]:
    token, *disclosures, proof = compact.split("~")
    protected, payload, signature = token.split(".")
    header: dict[str, Any] = {"disclosures": disclosures, "kid": "issuer-key-1"}
    header |= {"kb_jwt": proof} if proof else {}
    return {"payload": payload, "protected": protected, "signature": signature, "header": header}


def _general(compact: str, *, ours: int) -> dict[str, Any]:
    """Two signatures, of which number ``ours`` is the issuer's."""
    flat = _flattened(compact)
    header = flat["header"]
    signing_input = f"{flat['protected']}.{flat['payload']}".encode()
    entries = [
        {
            "protected": flat["protected"],
            "signature": flat["signature"] if key is ISSUER else b64url(key.sign(signing_input)),
        }
        for key in ([ISSUER, OTHER] if ours == 0 else [OTHER, ISSUER])
    ]
    entries[0]["header"] = header
    entries[1]["header"] = {"kid": "issuer-key-2"}
    return {"payload": flat["payload"], "signatures": entries}


def _compact(document: Any) -> str:
    return sdjwt_json.to_compact(document, [ISSUER.public])


@pytest.mark.parametrize("compact", [COMPACT, BOUND])
def test_the_flattened_form_is_the_compact_form_written_otherwise(compact: str) -> None:
    assert _compact(_flattened(compact)) == compact


def test_of_several_signatures_the_one_by_a_given_key_counts() -> None:
    for ours in (0, 1):
        compact = _compact(_general(COMPACT, ours=ours))
        assert compact == COMPACT
        assert sdjwt.verify(compact, [ISSUER.public], at=AT).claims["name"] == "张伟"


def test_without_a_signature_by_a_given_key_none_verifies() -> None:
    stranger = [PrivateKey.generate().public]
    compact = sdjwt_json.to_compact(_general(COMPACT, ours=1), stranger)
    with pytest.raises(TrustError) as caught:
        sdjwt.verify(compact, stranger, at=AT)
    assert caught.value.reason is Reason.SIGNATURE


def test_under_a_key_binding_the_first_signature_counts() -> None:
    # sd_hash covers the first signature, and with it the binding stands or falls.
    first = _compact(_general(BOUND, ours=0))
    assert sdjwt.verify(first, [ISSUER.public], at=AT, binding=BINDING).holder_bound
    second = _compact(_general(BOUND, ours=1))
    with pytest.raises(TrustError) as caught:
        sdjwt.verify(second, [ISSUER.public], at=AT, binding=BINDING)
    assert caught.value.reason is Reason.SIGNATURE


def test_without_an_unprotected_header_nothing_is_disclosed() -> None:
    document = _flattened(COMPACT)
    del document["header"]
    assert _compact(document) == COMPACT.split("~", maxsplit=1)[0] + "~"


_MISSING = object()


def _changed(document: dict[str, Any], *path: Any, value: Any) -> dict[str, Any]:
    changed = copy.deepcopy(document)
    *steps, last = path
    node: Any = changed
    for step in steps:
        node = node[step]
    if value is _MISSING:
        del node[last]
    else:
        node[last] = value
    return changed


FLAT = _flattened(BOUND)
GENERAL = _general(BOUND, ours=0)


@pytest.mark.parametrize(
    "document",
    [
        {},
        _changed(FLAT, "payload", value=_MISSING),
        _changed(FLAT, "payload", value=7),
        _changed(FLAT, "payload", value=""),
        _changed(FLAT, "protected", value=_MISSING),
        _changed(FLAT, "signature", value=None),
        _changed(FLAT, "surprise", value=1),
        _changed(FLAT, "signatures", value=[]),
        _changed(FLAT, "header", value=[]),
        _changed(FLAT, "header", value=None),
        _changed(FLAT, "header", "alg", value="none"),
        _changed(FLAT, "header", "jwk", value={}),
        _changed(FLAT, "header", "disclosures", value="x"),
        _changed(FLAT, "header", "disclosures", value=[7]),
        _changed(FLAT, "header", "disclosures", value=[""]),
        _changed(FLAT, "header", "disclosures", 0, value="a~b"),
        _changed(FLAT, "header", "kb_jwt", value=""),
        _changed(FLAT, "header", "kb_jwt", value=None),
        _changed(FLAT, "header", "kb_jwt", value="a~b"),
        _changed(FLAT, "signature", value=FLAT["signature"] + "~x"),
        _changed(GENERAL, "signatures", value=[]),
        _changed(GENERAL, "signatures", value={}),
        _changed(GENERAL, "signatures", 0, value="x"),
        _changed(GENERAL, "signatures", 0, "protected", value=_MISSING),
        _changed(GENERAL, "signatures", 1, "surprise", value=1),
        _changed(GENERAL, "signatures", 1, "header", "disclosures", value=[]),
        _changed(GENERAL, "signatures", 1, "header", "kb_jwt", value="a.b.c"),
        _changed(GENERAL, "header", value={}),
        _changed(GENERAL, "payload", value=_MISSING),
    ],
)
def test_another_shape_is_refused(document: dict[str, Any]) -> None:
    with pytest.raises(ParseError) as caught:
        _compact(document)
    assert caught.value.reason is Reason.MALFORMED


def test_as_many_signatures_as_the_limit_are_read_and_no_more() -> None:
    one = GENERAL["signatures"][1]
    head = GENERAL["signatures"][:1]
    allowed = head + [one] * (limits.MAX_ENVELOPE_SIGNATURES - 1)
    assert _compact(GENERAL | {"signatures": allowed}) == BOUND
    with pytest.raises(ParseError) as caught:
        _compact(GENERAL | {"signatures": [*allowed, one]})
    assert caught.value.where == "signatures"


def test_a_part_with_a_dot_in_it_makes_no_other_token() -> None:
    moved = _changed(FLAT, "payload", value=f"{FLAT['payload']}.{FLAT['signature']}")
    with pytest.raises(ParseError):
        sdjwt.verify(_compact(moved), [ISSUER.public], at=AT, binding=BINDING)
