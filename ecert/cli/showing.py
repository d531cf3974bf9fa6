"""``ecert show``: make a show code; the wallet's own licences, or another's under a mandate."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from ecert import limits
from ecert.cli.font_options import Fonts
from ecert.cli.handing_out import WRITERS, hand_out
from ecert.cli.held_options import HeldSome, WalletOption
from ecert.cli.online_words import Fields, Online
from ecert.cli.show_card import AsCard, require_card_file
from ecert.cli.show_card import draw as draw_card
from ecert.cli.showing_options import AskPIN, Challenge, For, Mandate, Output, Profile, To
from ecert.cli.terminal import Terminal, require_place
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
from ecert.errors import FormatError

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from ecert.show.card import Titled
    from ecert.wallet.wallet import Wallet


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
    online: Online = False,
    fields: Fields = None,
) -> None:
    """Make a show code, and note it in the wallet's log."""
    if card:
        require_card_file(output)
    _require_readable(output, challenge)
    require_place(output)
    wish = Wish(matter, region, request)
    if wish.given and (profile is not None or mandate is not None):
        raise _chosen_twice()
    if online and (challenge is not None or profile is not None or mandate is not None or card):
        raise _not_on_line()
    opened = open_wallet(terminal, wallet)
    how: str | dict[str, str] = profile or "minimal"
    acting: str | None = None
    if wish.given:
        how = choose(terminal, opened, licence or (), wish)
        ids = list(how)
    else:
        ids, acting = _to_show(opened, licence, mandate)
    typed = pin_for_showing(terminal, opened, wallet, asked=pin)
    if online:
        from ecert.cli.online import show_online

        show_online(terminal, opened, ids, fields, output, pin=typed)
        return
    code = opened.show(
        *ids, profile=how, challenge=challenge, pin=typed, mandate=acting, to=to,
        matter=noted or matter or "",
    )  # fmt: skip
    draw = partial(draw_card, held=_titles(opened, ids, acting), fonts=fonts) if card else None
    hand_out(terminal, code, output, draw=draw)
    life = int(limits.SHOW_CODE_LIFE.total_seconds())
    terminal.note(
        f"  {len(code.text)} 位数字，{life} 秒内有效，只能用一次",
        f"  {len(code.text)} digits, good for {life} seconds and one use",
    )


def _require_readable(output: Path | None, challenge: str | None) -> None:
    if output is not None and str(output) != "-" and output.suffix not in WRITERS:
        raise FormatError(
            "不认识的文件种类", "unknown kind of file", where=str(output),
            fix_zh="请用 .png、.svg 或 .txt", fix_en="Use .png, .svg or .txt",
        )  # fmt: skip
    if challenge is not None and not 1 <= len(challenge) <= limits.MAX_CHALLENGE_CHARS:
        most = limits.MAX_CHALLENGE_CHARS
        raise FormatError(f"应为1至{most}个字符", f"1 to {most} characters", where="--challenge")


def _chosen_twice() -> FormatError:
    return FormatError(
        "--for、--request 与 --profile、--mandate 只能用一种",
        "--for and --request choose the profile, of the wallet's own licences",
        where="--for", fix_zh="去掉 --profile，由程序选最少的；代办请写明 --profile",
        fix_en="Leave --profile out: the least is chosen; for a mandate give --profile alone",
    )  # fmt: skip


def _not_on_line() -> FormatError:
    return FormatError(
        "在线码不用亮证方式、窗口数字、委托和卡片",
        "an online code takes no profile, challenge, mandate or card",
        where="--online", fix_zh="请用 --field 选择照面信息", fix_en="Use --field",
    )  # fmt: skip


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
