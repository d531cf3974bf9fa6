"""Opens key files when they are needed, and asks for each passphrase once."""

from __future__ import annotations

from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING

from ecert.errors import CustodyError
from ecert.sign.custody import open_signer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from ecert.sign.custody import Signer
    from ecert.sign.keys import PublicKey


def no_prompt(question: str) -> str:
    """Answer no question: what a workspace asks that was opened without ``prompt``.

    Raises:
        CustodyError: Always.
    """
    raise CustodyError(
        "需要密钥口令", "a key's passphrase is needed", where=question.strip(" :"),
        fix_zh="请在打开工作区时给出 prompt", fix_en="Give prompt= when the workspace is opened",
    )  # fmt: skip


class LockedKey:
    """A `Signer` whose file is opened at its first signature.

    Attributes:
        public: The public half, known without a passphrase.
    """

    def __init__(self, path: Path, public: PublicKey, opener: KeyOpener) -> None:
        self.public = public
        self._path = path
        self._opener = opener
        self._open: Signer | None = None

    def sign(self, message: bytes) -> bytes:
        """Sign ``message``; returns r‖s of 64 bytes.

        Raises:
            CustodyError: As `unlock`.
        """
        return self.unlock().sign(message)

    def unlock(self) -> Signer:
        """Open the key now, so that a wrong passphrase is found before anything is recorded.

        Raises:
            CustodyError: Wrong passphrase, absent, damaged, or not the key that is registered.
        """
        if self._open is None:
            self._open = self._opener.open(self._path, self.public)
        return self._open


class KeyOpener:
    """Opens key files, and asks for each passphrase once.

    Args:
        prompt: Asked for a passphrase, with the question's text.
        known: Passphrases that are tried before anybody is asked.
    """

    def __init__(self, prompt: Callable[[str], str], known: Iterable[str] = ()) -> None:
        self._prompt = prompt
        self._known = tuple(known)
        self._opened_with: dict[Path, str] = {}

    @property
    def known(self) -> tuple[str, ...]:
        """The passphrases that have opened a key, or were given: for a process of our own."""
        return tuple(dict.fromkeys([*self._known, *self._opened_with.values()]))

    def open(self, path: Path, public: PublicKey) -> Signer:
        """Open the key in ``path``, which must have this public half.

        Raises:
            CustodyError: Wrong passphrase, absent, damaged, or another key.
        """
        signer = self._open_with_known(path) or self._open_asking(path)
        if signer.public != public:
            raise CustodyError(
                "密钥文件不是登记的那一把", "the key file is not the key that is registered",
                where=path.name, fix_zh="请从备份恢复", fix_en="Use a backup",
            )  # fmt: skip
        return signer

    def passphrase_of(self, path: Path, public: PublicKey) -> str:
        """Return the passphrase that opens ``path``, asking for it if need be.

        Raises:
            CustodyError: As `open`.
        """
        self.open(path, public)
        return self._opened_with[path]

    def _open_with_known(self, path: Path) -> Signer | None:
        for passphrase in self.known:
            with suppress(CustodyError):
                signer = open_signer(f"file:{path}", partial(_answer, passphrase))
                self._opened_with[path] = passphrase
                return signer
        return None

    def _open_asking(self, path: Path) -> Signer:
        answers: list[str] = []

        def ask(question: str) -> str:
            answers.append(self._prompt(question))
            return answers[-1]

        try:
            signer = open_signer(f"file:{path}", ask)
        except CustodyError as error:
            raise CustodyError(
                error.zh, error.en, where=error.where or path.name,
                fix_zh=error.fix_zh or "请核对口令；密钥文件有备份的，可改用备份",
                fix_en=error.fix_en or "Check the passphrase, or use a backup of the file",
            ) from error  # fmt: skip
        self._opened_with[path] = answers[-1]
        return signer


def _answer(passphrase: str, _question: str) -> str:
    return passphrase
