"""``ecert verify``: four outcomes, four exit codes, and whatever a scanner or a person hands in."""

from __future__ import annotations

import io
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from PIL import Image

import ecert as library
from ecert.cli import failures
from ecert.cli.scanned import is_code
from ecert.clock import system_clock
from ecert.model.codes import make_uscc
from ecert.show import digits
from ecert.wallet.wallet import Wallet
from ecert.workspace import Workspace
from tests.cli.people import ISSUE, MATTER, PASSPHRASE

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.conftest import Ran, Runs

SHOW = ("show", "--wallet", "zhang.wallet")
VERIFY = ("-C", "chongqing", "verify")


def _verify(ecert: Runs, *arguments: str | Path, stdin: bytes = b"") -> Ran:
    return ecert(*VERIFY, *arguments, "--for", MATTER, stdin=stdin)


def _code(ecert: Runs) -> str:
    return ecert(*SHOW).out.strip()


# -- outcomes ---------------------------------------------------------------------------------


def test_accepted(ecert: Runs, place: Path) -> None:
    ran = _verify(ecert, _code(ecert))
    assert ran.code == failures.DONE
    for told in ("√ 核验通过", "演示密钥", "张伟（号码后四位 1237）", "第川-01项"):
        assert told in ran.out


def test_accepted_as_json_is_the_verdict(ecert: Runs, place: Path) -> None:
    plain = _verify(ecert, _code(ecert), "--json").json
    assert (plain["outcome"], plain["reason"], plain["demo"]) == ("accepted", "ok", True)
    assert plain["parts"][0]["licence"]["fields"] == {"准驾车型": "C1"}
    assert {use["kind"] for use in plain["lists_used"]} == {
        "trust-list", "status-list", "recognition-list",
    }  # fmt: skip


def test_in_english(ecert: Runs, place: Path) -> None:
    assert _verify(ecert, _code(ecert), "--lang", "en").out.startswith("√ Verified")


def test_not_recognised_is_1(ecert: Runs, place: Path) -> None:
    ran = ecert(*VERIFY, _code(ecert), "--for", "图书借阅")
    assert ran.code == failures.REFUSED
    assert ran.out.startswith("△")
    assert "E301" in ran.out


def test_refused_is_1_and_tells_nothing_of_the_holder(ecert: Runs, place: Path) -> None:
    code = _code(ecert)
    assert _verify(ecert, code).code == 0
    ran = _verify(ecert, code)
    assert ran.code == failures.REFUSED
    assert ran.out.startswith("×")
    assert "E107" in ran.out
    assert "张伟" not in ran.out
    assert "licence" not in _verify(ecert, code, "--json").json["parts"][0]


def test_undetermined_is_3(ecert: Runs, place: Path) -> None:
    ecert("init", "empty", "--region", "500000", "--name", "窗口", "--demo")
    ran = ecert("-C", "empty", "verify", _code(ecert))
    assert ran.code == failures.UNDETERMINED
    assert ran.out.startswith("?")
    assert "E913" in ran.out


def test_what_was_suspended_is_told_once_the_list_is_here(ecert: Runs, place: Path) -> None:
    ecert("-C", "guangan", "suspend", "1", "--reason", "测试", "--document", "测〔2026〕1号")
    assert _verify(ecert, _code(ecert)).code == 0, "the window has not heard of it"
    ecert("-C", "guangan", "trust", "export", "-o", "new.trust")
    assert ecert("-C", "chongqing", "trust", "add", "new.trust").code == 0
    ran = _verify(ecert, _code(ecert))
    assert ran.code == failures.REFUSED
    assert "E202" in ran.out


def test_yesterday_s_lists_are_undetermined_some_day(ecert: Runs, place: Path) -> None:
    later = system_clock() + timedelta(hours=73)
    wallet = Wallet.open(place / "zhang.wallet", PASSPHRASE)
    code = wallet.show(wallet.licences[0].id, at=later).text
    ran = _verify(ecert, code, "--at", later.isoformat())
    assert ran.code == failures.UNDETERMINED
    assert "E912" in ran.out


