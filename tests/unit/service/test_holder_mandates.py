"""The holder's API about mandates: looked at, made, withdrawn, and nobody else's."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

import ecert
from ecert import Wallet
from ecert.errors import VaultError
from ecert.show.mandate_package import MandatePackage
from ecert.status.values import StatusValue
from tests.operator import AT, PIN, Operator
from tests.unit.service.test_holder import WRONG, Phone, office, operator

if TYPE_CHECKING:
    from ecert.wallet.mandates import HeldMandate

__all__ = ["office", "operator"]


def test_a_mandate_is_made_shown_by_its_agent_and_withdrawn(operator: Operator) -> None:
    operator.desk = replace(operator.desk, issuer=operator.police)
    zhang, own = Phone(operator, "zhang"), operator.licences["zhang"][:1]
    zhang.send("PUT", "/pin", new=PIN)
    request = operator.wallet("li").ask_mandate("李秀英", "0019")
    named = zhang.send("POST", "/mandates/agent", agent=f" {request[:90]}\n{request[90:]} ")
    assert named.json() == {"name": "李秀英", "number": "0019"}
    wish = {
        "agent": request, "licences": own, "matters": ["机动车业务"], "until": "2026-11-30",
    }  # fmt: skip
    told = zhang.send("POST", "/mandates", **wish)
    assert (told.status_code, told.json()["error"]) == (403, "pin-needed")
    made = zhang.send("POST", "/mandates", pin=PIN, **wish).json()
    (row,) = zhang.get("/mandates").json()["mandates"]
    assert [row[name] for name in ("id", "given", "agent", "licences", "ended", "here")] == [
        made["id"], True, "李秀英", ["机动车驾驶证"], False, True,
    ]  # fmt: skip
    assert row["last"].startswith("2026-11-30T15:59:59")
    agent = operator.wallet("li")
    agent.add_mandate(MandatePackage.from_bytes(made["package"].encode()))
    window = operator.window()
    verdict = window.verify(agent.show(mandate=made["id"]).text, matter="机动车业务")
    assert verdict.licence.agent is not None
    assert (verdict.licence.agent.name, verdict.licence.holders) == (
        "李秀英", (("张伟", "1237"),),
    )  # fmt: skip
    # Nobody else's to withdraw; once withdrawn, the next list says so.
    assert Phone(operator, "company").send(
        "POST", "/mandates/withdraw", id=made["id"]
    ).status_code == 404  # fmt: skip
    assert zhang.send("POST", "/mandates/withdraw", id=made["id"]).json() == {}
    assert zhang.get("/mandates").json()["mandates"] == []
    operator.clock.go(seconds=60)
    fresh = operator.window()
    refused = fresh.verify(agent.show(mandate=made["id"]).text, matter="机动车业务")
    assert refused.reason is ecert.Reason.MANDATE_WITHDRAWN


def test_elsewhere_the_issuing_office_gives_the_place(operator: Operator) -> None:
    zhang, own = Phone(operator, "zhang"), operator.licences["zhang"][:1]
    request = operator.wallet("li").ask_mandate("李秀英", "0019")
    wish = {"agent": request, "licences": own, "matters": ["*"], "until": "2026-11-30"}
    assert zhang.get("/mandates").json() == {"mandates": [], "enters": False}
    told = zhang.send("POST", "/mandates", **wish)
    assert (told.status_code, told.json()["zh"]) == (400, "请填写登记号")
    wallet = operator.wallet("zhang")
    place = operator.police.mandates.enter(
        own[0], wallet.request(operator.police.nonce()), ends=AT + timedelta(days=9)
    )
    made = zhang.send("POST", "/mandates", place=str(place), **wish)
    assert made.status_code == 200
    told = zhang.send("POST", "/mandates/withdraw", id=made.json()["id"])
    assert told.status_code == 400
    assert str(place) in told.json()["zh"]
    theirs = zhang.send("POST", "/mandates", **wish | {"licences": operator.licences["li"][:1]})
    assert theirs.status_code in {400, 404}
    assert "李" not in theirs.text


def _entered(operator: Operator) -> list[int]:
    """Return the status of every place that the office gave a mandate of Zhang's."""
    return [one.status for one in operator.police.mandates.entered(operator.licences["zhang"][0])]


