"""The list keeper's API: a workbook checked and proposed, a second person, signatures, refusals."""

from __future__ import annotations

import io
import threading
import zipfile
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import openpyxl
import pypdfium2
import pytest
from starlette.testclient import TestClient

import ecert
from ecert.demo import demo_region
from ecert.interop.signing import read_paper
from ecert.limits import MAX_CHECK_AGE, MAX_LIST_UPLOAD_BYTES, MAX_PROPOSALS_SHOWN
from ecert.service import lists_api
from ecert.service.serve import application
from ecert.sign.keys import PrivateKey
from ecert.store.acts import acts_about
from ecert.store.tokens import SQLTokens
from ecert.trust.roots import Role as TrustRole
from ecert.workspace import Workspace
from ecert.workspace.access import Role, new_token
from ecert.workspace.lists.checking import ListChecking
from tests.fonts import chain

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

AT = datetime(2026, 11, 22, 2, tzinfo=UTC)
SLOT = "ecert-recognition-list+jws:510000:chuan-yu-sample"
XLSX = "a.xlsx"


class Clock:
    """The time; tests move it."""

    now = AT

    def __call__(self) -> datetime:
        return self.now


@dataclass
class Keeping:
    """An office with a list in force, and its service."""

    workspace: Workspace
    clock: Clock
    client: TestClient
    folder: Path

    def __post_init__(self) -> None:
        self.tokens = {name: self.token(name) for name in ("王芳", "李强", " 王 芳 ")}

    def token(self, name: str, role: Role = Role.LIST_KEEPER) -> str:
        """Make a token."""
        text, kept = new_token(role, name, created=AT, expires=AT + timedelta(days=9))
        SQLTokens(self.workspace.engine).add(kept)
        return text

    def ask(self, method: str, path: str, by: str = "王芳", **how: Any) -> Any:
        """Ask as somebody."""
        headers = {"authorization": f"Bearer {self.tokens[by]}"}
        if "content" in how:
            headers["content-type"] = "application/octet-stream"
        return self.client.request(method, f"/api/lists{path}", headers=headers, **how)

    def book(self, change: Callable[[Any], None] | None = None) -> bytes:
        """Return the list in force as a workbook, with a change."""
        data: bytes = self.ask("GET", "/in-force", params={"slot": SLOT}).content
        book = openpyxl.load_workbook(io.BytesIO(data))
        (change or wider)(book)
        out = io.BytesIO()
        book.save(out)
        return out.getvalue()

    def check(self, data: bytes, file: str = XLSX, **given: Any) -> Any:
        """Check a workbook."""
        params = {"file": file, "follow": "true"} | given
        return self.ask("POST", "/check", content=data, params=params)

    def propose(self, data: bytes, by: str = "王芳", **other: str) -> Any:
        """Check a workbook and propose it."""
        found = self.check(data).json()
        params = {name: found[name] for name in ("at", "digest", "base")}
        params |= {"file": XLSX, "follow": "true"} | other
        return self.ask("POST", "/proposals", by, content=data, params=params)

    def accept(self, one: dict[str, Any], by: str = "李强") -> Any:
        """Accept a proposal as it stands."""
        seen = {name: one[name] for name in ("digest", "base")}
        return self.ask("POST", f"/proposals/{one['id']}/accept", by, json=seen)

    def partner(self, one: dict[str, Any]) -> bytes:
        """Return the list as Sichuan signs it."""
        draft = self.ask("GET", f"/proposals/{one['id']}/draft").content
        return read_paper(draft).signed(
            list(demo_region("510000").signers[TrustRole.RECOGNITION_LIST])
        )


def wider(book: Any) -> None:
    """Let the first entry hold for one matter more."""
    book["互认条目"]["I2"] = f"{book['互认条目']['I2'].value}、社会保险业务"


@pytest.fixture
def office(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Keeping]:
    """One office."""
    monkeypatch.delenv(lists_api.PASSPHRASE_VARIABLE, raising=False)
    clock = Clock()
    workspace = Workspace.init(
        tmp_path / "w", region="500000", name="重庆市", demo=True, clock=clock
    )
    workspace.knowledge.pin(ecert.demo_roots())
    workspace.knowledge.accept(ecert.fixture("川渝互认清单"))
    client = TestClient(application(workspace, clock=clock))
    with client:
        yield Keeping(workspace, clock, client, tmp_path)


# -- checking -----------------------------------------------------------------------------------


