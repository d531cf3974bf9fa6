"""A file credential (电子证照文件) handed over without a wallet."""

from __future__ import annotations

import string
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import orjson
import pytest

import ecert
from ecert.reasons import Reason
from ecert.sign import jws, sdjwt
from tests.flows.world import MATTER, World, refuses

if TYPE_CHECKING:
    from collections.abc import Callable


def file_of(world: World) -> str:
    token = world.police.file(world.licence.id)
    world.sync()
    return token


def check(world: World, token: str) -> ecert.Verdict:
    return world.window.verify_file(token, matter=MATTER)


def resigned(world: World, token: str, change: Callable[[dict[str, Any]], object]) -> str:
    """The same credential with other claims, signed by the issuer's own key."""
    head, *disclosures = token.split("~")
    claims: dict[str, Any] = orjson.loads(jws.parse(head).payload)
    change(claims)
    signer = world.police._keyring.signer("licence", world.clock())
    return "~".join([jws.sign({"typ": "dc+sd-jwt"}, orjson.dumps(claims), signer), *disclosures])


def test_accepted_with_the_advice_to_check_the_person(world: World) -> None:
    verdict = check(world, file_of(world))
    assert verdict.accepted, verdict.explain("en")
    assert verdict.licence.bearer
    assert verdict.licence.holders == (("张伟", "510681199003071237"),)
    assert dict(verdict.licence.fields) == {"准驾车型": "C1"}
    assert "身份证件原件" in verdict.explain()


def test_a_file_answers_no_window_s_number(world: World) -> None:
    verdict = world.window.verify_file(file_of(world), matter=MATTER, challenge="12-482913")
    refuses(verdict, Reason.AUDIENCE)
    assert "张伟" not in str(verdict.to_dict())


def test_what_is_not_disclosed_is_not_shown(world: World) -> None:
    less = sdjwt.present(file_of(world), lambda path: "name" in path or "fields" in path)
    verdict = check(world, less)
    assert verdict.accepted
    assert verdict.licence.holders == (("张伟", None),)


def test_with_everything_withheld_only_what_must_be_visible_is_shown(world: World) -> None:
    verdict = check(world, sdjwt.present(file_of(world), lambda _: False))
    assert verdict.accepted
    assert verdict.licence.holders == ((None, None),)
    assert set(verdict.licence.fields) <= {"准驾车型"}


def test_a_wallet_credential_is_not_a_file(world: World) -> None:
    held = world.wallet.delivery(world.licence.id)
    refuses(check(world, held.sd_jwt), Reason.HOLDER_PROOF)


def test_licence_id_check(world: World) -> None:
    token = file_of(world)
    wrong = str(world.licence.id)[:-1] + ("0" if str(world.licence.id)[-1] != "0" else "1")
    characters = string.digits + string.ascii_uppercase
    legacy_or_bad = [str(world.licence.id)[:-1] + character for character in characters]
    accepted = sum(
        check(world, resigned(world, token, lambda c, i=i: c.update(licence_id=i))).accepted  # type: ignore[misc]
        for i in legacy_or_bad
    )
    assert accepted == 2, "the standard check character, and the one that old systems computed"
    verdict = check(world, resigned(world, token, lambda c: c.update(licence_id=wrong + "x")))
    refuses(verdict, Reason.LICENCE_ID_CHECK)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda c: c.update(status={"status_list": {"idx": 3, "uri": "https://elsewhere/1"}}),
         Reason.STATUS_MISSING),
        (lambda c: c.pop("status"), Reason.MALFORMED),
        (lambda c: c.update(status={"status_list": {"idx": True, "uri": "x"}}), Reason.MALFORMED),
        (lambda c: c.update(vct="urn:ecert:type:11100000000019713D013"), Reason.MALFORMED),
        (lambda c: c.update({"vct#integrity": "sha256-AAAA"}), Reason.TYPE_UNKNOWN),
        (lambda c: c.update(region="广安"), Reason.MALFORMED),
        (lambda c: c.update(region="500000"), Reason.ISSUER_KEY_SCOPE),
        (lambda c: c.update(valid_until="2026-11-21"), Reason.EXPIRED),
        (lambda c: c.update(valid_until="soon"), Reason.MALFORMED),
        (lambda c: c.update(iat="now"), Reason.MALFORMED),
    ],
)  # fmt: skip
def test_claims_that_the_issuer_should_not_have_signed(
    world: World, change: Callable[[dict[str, Any]], object], reason: Reason
) -> None:
    token = file_of(world)
    assert check(world, resigned(world, token, lambda _: None)).accepted
    refuses(check(world, resigned(world, token, change)), reason)


