"""Opens an app's hosted wallets: the workspace's database, and the custody keys in a file.

The file is ``custody.key`` in the workspace's folder unless another is named; keep it, and its
backup, apart from the database's.
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from ecert.store.engine import open_engine
from ecert.store.hosted import SQLHostedRows
from ecert.wallet import hosted_faults
from ecert.wallet.custody_file import CustodyFile
from ecert.wallet.hosted import HostedWallets
from ecert.wallet.vault import STANDARD
from ecert.workspace.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from ecert.wallet.custodian import Custodian
    from ecert.wallet.vault import KDF
    from ecert.workspace.workspace import Workspace

CUSTODY: Final = "custody.key"


@dataclass(frozen=True, slots=True)
class HostedDesk:
    """What an operator does with hosted wallets and their custody keys.

    Attributes:
        wallets: The wallets.
        custody: The custody keys.
    """

    wallets: HostedWallets
    custody: CustodyFile

    @property
    def unfinished(self) -> int:
        """How many wallets an interrupted rotation has left under older custody keys."""
        newest = self.custody.newest
        return sum(count for one, count in self.wallets.by_custody.items() if one != newest)

    def rotate(self, told: Callable[[int], None] = lambda _done: None) -> int:
        """Make a new custody key and bring all wallets under it; return how many were moved.

        What was interrupted is finished first, without another key.

        Args:
            told: Called now and then with how many are done.

        Raises:
            VaultError: A wrapped key is damaged, or another program rotates.
            StoreError: The database refuses.
        """
        if self.is_moved:
            self.custody.renew()
        return self.wallets.rotate(told=told)

    @property
    def is_moved(self) -> bool:
        """Whether everything is under the newest custody key."""
        return self.wallets.custody == self.custody.newest and not self.unfinished

    @property
    def unused(self) -> tuple[bytes, ...]:
        """The ids of the custody keys that nothing in the database is under any more."""
        used = self.wallets.in_use() | {self.custody.newest}
        return tuple(one for one in self.custody.ids if one not in used)

    def retire(self) -> tuple[bytes, ...]:
        """Destroy the custody keys that are `unused`, and return their ids.

        Backups of the database from before the rotation cannot be opened any more.

        Raises:
            VaultError: Another program has changed the file.
            StoreError: The database refuses.
        """
        unused = self.unused
        if unused:
            self.custody.forget(unused)
        return unused


def set_up_wallets(
    folder: str | Path, passphrase: str, *, key_file: Path | None = None, kdf: KDF = STANDARD
) -> None:
    """Make the workspace in ``folder`` ready for hosted wallets, with a new custody key.

    What was interrupted is finished when it is called again with the same passphrase.

    Args:
        folder: The workspace.
        passphrase: Of the new custody key file, at least eight characters.
        key_file: The file; ``custody.key`` in the folder by default.
        kdf: What guessing the passphrase shall cost.

    Raises:
        WorkspaceError: The folder is no workspace.
        VaultError: It is set up already; or the file cannot be made.
        StoreError: The database refuses.
    """
    path = custody_path(folder, key_file)
    with _rows(folder) as rows:
        _require_new(rows)
        if path.exists():
            custody = CustodyFile.open(path, passphrase)
        else:
            custody = CustodyFile.create(path, passphrase, kdf=kdf)
        HostedWallets.set_up(rows, custody)


def require_not_set_up(folder: str | Path) -> None:
    """Require a workspace without hosted wallets.

    Raises:
        WorkspaceError: The folder is no workspace.
        VaultError: It has them already.
        StoreError: The database refuses.
    """
    with _rows(folder) as rows:
        _require_new(rows)


@contextmanager
def open_wallets(
    folder: str | Path, passphrase: str, *, key_file: Path | None = None
) -> Iterator[HostedDesk]:
    """Open the hosted wallets of the workspace in ``folder`` for the length of the block.

    Raises:
        WorkspaceError: The folder is no workspace.
        VaultError: Nothing is set up there, wrong passphrase, or another database's custody key.
        StoreError: The database refuses.
    """
    with _rows(folder) as rows:
        if rows.hosting() is None:
            raise hosted_faults.not_set_up(rows.name)
        custody = CustodyFile.open(custody_path(folder, key_file), passphrase)
        yield HostedDesk(HostedWallets(rows, custody), custody)


def wallets_in(
    workspace: Workspace, passphrase: str, *, key_file: Path | None = None
) -> HostedWallets:
    """Return the hosted wallets of an open workspace, for as long as it is open.

    Raises:
        VaultError: Nothing is set up there, wrong passphrase, or another database's custody key.
        StoreError: The database refuses.
    """
    custody = CustodyFile.open(custody_path(workspace.path, key_file), passphrase)
    return HostedWallets(SQLHostedRows(workspace.engine), custody)


@contextmanager
def wallets_at(url: str | Path, custodian: Custodian) -> Iterator[HostedWallets]:
    """Open the hosted wallets in a database by its address, under any custodian.

    An empty database is made ready.  This is for programs without a workspace.

    Raises:
        VaultError: The custody key is another database's.
        StoreError: The database refuses.
    """
    with open_engine(url) as engine:
        rows = SQLHostedRows(engine)
        if rows.hosting() is None:
            yield HostedWallets.set_up(rows, custodian)
        else:
            yield HostedWallets(rows, custodian)


def count_wallets(folder: str | Path) -> dict[bytes, int]:
    """Return how many wallets there are by custody key; needs no passphrase.

    Raises:
        WorkspaceError: The folder is no workspace.
        VaultError: Nothing is set up there.
        StoreError: The database refuses.
    """
    with _rows(folder) as rows:
        hosting = rows.hosting()
        if hosting is None:
            raise hosted_faults.not_set_up(rows.name)
        return {hosting.custody: 0} | rows.counts()


def _require_new(rows: SQLHostedRows) -> None:
    if rows.hosting() is not None:
        raise hosted_faults.set_up_before(rows.name)


def custody_path(folder: str | Path, key_file: Path | None = None) -> Path:
    """Return where the custody key file is."""
    return Path(folder) / CUSTODY if key_file is None else key_file


@contextmanager
def _rows(folder: str | Path) -> Iterator[SQLHostedRows]:
    place = Path(folder).resolve()
    # Never made anew: an empty database has forgotten every wallet.
    with open_engine(Settings.read(place).database_in(place), make=False) as engine:
        yield SQLHostedRows(engine)
