"""Signing on several machines: each party in a workspace of its own, files between them."""

from __future__ import annotations

import shutil
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import orjson
import pytest

from ecert import limits
from ecert.cli import failures
from ecert.clock import system_clock
from ecert.model.codes import make_uscc
from ecert.model.regions import name_of
from ecert.sign import envelope
from ecert.sign.custody import save_key
from ecert.sign.keys import PrivateKey
from ecert.sign.strict import b64url
from ecert.trust.roots import Role, make_roots
from ecert.workspace import Workspace
from tests.cli.conftest import tree
from tests.cli.people import PASSPHRASE

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.conftest import Ran, Runs

# Two provinces, four, and the eight core cities of the Huaihai area.
TWO = ("510000", "500000")
FOUR = ("310000", "320000", "330000", "340000")
EIGHT = ("320300", "320700", "321300", "341300", "340600", "370400", "370800", "411400")
NATIONAL = "11100000000013127D001"
NOW = system_clock().replace(microsecond=0)


@pytest.fixture(scope="module")
def _offices(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One real workspace for each of the fourteen regions, with keys of its own; made once."""
    folder = tmp_path_factory.mktemp("offices")
    for region in (*TWO, *FOUR, *EIGHT):
        Workspace.init(
            folder / region, region=region, name=f"{name_of(region)}政务服务",
            code=make_uscc("11", region, "00000001"), passphrase=PASSPHRASE,
        ).close()  # fmt: skip
    return folder


@pytest.fixture
def offices(_offices: Path, tmp_path: Path, request: pytest.FixtureRequest) -> tuple[str, ...]:
    """The offices of one agreement, in ``tmp_path``, each with the others' roots pinned."""
    parties: tuple[str, ...] = getattr(request, "param", TWO)
    for region in parties:
        shutil.copytree(_offices / region, tmp_path / region)
    roots = [(tmp_path / region / "roots.json").read_bytes() for region in parties]
    for region in parties:
        with Workspace.open(tmp_path / region) as workspace:
            workspace.knowledge.pin(roots)
    return parties


def draft(*parties: str, **changes: Any) -> dict[str, Any]:
    """Return a list in which each party recognises identity cards of the next."""
    pairs = zip(parties, (*parties[1:], parties[0]), strict=True)
    moment = "%Y-%m-%dT%H:%M:%SZ"
    return {
        "owner": parties[0],
        "audience": list(parties),
        "version": 1,
        "issued": NOW.strftime(moment),
        "expires": (NOW + timedelta(days=365)).strftime(moment),
        "list_id": "test",
        "title": "电子证照亮证互认清单（测试）",
        "document_number": "测试〔2026〕1号",
        "parties": list(parties),
        "entries": [
            {
                "id": str(number),
                "source": {"region": source, "type": NATIONAL},
                "target": {"region": target, "type": NATIONAL},
                "issuers": ["*"],
                "matters": ["*"],
                "valid_from": "2026-01-01",
                "basis": "测试〔2026〕1号",
            }
            for number, (source, target) in enumerate(pairs, start=1)
        ],
    } | changes


def write(path: Path, plain: dict[str, Any]) -> None:
    path.write_bytes(orjson.dumps(plain, option=orjson.OPT_INDENT_2))


def done(ran: Ran) -> dict[str, bool]:
    """Return who has signed enough."""
    assert ran.code == 0, ran.err
    return {one["party"]: one["complete"] for one in ran.json["signatures"]}


@pytest.mark.parametrize("offices", [TWO, FOUR, EIGHT], ids=["two", "four", "eight"], indirect=True)
def test_every_party_signs_the_draft_and_the_files_are_combined(
    ecert: Runs, offices: tuple[str, ...], tmp_path: Path
) -> None:
    write(tmp_path / "draft.json", draft(*offices))
    for region in offices:
        ran = ecert(
            "-C", region, "recognition", "sign", "draft.json", "-o", f"{region}.json", "--yes",
            "--json",
        )  # fmt: skip
        assert done(ran) == {party: party == region for party in offices}
    files = [f"{region}.json" for region in reversed(offices)]
    first, last = offices[0], offices[-1]
    part = ecert("-C", first, "recognition", "combine", *files[:-1], "-o", "part.json", "--json")
    assert done(part) == {party: party != first for party in offices}
    missing = ecert("-C", last, "recognition", "signatures", "part.json").out
    assert f"× {name_of(first)}（{first}）：已签 0，需 1" in missing
    refused = ecert("-C", last, "recognition", "import", "part.json", "--yes", "--json")
    assert refused.json["error"]["fault"] == "too-few-signatures"
    whole = ecert("-C", first, "recognition", "combine", *files, "-o", "whole.json", "--json")
    assert all(done(whole).values())
    for region in offices:
        assert ecert("-C", region, "recognition", "import", "whole.json", "--yes").code == 0
        shown = ecert("-C", region, "recognition", "show", "--json").json["lists"]
        assert [len(one["parties"]) for one in shown] == [len(offices)]


@pytest.mark.parametrize("offices", [FOUR], ids=["four"], indirect=True)
def test_one_file_may_go_round_as_well(
    ecert: Runs, offices: tuple[str, ...], tmp_path: Path
) -> None:
    write(tmp_path / "draft.json", draft(*offices))
    ecert("-C", offices[0], "recognition", "sign", "draft.json", "--yes")
    for region in offices[1:]:
        ecert("-C", region, "recognition", "sign", "draft.signed.json", "--yes")
    ran = ecert("-C", offices[0], "recognition", "signatures", "draft.signed.json", "--json")
    assert all(done(ran).values())


def test_what_is_to_be_signed_is_shown_first(
    ecert: Runs, offices: tuple[str, ...], tmp_path: Path
) -> None:
    write(tmp_path / "draft.json", draft(*offices))
    before = tree(tmp_path)
    ran = ecert("-C", "510000", "recognition", "sign", "draft.json")
    assert ran.code == failures.USAGE, "nobody was there to consent"
    digest = ecert("-C", "510000", "recognition", "signatures", "draft.json", "--json").json[
        "digest"
    ]
    for told in (
        "以 四川省 的名义签名",
        "电子证照亮证互认清单（测试）（测试〔2026〕1号）：第 1 版",
        "缔约方：四川省（510000）、重庆市（500000）",
        "+ 1  四川省 → 重庆市",
        " ".join(digest[start : start + 4] for start in range(0, 32, 4)),
    ):
        assert told in ran.err
    dry = ecert("-C", "510000", "recognition", "sign", "draft.json", "--dry-run", "--json")
    assert (dry.json["dry_run"], dry.json["complete"]) == (True, False)
    assert tree(tmp_path) == before, "nothing was written"


def test_another_digest_than_the_one_compared_is_not_signed(
    ecert: Runs, offices: tuple[str, ...], tmp_path: Path
) -> None:
    write(tmp_path / "draft.json", draft(*offices))
    digest = ecert("-C", "510000", "recognition", "signatures", "draft.json", "--json").json[
        "digest"
    ]
    sign = ("-C", "510000", "recognition", "sign", "draft.json", "--yes")
    for wrong in ("0" * 64, digest[:16], ""):
        ran = ecert(*sign, "--digest", wrong, "--json")
        assert (ran.code, ran.json["error"]["fault"]) == (failures.REFUSED, "content")
    assert not (tmp_path / "draft.signed.json").exists()
    grouped = " ".join(digest[start : start + 4] for start in range(0, 64, 4)).upper()
    assert ecert(*sign, "--digest", grouped).code == 0


def _refused(ran: Ran) -> tuple[str | None, str]:
    assert ran.code != 0
    return ran.json["error"].get("fault"), ran.err


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"owner": "520000"}, "content"),
        ({"issued": "2020-01-01T00:00:00Z", "expires": "2020-02-01T00:00:00Z"}, "expired"),
        ({"issued": "2190-01-01T00:00:00Z", "expires": "2191-01-01T00:00:00Z"}, "from-future"),
        ({"surprise": 1}, "malformed"),
    ],
)
def test_what_nobody_could_accept_is_not_signed(
    ecert: Runs, offices: tuple[str, ...], tmp_path: Path, changes: dict[str, Any], fault: str
) -> None:
    write(tmp_path / "draft.json", draft(*offices) | changes)
    ran = ecert("-C", "510000", "recognition", "sign", "draft.json", "--yes", "--json")
    assert _refused(ran)[0] == fault
    assert not (tmp_path / "draft.signed.json").exists()