def test_a_stale_code_is_refused(ecert: Runs, place: Path) -> None:
    wallet = Wallet.open(place / "zhang.wallet", PASSPHRASE)
    at = system_clock() - timedelta(minutes=3)
    ran = _verify(ecert, wallet.show(wallet.licences[0].id, at=at).text)
    assert ran.code == failures.REFUSED
    assert "E105" in ran.out


def test_a_challenge_must_be_answered(ecert: Runs, place: Path) -> None:
    code = ecert(*SHOW, "--challenge", "7313").out.strip()
    assert "E104" in _verify(ecert, code).out
    assert _verify(ecert, code, "--challenge", "7313").code == 0


def test_explain_tells_what_it_rests_on(ecert: Runs, place: Path) -> None:
    ran = _verify(ecert, _code(ecert), "--explain")
    assert "trust-list 511600 v1" in ran.out
    assert ran.out.count("sha256:") == 3
    ran = _verify(ecert, "123", "--explain")
    assert "[E902] code: detail=" in ran.out


# -- what comes in ----------------------------------------------------------------------------


def test_digits_as_people_and_input_methods_write_them(ecert: Runs, place: Path) -> None:
    code = _code(ecert)
    spaced = " ".join(code[start : start + 4] for start in range(0, len(code), 4))
    wide = "".join(chr(ord(digit) + 0xFEE0) for digit in code)
    assert _verify(ecert, f"]Q3{spaced}").code == 0
    assert "E107" in _verify(ecert, wide).out, "the same code once more"


@pytest.mark.parametrize("name", ["code.png", "code.txt", "亮证码.png"])
def test_a_file_of_digits_or_a_picture(ecert: Runs, place: Path, name: str) -> None:
    ecert(*SHOW, "-o", name)
    assert _verify(ecert, name).code == 0


@pytest.mark.parametrize("name", ["code.png", "code.txt"])
def test_stdin_takes_both(ecert: Runs, place: Path, name: str) -> None:
    ecert(*SHOW, "-o", name)
    assert _verify(ecert, "-", stdin=(place / name).read_bytes()).code == 0


def test_a_licence_file_tells_to_look_at_the_identity_card(ecert: Runs, place: Path) -> None:
    with Workspace.open(place / "guangan") as guangan:
        token = guangan.issuer.file(guangan.licences.find("1").id)
    (place / "licence.sd-jwt").write_text(f"{token}\n")
    for ran in (_verify(ecert, "licence.sd-jwt"), _verify(ecert, "-", stdin=token.encode())):
        assert ran.code == 0
        assert "身份证件原件" in ran.out


def test_a_cut_off_picture_says_so(ecert: Runs, place: Path) -> None:
    ecert(*SHOW, "-o", "code.png")
    picture = place / "code.png"
    picture.write_bytes(picture.read_bytes()[:500])
    ran = _verify(ecert, "code.png")
    assert ran.code == failures.UNDETERMINED
    assert "E901" in ran.out
    assert "could be read" in _verify(ecert, "code.png", "--lang", "en").out


def test_a_picture_of_nothing_and_one_of_several(ecert: Runs, place: Path) -> None:
    Image.new("L", (200, 200), "white").save(place / "white.png")
    assert "E901" in _verify(ecert, "white.png").out
    codes = []
    for _ in range(2):
        ecert(*SHOW, "-o", "code.png")
        codes.append(Image.open(io.BytesIO((place / "code.png").read_bytes())))
    sheet = Image.new("L", (codes[0].width + codes[1].width, codes[0].height), "white")
    sheet.paste(codes[0], (0, 0))
    sheet.paste(codes[1], (codes[0].width, 0))
    sheet.save(place / "two.png")
    ran = _verify(ecert, "two.png")
    assert ran.code == failures.UNDETERMINED
    assert "E903" in ran.out


def test_a_file_of_fifty_megabytes_is_not_taken_in(ecert: Runs, place: Path) -> None:
    with (place / "large.png").open("wb") as file:
        file.write(b"\x89PNG\r\n\x1a\n")
        file.truncate(50 * 1024 * 1024)
    ran = _verify(ecert, "large.png", "--json")
    assert ran.code == failures.UNDETERMINED
    assert ran.json["reason"] == "unreadable"
    assert "MiB" in ran.json["parts"][0]["findings"][0]["facts"]["detail"]


