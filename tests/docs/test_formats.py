"""The worked examples in docs/formats, read from the pages: proven, and encoded again.

Nothing here is shared with the program that wrote them.
"""

from __future__ import annotations

import hashlib
import json
import re
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

import cbor2
import orjson
import pytest

from ecert.errors import SignatureError, VaultError
from ecert.interop.precedence import Precedence
from ecert.interop.recognition import Entry, RecognitionList
from ecert.model.identifiers import LicenceId
from ecert.model.licence import Licence
from ecert.show import compact, delivery, digits, mandate, offline, possession
from ecert.sign import cose, envelope, jws, sdjwt
from ecert.sign.keys import PrivateKey, PublicKey
from ecert.sign.strict import b64url, b64url_decode, parse_json_object
from ecert.status import status_list
from ecert.trust.trust_list import TrustList
from ecert.wallet.vault import Vault
from ecert.wallet.vault_header import HEADER_BYTES, Header
from tests.conftest import ROOT
from tests.docs.fences import first_text, generated

if TYPE_CHECKING:
    from pathlib import Path

NOW = datetime(2026, 11, 22, 2, tzinfo=UTC)


def _json(document: str, name: str, number: int = 0) -> Any:
    return json.loads(
        re.findall(r"```json\n(.*?)```", generated(document, name), re.DOTALL)[number]
    )


@pytest.fixture
def keys() -> dict[str, PublicKey]:
    """The example keys as the page prints them."""
    jwks = _json("formats/example.md", "example-keys")
    return {name: PublicKey.from_jwk(jwk) for name, jwk in jwks.items()}


@pytest.fixture
def licence() -> Licence:
    """The licence of the examples as the page prints it."""
    return Licence.from_dict(_json("formats/example.md", "example-licence"))


@pytest.fixture
def compact_bytes() -> bytes:
    """The compact credential of the page."""
    return bytes.fromhex(first_text("formats/compact-credential.md", "compact-credential"))


def test_the_keys_are_those_that_anybody_can_compute(keys: dict[str, PublicKey]) -> None:
    for name, key in keys.items():
        seed = f"ecert documentation key, never for real use: {name}"
        private = PrivateKey.from_scalar("ES256", hashlib.sha256(seed.encode()).digest())
        assert private.public == key


def test_the_compact_credential_proves_and_encodes_again(
    compact_bytes: bytes, keys: dict[str, PublicKey], licence: Licence
) -> None:
    parsed = compact.parse(compact_bytes)
    parsed.sign1.verify(keys["issuer"])
    claims = parsed.claims
    assert parsed.sign1.kid == keys["issuer"].short_kid
    assert claims.holder_key == keys["holder"]
    again = LicenceId.make(claims.type_code, claims.issuer_code, claims.serial, claims.version)
    assert (again, claims.region) == (licence.id, licence.region)
    assert (claims.valid_from, claims.valid_until) == (licence.valid_from, licence.valid_until)
    assert claims.holders == ((licence.holder.name, licence.holder.last_four),)
    assert claims.fields == {1: licence.fields["准驾车型"]}
    # Byte for byte: the payload from its claims, and the whole from its parts.
    assert cbor2.dumps(_payload(claims)) == parsed.sign1.payload
    assert compact_bytes == _sign1(
        {1: -7, 4: keys["issuer"].short_kid}, parsed.sign1.payload, parsed.sign1.signature
    )


def _payload(claims: compact.CompactClaims) -> dict[int, Any]:
    """The payload as docs/formats/compact-credential.md says it, written down a second time."""
    days = [
        None if day is None else (day - date(1970, 1, 1)).days
        for day in (claims.signed_on, claims.valid_from, claims.valid_until)
    ]
    assert claims.holder_key is not None
    x, y = claims.holder_key.point
    return {
        0: 1,
        1: [claims.type_code, claims.issuer_code, claims.serial, claims.version],
        2: int(claims.region),
        3: [claims.status_list, claims.status_index],
        4: days,
        5: claims.profile,
        6: [list(holder) for holder in claims.holders],
        7: dict(claims.fields),
        8: {1: {1: 2, -1: 1, -2: x, -3: bool(y[-1] & 1)}},
    }


