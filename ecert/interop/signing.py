"""Signing on several machines: a draft or a partly signed document, and who has signed it.

A draft is the payload itself, as JSON.  Each party adds its signatures to the same payload bytes
on its own machine; the files travel by any means and are combined in any order.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from ecert.errors import DocumentRefusedError, ParseError, SignatureError
from ecert.faults import DocumentFault
from ecert.interop.change import compare
from ecert.interop.recognition import RecognitionList
from ecert.interop.withdrawal import WithdrawalNotice
from ecert.sign import envelope
from ecert.sign.strict import parse_json_object
from ecert.trust.roots import Role
from ecert.trust.signatures import open_envelope

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ecert.sign.custody import Signer
    from ecert.sign.envelope import Envelope
    from ecert.sign.keys import PublicKey
    from ecert.trust.book import TrustBook

Signable = RecognitionList | WithdrawalNotice
_KINDS: Final[dict[str, type[Signable]]] = {
    RecognitionList.TYP: RecognitionList,
    WithdrawalNotice.TYP: WithdrawalNotice,
}
_SHOWN_DIFFERENCES: Final = 5
# The heads of both kinds of document, as a person calls them.
_NAMES_ZH: Final = {
    "owner": "发布地区",
    "audience": "发送范围",
    "version": "版本",
    "issued": "签发时间",
    "expires": "失效时间",
    "previous": "上一版摘要",
    "list_owner": "清单发布地区",
    "list_id": "清单编号",
    "title": "标题",
    "document_number": "文号",
    "parties": "缔约地区",
    "sample": "样例标记",
    "notice_days": "变更提前通知天数",
    "types": "附带的类型定义",
    "withdrawals": "撤回的条目",
}


@dataclass(frozen=True, slots=True)
class Paper:
    """What lies before a signer: a draft, or a document that some have signed.

    Attributes:
        document: What it says.
        payload: The bytes that are signed.
        envelope: The signatures so far; None for a draft.
    """

    document: Signable
    payload: bytes
    envelope: Envelope | None = None

    @property
    def digest(self) -> str:
        """SHA-256 of the payload in hex, whoever has signed it."""
        return hashlib.sha256(self.payload).hexdigest()

    @property
    def signing_parties(self) -> tuple[str, ...]:
        """Who must sign: every party of a list; of a notice its owner alone."""
        document = self.document
        return document.parties if isinstance(document, RecognitionList) else (document.owner,)

    def signed(self, signers: Sequence[Signer]) -> bytes:
        """Return the envelope with a signature by each of ``signers`` besides those it has.

        Raises:
            ValueError: No signer.
            ParseError: There would be too many signatures.
        """
        new = envelope.parse(envelope.make(self.document.TYP, self.payload, signers))
        mine = {signature.kid for signature in new.signatures}
        if self.envelope is None:
            return envelope.merge([new])
        others = tuple(s for s in self.envelope.signatures if s.kid not in mine)
        kept = envelope.Envelope(new.typ, new.unverified_payload, others)
        return envelope.merge([new, kept])


def read_paper(data: bytes) -> Paper:
    """Read a draft or a partly signed document; nothing is proven.

    Raises:
        DocumentRefusedError: It is neither; fault `malformed`, `too-large` or `wrong-kind`.
    """
    if _is_envelope(data):
        opened = open_envelope(data, *_KINDS)
        document = _KINDS[opened.typ].from_payload(opened.unverified_payload)
        return Paper(document, opened.unverified_payload, opened)
    kind = WithdrawalNotice if _is_notice(data) else RecognitionList
    document = kind.from_payload(data)
    # Written anew, so that every office signs the same bytes however the draft was laid out.
    return Paper(document, document.to_payload())


def _is_envelope(data: bytes) -> bool:
    return {"payload", "signatures"} & _keys(data) != set()


def _is_notice(data: bytes) -> bool:
    return "withdrawals" in _keys(data)


def _keys(data: bytes) -> set[str]:
    try:
        return set(parse_json_object(data))
    except ParseError:
        return set()  # told in words by whoever reads it next


@dataclass(frozen=True, slots=True)
class Signatures:
    """How far one party has signed.

    Attributes:
        party: The region.
        governed_by: The region whose pinned roots count for it; None if none are pinned here.
        needed: How many distinct keys must sign; 0 if nobody knows here.
        valid: Ids of the keys that have.
        waiting: Ids of the keys that have not, and may.
        spoilt: Whether a signature in the name of one of its keys does not fit.
    """

    party: str
    governed_by: str | None
    needed: int = 0
    valid: tuple[str, ...] = ()
    waiting: tuple[str, ...] = ()
    spoilt: bool = False

    @property
    def complete(self) -> bool:
        """Whether enough keys of this party have signed, and none of its signatures is wrong."""
        return self.governed_by is not None and len(self.valid) >= self.needed and not self.spoilt

    def to_dict(self) -> dict[str, Any]:
        """Return plain values for JSON."""
        return {
            "party": self.party,
            "roots": self.governed_by,
            "needed": self.needed,
            "valid": list(self.valid),
            "waiting": list(self.waiting),
            "spoilt": self.spoilt,
            "complete": self.complete,
        }


def tally(paper: Paper, trust: TrustBook) -> tuple[Signatures, ...]:
    """Return how far each party has signed, by the roots that are pinned here."""
    return tuple(_tally(paper, party, trust) for party in paper.signing_parties)


def _tally(paper: Paper, party: str, trust: TrustBook) -> Signatures:
    roots = trust.roots_for(party)
    if roots is None:
        return Signatures(party, None)
    keys = roots.keys_for(Role.RECOGNITION_LIST)
    fitting = {key.kid: _fits(paper.envelope, key) for key in keys}
    return Signatures(
        party,
        roots.owner,
        roots.threshold(Role.RECOGNITION_LIST),
        valid=tuple(kid for kid, fits in fitting.items() if fits),
        waiting=tuple(kid for kid, fits in fitting.items() if not fits),
        spoilt=False in fitting.values(),
    )


def _fits(opened: Envelope | None, key: PublicKey) -> bool | None:
    """Tell whether ``key`` has signed; None if there is no signature in its name."""
    if opened is None:
        return None
    try:
        return True if opened.valid_signers([key]) else None
    except SignatureError:
        return False


def require_fitting(paper: Paper, trust: TrustBook, name: str) -> None:
    """Require that no signature in the name of a party's key is wrong: it would spoil the rest.

    Raises:
        DocumentRefusedError: Fault `signature`, with the file ``name``.
    """
    for found in tally(paper, trust):
        if found.spoilt:
            raise DocumentRefusedError(
                DocumentFault.SIGNATURE, found.party, found.party, where=name,
                fix_zh="请弃用这份文件，向对方重新索取",
                fix_en="Leave this file out and ask that party for another",
            )  # fmt: skip


def combine(papers: Sequence[Paper]) -> bytes:
    """Return one envelope with the signatures of all, whatever their order.

    Args:
        papers: Signed files over one payload; drafts among them add nothing.

    Raises:
        DocumentRefusedError: Fault `content`: they are not one document, and in what they
            differ; or `too-few-signatures`: nobody has signed any of them.
        ParseError: There are too many signatures.
    """
    first = papers[0]
    for other in papers[1:]:
        require_same(first, other)
    signed = [paper.envelope for paper in papers if paper.envelope is not None]
    if not signed:
        raise DocumentRefusedError(DocumentFault.TOO_FEW_SIGNATURES, where="signatures")
    return envelope.merge(signed)


def require_same(first: Paper, other: Paper) -> None:
    """Require that two files hold one payload.

    Raises:
        DocumentRefusedError: Fault `content`, saying in what they differ.
    """
    if (other.document.TYP, other.payload) != (first.document.TYP, first.payload):
        raise _differ(first, other)


def _differ(first: Paper, other: Paper) -> DocumentRefusedError:
    zh, en = differences(first.document, other.document)
    return DocumentRefusedError(
        DocumentFault.CONTENT,
        f"内容不同：{zh}", f"they are not the same: {en}", where="payload",
        fix_zh="各方须对同一份内容签名，请核对摘要", fix_en="Compare the digests",
    )  # fmt: skip


def differences(one: Signable, other: Signable) -> tuple[str, str]:
    """Return in what two documents differ, in Chinese and in English."""
    if type(one) is not type(other):
        return "文件种类", "kind of document"
    if isinstance(one, RecognitionList) and isinstance(other, RecognitionList):
        change = compare(one, other)
        touched = [*change.added, *change.removed, *(pair.new for pair in change.changed)]
        entries = [entry.id for entry in touched]
    else:
        entries = []
    heads = [
        name
        for name in type(one).model_fields
        if name != "entries" and getattr(one, name) != getattr(other, name)
    ]
    shown = entries[:_SHOWN_DIFFERENCES]
    more = f" (+{len(entries) - len(shown)})" if len(entries) > len(shown) else ""
    ids = "、".join(shown) + more
    named = "、".join(_NAMES_ZH[name] for name in heads)
    zh = "；".join(part for part in (named, ids and f"条目 {ids}") if part)
    en = "; ".join(part for part in (", ".join(heads), ids and f"entries {ids}") if part)
    return zh or "写法", en or "spelling"
