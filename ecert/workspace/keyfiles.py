"""The folder ``keys``: encrypted key files, and beside them what each key may sign and when.

``keyring.json`` holds public halves only, so that nothing asks for a passphrase until something
is signed.
"""

from __future__ import annotations

import os
import re
import secrets
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final, Literal, cast

import orjson

from ecert.errors import CustodyError, FormatError, ParseError, WorkspaceError
from ecert.sign.custody import save_key
from ecert.sign.keys import PrivateKey, PublicKey
from ecert.sign.strict import parse_json_object
from ecert.workspace.unlocking import LockedKey

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from ecert.workspace.unlocking import KeyOpener

FOLDER: Final = "keys"
KEYRING: Final = "keyring.json"
# Of the keys of every demonstration workspace: documented, and so no secret.
DEMO_PASSPHRASE: Final = "demo"  # noqa: S105
KeyRole = Literal[
    "licence", "status", "roots", "trust-list", "catalogue", "recognition-list", "receipt"
]  # fmt: skip
ISSUER_ROLES: Final[tuple[KeyRole, ...]] = ("licence", "status")
REGION_ROLES: Final[tuple[KeyRole, ...]] = (
    "roots", "trust-list", "catalogue", "recognition-list",
)  # fmt: skip
WINDOW_ROLES: Final[tuple[KeyRole, ...]] = ("receipt",)
_FILE_NAME: Final = re.compile(r"[a-z-]+-[0-9]+\.pem")
_ENTRY_KEYS: Final = {"file", "role", "jwk", "types", "valid_from", "valid_until"}


def require_suite(alg: str) -> None:
    """Require that this machine can make keys of the suite ``alg``, before anything is asked.

    Raises:
        CustodyError: It cannot: SM2 needs a libcrypto that has it.
    """
    PrivateKey.generate(alg)  # one for nothing is the proof


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyEntry:
    """One key: its file, its public half, and its scope.

    Attributes:
        file: Name of the file in the folder ``keys``.
        role: What it signs: ``licence`` and ``status`` are the issuer's, ``receipt`` is the
            window's, the others are its region's.
        public: The public half.
        types: Licence type codes that it may sign, ``*`` for all.
        valid_from: From this moment on it may sign.
        valid_until: From this moment on it may not; None without end.
    """

    file: str
    role: KeyRole
    public: PublicKey
    types: tuple[str, ...] = ("*",)
    valid_from: datetime
    valid_until: datetime | None = None

    def to_dict(self) -> dict[str, Any]:
        """Return plain values for JSON."""
        until = self.valid_until
        return {
            "file": self.file,
            "role": self.role,
            "kid": self.public.kid,
            "jwk": self.public.jwk(),
            "types": list(self.types),
            "valid_from": self.valid_from.isoformat(),
            "valid_until": None if until is None else until.isoformat(),
        }

    def state(self, at: datetime) -> Literal["planned", "active", "ended"]:
        """Tell whether the key signs at ``at``."""
        if at < self.valid_from:
            return "planned"
        return "active" if self.valid_until is None or at < self.valid_until else "ended"


