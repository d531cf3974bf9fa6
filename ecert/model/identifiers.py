"""Licence ids (证照标识, GB/T 36904-2018): parse, make and prove their check character."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Final, Literal, Self

from ecert.errors import LicenceIdError
from ecert.model.characters import DIGITS_AND_CAPITALS, require_only

# 电子证照根代码, the fixed object identifier before every licence id.
ROOT: Final = "1.2.156.3005.2"
TYPE_CODE_CHARS: Final = 21
# 18 is the standard's length (a USCC); 6 and 7 occur in ids that are in use.
MAX_ISSUER_CHARS: Final = 18
MAX_SERIAL_CHARS: Final = 64
MAX_VERSION: Final = 999

_PREFIX_CHARS: Final = TYPE_CODE_CHARS + MAX_ISSUER_CHARS
_ALPHABET: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_VALUES: Final = {character: value for value, character in enumerate(_ALPHABET)}
# The same as a table for `bytes.translate`, and one step of MOD 37,36 from "product plus value" to
# the next product: an id is made for every licence, and in bulk work this is most of its making.
_NO_VALUE: Final = 255
_VALUE_BYTES: Final = bytes(_VALUES.get(chr(code), _NO_VALUE) for code in range(256))
_NEXT_PRODUCT: Final = tuple((total % 36 or 36) * 2 % 37 for total in range(37 + 36))
_MAX_TEXT_CHARS: Final = len(ROOT) + TYPE_CODE_CHARS + MAX_ISSUER_CHARS + MAX_SERIAL_CHARS + 9
_WHERE: Final = "证照标识"


@dataclass(frozen=True, slots=True)
class LicenceId:
    """One licence's identifier (证照标识, GB/T 36904-2018).

    Args:
        type_code: Licence type code (证照类型代码), 21 characters.
        issuer: Code of the issuing authority (证照颁发机构代码), normally a USCC.
        serial: Serial (流水号), 1 to 64 digits and capitals.
        version: Version (版本号), 1 to 999.
        check: Check character (校验位).

    Raises:
        LicenceIdError: A part does not have its form, or the check character does not fit.
    """

    type_code: str
    issuer: str
    serial: str
    version: int
    check: str

    def __post_init__(self) -> None:
        """Validate every part and the check character."""
        _require_parts(self.type_code, self.issuer, self.serial, self.version)
        _require_part("校验位", self.check, 1, 1)
        standard = check_character(self._body)
        if self.check != standard and self.check != legacy_check_character(self._body):
            raise LicenceIdError(
                f"校验位应为“{standard}”，实际为“{self.check}”",
                f'the check character should be "{standard}", not "{self.check}"',
                where=_WHERE,
                fix_zh="请对照原件重新录入，注意区分字母O与数字0",
                fix_en="Compare with the original; the letter O and the digit 0 differ",
            )

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read the full text of a licence id; nothing is normalised.

        Raises:
            LicenceIdError: The form is wrong, or the check character fits neither the
                standard nor the legacy calculation.
        """
        if len(text) > _MAX_TEXT_CHARS:
            raise _form_error(f"超过{_MAX_TEXT_CHARS}个字符", "it is too long")
        require_only(text, DIGITS_AND_CAPITALS | {"."}, LicenceIdError, where=_WHERE)
        parts = text.removeprefix(f"{ROOT}.").split(".")
        if not text.startswith(f"{ROOT}.") or len(parts) != 5:
            raise _form_error("不是证照标识的格式", "it does not have the form of a licence id")
        type_code, issuer, serial, version, check = parts
        if len(version) != 3 or not version.isdecimal():
            raise _part_error("版本号", "应为3位数字", "three digits are needed")
        return cls(type_code, issuer, serial, int(version), check)

    @classmethod
    def make(cls, type_code: str, issuer: str, serial: str, version: int = 1) -> Self:
        """Make a licence id, with the standard's check character.

        Raises:
            LicenceIdError: A part does not have its form.
        """
        _require_parts(type_code, issuer, serial, version)
        rest = _product(f"{serial}{version:03d}", _prefix_product(type_code + issuer))
        check = _ALPHABET[(37 - rest) % 36]
        # Past `__post_init__`, which would calculate the check character again to compare it.
        made, put = cls.__new__(cls), object.__setattr__
        put(made, "type_code", type_code)
        put(made, "issuer", issuer)
        put(made, "serial", serial)
        put(made, "version", version)
        put(made, "check", check)
        return made

    @property
    def scheme(self) -> Literal["standard", "legacy"]:
        """How the check character was calculated; ``legacy`` deserves a warning."""
        return "standard" if self.check == check_character(self._body) else "legacy"

    @property
    def _body(self) -> str:
        return f"{self.type_code}{self.issuer}{self.serial}{self.version:03d}"

    def __str__(self) -> str:
        return (
            f"{ROOT}.{self.type_code}.{self.issuer}.{self.serial}.{self.version:03d}.{self.check}"
        )


