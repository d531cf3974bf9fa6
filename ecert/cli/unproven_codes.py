"""Takes apart what is short: codes, licence ids, and the header of a wallet's file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ecert.cli.unproven import Unproven

if TYPE_CHECKING:
    from ecert.show.compact import UnverifiedCompact
    from ecert.show.mandate import MandateClaims


def vault(data: bytes) -> Unproven:
    """Take apart the header of a wallet's file."""
    from pathlib import Path

    from ecert.wallet.vault_header import Header

    kdf = Header.parse(data, Path("-")).kdf
    facts = {
        "bytes": len(data), "kdf": "Argon2id", "memory_kib": kdf.memory_kib,
        "iterations": kdf.iterations, "lanes": kdf.lanes,
    }  # fmt: skip
    return Unproven("wallet", "卡包文件（已加密）", "a wallet (encrypted)", facts)


def code(text: str) -> Unproven:
    """Take apart the digits of a code."""
    from ecert.show import digits, offline
    from ecert.show.digits import CodeKind

    kind, data = digits.decode(text)
    if kind is CodeKind.ONLINE:
        return Unproven("online-code", "在线亮证码", "an online code", {"digits": len(text)})
    if kind is CodeKind.CHALLENGE:
        facts: dict[str, Any] = {"challenge": data.decode("ascii", "replace")}
        return Unproven("challenge", "窗口给出的数字", "the number that a window shows", facts)
    shown = offline.read(text)
    facts = {"digits": len(text)}
    if (proof := shown.proof) is not None:
        holder = shown.credentials[0].claims.holder_key
        facts |= {
            "made": proof.made.isoformat(),
            "expires": proof.expires.isoformat(),
            "challenge": proof.challenge,
            "pin": proof.pin,
            "holder_key": holder and holder.kid,
        }
    facts["licences"] = [_compact(one) for one in shown.credentials]
    personal: dict[str, Any] = {"licences": [_compact_holder(one) for one in shown.credentials]}
    if shown.mandate is not None:
        facts["mandate"], personal["mandate"] = describe_mandate(shown.mandate.claims)
    if proof is None:
        return Unproven("paper-code", "纸质亮证码", "a printed code", facts, personal)
    return Unproven("show-code", "亮证码", "a show code", facts, personal)


def describe_mandate(claims: MandateClaims) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return what a mandate says, and what it says of people."""
    facts = {
        "id": claims.id.hex(),
        "agent_key": claims.agent.key.kid,
        "licences": len(claims.licences),
        "profiles": sorted({number for one in claims.licences for number in one.profiles}),
        "matters": list(claims.matters),
        "from": claims.begins.isoformat(),
        "until": claims.ends.isoformat(),
        "place": str(claims.place),
    }
    return facts, {"agent": claims.agent.name, "agent_number": claims.agent.number}


def _compact(one: UnverifiedCompact) -> dict[str, Any]:
    from ecert.model.regions import name_of

    claims = one.claims
    return describe_type(claims.type_code) | {
        "issuer": claims.issuer_code,
        "region": f"{claims.region} {name_of(claims.region)}",
        "profile": claims.profile,
        "status_list": claims.status_list,
        "issuer_key": (one.sign1.kid or b"").hex(),
    }


def _compact_holder(one: UnverifiedCompact) -> dict[str, Any]:
    from ecert.model.catalogue import builtin
    from ecert.show.shown import read_fields

    claims = one.claims
    known = builtin().get(claims.type_code)
    until = claims.valid_until
    return {
        "serial": claims.serial,
        "version": claims.version,
        "status_index": claims.status_index,
        "valid_from": claims.valid_from.isoformat(),
        "valid_until": None if until is None else until.isoformat(),
        "holders": [list(holder) for holder in claims.holders],
        "fields": (
            {str(key): value for key, value in claims.fields.items()}
            if known is None
            else read_fields(known, claims.fields)
        ),
        **({} if claims.purpose is None else {"purpose": claims.purpose}),
    }


def describe_type(code: str) -> dict[str, Any]:
    """Return a type code with its name, and whether the code is provisional."""
    from ecert.model.catalogue import builtin

    known = builtin().get(code)
    return {
        "type": code,
        "type_name": None if known is None else known.name,
        "type_code_status": None if known is None else known.code_status,
    }


def licence_id(text: str) -> Unproven:
    """Take apart a licence id."""
    from ecert.model.identifiers import LicenceId

    parsed = LicenceId.parse(text)
    facts = describe_type(parsed.type_code) | {
        "issuer": parsed.issuer, "serial": parsed.serial, "version": parsed.version,
        "check": parsed.check, "check_scheme": parsed.scheme,
    }  # fmt: skip
    return Unproven("licence-id", "证照标识", "a licence id", facts)
