"""``ecert wallet suggest`` and ``ecert show --for``: the least that a matter needs to be shown."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ecert import limits
from ecert.cli.arguments import WalletFile, require_file
from ecert.cli.matter_words import choice_dict, matter_dict, need_text
from ecert.cli.terminal import Terminal, read_bounded
from ecert.cli.words import told
from ecert.errors import FormatError, NotHeldError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ecert.interop.matters.request import MatterRequest
    from ecert.model.catalogue import Catalogue
    from ecert.show.fitness import Obstacle, ToShow
    from ecert.show.suggestion import NeedSuggestion, Suggestion
    from ecert.wallet.wallet import Wallet

ForMatter = Annotated[
    str | None,
    typer.Option(
        "--for", metavar="MATTER",
        help=told(
            "办什么：事项编码、名称或应用场景；按需要选显示最少的亮证方式",
            "For which matter or scene: what tells the least is chosen",
        ),
    ),
]  # fmt: skip
AtRegion = Annotated[
    str | None,
    typer.Option(
        "--region", metavar="CODE",
        help=told("办理地区，六位数字；默认本工作区", "Where it is handled; here by default"),
    ),
]  # fmt: skip
RequestFile = Annotated[
    Path | None,
    typer.Option(
        "--request", metavar="FILE",
        help=told(
            "窗口给出的事项亮证需求（ecert matter request），代替 --for",
            "What the window asks for (ecert matter request), in place of --for",
        ),
    ),
]  # fmt: skip
Some = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="LICENCE",
        help=told("只从这几份中选；可省略", "Only from these; may be left out"),
    ),
]


@dataclass(frozen=True, slots=True)
class Wish:
    """What the licences are to be shown for, as it was typed."""

    matter: str | None
    region: str | None
    request: Path | None

    @property
    def given(self) -> bool:
        """Whether anything was typed."""
        return self.matter is not None or self.request is not None


def open_wallet(terminal: Terminal, path: Path) -> Wallet:
    """Ask for the passphrase, and open a wallet."""
    from ecert.wallet.wallet import Wallet

    secret = terminal.passphrase(str(require_file(path)), wallet=True)
    with terminal.busy("正在打开卡包……", "Opening the wallet …"):
        return Wallet.open(path, secret)


def only_one(wallet: Wallet) -> list[str]:
    """Return the row of the one licence in the wallet.

    Raises:
        FormatError: There is none, or there are several.
    """
    count = len(wallet.licences)
    if count != 1:
        raise FormatError(
            f"卡包中有{count}份证照，请写明出示哪一份",
            f"the wallet holds {count}: say which to show",
            fix_zh="用 ecert wallet list 查看序号", fix_en="See their rows with: ecert wallet list",
        )  # fmt: skip
    return ["1"]


def suggest(
    terminal: Terminal,
    file: WalletFile,
    licence: Some = None,
    matter: ForMatter = None,
    region: AtRegion = None,
    request: RequestFile = None,
) -> None:
    """Tell what to show for a matter; ends with 0 whether or not something is missing."""
    wallet = open_wallet(terminal, file)
    found, catalogue = _suggestion(terminal, wallet, licence or (), Wish(matter, region, request))
    terminal.emit(_plain(found, catalogue), _lines(terminal, found, catalogue))


def choose(terminal: Terminal, wallet: Wallet, names: Sequence[str], wish: Wish) -> dict[str, str]:
    """Return what to show and in which profile, and tell it; by licence id.

    Raises:
        NotHeldError: Nothing that is held will do.
        FormatError: It has to be shown under several names of the matter, one after the other.
    """
    found, catalogue = _suggestion(terminal, wallet, names, wish)
    for line in _lines(terminal, found, catalogue):
        terminal.note(line, line)
    if not found.shown:
        raise NotHeldError(
            "卡包中没有可用于此事项的证照", "nothing in the wallet will do for this matter",
            fix_zh="所需证照见 ecert wallet suggest", fix_en="See ecert wallet suggest",
        )  # fmt: skip
    if len(found.matters) > 1:
        names_zh = "、".join(f"“{one}”" for one in found.matters)
        raise FormatError(
            f"这些证照要按不同的事项名称核验：{names_zh}",
            f"they are verified under {len(found.matters)} names of the matter",
            where="--for", fix_zh="请写明证照，分次出示", fix_en="Name them, and show one by one",
        )  # fmt: skip
    return found.profiles


def _suggestion(
    terminal: Terminal, wallet: Wallet, names: Sequence[str], wish: Wish
) -> tuple[Suggestion, Catalogue]:
    from ecert.interop.matters.request import MatterRequest
    from ecert.model.catalogue import builtin
    from ecert.workspace.handover import find_held

    if (wish.matter is None) is (wish.request is None):
        raise FormatError(
            "请用 --for 写明事项，或用 --request 给出需求文件",
            "give the matter with --for, or a file with --request", where="--for",
        )  # fmt: skip
    ids = [find_held(wallet, name).id for name in names]
    if wish.request is not None:
        data = read_bounded(wish.request, limits.MAX_MATTER_REQUEST_BYTES)
        request, catalogue = MatterRequest.from_bytes(data), builtin()
    else:
        request, catalogue = _own_request(terminal, wallet, wish)
    if request.is_scene and not ids:
        # A scene asks for nothing by itself.
        ids = [find_held(wallet, name).id for name in only_one(wallet)]
    return wallet.suggest(request, *ids, catalogue=catalogue), catalogue


def _own_request(terminal: Terminal, wallet: Wallet, wish: Wish) -> tuple[MatterRequest, Catalogue]:
    from ecert.clock import system_clock
    from ecert.model.identifiers import LicenceId

    types = {LicenceId.parse(held.id).type_code for held in wallet.licences}
    with terminal.workspace() as workspace:
        region = workspace.settings.region if wish.region is None else wish.region
        request = workspace.matters.request(
            wish.matter or "", region, at=system_clock(), types=types
        )
        return request, workspace.catalogue


def _plain(found: Suggestion, catalogue: Catalogue) -> dict[str, Any]:
    return {
        "matter": matter_dict(found.matter), "region": found.region, "on": found.on.isoformat(),
        "complete": found.complete, "matters": list(found.matters), "profiles": found.profiles,
        "needs": [_need_dict(one, catalogue) for one in found.needs],
    }  # fmt: skip


def _need_dict(one: NeedSuggestion, catalogue: Catalogue) -> dict[str, Any]:
    choices = () if one.need is None else one.need.choices
    return {
        "choices": [choice_dict(choice, catalogue) for choice in choices],
        "chosen": None if one.chosen is None else _shown_dict(one.chosen),
        "alternatives": [_shown_dict(other) for other in one.alternatives],
        "obstacles": [
            {
                "licence_id": it.licence_id, "type_name": it.type_name,
                "reason": it.reason.value, "fields": list(it.fields),
            }
            for it in one.obstacles
        ],
    }  # fmt: skip


def _shown_dict(one: ToShow) -> dict[str, Any]:
    return {
        "licence_id": one.licence_id, "type_name": one.licence_type.name,
        "profile": one.profile.name, "tells": list(one.tells()), "matter": one.matter,
        "entry": None if one.entry is None else one.entry.entry.id,
        "sample": one.entry is not None and one.entry.sample,
    }  # fmt: skip


def _lines(terminal: Terminal, found: Suggestion, catalogue: Catalogue) -> Iterator[str]:
    words = terminal.words
    yield f"{found.matter.name}  {found.region}  {found.on.isoformat()}"
    if not found.needs:
        yield words("  不需要出示证照", "  No licence has to be shown")
    for number, one in enumerate(found.needs, start=1):
        needed = "" if one.need is None else f"{need_text(terminal, one.need, catalogue)}："
        if one.chosen is None:
            yield f"  {number}. × {needed}{words('卡包中没有可用的', 'nothing held will do')}"
        else:
            yield f"  {number}. √ {needed}{_shown_text(terminal, one.chosen)}"
        for obstacle in one.obstacles:
            yield f"     {_obstacle_text(terminal, obstacle)}"
        for other in one.alternatives:
            yield words("     也可：", "     or: ") + _shown_text(terminal, other)
    for name in found.matters:
        yield words(f"  核验时事项写“{name}”", f'  to be verified for "{name}"')
    if found.missing:
        yield words(f"△ 还缺 {len(found.missing)} 项", f"△ {len(found.missing)} missing")


def _shown_text(terminal: Terminal, one: ToShow) -> str:
    items = one.tells(terminal.language)
    sample = one.entry is not None and one.entry.sample
    return terminal.words(
        f"{one.licence_type.name}，用 {one.profile.name}，显示：{'、'.join(items)}"
        f"{'（据样例清单）' if sample else ''}",
        f"{one.licence_type.name}, {one.profile.name}, telling: {', '.join(items)}"
        f"{' (by a sample list)' if sample else ''}",
    )


def _obstacle_text(terminal: Terminal, one: Obstacle) -> str:
    wording, fields = one.reason.wording, "、".join(one.fields)
    about = f"（{fields}）" if fields else ""
    return terminal.words(
        f"{one.type_name}：{wording.zh}{about}", f"{one.type_name}: {wording.en}{about}"
    )