def check_character(body: str) -> str:
    """Calculate the check character over type, issuer, serial and version without dots.

    GB/T 17710-2008, ISO/IEC 7064 MOD 37,36 (hybrid system).

    Raises:
        ValueError: A character is not a digit or a capital letter.
    """
    # Type and issuer begin every id of an authority, so they are worked through once.
    product = _product(body[_PREFIX_CHARS:], _prefix_product(body[:_PREFIX_CHARS]))
    return _ALPHABET[(37 - product) % 36]


@lru_cache(maxsize=2_048)
def _prefix_product(prefix: str) -> int:
    return _product(prefix, 36)


def _product(part: str, product: int) -> int:
    try:
        for value in part.encode("ascii").translate(_VALUE_BYTES):
            product = _NEXT_PRODUCT[product + value]
    except (IndexError, UnicodeEncodeError):
        raise ValueError("a licence id holds digits and capital letters only") from None
    return product


def legacy_check_character(body: str) -> str:
    """Calculate the check character as some systems did until about 2023.

    They counted letters from 11, reduced sums with a letter by 37, and took the character
    before the right one.  Only for reading licence ids in use; new ones never carry it.

    Raises:
        ValueError: A character is not a digit or a capital letter.
    """
    product = 36
    for value in _values(body):
        total = product + value
        if value > 9:
            total += 1
            total -= 37 if total > 37 else 0
        product = (total % 36 or 36) * 2 % 37
    return _ALPHABET[36 - product]


def _values(body: str) -> list[int]:
    if not DIGITS_AND_CAPITALS.issuperset(body):
        raise ValueError("a licence id holds digits and capital letters only")
    return [_VALUES[character] for character in body]


def _require_parts(type_code: str, issuer: str, serial: str, version: int) -> None:
    _require_prefix(type_code, issuer)
    _require_part("流水号", serial, 1, MAX_SERIAL_CHARS)
    _require_version(version)


@lru_cache(maxsize=2_048)
def _require_prefix(type_code: str, issuer: str) -> None:
    # They begin every id of an authority, so they are looked at once.
    _require_part("证照类型代码", type_code, TYPE_CODE_CHARS, TYPE_CODE_CHARS)
    _require_part("证照颁发机构代码", issuer, 1, MAX_ISSUER_CHARS)


def _require_part(name: str, text: str, least: int, most: int) -> None:
    if not least <= len(text) <= most:
        length = f"{most}" if least == most else f"{least}至{most}"
        raise _part_error(
            name,
            f"应为{length}位，实际{len(text)}位",
            f"{length.replace('至', ' to ')} characters are needed, not {len(text)}",
        )
    require_only(text, DIGITS_AND_CAPITALS, LicenceIdError, where=f"{_WHERE}的{name}")


def _require_version(version: int) -> None:
    # bool is an int in Python, and True would become version 001.
    if isinstance(version, bool) or not 1 <= version <= MAX_VERSION:
        raise _part_error("版本号", "应为001至999", "001 to 999 is needed")


def _form_error(zh: str, en: str) -> LicenceIdError:
    return LicenceIdError(
        zh,
        en,
        where=_WHERE,
        fix_zh=f"格式：{ROOT}.证照类型代码.证照颁发机构代码.流水号.版本号.校验位",
        fix_en=f"Form: {ROOT}.<type>.<issuer>.<serial>.<version>.<check>",
    )


def _part_error(name: str, zh: str, en: str) -> LicenceIdError:
    return LicenceIdError(zh, en, where=f"{_WHERE}的{name}")
