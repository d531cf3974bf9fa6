"""One run of the command line: what it prints where, what it asks, and the workspace it is in.

Data goes to stdout, everything else to stderr.
"""

from __future__ import annotations

import getpass
import json
import os
import secrets
import sys
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from ecert import limits
from ecert.errors import CustodyError, EcertError, FormatError
from ecert.model.calendar import SHANGHAI

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from datetime import datetime

    from ecert.reasons import Language
    from ecert.workspace import Workspace

# Names of variables; a wallet's own goes first, so that it need not be the keys' passphrase.
PASSPHRASE: Final = "ECERT_PASSPHRASE"  # noqa: S105
WALLET_PASSPHRASE: Final = "ECERT_WALLET_PASSPHRASE"  # noqa: S105
_YES: Final = {"y", "yes", "是", "确认"}
# Characters of a passphrase file that are read.
_MAX_PASSPHRASE_CHARS: Final = 4096


@dataclass(frozen=True, slots=True, kw_only=True)
class Terminal:
    """What a command needs to know of its surroundings.

    Attributes:
        folder: The workspace's folder.
        language: Of results, questions and errors.
        json: Whether stdout gets one JSON document.
        passphrase_file: Where the passphrase is read from, if it was given.
    """

    folder: Path
    language: Language
    json: bool
    passphrase_file: Path | None

    # -- telling ------------------------------------------------------------------------------

    def words(self, zh: str, en: str) -> str:
        """Return the one of two texts that is in this run's language."""
        return zh if self.language == "zh" else en

    def emit(self, plain: Mapping[str, Any], lines: Iterable[str]) -> None:
        """Print a result: as one JSON document, or as lines."""
        if self.json:
            print_json(plain)
        else:
            for line in lines:
                print(line)

    def note(self, zh: str, en: str) -> None:
        """Tell something beside the result."""
        print(self.words(zh, en), file=sys.stderr)

    def table(self, heads: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterable[str]:
        """Return rows as lines: a table for people, tabs without heads for programs."""
        if not sys.stdout.isatty():
            return ["\t".join(row) for row in rows]
        from rich import box
        from rich.console import Console
        from rich.table import Table
        from rich.text import Text

        table = Table(*heads, box=box.SIMPLE_HEAD, pad_edge=False)
        for row in rows:
            table.add_row(*(Text(cell) for cell in row))
        console = Console(no_color=True, highlight=False)
        with console.capture() as captured:
            console.print(table)
        return captured.get().rstrip("\n").split("\n")

    def moment(self, at: datetime) -> str:
        """Return a time as people here read it: of the office, to the second."""
        return at.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M:%S")

    @contextmanager
    def busy(self, zh: str, en: str) -> Iterator[None]:
        """Show that something takes a moment, if a person is watching."""
        if not sys.stderr.isatty():
            yield
            return
        from rich.console import Console

        with Console(stderr=True).status(self.words(zh, en), spinner="line"):
            yield

    # -- asking -------------------------------------------------------------------------------

    def confirm(self, zh: str, en: str, *, yes: bool) -> None:
        """Ask a person for consent, unless ``yes`` gives it beforehand.

        Raises:
            FormatError: Nobody is there to be asked.
            EcertError: The answer is no.
        """
        if yes:
            return
        if not sys.stdin.isatty():
            raise FormatError(
                "需要确认，但没有人可问", "consent is needed, and nobody is there to be asked",
                fix_zh="核对后请加 --yes", fix_en="After checking, add --yes",
            )  # fmt: skip
        print(self.words(f"{zh} [y/N] ", f"{en} [y/N] "), end="", file=sys.stderr, flush=True)
        if sys.stdin.readline().strip().lower() not in _YES:
            raise EcertError("没有确认，未作任何改动", "no consent; nothing was changed")

    def passphrase(self, what: str, *, new: bool = False, wallet: bool = False) -> str:
        """Return the passphrase: from the file given, the environment, or a person.

        Args:
            what: What it opens, as the question names it.
            new: Whether it is to be chosen, and so typed twice.
            wallet: Whether it is a wallet's, which has a variable of its own.

        Raises:
            CustodyError: There is none, and nobody to be asked; or its file cannot be read.
            FormatError: The two that were typed differ.
        """
        if self.passphrase_file is not None:
            return _first_line(self.passphrase_file)
        from ecert.workspace.passphrases import given_passphrase

        names = (WALLET_PASSPHRASE, PASSPHRASE) if wallet else (PASSPHRASE,)
        for name in names:
            if (given := given_passphrase(os.environ, name)) is not None:
                return given
        if not sys.stdin.isatty():
            raise CustodyError(
                "需要口令", "a passphrase is needed", where=what,
                fix_zh=f"请设置环境变量 {' 或 '.join(names)}，或用 --passphrase-file",
                fix_en=f"Set the variable {' or '.join(names)}, or use --passphrase-file",
            )  # fmt: skip
        question = self.words(f"{what} 的口令：", f"Passphrase of {what}: ")
        secret = getpass.getpass(question)
        if new and getpass.getpass(self.words("再输一遍：", "Once more: ")) != secret:
            raise FormatError("两次输入的口令不同", "the two passphrases differ")
        return secret

    # -- the workspace --------------------------------------------------------------------------

    @contextmanager
    def workspace(self) -> Iterator[Workspace]:
        """Open the workspace for the length of the block.

        Raises:
            WorkspaceError: The folder is none.
        """
        from ecert.workspace import Workspace

        def prompt(_question: str) -> str:
            return self.passphrase(self.words("签名密钥", "the signing keys"))

        with Workspace.open(self.folder, prompt=prompt) as workspace:
            yield workspace


def _first_line(path: Path) -> str:
    try:
        with path.open(encoding="utf-8") as file:
            return file.read(_MAX_PASSPHRASE_CHARS).partition("\n")[0]
    except UnicodeDecodeError as error:
        raise CustodyError(
            "口令文件不是 UTF-8 编码", "the passphrase's file is not in UTF-8", where=str(path),
            fix_zh="请核对路径，或另存为 UTF-8", fix_en="Check the path, or save it as UTF-8",
        ) from error  # fmt: skip


def print_json(plain: Mapping[str, Any]) -> None:
    """Print one JSON document; in a console that is not Unicode, with escapes."""
    unicode = (sys.stdout.encoding or "").lower().replace("-", "").startswith("utf")
    print(json.dumps(plain, ensure_ascii=not unicode, indent=2))


def read_bounded(path: Path, most: int = limits.MAX_ENVELOPE_BYTES) -> bytes:
    """Return a file's bytes, one more than ``most`` if it has more; ``-`` is stdin."""
    if str(path) == "-":
        return sys.stdin.buffer.read(most + 1)
    with path.open("rb") as file:
        return file.read(most + 1)


def write_whole(path: Path, data: bytes) -> None:
    """Write a file wholly or not at all, in the place of an older one."""
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(8)}.tmp")
    try:
        temporary.write_bytes(data)
        temporary.replace(path)
    except OSError as error:
        error.filename = str(path)  # the one that was asked for
        raise
    finally:
        with suppress(OSError):
            temporary.unlink()


def require_place(path: Path | None) -> None:
    """Require that a file can be written there, before what goes into it is signed or noted.

    Raises:
        FormatError: It is a folder, or its folder is absent.
        CustodyError: The folder may not be written to.
    """
    if path is None or str(path) == "-":
        return
    if path.is_dir():
        raise FormatError(
            "这是文件夹，不是文件", "this is a folder, not a file", where=str(path),
            fix_zh="请写明文件名", fix_en="Name a file",
        )  # fmt: skip
    if not path.parent.is_dir():
        raise FormatError(
            "没有这个文件夹", "its folder does not exist", where=str(path),
            fix_zh="请先新建文件夹，或换一个位置",
            fix_en="Make the folder first, or choose another place",
        )  # fmt: skip
    if not os.access(path.parent, os.W_OK):
        raise CustodyError(
            "没有权限写入此文件夹", "this folder may not be written to", where=str(path),
            fix_zh="请检查权限，或换一个位置",
            fix_en="Check the permissions, or choose another place",
        )  # fmt: skip