def _sign1(header: dict[int, Any], payload: bytes, signature: bytes) -> bytes:
    parts = [cbor2.dumps(header), {}, payload, signature]
    return cbor2.dumps(cbor2.CBORTag(18, parts))


def test_the_show_code_proves_and_its_digits_encode_again(
    compact_bytes: bytes, keys: dict[str, PublicKey]
) -> None:
    data = bytes.fromhex(first_text("formats/show-code.md", "show-code"))
    text = first_text("formats/show-code.md", "show-digits")
    assert digits.decode(text) == (digits.CodeKind.SELF_CONTAINED, data)
    assert digits.encode(digits.CodeKind.SELF_CONTAINED, data) == text
    shown = offline.read(text)
    assert shown.proof is not None
    shown.proof.verify()
    assert shown.proof.key == keys["holder"]
    assert (shown.proof.made, shown.proof.challenge) == (NOW, None)
    assert [one.sign1.payload for one in shown.credentials] == [
        cose.parse_sign1(compact_bytes).payload
    ]
    signed = cose.parse_sign1(data)
    payload = {0: 3, 1: int(NOW.timestamp()), 2: 60, 3: bytes(range(1, 9)), 5: [compact_bytes]}
    assert cbor2.dumps(payload) == signed.payload
    assert data == _sign1({1: -7}, signed.payload, signed.signature)


def test_the_mandate_proves_and_names_the_licence_of_the_page(
    compact_bytes: bytes, keys: dict[str, PublicKey]
) -> None:
    data = bytes.fromhex(first_text("formats/mandate.md", "mandate"))
    opened = mandate.parse(data)
    opened.sign1.verify(keys["holder"])
    assert opened.claims.agent == ("李娜", "002X", keys["agent"])
    named = cbor2.loads(cose.parse_sign1(compact_bytes).payload)[1]
    mandate_id = bytes(range(0x11, 0x19))
    digest = hashlib.sha256(mandate_id + cbor2.dumps(named)).digest()[:16]
    assert digest.hex() in generated("formats/mandate.md", "licence-digest")
    x, y = keys["agent"].point
    seconds = int(NOW.timestamp())
    payload = {
        0: 4,
        1: mandate_id,
        2: ["李娜", "002X"],
        3: {1: 2, -1: 1, -2: x, -3: bool(y[-1] & 1)},
        4: [[digest, 1]],
        5: ["机动车业务"],
        6: [seconds, seconds + 30 * 86_400],
        7: [named[1], 2, 31_337],
    }
    assert cbor2.dumps(payload) == opened.sign1.payload
    assert data == _sign1({1: -7}, opened.sign1.payload, opened.sign1.signature)


def test_one_changed_byte_in_the_compact_credential_is_noticed(
    compact_bytes: bytes, keys: dict[str, PublicKey]
) -> None:
    """A guard: the proofs above can fail."""
    changed = bytearray(compact_bytes)
    changed[-1] ^= 1
    with pytest.raises(SignatureError):
        compact.parse(bytes(changed)).sign1.verify(keys["issuer"])


