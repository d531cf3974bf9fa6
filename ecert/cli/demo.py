"""``ecert demo``: plays the story, checks every verdict, and keeps what there is to see."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import orjson
import typer

from ecert.cli.command import command
from ecert.cli.failures import REFUSED
from ecert.cli.terminal import Terminal, write_whole
from ecert.cli.words import told

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ecert.cli.demo_steps import Check, Step

Out = Annotated[
    Path,
    typer.Option(
        "--out",
        metavar="DIR",
        help=told("把码、名单和结果写入此文件夹", "Where codes and lists go"),
    ),
]
_INDEX: Final = "index.md"
_SM2: Final = "sm2"
# What the console draws, and one for a check that went wrong.
_WRONG: Final = "!"


def declare(app: typer.Typer) -> None:
    """Add the command to ``app``."""
    command(
        app,
        "demo",
        zh="演示：四川颁发、亮证、重庆核验，共十五步；再用国密 SM2 演一遍",
        en="Demonstration: issue in Sichuan, verify in Chongqing; then again with SM2",
    )(demo)


def demo(terminal: Terminal, out: Out = Path("out")) -> None:
    """Play the story; the exit code is 1 if anything came out otherwise than it must."""
    from ecert.sign import sm2

    begun = time.monotonic()
    _say(terminal, *_TITLE)
    steps = _play(terminal, out, "ES256")
    if sm2.can_sign():
        _say(terminal, *_AGAIN)
        steps += _play(terminal, out / _SM2, "SGD_SM3_SM2")
    else:
        terminal.note(*_NO_SM2)
    wrong = sum(not step.as_expected for step in steps)
    _finish(terminal, out, steps, wrong, time.monotonic() - begun)
    if wrong:
        raise typer.Exit(REFUSED)


def _play(terminal: Terminal, out: Path, alg: str) -> list[Step]:
    from ecert.cli.demo_story import Story
    from ecert.clock import system_clock
    from ecert.sign import sm2

    out.mkdir(parents=True, exist_ok=True)
    steps: list[Step] = []
    index: list[str] = []
    with tempfile.TemporaryDirectory(prefix="ecert-demo-") as folder:
        story = Story(Path(folder), system_clock, alg=alg)
        for number, step in enumerate(story.play(), start=1):
            steps.append(step)
            for line in _step_lines(terminal, number, step):
                _say(terminal, line, line)
            index += _keep(terminal, out, number, step)
    heading = [f"# {terminal.words(*_TITLE)}", "", terminal.words(*_ABOUT), ""]
    if alg == "ES256" and sm2.can_sign():
        heading += [f"[SM2]({_SM2}/{_INDEX})", ""]
    write_whole(out / _INDEX, "\n".join([*heading, *index]).encode("utf-8"))
    return steps


_AGAIN: Final = (
    "\n再演一遍：四川改用国密 SM2/SM3，重庆自己的密钥仍是 ES256",
    "\nOnce more: Sichuan on SM2 with SM3, Chongqing's own keys still ES256",
)
_NO_SM2: Final = (
    "本机的 OpenSSL 没有 SM2，略过国密一遍",
    "This machine's OpenSSL has no SM2: the second playing is left out",
)


_TITLE: Final = (
    "ecert 演示：川渝两地亮证互认（密钥公开，人名机构均为虚构，结果不得作为办理依据）",
    "ecert demonstration: Sichuan and Chongqing (published keys, invented people)",
)


_ABOUT: Final = (
    "码只在生成后一分钟内有效，现在再扫都已过时；verdict 是当时的核验结果，list 是所用的名单。",
    "A code lives for a minute: all of these have run out.  A verdict is what was said then.",
)


def _say(terminal: Terminal, zh: str, en: str) -> None:
    if not terminal.json:
        print(terminal.words(zh, en), flush=True)


def _step_lines(terminal: Terminal, number: int, step: Step) -> Iterator[str]:
    yield ""
    yield terminal.words(f"【{number}】{step.zh}", f"[{number}] {step.en}")
    if step.told[0]:
        yield f"    {terminal.words(*step.told)}"
    for check in step.checks:
        yield f"    {_result(terminal, check)}"
        if check.verdict.accepted:
            yield from (f"      {line}" for line in _accepted(terminal, check))


def _result(terminal: Terminal, check: Check) -> str:
    from ecert.verify.wording import GLYPHS

    found = check.verdict
    outcome, reason = found.outcome, found.reason
    text = terminal.words(
        f"{check.zh}：{outcome.zh}（{reason.number} {reason.zh}）",
        f"{check.en}: {outcome.en} ({reason.number} {reason.en})",
    )
    if check.as_expected:
        return f"{GLYPHS[outcome]} {text}"
    expected = terminal.words(f"应为 {check.expected.zh}", f"should be: {check.expected.en}")
    return f"{_WRONG} {text}  <<< {expected}"


def _accepted(terminal: Terminal, check: Check) -> list[str]:
    licence = check.verdict.licence
    people = "、".join(f"{name}（{number}）" for name, number in licence.holders)
    fields = " ".join(f"{name} {value}" for name, value in licence.fields.items())
    lines = [
        terminal.words(
            f"{licence.type_name} · {people} · {fields}",
            f"{licence.type_name} · {people} · {fields}",
        ),
        check.verdict.parts[0].next_step(terminal.language),
    ]
    if (basis := licence.basis) is not None:
        lines.insert(1, f"{basis.list_title} {basis.entry}")
    return lines


def _keep(terminal: Terminal, out: Path, number: int, step: Step) -> list[str]:
    """Write what a step leaves behind, and return its lines of the index."""
    files = dict(step.files)
    results = []
    for place, check in enumerate(step.checks, start=1):
        suffix = f"-{place}" if len(step.checks) > 1 else ""
        files[f"code{suffix}.png"] = check.code.png()
        files[f"verdict{suffix}.json"] = orjson.dumps(
            check.verdict.to_dict(), option=orjson.OPT_INDENT_2
        )
        results.append(f"- {_result(terminal, check)}")
    names = [f"{number:02d}-{name}" for name in files]
    for name, data in zip(names, files.values(), strict=True):
        write_whole(out / name, data)
    links = [f"- [{name}]({name})" for name in names]
    title = terminal.words(step.zh, step.en)
    return [f"## {number}. {title}", "", *results, *links, ""]


def _finish(terminal: Terminal, out: Path, steps: list[Step], wrong: int, seconds: float) -> None:
    plain: dict[str, Any] = {
        "as_expected": not wrong,
        "out": str(out),
        "steps": [
            {
                "step": number,
                "title": {"zh": step.zh, "en": step.en},
                "as_expected": step.as_expected,
                "verdicts": [check.verdict.to_dict() for check in step.checks],
            }
            for number, step in enumerate(steps, start=1)
        ],
    }
    ending = (
        f"{len(steps)} 步全部符合预期" if not wrong else f"{wrong} 步不符合预期",
        f"all {len(steps)} steps came out as they must" if not wrong else f"{wrong} steps did not",
    )
    index = out / _INDEX
    lines = terminal.words(
        f"\n{ending[0]}，用时 {seconds:.1f} 秒。文件目录：{index}",
        f"\n{ending[1]}, in {seconds:.1f} s.  What there is to see: {index}",
    )
    terminal.emit(plain, [lines])
