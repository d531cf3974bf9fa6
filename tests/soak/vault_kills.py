"""SIGKILL at random moments while a wallet's file is written: added to, shown from, PIN tried,
passphrase changed, backed up, restored.

Runs in a process of its own, which forks a writer for each kill.
"""

from __future__ import annotations

import hashlib
import json
import os
import random  # noqa: TID251 - a seeded order, repeatable
import signal
import subprocess
import sys
import time
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

import ecert
from ecert.errors import VaultError, WalletError
from ecert.wallet import pin as pin_module
from ecert.wallet.content import read_content
from ecert.wallet.vault import CHEAPEST, Vault
from tests.conftest import ROOT
from tests.unit.wallet.holders import AT, NUMBER, ZHANG, delivered, issue, office

if TYPE_CHECKING:
    from ecert.show.delivery import Delivery

PASSPHRASES: Final = ("川渝通办-2026", "another passphrase")
PIN: Final = "482915"
_PATIENCE_SECONDS: Final = 60
_LONGEST_SECONDS: Final = 0.1


@dataclass(frozen=True, slots=True)
class VaultKills:
    """What came out.

    Attributes:
        kills: Writers killed.
        writes: Acts that had been acknowledged before.
        leftovers: Temporary files that the kills left behind.
        backups: Backups that exist; each of them opens.
    """

    kills: int
    writes: int
    leftovers: int
    backups: int


