"""The show PIN (亮证密码): six digits that whoever shows must type, with few tries.

It keeps a person who holds an open wallet from showing: an app that is logged in, a telephone
that is lent.  It protects no file; that is the passphrase.  Six digits are too few to withstand
anybody who has the wallet's content, so the number of tries is what counts: a try is durable
before its result is told, and a program that is killed in between has used it up.
"""

from __future__ import annotations

import hmac
import re
import secrets
import unicodedata
from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from ecert import limits
from ecert.errors import VaultError, WalletError
from ecert.sign import sdjwt
from ecert.wallet.content import PINRecord
from ecert.wallet.owner import holder_numbers
from ecert.wallet.vault import stretch
from ecert.wallet.vault_header import KDF
from ecert.wallet.vault_like import PassphraseVault

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from ecert.wallet.content import Content
    from ecert.wallet.keeping import Keeping

PIN_KDF: Final = KDF(memory_kib=19 * 1024, iterations=2, lanes=1)
"""For every show anew, so much less than for a passphrase (OWASP's least): about 25 ms."""

_SALT_BYTES: Final = 16
# How often others may write in between before what follows the right PIN is given up.
_WRITTEN_AT_MOST: Final = 8
_DIGITS: Final = re.compile(rf"[0-9]{{{limits.PIN_DIGITS}}}")
# Of the lists of PINs that people really choose, those that no rule below covers.
_COMMON: Final = frozenset({"520131", "131452", "521314", "147258", "159357", "112233", "332211"})


class ShowPIN:
    """The show PIN of one wallet: set, changed, removed, unlocked."""

    def __init__(self, keeping: Keeping) -> None:
        self._keeping = keeping

    @property
    def is_set(self) -> bool:
        """Whether showing needs it."""
        return self._keeping.content.pin is not None

    @property
    def tries_left(self) -> int | None:
        """Wrong tries until it is locked, 0 if it is; None where none is set."""
        pin = self._keeping.content.pin
        return None if pin is None else max(0, limits.MAX_PIN_TRIES - pin.tries)

    def set(
        self,
        new: str,
        *,
        current: str | None = None,
        passphrase: str | None = None,
        proven: bool = False,
    ) -> None:
        """Set a PIN, or change it.

        Args:
            new: Six digits that are not easily guessed, and stand in no number that the wallet
                knows (a date of birth).
            current: The PIN so far; a wrong one counts as a try.
            passphrase: Instead of it, the wallet's passphrase.
            proven: Instead of both, where the vault has no passphrase: whoever keeps it has made
                sure by other means that this is the holder.

        Raises:
            WalletError: The new one is no PIN or easily guessed; the current one is wrong, locked
                or was not given.
            VaultError: The passphrase is wrong, or the vault refuses.
        """
        digits = require_good(new, _known_numbers(self._keeping.now()))
        salt = secrets.token_bytes(_SALT_BYTES)
        record = PINRecord(PIN_KDF, salt, stretch(digits, salt, PIN_KDF))
        self._put(record, current, passphrase, proven=proven)

    def remove(
        self, *, current: str | None = None, passphrase: str | None = None, proven: bool = False
    ) -> None:
        """Do without a PIN from now on.

        Arguments and Raises as `set`; WalletError also if none is set.
        """
        if self._keeping.now().pin is None:
            raise _none_set(self._keeping.where)
        self._put(None, current, passphrase, proven=proven)

    def unlock(self, passphrase: str | None = None, *, proven: bool = False) -> None:
        """Allow tries again, after too many wrong ones.

        Arguments and Raises as `remove`.
        """
        content = self._keeping.now()
        if content.pin is None:
            raise _none_set(self._keeping.where)
        self._prove(passphrase, proven=proven)
        self._keeping.save(replace(content, pin=content.pin._replace(tries=0)))

    def passed(self, pin: str | None, change: Callable[[Content], Content]) -> None:
        """Require the PIN if one is set, and save what follows.

        The try is on disk before the PIN is compared; what follows takes it back.  Where another
        program writes in between, it is done anew on what stands there then: whoever knows the
        PIN must not be locked out by two shows at once.

        Args:
            pin: What was typed, if anything.
            change: Returns what becomes of the content; called again with a newer one.

        Raises:
            WalletError: It is wrong, locked or was not given; or one was given and none is set.
            VaultError: The vault refuses.
            StoreError: The database refuses.
        """
        content = self._keeping.now()
        if content.pin is None:
            if pin is not None:
                raise _none_set(self._keeping.where)
            self._keeping.save(change(content))
            return
        right = self._compared(content, content.pin, pin)
        for left in range(_WRITTEN_AT_MOST - 1, -1, -1):
            try:
                self._keeping.save(change(replace(self._keeping.content, pin=right)))
            except VaultError:
                now = self._keeping.now().pin
                if not left or now is None or now._replace(tries=0) != right:
                    raise
            else:
                return

    def _compared(self, content: Content, record: PINRecord, pin: str | None) -> PINRecord:
        """Return the record as it is once the PIN was right."""
        if record.tries >= limits.MAX_PIN_TRIES:
            raise _locked(self._keeping.where)
        if pin is None:
            raise WalletError(
                "需要亮证密码", "the show PIN is needed", where=self._keeping.where,
                fix_zh="请输入亮证密码", fix_en="Type the show PIN",
            )  # fmt: skip
        digits = _require_digits(pin)
        self._keeping.save(replace(content, pin=record._replace(tries=record.tries + 1)))
        if not hmac.compare_digest(stretch(digits, record.salt, record.kdf), record.digest):
            raise _wrong(limits.MAX_PIN_TRIES - record.tries - 1, self._keeping.where)
        return record._replace(tries=0)

    def _put(
        self, record: PINRecord | None, current: str | None, passphrase: str | None, *, proven: bool
    ) -> None:
        content = self._keeping.now()
        if content.pin is None or current is not None:
            self.passed(current, lambda now: replace(now, pin=record))
            return
        self._prove(passphrase, proven=proven)
        self._keeping.save(replace(content, pin=record))

    def _prove(self, passphrase: str | None, *, proven: bool) -> None:
        vault = self._keeping.vault
        if isinstance(vault, PassphraseVault):
            if proven:
                raise ValueError("this vault has a passphrase; `proven` is for those without")
            if passphrase is None:
                raise _passphrase_needed(self._keeping.where)
            if not vault.opens_with(passphrase):
                raise VaultError(
                    "口令不对", "wrong passphrase", where=self._keeping.where,
                    fix_zh="请重新输入", fix_en="Type it again",
                )  # fmt: skip
        elif not proven:
            raise WalletError(
                "须先由保管卡包的服务方核实本人", "whoever keeps the wallet must prove the holder",
                where=self._keeping.where, fix_zh="请在服务方重新核实身份后再试",
                fix_en="Try again after they have proven who you are",
            )  # fmt: skip


