"""``ecert show --online``, ``ecert online`` and ``ecert show-service``, with a real service."""

from __future__ import annotations

import stat
import threading
import time
from typing import TYPE_CHECKING, Any

import pytest

import ecert as library
from ecert.cli import failures
from ecert.service.show import make_app
from ecert.show.online import OnlineCode
from ecert.workspace import Workspace
from ecert.workspace.show_desk import show_desk
from ecert.workspace.show_services import ShowServices
from tests.cli.people import MATTER, PASSPHRASE
from tests.online.server import serving

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.cli.conftest import Ran, Runs

WALLET = ("--wallet", "zhang.wallet")
PURPOSE = ("--for", MATTER, "--item-code", "5001", "--case", "2026-1", "--cause", "换证")
REGION = "511600"


@pytest.fixture
def service(place: Path) -> Iterator[str]:
    """The address of Guang'an's show service."""
    with Workspace.open(place / "guangan") as workspace:
        workspace.knowledge.pin(library.demo_roots("500000"))
        workspace.knowledge.accept(library.fixture("川渝互认清单"))
        with serving(make_app(show_desk(workspace))) as url:
            yield url


@pytest.fixture
def ready(ecert: Runs, place: Path, service: str) -> str:
    """A holder and a window that know where the service is; the window has a token."""
    office = ("--region", "500000", "--office", "重庆市政务服务中心")
    added = ecert("-C", "guangan", "show-service", "verifier", "add", *office, "--json")
    (place / "token").write_text(added.json["token"])
    use = ("show-service", "use", REGION, service, "--allow-http")
    assert ecert(*use).code == 0
    assert ecert("-C", "chongqing", *use, "--token-file", "token").code == 0
    return service


def _show(ecert: Runs, *more: str) -> str:
    ran = ecert("show", "--online", *WALLET, *more)
    assert ran.code == 0, ran.err
    return ran.out.strip()


def _verify(ecert: Runs, code: str, *more: str) -> Ran:
    return ecert("-C", "chongqing", "verify", code, *PURPOSE, *more)


def test_a_code_is_shown_redeemed_once_and_found_in_the_log(ecert: Runs, ready: str) -> None:
    code = _show(ecert)
    assert len(code) == 32
    ran = _verify(ecert, OnlineCode.parse(code).grouped)
    assert ran.code == failures.DONE, ran.out
    assert "张伟（号码 510681199003071237）" in ran.out
    again = _verify(ecert, code, "--json")
    assert (again.code, again.json["number"]) == (failures.REFUSED, "E110")
    entries = ecert("online", "log", REGION, *WALLET, "--json").json["entries"]
    assert [one["outcome"] for one in entries] == ["missed", "served"]
    assert entries[1]["purpose"]["orgName"] == "重庆市政务服务中心"
    assert entries[1]["purpose"]["itemName"] == MATTER
    told = ecert("online", "log", REGION, *WALLET).out
    assert "  事由：换证" in told
    assert "机动车驾驶证（111000009999999986001）" in told
    assert f"亮证服务（{REGION}）" in ecert("wallet", "log", "zhang.wallet").out


def test_a_cancelled_code_is_not_redeemed(ecert: Runs, ready: str) -> None:
    code = _show(ecert)
    assert ecert("online", "cancel", code, *WALLET).code == 0
    assert ecert("online", "cancel", code, *WALLET).code == 1
    assert "E110" in _verify(ecert, code).out


def test_a_picture_of_an_online_code_is_a_qr_code(ecert: Runs, ready: str, place: Path) -> None:
    ran = ecert("show", "--online", *WALLET, "-o", "code.png", "--json")
    plain = ran.json
    assert (plain["digits"], plain["life_seconds"]) == (32, 300)
    assert plain["qr_version"] <= 2
    assert (place / "code.png").read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize("more", [("--challenge", "1"), ("--profile", "full")])
def test_what_an_online_code_cannot_carry_is_not_left_out_in_silence(
    ecert: Runs, place: Path, more: tuple[str, ...]
) -> None:
    ran = ecert("show", "--online", *WALLET, *more)
    assert (ran.code, "--field" in ran.err) == (failures.USAGE, True)


def test_without_a_service_the_window_is_told_to_use_the_network(ecert: Runs, place: Path) -> None:
    code = OnlineCode.new(REGION).text
    ran = ecert("-C", "chongqing", "verify", code, "--json")
    assert (ran.code, ran.json["number"]) == (failures.UNDETERMINED, "E921")
    assert "联网" in ecert("-C", "chongqing", "verify", code).out


def test_a_service_that_is_gone_is_undetermined(ecert: Runs, place: Path) -> None:
    assert ecert(
        "-C", "chongqing", "show-service", "use", REGION, "http://127.0.0.1:9", "--allow-http"
    ).code == 0  # fmt: skip
    ran = _verify(ecert, OnlineCode.new(REGION).text, "--json")
    assert (ran.code, ran.json["reason"]) == (failures.UNDETERMINED, "service-unreachable")


def test_the_purpose_is_asked_for_before_anything_is_fetched(ecert: Runs, ready: str) -> None:
    code = _show(ecert)
    ran = ecert("-C", "chongqing", "verify", code, "--for", MATTER)
    assert ran.code == failures.USAGE
    assert "--item-code --case --cause" in ran.err
    assert _verify(ecert, code).code == 0


