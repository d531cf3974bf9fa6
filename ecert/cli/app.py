"""The application: every command, and the options that may stand before its name."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Annotated, Final

import typer

from ecert import __version__
from ecert.cli.command import JSON, Folder, Given, Lang, PassphraseFile
from ecert.cli.words import told

if TYPE_CHECKING:
    from collections.abc import Sequence


def _print_version(asked: bool) -> None:
    if asked:
        print(f"ecert {__version__}")
        raise typer.Exit


def before(
    ctx: typer.Context,
    folder: Folder = None,
    json: JSON = False,
    lang: Lang = None,
    passphrase_file: PassphraseFile = None,
    version: Annotated[  # noqa: ARG001 - its callback does the work
        bool,
        typer.Option(
            "--version",
            callback=_print_version,
            is_eager=True,
            help=told("显示版本", "Show the version"),
        ),
    ] = False,
) -> None:
    """Keep the options given before the command's name for the command."""
    ctx.obj = Given(folder=folder, json=json, lang=lang, passphrase_file=passphrase_file)


# Who declares what, in the order of the day: the help lists them so.
_ACTORS: Final = {
    "demo": ("demo",),
    "office": ("init", "key"),
    "types": ("type",),
    "issuer": ("issue",),
    "deliver": ("deliver",),
    "together": ("issue-together",),
    "lifecycle": (
        "suspend",
        "reinstate",
        "cancel",
        "withdraw",
        "revoke",
        "take-back",
        "transfer",
    ),
    "renewal": ("renew",),
    "credentials": ("withdraw-credential", "purpose-copy"),
    "print_out": ("print",),
    "licence": ("licence",),
    "objection": ("objection",),
    "bulk": ("bulk",),
    "holder": ("wallet", "show"),
    "mandate": ("mandate",),
    "hosted": ("wallets",),
    "online": ("online",),
    "window": ("verify",),
    "challenge": ("challenge",),
    "receipt": ("receipt",),
    "show_service": ("show-service",),
    "partner": ("trust",),
    "status": ("status",),
    "recognition": ("recognition",),
    "matter": ("matter",),
    "sync": ("sync",),
    "knowledge": ("knowledge",),
    "serve": ("serve", "token"),
    "webhook": ("webhook",),
    "sharing": ("sharing",),
    "hall": ("hall",),
    "stock": ("stock",),
    "stats": ("stats",),
    "audit": ("audit",),
    "inspection": ("inspect",),
    "database": ("db",),
    "doctor": ("doctor",),
}


def build(arguments: Sequence[str]) -> typer.Typer:
    """Return the application with the commands that ``arguments`` may mean; all if it names none.

    A window checks a code in half a second, of which declaring the other commands would be a tenth.
    """
    app = typer.Typer(
        name="ecert",
        help=told(
            "电子证照：一地颁发，另一地扫码即认，断网可用。",
            "Electronic licences (电子证照): issued in one region, trusted in another in one scan.",
        ),
        epilog=told(
            "退出码：0 认可或完成，1 不认可，2 用法不对，3 无法判定，4 密钥或权限，"
            "5 完成但有行未办理，130 中断",
            "Exit codes: 0 accepted or done, 1 refused or not recognised, 2 usage, 3 undetermined, "
            "4 key or permission, 5 finished with rejected rows, 130 interrupted",
        ),
        no_args_is_help=True,
        # A traceback with local variables would print licences.
        pretty_exceptions_enable=False,
    )
    app.callback()(before)
    named = {actor for actor, names in _ACTORS.items() if not set(names).isdisjoint(arguments)}
    for actor in _ACTORS:
        if actor in named or not named:
            import_module(f"ecert.cli.{actor}").declare(app)
    return app
