"""What one region hands to another in one file: roots, lists, catalogue, and their manifest.

The file itself is not signed: everything in it is.  It may come by any way.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import orjson

from ecert import limits
from ecert.errors import DocumentRefusedError, ParseError
from ecert.faults import DocumentFault
from ecert.sign.strict import bounded, parse_json_object
from ecert.trust.roots import RootSet
from ecert.trust.signatures import open_envelope, unverified_owner

if TYPE_CHECKING:
    from datetime import datetime

    from ecert.verify.knowledge import Acceptance, Knowledge

TYP: Final = "ecert-bundle"
_KEYS: Final = {"typ", "roots", "trust_list", "catalogue", "status_lists"}
_OPTIONAL: Final = {"manifest"}  # bundles of before have none
_MAX_STATUS_LISTS: Final = 64


@dataclass(frozen=True, slots=True)
class Bundle:
    """The documents of one issuing region; nothing in it is proven."""

    roots: bytes
    trust_list: bytes
    catalogue: bytes
    status_lists: tuple[str, ...]
    manifest: bytes | None = None

    def to_bytes(self) -> bytes:
        """Return the bundle as JSON."""
        plain: dict[str, Any] = {
            "typ": TYP,
            "roots": orjson.loads(self.roots),
            "trust_list": orjson.loads(self.trust_list),
            "catalogue": orjson.loads(self.catalogue),
            "status_lists": list(self.status_lists),
        }
        if self.manifest is not None:
            plain["manifest"] = orjson.loads(self.manifest)
        return orjson.dumps(plain, option=orjson.OPT_INDENT_2) + b"\n"

    @classmethod
    def from_bytes(cls, data: bytes) -> Bundle:
        """Read a bundle.

        Raises:
            DocumentRefusedError: Fault `malformed`, `too-large` or `wrong-kind`.
        """
        try:
            plain = parse_json_object(bounded(data, limits.MAX_ENVELOPE_BYTES))
        except ParseError as error:
            large = len(data) > limits.MAX_ENVELOPE_BYTES
            fault = DocumentFault.TOO_LARGE if large else DocumentFault.MALFORMED
            raise DocumentRefusedError(fault, "", error.en) from error
        if plain.get("typ") != TYP:
            raise DocumentRefusedError(
                DocumentFault.WRONG_KIND, "应为 ecert trust export 导出的文件",
                "a file made by ecert trust export is wanted", where="typ",
            )  # fmt: skip
        lists = plain.get("status_lists")
        if (
            plain.keys() - _OPTIONAL != _KEYS
            or not isinstance(lists, list)
            or len(lists) > _MAX_STATUS_LISTS
            or not all(isinstance(token, str) for token in lists)
        ):
            raise DocumentRefusedError(DocumentFault.MALFORMED, "", "not the parts of a bundle")
        roots, trust_list, catalogue = (
            orjson.dumps(plain[name]) for name in ("roots", "trust_list", "catalogue")
        )
        manifest = orjson.dumps(plain["manifest"]) if "manifest" in plain else None
        return cls(roots, trust_list, catalogue, tuple(lists), manifest)

    @property
    def documents(self) -> tuple[bytes | str, ...]:
        """What is accepted once the roots are pinned: all of it together."""
        manifest = () if self.manifest is None else (self.manifest,)
        return (self.trust_list, self.catalogue, *self.status_lists, *manifest)


@dataclass(frozen=True, slots=True)
class Addition:
    """What a bundle brings.

    Attributes:
        roots: The root set, proven by its own signatures only.
        pins: Whether it is to be pinned for the first time, which takes a person's word.
        accepted: The documents that come into force.
    """

    roots: RootSet
    pins: bool
    accepted: tuple[Acceptance, ...]

    def to_dict(self) -> dict[str, Any]:
        """Return plain values for JSON."""
        return {
            "owner": self.roots.owner,
            "name": self.roots.name,
            "demo": self.roots.demo,
            "fingerprint": self.roots.fingerprint,
            "pins": self.pins,
            "documents": [
                {"kind": one.kind, "slot": one.slot, "version": one.version, "digest": one.digest}
                for one in self.accepted
            ],
        }


def add(bundle: Bundle, knowledge: Knowledge, *, at: datetime) -> Addition:
    """Pin the bundle's roots, if they are new, and bring its documents into force: all or nothing.

    Raises:
        DocumentRefusedError: One of them may not come into force; nothing has changed.
    """
    pins = knowledge.trust.roots(_owner(bundle)) is None
    accepted = knowledge.accept_all(bundle.documents, roots=(bundle.roots,), at=at)
    return _addition(bundle, accepted, pins=pins)


def rehearse(data: bytes, knowledge: Knowledge, *, at: datetime, demo_allowed: bool) -> Addition:
    """Say what a bundle would bring: all of it must pass, and nothing changes.

    Args:
        data: The bundle.
        knowledge: What is known so far.
        at: Now.
        demo_allowed: Whether demonstration roots may be pinned here.

    Raises:
        DocumentRefusedError: A document may not come into force, or demonstration roots may
            not be pinned.
    """
    bundle = Bundle.from_bytes(data)
    pins = knowledge.trust.roots(_owner(bundle)) is None
    accepted = knowledge.propose_all(bundle.documents, roots=(bundle.roots,), at=at)
    addition = _addition(bundle, accepted, pins=pins)
    if addition.roots.demo and addition.pins and not demo_allowed:
        raise DocumentRefusedError(
            DocumentFault.NOT_PINNED, "这是演示用的根密钥，私钥是公开的",
            "these are demonstration roots, whose private keys are published", where="roots",
            fix_zh="正式工作区不要认定；确为试验请加 --allow-demo",
            fix_en="Do not pin them for real use; for a trial add --allow-demo",
        )  # fmt: skip
    return addition


def _owner(bundle: Bundle) -> str:
    return unverified_owner(open_envelope(bundle.roots, RootSet.TYP))


def _addition(bundle: Bundle, accepted: tuple[Acceptance, ...], *, pins: bool) -> Addition:
    payload = open_envelope(bundle.roots, RootSet.TYP).unverified_payload
    # The roots come first, and are told apart from what they prove.
    return Addition(RootSet.from_payload(payload), pins, accepted[1:])