def test_what_the_linter_calls_an_error_is_not_signed_and_its_warnings_are_told(
    ecert: Runs, offices: tuple[str, ...], tmp_path: Path
) -> None:
    good = draft(*offices)
    write(tmp_path / "good.json", good)
    told = ecert("-C", "510000", "recognition", "sign", "good.json", "--dry-run", "--json")
    assert {one["severity"] for one in told.json["warnings"]} == {"warning"}
    assert "L3" not in told.err
    first, second = good["entries"]
    unknown = [{"op": "rename", "source": "没有这一项", "target": "姓名"}]
    write(tmp_path / "bad.json", good | {"entries": [first | {"fields": unknown}, second]})
    ran = ecert("-C", "510000", "recognition", "sign", "bad.json", "--yes", "--json")
    assert _refused(ran)[0] == "content"
    assert "L3" in ran.err
    assert "没有这一项" in ran.err
    assert not (tmp_path / "bad.signed.json").exists()


@pytest.mark.parametrize("offices", [FOUR], ids=["four"], indirect=True)
def test_an_office_that_is_no_party_does_not_sign(
    ecert: Runs, offices: tuple[str, ...], tmp_path: Path
) -> None:
    write(tmp_path / "draft.json", draft(*offices[:3]))
    ran = ecert("-C", offices[3], "recognition", "sign", "draft.json", "--yes", "--json")
    assert _refused(ran)[0] == "oversteps"


