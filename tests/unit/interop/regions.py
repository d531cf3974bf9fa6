"""Two partner regions and a stranger, with their keys, and lists that they sign."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from ecert.interop.mapping import Copy
from ecert.interop.recognition import Entry, RecognitionList, Side
from ecert.model.catalogue import Authority, LicenceType, builtin
from ecert.model.codes import make_uscc
from ecert.sign import envelope
from ecert.sign.keys import PrivateKey
from ecert.trust.book import TrustBook
from ecert.trust.roots import Role, RootSet, make_roots

if TYPE_CHECKING:
    from ecert.interop.withdrawal import WithdrawalNotice

AT = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)
ISSUED = AT - timedelta(days=1)
EXPIRES = AT + timedelta(days=30)

SICHUAN, CHONGQING, GUIZHOU = "510000", "500000", "520000"
GUANGAN, YUZHONG = "511600", "500103"

# 公安部, a national authority; and one invented authority in each region.
NATIONAL = "11100000000013127D001"
OTHER_NATIONAL = "11100000000019713D013"
SICHUAN_TYPE, CHONGQING_TYPE, GUIZHOU_TYPE = (
    f"{make_uscc('11', region, '00000001')}001" for region in (SICHUAN, CHONGQING, GUIZHOU)
)
GUANGAN_TYPE = f"{make_uscc('11', GUANGAN, '00000002')}001"
ISSUER = make_uscc("11", GUANGAN, "00000003")
OTHER_ISSUER = make_uscc("11", GUANGAN, "00000004")

# A type with few fields, after which regions shape their own.
LIBRARY = builtin().require("图书馆借书证")


class Office:
    """A region's key holder: one key for each role, two for recognition lists, both needed."""

    def __init__(self, region: str, *, recognition_keys: int = 2, threshold: int = 2) -> None:
        self.region = region
        self.root_key = PrivateKey.generate()
        self.trust_key = PrivateKey.generate()
        self.keys = [PrivateKey.generate() for _ in range(recognition_keys)]
        self.threshold = threshold
        self.roots = self._roots(version=1, previous=None)
        self.roots_data = self.roots.signed_by([self.root_key])

    def _roots(self, *, version: int, previous: str | None, **dates: datetime) -> RootSet:
        keys = {
            Role.ROOTS: [self.root_key],
            Role.TRUST_LIST: [self.trust_key],
            Role.RECOGNITION_LIST: self.keys,
        }
        return make_roots(
            self.region,
            self.region,
            {role: [key.public for key in held] for role, held in keys.items()},
            issued=dates.get("issued", ISSUED),
            expires=dates.get("expires", EXPIRES),
            threshold={
                Role.ROOTS: 1,
                Role.TRUST_LIST: 1,
                Role.RECOGNITION_LIST: self.threshold,
            },
            version=version,
            previous=previous,
        )

    def new_recognition_keys(self) -> bytes:
        """Replace the keys for recognition lists; return the new root set, signed."""
        self.keys = [PrivateKey.generate() for _ in self.keys]
        return self.rotated()

    def rotated(self) -> bytes:
        """Return the next root set with the keys as they are now, signed."""
        previous = envelope.parse(self.roots_data).digest
        self.roots = self._roots(version=self.roots.version + 1, previous=previous)
        self.roots_data = self.roots.signed_by([self.root_key])
        return self.roots_data


def trust_in(*offices: Office, at: datetime = AT) -> TrustBook:
    """Return a trust book in which the roots of ``offices`` are pinned."""
    book = TrustBook()
    for office in offices:
        book.pin(office.roots_data, at=at)
    return book


def entry(id_: str = "1", **changes: Any) -> Entry:
    """Return an entry Sichuan → Chongqing that recognises a national type for all matters."""
    parts: dict[str, Any] = {
        "id": id_,
        "source": side(SICHUAN),
        "target": side(CHONGQING),
        "issuers": ("*",),
        "matters": ("*",),
        "valid_from": date(2026, 1, 1),
        "basis": "样例〔2026〕1号",
    }
    return Entry(**(parts | changes))


def side(region: str, type_code: str = NATIONAL, name: str | None = None) -> Side:
    return Side(region=region, type=type_code, name=name)


def copy(*names: str) -> tuple[Copy, ...]:
    return tuple(Copy(source=name) for name in names)


def recognition_list(*entries: Entry, **changes: Any) -> RecognitionList:
    """Return a list of Sichuan's with Chongqing."""
    parts: dict[str, Any] = {
        "owner": SICHUAN,
        "audience": (SICHUAN, CHONGQING),
        "version": 1,
        "issued": ISSUED,
        "expires": EXPIRES,
        "list_id": "chuan-yu",
        "title": "川渝互认清单",
        "document_number": "样例〔2026〕1号",
        "parties": (SICHUAN, CHONGQING),
        "entries": entries,
    }
    return RecognitionList(**(parts | changes))


def signed(document: RecognitionList | WithdrawalNotice, *offices: Office) -> bytes:
    """Return ``document`` signed by all recognition keys of ``offices``, content unchecked."""
    keys = [key for office in offices for key in office.keys]
    return envelope.make(document.TYP, document.to_payload(), keys)


def successor(document: RecognitionList, **changes: Any) -> RecognitionList:
    """Return the next version, which names the one before it."""
    digest = envelope.parse(envelope.make("x", document.to_payload(), [PrivateKey.generate()]))
    head = {"version": document.version + 1, "previous": digest.digest}
    return document.model_copy(update=head | changes)


def defined(code: str, **changes: Any) -> LicenceType:
    """Return a type of that code, otherwise like the library card."""
    parts = {name: getattr(LIBRARY, name) for name in LicenceType.model_fields}
    own = {
        "code": code,
        "code_status": "official",
        "name": f"本地证{code[-8:]}",
        "aliases": (),
        "defining_authority": Authority(code=code[:18], name="某局"),
    }
    return LicenceType(**(parts | own | changes))
