"""Finds licences of the register by what a clerk has at hand: row, licence number or licence id."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ecert.errors import UnknownLicenceError
from ecert.model.codes import last_four
from ecert.model.identifiers import ROOT
from ecert.model.licence import LicenceState

if TYPE_CHECKING:
    from ecert.issuers.register import Register, RegisterView
    from ecert.model.licence import Licence

# Longer numbers are licence numbers: nobody counts rows so far.
_MAX_ROW_DIGITS: Final = 8


class LicenceDesk:
    """The licences of one register, numbered from 1 in the order of recording."""

    def __init__(self, register: Register) -> None:
        self._register = register

    def find(self, text: str) -> Licence:
        """Return the licence that ``text`` names: a licence id, a licence number or a row.

        Where several fit, the only one that has not been replaced by another version is meant.

        Raises:
            UnknownLicenceError: There is none, or there are several.
        """
        with self._register.view() as view:
            if text.startswith(f"{ROOT}."):
                return view.licence(text)
            found = {str(one.id): one for one in view.find_by_number(text)}
            if (by_row := self._at_row(view, text)) is not None:
                found[str(by_row.id)] = by_row
        # Of several versions a clerk means the one that has not been replaced.
        lasting = {
            key: one for key, one in found.items() if one.state is not LicenceState.SUPERSEDED
        }
        for narrowed in (found, lasting):
            if len(narrowed) == 1:
                return narrowed.popitem()[1]
        raise _several(text, list(found)) if found else _none(text)

    def row_of(self, licence: Licence) -> int:
        """Return the row of a licence.

        Raises:
            UnknownLicenceError: It is not in the register.
        """
        with self._register.view() as view:
            return view.row_of(str(licence.id))

    def _at_row(self, view: RegisterView, text: str) -> Licence | None:
        if not (text.isascii() and text.isdigit() and len(text) <= _MAX_ROW_DIGITS):
            return None
        return view.row(int(text))


def _none(text: str) -> UnknownLicenceError:
    return UnknownLicenceError(
        "证照库中没有这份证照", "the register holds no such licence", where=_shown(text),
        fix_zh="可用序号（颁发时显示，从1起）、证照编号或证照标识",
        fix_en="Use its row (told when it was issued, from 1), its number or its licence id",
    )  # fmt: skip


def _several(text: str, ids: list[str]) -> UnknownLicenceError:
    listed = "、".join(ids[:5])
    return UnknownLicenceError(
        f"有{len(ids)}份证照符合", f"{len(ids)} licences fit", where=_shown(text),
        fix_zh=f"请写明证照标识：{listed}", fix_en=f"Use the licence id: {listed}",
    )  # fmt: skip


def _shown(text: str) -> str:
    # A licence number is often a person's identity number.
    return (
        text if text.startswith(ROOT) or len(text) <= _MAX_ROW_DIGITS else f"***{last_four(text)}"
    )
