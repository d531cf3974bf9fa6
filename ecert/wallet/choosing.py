"""What goes into a show code: the wallet's own licences, or another's under a mandate."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from ecert import limits
from ecert.errors import LicenceChoiceError, WalletError
from ecert.sign.strict import b64url
from ecert.wallet.held import in_profile, require_held
from ecert.wallet.key_ring import common_key

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ecert.model.identifiers import LicenceId
    from ecert.wallet.content import Content, Held

_MINIMAL: Final = "minimal"


class Chosen(NamedTuple):
    """What a code will hold."""

    credentials: list[bytes]
    key: str | None
    """Id of the key that must sign the code."""
    mandate: bytes | None
    licences: tuple[tuple[str, str], ...]
    """Id and name of the type of each."""
    asked: list[str]
    """The profile of each."""
    profiles: list[Mapping[str, bytes]]
    """Of each licence, what it could be shown as."""


def choose(
    content: Content,
    licence_ids: Sequence[LicenceId | str],
    profile: str | Mapping[str, str] | Mapping[LicenceId, str],
    mandate: str | None,
) -> Chosen:
    """Return what a code over these licences holds.

    Args:
        content: The wallet's.
        licence_ids: The licences; under a mandate all of it if none is named.
        profile: How much is shown; of each licence id, ``minimal`` for those left out.
        mandate: The id of a mandate, if an agent shows.

    Raises:
        NotHeldError: A licence, this profile of it, or the mandate is not here.
        LicenceChoiceError: No licence, one twice, or too many.
        WalletError: The licences hang on several keys; this wallet gave the mandate; or several
            profiles are named under a mandate.
    """
    if mandate is not None:
        own = [key.public for key in content.keys]
        how = _one_for_all(profile)
        found = content.mandates.to_show(mandate, licence_ids, how, own)
        _require_countable([name for name, _ in found.licences])
        entrusted = {
            one.licence_id: one.compact for one in content.mandates.require(mandate).licences
        }
        return Chosen(
            found.credentials, b64url(found.key.thumbprint), found.mandate, found.licences,
            [how] * len(found.credentials), [entrusted[name] for name, _ in found.licences],
        )  # fmt: skip
    held = [require_held(content, str(licence_id)) for licence_id in licence_ids]
    _require_countable([one.delivery.licence_id for one in held])
    asked = _asked(held, profile)
    names = tuple((one.delivery.licence_id, one.delivery.type_name) for one in held)
    return Chosen(
        list(map(in_profile, held, asked)), common_key(held, content), None,
        names, asked, [one.delivery.compact for one in held],
    )  # fmt: skip


def _require_countable(names: Sequence[str]) -> None:
    most = limits.MAX_LICENCES_PER_CODE
    if not 1 <= len(names) <= most:
        raise LicenceChoiceError(
            f"一个亮证码可放1至{most}份证照", f"1 to {most} licences fit one code",
            where="licence_ids", fix_zh="请选定证照；多于此数的分几次出示",
            fix_en="Name what is to be shown; show more than that in turn",
        )  # fmt: skip
    if len(set(names)) < len(names):
        raise LicenceChoiceError(
            "同一份证照写了两次", "a licence stands in a code once", where="licence_ids",
            fix_zh="每份只写一次", fix_en="Name each once",
        )  # fmt: skip


def _one_for_all(profile: str | Mapping[str, str] | Mapping[LicenceId, str]) -> str:
    if isinstance(profile, str):
        return profile
    raise WalletError(
        "代办时各份证照只能用同一种亮证方式", "under a mandate one profile is shown of all",
        where="profile", fix_zh="请只写一种，或分几次出示",
        fix_en="Name one profile, or show them in turn",
    )  # fmt: skip


def _asked(
    held: Sequence[Held], profile: str | Mapping[str, str] | Mapping[LicenceId, str]
) -> list[str]:
    if isinstance(profile, str):
        return [profile] * len(held)
    # By id, as text or as a `LicenceId`.
    chosen = {str(name): how for name, how in profile.items()}
    return [chosen.get(one.delivery.licence_id, _MINIMAL) for one in held]
