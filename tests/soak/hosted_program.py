"""A program that writes into hosted wallets and rotates their keys until it is killed.

``python -m tests.soak.hosted_program DATABASE CUSTODY_FILE SEED`` prints a line after each thing
that was acknowledged: ``write ACCOUNT NUMBER``, ``rotated COUNT``.
"""

from __future__ import annotations

import hashlib
import random  # noqa: TID251 - a seeded order, repeatable
import sys

from ecert.wallet.custody_file import CustodyFile
from ecert.workspace.hosting import HostedDesk, wallets_at

ACCOUNTS = tuple(f"account {number}" for number in range(8))
PASSPHRASE = "nothing secret here"
# One in so many acts changes one wallet's data key, one in so many the custody key.
_RENEW_EVERY = 20
_ROTATE_EVERY = 100


def payload(account: str, number: int) -> bytes:
    """Return the content that an account has after so many writes: it tells whether it is whole."""
    begin = f"{account} {number} ".encode()
    # Of several pages of a database, and of another length each time.
    return begin + hashlib.sha256(begin).hexdigest().encode() * (1 + number * 37 % 400)


def number_in(content: bytes, account: str) -> int:
    """Return which write a content is from; fails if it is not exactly as it was written."""
    number = int(content.decode().rsplit(" ", 2)[1])
    assert content == payload(account, number), f"{account} is torn"
    return number


def main(database: str, custody_file: str, seed: str) -> None:
    """Write until killed."""
    chance = random.Random(int(seed))
    custody = CustodyFile.open(custody_file, PASSPHRASE)
    with wallets_at(database, custody) as wallets:
        desk = HostedDesk(wallets, custody)
        vaults = {account: wallets.vault(account) for account in ACCOUNTS}
        while True:
            account = chance.choice(ACCOUNTS)
            if chance.randrange(_ROTATE_EVERY) == 0:
                _tell(f"rotated {desk.rotate()}")
            elif chance.randrange(_RENEW_EVERY) == 0:
                wallets.renew_key(account)
            vault = vaults[account]
            number = number_in(vault.read(), account) + 1
            vault.write(payload(account, number))
            _tell(f"write {account.replace(' ', '_')} {number}")


def _tell(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main(*sys.argv[1:])
