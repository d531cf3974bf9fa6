"""What holds for every command: language, JSON, exit codes, prompts, consent."""

from __future__ import annotations

import getpass
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from ecert import __version__
from ecert.cli import failures, window, words
from ecert.cli.app import _ACTORS, build
from ecert.cli.entry import run
from ecert.cli.terminal import Terminal, write_whole
from ecert.errors import (
    CustodyError,
    EcertError,
    FieldsError,
    FormatError,
    PictureError,
    RequestConflictError,
    ScannerMissingError,
    StoreError,
    VaultError,
    WorkspaceError,
)
from ecert.reasons import Outcome
from tests.cli.conftest import tree
from tests.cli.people import NUMBER, PASSPHRASE

if TYPE_CHECKING:
    from tests.cli.conftest import Runs


def test_the_version(ecert: Runs) -> None:
    assert ecert("--version").out == f"ecert {__version__}\n"


def test_without_a_command_it_shows_all_of_them(ecert: Runs) -> None:
    ran = ecert()
    told = ran.out + ran.err
    for name in (
        "init", "demo", "key", "type", "issue", "show", "verify", "inspect", "suspend",
        "reinstate", "cancel", "withdraw", "revoke", "wallet", "recognition", "trust", "status",
        "deliver", "doctor",
    ):  # fmt: skip
        assert f" {name} " in told
    assert ran.code == failures.USAGE


# -- language ---------------------------------------------------------------------------------


def test_chinese_unless_asked_otherwise(ecert: Runs, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "不是工作区" in ecert("verify", "1").err
    assert "not a workspace" in ecert("verify", "1", "--lang", "en").err
    assert "not a workspace" in ecert("--lang", "en", "verify", "1").err
    monkeypatch.setenv("ECERT_LANG", "en")
    assert "not a workspace" in ecert("verify", "1").err
    assert "不是工作区" in ecert("verify", "1", "--lang", "zh").err


def test_an_unknown_language_is_a_usage_error(ecert: Runs) -> None:
    ran = ecert("type", "list", "--lang", "fr")
    assert ran.code == failures.USAGE
    assert "--lang" in ran.err


@pytest.mark.parametrize(
    ("arguments", "environ", "language"),
    [
        ([], {}, "zh"),
        (["--lang", "en"], {}, "en"),
        (["--lang=en"], {}, "en"),
        (["--lang"], {}, "zh"),
        (["--lang", "fr"], {}, "zh"),
        ([], {"ECERT_LANG": "en"}, "en"),
        (["--lang", "zh"], {"ECERT_LANG": "en"}, "zh"),
    ],
)
def test_the_language_of_the_help(
    arguments: list[str], environ: dict[str, str], language: str
) -> None:
    assert words.language_of(arguments, environ) == language


# -- usage ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "zh", "en"),
    [
        (["nope"], "没有命令 'nope'", "No such command 'nope'"),
        (["issue"], "缺少 'TYPE'", "Missing argument"),
        (["init", "x"], "缺少 '--region'", "Missing option"),
        (["type", "list", "--nope"], "没有选项 --nope", "No such option"),
        (["type", "list", "a", "b"], "多出了参数 a b", "unexpected extra argument"),
        (["verify", "1", "--for"], "选项 '--for' 后面要有值", "requires an argument"),
    ],
)
def test_wrong_usage_is_told_in_both_languages(
    ecert: Runs, arguments: list[str], zh: str, en: str
) -> None:
    chinese, english = ecert(*arguments), ecert("--lang=en", *arguments)
    assert (chinese.code, english.code) == (failures.USAGE, failures.USAGE)
    assert zh in chinese.err
    assert "--help" in chinese.err
    assert en in english.err
    assert chinese.out == ""


def test_wrong_usage_is_one_json_document_if_asked(ecert: Runs) -> None:
    ran = ecert("issue", "--json")
    assert ran.code == ran.json["exit_code"] == failures.USAGE
    assert "缺少" in ran.json["error"]["zh"]


