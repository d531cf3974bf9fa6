"""A holder's way with online codes: deposit, cancel, read the log, answer requests."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, TypeVar

from ecert.errors import EcertError, FormatError
from ecert.show.online import OnlineCode, audience_of, transaction_nonce
from ecert.workspace.show_services import client_of

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence
    from datetime import datetime

    from ecert.client.show_service import ShowServiceClient
    from ecert.wallet.wallet import Wallet
    from ecert.workspace.show_services import ShowServiceAddress, ShowServices

_Answer = TypeVar("_Answer")
_OPENED: Final = "生成申请码（尚未出示）"


@dataclass(frozen=True, slots=True)
class OnlineHolder:
    """What a wallet does at show services.

    Attributes:
        wallet: The wallet.
        services: Where they are.
        at: The time of what is signed.
    """

    wallet: Wallet
    services: ShowServices
    at: datetime

    def deposit(
        self,
        licence_ids: Sequence[str],
        *,
        fields: Collection[str] | None = None,
        pin: str | None = None,
    ) -> tuple[OnlineCode, str]:
        """Deposit licences behind a new code; returns it, and until when it can be used.

        Raises:
            EcertError: No service is set, it was not reached, or it refuses.
        """
        service = self._service_for(licence_ids)
        code = OnlineCode.new(service.region)
        return code, client_of(service).deposit(
            code.text, self._present(licence_ids, service, code.nonce, fields, pin)
        )

    def open(self, licence_id: str, *, pin: str | None = None) -> tuple[OnlineCode, str]:
        """Open a code by which one window may ask; any licence shows whose code it is.

        Raises:
            EcertError: No service is set, it was not reached, or it refuses.
        """
        service = self._service_for([licence_id])
        code = OnlineCode.new(service.region)
        # The log has it, for the wallet has signed something; no window has seen anything.
        shown = self._present([licence_id], service, code.nonce, (), pin, matter=_OPENED)
        return code, client_of(service).open(code.text, shown)

    def cancel(self, digits: str) -> bool:
        """Cancel a code; False if it was used already.

        Raises:
            EcertError: No service is set, it was not reached, or it refuses.
        """
        code, client = self._reach(digits)
        return any(
            client.cancel(self._ask("cancel", code.region, code.text, key)) for key in self._keys
        )

    def log(self, region: str) -> list[dict[str, Any]]:
        """Return who fetched or tried to fetch what at the service of ``region``.

        Raises:
            EcertError: No service is set, it was not reached, or it refuses.
        """
        service = self.services.for_licence(region)
        client = client_of(service)
        return [
            entry
            for key in self._keys
            for entry in client.log(self._ask("log", service.region, "", key))
        ]

    def pending(self, digits: str) -> Mapping[str, Any]:
        """Return what a window asks by a code.

        Raises:
            EcertError: No service is set, it was not reached, or it refuses.
        """
        code, client = self._reach(digits)
        return self._first(
            lambda key: client.pending(self._ask("pending", code.region, code.text, key))
        )

    def agree(
        self,
        digits: str,
        licence_ids: Sequence[str],
        *,
        fields: Collection[str] | None = None,
        pin: str | None = None,
        to: str = "",
        matter: str = "",
    ) -> list[str]:
        """Hand over what was asked for, or a part of it; returns the types.

        Args:
            digits: The code that was asked by.
            licence_ids: The licences, one of a type.
            fields: Names of the fields to disclose; all if left out.
            pin: The show PIN, needed where one is set.
            to: Who asks, for the wallet's log alone.
            matter: What for, likewise.

        Raises:
            EcertError: No service is set, it was not reached, or it refuses.
        """
        code, client = self._reach(digits)
        nonce = transaction_nonce(code.transaction)
        service = self.services.get(code.region)
        shown = (
            () if service is None
            else self._present(licence_ids, service, nonce, fields, pin, to=to, matter=matter)
        )  # fmt: skip
        key = self.wallet.key_of(licence_ids)
        return client.agree(self._ask("agree", code.region, code.text, key), shown)

    def decline(self, digits: str) -> None:
        """Refuse what was asked for.

        Raises:
            EcertError: No service is set, it was not reached, or it refuses.
        """
        code, client = self._reach(digits)
        self._first(lambda key: client.decline(self._ask("decline", code.region, code.text, key)))

    def _first(self, ask: Callable[[str], _Answer]) -> _Answer:
        """Return the answer to the first of the wallet's keys that the service knows the code by.

        Raises:
            EcertError: It knows it by none: what it said to the last.
        """
        *others, last = self._keys
        for key in others:
            with suppress(EcertError):
                return ask(key)
        return ask(last)

    def _present(
        self,
        licence_ids: Sequence[str],
        service: ShowServiceAddress,
        nonce: str,
        fields: Collection[str] | None,
        pin: str | None,
        *,
        to: str = "",
        matter: str = "",
    ) -> tuple[str, ...]:
        return self.wallet.present(
            *licence_ids, fields=fields, pin=pin, audience=audience_of(service.region), nonce=nonce,
            to=to, matter=matter, at=self.at,
        )  # fmt: skip

    def _ask(self, act: str, region: str, about: str, key: str) -> str:
        return self.wallet.ask(act, audience_of(region), about=about, key=key, at=self.at)

    @property
    def _keys(self) -> list[str]:
        """The wallet's keys, the default one first: a code belongs to that of its licences."""
        return [one.id for one in sorted(self.wallet.keys, key=lambda one: not one.default)]

    def _reach(self, digits: str) -> tuple[OnlineCode, ShowServiceClient]:
        code = OnlineCode.parse(digits)
        return code, client_of(self.services.for_licence(code.region))

    def _service_for(self, licence_ids: Sequence[str]) -> ShowServiceAddress:
        regions = {str(self.wallet.fields(one)["region"]) for one in licence_ids}
        services = {self.services.for_licence(region).region for region in regions}
        if len(services) != 1:
            raise FormatError(
                "这几份证照由不同地区的亮证服务保管", "different show services hold these licences",
                fix_zh="请分开出示", fix_en="Show them one by one",
            )  # fmt: skip
        return self.services.for_licence(regions.pop())
