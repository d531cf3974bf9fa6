"""Declares what tries a recognition list out before it is signed: lint, diff and simulate."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ecert.cli.command import command
from ecert.cli.recognition_diff import diff_lists
from ecert.cli.recognition_lint import lint_list
from ecert.cli.recognition_simulate import simulate_list

if TYPE_CHECKING:
    import typer


def declare(lists: typer.Typer) -> None:
    """Add the commands to the group of recognition lists."""
    command(
        lists, "lint", zh="检查互认清单：缺漏、矛盾、未知代码",
        en="Check a list for gaps, contradictions and unknown codes",
    )(lint_list)  # fmt: skip
    command(
        lists, "diff", zh="比较两版互认清单：新增、撤回、收窄、放宽",
        en="Compare two versions of a list: what is narrowed, what is widened",
    )(diff_lists)  # fmt: skip
    command(
        lists, "simulate", zh="用证照库试算互认清单：多少认可，多少不认可",
        en="Try a list out on a register: how many licences it would accept",
    )(simulate_list)  # fmt: skip
