"""The vault of one holder among many: a row in a database, under a data key of the holder's own.

What is bound to what stands in `ecert.wallet.hosted_rows`.  A row that was put back in an older
state is authentic by itself; only its state number tells, and only to someone who has seen a
higher one: this object while it lives, or whoever kept `HostedVault.state` elsewhere.
"""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Final, Self

from ecert import limits
from ecert.errors import StoreError, VaultError
from ecert.wallet import box, hosted_faults
from ecert.wallet.custodian import altered
from ecert.wallet.hosted_rows import MAX_NUMBER, HostedRow, RowChange, WrappedKey

if TYPE_CHECKING:
    from ecert.wallet.custodian import Custodian
    from ecert.wallet.hosted_rows import HostedRows

# How often the custody key may change while one data key is being wrapped.
_TRIES: Final = 5


class HostedVault:
    """One opaque payload in one row; nothing is asked of the database before `read` or `write`.

    The data key stays in memory as long as the object lives.  An object is for one thread;
    several processes may hold the same row and are kept from losing data.

    Args:
        rows: The database.
        custodian: What opens the holder's data key.
        handle: Which row.
        least_state: The lowest state that is taken for the newest: what `state` was when the
            caller last knew it.
    """

    __slots__ = ("_custodian", "_handle", "_key", "_new", "_rows", "_secret", "_state")

    def __init__(
        self, rows: HostedRows, custodian: Custodian, handle: bytes, *, least_state: int = 0
    ) -> None:
        self._rows = rows
        self._custodian = custodian
        self._handle = handle
        self._state = least_state
        self._new = False
        self._key: WrappedKey | None = None
        self._secret = b""

    @classmethod
    def new(cls, rows: HostedRows, custodian: Custodian, handle: bytes) -> Self:
        """Return a vault whose first `write` makes the row."""
        made = cls(rows, custodian, handle)
        made._new = True
        return made

    def __repr__(self) -> str:
        return f"HostedVault({self._handle.hex()[:8]}, state {self._state})"

    @property
    def state(self) -> int:
        """The number of the newest state that was read or written here; it rises with every write.

        Whoever keeps it outside the database can tell later that an older state was put back.
        """
        return self._state

    def read(self) -> bytes:
        """Return the payload as it stands in the database now; the next `write` builds on it.

        Of a new wallet, that is nothing.

        Raises:
            VaultError: There is no such wallet (of a new one: there is one already), an older
                state of it was put back, or the row is damaged, altered, or another holder's.
            StoreError: The database refuses.
        """
        row = self._rows.get(self._handle)
        if self._new:
            if row is not None:
                raise hosted_faults.taken(self._rows.name)
            return b""
        if row is None:
            raise hosted_faults.absent(self._rows.name)
        if not row.is_sound():
            raise hosted_faults.damaged(self._rows.name)
        payload = box.unlock(self._open(row.key), row.box, row.belongs)
        if payload is None:
            raise hosted_faults.damaged(self._rows.name)
        if row.state < self._state:
            raise hosted_faults.older(self._rows.name)
        self._state = row.state
        return payload

    def write(self, payload: bytes) -> None:
        """Replace the payload, durably and either wholly or not at all.

        Raises:
            VaultError: The row has changed since this object last read or wrote it, or is gone;
                a new wallet's account has one already; the payload is too large.
            StoreError: The database refuses.
            RuntimeError: Nothing was read yet.
        """
        _require_fits(payload, self._rows.name)
        if self._new:
            self._require_done(self._with_new_key(payload, 1))
            self._new = False
            return
        if self._key is None:
            raise RuntimeError("read the vault before it is written")
        row = _row(self._key, self._secret, self._state + 1, payload)
        self._require_done(self._rows.write(row))
        self._state = row.state

    def renew_key(self) -> None:
        """Put the payload under a new data key; copies of the database keep the old one.

        Raises:
            VaultError: As `read`, or the row was changed meanwhile.
            StoreError: The database refuses.
        """
        payload = self.read()
        self._require_done(self._with_new_key(payload, self._state + 1))

    def _with_new_key(self, payload: bytes, state: int) -> RowChange:
        """Write under a data key of its own, wrapped under the custody key of this moment."""
        secret, change = box.new_key(), RowChange.MOVED
        # Random, so that a wallet that was removed and made anew has no number of the old one's.
        number = secrets.randbelow(MAX_NUMBER) + 1
        for _ in range(_TRIES):
            hosting = self._rows.hosting()
            if hosting is None:
                raise hosted_faults.not_set_up(self._rows.name)
            key = _wrapped(self._custodian, self._handle, number, secret, hosting.custody)
            row = _row(key, secret, state, payload)
            change = self._rows.add(row) if self._new else self._rows.renew(row)
            if change is RowChange.DONE:
                self._key, self._secret, self._state = key, secret, state
            if change is not RowChange.MOVED:
                break
        return change

    def _open(self, key: WrappedKey) -> bytes:
        """Return the data key; what is wrapped just as before needs no custodian."""
        if key != self._key:
            self._secret = self._custodian.unwrap(key.wrapped, key.context, under=key.custody)
            self._key = key
        return self._secret

    def _require_done(self, change: RowChange) -> None:
        if change is RowChange.DONE:
            return
        if change is RowChange.TAKEN:
            raise hosted_faults.taken(self._rows.name)
        if change is RowChange.CHANGED:
            raise hosted_faults.changed(self._rows.name)
        raise StoreError(
            "保管密钥正在连续更换，未能写入", "the custody key keeps changing; nothing was written",
            where=self._rows.name, fix_zh="请稍后重试", fix_en="Try again later",
        )  # fmt: skip


def _wrapped(
    custodian: Custodian, handle: bytes, number: int, secret: bytes, custody: bytes
) -> WrappedKey:
    context = WrappedKey(handle, number, custody, b"").context
    return WrappedKey(handle, number, custody, custodian.wrap(secret, context, under=custody))


def rewrapped(custodian: Custodian, key: WrappedKey, custody: bytes) -> WrappedKey:
    """Return a data key wrapped under another custody key; the key itself stays.

    Raises:
        VaultError: It is damaged, altered, another's, or of an unknown custody key.
        CustodyError: The token or the key service refuses.
    """
    if not key.is_sound():
        raise altered()
    secret = custodian.unwrap(key.wrapped, key.context, under=key.custody)
    return _wrapped(custodian, key.handle, key.number, secret, custody)


def opens(custodian: Custodian, row: HostedRow) -> bool:
    """Whether a row opens as what it should be; nothing of its content is kept.

    Raises:
        CustodyError: The token or the key service refuses.
    """
    if not row.is_sound():
        return False
    try:
        secret = custodian.unwrap(row.key.wrapped, row.key.context, under=row.key.custody)
    except VaultError:
        return False
    return box.unlock(secret, row.box, row.belongs) is not None


def _row(key: WrappedKey, secret: bytes, state: int, payload: bytes) -> HostedRow:
    belongs = HostedRow(key, state, b"").belongs
    return HostedRow(key, state, box.lock(secret, payload, belongs))


def _require_fits(payload: bytes, where: str) -> None:
    if len(payload) > limits.MAX_HOSTED_WALLET_BYTES:
        mebibytes = limits.MAX_HOSTED_WALLET_BYTES // 2**20
        raise VaultError(
            f"内容超过{mebibytes} MB，一个托管卡包放不下",
            f"the content is over {mebibytes} MiB, too much for one hosted wallet",
            where=where,
            fix_zh="请删去不用的证照", fix_en="Remove licences no longer used",
        )  # fmt: skip
