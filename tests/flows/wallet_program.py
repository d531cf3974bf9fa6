"""A program that carries one flow of a wallet out, for a test that then searches the disk.

``python -m tests.flows.wallet_program FLOW FOLDER [DATABASE]`` prints ``secret NAME HEX`` for
whatever may not reach a disk, then ``ready``, and keeps everything open until it is killed.
A new flow is a function here and a line in `FLOWS`.
"""

from __future__ import annotations

import base64
import io
import json
import os
import re
import secrets
import sys
import threading
from contextlib import ExitStack, redirect_stdout
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import ecert
from ecert.cli.entry import run
from ecert.wallet.custody_file import CustodyFile
from ecert.wallet.vault import CHEAPEST, Vault
from ecert.workspace.hosting import wallets_at

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from ecert.wallet.hosted import HostedWallets
    from ecert.wallet.vault_like import VaultLike

AT = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)
# Long enough that no form of them is found by chance.
NAME = "欧阳文静芷若"
NUMBER = "510681199003071237"
FIELDS = {"准驾车型": "C1", "档案编号": "511600987654"}
ACCOUNT = "account-7731-of-the-app"
PIN = "482913"
TO = "重庆市渝中区政务服务中心三号窗口"
_LONG_CHARS = 16
OTHER_ACCOUNT = "account-9922-of-the-app"


@dataclass(frozen=True, slots=True)
class Scene:
    """Where a flow plays.

    Attributes:
        folder: The only place that may be written to.
        database: Address of an empty database; a file in the folder by default.
        passphrase: Of files.
        issuer: In memory; its register would have clear text, as an office's must.
        stack: Keeps open what was opened.
    """

    folder: Path
    database: str
    passphrase: str
    issuer: ecert.Issuer
    stack: ExitStack

    def tell(self, name: str, secret: bytes | str) -> None:
        """Tell the test what to look for."""
        data = secret.encode() if isinstance(secret, str) else secret
        sys.stdout.write(f"secret {name.replace(' ', '-')} {data.hex()}\n")

    def tell_all(self, vault: VaultLike) -> None:
        """Tell whatever is in a vault, and what it is encrypted with."""
        content = json.loads(vault.read())
        for number, value in enumerate(_private(content)):
            self.tell(f"private key {number}", value)
            self.tell(f"private key {number} as bytes", _bytes_of(value))
        for number, text in enumerate(_texts(content)):
            self.tell(f"content {number}", text)
        for name, told in (("_key", "derived key"), ("_secret", "data key")):
            key = getattr(vault, name, None)
            if isinstance(key, bytes):
                self.tell(told, key)

    def fill(self, wallet: ecert.Wallet) -> str:
        """Issue a licence, add it, show it, and tell the code; returns the licence's id."""
        licence = self.issuer.issue(
            "机动车驾驶证", number=NUMBER, holder=ecert.Holder(NAME, NUMBER), fields=FIELDS,
            valid_until=date(2031, 6, 1),
        )  # fmt: skip
        wallet.add(self.issuer.deliver(licence.id, wallet.request(self.issuer.nonce())))
        for profile in ("minimal", "full"):
            self.tell(f"show code {profile}", wallet.show(licence.id, profile=profile).text)
        self.tell("licence id", str(licence.id))
        return str(licence.id)


def _private(value: Any) -> Iterator[str]:
    """Yield every private key in a wallet's content, wherever it stands."""
    if isinstance(value, dict):
        if isinstance(value.get("d"), str):
            yield value["d"]
        value = list(value.values())
    if isinstance(value, list):
        for one in value:
            yield from _private(one)


def _texts(value: Any) -> Iterator[str]:
    """Yield the ends of all longer texts of a wallet's content, and of the parts of a token."""
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        for one in value:
            yield from _texts(one)
    if isinstance(value, str):
        yield from (part[-48:] for part in re.split("[~.]", value) if len(part) >= _LONG_CHARS)


