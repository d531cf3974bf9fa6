"""Codes of organisations and persons: USCC (GB 32100, GB 11714) and resident id (GB 11643)."""

from __future__ import annotations

from datetime import date
from operator import mul
from typing import Final

from ecert.errors import RegionError, ResidentIdError, USCCError
from ecert.model.characters import DIGITS, require_only

USCC_CHARS: Final = 18
RESIDENT_ID_CHARS: Final = 18

# GB 32100-2015: no I, O, S, V, Z, which look like digits or other letters.
_USCC_ALPHABET: Final = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_USCC_CHARACTERS: Final = frozenset(_USCC_ALPHABET)
_USCC_BYTES: Final = bytes.maketrans(_USCC_ALPHABET.encode(), bytes(range(31)))
# 登记管理部门代码: the registering department.
_USCC_FIRST: Final = frozenset("123456789ANY")
_USCC_WEIGHTS: Final = tuple(pow(3, place, 31) for place in range(17))
# GB 11714-1997: weights of the eight characters of an organisation code.
_ORGANISATION_WEIGHTS: Final = (3, 7, 9, 10, 5, 8, 4, 2)
_ORGANISATION_CHECKS: Final = "0X987654321"
# GB 11643-1999, ISO 7064 MOD 11-2.
_RESIDENT_WEIGHTS: Final = tuple(pow(2, 17 - place, 11) for place in range(17))
_RESIDENT_EXCESS: Final = ord("0") * sum(_RESIDENT_WEIGHTS)
_RESIDENT_CHECKS: Final = "10X98765432"
_BIRTH_YEARS: Final = range(1800, 2100)

_USCC_NAME: Final = "统一社会信用代码"
_RESIDENT_NAME: Final = "公民身份号码"


def parse_uscc(text: str) -> str:
    """Prove a unified social credit code (统一社会信用代码, GB 32100-2015) and return it.

    The organisation code inside is not checked on its own: the last character covers it.

    Raises:
        USCCError: Wrong length, character or check character.
    """
    _require_length(text, USCC_CHARS, USCCError, _USCC_NAME)
    require_only(text, _USCC_CHARACTERS, USCCError, where=_USCC_NAME)
    require_only(text[0], _USCC_FIRST, USCCError, where=_USCC_NAME)
    require_only(text[2:8], DIGITS, USCCError, where=_USCC_NAME, skipped=2)
    if text[-1] != _uscc_check(text):
        raise USCCError(
            "校验位不符",
            "the check character does not fit",
            where=_USCC_NAME,
            fix_zh="请对照登记证照重新录入",
            fix_en="Compare with the certificate of registration",
        )
    return text


def uscc_check_character(body17: str) -> str:
    """Calculate the last character of a USCC from the 17 before it (GB 32100-2015).

    Raises:
        ValueError: Not 17 characters of the code's alphabet.
    """
    if len(body17) != USCC_CHARS - 1 or not _USCC_CHARACTERS.issuperset(body17):
        raise ValueError("17 characters of the GB 32100 alphabet are needed")
    return _uscc_check(body17)


def uscc_region(code: str) -> str:
    """Return the region code (登记管理机关行政区划码) inside a USCC: characters 3 to 8.

    It is where the body was registered, at that time; the region may have ended since.

    Raises:
        USCCError: ``code`` is not a USCC.
    """
    return parse_uscc(code)[2:8]


def make_uscc(registration: str, region: str, organisation8: str) -> str:
    """Make a valid USCC for an invented body, for demonstrations and tests.

    Args:
        registration: Registering department and kind of body, 2 characters.
        region: Region code, 6 digits.
        organisation8: Body of the organisation code, 8 characters.

    Raises:
        RegionError: ``region`` is not six digits.
        USCCError: Another part does not have its form.
    """
    _require_length(region, 6, RegionError, "行政区划代码")
    require_only(region, DIGITS, RegionError, where="行政区划代码")
    _require_length(registration, 2, USCCError, f"{_USCC_NAME}的登记管理部门代码和机构类别代码")
    _require_length(organisation8, 8, USCCError, f"{_USCC_NAME}的主体标识码")
    require_only(registration + organisation8, _USCC_CHARACTERS, USCCError, where=_USCC_NAME)
    body = f"{registration}{region}{organisation8}{_organisation_check(organisation8)}"
    return parse_uscc(body + uscc_check_character(body))


