"""One office, one licence type, as many holders as a measurement asks for."""

from __future__ import annotations

import zlib
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

import cbor2
from cryptography.hazmat.primitives.asymmetric import ec
from raw import Signed, signed

import ecert
from ecert.issuers.credential import StatusPlace
from ecert.issuers.demonstration import demo_issuer
from ecert.model.catalogue import builtin
from ecert.show import digits, possession
from ecert.sign import sdjwt
from ecert.sign.keys import PrivateKey

if TYPE_CHECKING:
    from collections.abc import Collection

    from ecert.issuers.issuer import Issuer
    from ecert.issuers.register import Register
    from ecert.model.licence import Licence
    from ecert.model.licence_type import LicenceType
    from ecert.show.delivery import Delivery
    from ecert.sign.disclosure import Path
    from ecert.sign.keys import PublicKey
    from ecert.verify.knowledge import Knowledge
    from ecert.verify.verifier import Verifier

AT = datetime.now(UTC)
"""When everything happens; the foreign implementations read the clock themselves."""
TYPE_NAME = "机动车驾驶证"
MATTER = "机动车业务"
NUMBER = "510681199003071237"
ALL_FIELDS = {
    "准驾车型": "C1",
    "初次领证日期": "2015-06-01",
    "性别": "男",
    "国籍": "中国",
    "住址": "四川省广安市邻水县鼎屏镇人民路1号2栋3单元401室",
    "出生日期": "1990-03-07",
    "档案编号": "511600123456",
    "记录": "请于每个记分周期结束后三十日内接受审验",
}
LEADING_FIELD = {"准驾车型": "C1"}
SHOWN = (("holders", 0, "name"), ("holders", 0, "number"))
"""What of the hidden claims `minimal` tells; its leading field is not hidden."""
PLACE = StatusPlace(1, 70_231, "https://status.invalid/115116003189451948/1")


def make_issuer(register: Register | None = None) -> Issuer:
    """Return an office with fresh keys, on a register in memory by default."""
    return demo_issuer("四川省广安市公安局", region="511600", clock=lambda: AT, register=register)


def issue(issuer: Issuer, fields: dict[str, str]) -> Licence:
    """Issue a driving licence with these fields."""
    return issuer.issue(
        TYPE_NAME,
        number=NUMBER,
        holder=ecert.Holder("张伟", NUMBER),
        fields=fields,
        valid_until=date(AT.year + 6, 6, 1),
    )


def licence_type(licence: Licence) -> LicenceType:
    """Return the definition of a licence's type."""
    return builtin().require(licence.type_code)


def prove(issuer: Issuer, holder: PrivateKey) -> str:
    """Prove to the issuer, over a fresh nonce, that the wallet holds its key."""
    return possession.make_proof(issuer.nonce(), holder, at=int(AT.timestamp()))


def deliver(issuer: Issuer, licence: Licence, holder: PrivateKey) -> Delivery:
    """Deliver a wallet credential bound to ``holder``."""
    return issuer.deliver(licence.id, prove(issuer, holder))


def make_verifier(issuer: Issuer) -> Verifier:
    """Return a window in Chongqing that holds everything it needs, and a memory of codes."""
    window = ecert.Verifier(region="500000", clock=lambda: AT)
    inform(window.knowledge, issuer)
    return window


def inform(knowledge: Knowledge, issuer: Issuer) -> None:
    """Let a window know all it needs to check this issuer's licences."""
    knowledge.pin(ecert.demo_roots(), at=AT)
    for document in (issuer.trust_list(), issuer.status_list(), ecert.fixture("川渝互认清单")):
        knowledge.accept(document, at=AT)


def licence_key(window: Verifier, issuer: Issuer) -> PublicKey:
    """Return the key with which ``issuer`` signs licences, as ``window`` knows it."""
    entry = window.knowledge.trust.issuer(issuer.code)
    if entry is None:
        raise LookupError("the window does not know this issuer")
    return next(record.public for record in entry.issuer.keys if record.use == "licence")


class Recorder:
    """A signer that keeps what it was asked to sign."""

    def __init__(self) -> None:
        self._key = PrivateKey.generate()
        self.messages: list[bytes] = []

    @property
    def public(self) -> PublicKey:
        """The public half."""
        return self._key.public

    def sign(self, message: bytes) -> bytes:
        """Sign and keep."""
        self.messages.append(message)
        return self._key.sign(message)


# -- what is signed inside, for the raw cases -------------------------------------------------


def backend_key(key: PublicKey) -> ec.EllipticCurvePublicKey:
    """Return the same key as the backend's own object."""
    x, y = (int.from_bytes(part) for part in key.point)
    return ec.EllipticCurvePublicNumbers(x, y, ec.SECP256R1()).public_key()


def signatures_in(code: str, issuer: PublicKey, holder: PublicKey) -> list[Signed]:
    """Return the signatures of a show code: the issuer's over each licence, the holder's."""
    data = digits.decode(code)[1]
    packed = data[:1] == b"\x78"
    show = cbor2.loads(zlib.decompress(data) if packed else data).value
    credentials = [cbor2.loads(data).value for data in cbor2.loads(show[2])[5]]
    return [
        *(_signed(parts, backend_key(issuer)) for parts in credentials),
        _signed(show, backend_key(holder)),
    ]


def _signed(parts: list[Any], key: ec.EllipticCurvePublicKey) -> Signed:
    protected, _, payload, signature = parts
    return signed(key, signature, cbor2.dumps(["Signature1", protected, b"", payload]))


# -- the same licence for the foreign implementations -----------------------------------------


def for_foreigners(delivery: Delivery) -> dict[str, Any]:
    """Return a credential's claims, which of them are hidden, and which `minimal` shows."""
    parsed = sdjwt.parse(delivery.sd_jwt)
    claims = parsed.unverified_claims()
    # They name a holder key of their own.
    del claims["cnf"]
    hidden: list[Path] = []

    def note(path: Path) -> bool:
        hidden.append(path)
        return True

    sdjwt.present(delivery.sd_jwt, note)
    return {"claims": claims, "hidden": hidden, "shown": SHOWN}


def hide(node: Any, hidden: Collection[Path], path: Path = ()) -> Any:
    """Return claims with what is ``hidden`` marked as selectively disclosable."""
    if isinstance(node, dict):
        return {
            name: sdjwt.Hide(value)
            if (*path, name) in hidden
            else hide(value, hidden, (*path, name))
            for name, value in node.items()
        }
    if isinstance(node, list):
        return [hide(value, hidden, (*path, place)) for place, value in enumerate(node)]
    return node
