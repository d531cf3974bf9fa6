"""The worked examples as they stand in the documents, annotated."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

import cbor2
import doc_examples as examples
from doc_blocks import annotated, fenced, pretty, wrapped
from doc_samples import sample_licence

from ecert.model.identifiers import check_character
from ecert.show import digits
from ecert.show.digits import CodeKind
from ecert.show.online import OnlineCode, transaction_nonce
from ecert.sign import cose, envelope, jws, sdjwt
from ecert.sign.strict import b64url_decode
from ecert.status.packing import pack

if TYPE_CHECKING:
    from collections.abc import Iterable

_ID_PARTS: Final = ("11100000000013338W011", "11430000006122244L", "20230000403", "001")
_ALPHABET: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_COMPACT: Final = {
    0: "kind: 1, wallet",
    1: "licence id: [type code, issuer code, serial, version]",
    2: "region: 511600",
    3: "status: [list number, index]",
    4: "[signed on, valid from, valid until] in days since 1970-01-01",
    5: "show profile: 1, minimal",
    6: "holders: [[name, last four of the number]]",
    7: "fields: {1: 准驾车型}",
    8: "cnf: {1: COSE_Key {kty 2, crv 1, x, y odd or even}}",
}
_SHOW: Final = {
    0: "kind: 3, show code",
    1: "made, in seconds since 1970",
    2: "life: 60 seconds",
    3: "random id",
    5: "compact credentials: one, byte for byte as the issuer signed it",
}


def licence_id_steps() -> str:
    """Return the calculation of one check character, character by character."""
    lines, product = ["start P = 36"], 36
    for part in _ID_PARTS:
        steps = []
        for character in part:
            product = ((product + _ALPHABET.index(character)) % 36 or 36) * 2 % 37
            steps.append(f"{character}→{product}")
        lines.append("  ".join(steps))
    check = _ALPHABET[(37 - product) % 36]
    if check != check_character("".join(_ID_PARTS)):
        raise ValueError("the documentation's own calculation differs from the library's")
    lines.append(f"(37 - {product}) mod 36 = {_ALPHABET.index(check)} → {check}")
    return fenced("\n".join(lines))


def keys() -> str:
    """Return the public halves of the example keys."""
    rows = ["| name | use | kid (thumbprint) | first 8 bytes |", "|---|---|---|---|"]
    uses = {
        "issuer": "signs credentials", "status": "signs status lists",
        "holder": "the wallet's key", "agent": "an agent's wallet's key",
        "region": "signs the trust list",
    }  # fmt: skip
    rows += [
        f"| `{name}` | {uses[name]} | `{key.public.kid}` | `{key.public.short_kid.hex()}` |"
        for name, key in examples.KEYS.items()
    ]
    jwks = {name: key.public.jwk() for name, key in examples.KEYS.items()}
    return "\n".join(rows) + "\n\n" + fenced(pretty(jwks), "json")


def compact_credential() -> str:
    """Return the compact credential, annotated."""
    return fenced(annotated(sign1_pieces(examples.compact_credential(), _COMPACT)))


def show_code() -> str:
    """Return the show code's bytes, annotated."""
    return fenced(annotated(sign1_pieces(examples.show_code(), _SHOW)))


def sign1_pieces(data: bytes, names: dict[int, str]) -> Iterable[tuple[str, bytes]]:
    """Yield the parts of a COSE_Sign1 with what each is."""
    parsed = cose.parse_sign1(data)
    header = {1: parsed.alg} if parsed.kid is None else {1: parsed.alg, 4: parsed.kid}
    payload: dict[int, Any] = cbor2.loads(parsed.payload)
    protected = cbor2.dumps(cbor2.dumps(header))
    told = "{1: -7}" if parsed.kid is None else "{1: -7, 4: first 8 bytes of the key's thumbprint}"
    head = len(cbor2.dumps(parsed.payload)) - len(parsed.payload)
    yield "tag 18 (COSE_Sign1), an array of four", data[:2]
    yield f"protected header, a byte string: {told}", protected
    yield "unprotected header: empty", b"\xa0"
    yield f"payload, a byte string of {len(parsed.payload)}", cbor2.dumps(parsed.payload)[:head]
    yield f"a map of {len(payload)}", cbor2.dumps(payload)[:1]
    for key, value in payload.items():
        yield names[key], cbor2.dumps(key) + cbor2.dumps(value)
    yield "signature, a byte string of 64: r, s", cbor2.dumps(parsed.signature)


def show_digits() -> str:
    """Return the digits of the show code."""
    text = examples.show_digits()
    parts = (
        f"kind {text[0]}, length {text[1:5]}, number of {len(text) - 7} digits, check {text[-2:]}"
    )
    return f"{parts}\n\n{fenced(wrapped(text))}"


