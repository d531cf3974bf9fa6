"""Keys stay locked until something is signed, and each passphrase is asked for once."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import orjson
import pytest

from ecert.errors import CustodyError, FormatError, WorkspaceError
from ecert.sign import sm2
from ecert.workspace import Workspace
from ecert.workspace.keyfiles import KEYRING
from tests.unit.workspace.conftest import PASSPHRASE, issue

if TYPE_CHECKING:
    from pathlib import Path

    from tests.unit.workspace.conftest import Clock

SM2 = "SGD_SM3_SM2"


class Asked:
    """Answers questions and counts them."""

    def __init__(self, answer: str) -> None:
        self.answer = answer
        self.questions: list[str] = []

    def __call__(self, question: str) -> str:
        self.questions.append(question)
        return self.answer


def _reopened(workspace: Workspace, asked: Asked, clock: Clock) -> Workspace:
    return Workspace.open(workspace.path, prompt=asked, clock=clock)


def test_recording_a_licence_asks_for_no_passphrase(linshui: Workspace, clock: Clock) -> None:
    asked = Asked("never given")
    with _reopened(linshui, asked, clock) as workspace:
        licence = issue(workspace)
        workspace.issuer.suspend(licence.id, reason="测试", document="测〔2026〕1号")
    assert asked.questions == []


def test_signing_with_four_keys_asks_once(linshui: Workspace, clock: Clock) -> None:
    asked = Asked(PASSPHRASE)
    with _reopened(linshui, asked, clock) as workspace:
        workspace.bundle()
        workspace.unlock_licence_key()
    assert len(asked.questions) == 1
    assert ".pem" in asked.questions[0]


def test_a_wrong_passphrase_names_the_key_and_what_to_do(linshui: Workspace, clock: Clock) -> None:
    with (
        _reopened(linshui, Asked("a wrong one"), clock) as workspace,
        pytest.raises(CustodyError) as caught,
    ):
        workspace.unlock_licence_key()
    assert caught.value.where == "licence-1.pem"
    assert "口令不对" in caught.value.zh
    assert caught.value.fix_zh


def test_without_a_prompt_signing_says_what_is_needed(linshui: Workspace) -> None:
    with Workspace.open(linshui.path) as workspace, pytest.raises(CustodyError) as caught:
        workspace.unlock_licence_key()
    assert "口令" in caught.value.zh


def test_a_demonstration_never_asks(guangan: Workspace, clock: Clock) -> None:
    asked = Asked("never given")
    with _reopened(guangan, asked, clock) as workspace:
        workspace.bundle()
    assert asked.questions == []


def test_a_key_file_that_was_exchanged_is_refused(linshui: Workspace, clock: Clock) -> None:
    keys = linshui.path / "keys"
    (keys / "licence-1.pem").write_bytes((keys / "status-1.pem").read_bytes())
    with (
        _reopened(linshui, Asked(PASSPHRASE), clock) as workspace,
        pytest.raises(CustodyError) as caught,
    ):
        workspace.unlock_licence_key()
    assert "不是登记的" in caught.value.zh


def test_a_key_file_that_is_gone_is_told(linshui: Workspace, clock: Clock) -> None:
    (linshui.path / "keys" / "licence-1.pem").unlink()
    with (
        _reopened(linshui, Asked(PASSPHRASE), clock) as workspace,
        pytest.raises(CustodyError) as caught,
    ):
        workspace.unlock_licence_key()
    assert caught.value.where.endswith("licence-1.pem")


# -- rolling over -----------------------------------------------------------------------------


def test_a_new_key_signs_from_its_time_on_and_the_old_one_ends_then(
    linshui: Workspace, clock: Clock
) -> None:
    later = clock.now + timedelta(days=7)
    new = linshui.new_licence_key(valid_from=later)
    old, listed = linshui.keys.of("licence")
    assert listed == new
    assert (old.valid_until, new.valid_until) == (later, None)
    assert [key.state(clock.now) for key in (old, new)] == ["active", "planned"]
    assert [key.state(later) for key in (old, new)] == ["ended", "active"]


def test_the_new_key_is_there_when_opened_again_with_the_same_passphrase(
    linshui: Workspace, clock: Clock
) -> None:
    clock.advance(timedelta(days=1))
    new = linshui.new_licence_key()
    with _reopened(linshui, Asked(PASSPHRASE), clock) as workspace:
        assert workspace.keys.of("licence")[-1] == new
        workspace.unlock_licence_key()


def test_partners_are_told_both_keys(linshui: Workspace, clock: Clock) -> None:
    linshui.bundle()
    clock.advance(timedelta(seconds=1))
    linshui.new_licence_key()
    linshui.bundle()
    entry = linshui.knowledge.trust.issuer(linshui.settings.code or "")
    assert entry is not None
    assert entry.trust_list.version == 2
    assert len([key for key in entry.issuer.keys if key.use == "licence"]) == 2


def test_when_no_key_is_in_force_nothing_is_signed(linshui: Workspace, clock: Clock) -> None:
    clock.advance(timedelta(days=-1))
    with pytest.raises(CustodyError) as caught:
        linshui.unlock_licence_key()
    assert "ecert key new" in caught.value.fix_zh


def test_a_key_never_ends_before_it_began(linshui: Workspace, clock: Clock) -> None:
    with pytest.raises(FormatError) as caught:
        linshui.new_licence_key()  # in the second in which the first was made
    assert "晚于" in caught.value.zh
    clock.advance(timedelta(seconds=1))
    linshui.new_licence_key()
    assert len(linshui.bundle().status_lists) == 1, "it can still be published"


def test_the_past_is_not_changed(linshui: Workspace, clock: Clock) -> None:
    clock.advance(timedelta(days=1))
    with pytest.raises(FormatError) as caught:
        linshui.new_licence_key(valid_from=clock.now - timedelta(seconds=1))
    assert caught.value.where == "valid_from"
    assert len(linshui.keys.of("licence")) == 1


def test_a_wrong_passphrase_leaves_the_keys_as_they_were(linshui: Workspace, clock: Clock) -> None:
    clock.advance(timedelta(days=1))
    before = {path.name: path.read_bytes() for path in (linshui.path / "keys").iterdir()}
    with (
        _reopened(linshui, Asked("a wrong one"), clock) as workspace,
        pytest.raises(CustodyError),
    ):
        workspace.new_licence_key()
    assert {p.name: p.read_bytes() for p in (linshui.path / "keys").iterdir()} == before


@pytest.mark.parametrize(("alg", "becomes"), [(None, "ES256"), (SM2, SM2)])
def test_a_new_key_is_of_the_suite_before_or_of_the_one_asked_for(
    linshui: Workspace, clock: Clock, alg: str | None, becomes: str
) -> None:
    clock.advance(timedelta(days=1))
    new = linshui.new_licence_key(alg=alg)
    assert (new.public.alg, linshui.alg) == (becomes, becomes)
    with _reopened(linshui, Asked(PASSPHRASE), clock) as workspace:
        assert workspace.keys.of("licence")[-1] == new
        workspace.unlock_licence_key()


def test_the_suite_is_that_of_the_key_in_force_not_of_a_planned_one(
    linshui: Workspace, clock: Clock
) -> None:
    linshui.new_licence_key(valid_from=clock.now + timedelta(days=7), alg=SM2)
    assert linshui.alg == "ES256"
    clock.advance(timedelta(days=7))
    assert linshui.alg == SM2
    assert linshui.settings.alg == "ES256", "what it was made with"


def test_where_sm2_cannot_sign_the_keys_stay_as_they_were(
    linshui: Workspace, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock.advance(timedelta(days=1))
    monkeypatch.setattr(sm2, "_evp", lambda: None)
    before = {path.name: path.read_bytes() for path in (linshui.path / "keys").iterdir()}
    with pytest.raises(CustodyError) as caught:
        linshui.new_licence_key(alg=SM2)
    assert caught.value.where == "SM2"
    assert {p.name: p.read_bytes() for p in (linshui.path / "keys").iterdir()} == before
    assert linshui.alg == "ES256"


# -- the keyring ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "detail"),
    [
        (lambda keys: keys[0].update(file="../../etc/passwd"), "ValueError"),
        (lambda keys: keys[0].update(role="king"), "ValueError"),
        (lambda keys: keys[0].pop("jwk"), "ValueError"),
        (lambda keys: keys[0]["jwk"].update(x="AAAA"), "ParseError"),
        (lambda keys: keys[0].update(valid_from="yesterday"), "ValueError"),
    ],
)
def test_a_damaged_keyring_is_refused_whole(
    linshui: Workspace, change: object, detail: str
) -> None:
    path = linshui.path / "keys" / KEYRING
    plain = orjson.loads(path.read_bytes())
    assert callable(change)
    change(plain["keys"])
    path.write_bytes(orjson.dumps(plain))
    with Workspace.open(linshui.path) as workspace, pytest.raises(WorkspaceError) as caught:
        _ = workspace.keys
    assert detail in caught.value.en
    assert caught.value.where == str(path)


def test_a_keyring_that_is_gone_is_told(linshui: Workspace, tmp_path: Path) -> None:
    (linshui.path / "keys" / KEYRING).unlink()
    with Workspace.open(linshui.path) as workspace, pytest.raises(WorkspaceError) as caught:
        _ = workspace.keys
    assert "备份" in caught.value.fix_zh
