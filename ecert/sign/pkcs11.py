"""Keys on a PKCS #11 token: an HSM, a card, SoftHSM.  Needs the extra ``hsm``.

The key never leaves the token; what goes there is a digest of 32 bytes, or a key to be wrapped.
"""

from __future__ import annotations

import hashlib
from contextlib import contextmanager, suppress
from threading import Lock
from typing import TYPE_CHECKING, Final, TypeVar

import pkcs11

from ecert.errors import CustodyError, SignatureError
from ecert.sign.der import parse_signature
from ecert.sign.pkcs11_token import TokenKey, TokenWrapping, open_key, open_wrapping_key
from ecert.sign.sm2_digest import DEFAULT_UID, message_digest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from ecert.sign.pkcs11_uri import TokenURI

_WRONG_PIN: Final = (
    pkcs11.PinIncorrect, pkcs11.PinInvalid, pkcs11.PinLenRange, pkcs11.PinExpired,
    pkcs11.PinLocked, pkcs11.UserPinNotInitialized,
)  # fmt: skip

_Key = TypeVar("_Key")

# python-pkcs11 initialises drivers as single-threaded (C_Initialize without arguments), so that
# no two threads may be in one at once, whichever key they use.
_one_at_a_time: Final = Lock()


class PKCS11Signer:
    """A `Signer` whose key is on a token; any number of threads may use it.

    Args:
        key: The key, opened.
        reopen: Opens it anew, after the token was restarted or pulled out and put back.

    Attributes:
        public: The public half.
    """

    def __init__(self, key: TokenKey, reopen: Callable[[], TokenKey]) -> None:
        self.public = key.public
        self._key = key
        self._reopen = reopen
        self._pin_refused = False

    def sign(self, message: bytes) -> bytes:
        """Sign ``message``; returns r‖s of 64 bytes, verified.

        Raises:
            CustodyError: The token is gone, was changed, or refuses.
        """
        digest = self._digest(message)
        with _one_at_a_time:
            try:
                return self._verified(digest, message)
            # A signature that does not fit has the same cause as an error: after a restart the
            # old handles mean nothing, or by chance another key.
            except (pkcs11.PKCS11Error, SignatureError):
                self._open_again()
            try:
                return self._verified(digest, message)
            except pkcs11.PKCS11Error as error:
                raise _refused(error, self.public.kid) from error
            except SignatureError as error:
                raise CustodyError(
                    "令牌的签名与其公钥不符", "the token's signature does not fit its public key",
                    where=self.public.kid,
                    fix_zh="令牌上的公钥可能不属于这把私钥，或机制编号不对",
                    fix_en="Its public key may be another key's, or the mechanism is wrong",
                ) from error  # fmt: skip

    def _digest(self, message: bytes) -> bytes:
        if self.public.alg == "ES256":
            return hashlib.sha256(message).digest()
        return message_digest(DEFAULT_UID, *self.public.point, message).to_bytes(32)

    def _verified(self, digest: bytes, message: bytes) -> bytes:
        signature = self._key.sign_digest(digest)
        if len(signature) != 64:
            signature = parse_signature(signature)
        self.public.verify(signature, message)
        return signature

    def _open_again(self) -> None:
        # A PIN that was changed must not be tried at every signature until the token locks.
        if self._pin_refused:
            raise _wrong_pin(self.public.kid)
        try:
            key = self._reopen()
        except CustodyError as error:
            self._pin_refused = isinstance(error.__cause__, _WRONG_PIN)
            raise
        if key.public != self.public:
            raise CustodyError(
                "令牌上的密钥已换成另一把", "the token holds another key now",
                where=self.public.kid, fix_zh="请换回原来的令牌，或登记新密钥",
                fix_en="Put the former token back, or register the new key",
            )  # fmt: skip
        self._key = key


def open_token_key(uri: TokenURI, pin: str) -> PKCS11Signer:
    """Open the key at ``uri``.

    The PIN stays in memory, to open the session anew.  A process logs in to a token once: while
    one of its keys is open, the token asks for no PIN, and so finds none wrong.

    Raises:
        CustodyError: No such module, token or key, more than one, a wrong PIN, or a key that is
            of no suite's kind.
    """

    def reopen() -> TokenKey:
        return _reopened(uri, lambda: open_key(uri, pin))

    with _one_at_a_time:
        return PKCS11Signer(reopen(), reopen)


