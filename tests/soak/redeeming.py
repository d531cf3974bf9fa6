"""Many windows redeem at two processes of one show service, one of which is killed meanwhile.

Each code is asked for by two windows at once, each at another process.
"""

from __future__ import annotations

import socket
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import httpx

import ecert
from ecert.clock import system_clock
from ecert.online.storage import AttemptOutcome
from ecert.online.verifiers import new_verifier
from ecert.show.online import OnlineCode, audience_of
from ecert.sign.keys import PublicKey
from ecert.wallet.vault import CHEAPEST
from ecert.workspace import Workspace
from ecert.workspace.show_desk import show_desk
from tests.conftest import ROOT

if TYPE_CHECKING:
    from pathlib import Path

REGION: Final = "511600"
NUMBER: Final = "510681199003071237"
PURPOSE: Final = {
    "orgName": "重庆市政务服务中心", "username": "窗口", "itemName": "机动车业务",
    "itemCode": "1", "businessCode": "2", "useCause": "核验",
}  # fmt: skip
PROCESSES: Final = 2
_PATIENCE: Final = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class RedeemFigures:
    """What came out.

    Attributes:
        codes: How many were deposited.
        served: How many were handed over, and the answer arrived.
        lost: How many were handed over, and the answer was lost with the process.
        unused: How many were asked for only at the process that was gone.
        missed: Answers that there is nothing to be had.
        twice: Codes that two windows got; it must be none.
        seconds: How long it took, deposits included.
    """

    codes: int
    served: int
    lost: int
    unused: int
    missed: int
    twice: int
    seconds: float


