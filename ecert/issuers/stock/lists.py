"""Rows of a list, as `ecert.issuers.bulk.applications` checks them, made into existing licences."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ecert.errors import FormatError
from ecert.issuers.bulk.stock import StockMarks
from ecert.issuers.stock.existing import ExistingLicence
from ecert.issuers.stock.states import read_state
from ecert.sheets.rejects import Remark
from ecert.sheets.row_faults import RowFault

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from ecert.issuers.bulk.applications import CheckedRow
    from ecert.issuers.stock.report import Outcome
    from ecert.reasons import Language
    from ecert.sheets.rejects import RejectsWriter


@dataclass(frozen=True, slots=True)
class RefusedRow:
    """A row that could not be read, with everything that is wrong with it."""

    row: int
    faults: tuple[RowFault, ...]

    def message(self, language: Language = "zh") -> str:
        """Return what is wrong, in one line."""
        between = "；" if language == "zh" else "; "
        return between.join(fault.message(language) for fault in self.faults)


class ListReading:
    """Reads a list once, and keeps each row until it is known what became of it.

    Args:
        rows: The rows, checked.
        issuer_code: Whose licences they must be.

    Attributes:
        read: How many rows have been read.
    """

    def __init__(self, rows: Iterable[CheckedRow], issuer_code: str) -> None:
        self._rows = rows
        self._issuer_code = issuer_code
        self._pending: dict[int, CheckedRow] = {}
        self.read = 0

    def __iter__(self) -> Iterator[ExistingLicence | RefusedRow]:
        """Yield each row as a licence, or as what is wrong with it."""
        for checked in self._rows:
            self.read += 1
            self._pending[checked.number] = checked
            yield self._existing(checked)

    def settle(self, outcome: Outcome, rejects: RejectsWriter | None) -> None:
        """Forget a row; copy it, with what is wrong, if it failed."""
        checked = self._pending.pop(outcome.row or 0)
        if not outcome.failed or rejects is None:
            return
        remarks = [fault.remark() for fault in checked.faults]
        rejects.write(checked.row, remarks or [Remark(None, outcome.zh, outcome.en)])

    def _existing(self, checked: CheckedRow) -> ExistingLicence | RefusedRow:
        if checked.application is None:
            return RefusedRow(checked.number, checked.faults)
        marks = checked.stock or StockMarks()
        try:
            if marks.issuer_code not in {"", self._issuer_code}:
                raise FormatError(
                    "不是本机构颁发的证照", "another authority has issued this licence",
                    where="证照颁发机构代码", fix_zh="其他机构颁发的证照由该机构归集",
                    fix_en="Other issuers' licences are theirs to take in",
                )  # fmt: skip
            state = read_state(marks.state)
        except FormatError as error:
            return RefusedRow(
                checked.number, (RowFault.of(error, checked.number, None, error.where),)
            )
        return ExistingLicence(
            application=checked.application,
            licence_id=marks.licence_id,
            state=state,
            version=marks.version,
            row=checked.number,
        )