def test_a_window_without_a_token_in_force_gets_the_usual_answer(ecert: Runs, ready: str) -> None:
    listed = ecert("-C", "guangan", "show-service", "verifier", "list", "--json").json
    (one,) = listed["verifiers"]
    assert one["in_force"]
    remove = ("-C", "guangan", "show-service", "verifier", "remove", one["id"])
    assert ecert(*remove, "--dry-run").code == 0
    assert ecert(*remove).code == failures.USAGE, "nobody confirmed"
    code = _show(ecert)
    assert ecert(*remove, "--yes").code == 0
    assert ecert(*remove, "--yes").code == failures.USAGE
    assert "E110" in _verify(ecert, code).out


def test_a_window_asks_and_the_holder_agrees(ecert: Runs, ready: str, place: Path) -> None:
    code = ecert("online", "open", *WALLET).out.strip()
    assert "还没有窗口" in ecert("online", "request", code, *WALLET).out
    wallet = library.Wallet.open(place / "zhang.wallet", PASSPHRASE)
    services = ShowServices.read(place)
    seen: list[Any] = []

    def answer() -> None:
        from ecert.clock import system_clock
        from ecert.workspace.online_holder import OnlineHolder

        for _ in range(600):
            holder = OnlineHolder(wallet, services, system_clock())
            found = holder.pending(code)
            if found["verifyStatus"] == "1":
                seen.append(found["asked"])
                holder.agree(code, [wallet.licences[0].id])
                return
            time.sleep(0.1)

    phone = threading.Thread(target=answer)
    phone.start()
    ask = ("-C", "chongqing", "online", "ask", code, "--type", "机动车驾驶证", *PURPOSE)
    # Where receipts are required no answer is told without one, here too.
    settings = place / "chongqing" / "ecert.toml"
    settings.write_text('receipts = "required"\n' + settings.read_text())
    unnamed = ecert(*ask)
    assert (unnamed.code, "核验人" in unnamed.err) == (failures.USAGE, True)
    ran = ecert(*ask, "--clerk", "王")
    phone.join()
    assert ran.code == failures.DONE, ran.out + ran.err
    assert "第 1 号" in ran.out
    assert "张伟" in ran.out
    assert seen[0]["purpose"]["useCause"] == "换证"


def test_a_holder_declines(ecert: Runs, ready: str, place: Path) -> None:
    code = ecert("online", "open", *WALLET).out.strip()
    with Workspace.open(place / "chongqing") as window:
        from ecert.clock import system_clock
        from ecert.online.purpose import AccessPurpose
        from ecert.workspace.online_window import OnlineWindow
        from tests.online.office import WORDS

        waited: list[Ran] = []

        def wait() -> bool:
            if not waited:
                waited.append(ecert("online", "decline", code, *WALLET))
            return True

        (verdict,) = OnlineWindow(window, window.verifier, at=system_clock()).ask(
            code, ["111000009999999986001"], AccessPurpose.read(WORDS), matter=MATTER, wait=wait
        )
    assert waited[0].code == 0
    assert verdict.reason.number == "E111"


def test_services_are_set_listed_and_kept_from_others(ecert: Runs, ready: str, place: Path) -> None:
    ran = ecert("-C", "chongqing", "show-service", "list", "--json").json
    assert ran == {"services": [{"region": REGION, "url": ready, "token": True}]}
    for name in ("chongqing/show-services.json", "guangan/show-service.key"):
        assert stat.S_IMODE((place / name).stat().st_mode) == 0o600
    token = (place / "token").read_text()
    assert token not in ecert("-C", "chongqing", "show-service", "list").out


@pytest.mark.parametrize(
    "arguments",
    [
        ("use", "51160", "https://a.example"), ("use", REGION, "http://a.example"),
        ("use", REGION, "https://a.example/?x=1"), ("run", "--host", "0.0.0.0"),  # noqa: S104
        ("run", "--tls-cert", "x"),
    ],
)  # fmt: skip
def test_what_is_unsafe_or_no_address_is_refused(
    ecert: Runs, place: Path, arguments: tuple[str, ...]
) -> None:
    ran = ecert("-C", "guangan", "show-service", *arguments)
    assert ran.code in {failures.USAGE, failures.UNDETERMINED}
    assert not (place / "guangan" / "show-services.json").exists()


def test_what_has_run_out_is_purged(ecert: Runs, ready: str) -> None:
    _show(ecert)
    assert ecert("-C", "guangan", "show-service", "purge", "--json").json == {"purged": 0}


def test_a_damaged_key_or_setting_is_told(ecert: Runs, place: Path) -> None:
    (place / "guangan" / "show-service.key").write_text("zz")
    ran = ecert("-C", "guangan", "show-service", "verifier", "list")
    assert (ran.code, "密钥文件已损坏" in ran.err) == (failures.KEY, True)
    (place / "show-services.json").write_text("{}")
    ran = ecert("show", "--online", *WALLET)
    assert (ran.code, "亮证服务设置有误" in ran.err) == (failures.USAGE, True)
