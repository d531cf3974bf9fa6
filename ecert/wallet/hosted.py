"""Hosted wallets (托管卡包): the wallets of an app's many holders in one database.

Each holder has a random data key, wrapped under a custody key; a row is found by a keyed hash of
the account.  What stands in the database is written down in ``docs/formats/vault.md``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from ecert.clock import Clock, system_clock
from ecert.errors import VaultError
from ecert.wallet import box, hosted_faults
from ecert.wallet.accounts import handle_of
from ecert.wallet.hosted_rows import Hosting
from ecert.wallet.hosted_vault import HostedVault, opens, rewrapped
from ecert.wallet.wallet import Wallet, WalletKind

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from ecert.model.holders import Holder
    from ecert.wallet.custodian import Custodian
    from ecert.wallet.hosted_rows import HostedRows, WrappedKey

_INDEX_KEY: Final = b"ecert hosted index key\x00"
# Rows of one transaction while keys are wrapped anew.
BATCH: Final = 500
_CHECKED_AT_ONCE: Final = 100


@dataclass(frozen=True, slots=True)
class HostedCheck:
    """What came out of opening every wallet.

    Attributes:
        sound: How many open as what they should be.
        damaged: The handles of those that do not.
    """

    sound: int
    damaged: tuple[bytes, ...]


class HostedWallets:
    """The wallets of many holders, found by account.  Safe for several threads and processes.

    Args:
        rows: The database; `ecert.workspace.hosting` opens one.
        custodian: What holds the custody keys.

    Raises:
        VaultError: Nothing was set up there, or the custody key is another database's.
        StoreError: The database refuses.
    """

    def __init__(self, rows: HostedRows, custodian: Custodian) -> None:
        self._rows = rows
        self._custodian = custodian
        hosting = self._hosting()
        self._index_key = custodian.unwrap(hosting.wrapped_index, _INDEX_KEY, under=hosting.custody)

    @classmethod
    def set_up(cls, rows: HostedRows, custodian: Custodian) -> HostedWallets:
        """Make a database ready for hosted wallets, once.

        Raises:
            VaultError: It is set up already.
            StoreError: The database refuses.
        """
        if not rows.set_up(_wrapped_index(box.new_key(), custodian, custodian.newest)):
            raise hosted_faults.set_up_before(rows.name)
        return cls(rows, custodian)

    # -- wallets ------------------------------------------------------------------------------

    def create(
        self,
        account: str,
        *,
        alg: str = "ES256",
        kind: str = WalletKind.PERSONAL,
        owner: Holder | None = None,
        clock: Clock = system_clock,
    ) -> Wallet:
        """Make the wallet of an account, with a new key; never overwrites one.

        Args:
            account: How the app knows the holder; it is hashed and never stored.
            alg: The suite of the wallet's key, ``ES256`` or ``SGD_SM3_SM2``.
            kind: ``personal`` (一人一码) or ``enterprise`` (一企一码).
            owner: Whose it is; then it refuses licences of others.
            clock: Where the time of proofs and codes comes from.

        Raises:
            VaultError: The account has a wallet already.
            WalletError: ``owner`` is a person and ``kind`` a body's, or the reverse.
            FormatError: The account is empty or too long.
            StoreError: The database refuses.
        """
        return Wallet.found(
            self.new_vault(account), alg=alg, kind=kind, owner=owner, where=self._rows.name,
            clock=clock,
        )  # fmt: skip

    def open(self, account: str, *, least_state: int = 0, clock: Clock = system_clock) -> Wallet:
        """Open the wallet of an account.

        Args:
            account: As `create`.
            least_state: The lowest state that is taken for the newest; see `HostedVault.state`.
            clock: As `create`.

        Raises:
            VaultError: There is none, it is damaged, altered, another's, or older than that.
            FormatError: The account is empty or too long.
            StoreError: The database refuses.
        """
        vault = self.vault(account, least_state=least_state)
        return Wallet.over(vault, where=self._rows.name, clock=clock)

    def handle(self, account: str) -> bytes:
        """Return what stands for an account in this database: a keyed hash, 32 bytes.

        Raises:
            FormatError: The account is empty or too long.
        """
        return handle_of(self._index_key, account)

    def open_handle(self, handle: bytes, *, clock: Clock = system_clock) -> Wallet:
        """Open the wallet of the account that `handle` stands for: what a session remembers.

        Raises:
            VaultError: There is none, or it is damaged, altered or another's.
            StoreError: The database refuses.
        """
        return Wallet.over(self._at(handle), where=self._rows.name, clock=clock)

    def vault(self, account: str, *, least_state: int = 0) -> HostedVault:
        """Return the vault of an account's wallet; whether there is one shows when it is read.

        Raises:
            FormatError: The account is empty or too long.
        """
        return self._at(self.handle(account), least_state)

    def new_vault(self, account: str) -> HostedVault:
        """Return a vault for an account without a wallet; the first write makes the row.

        Raises:
            FormatError: The account is empty or too long.
        """
        return HostedVault.new(self._rows, self._custodian, self.handle(account))

    def remove(self, account: str) -> None:
        """Erase the wallet of an account with its wrapped key (right to erasure).

        Backups of the database keep it until they are erased, or until the custody key that it
        is under there is destroyed.

        Raises:
            VaultError: There is none.
            FormatError: The account is empty or too long.
            StoreError: The database refuses.
        """
        if not self._rows.remove(self.handle(account)):
            raise hosted_faults.absent(self._rows.name)

    def has(self, account: str) -> bool:
        """Whether an account has a wallet.

        Raises:
            FormatError: The account is empty or too long.
            StoreError: The database refuses.
        """
        return self._rows.get(self.handle(account)) is not None

    @property
    def count(self) -> int:
        """How many wallets there are."""
        return sum(self._rows.counts().values())

    # -- keys ---------------------------------------------------------------------------------

    @property
    def custody(self) -> bytes:
        """Id of the custody key that new wallets come under."""
        return self._hosting().custody

    @property
    def by_custody(self) -> Mapping[bytes, int]:
        """How many wallets there are under each custody key that is in use."""
        counts = dict(self._rows.counts())
        return {self.custody: 0} | counts

    def renew_key(self, account: str) -> None:
        """Put one wallet under a new data key.

        Raises:
            VaultError: As `open`, or another program changed it meanwhile.
            FormatError: The account is empty or too long.
            StoreError: The database refuses.
        """
        self.vault(account).renew_key()

    def rotate(
        self, *, batch: int = BATCH, told: Callable[[int], None] = lambda _done: None
    ) -> int:
        """Bring all data keys under the newest custody key, and return how many were not.

        Wallets stay in use meanwhile.  What was interrupted goes on when it is called again.

        Args:
            batch: Rows of one transaction.
            told: Called after each with how many are done.

        Raises:
            VaultError: A wrapped key is damaged, which is told when all others are done; or
                another program began to rotate at the same moment.
            StoreError: The database refuses.
        """
        target = self._custodian.newest
        self._go_over(target)
        done = 0
        # What cannot be wrapped anew stays where it is, and must not be tried for ever.
        left: set[bytes] = set()
        while keys := self._under_others(target, batch, left):
            pairs = []
            for key in keys:
                try:
                    pairs.append((key, rewrapped(self._custodian, key, target)))
                except VaultError:
                    left.add(key.handle)
            done += self._rows.rewrap(pairs)
            told(done)
        if left:
            raise hosted_faults.not_rewrapped(self._rows.name, len(left))
        return done

    def _under_others(self, target: bytes, most: int, left: set[bytes]) -> list[WrappedKey]:
        keys = self._rows.under_others(target, most + len(left))
        return [key for key in keys if key.handle not in left]

    def in_use(self) -> frozenset[bytes]:
        """Return the ids of the custody keys that something is still wrapped under.

        All others may be destroyed, but for the backups that need them.

        Raises:
            StoreError: The database refuses.
        """
        return frozenset(self.by_custody)

    def check(self) -> HostedCheck:
        """Open every wallet, and count those that are damaged, altered or another's.

        Raises:
            StoreError: The database refuses.
        """
        sound, damaged, last = 0, [], b""
        while rows := self._rows.after(last, _CHECKED_AT_ONCE):
            for row in rows:
                if opens(self._custodian, row):
                    sound += 1
                else:
                    damaged.append(row.key.handle)
            last = rows[-1].key.handle
        return HostedCheck(sound, tuple(damaged))

    # -- inside -------------------------------------------------------------------------------

    def _at(self, handle: bytes, least_state: int = 0) -> HostedVault:
        return HostedVault(self._rows, self._custodian, handle, least_state=least_state)

    def _hosting(self) -> Hosting:
        hosting = self._rows.hosting()
        if hosting is None:
            raise hosted_faults.not_set_up(self._rows.name)
        if not hosting.is_sound():
            raise hosted_faults.damaged(self._rows.name)
        return hosting

    def _go_over(self, target: bytes) -> None:
        """Have new data keys wrapped under ``target`` from now on, whoever makes them."""
        hosting = self._hosting()
        if hosting.custody == target:
            return
        if not self._rows.move(hosting, _wrapped_index(self._index_key, self._custodian, target)):
            # Somebody else rotates; going over again is harmless once that is done.
            raise hosted_faults.changed(self._rows.name)


def _wrapped_index(key: bytes, custodian: Custodian, custody: bytes) -> Hosting:
    return Hosting(custody, custodian.wrap(key, _INDEX_KEY, under=custody))