def test_the_sd_jwt_proves_and_says_what_the_page_says(
    keys: dict[str, PublicKey], licence: Licence
) -> None:
    text = first_text("formats/credential.md", "sd-jwt")
    proven = sdjwt.verify(text, [keys["issuer"]], at=int(NOW.timestamp()))
    assert proven.claims["licence_id"] == str(licence.id)
    assert proven.claims["fields"] == dict(licence.fields)
    assert proven.claims["number"] == licence.number
    assert proven.claims["cnf"]["jwk"] == keys["holder"].jwk()
    # Byte for byte: header, payload and every disclosure.
    header, payload, _ = text.split("~")[0].split(".")
    assert header == b64url(orjson.dumps(_json("formats/credential.md", "sd-jwt", 0)))
    assert payload == b64url(orjson.dumps(_json("formats/credential.md", "sd-jwt", 1)))
    shown = re.findall(
        r"```json\n(.*?)```", generated("formats/credential.md", "sd-jwt"), re.DOTALL
    )
    rows = [json.loads(line) for line in shown[2].splitlines()]
    assert [b64url(orjson.dumps(row)) for row in rows] == text.split("~")[1:-1]


def test_the_twins_say_the_same(compact_bytes: bytes, keys: dict[str, PublicKey]) -> None:
    """The SD-JWT and the compact credential of one delivery agree in all that both say."""
    claims = compact.parse(compact_bytes).claims
    text = first_text("formats/credential.md", "sd-jwt")
    said = sdjwt.verify(text, [keys["issuer"]], at=int(NOW.timestamp())).claims
    assert said["vct"] == f"urn:ecert:type:{claims.type_code}"
    assert said["iss"] == f"urn:ecert:issuer:{claims.issuer_code}"
    licence_id = LicenceId.parse(said["licence_id"])
    assert (licence_id.serial, licence_id.version) == (claims.serial, claims.version)
    assert said["region"] == claims.region
    assert said["status"]["status_list"]["idx"] == claims.status_index
    assert said["status"]["status_list"]["uri"].endswith(f"/{claims.status_list}")
    assert said["valid_from"] == claims.valid_from.isoformat()
    assert claims.valid_until is not None
    assert said["valid_until"] == claims.valid_until.isoformat()
    assert PublicKey.from_jwk(said["cnf"]["jwk"]) == claims.holder_key


def test_the_status_list_proves_and_encodes_again(keys: dict[str, PublicKey]) -> None:
    token = first_text("formats/status-list.md", "status-token")
    opened = status_list.open_token(token, [keys["status"]], at=NOW)
    assert len(opened.values) == 131_072
    found = {index: opened.values.value(index) for index in range(131_072)}
    assert {index: value for index, value in found.items() if value} == {
        5: 12, 1_000: 1, 99_999: 2
    }  # fmt: skip
    shown = _json("formats/status-list.md", "status-token")
    header, payload, _ = token.split(".")
    assert header == b64url(orjson.dumps(shown["header"]))
    assert payload == b64url(orjson.dumps(shown["payload"]))


def test_the_packed_entries_are_read_from_the_lowest_bit() -> None:
    """Read off by hand, without the library: value i stands in bits 4·i to 4·i+3."""
    lines = {
        line.split()[0]: line.split()[1:]
        for line in generated("formats/status-list.md", "status-packing").splitlines()[1:-1]
    }
    whole = int.from_bytes(bytes.fromhex("".join(lines["bytes"])), "little")
    values = [str(whole >> 4 * index & 15) for index in range(8)]
    assert values == lines["value"]


def test_the_trust_list_proves_and_encodes_again(keys: dict[str, PublicKey]) -> None:
    opened = envelope.parse(first_text("formats/documents.md", "trust-list-envelope").encode())
    assert opened.typ == TrustList.TYP
    assert opened.valid_signers([keys["region"]]) == {keys["region"]}
    document = TrustList.from_payload(opened.unverified_payload)
    document.check_content()
    assert document.to_payload() == opened.unverified_payload
    shown = _json("formats/documents.md", "trust-list-payload")
    assert orjson.dumps(shown) == opened.unverified_payload
    assert [record.public for record in document.issuers[0].keys] == [
        keys["issuer"], keys["status"]
    ]  # fmt: skip


