"""Operations on single formats: status list, JSON, licence id, picture."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ecert.conformance.answers import Answer, refused, valid
from ecert.errors import LicenceIdError
from ecert.model.identifiers import LicenceId, check_character
from ecert.reasons import Reason
from ecert.show import scan
from ecert.sign.strict import parse_json
from ecert.status.packing import decode_list

if TYPE_CHECKING:
    from ecert.conformance.question import Question


def status_decode(question: Question) -> Answer:
    """Decode the ``lst`` of a status list and read the entries asked for."""
    bits, lst, indexes = question.number("bits"), question.text("lst"), question.array("indexes")
    entries = decode_list(bits, lst)
    return valid(values=[entries.value(index) for index in indexes], size=len(entries))


def json_parse(question: Question) -> Answer:
    """Parse JSON as every signed byte string is parsed."""
    return valid(value=parse_json(question.octets("bytes")))


def licence_id(question: Question) -> Answer:
    """Parse a licence id (GB/T 36904-2018) and say by which rule its check character fits."""
    text = question.text("text")
    try:
        parsed = LicenceId.parse(text)
    except LicenceIdError as error:
        return _with_bad_check(text) or refused(Reason.MALFORMED, error.en)
    answer = valid(parts=_parts(parsed), check=parsed.scheme)
    if parsed.scheme == "legacy":
        answer["warning"] = "the check character follows an older calculation"
    return answer


def _with_bad_check(text: str) -> Answer | None:
    """Return the answer if nothing but the check character is wrong."""
    head, _, found = text.rpartition(".")
    parts = head.split(".")[-4:]
    if not (len(found) == 1 and found.isascii() and found.isalnum() and found == found.upper()):
        return None
    try:
        mended = LicenceId.parse(f"{head}.{check_character(''.join(parts))}")
    except (LicenceIdError, ValueError):
        return None
    wrong = _parts(mended) | {"check_character": found}
    return refused(Reason.LICENCE_ID_CHECK, parts=wrong, check="bad")


def _parts(parsed: LicenceId) -> dict[str, str | int]:
    return {
        "type_code": parsed.type_code,
        "issuer": parsed.issuer,
        "serial": parsed.serial,
        "version": parsed.version,
        "check_character": parsed.check,
    }


def qr_decode(question: Question) -> Answer:
    """Read the digits of the one show code in a picture."""
    return valid(digits=scan.read(question.octets("image")))