def test_a_version_that_does_not_follow_the_one_in_force_is_not_signed(
    ecert: Runs, offices: tuple[str, ...], tmp_path: Path
) -> None:
    write(tmp_path / "draft.json", draft(*offices))
    for region in offices:
        ecert("-C", region, "recognition", "sign", "draft.json", "-o", "v1.json", "--yes")
    assert ecert("-C", "500000", "recognition", "import", "v1.json", "--yes").code == 0
    for changes, fault in (
        ({"title": "另一标题"}, "version-conflict"),
        ({"version": 2, "previous": "0" * 64}, "predecessor"),
    ):
        write(tmp_path / "next.json", draft(*offices, **changes))
        ran = ecert("-C", "500000", "recognition", "sign", "next.json", "--yes", "--json")
        assert _refused(ran)[0] == fault


def test_a_file_that_is_there_keeps_its_signatures_or_is_left_alone(
    ecert: Runs, offices: tuple[str, ...], tmp_path: Path
) -> None:
    write(tmp_path / "draft.json", draft(*offices))
    write(tmp_path / "other.json", draft(*offices, title="另一标题"))
    ecert("-C", "510000", "recognition", "sign", "draft.json", "-o", "both.json", "--yes")
    ran = ecert("-C", "500000", "recognition", "sign", "draft.json", "-o", "both.json", "--yes",
                "--json")  # fmt: skip
    assert all(done(ran).values()), "the signature that was there is kept"
    before = (tmp_path / "both.json").read_bytes()
    ran = ecert("-C", "500000", "recognition", "sign", "other.json", "-o", "both.json", "--yes",
                "--json")  # fmt: skip
    fault, said = _refused(ran)
    assert fault == "content"
    assert "标题" in said
    assert (tmp_path / "both.json").read_bytes() == before


def test_combining_other_payloads_or_wrong_signatures_is_refused(
    ecert: Runs, offices: tuple[str, ...], tmp_path: Path
) -> None:
    write(tmp_path / "draft.json", draft(*offices))
    write(tmp_path / "other.json", draft(*offices, title="另一标题"))
    ecert("-C", "510000", "recognition", "sign", "draft.json", "-o", "a.json", "--yes")
    ecert("-C", "500000", "recognition", "sign", "other.json", "-o", "b.json", "--yes")
    combine = ("-C", "510000", "recognition", "combine")
    fault, said = _refused(ecert(*combine, "a.json", "b.json", "-o", "c.json", "--json"))
    assert fault == "content"
    assert "标题" in said
    a, b = (orjson.loads((tmp_path / name).read_bytes()) for name in ("a.json", "b.json"))
    write(tmp_path / "b.json", b | {"payload": a["payload"]})
    fault, said = _refused(ecert(*combine, "a.json", "b.json", "-o", "c.json", "--json"))
    assert fault == "signature"
    assert "b.json" in said
    assert not (tmp_path / "c.json").exists()


def test_a_file_with_a_wrong_signature_is_not_signed_further(
    ecert: Runs, offices: tuple[str, ...], tmp_path: Path
) -> None:
    write(tmp_path / "draft.json", draft(*offices))
    write(tmp_path / "other.json", draft(*offices, title="另一标题"))
    ecert("-C", "510000", "recognition", "sign", "other.json", "-o", "a.json", "--yes")
    spoilt = orjson.loads((tmp_path / "a.json").read_bytes())
    spoilt["payload"] = b64url(orjson.dumps(draft(*offices)))
    write(tmp_path / "a.json", spoilt)
    before = (tmp_path / "a.json").read_bytes()
    shown = ecert("-C", "500000", "recognition", "signatures", "a.json")
    assert "× 四川省（510000）：已签 0，需 1，有不符的签名" in shown.out
    ran = ecert("-C", "500000", "recognition", "sign", "a.json", "--yes", "--json")
    assert _refused(ran)[0] == "signature"
    assert (tmp_path / "a.json").read_bytes() == before


