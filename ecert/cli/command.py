"""Declares commands: each gets the shared options, and its errors become exit codes."""

from __future__ import annotations

import inspect
import os
import re
import sys
from dataclasses import dataclass
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final, cast

import typer

from ecert.cli import failures, words
from ecert.cli.terminal import Terminal, print_json
from ecert.cli.words import told
from ecert.errors import EcertError, FormatError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from ecert.reasons import Language

_HALF: Final = re.compile("[\ud800-\udfff]")
_SCANNED: Final = "scanned"
_PANEL: Final = told("通用选项", "Shared options")

Folder = Annotated[
    Path | None,
    typer.Option(
        "-C",
        "--folder",
        metavar="DIR",
        rich_help_panel=_PANEL,
        help=told(
            "工作区文件夹，默认为当前文件夹", "The workspace's folder; the current one by default"
        ),
    ),
]
JSON = Annotated[
    bool,
    typer.Option(
        "--json",
        rich_help_panel=_PANEL,
        help=told("结果输出为一个 JSON 文档", "Print the result as one JSON document"),
    ),
]
Lang = Annotated[
    str | None,
    typer.Option(
        "--lang",
        metavar="zh|en",
        rich_help_panel=_PANEL,
        help=told("语言，也可用环境变量 ECERT_LANG", "Language; also the variable ECERT_LANG"),
    ),
]
PassphraseFile = Annotated[
    Path | None,
    typer.Option(
        "--passphrase-file",
        metavar="FILE",
        rich_help_panel=_PANEL,
        help=told(
            "口令从此文件第一行读取；也可用环境变量 ECERT_PASSPHRASE，"
            "卡包口令先看 ECERT_WALLET_PASSPHRASE",
            "Read the passphrase from this file's first line; also the variable ECERT_PASSPHRASE, "
            "for wallets first ECERT_WALLET_PASSPHRASE",
        ),
    ),
]
DryRun = Annotated[
    bool,
    typer.Option(
        "--dry-run",
        help=told(
            "只检查并显示会做什么，不作改动", "Check and tell what would be done; change nothing"
        ),
    ),
]
Yes = Annotated[
    bool, typer.Option("--yes", "-y", help=told("已核对，不再询问", "Checked already; do not ask"))
]


@dataclass(slots=True)
class Given:
    """The shared options, as far as they were given before the command's name."""

    folder: Path | None = None
    json: bool = False
    lang: str | None = None
    passphrase_file: Path | None = None


_SHARED: Final = (
    ("ctx", typer.Context, inspect.Parameter.empty),
    ("folder", Folder, None),
    ("json", JSON, False),
    ("lang", Lang, None),
    ("passphrase_file", PassphraseFile, None),
)


def command(app: typer.Typer, name: str, *, zh: str, en: str) -> Callable[[Any], Any]:
    """Declare a function as the command ``name``; its first argument is the `Terminal`.

    Args:
        app: The group it belongs to.
        name: What is typed.
        zh: What it does, in Chinese.
        en: The same in English.
    """

    def declare(function: Callable[..., None]) -> Callable[..., None]:
        app.command(name, help=told(zh, en))(_with_shared_options(function))
        return function

    return declare


def own_command(app: typer.Typer) -> Callable[[Any], Any]:
    """Declare a function as what a group does when none of its commands is named."""

    def declare(function: Callable[..., None]) -> Callable[..., None]:
        app.callback(invoke_without_command=True)(_with_shared_options(function))
        return function

    return declare


def _with_shared_options(function: Callable[..., None]) -> Callable[..., None]:
    @wraps(function)
    def run(ctx: typer.Context, **values: Any) -> None:
        given = ctx.obj if isinstance(ctx.obj, Given) else Given()
        shared = {name: values.pop(name) for name, *_ in _SHARED[1:]}
        ctx.obj = _merged(given, shared)
        if ctx.invoked_subcommand is None:
            _run(function, values, ctx.obj)

    del vars(run)["__wrapped__"]  # set by `wraps`; Typer would follow it
    own = list(inspect.signature(function, eval_str=True).parameters.values())[1:]
    parameters = [
        inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=kind)
        for name, kind, default in (
            *_SHARED[:1],
            *((one.name, one.annotation, one.default) for one in own),
            *_SHARED[1:],
        )
    ]
    vars(run)["__signature__"] = inspect.Signature(parameters)
    run.__annotations__ = {one.name: one.annotation for one in parameters}
    return run


def group(app: typer.Typer, name: str, *, zh: str, en: str, bare: bool = False) -> typer.Typer:
    """Add a group of commands and return it.

    Args:
        app: Where to.
        name: What is typed.
        zh: What it is for, in Chinese.
        en: The same in English.
        bare: Whether it does something by itself (`own_command`).
    """
    new = typer.Typer(no_args_is_help=not bare)
    app.add_typer(new, name=name, help=told(zh, en))
    return new


def _merged(given: Given, shared: dict[str, Any]) -> Given:
    return Given(
        folder=shared["folder"] or given.folder,
        json=shared["json"] or given.json,
        lang=shared["lang"] or given.lang,
        passphrase_file=shared["passphrase_file"] or given.passphrase_file,
    )


def _run(function: Callable[..., None], values: dict[str, Any], given: Given) -> None:
    language = given.lang or words.language_of((), os.environ)
    terminal = Terminal(
        folder=given.folder or Path(),
        language=cast("Language", language) if language in words.LANGUAGES else "zh",
        json=given.json,
        passphrase_file=given.passphrase_file,
    )
    try:
        if language not in words.LANGUAGES:
            raise FormatError("语言只有 zh 和 en", "the languages are zh and en", where="--lang")
        _require_text(values)
        function(terminal, **values)
    except EcertError as error:
        _refuse(terminal, error)
    except ImportError as error:
        missing = failures.from_import(error)
        if missing is None:
            raise
        _refuse(terminal, missing)
    except BrokenPipeError:
        raise  # whoever read our output has seen enough
    except OSError as error:
        _refuse(terminal, failures.from_os(error))


def _require_text(values: Mapping[str, Any]) -> None:
    # A byte that is no UTF-8 reaches us as half a character.  Names of files may have such; and
    # what a scanner sends is judged where it is verified.
    for name, value in values.items():
        for text in value if isinstance(value, list) else [value]:
            if not isinstance(text, str) or name == _SCANNED:
                continue
            if _HALF.search(text) and not os.path.lexists(text):
                raise FormatError(
                    "不是 UTF-8 编码的文字", "not text in UTF-8", where=name.replace("_", "-"),
                    fix_zh="请在 UTF-8 终端中重新输入", fix_en="Type it again in a UTF-8 terminal",
                )  # fmt: skip


def _refuse(terminal: Terminal, error: EcertError) -> None:
    if terminal.json:
        print_json(failures.as_dict(error))
    print(f"× {error.message(terminal.language)}", file=sys.stderr)
    raise typer.Exit(failures.exit_code(error))
