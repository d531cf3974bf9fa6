"""An agent (代办人, 经办人): whom a mandate names, and how an agent asks for one.

The request is a JWT by the agent's own key.  It proves that whoever sent it holds that key, and
nothing about the name: the principal knows whom they asked, and the clerk looks at the agent's
identity card.
"""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING, NamedTuple

import orjson

from ecert import limits
from ecert.errors import FormatError, ParseError, ProofError, TrustError
from ecert.sign import jws
from ecert.sign.keys import PublicKey
from ecert.sign.strict import parse_json_object

if TYPE_CHECKING:
    from ecert.sign.custody import Signer

TYP = "ecert-agent+jwt"
_LAST_FOUR = re.compile("[0-9A-Z]{4}")
# What stands in names beside letters and the marks on them.
_IN_NAMES = frozenset("·‧•・･-'’. ")


class Agent(NamedTuple):
    """Whom a mandate names, and the key that this person's code is signed with."""

    name: str
    number: str
    """The last four characters of the agent's identity number: what a clerk compares."""
    key: PublicKey


def name_fault(name: str) -> str | None:
    """Say in English why ``name`` may not stand in a mandate; None if it may.

    A mandate is signed by a private person and read by a clerk: what is no name is no name.
    """
    if not 1 <= len(name) <= limits.MAX_AGENT_NAME_CHARS or name != name.strip():
        return "the agent's name is empty, too long, or begins or ends with a blank"
    if not unicodedata.category(name[0]).startswith("L"):
        return "the agent's name does not begin with a letter"
    if any(unicodedata.category(c)[0] not in "LM" and c not in _IN_NAMES for c in name):
        return "the agent's name holds more than letters"
    return None


def number_fault(number: str) -> str | None:
    """Say in English why ``number`` may not stand in a mandate; None if it may."""
    return None if _LAST_FOUR.fullmatch(number) else "not the last four characters of a number"


def require_agent(name: str, number: str) -> None:
    """Require that ``name`` and ``number`` may stand in a mandate.

    Raises:
        FormatError: They may not.
    """
    if (fault := name_fault(name)) is not None:
        raise FormatError(
            "代办人姓名不合规范", fault, where="agent",
            fix_zh=f"请填写身份证上的姓名，至多{limits.MAX_AGENT_NAME_CHARS}个字，不带称谓和标点",
            fix_en="Give the name as on the identity card, without title or punctuation",
        )  # fmt: skip
    if (fault := number_fault(number)) is not None:
        raise FormatError(
            "应为代办人证件号码的后四位", fault, where="agent number",
            fix_zh="只填后四位，字母用大写", fix_en="Give the last four only, letters in capitals",
        )  # fmt: skip


def make_request(name: str, number: str, key: Signer, *, at: int) -> str:
    """Sign an agent's request to be named in a mandate; returns a compact JWT.

    Raises:
        FormatError: The name or number may not stand in a mandate.
    """
    require_agent(name, number)
    claims = {"name": name, "number": number, "iat": at, "jwk": key.public.jwk()}
    return jws.sign({"typ": TYP}, orjson.dumps(claims), key)


def open_request(token: str) -> Agent:
    """Verify an agent's request with the key that it names.

    Raises:
        ProofError: Malformed, of another kind, or its signature does not fit.
        FormatError: The name or number may not stand in a mandate.
    """
    try:
        parsed = jws.parse(token)
        claims = parse_json_object(parsed.payload, where="agent")
        jwk, name, number = claims.get("jwk"), claims.get("name"), claims.get("number")
        if (
            parsed.header.get("typ") != TYP
            or claims.keys() != {"name", "number", "iat", "jwk"}
            or not isinstance(jwk, dict)
            or not isinstance(name, str)
            or not isinstance(number, str)
            or type(claims["iat"]) is not int
        ):
            raise ParseError("not an agent's request")
        key = PublicKey.from_jwk(jwk)
        parsed.verify([key])
    except (ParseError, TrustError) as error:
        raise ProofError(
            "代办人的申请不成立", f"the agent's request does not hold: {error.en}",
            fix_zh="请代办人在本人卡包中重新生成", fix_en="Ask the agent to make it again",
        ) from error  # fmt: skip
    require_agent(name, number)
    return Agent(name, number, key)
