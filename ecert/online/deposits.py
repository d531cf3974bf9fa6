"""Looks at what a holder deposits, before anything of it is kept."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from ecert import limits
from ecert.errors import LicenceIdError, ParseError, ProofError, RegionError, TrustError
from ecert.model.identifiers import LicenceId
from ecert.model.regions import covers, parse_region
from ecert.online.coverage import ShownLicence
from ecert.reasons import Reason
from ecert.show.holder_request import require_of_now
from ecert.sign import sdjwt

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from ecert.sign.keys import PublicKey
    from ecert.sign.sdjwt import KeyBinding, UnverifiedSDJWT
    from ecert.trust.book import TrustBook


class Deposit(NamedTuple):
    """What a holder has deposited and proven to be theirs."""

    holder: PublicKey
    licences: tuple[ShownLicence, ...]
    made: int
    """When the oldest of its key bindings was made, seconds since 1970."""


def prove_deposit(
    tokens: Sequence[str], binding: KeyBinding, trust: TrustBook, *, region: str, at: datetime
) -> Deposit:
    """Prove that ``tokens`` are licences of this region, shown just now by their one holder.

    Whether they still stand is the verifier's to ask: it has the status lists.

    Args:
        tokens: SD-JWT+KB, one for each licence.
        binding: What the key bindings must say.
        trust: The trust lists; keys come from nowhere else.
        region: The region of the show service.
        at: The service's time.

    Raises:
        ProofError: They are not.
    """
    if not 1 <= len(tokens) <= limits.MAX_LICENCES_PER_CODE:
        raise ProofError(
            f"一次可存 1 至 {limits.MAX_LICENCES_PER_CODE} 份证照",
            f"1 to {limits.MAX_LICENCES_PER_CODE} licences are deposited at once",
            fix_zh="请分几次出示",
            fix_en="Show them in turn",
        )
    try:
        proven = [_prove(token, binding, trust, region, int(at.timestamp())) for token in tokens]
    except (ParseError, TrustError) as error:
        raise ProofError(
            f"出示的证照不成立：{error.zh}", f"what is presented does not hold: {error.en}",
            where=error.where, fix_zh="请在卡包中重新操作", fix_en="Repeat it in the wallet",
        ) from error  # fmt: skip
    holders = {holder for holder, _, _ in proven}
    if len(holders) > 1:
        raise ProofError(
            "几份证照不属于同一卡包", "the licences name different wallets",
            fix_zh="请分开出示", fix_en="Show them one by one",
        )  # fmt: skip
    made = min(made for _, _, made in proven)
    return Deposit(holders.pop(), tuple(licence for _, licence, _ in proven), made)


def _prove(
    token: str, binding: KeyBinding, trust: TrustBook, region: str, at: int
) -> tuple[PublicKey, ShownLicence, int]:
    parsed = sdjwt.parse(token)
    claims = parsed.unverified_claims()
    licence = _licence(claims)
    _prove_issuer(parsed, licence, trust)
    if not covers(region, licence.region):
        raise TrustError("issued in another region", reason=Reason.REGION_NOT_COVERED)
    made = sdjwt.prove_binding(parsed, claims, binding)
    require_of_now(made, at)
    return sdjwt.holder_key(claims), licence, made


def _prove_issuer(parsed: UnverifiedSDJWT, licence: ShownLicence, trust: TrustBook) -> None:
    kid = parsed.token.kid
    if parsed.token.header.get("typ") != sdjwt.TYP or not isinstance(kid, str):
        raise ParseError("not an SD-JWT VC that names its key", where="header")
    keys = [
        key.public
        for key in trust.find_keys(kid, "licence")
        if key.issuer.code == licence.issuer_code and covers(key.issuer.region, licence.region)
    ]
    if not keys:
        raise TrustError("the issuer or its key is not known here", reason=Reason.UNKNOWN_ISSUER)
    parsed.token.verify(keys)


def _licence(claims: dict[str, Any]) -> ShownLicence:
    words = [claims.get(name) for name in ("licence_id", "region", "iss")]
    if not all(type(word) is str for word in words):
        raise ParseError("licence id, region or issuer is missing")
    try:
        licence_id, region = LicenceId.parse(str(words[0])), parse_region(str(words[1]))
    except (LicenceIdError, RegionError) as error:
        raise ParseError(error.en, where="licence_id") from error
    if words[2] != f"urn:ecert:issuer:{licence_id.issuer}":
        raise ParseError("the licence id names another issuer", where="iss")
    return ShownLicence(licence_id.type_code, region, licence_id.issuer)