def test_tampered_and_foreign_tokens(world: World) -> None:
    token = file_of(world)
    head, rest = token.split("~", 1)
    payload = head.split(".")[1]
    other = "A" if payload[20] != "A" else "B"
    refuses(check(world, token.replace(payload, payload[:20] + other + payload[21:])),
            Reason.MALFORMED)  # fmt: skip
    stranger = ecert.Issuer.demo("四川省达州市公安局", region="511700", clock=world.clock)
    licence = stranger.issue(
        "机动车驾驶证", number="510681199003071237", fields={"准驾车型": "C1"},
        holder=ecert.Holder("张伟", "510681199003071237"), valid_until=None,
    )  # fmt: skip
    refuses(check(world, stranger.file(licence.id)), Reason.TRUST_LIST_MISSING)
    signature = head.rsplit(".", 1)[1]
    flipped = ("A" if signature[5] != "A" else "B").join([signature[:5], signature[6:]])
    refuses(check(world, f"{head.rsplit('.', 1)[0]}.{flipped}~{rest}"), Reason.SIGNATURE)


def test_a_revoked_licence_is_refused_as_a_file_too(world: World) -> None:
    token = file_of(world)
    world.police.revoke(world.licence.id, reason="测试", document="测〔2026〕1号")
    world.sync()
    refuses(check(world, token), Reason.REVOKED)


def test_a_file_from_the_future_is_refused(world: World) -> None:
    token = file_of(world)
    ahead = int((world.clock() + timedelta(days=2)).timestamp())
    refuses(check(world, resigned(world, token, lambda c: c.update(iat=ahead))),
            Reason.NOT_YET_VALID)  # fmt: skip


def test_a_licence_of_many_holders_and_long_text_can_be_read_again(world: World) -> None:
    holders = [ecert.Holder("𠮷" * 40, f"E{n:08d}", "414") for n in range(32)]
    licence = world.police.issue(
        "不动产权证书", number="川（2024）广安市不动产权第0012345号", holder=holders,
        fields={
            "权利类型": "房屋所有权", "坐落": "𠮷" * 120,
            "不动产单元号": "511602001001GB00012F00050123",
            "附记": "𠮷" * 1000, "权利其他状况": "𠮷" * 500,
        },
        valid_until=None,
    )  # fmt: skip
    token = world.police.file(licence.id)
    world.sync()
    verdict = world.window.verify_file(token, matter="不动产登记")
    assert len(verdict.require_accepted().licence.holders) == 32


def test_what_must_be_visible_cannot_be_hidden(world: World) -> None:
    token = file_of(world)
    head, *disclosures = token.split("~")
    claims: dict[str, Any] = orjson.loads(jws.parse(head).payload)
    for name in ("region", "licence_id", "iat", "valid_until"):
        hidden = {"_sd_alg": "sha-256"} | {k: v for k, v in claims.items() if k != name}
        digest, disclosure = sdjwt_parts(name, claims[name])
        hidden["_sd"] = [*claims.get("_sd", []), digest]
        signer = world.police._keyring.signer("licence", world.clock())
        signed = jws.sign({"typ": "dc+sd-jwt"}, orjson.dumps(hidden), signer)
        refuses(
            check(world, "~".join([signed, *disclosures[:-1], disclosure, ""])), Reason.MALFORMED
        )


def sdjwt_parts(name: str, value: object) -> tuple[str, str]:
    """One digest and its disclosure."""
    from ecert.sign.concealment import Hide, conceal

    payload, (disclosure,) = conceal({name: Hide(value)})
    return payload["_sd"][0], disclosure