def parse_resident_id(text: str) -> str:
    """Prove a resident identity number (公民身份号码, GB 11643-1999) and return it.

    Length, characters, date of birth and check character are proven.  The district is not:
    numbers are assigned at registration, with the code that the district then had, which may
    be younger than the person.

    Raises:
        ResidentIdError: Any of these is wrong; the number is not quoted.
    """
    if len(text) == 15:
        raise ResidentIdError(
            "15位的旧号码已停止使用",
            "numbers of 15 digits are no longer in use",
            where=_RESIDENT_NAME,
            fix_zh="请填写18位公民身份号码",
            fix_en="Give the number of 18 characters",
        )
    _require_length(text, RESIDENT_ID_CHARS, ResidentIdError, _RESIDENT_NAME)
    require_only(text[:-1], DIGITS, ResidentIdError, where=_RESIDENT_NAME)
    require_only(
        text[-1], DIGITS | {"X"}, ResidentIdError, where=_RESIDENT_NAME, skipped=len(text) - 1
    )
    if not is_birth_date(text[6:14]):
        raise ResidentIdError(
            "第7至14位不是有效的出生日期",
            "characters 7 to 14 are not a date of birth",
            where=_RESIDENT_NAME,
        )
    if text[-1] != _resident_check(text):
        raise ResidentIdError(
            "校验码不符",
            "the check character does not fit",
            where=_RESIDENT_NAME,
            fix_zh="请对照身份证重新录入",
            fix_en="Compare with the identity card",
        )
    return text


def resident_id_check_character(body17: str) -> str:
    """Calculate the last character of a resident id from the 17 digits before it (GB 11643).

    Raises:
        ValueError: Not 17 ASCII digits.
    """
    if len(body17) != RESIDENT_ID_CHARS - 1 or not DIGITS.issuperset(body17):
        raise ValueError("17 ASCII digits are needed")
    return _resident_check(body17)


def last_four(text: str) -> str:
    """Return the last four characters of a number: all that messages may show of it."""
    return text[-4:]


# Both take the first 17 characters of a text whose characters have been proven.  They are the
# inner loop of every import, hence the sums over bytes.


def _uscc_check(text: str) -> str:
    values = text.encode("ascii").translate(_USCC_BYTES)
    return _USCC_ALPHABET[-sum(map(mul, values, _USCC_WEIGHTS)) % 31]


def _resident_check(text: str) -> str:
    # The bytes are those of digits, each 48 too large.
    total = sum(map(mul, text.encode("ascii"), _RESIDENT_WEIGHTS)) - _RESIDENT_EXCESS
    return _RESIDENT_CHECKS[total % 11]


def _organisation_check(organisation8: str) -> str:
    # GB 11714 counts the letters of the whole alphabet, A as 10 to Z as 35.
    total = sum(
        int(character, 36) * weight
        for character, weight in zip(organisation8, _ORGANISATION_WEIGHTS, strict=True)
    )
    return _ORGANISATION_CHECKS[total % 11]


def is_birth_date(digits: str) -> bool:
    """Tell whether eight digits are a day on which a living or registered person was born."""
    year, month, day = int(digits[:4]), int(digits[4:6]), int(digits[6:])
    if year not in _BIRTH_YEARS:
        return False
    try:
        date(year, month, day)
    except ValueError:
        return False
    return True


def _require_length(
    text: str,
    length: int,
    error: type[RegionError | ResidentIdError | USCCError],
    where: str,
) -> None:
    if len(text) != length:
        raise error(
            f"应为{length}位，实际{len(text)}位",
            f"{length} characters are needed, not {len(text)}",
            where=where,
        )