def test_an_unknown_name_is_found_at_its_cell_and_chosen_once(office: Keeping) -> None:
    def unknown(book: Any) -> None:
        book["互认条目"]["C2"], book["互认条目"]["D2"] = "驾照", None

    data = office.book(unknown)
    found = office.check(data).json()
    (one,) = found["findings"]
    assert (one["sheet"], one["cell"], one["severity"]) == ("互认条目", "C2", "error")
    assert one["name"] == "驾照"
    assert one["suggestions"][0]["name"] == "机动车驾驶证"
    assert "--choose" not in one["fix_zh"]
    assert not found["clean"]
    chosen = {"name": "驾照", "type": one["suggestions"][0]["code"]}
    assert office.ask("POST", "/choices", json=chosen).status_code == 200
    again = office.check(data).json()
    assert again["clean"]
    assert {each["severity"] for each in again["findings"]} == {"warning"}
    assert office.ask("GET", "").json()["choices"][0]["by"] == "王芳"
    assert office.ask("POST", "/choices", json=chosen | {"type": "无"}).status_code == 400


def test_what_changes_is_told_by_type_and_matter(office: Keeping) -> None:
    def change(book: Any) -> None:
        wider(book)
        book["互认条目"]["I3"] = "公证办理"
        book["互认条目"].delete_rows(5)

    lines = {one["id"]: one for one in office.check(office.book(change)).json()["change"]["lines"]}
    assert (lines["川-01"]["group"], lines["川-01"]["come"]) == ("comes", ["社会保险业务"])
    assert (lines["川-02"]["group"], lines["川-02"]["gone"]) == ("goes", ["执法检查"])
    assert lines["川-04"]["group"] == "goes"
    assert lines["川-01"]["source"] == "四川省"


def test_formulas_are_told_at_their_cell(office: Keeping) -> None:
    def formula(book: Any) -> None:
        book["互认条目"]["C2"] = "=C3"

    found = office.check(office.book(formula)).json()["findings"]
    assert any(one["cell"] == "C2" and "是公式" in one["zh"] for one in found)


def _bomb() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        made.writestr("xl/workbook.xml", b" " * (32 << 20))
        for number in range(20):
            made.writestr(f"xl/{number}.xml", b"0" * (30 << 20))
    return out.getvalue()


def _macro(data: bytes) -> bytes:
    out = io.BytesIO(data)
    with zipfile.ZipFile(out, "a") as made:
        made.writestr("xl/vbaProject.bin", b"macro")
    return out.getvalue()


def _only(title: str) -> Callable[[Any], None]:
    def rename(book: Any) -> None:
        book["互认条目"].title = title
        book[title].delete_rows(1)

    return rename


@pytest.mark.parametrize("kind", ["text", "bomb", "macro", "pdf", "sheet"])
def test_what_is_no_table_is_refused_in_both_languages(office: Keeping, kind: str) -> None:
    made: dict[str, Callable[[], bytes]] = {
        "text": lambda: b"no workbook",
        "bomb": _bomb,
        "macro": lambda: _macro(office.book()),
        "pdf": lambda: b"%PDF-1.7",
        "sheet": lambda: office.book(_only("别的表")),
    }
    told = office.check(made[kind](), "a.pdf" if kind == "pdf" else XLSX)
    assert told.status_code == 400
    plain = told.json()
    assert plain["zh"]
    assert plain["en"].isascii()
    assert office.ask("GET", "").json()["proposals"] == []


def test_a_file_of_the_bound_is_read_and_one_byte_more_is_not(office: Keeping) -> None:
    assert office.check(bytes(MAX_LIST_UPLOAD_BYTES)).status_code == 400
    told = office.check(bytes(MAX_LIST_UPLOAD_BYTES + 1))
    assert told.status_code == 413
    assert told.json()["zh"] == "请求内容过大"


def test_a_list_of_other_regions_cannot_be_proposed(office: Keeping) -> None:
    def others(book: Any) -> None:
        info, entries = book["清单信息"], book["互认条目"]
        for row in info.iter_rows(min_row=2):
            if row[0].value in {"缔约地区", "发送地区"}:
                row[1].value = "四川省、贵州省"
        for row in entries.iter_rows(min_row=2):
            for cell in row:
                if cell.value == "重庆市（500000）":
                    cell.value = "贵州省（520000）"

    told = office.check(office.book(others)).json()
    assert not told["clean"]
    refused = office.propose(office.book(others))
    assert refused.status_code in {400, 409}
    assert office.ask("GET", "").json()["proposals"] == []


# -- deciding -------------------------------------------------------------------------------------