class PKCS11Wrapping:
    """A key on a token that wraps other keys; any number of threads may use it.

    Args:
        key: The key, opened.
        reopen: Opens it anew, after the token was restarted or pulled out and put back.

    Attributes:
        name: What the token calls it: its label and its id.
    """

    def __init__(self, key: TokenWrapping, reopen: Callable[[], TokenWrapping]) -> None:
        self.name = key.name
        self._key = key
        self._reopen = reopen

    def wrap(self, data: bytes) -> bytes:
        """Wrap ``data``, a multiple of eight bytes (RFC 3394): eight bytes more.

        Raises:
            CustodyError: The token is gone, was changed, or refuses.
        """
        with _one_at_a_time:
            try:
                return self._key.wrap(data)
            except pkcs11.PKCS11Error:
                self._key = self._reopen()
            try:
                return self._key.wrap(data)
            except pkcs11.PKCS11Error as error:
                raise _refused(error, self._place) from error

    def unwrap(self, wrapped: bytes) -> bytes | None:
        """Return what was wrapped; None if it was altered, or wrapped by another key.

        Raises:
            CustodyError: The token is gone, was changed, or refuses.
        """
        with _one_at_a_time:
            try:
                return self._key.unwrap(wrapped)
            except pkcs11.PKCS11Error:
                self._key = self._reopen()
            try:
                return self._key.unwrap(wrapped)
            except pkcs11.PKCS11Error as error:
                # Tokens call what was altered by many names, general failure among them.
                if self._works():
                    return None
                raise _refused(error, self._place) from error

    def _works(self) -> bool:
        try:
            return self._key.unwrap(self._key.wrap(bytes(16))) == bytes(16)
        except pkcs11.PKCS11Error:
            return False

    @property
    def _place(self) -> str:
        return self.name.partition(b"\0")[0].decode("utf-8", "replace")


def open_token_wrapping(uri: TokenURI, pin: str) -> PKCS11Wrapping:
    """Open the AES key at ``uri`` that wraps others; as `open_token_key` for the rest.

    Raises:
        CustodyError: No such module, token or key, more than one, a wrong PIN, or a key that
            does not wrap.
    """

    def reopen() -> TokenWrapping:
        return _reopened(uri, lambda: open_wrapping_key(uri, pin))

    with _one_at_a_time:
        return PKCS11Wrapping(reopen(), reopen)


def _reopened(uri: TokenURI, find: Callable[[], _Key]) -> _Key:
    with _told(uri.place):
        try:
            return find()
        except _WRONG_PIN:
            raise
        except pkcs11.PKCS11Error:
            # Some drivers find a restarted device only if they are started anew themselves.
            with suppress(pkcs11.PKCS11Error):
                pkcs11.lib(uri.module).finalize()
            return find()


@contextmanager
def _told(place: str) -> Iterator[None]:
    """Tell the driver's errors as ours."""
    try:
        yield
    except _WRONG_PIN as error:
        raise _wrong_pin(place, type(error).__name__) from error
    except pkcs11.PKCS11Error as error:
        raise _refused(error, place) from error


def _wrong_pin(place: str, kind: str = "PinIncorrect") -> CustodyError:
    return CustodyError(
        "PIN 不对、已过期或已锁定", f"the PIN is wrong, expired or locked ({kind})", where=place,
        fix_zh="请核对 PIN；多次输错会锁定令牌，须由令牌管理员解锁",
        fix_en="Check the PIN; after several wrong ones the token's officer must unlock it",
    )  # fmt: skip


def _refused(error: pkcs11.PKCS11Error, place: str) -> CustodyError:
    kind = type(error).__name__
    detail = str(error) if kind == "PKCS11Error" else ""
    return CustodyError(
        f"令牌不可用（{kind}）", f"the token cannot be used ({kind}{detail and ': ' + detail})",
        where=place, fix_zh="请检查令牌是否接好、驱动路径是否正确",
        fix_en="Check that the token is connected and the driver's path is right",
    )  # fmt: skip
