"""``ecert recognition``: what would change is shown first, and what is in force is listed."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import orjson
import pytest

import ecert as library
from ecert.cli import failures
from ecert.clock import system_clock
from ecert.demo import demo_region
from ecert.interop.recognition import RecognitionList
from ecert.model.catalogue import builtin
from ecert.model.codes import make_uscc
from ecert.sign import envelope
from ecert.trust.roots import Role
from ecert.workspace import Workspace

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.conftest import Ran, Runs

SAMPLE = "川渝互认清单"
IMPORT = ("-C", "chongqing", "recognition", "import")
ACCEPT = ("-C", "chongqing", "recognition", "accept")


def _payload() -> dict[str, Any]:
    plain: dict[str, Any] = orjson.loads(envelope.parse(library.fixture(SAMPLE)).unverified_payload)
    return plain


def _signed(plain: dict[str, Any], *parties: str) -> bytes:
    signers = [
        signer
        for party in parties or ("510000", "500000")
        for signer in demo_region(party).signers[Role.RECOGNITION_LIST]
    ]
    return envelope.make(RecognitionList.TYP, orjson.dumps(plain), signers)


def _next(entries: int) -> dict[str, Any]:
    """The second version of the sample, with only so many entries."""
    plain = _payload()
    plain["version"] = 2
    plain["previous"] = envelope.parse(library.fixture(SAMPLE)).digest
    plain["entries"] = plain["entries"][:entries]
    return plain


def _version(place: Path) -> list[int]:
    with Workspace.open(place / "chongqing") as workspace:
        return [held.document.version for held in workspace.knowledge.recognition.lists]


@pytest.fixture
def fresh(ecert: Runs, place: Path) -> str:
    """A window that has no list yet."""
    ecert("init", "fresh", "--region", "500000", "--name", "窗口", "--demo")
    ecert("-C", "fresh", "trust", "add", "guangan.trust", "--yes")
    return "fresh"


def test_a_sample_is_imported_by_its_name_and_marked(ecert: Runs, fresh: str) -> None:
    ran = ecert("-C", fresh, "recognition", "import", SAMPLE, "--yes")
    assert ran.code == 0
    assert "+ 川-01" in ran.out
    assert "新增 18 项" in ran.out
    assert "样例" in ran.err


def test_without_consent_nothing_comes_into_force(ecert: Runs, fresh: str) -> None:
    ran = ecert("-C", fresh, "recognition", "import", SAMPLE)
    assert ran.code == failures.USAGE
    assert "+ 川-01" in ran.err, "what would change is shown first"
    assert ecert("-C", fresh, "recognition", "show", "--json").json == {"lists": []}


def test_dry_run(ecert: Runs, fresh: str) -> None:
    plain = ecert("-C", fresh, "recognition", "import", SAMPLE, "--dry-run", "--json").json
    assert (len(plain["added"]), plain["sample"], plain["dry_run"]) == (18, True, True)
    assert ecert("-C", fresh, "recognition", "show", "--json").json == {"lists": []}


def test_a_next_version_from_a_file(ecert: Runs, place: Path) -> None:
    (place / "v2.json").write_bytes(_signed(_next(17)))
    ran = ecert(*IMPORT, "v2.json", "--yes")
    assert ran.code == 0
    assert "- 渝-09" in ran.out
    assert _version(place) == [2]


def _large(ecert: Runs, place: Path, *options: str) -> Ran:
    (place / "v2.json").write_bytes(_signed(_next(5)))
    return ecert(*IMPORT, "v2.json", "--yes", *options)


def test_a_large_change_is_held_until_a_second_person_accepts_it(ecert: Runs, place: Path) -> None:
    ran = _large(ecert, place, "--by", "王芳", "--json")
    assert ran.code == 0
    digest = ran.json["held"]
    assert digest == envelope.parse(_signed(_next(5))).digest
    assert ran.json["proposed_by"] == ["王芳"]
    assert _version(place) == [1], "nothing is in force on one person's word"
    assert digest[:16] in ecert(*ACCEPT).out
    told = ecert(*ACCEPT, digest[:16], "--by", "李强", "--yes")
    assert "王芳 提出，李强 确认" in told.out
    assert "- 渝-01" in told.err, "the second person sees the change too"
    assert _version(place) == [2]
    assert ecert(*ACCEPT, "--json").json == {"held": []}


def test_proposer_and_accepter_stand_in_the_audit_trail(ecert: Runs, place: Path) -> None:
    digest = _large(ecert, place, "--by", "王芳", "--json").json["held"]
    ecert(*ACCEPT, digest, "--by", "李强", "--yes")
    shown = ecert("-C", "chongqing", "audit", "log", "--json")
    acts = [one for entry in shown.json["entries"] for one in entry["office_events"]]
    found = [(one["act"], one["actor"]) for one in acts if digest in one["subject"]]
    assert found == [("list-propose", "王芳"), ("list-accept", "李强")]
    assert ecert("-C", "chongqing", "audit", "verify").code == 0


@pytest.mark.parametrize("by", ["王芳", " 王芳 "])
def test_the_first_person_is_not_the_second(ecert: Runs, place: Path, by: str) -> None:
    digest = _large(ecert, place, "--by", "王芳", "--json").json["held"]
    ran = ecert(*ACCEPT, digest, "--by", by, "--yes", "--json")
    assert ran.code == failures.REFUSED
    assert ran.json["error"]["fault"] == "large-change"
    assert "另一人" in ran.err
    _large(ecert, place, "--by", "王芳")
    assert ecert(*ACCEPT, digest, "--by", by, "--yes").code == failures.REFUSED, "twice is not two"
    assert _version(place) == [1]


@pytest.mark.parametrize("by", ["wang fang", "ＷＡＮＧＦＡＮＧ", "Wang\u200b Fang", "wang·fang"])
def test_one_person_is_not_two_by_typing_the_name_another_way(
    ecert: Runs, place: Path, by: str
) -> None:
    digest = _large(ecert, place, "--by", "Wang Fang", "--json").json["held"]
    ran = ecert(*ACCEPT, digest, "--by", by, "--yes", "--json")
    assert (ran.code, ran.json["error"]["fault"]) == (failures.REFUSED, "large-change")
    assert _version(place) == [1]


def test_what_two_people_proposed_either_may_accept(ecert: Runs, place: Path) -> None:
    digest = _large(ecert, place, "--by", "王芳", "--json").json["held"]
    _large(ecert, place, "--by", "李强")
    assert ecert(*ACCEPT, digest, "--by", "王芳", "--yes").code == 0
    assert _version(place) == [2]


def test_what_was_rejected_must_be_proposed_anew(ecert: Runs, place: Path) -> None:
    digest = _large(ecert, place, "--by", "王芳", "--json").json["held"]
    assert ecert(*ACCEPT, digest, "--by", "李强", "--reject", "--yes").code == 0
    assert ecert(*ACCEPT, digest, "--by", "李强", "--yes").code == failures.USAGE
    _large(ecert, place, "--by", "李强")
    assert ecert(*ACCEPT, digest, "--by", "李强", "--yes").code == failures.REFUSED
    assert _version(place) == [1]


def test_a_file_put_there_by_hand_has_no_proposer(ecert: Runs, place: Path) -> None:
    data = _signed(_next(5))
    digest = envelope.parse(data).digest
    (place / "chongqing" / "held").mkdir()
    (place / "chongqing" / "held" / f"{digest}.json").write_bytes(data)
    assert ecert(*ACCEPT, digest, "--by", "李强", "--yes").code == failures.USAGE
    assert _version(place) == [1]


def test_a_held_file_that_was_exchanged_is_not_accepted(ecert: Runs, place: Path) -> None:
    digest = _large(ecert, place, "--by", "王芳", "--json").json["held"]
    held = place / "chongqing" / "held" / f"{digest}.json"
    held.write_bytes(_signed(_next(4)))
    assert ecert(*ACCEPT, digest, "--by", "李强", "--yes").code == failures.USAGE
    assert _version(place) == [1]


@pytest.mark.parametrize("damage", [b"", b"{", b"\xff", b'{"typ":"ecert-knowledge"'])
def test_a_held_file_that_was_damaged_hides_no_other(
    ecert: Runs, place: Path, damage: bytes
) -> None:
    (place / "other.json").write_bytes(_signed(_next(4)))
    ecert(*IMPORT, "other.json", "--yes", "--by", "王芳")
    digest = _large(ecert, place, "--by", "王芳", "--json").json["held"]
    (place / "chongqing" / "held" / f"{digest}.json").write_bytes(damage)
    other = envelope.parse(_signed(_next(4))).digest
    assert [one["held"] for one in ecert(*ACCEPT, "--json").json["held"]] == [other]
    assert ecert(*ACCEPT, digest, "--by", "李强", "--yes").code == failures.USAGE
    assert ecert(*ACCEPT, other, "--by", "李强", "--yes").code == 0
    assert _version(place) == [2]


def test_without_consent_nothing_is_held_and_nothing_accepted(ecert: Runs, place: Path) -> None:
    (place / "v2.json").write_bytes(_signed(_next(5)))
    assert ecert(*IMPORT, "v2.json", "--by", "王芳").code == failures.USAGE
    ran = ecert(*IMPORT, "v2.json", "--dry-run", "--json")
    assert ran.json["needs_second_person"] is True
    assert not (place / "chongqing" / "held").exists()
    digest = _large(ecert, place, "--by", "王芳", "--json").json["held"]
    assert ecert(*ACCEPT, digest, "--by", "李强").code == failures.USAGE
    assert ecert(*ACCEPT, digest, "--by", "李强", "--dry-run").code == 0
    assert _version(place) == [1]


def test_what_expired_while_it_was_held_stays_out(
    ecert: Runs, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    digest = _large(ecert, place, "--by", "王芳", "--json").json["held"]
    late = system_clock() + timedelta(days=40 * 365)
    defaults = Workspace.open.__func__.__kwdefaults__  # type: ignore[attr-defined]
    monkeypatch.setitem(defaults, "clock", lambda: late)
    ran = ecert(*ACCEPT, digest, "--by", "李强", "--yes", "--json")
    assert ran.code == failures.REFUSED
    assert ran.json["error"]["fault"] == "expired"


def test_a_later_beginning_and_a_planned_end_are_shown(ecert: Runs, place: Path) -> None:
    plain = _next(18)
    plain["entries"][0] |= {"valid_from": "2190-01-01", "valid_until": "2191-12-31"}
    (place / "v2.json").write_bytes(_signed(plain))
    ran = ecert(*IMPORT, "v2.json", "--dry-run")
    assert "  川-01：2190-01-01 起生效，2191-12-31 止" in ran.out
    english = ecert(*IMPORT, "v2.json", "--dry-run", "--lang", "en").out
    assert "  川-01: begins on 2190-01-01, ends after 2191-12-31" in english
    dates = ecert(*IMPORT, "v2.json", "--dry-run", "--json").json["dates"]
    assert dates[0] == {
        "id": "川-01", "valid_from": "2190-01-01", "valid_until": "2191-12-31",
        "withdrawn_on": None,
    }  # fmt: skip


def _expired() -> bytes:
    plain = _next(18)
    yesterday = system_clock() - timedelta(days=1)
    plain["expires"] = yesterday.strftime("%Y-%m-%dT%H:%M:%SZ")
    return _signed(plain)


@pytest.mark.parametrize(
    ("data", "fault", "zh", "en"),
    [
        (_signed(_next(18), "510000"), "too-few-signatures", "有效签名不足", "too few"),
        (_signed(_next(18), "510000", "110000"), "too-few-signatures", "有效签名不足", "too few"),
        (_expired(), "expired", "已过期", "expired"),
        (_signed(_payload() | {"title": "别的"}), "version-conflict", "内容不同", "other content"),
        (b"{}", "malformed", "格式不正确", "malformed"),
        (b"\x89PNG", "malformed", "格式不正确", "malformed"),
    ],
    ids=["one party", "a stranger", "yesterday's", "same version", "no envelope", "a picture"],
)
def test_a_list_that_is_not_in_order_is_refused_and_the_old_one_stays(
    ecert: Runs, place: Path, data: bytes, fault: str, zh: str, en: str
) -> None:
    (place / "bad.json").write_bytes(data)
    ran = ecert(*IMPORT, "bad.json", "--yes", "--json")
    assert ran.code == failures.REFUSED
    assert ran.json["error"]["fault"] == fault
    assert zh in ran.err
    assert en in ecert(*IMPORT, "bad.json", "--yes", "--lang", "en").err
    assert _version(place) == [1]


def test_fifty_megabytes_are_refused_as_too_large(ecert: Runs, place: Path) -> None:
    with (place / "large.json").open("wb") as file:
        file.write(b"{")
        file.truncate(50 * 1024 * 1024)
    ran = ecert(*IMPORT, "large.json", "--yes", "--json")
    assert ran.code == failures.REFUSED
    assert ran.json["error"]["fault"] == "too-large"


@pytest.mark.parametrize(("name", "said"), [("no.json", "没有这个文件"), ("渝川", SAMPLE)])
def test_neither_a_file_nor_a_sample(ecert: Runs, place: Path, name: str, said: str) -> None:
    ran = ecert(*IMPORT, name, "--yes")
    assert ran.code == failures.USAGE
    assert said in ran.err


def test_another_kind_of_document_is_sent_elsewhere(ecert: Runs, place: Path) -> None:
    ecert("-C", "guangan", "status", "publish", "-o", "out")
    ran = ecert(*IMPORT, "out/1.jwt", "--yes")
    assert ran.code == failures.USAGE
    assert "trust add" in ran.err


def test_without_the_partner_s_roots_it_says_what_is_missing(ecert: Runs, place: Path) -> None:
    ecert("init", "alone", "--region", "500000", "--name", "窗口", "--demo")
    ran = ecert("-C", "alone", "recognition", "import", SAMPLE, "--yes", "--json")
    assert ran.code == failures.REFUSED
    assert ran.json["error"]["fault"] == "not-pinned"


def test_show_lists_every_entry_and_marks_provisional_codes(ecert: Runs, place: Path) -> None:
    lines = ecert("-C", "chongqing", "recognition", "show").out.splitlines()
    assert lines[0].startswith("【样例】")
    plain = ecert("-C", "chongqing", "recognition", "show", "--json").json
    entries = plain["lists"][0]["entries"]
    assert len(lines) == 1 + len(entries) == 1 + 18
    for line, entry in zip(lines[1:], entries, strict=True):
        code_status = builtin().require(entry["source"]["type"]).code_status
        assert ("暂定" in line) is (code_status == "provisional")


def test_show_one_entry(ecert: Runs, place: Path) -> None:
    ran = ecert("-C", "chongqing", "recognition", "show", "川-01")
    for told in ("机动车驾驶证（代码暂定）", "机动车业务、执法检查", "2026-01-01 至 长期"):
        assert told in ran.out
    plain = ecert("-C", "chongqing", "recognition", "show", "川-01", "--json").json
    assert plain["entries"][0]["list_id"] == "chuan-yu-sample"


def test_show_an_entry_that_is_not_there(ecert: Runs, place: Path) -> None:
    ran = ecert("-C", "chongqing", "recognition", "show", "川-99")
    assert ran.code == failures.USAGE
    assert "川-99" in ran.err


def test_show_without_a_list_says_so(ecert: Runs, fresh: str) -> None:
    ran = ecert("-C", fresh, "recognition", "show")
    assert (ran.code, ran.out) == (0, "")
    assert "还没有" in ran.err


def _local_type() -> dict[str, Any]:
    """The library card as Guang'an's own type."""
    code = make_uscc("11", "511600", "12345678")
    plain = builtin().require("图书馆借书证").model_dump(mode="json", exclude_none=True)
    authority = {"code": code, "name": "广安市文化局"}
    return plain | {
        "code": f"{code}001", "name": "广安读者证", "aliases": [],
        "defining_authority": authority,
    }  # fmt: skip


def test_show_tells_what_an_entry_asks_and_that_it_ended(ecert: Runs, place: Path) -> None:
    plain = _next(18)
    plain["notice_days"], plain["types"] = 30, [_local_type()]
    entry = plain["entries"][0]
    entry["lead"] = "四川省公安厅"
    entry["conditions"] = [{"op": "age", "field": "出生日期", "at_least": 18}]
    entry["withdrawn"] = {"on": "2027-01-01", "basis": "示例〔2026〕9号", "note": "停用"}
    mapped = [{"op": "constant", "target": "读者类型", "value": "成人"}]
    source = {"region": "511600", "type": plain["types"][0]["code"]}
    plain["entries"][1] |= {"source": source, "fields": mapped, "required": []}
    (place / "v2.json").write_bytes(_signed(plain))
    told = ecert(*IMPORT, "v2.json", "--yes")
    assert "~ 清单  [变更提前通知天数]" in told.out, told.err
    assert "+ 类型定义  广安读者证" in told.out
    assert "[条件, 撤回, 牵头部门]" in told.out
    ran = ecert("-C", "chongqing", "recognition", "show", entry["id"])
    for line in (
        "条件：按出生日期计算满18周岁",
        "牵头部门：四川省公安厅",
        "撤回：自 2027-01-01 起不再认可（示例〔2026〕9号）；停用",
    ):
        assert line in ran.out
    all_of_it = ecert("-C", "chongqing", "recognition", "show")
    assert "  变更提前通知：30 天" in all_of_it.out
    assert "  附带类型定义：广安读者证" in all_of_it.out
    assert "（2027-01-01 起撤回）" in all_of_it.out
    english = ecert("-C", "chongqing", "recognition", "show", entry["id"], "--lang", "en").out
    assert "Withdrawn: from 2027-01-01 on (示例〔2026〕9号); 停用" in english
    shown = ecert("-C", "chongqing", "recognition", "show", entry["id"], "--json").json
    assert shown["entries"][0]["conditions"][0]["at_least"] == 18