def test_two_people_and_both_parties_bring_a_list_into_force(office: Keeping) -> None:
    one = office.propose(office.book()).json()
    assert (one["state"], one["may_accept"]) == ("proposed", False)
    assert office.workspace.knowledge.recognition.lists[0].document.version == 1
    accepted = office.accept(one).json()
    assert accepted["state"] == "accepted"
    assert [each["complete"] for each in accepted["signatures"]] == [False, True]
    done = office.ask("POST", f"/proposals/{one['id']}/signed", "李强", content=office.partner(one))
    assert done.json()["state"] == "in-force"
    assert office.workspace.knowledge.recognition.lists[0].document.version == 2
    acts = acts_about(office.workspace.engine, f"list-draft:{one['digest']}")
    assert [(each.act, each.actor) for each in acts] == [
        ("draft-propose", "王芳"), ("draft-accept", "李强"), ("draft-sign", "李强"),
        ("draft-sign", "李强"), ("draft-in-force", "李强"),
    ]  # fmt: skip


@pytest.mark.parametrize("by", ["王芳", " 王 芳 "])
def test_nobody_accepts_what_they_proposed(office: Keeping, by: str) -> None:
    one = office.propose(office.book()).json()
    told = office.accept(one, by)
    assert (told.status_code, told.json()["error"]) == (409, "ProposalError")
    assert "接受人须是另一人" in told.json()["zh"]
    assert office.ask("GET", "").json()["proposals"][0]["state"] == "proposed"


def test_another_list_in_force_since_is_a_conflict_with_the_new_difference(
    office: Keeping,
) -> None:
    data = office.book()
    found = office.check(data).json()
    first = office.propose(office.book()).json()
    second = office.propose(office.book(_dropped)).json()
    office.accept(first)
    path = f"/proposals/{first['id']}/signed"
    assert office.ask("POST", path, content=office.partner(first)).json()["state"] == "in-force"
    told = office.accept(second)
    assert (told.status_code, told.json()["outdated"]) == (409, True)
    whole = office.ask("GET", f"/proposals/{second['id']}").json()
    assert whole["outdated"]
    assert "第 2 版" in whole["change"]["heads"]["zh"][0]
    params = {name: found[name] for name in ("at", "digest", "base")}
    again = office.ask(
        "POST", "/proposals", content=data, params=params | {"file": XLSX, "follow": "true"}
    )
    assert (again.status_code, again.json()["outdated"]) == (409, True)


def _dropped(book: Any) -> None:
    book["互认条目"].delete_rows(5)


def test_a_proposal_survives_a_restart_and_is_withdrawn_or_rejected(office: Keeping) -> None:
    one = office.propose(office.book()).json()
    other = office.propose(office.book(_dropped)).json()
    with Workspace.open(office.folder / "w", clock=office.clock) as again:
        client = TestClient(application(again, clock=office.clock))
        headers = {"authorization": f"Bearer {office.tokens['李强']}"}
        kept = client.get("/api/lists", headers=headers).json()["proposals"]
    assert {each["id"] for each in kept} == {one["id"], other["id"]}
    mine = office.ask("POST", f"/proposals/{one['id']}/end").json()
    theirs = office.ask("POST", f"/proposals/{other['id']}/end", "李强").json()
    assert (mine["state"], theirs["state"]) == ("withdrawn", "rejected")
    assert office.accept(one).status_code == 409
    assert office.ask("POST", f"/proposals/{one['id']}/end").status_code == 409


def test_the_same_list_waits_once_and_only_what_was_seen_is_proposed(office: Keeping) -> None:
    data = office.book()
    assert office.propose(data).status_code == 200
    assert "已经提出" in office.propose(data).json()["zh"]
    assert "内容与核对过的不同" in office.propose(data, digest="0" * 64).json()["zh"]
    old = (AT - MAX_CHECK_AGE).isoformat()
    assert "内容与核对过的不同" in office.propose(data, at=old).json()["zh"]
    older = (AT - MAX_CHECK_AGE - timedelta(microseconds=1)).isoformat()
    assert "检查结果已过时" in office.propose(data, at=older).json()["zh"]


def test_signatures_of_strangers_and_of_other_lists_are_refused(office: Keeping) -> None:
    one = office.propose(office.book()).json()
    path = f"/proposals/{one['id']}/signed"
    assert office.ask("POST", path, content=office.partner(one)).status_code == 409
    office.accept(one)
    draft = read_paper(office.ask("GET", f"/proposals/{one['id']}/draft").content)
    stranger = draft.signed([PrivateKey.generate("ES256")])
    assert office.ask("POST", path, content=stranger).status_code == 409
    other = ecert.fixture("川渝互认清单")
    told = office.ask("POST", path, content=other)
    assert (told.status_code, "内容不同" in told.json()["zh"]) == (400, True)
    assert office.ask("POST", path, content=b"{}").status_code == 400
    assert office.workspace.knowledge.recognition.lists[0].document.version == 1


