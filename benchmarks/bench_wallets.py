"""Hosted wallets: what an app's back end does for each code, with many holders in its table."""

from __future__ import annotations

import argparse
import secrets
import tempfile
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING

import sample
from harness import Case, LocalBench, each
from raw import raw_signing, together
from report import Report

from ecert.store.engine import open_engine
from ecert.store.hosted import SQLHostedRows
from ecert.store.tables import hosted_wallet
from ecert.wallet import box
from ecert.wallet.custodian import MemoryCustodian
from ecert.wallet.hosted import HostedWallets
from ecert.wallet.hosted_rows import HostedRow, Hosting, RowChange

if TYPE_CHECKING:
    from collections.abc import Callable

    from ecert.store.engine import Engine

WALLETS = 100_000
_FILLED_AT_ONCE = 2_000


def main() -> None:
    """Measure and report."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--wallets", type=int, default=WALLETS, help="rows of the table")
    report = Report("wallets", "Hosted wallets", parser=parser)
    count: int = report.options.wallets
    with tempfile.TemporaryDirectory() as folder, open_engine(Path(folder) / "app.db") as engine:
        custodian = MemoryCustodian()
        wallets, licence, payload = _filled(engine, custodian, count)
        size = engine.size() / count
        report.write(
            f"- {count:,} wallets of one licence, each {len(payload):,} bytes; in SQLite "
            f"{size:,.0f} bytes a wallet",
            "",
        )
        report.table("In processor time", [_computing(wallets, licence, payload, count)])
        report.table("By the clock, durable", [_waiting(wallets, licence, payload, count)])
        renewed = HostedWallets(SQLHostedRows(engine), custodian.renewed())
        begin = perf_counter()
        moved = renewed.rotate()
        rate = moved / (perf_counter() - begin)
        report.write(f"Rotation of the custody key: {moved:,} wallets, {rate:,.0f} a second.", "")
    report.finish()


class _Filling(SQLHostedRows):
    """Takes rows in thousands, so that filling a table does not wait for a disk each time."""

    def __init__(self, engine: Engine) -> None:
        super().__init__(engine)
        self._hosting: Hosting | None = None
        self._rows: list[HostedRow] = []

    def hosting(self) -> Hosting | None:
        """Return what there is once, without asking twice."""
        self._hosting = self._hosting or super().hosting()
        return self._hosting

    def add(self, row: HostedRow) -> RowChange:
        """Keep a row for later."""
        self._rows.append(row)
        if len(self._rows) == _FILLED_AT_ONCE:
            self.flush()
        return RowChange.DONE

    def flush(self) -> None:
        """Write what was kept."""
        if not self._rows:
            return
        plain = [
            {
                "handle": row.key.handle, "custody": row.key.custody, "state": row.state,
                "key_number": row.key.number, "wrapped_key": row.key.wrapped, "box": row.box,
            }
            for row in self._rows
        ]  # fmt: skip
        with self._engine.write() as connection:
            connection.execute(hosted_wallet.insert(), plain)
        self._rows.clear()


def _filled(
    engine: Engine, custodian: MemoryCustodian, count: int
) -> tuple[HostedWallets, str, bytes]:
    """Fill a table; return its wallets, the licence that each holds, and their content."""
    issuer = sample.make_issuer()
    filling = _Filling(engine)
    wallets = HostedWallets.set_up(filling, custodian)
    licence = sample.issue(issuer, sample.ALL_FIELDS)
    hosted = HostedWallets(SQLHostedRows(engine), custodian)
    first = hosted.create("0", clock=lambda: sample.AT)
    first.add(issuer.deliver(licence.id, first.request(issuer.nonce())))
    payload = hosted.vault("0").read()
    for number in range(1, count):
        wallets.new_vault(str(number)).write(payload)
    filling.flush()
    return hosted, str(licence.id), payload


def _accounts(most: int) -> Callable[[int], list[str]]:
    return lambda count: [str(secrets.randbelow(most)) for _ in range(count)]


def _computing(wallets: HostedWallets, licence: str, payload: bytes, count: int) -> LocalBench:
    some = _accounts(count)
    signature = raw_signing("1 raw signature", [bytes(400)])
    key, wrapping = box.new_key(), box.new_key()
    locked, wrapped = box.lock(key, payload, b""), box.lock(wrapping, key, b"")

    def decrypt(_account: str) -> object:
        return box.unlock(wrapping, wrapped, b""), box.unlock(key, locked, b"")

    bare = Case("1 bare AES of the key, 1 of the wallet", each(some, decrypt))
    both = together("bare AES, then 1 raw signature", bare, signature)

    def open_and_show(account: str) -> object:
        return wallets.open(account, clock=lambda: sample.AT).show(licence)

    return LocalBench(
        "ecert",
        [
            signature,
            bare,
            both,
            Case("read the vault", each(some, lambda one: wallets.vault(one).read()), bare.name),
            Case("open the wallet", each(some, wallets.open), bare.name),
            Case("open, show minimal, close", each(some, open_and_show), both.name),
            Case("the same, by signatures alone", each(some, open_and_show), signature.name),
        ],
    )


def _waiting(wallets: HostedWallets, licence: str, payload: bytes, count: int) -> LocalBench:
    some = _accounts(count)

    def open_and_show(account: str) -> object:
        return wallets.open(account, clock=lambda: sample.AT).show(licence)

    def rewrite(account: str) -> None:
        vault = wallets.vault(account)
        vault.read()
        vault.write(payload)

    return LocalBench(
        "ecert",
        [
            Case("read the vault", each(some, lambda one: wallets.vault(one).read()), waits=True),
            Case("open, show minimal, close", each(some, open_and_show), waits=True),
            Case("read and write the vault", each(some, rewrite), waits=True),
        ],
    )


if __name__ == "__main__":
    main()
