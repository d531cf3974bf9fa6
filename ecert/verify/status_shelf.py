"""The status lists that a verifier holds, by address."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from ecert.errors import DocumentRefusedError, ParseError, TrustError
from ecert.faults import DocumentFault
from ecert.reasons import Reason
from ecert.status import status_list as tokens
from ecert.trust.succession import Mark

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from ecert.sign.keys import PublicKey
    from ecert.status.status_list import StatusList
    from ecert.trust.book import TrustBook


class StatusShelf:
    """Status lists and their high-water marks.

    Args:
        marks: Marks of an earlier life; other documents' slots are left out.
    """

    KINDS = (f"{tokens.TYP}:",)

    def __init__(self, marks: Mapping[str, Mark] | None = None) -> None:
        self._lists: dict[str, StatusList] = {}
        self._tokens: dict[str, str] = {}
        self._marks = {
            slot: mark for slot, mark in (marks or {}).items() if slot.startswith(self.KINDS)
        }

    @property
    def marks(self) -> dict[str, Mark]:
        """The high-water marks by slot."""
        return dict(self._marks)

    @property
    def documents(self) -> dict[str, str]:
        """The tokens in force, by slot."""
        return {held.slot: self._tokens[uri] for uri, held in self._lists.items()}

    def get(self, uri: str) -> StatusList | None:
        """Return the list published at ``uri``."""
        return self._lists.get(uri)

    def dates_of_issue(self) -> Iterable[datetime]:
        """Return when each list was made."""
        return (held.issued for held in self._lists.values())

    def propose(self, token: str, *, trust: TrustBook, at: datetime) -> StatusList:
        """Return the list in ``token`` if it may come into force now.  Changes nothing.

        Raises:
            DocumentRefusedError: It may not; what is in force stays.
        """
        try:
            # (1) The trust list says whose address this is, and by which keys it speaks.
            keys = _keys(tokens.unverified_uri(token), trust, at)
            # (2) One of them has signed, and the list speaks now.
            proposed = tokens.open_token(token, keys, at=at)
        except (ParseError, TrustError) as error:
            raise _refused(error) from error
        # (3) It is not older than the one held.
        tokens.check_status_succession(proposed, self._marks.get(proposed.slot))
        return proposed

    def accept(self, token: str, *, trust: TrustBook, at: datetime) -> None:
        """Bring a list into force, if `propose` lets it."""
        self._put(self.propose(token, trust=trust, at=at), token)

    def _put(self, accepted: StatusList, token: str) -> None:
        self._lists[accepted.uri] = accepted
        self._tokens[accepted.uri] = token
        self._marks[accepted.slot] = Mark(accepted.version, accepted.digest)

    def follow(self, trust: TrustBook) -> None:
        """Drop the lists that the trust lists no longer prove: their key or address is gone."""
        for uri, token in list(self._tokens.items()):
            if _proven(token, trust) is None:
                del self._lists[uri], self._tokens[uri]

    @classmethod
    def restored(
        cls, documents: Iterable[str], marks: Mapping[str, Mark], *, trust: TrustBook
    ) -> Self:
        """Return the shelf that held ``documents``.

        A list whose key the trust list no longer names is left out: its status is then missing,
        which is undetermined.

        Raises:
            DocumentRefusedError: A list is older than its mark (an old backup).
        """
        shelf = cls(marks)
        for token in documents:
            held = _proven(token, trust)
            if held is not None:
                tokens.check_status_succession(held, shelf._marks.get(held.slot))
                shelf._put(held, token)
        return shelf


def _proven(token: str, trust: TrustBook) -> StatusList | None:
    try:
        return tokens.restore_token(token, _keys(tokens.unverified_uri(token), trust))
    except (ParseError, TrustError, DocumentRefusedError):
        return None


def _keys(uri: str, trust: TrustBook, at: datetime | None = None) -> list[PublicKey]:
    entry = trust.status_issuer(uri)
    if entry is None:
        raise DocumentRefusedError(
            DocumentFault.SIGNATURE, "可信名单没有登记此状态表地址",
            "no trust list registers this address", where="sub",
            fix_zh="请先导入颁发机构的可信名单", fix_en="First import the issuer's trust list",
        )  # fmt: skip
    return [
        record.public
        for record in entry.issuer.keys
        if record.use == "status"
        and (record.good_on(at) if at is not None else record.state != "compromised")
    ]


def _refused(error: ParseError | TrustError) -> DocumentRefusedError:
    if isinstance(error, TrustError):
        fault = DocumentFault.SIGNATURE
    elif error.reason is Reason.TOO_LARGE:
        fault = DocumentFault.TOO_LARGE
    else:
        fault = DocumentFault.MALFORMED
    return DocumentRefusedError(fault, "", error.en, where=error.where)
