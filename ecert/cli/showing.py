"""``ecert show``: make a show code; the wallet's own licences, or another's under a mandate."""

from __future__ import annotations

import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from ecert import limits
from ecert.cli.font_options import Fonts
from ecert.cli.held_options import HeldSome, WalletOption
from ecert.cli.show_card import AsCard, require_card_file
from ecert.cli.show_card import draw as draw_card
from ecert.cli.terminal import Terminal, write_whole
from ecert.cli.wallet_secrets import pin_for_showing
from ecert.cli.wallet_suggest import (
    AtRegion,
    ForMatter,
    RequestFile,
    Wish,
    choose,
    only_one,
    open_wallet,
)
from ecert.cli.words import told
from ecert.errors import FormatError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from ecert.show.card import Titled
    from ecert.show.code import ShowCode
    from ecert.wallet.wallet import Wallet

Profile = Annotated[
    str | None,
    typer.Option(
        "--profile",
        help=told(
            "亮证方式：minimal 最少（默认），full 全部",
            "How much is shown: minimal (the default) or full",
        ),
    ),
]
Challenge = Annotated[
    str | None,
    typer.Option(
        "--challenge",
        help=told(
            "窗口给出的数字，或扫窗口二维码得到的数字",
            "The number that the window shows, typed or as its QR code was scanned",
        ),
    ),
]
Mandate = Annotated[
    str | None,
    typer.Option(
        "--mandate",
        help=told(
            "凭此委托代办：卡包中的序号或编号（ecert mandate list）",
            "As an agent, by this mandate: its row or id (ecert mandate list)",
        ),
    ),
]
Output = Annotated[
    Path | None,
    typer.Option(
        "--output",
        "-o",
        metavar="FILE",
        help=told(
            "写入 .png、.svg 或 .txt（数字）；- 为标准输出",
            "Write a .png, .svg or .txt (the digits); - is stdout",
        ),
    ),
]


AskPIN = Annotated[
    bool,
    typer.Option(
        "--pin",
        help=told(
            "输入亮证密码（不回显），无人值守的自助终端需要；也可用环境变量 ECERT_WALLET_PIN",
            "Ask for the show PIN, without echo, as a self-service terminal needs; also the "
            "variable ECERT_WALLET_PIN",
        ),
    ),
]
To = Annotated[
    str,
    typer.Option(
        "--to", metavar="WHO", help=told("出示给谁（只记入亮证记录）", "To whom; for the log alone")
    ),
]
For = Annotated[
    str,
    typer.Option(
        "--matter", metavar="WHAT",
        help=told("为何事出示（只记入亮证记录）", "What for; for the log alone"),
    ),
]  # fmt: skip


def show(
    terminal: Terminal,
    wallet: WalletOption,
    licence: HeldSome = None,
    profile: Profile = None,
    matter: ForMatter = None,
    region: AtRegion = None,
    request: RequestFile = None,
    challenge: Challenge = None,
    mandate: Mandate = None,
    output: Output = None,
    pin: AskPIN = False,
    to: To = "",
    noted: For = "",
    card: AsCard = False,
    fonts: Fonts = None,
) -> None:
    """Make a show code, and note it in the wallet's log."""
    if card:
        require_card_file(output)
    if output is not None and str(output) != "-" and output.suffix not in _WRITERS:
        raise FormatError(
            "不认识的文件种类", "unknown kind of file", where=str(output),
            fix_zh="请用 .png、.svg 或 .txt", fix_en="Use .png, .svg or .txt",
        )  # fmt: skip
    if challenge is not None and not 1 <= len(challenge) <= limits.MAX_CHALLENGE_CHARS:
        most = limits.MAX_CHALLENGE_CHARS
        raise FormatError(f"应为1至{most}个字符", f"1 to {most} characters", where="--challenge")
    wish = Wish(matter, region, request)
    if wish.given and (profile is not None or mandate is not None):
        raise FormatError(
            "--for、--request 不能与 --profile、--mandate 同用",
            "--for and --request choose the profile, of the wallet's own licences",
            where="--for", fix_zh="去掉 --profile，由程序选最少的；代办请写明 --profile",
            fix_en="Leave --profile out: the least is chosen; for a mandate give --profile alone",
        )  # fmt: skip
    opened = open_wallet(terminal, wallet)
    how: str | dict[str, str] = profile or "minimal"
    acting: str | None = None
    if wish.given:
        how = choose(terminal, opened, licence or (), wish)
        ids = list(how)
    else:
        ids, acting = _to_show(opened, licence, mandate)
    typed = pin_for_showing(terminal, opened, wallet, asked=pin)
    code = opened.show(
        *ids, profile=how, challenge=challenge, pin=typed, mandate=acting, to=to,
        matter=noted or matter or "",
    )  # fmt: skip
    draw = partial(draw_card, held=_titles(opened, ids, acting), fonts=fonts) if card else None
    _hand_out(terminal, code, output, draw)
    life = int(limits.SHOW_CODE_LIFE.total_seconds())
    terminal.note(
        f"  {len(code.text)} 位数字，{life} 秒内有效，只能用一次",
        f"  {len(code.text)} digits, good for {life} seconds and one use",
    )


def _to_show(
    wallet: Wallet, licence: list[str] | None, mandate: str | None
) -> tuple[list[str], str | None]:
    """Return the licences that are meant, and the mandate if an agent shows them."""
    from ecert.workspace.entrusting import find_entrusted, find_mandate
    from ecert.workspace.handover import find_held

    if mandate is not None:
        held = find_mandate(wallet, mandate)
        return find_entrusted(held, licence or ()), held.id
    names = licence or only_one(wallet)
    return list(dict.fromkeys(find_held(wallet, name).id for name in names)), None


def _titles(wallet: Wallet, ids: Iterable[str], mandate: str | None) -> tuple[Titled, ...]:
    """Return what names each licence that is shown."""
    held: dict[str, Titled] = {one.id: one for one in wallet.licences}
    if mandate is not None:
        held |= {one.licence_id: one for one in wallet.mandate(mandate).licences}
    return tuple(held[name] for name in ids)


_WRITERS: Final[dict[str, Callable[[ShowCode], bytes]]] = {
    ".png": lambda code: code.png(),
    ".svg": lambda code: code.svg().encode("utf-8"),
    ".txt": lambda code: f"{code.text}\n".encode("ascii"),
}


def _hand_out(
    terminal: Terminal,
    code: ShowCode,
    output: Path | None,
    draw: Callable[[ShowCode], bytes] | None = None,
) -> None:
    to_file = output is not None and str(output) != "-"
    if output is not None and to_file:
        write_whole(output, (draw or _WRITERS[output.suffix])(code))
    plain = {
        "code": code.text,
        "digits": len(code.text),
        "qr_version": code.qr_version,
        "life_seconds": int(limits.SHOW_CODE_LIFE.total_seconds()),
        "file": str(output) if to_file else None,
    }
    if to_file:
        lines = [terminal.words(f"√ 亮证码已写入 {output}", f"√ The show code is in {output}")]
    elif output is None and sys.stdout.isatty():
        lines = [_drawing(code)]
    else:
        lines = [code.text]  # a program reads it
    terminal.emit(plain, lines)


def _drawing(code: ShowCode) -> str:
    import os

    from ecert.show.render import terminal

    return terminal(code.text, colour="NO_COLOR" not in os.environ)
