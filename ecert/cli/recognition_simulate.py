"""``ecert recognition simulate``: what a list would make of the licences of a register."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ecert.cli.following import following_licences
from ecert.cli.recognition_figures import lines_of, write_figures
from ecert.cli.recognition_files import AnyList, OnDay, known_here, moment_of, read_list
from ecert.cli.terminal import Terminal
from ecert.cli.words import told
from ecert.errors import FormatError

if TYPE_CHECKING:
    from datetime import datetime

    from ecert.cli.recognition_files import KnownHere
    from ecert.interop.recognition import RecognitionList
    from ecert.interop.simulation import ListTrial
    from ecert.model.catalogue import Catalogue

FromRegister = Annotated[
    str,
    typer.Option(
        "--register", metavar="DIR|URL",
        help=told(
            "证照库：工作区文件夹或数据库地址", "The register: a workspace's folder or a database"
        ),
    ),
]  # fmt: skip
Reader = Annotated[
    str | None,
    typer.Option(
        "--region", metavar="CODE",
        help=told(
            "在哪个地区核验；清单只有两方时默认为另一方",
            "The window's region; of a list of two parties, by default the other one",
        ),
    ),
]  # fmt: skip
ForMatter = Annotated[
    str | None,
    typer.Option(
        "--matter",
        help=told(
            "事项；不给则只算对全部事项认可的", "The matter; without it, what holds for all matters"
        ),
    ),
]
Against = Annotated[
    str | None,
    typer.Option(
        "--against", metavar="FILE|ID",
        help=told(
            "与哪一版比较，默认为现行的同一清单",
            "The version to compare with; by default the one in force",
        ),
    ),
]  # fmt: skip
Profile = Annotated[
    str, typer.Option("--profile", help=told("亮证范围：full 或 minimal 等", "The show profile"))
]
Examples = Annotated[
    int,
    typer.Option(
        "--examples", min=0, max=100,
        help=told("每类列出几份证照", "How many licences are named of each kind"),
    ),
]  # fmt: skip
Output = Annotated[
    Path | None,
    typer.Option(
        "--output", "-o", metavar="FILE",
        help=told("另写入工作簿（.xlsx），A4 横向", "Write a workbook (.xlsx) too, A4 landscape"),
    ),
]  # fmt: skip


def simulate_list(
    terminal: Terminal,
    source: AnyList,
    register: FromRegister,
    region: Reader = None,
    matter: ForMatter = None,
    at: OnDay = None,
    against: Against = None,
    profile: Profile = "full",
    examples: Examples = 5,
    output: Output = None,
) -> None:
    """Count how many licences of a register a list would accept, and why not the others."""
    from ecert.interop.tally import simulate
    from ecert.model.calendar import office_day
    from ecert.model.regions import require
    from ecert.workspace.walking import open_register, walk

    known = known_here(terminal)
    document = read_list(source, known)
    before = _before(document, against, known)
    moment = moment_of(at)
    if region is not None:
        require(region, office_day(moment))
    elif any(len(one.parties) != 2 for one in (document, before) if one is not None):
        raise FormatError(
            "清单不止两方，请说明在哪个地区核验",
            "the list has more than two parties: say where licences are shown", where="--region",
        )  # fmt: skip
    with open_register(register) as held, following_licences(terminal) as tell:
        wish = {"reader": region, "matter": matter, "profile": profile}
        # The register's own definitions count: by them its licences are shown.
        catalogue = known.catalogue.with_carried((*known.catalogue, *held.catalogue))
        trial = _trial(document, catalogue, moment, wish)
        tally = simulate(
            walk(held.register, office_day(moment), tell=tell),
            trial,
            against=None if before is None else _trial(before, catalogue, moment, wish),
            examples=examples,
        )
    named = catalogue.with_carried((*catalogue, *document.types))
    if output is not None:
        write_figures(output, tally, named, terminal.language)
    plain: dict[str, Any] = {
        "list_id": document.list_id, "version": document.version,
        "against": None if before is None else before.version,
        "at": moment.isoformat(), **wish,
        "file": None if output is None else str(output),
    } | tally.to_dict()  # fmt: skip
    terminal.emit(plain, lines_of(terminal, tally, named))
    if output is not None:
        terminal.note(f"  已写入 {output}", f"  Written: {output}")


def _before(
    document: RecognitionList, against: str | None, known: KnownHere
) -> RecognitionList | None:
    if against is not None:
        return read_list(against, known)
    held = known.in_force(document)
    return None if held == document else held


def _trial(
    document: RecognitionList, catalogue: Catalogue, at: datetime, wish: dict[str, str | None]
) -> ListTrial:
    from ecert.interop.simulation import FULL, ListTrial

    return ListTrial(
        document,
        catalogue=catalogue,
        at=at,
        reader=wish["reader"],
        matter=wish["matter"],
        profile=wish["profile"] or FULL,
    )
