"""What ``ecert verify`` keeps of a check, and how it tells so."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from ecert.cli import failures
from ecert.errors import EcertError, FormatError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from ecert.cli.terminal import Terminal
    from ecert.verify.signed_receipt import SignedReceipt
    from ecert.verify.verdict import Verdict
    from ecert.verify.verifier import Verifier
    from ecert.workspace import Workspace
    from ecert.workspace.checking import Check


class Kept(NamedTuple):
    """A check, its receipt and its case copy, as far as there are any."""

    check: Check
    copy: Path | None = None
    copy_fault: EcertError | None = None

    @property
    def verdict(self) -> Verdict:
        """The answer."""
        return self.check.verdict

    def plain(self) -> dict[str, Any]:
        """Return what is told beside the verdict in JSON."""
        receipt, told = self.check.receipt, {}
        if receipt is not None:
            told["receipt"] = plain_receipt(receipt)
        for name, fault in (("receipt", self.check.fault), ("copy", self.copy_fault)):
            if fault is not None:
                told[name] = failures.as_dict(fault)
        if self.copy is not None:
            told["copy"] = {"file": str(self.copy)}
        return told

    def lines(self, terminal: Terminal) -> list[str]:
        """Return what is told beside the verdict in words."""
        lines, receipt = [], self.check.receipt
        if receipt is not None:
            said = receipt.receipt
            lines.append(
                terminal.words(
                    f"  回执：{said.window} 第 {said.number} 号",
                    f"  Receipt: {said.window}, number {said.number}",
                )
            )
        if self.copy is not None:
            lines.append(terminal.words(f"  存卷件：{self.copy}", f"  Case copy: {self.copy}"))
        return lines

    def tell_faults(self, terminal: Terminal) -> None:
        """Tell loudly what could not be kept."""
        if (fault := self.check.fault) is not None:
            terminal.note(
                f"× 本次核验没有留下回执：{fault.message('zh')}",
                f"× No receipt of this check was kept: {fault.message('en')}",
            )
        if (fault := self.copy_fault) is not None:
            terminal.note(
                f"× 没有写出存卷件：{fault.message('zh')}",
                f"× The case copy was not written: {fault.message('en')}",
            )


def plain_receipt(receipt: SignedReceipt) -> dict[str, Any]:
    """Return a receipt as plain values for JSON."""
    said = receipt.receipt
    return {
        "window": said.window, "number": said.number, "sha256": receipt.digest,
        "key": receipt.kid, "token": receipt.token,
    }  # fmt: skip


def require_none(case: str | None, clerk: str | None, copy: Path | None) -> None:
    """Require that nothing is to be kept of a look back.

    Raises:
        FormatError: It is.
    """
    if (case, clerk, copy) != (None, None, None):
        raise FormatError(
            "按过去时间核验不留回执", "a look back leaves no receipt", where="--at",
            fix_zh="留存回执请不要加 --at；重验回执用 ecert receipt replay",
            fix_en="Leave --at out; ecert receipt replay replays a receipt",
        )  # fmt: skip


def require_copy_fits(case: str | None, copy: Path | None) -> None:
    """Require, before the code is used up, that a case copy can be written.

    Raises:
        FormatError: No case is named, or there is no such folder.
    """
    if copy is not None and case is None:
        raise FormatError(
            "存卷件要有办件编号", "a case copy belongs to a case", where="--copy",
            fix_zh="请加 --case", fix_en="Add --case",
        )  # fmt: skip
    if copy is not None and (copy.is_dir() or not copy.parent.is_dir()):
        raise FormatError(
            "存卷件写不到这里", "a case copy cannot be written there", where=str(copy),
            fix_zh="请给出已有文件夹中的文件名", fix_en="Name a file in a folder that exists",
        )  # fmt: skip


def check(
    workspace: Workspace,
    what: str | bytes | Path,
    *,
    copy: Path | None,
    matter: str | None,
    case: str | None,
    clerk: str | None,
    challenge: str | None,
    verifier: Verifier,
    fetch: Callable[[], Verdict] | None = None,
) -> Kept:
    """Check what was scanned, keep its receipt, and write the case copy that was asked for."""
    done = workspace.checks_by(verifier).check(
        what, matter=matter, case=case, clerk=clerk, challenge=challenge, fetch=fetch
    )
    if copy is None:
        return Kept(done)
    # The answer is there and the code is used up: whatever happens now, the clerk gets it.
    try:
        if done.verdict.accepted and done.fault is not None:
            raise done.fault
        text = workspace.receipts.case_copy(done)
        from ecert.sheets.atomic import atomic_file

        with atomic_file(copy) as file:
            file.write(text.encode("ascii"))
    except EcertError as error:
        return Kept(done, copy_fault=error)
    return Kept(done, copy)