def _wish(operator: Operator) -> dict[str, Any]:
    return {
        "agent": operator.wallet("li").ask_mandate("李秀英", "0019"),
        "licences": operator.licences["zhang"][:1], "matters": ["机动车业务"],
        "until": "2026-11-30",
    }  # fmt: skip


def test_a_wrong_pin_and_bad_terms_enter_nothing_at_the_office(operator: Operator) -> None:
    operator.desk = replace(operator.desk, issuer=operator.police)
    zhang, wish, before = Phone(operator, "zhang"), _wish(operator), _entered(operator)
    own = operator.wallet("zhang").ask_mandate("张伟", "1237")
    told = zhang.send("POST", "/mandates", **wish | {"agent": own})
    assert (told.status_code, told.json()["zh"]) == (400, "不能委托给本卡包自己")
    told = zhang.send("POST", "/mandates", **wish | {"matters": ["*", "机动车业务"]})
    assert (told.status_code, told.json()["zh"][:6]) == (400, "请写明1至1")
    zhang.send("PUT", "/pin", new=PIN)
    told = zhang.send("POST", "/mandates", pin=WRONG, **wish)
    assert (told.status_code, told.json()["error"]) == (403, "pin-wrong")
    assert _entered(operator) == before
    assert zhang.send("POST", "/mandates", pin=PIN, **wish).status_code == 200
    assert _entered(operator) == [*before, StatusValue.VALID]


def test_a_mandate_that_is_not_kept_takes_no_place(
    operator: Operator, monkeypatch: pytest.MonkeyPatch
) -> None:
    operator.desk = replace(operator.desk, issuer=operator.police)
    zhang, wish, before = Phone(operator, "zhang"), _wish(operator), _entered(operator)
    keep, refusals = Wallet.add_mandate, [VaultError("busy", "busy")]

    def refuse(wallet: Wallet, package: MandatePackage) -> HeldMandate:
        if refusals:
            raise refusals.pop()
        return keep(wallet, package)

    monkeypatch.setattr(Wallet, "add_mandate", refuse)
    # Another page wrote in between: tried again, with the place that there is.
    assert zhang.send("POST", "/mandates", **wish).status_code == 200
    assert _entered(operator) == [*before, StatusValue.VALID]
    # It never comes to be kept: the place is withdrawn.
    refusals += [VaultError("busy", "busy")] * 3
    assert zhang.send("POST", "/mandates", **wish).status_code >= 400
    assert not refusals
    assert _entered(operator) == [
        *before, StatusValue.VALID, StatusValue.CREDENTIAL_WITHDRAWN,
    ]  # fmt: skip
    assert len(zhang.get("/mandates").json()["mandates"]) == 1


@pytest.mark.parametrize(
    ("more", "status"),
    [
        ({"until": "2026-11-21"}, 400), ({"until": "2027-11-22"}, 200),
        ({"until": "2027-11-23"}, 400), ({"until": "2026-02-30"}, 400),
        ({"until": "9999-12-31"}, 400), ({"until": "0001-01-01"}, 400),
        ({"matters": []}, 422), ({"matters": ["x" * 100]}, 200), ({"matters": ["x" * 101]}, 422),
        ({"matters": [f"{one}" for one in range(17)]}, 422), ({"agent": "x" * 4096}, 400),
        ({"agent": "x" * 4097}, 422), ({"licences": ["张伟"]}, 404),
    ],
)  # fmt: skip
def test_a_mandate_is_bounded(operator: Operator, more: dict[str, Any], status: int) -> None:
    operator.desk = replace(operator.desk, issuer=operator.police)
    zhang = Phone(operator, "zhang")
    request = operator.wallet("li").ask_mandate("李秀英", "0019")
    wish = {
        "agent": request, "licences": operator.licences["zhang"][:1], "matters": ["机动车业务"],
        "until": "2026-11-30",
    }  # fmt: skip
    told = zhang.send("POST", "/mandates", **wish | more)
    assert told.status_code == status, told.text
    assert len(zhang.get("/mandates").json()["mandates"]) == (1 if status == 200 else 0)
