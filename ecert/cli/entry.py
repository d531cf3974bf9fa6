"""Runs the application and turns however it ends into an exit code."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

import typer

from ecert.cli import failures, words
from ecert.cli.app import build
from ecert.cli.terminal import print_json

if TYPE_CHECKING:
    from collections.abc import Sequence


def run(arguments: Sequence[str] | None = None) -> int:
    """Run one command line and return its exit code.

    Args:
        arguments: Without the program's name; those of this process by default.
    """
    given = list(sys.argv[1:] if arguments is None else arguments)
    try:
        code = build(given)(given, prog_name="ecert", standalone_mode=False)
    except typer.Abort:
        return failures.INTERRUPTED
    except typer.TyperException as error:
        return _tell_usage(error, given)
    except BrokenPipeError:
        # Whoever read our output has seen enough; Python would complain again at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return failures.REFUSED
    return code if isinstance(code, int) else failures.DONE


def _tell_usage(error: typer.TyperException, given: Sequence[str]) -> int:
    message = error.format_message()
    if type(error).__name__ == "NoArgsIsHelpError":
        print(message, file=sys.stderr)
        return failures.USAGE
    if "--json" in given:
        told = {"kind": "UsageError", "zh": failures.usage_message(message, "zh"),
                "en": failures.usage_message(message, "en")}  # fmt: skip
        print_json({"error": told, "exit_code": failures.USAGE})
    language = words.language_of(given, os.environ)
    context = getattr(error, "ctx", None)
    path = "ecert" if context is None else context.command_path
    text = failures.usage_message(message, language)
    hint = f"。查看用法：{path} --help" if language == "zh" else f" Help: {path} --help"
    print(f"× {text}{hint}", file=sys.stderr)
    return failures.USAGE
