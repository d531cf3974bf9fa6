"""The case copy: what it holds, what it leaves out, and that nobody puts one together."""

from __future__ import annotations

import json

import orjson
import pytest
from pydantic import ValidationError

from ecert import limits
from ecert.errors import ParseError, SignatureError
from ecert.sign import jws
from ecert.sign.keys import PrivateKey
from ecert.verify.case_copy import TYP, CaseCopy, open_case_copy
from ecert.verify.presentation import presented_code
from ecert.verify.signed_receipt import sign_receipt
from tests.unit.verify.sample_receipts import AT, WINDOW, a_receipt
from tests.unit.verify.test_presentation import CODE

KEY = PrivateKey.generate()


def _copy(**changes: object) -> CaseCopy:
    receipt = a_receipt(presentation=presented_code(CODE).digest)
    content: dict[str, object] = {
        "matter": receipt.matter, "case": receipt.case, "window": WINDOW, "region": "500000",
        "made": AT, "receipt": sign_receipt(receipt, KEY).token, "presentation": CODE,
        "licences": ({"type_name": "机动车驾驶证", "valid_until": None},),
    }  # fmt: skip
    return CaseCopy.model_validate(content | changes)


def _signed(copy: CaseCopy, key: PrivateKey = KEY, typ: str = TYP) -> str:
    return jws.sign({"typ": typ}, copy.to_payload(), key)


def test_it_is_read_again_with_its_receipt() -> None:
    token = _signed(_copy())
    opened = open_case_copy(token)
    assert opened == _copy(receipt=opened.receipt)
    assert opened.verify(token, [KEY.public]).receipt.case == opened.case
    assert opened.licences[0]["valid_until"] is None


def test_it_holds_as_many_licences_as_a_check_has() -> None:
    (one,) = _copy().licences
    full = _copy(licences=(one,) * limits.MAX_PARTS_OF_CHECK)
    assert open_case_copy(_signed(full)) == full
    for count in (0, limits.MAX_PARTS_OF_CHECK + 1):
        with pytest.raises(ValidationError, match="licences"):
            _copy(licences=(one,) * count)


def test_copy_and_receipt_are_both_the_windows() -> None:
    other = PrivateKey.generate()
    copy = _copy()
    with pytest.raises(SignatureError):
        copy.verify(_signed(copy, other), [KEY.public])
    foreign = _copy(receipt=sign_receipt(a_receipt(), other).token)
    with pytest.raises(SignatureError):
        foreign.verify(_signed(foreign), [KEY.public])


@pytest.mark.parametrize(
    ("change", "where"),
    [
        ({"case": "2026-9999999"}, "receipt"),
        ({"matter": "图书借阅"}, "receipt"),
        ({"window": "另一窗口"}, "receipt"),
        ({"receipt": sign_receipt(a_receipt(2), KEY).token}, "receipt"),
        ({"receipt": sign_receipt(a_receipt(), KEY).token}, "presentation"),
        ({"presentation": f" {CODE}"}, "presentation"),
    ],
)
def test_one_put_together_from_two_checks_is_refused(change: dict[str, object], where: str) -> None:
    copy = _copy(**change)
    with pytest.raises(ParseError) as caught:
        copy.verify(_signed(copy), [KEY.public])
    assert caught.value.where == where


def test_what_is_no_case_copy_is_refused() -> None:
    plain = json.loads(_copy().to_payload())
    changes: list[dict[str, object]] = [
        {"extra": 1}, {"case": None}, {"licences": []}, {"format": 2},
    ]  # fmt: skip
    for change in changes:
        with pytest.raises(ParseError):
            CaseCopy.from_payload(orjson.dumps(plain | change))
    with pytest.raises(ParseError, match="spelt"):
        CaseCopy.from_payload(orjson.dumps(plain, option=orjson.OPT_INDENT_2))
    with pytest.raises(ParseError):
        open_case_copy(_signed(_copy(), typ="ecert-receipt+jwt"))
    with pytest.raises(ParseError, match=f"over {limits.MAX_CASE_COPY_CHARS}"):
        open_case_copy("a" * (limits.MAX_CASE_COPY_CHARS + 1))
    with pytest.raises(ParseError, match="three parts"):
        open_case_copy("a" * limits.MAX_CASE_COPY_CHARS)
