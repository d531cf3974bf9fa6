"""The catalogue (目录) as a signed document: licence types that a region defines itself."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field

from ecert.errors import DocumentRefusedError
from ecert.faults import DocumentFault
from ecert.model.catalogue import LicenceType  # noqa: TC001 - pydantic reads it at run time
from ecert.model.codes import uscc_region
from ecert.model.regions import covers
from ecert.trust.document import Document


class CatalogueDocument(Document):
    """Licence types whose defining authority belongs to the owner's region.

    Nationally defined types are left out: everybody may use them and nobody here may define them.
    """

    TYP: ClassVar[str] = "ecert-catalogue+jws"

    types: tuple[LicenceType, ...] = Field(min_length=0)

    def check_content(self) -> None:
        """Check that the owner defines only its own types, each once.

        Raises:
            DocumentRefusedError: Fault `content` or `oversteps`; the document is refused whole.
        """
        codes = [licence_type.code for licence_type in self.types]
        if len(set(codes)) != len(codes):
            raise DocumentRefusedError(DocumentFault.CONTENT, "类型重复", "a type stands twice")
        for licence_type in self.types:
            if not is_own(licence_type, self.owner):
                raise DocumentRefusedError(
                    DocumentFault.OVERSTEPS,
                    f"{licence_type.name} 不是本地区定义的类型",
                    f"{licence_type.code} is not defined by this region",
                    where="types",
                )


def is_own(licence_type: LicenceType, region: str) -> bool:
    """Tell whether ``licence_type`` is defined by an authority of ``region``."""
    return covers(region, uscc_region(licence_type.defining_authority.code))