class _Service:
    """One process of the service on a port of its own; may be killed and started again."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        with socket.create_server(("127.0.0.1", 0)) as probe:
            self.port = int(probe.getsockname()[1])
        self.url = f"http://127.0.0.1:{self.port}"
        self.start()

    def start(self) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.soak.show_service_program",
             self._folder, str(self.port)], cwd=ROOT,
        )  # fmt: skip
        until = time.monotonic() + _PATIENCE
        while True:
            try:
                httpx.get(f"{self.url}/health", trust_env=False)
            except httpx.HTTPError:
                assert self.process.poll() is None, "the service did not start"
                assert time.monotonic() < until, "the service did not start in time"
                time.sleep(0.05)
            else:
                return

    def stop(self) -> None:
        self.process.terminate()
        assert self.process.wait(_PATIENCE) is not None


@dataclass
class _Counts:
    lock: threading.Lock = field(default_factory=threading.Lock)
    done: int = 0
    got: dict[str, int] = field(default_factory=dict)
    missed: int = 0

    def add(self, code: str, status: int | None) -> None:
        with self.lock:
            self.done += 1
            self.got.setdefault(code, 0)
            if status == 200:
                self.got[code] += 1
            elif status is not None:
                assert status == 404, status
                self.missed += 1


def redeem_at_once(
    folder: Path, *, codes: int, clients: int, database: str | None = None
) -> RedeemFigures:
    """Deposit and redeem, kill one process in the middle, and see what became of it.

    Args:
        folder: Where.
        codes: How many codes, all clients together.
        clients: How many work at once, each with a wallet and a verifier's token.
        database: Address of an empty database; None for SQLite.
    """
    office = folder / "office"
    wallets, licences, tokens = _prepare(folder, office, clients, database)
    services = [_Service(office) for _ in range(PROCESSES)]
    counts, began = _Counts(), time.monotonic()
    killer = threading.Thread(target=_kill_halfway, args=(services[0], counts, codes))
    killer.start()

    def work(number: int) -> None:
        mine, rival = tokens[number], tokens[(number + 1) % clients]
        with (
            httpx.Client(trust_env=False, timeout=_PATIENCE) as http,
            httpx.Client(trust_env=False, timeout=_PATIENCE) as other,
            ThreadPoolExecutor(1) as second,
        ):
            for turn in range(number, codes, clients):
                code = _deposit(http, services, wallets[number], licences[number])
                first, last = services[turn % 2], services[1 - turn % 2]
                racing = second.submit(_redeem, other, first, code, rival)
                counts.add(code, _redeem(http, last, code, mine))
                counts.add(code, racing.result())

    with ThreadPoolExecutor(clients) as pool:
        list(pool.map(work, range(clients)))
    killer.join()
    seconds = time.monotonic() - began
    for service in services:
        service.stop()
    return _figures(office, wallets, counts, seconds)


def _prepare(
    folder: Path, office: Path, clients: int, database: str | None
) -> tuple[list[ecert.Wallet], list[str], list[str]]:
    at = system_clock()
    wallets, licences, tokens = [], [], []
    with Workspace.init(
        office, region=REGION, name="四川省广安市公安局", demo=True, database=database
    ) as workspace:
        workspace.bundle()
        workspace.knowledge.pin(ecert.demo_roots("500000"))
        workspace.knowledge.accept(ecert.fixture("川渝互认清单"))
        issuer, store = workspace.issuer, show_desk(workspace).store
        for number in range(clients):
            licence = issuer.issue(
                "机动车驾驶证", number=NUMBER, holder=ecert.Holder("张伟", NUMBER),
                fields={"准驾车型": "C1"}, valid_until=None,
            )  # fmt: skip
            wallet = ecert.Wallet.create(folder / f"{number}.wallet", "nothing here", kdf=CHEAPEST)
            wallet.add(issuer.deliver(licence.id, wallet.request(issuer.nonce())))
            record, token = new_verifier(region="500000", office="窗口", days=1, at=at)
            store.add_verifier(record)
            wallets.append(wallet)
            licences.append(str(licence.id))
            tokens.append(token)
    return wallets, licences, tokens


def _kill_halfway(service: _Service, counts: _Counts, codes: int) -> None:
    while counts.done < codes:  # of twice as many attempts
        time.sleep(0.02)
    service.process.kill()
    service.process.wait()
    service.start()


def _deposit(
    http: httpx.Client, services: list[_Service], wallet: ecert.Wallet, licence: str
) -> str:
    code = OnlineCode.new(REGION)
    shown = wallet.present(licence, audience=audience_of(REGION), nonce=code.nonce)
    body = {"code": code.text, "tokens": shown, "life": 300}
    # A deposit may be sent again, wherever the first has come to.
    for _ in range(3):
        for service in services:
            try:
                answer = http.post(f"{service.url}/v1/codes", json=body)
            except httpx.TransportError:
                continue
            assert answer.status_code == 200, answer.text
            return code.text
    raise AssertionError("nobody took the deposit")


def _redeem(http: httpx.Client, service: _Service, code: str, token: str) -> int | None:
    """Ask once; None if no answer came."""
    headers = {"Authorization": f"Bearer {token}"}
    body = {"code": code, "purpose": PURPOSE}
    try:
        return http.post(f"{service.url}/v1/redeem", json=body, headers=headers).status_code
    except httpx.TransportError:
        return None


def _key_of(wallet: ecert.Wallet) -> PublicKey:
    return PublicKey.from_jwk(wallet.fields(wallet.licences[0].id)["cnf"]["jwk"])


def _figures(
    office: Path, wallets: list[ecert.Wallet], counts: _Counts, seconds: float
) -> RedeemFigures:
    # From the log: codes themselves are forgotten some minutes after their end.
    with Workspace.open(office) as workspace:
        desk = show_desk(workspace)
        attempts = [
            attempt
            for wallet in wallets
            for attempt in desk.store.attempts_of(
                desk.locker.holder(_key_of(wallet)), most=2 * len(counts.got)
            )
        ]
    used = sum(one.outcome is AttemptOutcome.SERVED for one in attempts)
    served = sum(times > 0 for times in counts.got.values())
    assert served <= used <= len(counts.got), "more were handed over than there were codes"
    return RedeemFigures(
        codes=len(counts.got), served=served, lost=used - served,
        unused=len(counts.got) - used, missed=counts.missed,
        twice=sum(times > 1 for times in counts.got.values()), seconds=seconds,
    )  # fmt: skip
