"""A holder's portrait (照片) as a register keeps it: under its digest, beside the licences."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ecert.errors import FormatError
from ecert.show import portrait

if TYPE_CHECKING:
    from ecert.model.licence_type import LicenceType


@dataclass(frozen=True, slots=True)
class Portrait:
    """A portrait as it is signed.

    Attributes:
        digest: SHA-256 of the picture, in hex, as `Licence.portrait` names it.
        picture: A JPEG within the bounds of `ecert.show.portrait`.
    """

    digest: str
    picture: bytes = field(repr=False)

    @classmethod
    def prepared(cls, given: bytes) -> Portrait:
        """Return the portrait that is made of an office's file.

        Raises:
            PictureError: The file is no such picture.
        """
        picture = portrait.prepare(given)
        return cls(hashlib.sha256(picture).hexdigest(), picture)


def no_portrait(licence_type: LicenceType) -> FormatError:
    """Return why a photograph is not taken: licences of the type bear none."""
    return FormatError(
        f"“{licence_type.name}”不带照片",
        f'licences of the type "{licence_type.name}" bear no portrait',
        where="照片",
        fix_zh="请去掉照片，或在证照类型定义中写明带照片",
        fix_en="Leave it out, or let the type's definition say that it has portraits",
    )