# -- exit codes -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (FormatError("", ""), 2),
        (FieldsError([]), 2),
        (PictureError(""), 2),
        (WorkspaceError("", ""), 2),
        (RequestConflictError("", ""), 1),
        (EcertError("", ""), 1),
        (StoreError("", ""), 3),
        (ScannerMissingError("", ""), 3),
        (CustodyError("", ""), 4),
        (VaultError("", ""), 4),
    ],
    ids=lambda value: type(value).__name__,
)
def test_each_kind_of_error_has_its_code(error: EcertError, code: int) -> None:
    assert failures.exit_code(error) == code
    assert failures.as_dict(error)["exit_code"] == code


def test_each_outcome_has_its_code() -> None:
    assert {outcome.value: failures.OUTCOME_CODES[outcome] for outcome in Outcome} == {
        "accepted": 0, "not-recognised": 1, "refused": 1, "undetermined": 3,
    }  # fmt: skip


def test_an_interrupt_is_130(ecert: Runs, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(_text: str) -> str:
        raise KeyboardInterrupt

    monkeypatch.setattr(window, "read_scanned", interrupted)
    assert ecert("verify", "1").code == failures.INTERRUPTED


def test_a_bug_is_not_dressed_up_as_a_refusal(monkeypatch: pytest.MonkeyPatch) -> None:
    def crash(_text: str) -> str:
        raise ZeroDivisionError

    monkeypatch.setattr(window, "read_scanned", crash)
    with pytest.raises(ZeroDivisionError):
        run(["verify", "1"])


def test_what_the_system_refuses_names_the_file(ecert: Runs, place: Path) -> None:
    ran = ecert("wallet", "list", "zhang.wallet", "--passphrase-file", "no-such-file")
    assert ran.code == failures.USAGE
    assert ran.err.startswith("× no-such-file：文件读写不成")
    denied = failures.from_os(PermissionError(13, "Permission denied", "x"))
    assert (failures.exit_code(denied), denied.where) == (failures.KEY, "x")


def test_an_error_is_one_json_document_if_asked(ecert: Runs) -> None:
    ran = ecert("--json", "key", "list")
    assert ran.code == failures.USAGE
    error = ran.json["error"]
    assert error["kind"] == "WorkspaceError"
    assert all(error[name] for name in ("zh", "en", "where", "fix_zh", "fix_en"))
    assert "不是工作区" in ran.err


# -- passphrases and consent --------------------------------------------------------------------


class Person:
    """A person at the keyboard, in the place of stdin."""

    def __init__(self, *lines: str) -> None:
        self._lines = list(lines)

    def isatty(self) -> bool:
        return True

    def readline(self) -> str:
        return self._lines.pop(0)


@pytest.fixture
def terminal() -> Terminal:
    return Terminal(folder=Path(), language="zh", json=False, passphrase_file=None)


def _typing(monkeypatch: pytest.MonkeyPatch, *answers: str) -> list[str]:
    asked: list[str] = []
    waiting = list(answers)

    def answer(question: str) -> str:
        asked.append(question)
        return waiting.pop(0)

    monkeypatch.delenv("ECERT_PASSPHRASE", raising=False)
    monkeypatch.setattr(sys, "stdin", Person())
    monkeypatch.setattr(getpass, "getpass", answer)
    return asked


def test_a_passphrase_is_typed_once_to_open_and_twice_to_choose(
    terminal: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = _typing(monkeypatch, "a", "b", "b")
    assert terminal.passphrase("卡包") == "a"
    assert terminal.passphrase("卡包", new=True) == "b"
    assert len(asked) == 3
    assert "卡包" in asked[0]


def test_two_that_differ_are_refused(terminal: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    _typing(monkeypatch, "a", "b")
    with pytest.raises(FormatError) as caught:
        terminal.passphrase("卡包", new=True)
    assert "不同" in caught.value.zh


def test_nobody_to_ask_is_a_key_error_that_says_what_to_set(
    ecert: Runs, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("ECERT_PASSPHRASE")
    ran = ecert("wallet", "list", "zhang.wallet")
    assert ran.code == failures.KEY
    assert "ECERT_PASSPHRASE" in ran.err


def test_a_passphrase_file_goes_before_the_environment(
    ecert: Runs, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ECERT_PASSPHRASE", "a wrong one")
    (place / "secret").write_text(f"{PASSPHRASE}\nmore\n", "utf-8")
    assert ecert("wallet", "list", "zhang.wallet", "--passphrase-file", "secret").code == 0
    assert ecert("--passphrase-file", "secret", "wallet", "list", "zhang.wallet").code == 0
    assert ecert("wallet", "list", "zhang.wallet").code == failures.KEY
    assert ecert("wallet", "list", "zhang.wallet", "--passphrase-file", "no").code == failures.USAGE


@pytest.mark.parametrize("answer", ["y\n", "Yes\n", "是\n"])
def test_consent(terminal: Terminal, monkeypatch: pytest.MonkeyPatch, answer: str) -> None:
    monkeypatch.setattr(sys, "stdin", Person(answer))
    terminal.confirm("认定？", "Pin?", yes=False)


@pytest.mark.parametrize("answer", ["n\n", "\n", ""])
def test_no_consent(terminal: Terminal, monkeypatch: pytest.MonkeyPatch, answer: str) -> None:
    monkeypatch.setattr(sys, "stdin", Person(answer))
    with pytest.raises(EcertError) as caught:
        terminal.confirm("认定？", "Pin?", yes=False)
    assert failures.exit_code(caught.value) == failures.REFUSED


def test_without_a_person_consent_must_be_given_beforehand(ecert: Runs, place: Path) -> None:
    ran = ecert("wallet", "remove", "zhang.wallet", "1")
    assert ran.code == failures.USAGE
    assert "--yes" in ran.err
    assert ecert("wallet", "list", "zhang.wallet", "--json").json["licences"]


# -- what is printed --------------------------------------------------------------------------


def test_people_get_a_table_and_programs_get_tabs(
    terminal: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = [("机动车驾驶证", "[bold]暂定")]
    assert list(terminal.table(("证照", "状态"), rows)) == ["机动车驾驶证\t[bold]暂定"]
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True, raising=False)
    table = "\n".join(terminal.table(("证照", "状态"), rows))
    assert "证照" in table
    assert "[bold]暂定" in table, "a name is no markup"
    table.encode("gbk")


def test_no_message_shows_a_whole_number(ecert: Runs, place: Path) -> None:
    for arguments in (
        ("-C", "guangan", "revoke", "510681199003071999"),
        ("-C", "guangan", "issue", "机动车驾驶证", "--holder", "张", "--number", f"{NUMBER[:-1]}9",
         "-f", "准驾车型=C1", "--no-end"),
        ("show", "--wallet", "zhang.wallet", "510681199003071999"),
    ):  # fmt: skip
        ran = ecert(*arguments)
        assert ran.code in {1, 2}
        assert "5106811990" not in ran.err + ran.out


def test_every_actor_declares_what_the_help_promises() -> None:
    for actor, names in _ACTORS.items():
        found = build([names[0]])
        told = {one.name for one in found.registered_commands}
        told |= {one.name for one in found.registered_groups}
        assert told == set(names), actor


@pytest.mark.parametrize("option", ["--to", "--challenge", "--profile"])
def test_half_a_character_on_the_command_line_is_told_and_not_a_traceback(
    ecert: Runs, place: Path, option: str
) -> None:
    before = tree(place)
    ran = ecert("show", "1", "--wallet", "zhang.wallet", option, "\udcff")
    assert ran.code == failures.USAGE
    assert "不是 UTF-8 编码的文字" in ran.err
    assert tree(place) == before


def test_what_a_scanner_sends_is_judged_all_the_same(ecert: Runs, place: Path) -> None:
    code = ecert("show", "1", "--wallet", "zhang.wallet").out.strip()
    ran = ecert("-C", "chongqing", "verify", f"\udcff{code}", "--for", "机动车业务")
    assert ran.code == failures.DONE, ran.err


def test_a_file_whose_name_is_not_utf_8_may_be_named(ecert: Runs, place: Path) -> None:
    (place / "zhang.wallet").rename(place / "\udcff.wallet")
    ran = ecert("wallet", "list", "\udcff.wallet")
    assert ran.code == failures.DONE, ran.err


@pytest.mark.parametrize("output", ["absent/out.png", "guangan"])
@pytest.mark.parametrize(
    "command",
    [
        ("show", "1", "--wallet", "zhang.wallet", "-o"),
        ("-C", "chongqing", "challenge", "--window", "3", "-o"),
        ("-C", "chongqing", "verify", "1", "--for", "机动车业务", "--portrait"),
        (
            "-C", "guangan", "purpose-copy", "1", "--purpose", "办理贷款", "--maker", "张伟",
            "--until", "2030-01-01", "-o",
        ),
    ],
)  # fmt: skip
def test_nothing_is_signed_or_noted_for_a_file_that_cannot_be_written(
    ecert: Runs, place: Path, command: tuple[str, ...], output: str
) -> None:
    before = tree(place)
    ran = ecert(*command, output)
    assert ran.code == failures.USAGE
    assert ".tmp" not in ran.err
    assert output in ran.err or "不认识的文件种类" in ran.err
    assert tree(place) == before


def test_a_sheet_that_cannot_be_written_leaves_no_credential(ecert: Runs, place: Path) -> None:
    before = ecert("-C", "guangan", "licence", "credentials", "1").out
    ran = ecert("-C", "guangan", "print", "1", "-o", "absent/sheet.pdf")
    assert ran.code == failures.USAGE
    assert ran.err.startswith("× absent/sheet.pdf：没有这个文件夹")
    assert ecert("-C", "guangan", "licence", "credentials", "1").out == before


def test_a_file_of_another_encoding_is_told_and_no_traceback(ecert: Runs, place: Path) -> None:
    (place / "gbk").write_bytes("川渝通办一二三四\n".encode("gbk"))
    ran = ecert("wallet", "list", "zhang.wallet", "--passphrase-file", "gbk")
    assert ran.code == failures.KEY
    assert ran.err.startswith("× gbk：口令文件不是 UTF-8 编码")
    ran = ecert("show-service", "use", "511600", "https://show.example", "--token-file", "gbk")
    assert ran.code == failures.USAGE
    assert ran.err.startswith("× gbk：不是令牌")
    assert ecert("doctor", "scanner", "--json", stdin=b"\xff\xfe1\n").json


@pytest.mark.parametrize(
    ("days", "said"),
    [("367", "'--days' 不得大于 366"), ("0", "'--days' 不得小于 1"), ("x", "'--days' 应为整数")],
)
def test_a_number_out_of_range_is_told_in_chinese(ecert: Runs, days: str, said: str) -> None:
    office = ("--region", "500000", "--office", "重庆市政务服务中心")
    ran = ecert("show-service", "verifier", "add", *office, "--days", days)
    assert ran.code == failures.USAGE
    assert ran.err.startswith(f"× 用法不对：{said}。")


def test_a_folder_without_permission_is_told_before_anything_is_done(
    ecert: Runs, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = tree(place)
    # Tests may run as root, whom no folder refuses.
    monkeypatch.setattr(os, "access", lambda _, mode: mode != os.W_OK)
    ran = ecert("show", "1", "--wallet", "zhang.wallet", "-o", "code.png")
    assert ran.code == failures.KEY
    assert ran.err.startswith("× code.png：没有权限写入此文件夹")
    assert tree(place) == before


def test_a_file_that_the_disk_refuses_is_told_by_its_own_name(place: Path) -> None:
    with pytest.raises(OSError, match="absent") as caught:
        write_whole(place / "absent" / "out.png", b"x")
    assert failures.from_os(caught.value).where == str(place / "absent" / "out.png")
