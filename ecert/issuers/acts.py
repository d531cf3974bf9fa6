"""What an authority does to a licence that it has issued: the verbs of its life cycle."""

from __future__ import annotations

from typing import TYPE_CHECKING, Unpack

from ecert.issuers.changes import Order, carry_out, withdraw_credential
from ecert.issuers.lifecycle import Move
from ecert.model.regions import find, parse_region, province, require

if TYPE_CHECKING:
    from ecert.clock import Clock
    from ecert.issuers.granting import Changes, Granting
    from ecert.issuers.register import Register
    from ecert.model.identifiers import LicenceId
    from ecert.model.licence import Licence


class Acts:
    """The acts of an `Issuer` after the issue.

    Each takes an `Order` (why, by which decision, by whom) and raises ForbiddenMoveError,
    UnknownLicenceError and RequestConflictError.
    """

    _register: Register
    _granting: Granting
    _clock: Clock

    def suspend(self, licence_id: LicenceId | str, **order: Unpack[Order]) -> Licence:
        """Suspend a licence (暂扣); it can be reinstated."""
        return self._move(licence_id, Move.SUSPEND, order)

    def reinstate(self, licence_id: LicenceId | str, **order: Unpack[Order]) -> Licence:
        """Give a suspended licence back (发还)."""
        return self._move(licence_id, Move.REINSTATE, order)

    def cancel(self, licence_id: LicenceId | str, **order: Unpack[Order]) -> Licence:
        """Cancel a licence (注销): it ended or was given up."""
        return self._move(licence_id, Move.CANCEL, order)

    def withdraw(self, licence_id: LicenceId | str, **order: Unpack[Order]) -> Licence:
        """Withdraw a licence (撤销): it should not have been granted."""
        return self._move(licence_id, Move.WITHDRAW, order)

    def revoke(self, licence_id: LicenceId | str, **order: Unpack[Order]) -> Licence:
        """Revoke a licence (吊销): a punishment."""
        return self._move(licence_id, Move.REVOKE, order)

    def transfer(
        self, licence_id: LicenceId | str, to_region: str, **order: Unpack[Order]
    ) -> Licence:
        """Transfer a licence out (转出): it goes on in another region.

        Raises:
            RegionError: There is no such region.
        """
        return self._move(licence_id, Move.TRANSFER, order, related=_known(to_region))

    def take_back(self, licence_id: LicenceId | str, **order: Unpack[Order]) -> Licence:
        """Take a transfer back (取消转出)."""
        return self._move(licence_id, Move.TAKE_BACK, order)

    def _move(
        self, licence_id: LicenceId | str, move: Move, order: Order, *, related: str = ""
    ) -> Licence:
        at = order.get("at") or self._clock()
        return carry_out(self._register, str(licence_id), move, order, at, related=related)

    def replace(
        self,
        licence_id: LicenceId | str,
        move: Move,
        changes: Changes,
        **order: Unpack[Order],
    ) -> Licence:
        """Issue the next version of a licence, which names the one that it supersedes.

        Args:
            licence_id: The licence to be replaced.
            move: Why: one of `ecert.issuers.lifecycle.REPLACEMENTS` (换发, 变更, 延续, 补发, 更正).
            changes: What is different on the new version.
            **order: What orders it.

        Raises:
            ForbiddenMoveError: The licence's state does not allow it, or ``move`` is another.
            FieldsError: What changes does not fit the type; all faults are listed.
            UnknownLicenceError: There is no such licence.
            RequestConflictError: The request id was used with other content.
        """
        at = order.get("at") or self._clock()
        return self._granting.replace(str(licence_id), move, changes, order, at)

    def withdraw_credential(self, credential_id: str, **order: Unpack[Order]) -> None:
        """Cut off one credential (a lost phone); licence and other credentials are not touched.

        Args:
            credential_id: List number and index, ``1-70231``, as `credentials` tells it.
            **order: What orders it.

        Raises:
            UnknownLicenceError: There is no such credential.
            ForbiddenMoveError: No reason is given, or the licence has ended.
        """
        at = order.get("at") or self._clock()
        withdraw_credential(self._register, credential_id, order, at)


def _known(region: str) -> str:
    code = parse_region(region)
    # A county may be newer than the data; a province is not.
    require(code if find(code) is not None else province(code))
    return code
