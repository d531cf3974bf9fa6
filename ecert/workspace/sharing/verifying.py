"""Verification: claimed data against the register, files and show codes as a window judges them."""

from __future__ import annotations

import base64
import binascii
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from ecert.errors import UnknownLicenceError
from ecert.issuers.sharing import catalogue
from ecert.issuers.sharing.numbers import ShareStatus, VerifyResult, numbers_of, result_of
from ecert.limits import MAX_TOKEN_CHARS
from ecert.model.calendar import office_day
from ecert.model.holders import Holder
from ecert.model.identifiers import LicenceId
from ecert.reasons import Reason
from ecert.show.online import is_online
from ecert.verify.presentation import is_file
from ecert.workspace.sharing.answers import ShareAnswer, refused, verified
from ecert.workspace.sharing.looking import held
from ecert.workspace.sharing.requests import ByIdRequest, ShareRefusal, holder_meant

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from ecert.issuers.issuer import Issuer
    from ecert.model.licence import Licence
    from ecert.verify.verdict import Verdict
    from ecert.workspace.sharing.answers import Call
    from ecert.workspace.sharing.requests import (
        VerifyCodeRequest,
        VerifyDataRequest,
        VerifyFileRequest,
    )

_BASE64: Final = "base64"
_KEYS: Final = ("certIdentifier", "certNo", "holder", "holderCode", "holderTypeCode")
_UNKNOWN: Final = replace(verified(VerifyResult.NOT_FOUND), missed=True)
_KINDS: Final = ("111", "001")


def verify_data(issuer: Issuer, request: VerifyDataRequest, call: Call) -> ShareAnswer:
    """Answer ``verifyCertInfo``: is there such a licence, as it is claimed, and in force?"""
    given = {name: value for name, value in request.cert_data.items() if value not in (None, "")}
    if not given:
        return verified(VerifyResult.NO_DATA)
    if any(type(value) is not str for value in given.values()):
        return refused(ShareRefusal(ShareStatus.WRONG_VALUE, "certData", "应均为文本"))
    # (1) Which licence is meant: by id and number, or by number and holder.
    found = _meant(issuer, given, request.cert_type_code, office_day(call.at))
    if isinstance(found, ShareAnswer):
        return found
    # (2) The rest of what is claimed, as far as the caller may know it.
    claimed = {name: value for name, value in given.items() if name not in _KEYS}
    answer = _compared(issuer, found, claimed, call)
    # Guesses are counted; what a code or a file says cannot be guessed.
    return replace(answer, missed=answer.result is VerifyResult.WRONG)


def verify_file(issuer: Issuer | None, request: VerifyFileRequest, call: Call) -> ShareAnswer:
    """Answer ``verifyFile``: a licence file of this or another region."""
    if request.content_type != _BASE64:
        return refused(ShareRefusal(ShareStatus.WRONG_VALUE, "contentType", "固定为base64"))
    try:
        text = base64.b64decode(request.content, validate=True).decode("ascii")
    except (binascii.Error, ValueError):
        return refused(ShareRefusal(ShareStatus.WRONG_VALUE, "content", "不是base64"))
    if len(text) > MAX_TOKEN_CHARS or not is_file(text):
        return _judged(Reason.MALFORMED)
    return _verdict(issuer, text.strip(), request.cert_type_code, call)


def verify_code(issuer: Issuer | None, request: VerifyCodeRequest, call: Call) -> ShareAnswer:
    """Answer ``verifyQRcode``: a show code that the holder presents; it is used up by this."""
    if is_file(request.qrcode):
        return _judged(Reason.MALFORMED)
    if is_online(request.qrcode):
        # What lies behind it is handed to the window that the holder reads of, and to it alone.
        return _judged(Reason.SERVICE_UNREACHABLE)
    return _verdict(issuer, request.qrcode, request.cert_type_code, call)


def _meant(
    issuer: Issuer, given: Mapping[str, str], type_code: str, on: date
) -> Licence | ShareAnswer:
    if "certNo" not in given:
        return refused(ShareRefusal(ShareStatus.NO_NUMBER))
    if "certIdentifier" in given:
        return _by_id(issuer, given, type_code)
    if "holderCode" not in given:
        return refused(ShareRefusal(ShareStatus.NO_HOLDER_CODE))
    if "holder" not in given:
        return refused(ShareRefusal(ShareStatus.NO_HOLDER))
    asked = _holder(given)
    if isinstance(asked, ShareRefusal):
        return refused(asked)
    found = held(issuer, asked, type_code, given["certNo"], on)
    if isinstance(found, ShareAnswer):
        return verified(VerifyResult.UNDETERMINED)
    return _only(found, on)


