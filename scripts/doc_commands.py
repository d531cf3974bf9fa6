"""The table of commands, asked of the command line itself in both languages."""

from __future__ import annotations

import json
import os
import subprocess
import sys

from doc_blocks import table
from doc_samples import ROOT

# The help's language is settled when the commands are declared, so each takes a process.
_PROGRAM = """
import json
import typer.main
from ecert.cli.app import build

def walk(command, path):
    subcommands = getattr(command, "commands", None)
    if subcommands is None:
        print(json.dumps([path, (command.help or "").strip().splitlines()[0]]))
        return
    if getattr(command, "invoke_without_command", False) and path:
        print(json.dumps([path, (command.help or "").strip().splitlines()[0]]))
    for name, one in subcommands.items():
        walk(one, [*path, name])

walk(typer.main.get_command(build([])), [])
"""


def commands() -> str:
    """Return the table of commands."""
    chinese, english = (_commands(language) for language in ("zh", "en"))
    rows = [("command", "中文", "English"), ("---", "---", "---")]
    rows += [(f"`ecert {path}`", told, english[path]) for path, told in chinese.items()]
    return table(rows)


def _commands(language: str) -> dict[str, str]:
    done = subprocess.run(
        [sys.executable, "-c", _PROGRAM],
        cwd=ROOT, capture_output=True, check=True, text=True,
        env=os.environ | {"ECERT_LANG": language, "PYTHONIOENCODING": "utf-8"},
    )  # fmt: skip
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    return {" ".join(path): told for path, told in rows}