def test_too_many_signatures(ecert: Runs, offices: tuple[str, ...], tmp_path: Path) -> None:
    payload = orjson.dumps(draft(*offices))
    keys = [PrivateKey.generate() for _ in range(limits.MAX_ENVELOPE_SIGNATURES + 1)]
    typ = "ecert-recognition-list+jws"
    (tmp_path / "a.json").write_bytes(envelope.make(typ, payload, keys[:-1]))
    (tmp_path / "b.json").write_bytes(envelope.make(typ, payload, keys[-1:]))
    combine = ("-C", "510000", "recognition", "combine", "-o", "c.json", "--json", "a.json")
    assert ecert(*combine).code == 0
    assert _refused(ecert(*combine, "b.json"))[0] == "too-large"


def test_a_party_whose_roots_are_not_known_here_is_told_so(
    ecert: Runs, offices: tuple[str, ...], tmp_path: Path
) -> None:
    parties = (*offices, "520000")
    write(tmp_path / "draft.json", draft(*parties))
    ran = ecert("-C", "510000", "recognition", "signatures", "draft.json")
    assert "△ 贵州省（520000）：本机未认定其根密钥" in ran.out
    assert "× 四川省（510000）：已签 0，需 1" in ran.out


# -- k of n -----------------------------------------------------------------------------------


@pytest.fixture
def holders(ecert: Runs, tmp_path: Path) -> list[PrivateKey]:
    """Three key holders in Sichuan, of whom two must sign, each with a workspace of their own."""
    keys = [PrivateKey.generate() for _ in range(3)]
    roots = make_roots(
        "510000", "四川省",
        {Role.ROOTS: [keys[0].public], Role.RECOGNITION_LIST: [key.public for key in keys]},
        threshold={Role.ROOTS: 1, Role.RECOGNITION_LIST: 2},
        issued=NOW, expires=NOW + timedelta(days=99),
    )  # fmt: skip
    signed = roots.signed_by(keys[:1])
    for number, key in enumerate(keys, start=1):
        save_key(tmp_path / f"key-{number}.pem", key, PASSPHRASE)
        ecert("init", f"holder-{number}", "--region", "510000", "--name", f"持钥人{number}")
        with Workspace.open(tmp_path / f"holder-{number}") as workspace:
            workspace.knowledge.pin(signed)
    return keys


def test_two_of_three_key_holders_sign_each_on_their_own_machine(
    ecert: Runs, holders: list[PrivateKey], tmp_path: Path
) -> None:
    write(tmp_path / "draft.json", draft(*TWO))

    def sign(holder: int, key: int) -> Ran:
        return ecert(
            "-C", f"holder-{holder}", "recognition", "sign", "draft.json", "-o", f"{holder}.json",
            "--key", f"file:key-{key}.pem", "--yes", "--json",
        )  # fmt: skip

    first = sign(1, 1).json["signatures"][0]
    assert (len(first["valid"]), first["needed"], first["complete"]) == (1, 2, False)
    assert holders[1].public.kid in first["waiting"]
    sign(2, 2)
    ran = ecert("-C", "holder-1", "recognition", "combine", "1.json", "2.json", "1.json",
                "-o", "all.json", "--json")  # fmt: skip
    assert ran.json["signatures"][0]["complete"]
    assert ran.json["complete"] is False, "Chongqing has not signed"


def test_one_key_signing_twice_counts_once(
    ecert: Runs, holders: list[PrivateKey], tmp_path: Path
) -> None:
    write(tmp_path / "draft.json", draft(*TWO))
    for name in ("a.json", "b.json"):
        ecert("-C", "holder-1", "recognition", "sign", "draft.json", "-o", name,
              "--key", "file:key-1.pem", "--yes")  # fmt: skip
    ran = ecert("-C", "holder-1", "recognition", "combine", "a.json", "b.json", "-o", "c.json",
                "--json")  # fmt: skip
    found = ran.json["signatures"][0]
    assert (found["valid"], found["complete"]) == ([holders[0].public.kid], False)


def test_a_key_that_the_roots_do_not_name_is_not_used(
    ecert: Runs, holders: list[PrivateKey], tmp_path: Path
) -> None:
    write(tmp_path / "draft.json", draft(*TWO))
    save_key(tmp_path / "key-9.pem", PrivateKey.generate(), PASSPHRASE)
    sign = ("-C", "holder-1", "recognition", "sign", "draft.json", "--yes", "--json")
    for options in (("--key", "file:key-9.pem"), ()):
        ran = ecert(*sign, *options)
        assert ran.code == failures.KEY
        assert "互认清单角色" in ran.err
    assert not (tmp_path / "draft.signed.json").exists()
