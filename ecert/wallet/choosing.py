"""What goes into a show code: the wallet's own licences, or another's under a mandate."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from ecert.sign.strict import b64url
from ecert.wallet.held import in_profile, require_held
from ecert.wallet.key_ring import common_key

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ecert.model.identifiers import LicenceId
    from ecert.wallet.content import Content

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
    profile: str | Mapping[str, str],
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
        WalletError: The licences hang on several keys; or this wallet gave the mandate.
    """
    if mandate is not None:
        own = [key.public for key in content.keys]
        how = profile if isinstance(profile, str) else _MINIMAL
        found = content.mandates.to_show(mandate, licence_ids, how, own)
        entrusted = {
            one.licence_id: one.compact for one in content.mandates.require(mandate).licences
        }
        return Chosen(
            found.credentials, b64url(found.key.thumbprint), found.mandate, found.licences,
            [how] * len(found.credentials), [entrusted[name] for name, _ in found.licences],
        )  # fmt: skip
    held = [require_held(content, str(licence_id)) for licence_id in licence_ids]
    asked = [
        profile if isinstance(profile, str) else profile.get(one.delivery.licence_id, _MINIMAL)
        for one in held
    ]
    names = tuple((one.delivery.licence_id, one.delivery.type_name) for one in held)
    return Chosen(
        list(map(in_profile, held, asked)), common_key(held, content) if held else None, None,
        names, asked, [one.delivery.compact for one in held],
    )  # fmt: skip