@pytest.mark.parametrize("name", ["nothing.png", "按非常嘚7b", "x" * 9000, ""])
def test_neither_digits_nor_a_file_is_a_usage_error(ecert: Runs, place: Path, name: str) -> None:
    ran = _verify(ecert, name)
    assert ran.code == failures.USAGE
    assert "没有这个文件" in ran.err
    assert "neither" in _verify(ecert, name, "--lang", "en").err
    assert ran.out == ""


def test_a_wrong_digit_is_a_bad_scan_and_no_forgery(ecert: Runs, place: Path) -> None:
    code = _code(ecert)
    wrong = code[:100] + str((int(code[100]) + 1) % 10) + code[101:]
    ran = _verify(ecert, wrong)
    assert ran.code == failures.UNDETERMINED
    assert "E902" in ran.out


def test_changed_content_with_right_check_digits_is_a_forgery(ecert: Runs, place: Path) -> None:
    kind, data = digits.decode(_code(ecert))
    forged = digits.encode(kind, data.replace(b"\x62C1", b"\x62A1"))
    ran = _verify(ecert, forged)
    assert ran.code == failures.REFUSED
    assert "E211" in ran.out


def test_a_time_without_a_zone_is_refused(ecert: Runs, place: Path) -> None:
    ran = _verify(ecert, "123", "--at", "2026-11-22T10:00:00")
    assert ran.code == failures.USAGE
    assert "+08:00" in ran.err


def test_a_workspace_that_only_verifies_does(ecert: Runs, place: Path) -> None:
    for name, demo in (("window", True), ("real", False)):
        with Workspace.init(place / name, region="500000", name="窗口", demo=demo) as window:
            window.knowledge.pin(library.demo_roots())
            window.accept_bundle((place / "guangan.trust").read_bytes())
            window.knowledge.accept(library.fixture("川渝互认清单"))
    assert ecert("-C", "window", "verify", _code(ecert), "--for", MATTER).code == 0
    # A real window takes nothing that anybody could have signed, whatever it has pinned.
    ran = ecert("-C", "real", "verify", _code(ecert), "--for", MATTER)
    assert ran.code == failures.REFUSED
    assert "E402" in ran.out


def test_without_any_demonstration_key_within_one_province(ecert: Runs, tmp_path: Path) -> None:
    code = make_uscc("11", "511623", "00000013")
    ecert("init", "linshui", "--region", "511623", "--name", "邻水县公安局", "--code", code)
    ecert("init", "window", "--region", "511600", "--name", "广安市政务服务中心")
    issued = ecert("-C", "linshui", *ISSUE[2:], "--wallet", "zhang.wallet")
    assert issued.code == 0, issued.err
    exported = ecert("-C", "linshui", "trust", "export", "-o", "linshui.trust")
    fingerprint = "".join(exported.err.splitlines()[-2:])
    added = ecert("-C", "window", "trust", "add", "linshui.trust", "--fingerprint", fingerprint)
    assert added.code == 0, added.err
    ran = ecert("-C", "window", "verify", _code(ecert), "--for", MATTER)
    assert ran.code == 0
    assert "演示" not in ran.out
    assert "张伟" in ran.out


def test_the_other_way_round(ecert: Runs, place: Path) -> None:
    ecert("-C", "chongqing", *ISSUE[2:], "--wallet", "other.wallet")
    ecert("-C", "chongqing", "trust", "export", "-o", "chongqing.trust")
    ecert("-C", "guangan", "trust", "add", "chongqing.trust", "--yes")
    ecert("-C", "guangan", "recognition", "import", "川渝互认清单", "--yes")
    code = ecert("show", "--wallet", "other.wallet").out.strip()
    ran = ecert("-C", "guangan", "verify", code, "--for", MATTER)
    assert ran.code == 0
    assert "第渝-01项" in ran.out


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("123", True),
        ("12 34-56", True),
        ("１２３", True),
        ("]Q3123", True),
        ("\ufeff123\r\n", True),
        ("", False),
        ("-", False),
        ("abc", False),
        ("123.png", False),
        ("12~3", False),
        ("١٢٣", True),
        ("2026年11月22日.png", False),
    ],
)
def test_what_counts_as_digits(text: str, expected: bool) -> None:
    assert is_code(text) is expected
