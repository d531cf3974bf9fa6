"""The sample licences of fixtures/样例照面.json, as licences."""

from __future__ import annotations

import hashlib
import json
import string
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from ecert.issuers.demonstration import demo_code
from ecert.model.catalogue import builtin
from ecert.model.holders import Holder
from ecert.model.identifiers import LicenceId
from ecert.model.licence import Licence
from ecert.sign.keys import PrivateKey

ROOT = Path(__file__).resolve().parent.parent
AT = datetime(2026, 11, 22, 2, tzinfo=UTC)
_SERIAL_ALPHABET = string.digits + string.ascii_uppercase
_SERIAL_CHARS = 14


def documentation_key(name: str) -> PrivateKey:
    """Return a key whose private half anybody can compute: for the worked examples only."""
    seed = f"ecert documentation key, never for real use: {name}"
    return PrivateKey.from_scalar("ES256", hashlib.sha256(seed.encode()).digest())


def sample_names() -> tuple[str, ...]:
    """Return the licence types that have a sample."""
    return tuple(_samples())


def sample_licence(type_name: str) -> Licence:
    """Return the sample licence of a type."""
    sample = _samples()[type_name]
    licence_type = builtin().require(type_name)
    issuer = sample["issuer"]
    code = demo_code(issuer["name"], issuer["region"])
    holders = tuple(Holder(**holder) for holder in sample["holders"])
    first = date.fromisoformat(sample["valid_from"])
    last = None if sample["valid_until"] is None else date.fromisoformat(sample["valid_until"])
    number = sample["number"]
    return Licence(
        id=LicenceId.make(licence_type.code, code, _serial(type_name)),
        type_code=licence_type.code,
        type_name=licence_type.name,
        number=number,
        holders=holders,
        fields=licence_type.check_fields(sample["fields"], holders, number, first, last),
        region=issuer["region"],
        issuer_code=code,
        issuer_name=issuer["name"],
        issued_on=first,
        valid_from=first,
        valid_until=last,
    )


def _serial(type_name: str) -> str:
    # As long as the serials that ecert gives, and as hard to compress.
    digest = hashlib.sha256(type_name.encode()).digest()
    return "".join(_SERIAL_ALPHABET[byte % 36] for byte in digest[:_SERIAL_CHARS])


def _samples() -> dict[str, dict[str, Any]]:
    path = ROOT / "fixtures" / "样例照面.json"
    return json.loads(path.read_text("utf-8"))  # type: ignore[no-any-return]