def test_without_its_passphrase_the_service_signs_nothing(
    office: Keeping, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ecert.workspace.lists.deciding.ListDesk.signs", property(lambda _: False))
    one = office.propose(office.book()).json()
    accepted = office.accept(one).json()
    assert (accepted["state"], accepted["signed"], accepted["may_sign"]) == (
        "accepted", False, False,
    )  # fmt: skip
    told = office.ask("POST", f"/proposals/{one['id']}/sign", "李强")
    assert (told.status_code, told.json()["error"]) == (409, "CustodyError")
    draft = read_paper(office.ask("GET", f"/proposals/{one['id']}/draft").content)
    whole = read_paper(office.partner(one)).signed(
        list(demo_region("500000").signers[TrustRole.RECOGNITION_LIST])
    )
    assert draft.digest == one["digest"]
    done = office.ask("POST", f"/proposals/{one['id']}/signed", "李强", content=whole)
    assert done.json()["state"] == "in-force"


# -- files, roles, bounds ------------------------------------------------------------------------


@pytest.mark.parametrize("what", ["corrected", "approval", "annotated"])
def test_files_of_a_check_are_workbooks(office: Keeping, what: str) -> None:
    data = office.book()
    found = office.check(data).json()
    params = {"file": XLSX, "follow": "true", "at": found["at"]}
    told = office.ask("POST", f"/file/{what}", content=data, params=params)
    assert openpyxl.load_workbook(io.BytesIO(told.content)).sheetnames
    assert "attachment" in told.headers["content-disposition"]


def test_the_sheet_for_approval_is_also_a_pdf_of_a_check_and_of_a_proposal(office: Keeping) -> None:
    chain()  # skips where there are no fonts
    data = office.book()
    found = office.check(data).json()
    params = {"file": XLSX, "follow": "true", "at": found["at"]}
    checked = office.ask("POST", "/file/approval-pdf", content=data, params=params)
    one = office.propose(data).json()
    proposed = office.ask("GET", f"/proposals/{one['id']}/approval-pdf")
    for told in (checked, proposed):
        assert (told.status_code, told.headers["content-type"]) == (200, "application/pdf")
        assert (
            "%E4%BC%9A%E7%AD%BE%E5%AF%B9%E7%85%A7%E8%A1%A8.pdf"
            in (told.headers["content-disposition"])
        )
    with pypdfium2.PdfDocument(proposed.content) as document:
        text = "".join(page.get_textpage().get_text_range() for page in document)
    assert one["digest"] in "".join(text.split())
    assert "签字盖章" in text


@pytest.mark.parametrize("role", [Role.CLERK, Role.ISSUER, Role.AUDITOR])
def test_other_tokens_open_nothing(office: Keeping, role: Role) -> None:
    office.tokens["other"] = office.token("别人", role)
    for method, path in (("GET", ""), ("GET", "/template"), ("POST", "/check?file=a.xlsx")):
        assert office.ask(method, path, "other").status_code == 403
    assert office.client.get("/api/lists").status_code == 401


def test_only_the_newest_proposals_are_shown(
    office: Keeping, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert MAX_PROPOSALS_SHOWN >= 2
    monkeypatch.setattr("ecert.workspace.lists.deciding.MAX_PROPOSALS_SHOWN", 1)
    office.propose(office.book())
    newer = office.propose(office.book(_dropped)).json()
    assert [one["id"] for one in office.ask("GET", "").json()["proposals"]] == [newer["id"]]


def test_long_checks_take_one_thread_and_hold_up_nobody_else(
    office: Keeping, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, gate, done = threading.Semaphore(0), threading.Event(), []
    real = ListChecking.check

    def slow(*given: Any, **more: Any) -> Any:
        begun.release()
        assert gate.wait(30)
        return real(*given, **more)

    monkeypatch.setattr(ListChecking, "check", slow)
    data = office.book()
    threads = [
        threading.Thread(target=lambda: done.append(office.check(data).status_code))
        for _ in range(3)
    ]
    for thread in threads:
        thread.start()
    assert begun.acquire(timeout=30)
    # The others wait; whoever asks something else does not.
    assert office.client.get("/health").status_code == 200
    assert office.ask("GET", "").status_code == 200
    assert lists_api._CHECKS_AT_ONCE.borrowed_tokens == 1
    assert not begun.acquire(timeout=0.1)
    gate.set()
    for thread in threads:
        thread.join(30)
    assert done == [200, 200, 200]