def _bytes_of(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


# -- flows ------------------------------------------------------------------------------------


def file_wallet(scene: Scene) -> object:
    """Create, add, show, remove, add again."""
    path = scene.folder / "zhang.wallet"
    wallet = ecert.Wallet.create(path, scene.passphrase, kdf=CHEAPEST, clock=lambda: AT)
    wallet.remove(scene.fill(wallet))
    scene.fill(wallet)
    vault = Vault.open(path, scene.passphrase)
    scene.tell_all(vault)
    return wallet, vault


def file_passphrase(scene: Scene) -> object:
    """Change the passphrase of a filled wallet."""
    path = scene.folder / "zhang.wallet"
    wallet = ecert.Wallet.create(path, scene.passphrase, kdf=CHEAPEST, clock=lambda: AT)
    scene.fill(wallet)
    vault = Vault.open(path, scene.passphrase)
    scene.tell_all(vault)
    scene.tell("new passphrase", new := secrets.token_urlsafe(12))
    vault.change_passphrase(new)
    scene.tell("derived key", vault._key)
    return ecert.Wallet.open(path, new), vault


def file_keeping(scene: Scene) -> object:
    """Several keys, an owner, a PIN typed right and wrong, the log, a passphrase, a backup."""
    path, copy = scene.folder / "zhang.wallet", scene.folder / "zhang.backup"
    owner = ecert.Holder(NAME, NUMBER)
    wallet = ecert.Wallet.create(
        path, scene.passphrase, owner=owner, kdf=CHEAPEST, clock=lambda: AT
    )
    _keep(scene, wallet)
    wallet.pin.set(PIN, passphrase=scene.passphrase)
    _show_with_pin(scene, wallet)
    scene.tell("new passphrase", new := secrets.token_urlsafe(12))
    wallet.change_passphrase(scene.passphrase, new)
    scene.tell("passphrase of the backup", of_backup := secrets.token_urlsafe(12))
    wallet.backup(copy, passphrase=of_backup, kdf=CHEAPEST)
    wallet.clear_log()
    restored = ecert.Wallet.restore(
        copy, of_backup, path, current_passphrase=new, replace_newer=True, clock=lambda: AT
    )
    scene.tell_all(Vault.open(path, new))
    scene.tell_all(Vault.open(copy, of_backup))
    return wallet, restored


def hosted_keeping(scene: Scene) -> object:
    """The same in a database: several keys, a PIN, the log, a backup into a file."""
    wallets = scene.stack.enter_context(wallets_at(scene.database, _custody(scene)))
    wallet = wallets.create(ACCOUNT, owner=ecert.Holder(NAME, NUMBER), clock=lambda: AT)
    _keep(scene, wallet)
    wallet.pin.set(PIN, proven=True)
    _show_with_pin(scene, wallet)
    scene.tell("passphrase of the backup", of_backup := secrets.token_urlsafe(12))
    wallet.backup(scene.folder / "zhang.backup", passphrase=of_backup, kdf=CHEAPEST)
    scene.tell_all(Vault.open(scene.folder / "zhang.backup", of_backup))
    _tell_hosted(scene, wallets, ACCOUNT)
    return wallets


def command_line(scene: Scene) -> object:
    """Make, list, look and remove by the command line, which asks a file for the passphrase."""
    defaults: dict[str, Any] = ecert.Wallet.create.__kwdefaults__ or {}
    defaults["kdf"] = CHEAPEST
    os.environ["ECERT_WALLET_PASSPHRASE"] = scene.passphrase
    path = str(scene.folder / "zhang.wallet")

    def said(*words: str) -> int:
        # What is told on the screen is for the holder; here it would be taken for secrets.
        with redirect_stdout(io.StringIO()):
            return run(["wallet", *words, "--json"])

    assert said("create", path) == 0
    scene.fill(ecert.Wallet.open(path, scene.passphrase, clock=lambda: AT))
    scene.tell_all(Vault.open(path, scene.passphrase))
    assert [said("list", path), said("show", path, "1"), said("show", path, "9")] == [0, 0, 1]
    assert said("remove", path, "1", "--yes") == 0
    return None


def hosted(scene: Scene) -> object:
    """Create, add, show, refuse, rotate both kinds of keys, remove, write on."""
    custody = _custody(scene)
    wallets = scene.stack.enter_context(wallets_at(scene.database, custody))
    scene.tell("index key", wallets._index_key)
    for account in (ACCOUNT, OTHER_ACCOUNT):
        scene.fill(wallets.create(account, clock=lambda: AT))
        _tell_hosted(scene, wallets, account)
    late = wallets.vault(ACCOUNT)
    payload = late.read()
    wallets.renew_key(ACCOUNT)
    _tell_hosted(scene, wallets, ACCOUNT)
    _refused(lambda: late.write(payload))
    _refused(lambda: wallets.create(ACCOUNT))
    custody.renew()
    _tell_custody(scene, custody)
    assert wallets.rotate() == 2
    wallets.remove(OTHER_ACCOUNT)
    scene.fill(wallets.open(ACCOUNT, clock=lambda: AT))
    _tell_hosted(scene, wallets, ACCOUNT)
    return wallets


def file_crash(scene: Scene) -> object:
    """Write without end; killed in the middle."""
    path = scene.folder / "zhang.wallet"
    wallet = ecert.Wallet.create(path, scene.passphrase, kdf=CHEAPEST, clock=lambda: AT)
    scene.fill(wallet)
    vault = Vault.open(path, scene.passphrase)
    scene.tell_all(vault)
    return _without_end(vault)


def hosted_crash(scene: Scene) -> object:
    """Write without end into a database; killed in the middle."""
    wallets = scene.stack.enter_context(wallets_at(scene.database, _custody(scene)))
    scene.fill(wallets.create(ACCOUNT, clock=lambda: AT))
    _tell_hosted(scene, wallets, ACCOUNT)
    return _without_end(wallets.vault(ACCOUNT))


def planted(scene: Scene) -> object:
    """Do what no program may: a deleted file in the temporary folder, still open."""
    import tempfile

    file = tempfile.TemporaryFile()  # noqa: SIM115 - kept open on purpose
    file.write(NAME.encode("utf-16-le"))
    file.flush()
    return file


FLOWS: dict[str, Callable[[Scene], object]] = {
    "file-wallet": file_wallet,
    "file-passphrase": file_passphrase,
    "file-keeping": file_keeping,
    "command-line": command_line,
    "hosted-keeping": hosted_keeping,
    "hosted": hosted,
    "file-crash": file_crash,
    "hosted-crash": hosted_crash,
    "planted": planted,
}


def _custody(scene: Scene) -> CustodyFile:
    custody = CustodyFile.create(scene.folder / "custody.key", scene.passphrase, kdf=CHEAPEST)
    _tell_custody(scene, custody)
    return custody


def _tell_custody(scene: Scene, custody: CustodyFile) -> None:
    for number, key in enumerate(custody._held.keys.values()):
        scene.tell(f"custody key {number}", key)
    scene.tell("custody file's key", custody._vault._key)


def _tell_hosted(scene: Scene, wallets: HostedWallets, account: str) -> None:
    scene.tell_all(wallets.vault(account))


def _keep(scene: Scene, wallet: ecert.Wallet) -> None:
    wallet.keys.add()
    scene.fill(wallet)


def _show_with_pin(scene: Scene, wallet: ecert.Wallet) -> None:
    scene.tell("pin", PIN)
    scene.tell("shown to", TO)
    licence = wallet.licences[0].id
    _refused(lambda: wallet.show(licence, pin="482914", to=TO))
    scene.tell("show code with pin", wallet.show(licence, pin=PIN, to=TO, matter=TO).text)
    assert [one.to for one in wallet.log.records][-1] == TO


def _refused(act: Callable[[], object]) -> None:
    try:
        act()
    except ecert.EcertError as error:
        sys.stderr.write(f"{error}\n")  # a refusal must not tell either
    else:
        raise AssertionError("was not refused")


def _without_end(vault: VaultLike) -> object:
    payload = vault.read()

    def work() -> None:
        while True:
            vault.write(payload)

    threading.Thread(target=work, daemon=True).start()
    return vault


def main(flow: str, folder: str, database: str = "") -> None:
    """Carry a flow out, and wait."""
    place = Path(folder)
    passphrase = secrets.token_urlsafe(12)
    issuer = ecert.Issuer.demo("四川省广安市公安局", region="511600", clock=lambda: AT)
    database = database or f"sqlite:///{place / 'wallets.db'}"
    with ExitStack() as stack:
        scene = Scene(place, database, passphrase, issuer, stack)
        for name, secret in (
            ("name", NAME), ("number", NUMBER), ("field", FIELDS["档案编号"]),
            ("passphrase", passphrase), ("account", ACCOUNT), ("other account", OTHER_ACCOUNT),
        ):  # fmt: skip
            scene.tell(name, secret)
        stack.callback(id, FLOWS[flow](scene))
        sys.stdout.write("ready\n")
        sys.stdout.flush()
        sys.stdin.read()


if __name__ == "__main__":
    main(*sys.argv[1:])