def test_the_proof_of_possession_proves_and_encodes_again(keys: dict[str, PublicKey]) -> None:
    token = first_text("formats/delivery.md", "proof")
    shown = possession.open_proof(token)
    assert shown.key == keys["holder"]
    assert shown.audience == possession.audience_of(shown.nonce)
    header, payload, _ = token.split(".")
    told = _json("formats/delivery.md", "proof")
    assert header == b64url(orjson.dumps(told["header"]))
    assert payload == b64url(orjson.dumps(told["payload"]))
    jws.parse(token).verify([keys["holder"]])


def test_a_delivery_has_the_shape_of_the_page_and_encodes_again(compact_bytes: bytes) -> None:
    told = _json("formats/delivery.md", "delivery")
    told["sd_jwt"] = first_text("formats/credential.md", "sd-jwt")
    assert told["compact"]["minimal"] == f"{b64url(compact_bytes)[:16]}…"
    told["compact"] = {"minimal": b64url(compact_bytes)}
    data = orjson.dumps(told, option=orjson.OPT_INDENT_2)
    read = delivery.Delivery.from_bytes(data)
    assert read.compact == {"minimal": compact_bytes}
    assert read.to_bytes() == data


def test_the_vault_opens_and_its_header_packs_again(tmp_path: Path) -> None:
    data = bytes.fromhex(first_text("formats/vault.md", "vault"))
    path = tmp_path / "zhang.wallet"
    path.write_bytes(data)
    assert Vault.open(path, "correct horse").read() == b"{}"
    assert Header.parse(data, path).pack() == data[:HEADER_BYTES]
    path.write_bytes(data[:-1] + bytes([data[-1] ^ 1]))
    with pytest.raises(VaultError):
        Vault.open(path, "correct horse")


def test_the_short_digits_are_worked_right() -> None:
    text = generated("formats/show-code.md", "short-digits")
    code = re.search(r"the text +([0-9]+)", text)
    assert code is not None
    assert digits.decode(code[1]) == (digits.CodeKind.SELF_CONTAINED, b"\xd2\x84")
    assert int(code[1]) % 97 == 1


def test_the_licence_id_steps_end_in_the_right_character() -> None:
    text = generated("formats/licence-id.md", "licence-id-steps")
    assert text.splitlines()[-2].endswith("→ U")
    steps = re.findall(r"(.)→([0-9]+)", text)
    body = "".join(character for character, _ in steps)
    assert body == "11100000000013338W01111430000006122244L20230000403001"
    # The last P before the check, by an independent rule: check value and P add up to 1 mod 36.
    assert (int(steps[-1][1]) + 30) % 36 == 1


def test_jws_headers_on_the_pages_carry_nothing_but_alg_kid_and_typ() -> None:
    for document, name in (
        ("formats/credential.md", "sd-jwt"),
        ("formats/status-list.md", "status-token"),
        ("formats/delivery.md", "proof"),
    ):
        header = first_text(document, name).split(".")[0]
        assert list(parse_json_object(b64url_decode(header))) == ["alg", "kid", "typ"]


def test_the_entry_with_everything_is_one_that_a_list_may_hold() -> None:
    page = (ROOT / "docs/formats/documents.md").read_text("utf-8")
    block = page.split("### An entry with everything")[1].split("```json\n")[1].split("```")[0]
    entry = Entry.model_validate_json(block)
    assert set(json.loads(block)) == set(Entry.model_fields) - {"valid_until", "note"}
    document = RecognitionList(
        owner="510000", audience=("000000",), version=1, issued=NOW, expires=NOW,
        list_id="example", title="示例", document_number="示例〔2026〕1号",
        parties=("510000", "500000"), entries=(entry,),
    )  # fmt: skip
    document.check_content()


def test_the_page_names_every_rule_of_precedence_in_its_order() -> None:
    page = (ROOT / "docs/formats/documents.md").read_text("utf-8")
    told = re.findall(r"`([a-z]+(?:-[a-z]+)+)`", page.split("by which `rule`")[1])
    assert told[: len(Precedence)] == [rule.value for rule in Precedence]