def _by_id(issuer: Issuer, given: Mapping[str, str], type_code: str) -> Licence | ShareAnswer:
    licence_id = ByIdRequest.model_construct(cert_identifier=given["certIdentifier"]).licence_id()
    if isinstance(licence_id, ShareRefusal):
        return refused(licence_id)
    try:
        licence = issuer.licence(licence_id)
    except UnknownLicenceError:
        return _UNKNOWN
    # An id with another's number is not told apart from one that there is not.
    if (licence.number, licence.type_code) != (given["certNo"], type_code):
        return _UNKNOWN
    if "holder" in given and all(one.name != given["holder"] for one in licence.holders):
        return _UNKNOWN
    if "holderCode" in given and all(one.number != given["holderCode"] for one in licence.holders):
        return _UNKNOWN
    return licence


def _holder(given: Mapping[str, str]) -> Holder | ShareRefusal:
    """Return the holder who is claimed; platforms that name no kind mean a person or a body."""
    named = given.get("holderTypeCode")
    kinds = (named,) if named is not None else _KINDS
    meant = [holder_meant(given["holder"], given["holderCode"], kind) for kind in kinds]
    return next((one for one in meant if isinstance(one, Holder)), meant[0])


def _only(found: tuple[Licence, ...], on: date) -> Licence | ShareAnswer:
    if not found:
        return _UNKNOWN
    current = [one for one in found if numbers_of(one, on).status is ShareStatus.DONE]
    if len(current) > 1:
        return verified(VerifyResult.UNDETERMINED, licences=tuple(str(one.id) for one in current))
    # Of several versions the one in force is meant, else the newest.
    return current[0] if current else found[0]


def _compared(
    issuer: Issuer, licence: Licence, claimed: Mapping[str, str], call: Call
) -> ShareAnswer:
    licence_type = issuer.catalogue.get(licence.type_code)
    open_to_caller = catalogue.granted(licence, call.grant.fields)
    ids = (str(licence.id),)
    for name, value in claimed.items():
        field = catalogue.field_named(name, licence, licence_type)
        if field is None or field not in open_to_caller:
            # Otherwise a caller could guess, value by value, what it may not be told.
            return refused(
                ShareRefusal(ShareStatus.WRONG_VALUE, "certData", "含未授权或没有的照面信息")
            )
        if not _same(licence.fields[field], value):
            return verified(VerifyResult.WRONG, licences=ids)
    return verified(numbers_of(licence, office_day(call.at)).result, licences=ids)


def _same(kept: str, claimed: str) -> bool:
    # Dates travel as yyyymmdd in the interface and stand as yyyy-mm-dd in the register.
    return claimed == kept or (len(kept) == 10 and claimed == kept.replace("-", ""))


def _verdict(issuer: Issuer | None, scanned: str, type_code: str, call: Call) -> ShareAnswer:
    matter = None if call.purpose is None else call.purpose.item_name
    verdict = call.verify(scanned, clerk=call.token.name, matter=matter)
    ids = tuple(part.licence_id for part in verdict.parts if part.licence_id is not None)
    if not _is_of(verdict, type_code):
        return verified(VerifyResult.WRONG, licences=ids)
    known = _in_register(issuer, ids, call)
    if verdict.accepted and known is not None:
        return verified(known, licences=ids)
    return _judged(verdict.reason, ids)


def _judged(reason: Reason, ids: tuple[str, ...] = ()) -> ShareAnswer:
    more = {"reason": reason.value, "number": reason.number, "reasonName": reason.zh}
    return verified(result_of(reason), licences=ids, **more)


def _is_of(verdict: Verdict, type_code: str) -> bool:
    """Tell whether every proven licence is of the type; of the unproven nothing is known."""
    proven = [part.about for part in verdict.parts if part.about is not None]
    return all(about.type_code == type_code for about in proven)


def _in_register(issuer: Issuer | None, ids: tuple[str, ...], call: Call) -> VerifyResult | None:
    """Return what the own register says against licences, or None if it says nothing.

    The register knows of a revocation before any list does.
    """
    if issuer is None:
        return None
    for text in ids:
        if LicenceId.parse(text).issuer != issuer.code:
            continue
        try:
            licence = issuer.licence(text)
        except UnknownLicenceError:
            return VerifyResult.NOT_FOUND
        result = numbers_of(licence, office_day(call.at)).result
        if result is not VerifyResult.VALID:
            return result
    return None
