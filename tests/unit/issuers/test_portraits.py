"""Portraits: what the register keeps, and which credentials carry them."""

from __future__ import annotations

import hashlib
from datetime import date
from typing import TYPE_CHECKING, Any

import pytest

import ecert
from ecert.errors import FieldsError, PictureError, RegisterError, RequestConflictError
from ecert.issuers.lifecycle import Move
from ecert.issuers.portraits import Portrait
from ecert.issuers.purpose import Purpose
from ecert.show.portrait import CLAIM, from_claim
from ecert.sign import sdjwt
from ecert.wallet.vault import CHEAPEST
from tests.unit.issuers.sample_register import breaking_off
from tests.unit.show.test_portrait import file, picture

if TYPE_CHECKING:
    from pathlib import Path

    from ecert.issuers.granting import Changes
    from ecert.issuers.issuer import Issuer
    from ecert.issuers.register import Register
    from tests.unit.issuers.sample_office import OfficeClock

ZHANG = ecert.Holder("张伟", "510681199003071237")
FACE = file(picture())
OTHER = file(picture((240, 320)))


def granted(issuer: Issuer, **changes: Any) -> ecert.Licence:
    parts: dict[str, Any] = {
        "number": ZHANG.number, "holder": ZHANG, "fields": {"准驾车型": "C1"},
        "valid_until": date(2031, 6, 1), "portrait": FACE,
    }  # fmt: skip
    return issuer.issue(changes.pop("type_name", "机动车驾驶证"), **(parts | changes))


def disclosed(token: str) -> dict[str, Any]:
    return sdjwt.parse(token).unverified_claims()


def test_the_register_keeps_it_under_its_digest(issuer: Issuer) -> None:
    licence = granted(issuer)
    kept = issuer.archive.portrait(licence.id)
    assert kept is not None
    assert licence.portrait == hashlib.sha256(kept).hexdigest()
    assert issuer.licence(licence.id) == licence
    assert issuer.archive.check_audit().clean
    assert issuer.archive.portrait(granted(issuer, portrait=None).id) is None


def test_a_licence_without_one_says_nothing_of_it(issuer: Issuer) -> None:
    licence = granted(issuer, portrait=None)
    assert b"portrait" not in licence.content()
    assert CLAIM not in disclosed(issuer.file(licence.id))


def test_files_carry_it_as_a_disclosure_of_its_own(issuer: Issuer) -> None:
    licence = granted(issuer)
    token = issuer.file(licence.id)
    assert from_claim(disclosed(token)[CLAIM]) == issuer.archive.portrait(licence.id)
    without = sdjwt.present(token, lambda path: path != (CLAIM,))
    assert CLAIM not in disclosed(without)
    assert len(token) - len(without) > len(FACE)


def test_wallets_get_it_and_show_codes_do_not(
    issuer: Issuer, clock: OfficeClock, tmp_path: Path
) -> None:
    wallet = ecert.Wallet.create(tmp_path / "a", "correct horse", kdf=CHEAPEST, clock=clock)
    small, large = granted(issuer, portrait=None), granted(issuer)
    sizes = []
    for licence in (small, large):
        delivery = issuer.deliver(licence.id, wallet.request(issuer.nonce()))
        wallet.add(delivery)
        sizes.append({name: len(data) for name, data in delivery.compact.items()})
    assert CLAIM in wallet.fields(large.id)
    # A status index takes one byte more or less.
    assert all(abs(sizes[0][name] - sizes[1][name]) < 8 for name in sizes[0])


def test_purpose_copies_do_not_carry_it(issuer: Issuer) -> None:
    copy = issuer.purpose_copy(granted(issuer).id, Purpose("贷款", "张伟", date(2026, 12, 31)))
    assert CLAIM not in disclosed(copy)


def test_a_type_without_portraits_takes_none(issuer: Issuer) -> None:
    with pytest.raises(FieldsError) as caught:
        granted(issuer, type_name="图书馆借书证", number="No1", fields={"读者类型": "成人"})
    assert caught.value.faults[0].where == "照片"
    assert "不带照片" in str(caught.value)


def test_what_is_no_picture_issues_nothing(issuer: Issuer) -> None:
    with pytest.raises(PictureError):
        granted(issuer, portrait=b"no picture")
    assert list(issuer.archive.rows()) == []


def test_a_retry_compares_the_file_that_was_given(issuer: Issuer) -> None:
    first = granted(issuer, request_id="R-1")
    assert granted(issuer, request_id="R-1") == first
    for other in (OTHER, None):
        with pytest.raises(RequestConflictError):
            granted(issuer, request_id="R-1", portrait=other)


def test_a_new_version_keeps_changes_or_loses_it(issuer: Issuer) -> None:
    first = granted(issuer)

    def renewed(old: ecert.Licence, changes: Changes) -> ecert.Licence:
        return issuer.replace(
            old.id, Move.RENEW, changes, reason="换证", actor="王", document="文1"
        )

    second = renewed(first, {"valid_until": date(2032, 6, 1)})
    assert second.portrait == first.portrait
    third = renewed(second, {"portrait": OTHER})
    assert third.portrait not in {None, first.portrait}
    assert issuer.archive.portrait(first.id) != issuer.archive.portrait(third.id)
    assert renewed(third, {"portrait": None}).portrait is None


def test_what_a_register_keeps_stands_or_falls_with_its_transaction(register: Register) -> None:
    one = Portrait.prepared(FACE)
    with breaking_off(register) as tx:
        tx.add_portrait(one)
        assert tx.portrait(one.digest) == one.picture
    with register.view() as view, pytest.raises(RegisterError) as caught:
        view.portrait(one.digest)
    assert one.digest not in str(caught.value)
    for _ in range(2):
        with register.transaction() as tx:
            tx.add_portrait(one)
    with register.view() as view:
        assert view.portrait(one.digest) == one.picture


def test_no_text_shows_the_picture() -> None:
    one = Portrait.prepared(FACE)
    assert "xff" not in repr(one)