class KeyFolder:
    """The keys of one workspace.

    Args:
        path: The folder ``keys``.
        opener: Opens the files.

    Raises:
        WorkspaceError: ``keyring.json`` is absent or damaged.
    """

    def __init__(self, path: Path, opener: KeyOpener) -> None:
        self.path = path
        self._opener = opener
        self._read_as = _state(path / KEYRING)
        self.entries = _read(path / KEYRING)

    def refresh(self) -> None:
        """Read the keyring again if another program has written it since.

        Raises:
            WorkspaceError: It is absent or damaged now.
        """
        if (now := _state(self.path / KEYRING)) != self._read_as:
            self.entries, self._read_as = _read(self.path / KEYRING), now

    @staticmethod
    def create(
        path: Path, roles: Mapping[KeyRole, datetime], passphrase: str, alg: str = "ES256"
    ) -> None:
        """Make the folder with one new key for each of ``roles``, valid from that moment."""
        path.mkdir(mode=0o700)
        entries = [
            _generate(path, role, 1, passphrase, valid_from, alg)
            for role, valid_from in roles.items()
        ]
        _write(path / KEYRING, entries)

    def of(self, *roles: KeyRole) -> tuple[KeyEntry, ...]:
        """Return the keys with one of ``roles``, oldest first."""
        return tuple(entry for entry in self.entries if entry.role in roles)

    def signer(self, entry: KeyEntry) -> LockedKey:
        """Return the key of ``entry``, still locked."""
        return LockedKey(self.path / entry.file, entry.public, self._opener)

    def add_first(self, role: KeyRole, passphrase: str, *, at: datetime, alg: str) -> KeyEntry:
        """Add the first key of a role, which signs from now on.

        Raises:
            CustodyError: There is one, or it cannot be made or written.
        """
        if self.of(role):
            raise CustodyError(
                "已有这种密钥", "there is a key of this kind already", where=role,
                fix_zh="请更换密钥", fix_en="Roll it over",
            )  # fmt: skip
        new = _generate(self.path, role, 1, passphrase, at.replace(microsecond=0), alg)
        _write(self.path / KEYRING, [*self.entries, new])
        self.entries = (*self.entries, new)
        return new

    def roll_over(
        self, role: KeyRole, *, valid_from: datetime | None, at: datetime, alg: str | None = None
    ) -> KeyEntry:
        """Add a key that signs from ``valid_from`` on (now if None); those in force end then.

        The new file has the passphrase of the newest one, and its suite unless ``alg`` is given.
        What the old keys signed before stays
        good: they are listed for as long as anybody may ask.

        Raises:
            FormatError: ``valid_from`` has passed, so that what was signed since would not hold;
                or it is not after the newest key's.
            CustodyError: The newest key cannot be opened, or the new one not made or written.
        """
        newest, now = self.of(role)[-1], at.replace(microsecond=0)
        valid_from = now if valid_from is None else valid_from.replace(microsecond=0)
        if valid_from < now or valid_from <= newest.valid_from:
            raise FormatError(
                "启用时间已过，或不晚于现有密钥", "it has passed, or is not after the newest key's",
                where="valid_from", fix_zh="请改用更晚的时间", fix_en="Choose a later moment",
            )  # fmt: skip
        passphrase = self._opener.passphrase_of(self.path / newest.file, newest.public)
        number = 1 + max(
            int(entry.file.rpartition("-")[2].removesuffix(".pem")) for entry in self.of(role)
        )
        suite = alg or newest.public.alg
        new = _generate(self.path, role, number, passphrase, valid_from, suite)
        kept = tuple(
            replace(entry, valid_until=valid_from)
            if entry.role == role and entry.state(valid_from) == "active"
            else entry
            for entry in self.entries
        )
        _write(self.path / KEYRING, [*kept, new])
        self.entries = (*kept, new)
        return new


def _generate(
    folder: Path, role: KeyRole, number: int, passphrase: str, valid_from: datetime, alg: str
) -> KeyEntry:
    key = PrivateKey.generate(alg)
    name = f"{role}-{number}.pem"
    save_key(folder / name, key, passphrase)
    return KeyEntry(file=name, role=role, public=key.public, valid_from=valid_from)


def _write(path: Path, entries: list[KeyEntry]) -> None:
    data = orjson.dumps({"keys": [_plain(entry) for entry in entries]}, option=orjson.OPT_INDENT_2)
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(8)}.tmp")
    try:
        with temporary.open("xb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except OSError as error:
        temporary.unlink(missing_ok=True)
        raise CustodyError(
            "密钥登记写不下去", f"the keyring cannot be written ({error.strerror})",
            where=str(path), fix_zh="请检查权限和磁盘空间", fix_en="Check permissions and space",
        ) from error  # fmt: skip


def _plain(entry: KeyEntry) -> dict[str, Any]:
    return {name: value for name, value in entry.to_dict().items() if name in _ENTRY_KEYS}


def _state(path: Path) -> tuple[int, int, int] | None:
    """Return what changes with every write of a file; None if it is absent."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_ino, found.st_mtime_ns, found.st_size


def _read(path: Path) -> tuple[KeyEntry, ...]:
    try:
        plain = parse_json_object(path.read_bytes())
        return tuple(_entry(item) for item in plain["keys"])
    except OSError as error:
        raise _damaged(path, str(error.strerror)) from error
    except (ParseError, KeyError, TypeError, ValueError) as error:
        raise _damaged(path, type(error).__name__) from error


def _entry(item: dict[str, Any]) -> KeyEntry:
    if item.keys() != _ENTRY_KEYS or not _FILE_NAME.fullmatch(item["file"]):
        raise ValueError("not the entry of a key")
    if item["role"] not in (*ISSUER_ROLES, *REGION_ROLES, *WINDOW_ROLES):
        raise ValueError("no such role")
    until = item["valid_until"]
    return KeyEntry(
        file=item["file"],
        role=cast("KeyRole", item["role"]),
        public=PublicKey.from_jwk(item["jwk"]),
        types=tuple(map(str, item["types"])),
        valid_from=_moment(item["valid_from"]),
        valid_until=None if until is None else _moment(until),
    )


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


def _damaged(path: Path, detail: str) -> WorkspaceError:
    return WorkspaceError(
        f"密钥登记缺失或损坏（{detail}）", f"the keyring is absent or damaged ({detail})",
        where=str(path), fix_zh="请从备份恢复", fix_en="Use a backup",
    )  # fmt: skip