def short_digits() -> str:
    """Return the writing of two bytes as digits, step by step."""
    data = bytes.fromhex("d284")
    number = int.from_bytes(b"\x01" + data)
    text = digits.encode(CodeKind.SELF_CONTAINED, data)
    body = text[:-2]
    rest = int(body) * 100 % 97
    return fenced(
        f"bytes                 {data.hex()}\n"
        f"0x01 in front         01{data.hex()} = {number}\n"
        f"length                1 + 4 + {len(str(number))} + 2 = {len(text)}\n"
        f"before the check      1 {len(text):04d} {number}\n"
        f"{body} × 100 mod 97 = {rest}; 98 - {rest} = {98 - rest:02d}\n"
        f"the text              {text}\n"
        f"proof                 {text} mod 97 = {int(text) % 97}"
    )


def online_digits() -> str:
    """Return the writing of an online code, step by step, and what is derived from it."""
    code = OnlineCode("511600", "1234567890123456789")
    body = code.text[:-2]
    rest = int(body) * 100 % 97
    return fenced(
        f"before the check      2 0032 {code.region} {code.secret}\n"
        f"{body} × 100 mod 97 = {rest}; 98 - {rest} = {98 - rest:02d}\n"
        f"the text              {code.text}\n"
        f"proof                 {code.text} mod 97 = {int(code.text) % 97}\n"
        f"as people read it     {code.grouped}\n"
        f"nonce                 {code.nonce}\n"
        f"trxId                 {code.transaction}\n"
        f"nonce of the consent  {transaction_nonce(code.transaction)}"
    )


def sd_jwt() -> str:
    """Return the SD-JWT VC and what is in it."""
    text = examples.sd_jwt()
    parsed = sdjwt.parse(text)
    disclosures = "\n".join(
        json.dumps(json.loads(b64url_decode(one.encoded)), ensure_ascii=False)
        for one in parsed.disclosures
    )
    return "\n\n".join(
        (
            fenced(wrapped(text)),
            "Header:",
            fenced(pretty(parsed.token.header), "json"),
            "Payload, as signed:",
            fenced(pretty(json.loads(parsed.token.payload)), "json"),
            "Disclosures, decoded (salt, name, value), in the order in which they stand above:",
            fenced(disclosures, "json"),
        )
    )


def status_packing() -> str:
    """Return the packing of eight entries."""
    size = examples.PACKED_SIZE
    packed = pack(examples.PACKED_VALUES, size)
    values = [examples.PACKED_VALUES.get(index, 0) for index in range(size)]
    return fenced(
        f"index     {'  '.join(f'{index:2}' for index in range(size))}\n"
        f"value     {'  '.join(f'{value:2}' for value in values)}\n"
        f"bytes     {packed.hex(' ')}"
    )


def status_token() -> str:
    """Return the status list token and what is in it."""
    return _jws(examples.status_token())


def proof() -> str:
    """Return the proof of possession and what is in it."""
    return _jws(examples.possession_proof())


def _jws(token: str) -> str:
    parsed = jws.parse(token)
    content = {"header": parsed.header, "payload": json.loads(parsed.payload)}
    return f"{fenced(wrapped(token))}\n\n{fenced(pretty(content), 'json')}"


def trust_list_payload() -> str:
    """Return what the example's trust list says."""
    payload = envelope.parse(examples.trust_list()).unverified_payload
    return fenced(pretty(json.loads(payload)), "json")


def trust_list_envelope() -> str:
    """Return the envelope of the example's trust list."""
    data = json.loads(examples.trust_list())
    (signature,) = data["signatures"]
    header = json.loads(b64url_decode(signature["protected"]))
    return (
        f"{fenced(wrapped(json.dumps(data, separators=(',', ':'))))}\n\n"
        f"The one protected header:\n\n{fenced(pretty(header), 'json')}"
    )


def delivery() -> str:
    """Return the shape of a delivery, long values shortened."""
    plain = json.loads(examples.delivery().to_bytes())
    return fenced(pretty(_shortened(plain)), "json")


def _shortened(plain: dict[str, Any]) -> dict[str, Any]:
    # Only what never changes may stand there: the beginning of a header, not of a signature.
    short = dict(plain)
    short["sd_jwt"] = f"{plain['sd_jwt'][:24]}…"
    short["compact"] = {name: f"{data[:16]}…" for name, data in plain["compact"].items()}
    return short


def vault() -> str:
    """Return a vault file, annotated."""
    data = examples.vault()
    layout = (
        ("magic: ECVAULT and 1A", 8), ("version: 1", 2), ("memory: 8 KiB", 4),
        ("iterations: 1", 4), ("lanes: 1", 4), ("salt", 16), ("nonce", 12),
        ("ciphertext of two bytes", len(examples.VAULT_PAYLOAD)), ("tag", 16),
    )  # fmt: skip
    pieces, begin = [], 0
    for comment, size in layout:
        pieces.append((comment, data[begin : begin + size]))
        begin += size
    if begin != len(data):
        raise ValueError("the layout of the vault has changed")
    return fenced(annotated(pieces))


def example_licence() -> str:
    """Return the licence of the examples."""
    return fenced(pretty(sample_licence(examples.TYPE_NAME).to_dict()), "json")
