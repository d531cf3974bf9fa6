"""What verification looks up in the trust lists in force: issuers, keys, status lists.

Built when a list comes into force, with every key loaded; a look-up is one step in a dict.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ecert.model.regions import NATION

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ecert.sign.keys import PublicKey
    from ecert.trust.roots import RootSet
    from ecert.trust.trust_list import KeyRecord, KeyUse, TrustedIssuer, TrustList


@dataclass(frozen=True, slots=True)
class IssuerEntry:
    """An issuer, the list that registers it and the roots that prove the list."""

    issuer: TrustedIssuer
    trust_list: TrustList
    roots: RootSet


@dataclass(frozen=True, slots=True)
class IssuerKey:
    """A key, its record, whose it is, and on whose word.

    Being found says nothing about the key's state, dates and types, nor about the dates of the
    list and the roots: those are the caller's checks.
    """

    issuer: TrustedIssuer
    record: KeyRecord
    public: PublicKey
    trust_list: TrustList
    roots: RootSet


class TrustIndex:
    """The look-ups over a fixed set of trust lists.

    Attributes:
        has_real_roots: Whether a root set is pinned that is no demonstration's.
    """

    def __init__(
        self,
        lists: Iterable[tuple[TrustList, RootSet]] = (),
        *,
        has_real_roots: bool = False,
    ) -> None:
        self.has_real_roots = has_real_roots
        self._keys: dict[tuple[bytes | str, KeyUse], tuple[IssuerKey, ...]] = {}
        self._issuers: dict[str, IssuerEntry] = {}
        self._status: dict[str, IssuerEntry] = {}
        self._addresses: dict[tuple[str, int], str] = {}
        self._lists: dict[str, TrustList] = {}
        for trust_list, roots in lists:
            self._lists[trust_list.owner] = trust_list
            for issuer in trust_list.issuers:
                self._add(IssuerEntry(issuer, trust_list, roots))

    def _add(self, entry: IssuerEntry) -> None:
        self._issuers[entry.issuer.code] = entry
        for ref in entry.issuer.status_lists:
            self._status[ref.uri] = entry
            self._addresses[entry.issuer.code, ref.number] = ref.uri
        for record in entry.issuer.keys:
            key = record.public
            found = IssuerKey(entry.issuer, record, key, entry.trust_list, entry.roots)
            for name in (key.short_kid, key.kid):
                same = self._keys.get((name, record.use), ())
                self._keys[name, record.use] = (*same, found)

    def find_keys(self, kid: bytes | str, use: KeyUse) -> tuple[IssuerKey, ...]:
        """Return the keys with this id: all of those that share a short one are to be tried."""
        return self._keys.get((kid, use), ())

    def issuer(self, code: str) -> IssuerEntry | None:
        """Return the issuer with this code."""
        return self._issuers.get(code)

    def status_issuer(self, uri: str) -> IssuerEntry | None:
        """Return the issuer that has registered the status list at this address."""
        return self._status.get(uri)

    def status_uri(self, code: str, number: int) -> str | None:
        """Return the address that the issuer has registered for its status list ``number``."""
        return self._addresses.get((code, number))

    def lists_covering(self, region: str) -> tuple[TrustList, ...]:
        """Return the lists whose owner may vouch for issuers of ``region``, nearest first."""
        return tuple(self._lists[code] for code in scopes(region) if code in self._lists)


def scopes(region: str) -> tuple[str, ...]:
    """Return the codes that cover ``region``, from itself up to the nation."""
    upwards = (region, f"{region[:4]}00", f"{region[:2]}0000", NATION)
    return tuple(dict.fromkeys(upwards))
