"""SM2 with SM3: ecert beside the bare EVP calls, GmSSL, and the most downloaded pure Python."""

from __future__ import annotations

import ctypes.util
import json
import os
import subprocess
import sys
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Any

from harness import Case, LocalBench, each
from raw_sm2 import NAME, foreign, raw_signing, raw_verifying
from report import Report, warn

from ecert.sign import sm2
from ecert.sign.der import signature as to_der
from ecert.sign.keys import PrivateKey, PublicKey
from ecert.sign.sm2_digest import DEFAULT_UID, message_digest
from ecert.sign.sm2_pure import Verifier
from ecert.sign.strict import b64url_decode

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
sys.path.append(str(ROOT / "scripts"))

import bootstrap  # noqa: E402 - found in scripts/

if TYPE_CHECKING:
    from collections.abc import Mapping

    from harness import Bench, Figures

_PEER = ROOT / ".venv-bench-gmssl"
_GMSSL = "gmssl==3.2.2"
MESSAGE = bytes(range(240)) * 5


class Task:
    """One key, one message, one signature, for all."""

    def __init__(self) -> None:
        self.key = PrivateKey.generate("SGD_SM3_SM2")
        # gmssl strips the digits 0 and 4 from the front of a public key, and then fails.
        while self.key.public.point[0].hex()[0] in "04":
            self.key = PrivateKey.generate("SGD_SM3_SM2")
        self.d = b64url_decode(self.key.jwk()["d"])
        self.point = b"".join(self.key.public.point)
        self.signature = self.key.sign(MESSAGE)

    def ours(self, subject: str) -> LocalBench:
        """Return ecert's cases."""
        es256 = PrivateKey.generate()
        if subject == "sign":
            return LocalBench(
                f"ecert, {sm2.backend()}",
                [
                    raw_signing(self.d, MESSAGE),
                    foreign("sign", lambda: self.key.sign(MESSAGE)),
                    foreign("ES256, for comparison", lambda: es256.sign(MESSAGE)),
                ],
            )
        return LocalBench(f"ecert, {sm2.backend()}", self._verifying(es256))

    def _verifying(self, es256: PrivateKey) -> list[Case]:
        public, cose_key = self.key.public, self.key.public.cose_key()
        other = es256.sign(MESSAGE)
        new_keys = each(
            lambda count: [cose_key] * count,
            lambda key: PublicKey.from_cose_key(key).verify(self.signature, MESSAGE),
        )
        return [
            raw_verifying(self.d, MESSAGE, self.signature),
            foreign("verify", lambda: public.verify(self.signature, MESSAGE)),
            Case("read a compressed key, verify", new_keys, NAME),
            foreign("ES256, for comparison", lambda: es256.public.verify(other, MESSAGE)),
        ]

    def without_libcrypto(self) -> LocalBench:
        """Return what a verifier does whose OpenSSL has no SM2."""
        x, y = self.key.public.point
        point = int.from_bytes(x), int.from_bytes(y)
        r, s = int.from_bytes(self.signature[:32]), int.from_bytes(self.signature[32:])
        often = Verifier(point)

        def verify(verifier: Verifier) -> None:
            if not verifier.verify(message_digest(DEFAULT_UID, x, y, MESSAGE), r, s):
                raise ValueError("it does not verify")

        for _ in range(100):
            verify(often)
        once = each(lambda count: [Verifier(point) for _ in range(count)], verify)
        return LocalBench(
            "ecert, Python alone",
            [
                raw_verifying(self.d, MESSAGE, self.signature),
                foreign("verify, a key met often", lambda: verify(often)),
                Case("verify, a new key each time", once, NAME),
            ],
        )

    def gmssl_pyx(self, subject: str) -> LocalBench:
        """Return GmSSL, as gmssl-pyx has it built in.

        Raises:
            ImportError: It has no wheel for this processor.
        """
        import gmssl_pyx  # noqa: PLC0415 - not everywhere

        der = to_der(self.signature)
        title = f"gmssl-pyx {metadata.version('gmssl-pyx')}, GmSSL inside"
        if subject == "sign":
            sign = foreign("sign", lambda: gmssl_pyx.sm2_sign(self.d, self.point, MESSAGE))
            return LocalBench(title, [raw_signing(self.d, MESSAGE), sign])
        verify = foreign("verify", lambda: gmssl_pyx.sm2_verify(self.point, MESSAGE, der))
        return LocalBench(title, [raw_verifying(self.d, MESSAGE, self.signature), verify])

    def for_peer(self) -> dict[str, str]:
        """Return all of it for another process."""
        return {
            "d": self.d.hex(), "point": self.point.hex(),
            "message": MESSAGE.hex(), "signature": self.signature.hex(),
        }  # fmt: skip


class Peer:
    """gmssl, in a process and an environment of its own; a `harness.Bench`."""

    def __init__(self, subject: str, task: Task) -> None:
        self._process = subprocess.Popen(  # noqa: S603 - our own program
            [_PEER / "bin" / "python", HERE / "peers" / "peer_gmssl.py", subject],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=os.environ | {"PYTHONPATH": f"{HERE}{os.pathsep}{ROOT}"},
        )
        introduction = self._ask(task.for_peer())
        self.title: str = introduction["title"]
        self.raw: Mapping[str, str | None] = introduction["raw"]

    def round(self) -> Figures:
        """Run every case once, over there."""
        figures: Figures = self._ask(None)
        return figures

    def _ask(self, question: object) -> Any:
        if self._process.stdin is None or self._process.stdout is None:
            raise OSError("gmssl has no pipes")
        self._process.stdin.write(json.dumps(question) + "\n")
        self._process.stdin.flush()
        answer = self._process.stdout.readline()
        if not answer:
            raise OSError("gmssl ended without an answer")
        return json.loads(answer)

    def close(self) -> None:
        """Let the process end."""
        self._process.communicate()


def main() -> None:
    """Measure and report."""
    report = Report("sm2", "SM2 with SM3")
    system = ctypes.util.find_library("gmssl")
    report.write(
        f"SM2 in ecert: {sm2.backend()}.  GmSSL as a system library: "
        f"{system or 'not installed, so measured as gmssl-pyx has it built in'}.",
        "",
    )
    task = Task()
    _table(report, task, "sign", [])
    _table(report, task, "verify", [task.without_libcrypto()])
    report.finish()


def _table(report: Report, task: Task, subject: str, more: list[Bench]) -> None:
    benches: list[Bench] = [task.ours(subject), *more]
    try:
        benches.append(task.gmssl_pyx(subject))
    except ImportError as error:
        warn(f"不参与比较 / left out of the comparison: gmssl-pyx: {error}")
    peer = _peer(subject, task)
    try:
        report.table(f"To {subject} 1,200 bytes", [*benches, *([peer] if peer else [])])
    finally:
        if peer:
            peer.close()


def _peer(subject: str, task: Task) -> Peer | None:
    try:
        if not bootstrap.is_stamped(_PEER, _GMSSL):
            bootstrap.say(f"准备 {_PEER.name} …… / Preparing {_PEER.name} …")
            bootstrap.create(_PEER)
            bootstrap.install(_PEER, _GMSSL)
            bootstrap.write_stamp(_PEER, _GMSSL)
        return Peer(subject, task)
    except bootstrap.MISHAPS as error:
        warn(f"不参与比较 / left out of the comparison: gmssl: {error}")
        return None


if __name__ == "__main__":
    main()