def kill_vault_writers(folder: Path, *, kills: int, seed: int) -> VaultKills:
    """Kill a wallet's writer so many times, and require the old or the new wallet each time."""
    command = [sys.executable, "-m", "tests.soak.vault_kills", str(folder), str(kills), str(seed)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return VaultKills(**json.loads(done.stdout))


class _Campaign:
    """One wallet in a folder of its own, and beside it what was acknowledged."""

    def __init__(self, folder: Path, seed: int) -> None:
        self.place, self.temporary = folder / "vault", folder / "tmp"
        self.acknowledged = folder / "acknowledged"
        for made in (self.place, self.temporary):
            made.mkdir()
        # Whatever a library might put aside would be found there.
        os.environ["TMPDIR"] = str(self.temporary)
        self.chance = random.Random(seed)
        self.known: set[str] = set()
        self.path = self.place / "zhang.wallet"
        wallet = ecert.Wallet.create(
            self.path, PASSPHRASES[0], owner=ZHANG, kdf=CHEAPEST, clock=lambda: AT
        )
        wallet.pin.set(PIN)
        issuer = office()
        self.deliveries = [delivered(issuer, wallet, issue(issuer)) for _ in range(3)]
        wallet.add(self.deliveries[0])
        self.needles = [
            ZHANG.name.encode(), NUMBER.encode(), PIN.encode(), b"ecert-wallet",
            wallet.keys.signer().jwk()["d"].encode(),
            self.deliveries[0].compact["minimal"],
        ]  # fmt: skip
        self.acknowledge(wallet, 0)

    def acknowledge(self, wallet: ecert.Wallet, passphrase: int) -> None:
        payload = Vault.open(self.path, PASSPHRASES[passphrase]).read()
        state = read_content(payload, "").state
        assert wallet.owner == ZHANG
        line = f"{state} {hashlib.sha256(payload).hexdigest()} {passphrase}\n"
        with self.acknowledged.open("a") as file:
            file.write(line)

    def last(self) -> tuple[int, str, int]:
        """What was acknowledged last; half a line of a killed writer says nothing."""
        lines = self.acknowledged.read_text().splitlines(keepends=True)
        whole = [line.split() for line in lines if line.endswith("\n") and line.count(" ") == 2]
        state, digest, passphrase = whole[-1]
        return int(state), digest, int(passphrase)

    def kill_one(self) -> None:
        """Fork a writer, wait until it has written once, and kill it some moment later."""
        before = self.acknowledged.stat().st_size
        seed = self.chance.random()
        child = os.fork()
        if child == 0:
            with suppress(BaseException):
                _write_for_ever(self, random.Random(seed))
            os._exit(1)
        deadline = time.monotonic() + _PATIENCE_SECONDS
        while self.acknowledged.stat().st_size == before:
            assert time.monotonic() < deadline, "the writer does not write"
            assert os.waitpid(child, os.WNOHANG)[0] == 0, "the writer ended by itself"
            time.sleep(0.001)
        time.sleep(self.chance.uniform(0, _LONGEST_SECONDS))
        os.kill(child, signal.SIGKILL)
        _, status = os.waitpid(child, 0)
        assert os.WIFSIGNALED(status), "the writer ended by itself"

    def require_sound(self) -> int:
        """Require the old or the new wallet, whole, and nothing readable; return leftovers."""
        files = [path for path in self.place.iterdir() if path.is_file()]
        for path in files:
            data = path.read_bytes()
            assert not any(needle in data for needle in self.needles), f"clear text in {path.name}"
        assert list(self.temporary.iterdir()) == []
        leftovers = {path.name for path in files if path.name.endswith(".tmp")} - self.known
        self.known |= leftovers
        state, digest, passphrase = self.last()
        payload = _opened(self.path, passphrase)
        found = read_content(payload, str(self.path)).state
        if found == state:
            assert hashlib.sha256(payload).hexdigest() == digest, "neither the old nor the new one"
        # A show with a PIN writes twice; restoring an older backup goes one beyond.
        assert state <= found <= state + 2, f"state {found} after {state} was acknowledged"
        for path in self.backups():
            read_content(_opened(path, passphrase), str(path))
        # Opening has tidied up; but a backup that never took its name has none to be opened by.
        stale = [path.name for path in self.place.iterdir() if path.name.endswith(".tmp")]
        assert not [name for name in stale if not name.startswith(".backup")], stale
        return len(leftovers)

    def backups(self) -> list[Path]:
        return sorted(self.place.glob("backup*"))


def _opened(path: Path, passphrase: int) -> bytes:
    """The payload, under the passphrase that was acknowledged or the one it was changed to."""
    for secret in (PASSPHRASES[passphrase], PASSPHRASES[1 - passphrase]):
        with suppress(VaultError):
            return Vault.open(path, secret).read()
    raise AssertionError(f"{path.name} does not open")


def _write_for_ever(campaign: _Campaign, chance: random.Random) -> None:
    pin_module.PIN_KDF = CHEAPEST  # type: ignore[misc]
    passphrase = campaign.last()[2]
    # A kill may have come between the change of passphrase and its acknowledgement.
    try:
        wallet = ecert.Wallet.open(campaign.path, PASSPHRASES[passphrase], clock=lambda: AT)
    except VaultError:
        passphrase = 1 - passphrase
        wallet = ecert.Wallet.open(campaign.path, PASSPHRASES[passphrase], clock=lambda: AT)
    while True:
        wallet, passphrase = _act(campaign, wallet, passphrase, chance)
        campaign.acknowledge(wallet, passphrase)


def _act(
    campaign: _Campaign, wallet: ecert.Wallet, passphrase: int, chance: random.Random
) -> tuple[ecert.Wallet, int]:
    """Do one thing that writes."""
    act = chance.choice(("add", "remove", "show", "wrong", "passphrase", "backup", "restore"))
    delivery: Delivery = chance.choice(campaign.deliveries)
    held = [one.id for one in wallet.licences]
    current = PASSPHRASES[passphrase]
    if act == "add" or not held:
        wallet.add(delivery)
    elif act == "remove":
        wallet.remove(chance.choice(held))
    elif act in {"show", "wrong"}:
        try:
            wallet.show(chance.choice(held), pin=PIN if act == "show" else "915482")
        except WalletError:
            if wallet.pin.tries_left == 0:
                wallet.pin.unlock(current)
    elif act == "passphrase":
        passphrase = 1 - passphrase
        wallet.change_passphrase(current, PASSPHRASES[passphrase])
    elif act == "backup":
        wallet.backup(campaign.place / f"backup{chance.randrange(10**9)}")
    elif saved := campaign.backups():
        wallet = _restored(campaign, chance.choice(saved), current)
    return wallet, passphrase


def _restored(campaign: _Campaign, backup: Path, current: str) -> ecert.Wallet:
    for secret in PASSPHRASES:
        with suppress(VaultError):
            return ecert.Wallet.restore(
                backup, secret, campaign.path, current_passphrase=current, replace_newer=True,
                clock=lambda: AT,
            )  # fmt: skip
    raise AssertionError("a backup does not open")


def main() -> None:
    """Kill and look, and print the figures."""
    folder, kills, seed = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
    pin_module.PIN_KDF = CHEAPEST  # type: ignore[misc]
    campaign = _Campaign(folder, seed)
    leftovers = 0
    for _ in range(kills):
        campaign.kill_one()
        leftovers += campaign.require_sound()
    writes = len(campaign.acknowledged.read_text().splitlines())
    figures = VaultKills(kills, writes, leftovers, len(campaign.backups()))
    print(json.dumps(asdict(figures)))


if __name__ == "__main__":
    main()