def _known_numbers(content: Content) -> list[str]:
    """Return the numbers of the owner and of every holder."""
    own = [] if content.owner is None else [content.owner.number]
    claims = [sdjwt.parse(one.delivery.sd_jwt).unverified_claims() for one in content.held.values()]
    return [*own, *(number for one in claims for number in holder_numbers(one))]


def require_good(pin: str, numbers: Iterable[str]) -> str:
    """Return a new PIN as ASCII digits, unless it is easily guessed.

    Args:
        pin: What was chosen; full-width digits of an input method count as digits.
        numbers: Numbers of the holder.

    Raises:
        WalletError: It is not six digits, or easily guessed.
    """
    digits = _require_digits(pin)
    if _is_pattern(digits) or any(_stands_in(digits, number) for number in numbers):
        raise WalletError(
            "亮证密码太容易被猜到", "this PIN is easily guessed",
            fix_zh="不要用相同或连续的数字、重复的数字，也不要用生日或证件号码中的数字",
            fix_en="Use no equal, consecutive or repeated digits, and none of a birthday or a "
            "number of your own",
        )  # fmt: skip
    return digits


def _require_digits(pin: str) -> str:
    digits = unicodedata.normalize("NFKC", pin)
    if not _DIGITS.fullmatch(digits):
        raise WalletError(
            f"亮证密码是{limits.PIN_DIGITS}位数字", f"a show PIN has {limits.PIN_DIGITS} digits",
            fix_zh="请重新输入", fix_en="Type it again",
        )  # fmt: skip
    return digits


def _is_pattern(digits: str) -> bool:
    steps = {(int(second) - int(first)) % 10 for first, second in pairwise(digits)}
    half, third = len(digits) // 2, len(digits) // 3
    return (
        # 111111, 123456, 987654, 135791
        len(steps) == 1
        # 121212, 123123, 123321, 111222
        or digits == digits[:third] * 3
        or digits[:half] in {digits[half:], digits[half:][::-1]}
        or len(set(digits)) <= 2
        or digits in _COMMON
    )


def _stands_in(digits: str, number: str) -> bool:
    found = {digits}
    if len(number) == 18:  # a resident identity number or the like: YYYYMMDD from the seventh
        year, month, day = number[8:10], number[10:12], number[12:14]
        found = {year + month + day, month + day + year, day + month + year}
        return digits in found or digits in number
    return digits in number


def _none_set(where: str) -> WalletError:
    return WalletError(
        "没有设置亮证密码", "no show PIN is set", where=where,
        fix_zh="可先设置：ecert wallet pin set", fix_en="Set one with: ecert wallet pin set",
    )  # fmt: skip


def _wrong(left: int, where: str) -> WalletError:
    if not left:
        return _locked(where)
    return WalletError(
        f"亮证密码不对，还可试{left}次", f"wrong show PIN; {left} more tries", where=where,
        fix_zh="请重新输入", fix_en="Type it again",
    )  # fmt: skip


def _locked(where: str) -> WalletError:
    return WalletError(
        "亮证密码输错次数过多，已锁定", "too many wrong tries; the show PIN is locked",
        where=where, fix_zh="请用卡包口令解锁：ecert wallet pin unlock",
        fix_en="Unlock it with the wallet's passphrase: ecert wallet pin unlock",
    )  # fmt: skip


def _passphrase_needed(where: str) -> WalletError:
    return WalletError(
        "需要原亮证密码或卡包口令", "the PIN so far or the wallet's passphrase is needed",
        where=where, fix_zh="请输入其中之一", fix_en="Give one of them",
    )  # fmt: skip
