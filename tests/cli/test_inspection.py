"""``ecert inspect``: says what a thing claims, always unverified, and nothing of the holder."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from ecert.cli import failures
from ecert.cli.unproven import Unproven
from ecert.workspace import Workspace
from tests.cli.people import NUMBER

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.cli.conftest import Runs

SHOW = ("show", "--wallet", "zhang.wallet")
PERSONAL = ("张伟", NUMBER, NUMBER[-4:], "C1")


def _code(ecert: Runs, place: Path) -> str:
    return ecert(*SHOW, "--profile", "full").out.strip()


def _picture(ecert: Runs, place: Path) -> str:
    ecert(*SHOW, "-o", "code.png")
    return "code.png"


def _issued(place: Path, kind: str) -> bytes:
    with Workspace.open(place / "guangan") as guangan:
        licence = guangan.licences.find("1").id
        if kind == "file":
            return guangan.issuer.file(licence).encode()
        if kind == "paper":
            return guangan.issuer.paper_code(licence).encode()
        credential = guangan.issuer.credentials(licence)[0]
    assert credential.artefacts is not None
    return credential.artefacts


def _file(ecert: Runs, place: Path) -> str:
    (place / "licence.sd-jwt").write_bytes(_issued(place, "file"))
    return "licence.sd-jwt"


def _paper(ecert: Runs, place: Path) -> str:
    return _issued(place, "paper").decode()


def _delivery(ecert: Runs, place: Path) -> str:
    (place / "delivery.json").write_bytes(_issued(place, "delivery"))
    return "delivery.json"


def _status(ecert: Runs, place: Path) -> str:
    ecert("-C", "guangan", "status", "publish", "-o", "out")
    return "out/1.jwt"


def _wallet(ecert: Runs, place: Path) -> str:
    return "zhang.wallet"


def _bundle(ecert: Runs, place: Path) -> str:
    return "guangan.trust"


def _roots(ecert: Runs, place: Path) -> str:
    return "guangan/roots.json"


def _licence_id(ecert: Runs, place: Path) -> str:
    with Workspace.open(place / "guangan") as guangan:
        return str(guangan.licences.find("1").id)


EVERYTHING = [
    (_code, "show-code"),
    (_picture, "show-code"),
    (_paper, "paper-code"),
    (_file, "file-credential"),
    (_delivery, "delivery"),
    (_status, "status-list"),
    (_wallet, "wallet"),
    (_bundle, "bundle"),
    (_roots, "roots"),
    (_licence_id, "licence-id"),
]
everything = pytest.mark.parametrize(("make", "kind"), EVERYTHING, ids=[k for _, k in EVERYTHING])


@everything
def test_it_always_says_that_nothing_was_verified(
    ecert: Runs, place: Path, make: Callable[[Runs, Path], str], kind: str
) -> None:
    thing = make(ecert, place)
    for ran in (ecert("inspect", thing), ecert("inspect", thing, "--lang", "en")):
        assert ran.code == 0, ran.err
        assert ran.out.startswith("? 未核验 / UNVERIFIED\n")
    plain = ecert("inspect", thing, "--json").json
    assert (plain["verified"], plain["kind"]) == (False, kind)
    assert "UNVERIFIED" in plain["notice"]


@everything
def test_it_tells_nothing_of_the_holder_unless_asked(
    ecert: Runs, place: Path, make: Callable[[Runs, Path], str], kind: str
) -> None:
    thing = make(ecert, place)
    told = ecert("inspect", thing, "--json").json
    assert "personal" not in told
    assert not any(f'"{word}"' in str(told).replace("'", '"') for word in PERSONAL)


@pytest.mark.parametrize("make", [_code, _paper, _file])
def test_asked_it_tells_the_holder_s_data(
    ecert: Runs, place: Path, make: Callable[[Runs, Path], str]
) -> None:
    thing = make(ecert, place)
    assert "--show-personal" in ecert("inspect", thing).err
    ran = ecert("inspect", thing, "--show-personal")
    assert "张伟" in ran.out
    assert "C1" in ran.out


def test_a_code_tells_type_issuer_and_time(ecert: Runs, place: Path) -> None:
    facts = ecert("inspect", _code(ecert, place), "--json").json["facts"]
    assert facts["made"] < facts["expires"]
    (licence,) = facts["licences"]
    assert licence["type_name"] == "机动车驾驶证"
    assert licence["type_code_status"] == "provisional"
    assert licence["region"] == "511600 四川省广安市"
    assert "serial" not in licence


def test_a_status_list_counts_its_values(ecert: Runs, place: Path) -> None:
    ecert("-C", "guangan", "suspend", "1", "--reason", "测试", "--document", "测〔2026〕1号")
    facts = ecert("inspect", _status(ecert, place), "--json").json["facts"]
    assert facts["counts"] == {"valid": 131071, "suspended": 1}


def test_a_wallet_s_cost_is_told_without_its_passphrase(
    ecert: Runs, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("ECERT_PASSPHRASE")
    facts = ecert("inspect", "zhang.wallet", "--json").json["facts"]
    assert facts["kdf"] == "Argon2id"


def test_stdin(ecert: Runs, place: Path) -> None:
    picture = (place / _picture(ecert, place)).read_bytes()
    assert ecert("inspect", "-", "--json", stdin=picture).json["kind"] == "show-code"


# -- what is wrong ----------------------------------------------------------------------------

GOOD = "1.2.156.3005.2.11100000000013338W032.11440300693969998T.14310000000000.001.A"


@pytest.mark.parametrize(
    ("thing", "zh", "en"),
    [
        (f"{GOOD[:-1]}B", "校验位应为", "check character should be"),
        (GOOD.lower(), "请改用大写", "U+0077"),
        ("1.2.156.3005.2.1", "证照标识", "licence id"),
        ("hello", "认不出", "nothing that ecert knows"),
        ("", "认不出", "nothing that ecert knows"),
        ("./no/such.file", "没有这个文件", "no such file"),
        ("{}", "认不出", "nothing that ecert knows"),
        ("{", "损坏或不完整", "damaged or incomplete"),
        ("123", "扫描不完整", "damaged or incomplete"),
        ("eyJhbGciOiJub25lIn0.e31.", "损坏或不完整", "damaged or incomplete"),
    ],
)
def test_what_it_cannot_read_is_told_in_both_languages(
    ecert: Runs, thing: str, zh: str, en: str
) -> None:
    ran = ecert("inspect", thing)
    assert ran.code == failures.USAGE
    assert zh in ran.err
    assert en in ecert("inspect", thing, "--lang", "en").err
    assert ran.out == ""


def test_a_cut_off_picture(ecert: Runs, place: Path) -> None:
    picture = place / _picture(ecert, place)
    picture.write_bytes(picture.read_bytes()[:500])
    ran = ecert("inspect", "code.png")
    assert ran.code == failures.USAGE
    assert "不完整" in ran.err


def test_a_wallet_s_credential_dressed_as_paper_is_refused(ecert: Runs, place: Path) -> None:
    from ecert.show import digits
    from ecert.show.delivery import Delivery

    compact = Delivery.from_bytes(_issued(place, "delivery")).compact["minimal"]
    ran = ecert("inspect", digits.encode(digits.CodeKind.PAPER, compact), "--json")
    assert ran.code == failures.REFUSED
    assert ran.json["error"]["reason"] == "holder-proof"


def test_what_is_personal_is_apart_from_the_facts() -> None:
    assert Unproven("a", "b", "c", {"d": 1}).personal == {}
