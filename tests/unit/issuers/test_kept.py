"""What the register keeps of a file credential gives back every byte that was signed."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import ecert
from ecert.errors import ParseError
from ecert.issuers.credential import StatusPlace, prepare_file
from ecert.issuers.kept import keep, read_kept
from ecert.sign.keys import PrivateKey

if TYPE_CHECKING:
    from ecert.model.licence import Licence

AT = datetime(2026, 11, 22, 2, tzinfo=UTC)
PLACE = StatusPlace(1, 5, "https://status.invalid/511600/1")


@pytest.fixture(scope="module")
def licence() -> tuple[ecert.Issuer, Licence]:
    issuer = ecert.Issuer.demo("四川省广安市公安局", region="511600")
    holder = ecert.Holder("张伟", "510681199003071237")
    made = issuer.issue(
        "机动车驾驶证", number="510681199003071237", holder=holder, fields={"准驾车型": "C1"},
        valid_until=date(2031, 6, 1), request_id="1",
    )  # fmt: skip
    return issuer, made


@pytest.mark.parametrize("alg", ["ES256", "SGD_SM3_SM2"])
def test_what_was_kept_comes_back_as_it_was_signed(
    licence: tuple[ecert.Issuer, Licence], alg: str
) -> None:
    issuer, made = licence
    signer = PrivateKey.generate(alg)
    licence_type = issuer.catalogue.require(made.type_code)
    for _ in range(50):
        unsigned = prepare_file(made, licence_type, signer.public, PLACE, at=AT)
        signature = signer.sign(unsigned.sd_jwt.signing_input)
        kept = keep(unsigned.sd_jwt, signature)
        assert read_kept(kept) == unsigned.signed(signature, {})
        assert len(kept) < 0.8 * len(unsigned.signed(signature, {}).to_bytes())


@settings(max_examples=100, deadline=None)
@given(st.binary(min_size=64, max_size=64))
def test_any_signature_is_kept(licence: tuple[ecert.Issuer, Licence], signature: bytes) -> None:
    # A line feed, or the mark itself, may be among its bytes.
    issuer, made = licence
    licence_type = issuer.catalogue.require(made.type_code)
    public = PrivateKey.generate("ES256").public
    unsigned = prepare_file(made, licence_type, public, PLACE, at=AT)
    assert read_kept(keep(unsigned.sd_jwt, signature)) == unsigned.signed(signature, {})


@pytest.mark.parametrize("size", [0, 63, 65])
def test_another_length_is_no_signature(licence: tuple[ecert.Issuer, Licence], size: int) -> None:
    issuer, made = licence
    licence_type = issuer.catalogue.require(made.type_code)
    public = PrivateKey.generate("ES256").public
    unsigned = prepare_file(made, licence_type, public, PLACE, at=AT)
    with pytest.raises(ValueError, match="64 bytes"):
        keep(unsigned.sd_jwt, bytes(size))


def test_a_delivery_is_read_as_before(licence: tuple[ecert.Issuer, Licence]) -> None:
    issuer, made = licence
    token = issuer.file(made.id, request_id="as-before")
    (record,) = [one for one in issuer.credentials(made.id) if one.request_id == "file:as-before"]
    assert record.artefacts is not None
    assert record.artefacts[:1] == b"{"
    assert read_kept(record.artefacts).sd_jwt == token
    with pytest.raises(ParseError):
        read_kept(b"")
