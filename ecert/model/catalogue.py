"""The catalogue (目录): all licence types that a place knows, by code, name and alias."""

from __future__ import annotations

import difflib
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

from ecert.errors import CatalogueError
from ecert.model.field_spec import FieldKind, FieldSpec
from ecert.model.licence_type import Authority, LicenceType, ProfileField, ShowProfile, Validity
from ecert.quoting import shown_name

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

__all__ = [
    "Authority",
    "Catalogue",
    "FieldKind",
    "FieldSpec",
    "LicenceType",
    "ProfileField",
    "ShowProfile",
    "Validity",
    "builtin",
]


class Catalogue:
    """Licence types by code, name and alias; immutable.

    A name stands for one type.  Only an official definition may share the name of a
    provisional one: the name then stands for the official type, while licences issued under
    the provisional code are still found by that code.

    Args:
        types: The types.

    Raises:
        CatalogueError: Two types claim one code or one name.
    """

    __slots__ = ("_by_code", "_by_name", "_carried", "_own", "_own_names")

    def __init__(self, types: Iterable[LicenceType] = ()) -> None:
        self._own: dict[str, LicenceType] = {}
        self._own_names: dict[str, LicenceType] = {}
        for licence_type in types:
            known = self._own.setdefault(licence_type.code, licence_type)
            if known is not licence_type and known != licence_type:
                raise _conflict("证照类型代码", "type code", licence_type.code, known, licence_type)
            for name in (licence_type.name, *licence_type.aliases):
                self._claim(name, known)
        self._carried: dict[str, LicenceType] = {}
        self._by_code, self._by_name = self._own, self._own_names

    def _claim(self, name: str, licence_type: LicenceType) -> None:
        other = self._own_names.setdefault(name, licence_type)
        if other.code == licence_type.code:
            return
        if other.code_status == licence_type.code_status:
            raise _conflict("名称", "name", name, other, licence_type)
        if licence_type.code_status == "official":
            self._own_names[name] = licence_type

    def get(self, name_or_code: str) -> LicenceType | None:
        """Return the type of that code, name or alias, or None."""
        return self._by_code.get(name_or_code) or self._by_name.get(name_or_code)

    def own(self, code: str) -> LicenceType | None:
        """Return the type of that code, carried ones left out, or None."""
        return self._own.get(code)

    def require(self, name_or_code: str) -> LicenceType:
        """Return the type of that code, name or alias.

        Raises:
            CatalogueError: There is none; the message names the nearest.
        """
        found = self.get(name_or_code)
        if found is not None:
            return found
        near = self._near(name_or_code)
        raise CatalogueError(
            f"目录中没有证照类型“{shown_name(name_or_code)}”（共{len(self)}种）",
            f'the catalogue has no licence type "{shown_name(name_or_code)}" (it has {len(self)})',
            where="证照类型",
            fix_zh=f"是否为“{'”或“'.join(near)}”？" if near else "请核对名称，或先导入该类型的定义",
            fix_en=(
                f"perhaps {' or '.join(near)}?"
                if near
                else "check the name, or import the definition of that type first"
            ),
        )

    def with_types(self, more: Iterable[LicenceType]) -> Catalogue:
        """Return a catalogue with ``more`` types; a higher version of a type replaces it.

        Raises:
            CatalogueError: A type is older than the one in force, differs from it under the
                same version, or claims the name of another.
        """
        types, carried = dict(self._own), dict(self._carried)
        for licence_type in more:
            known = types.get(licence_type.code)
            if known not in (None, licence_type) and licence_type.version <= known.version:
                raise _not_newer(known, licence_type)
            types[licence_type.code] = licence_type
            carried.pop(licence_type.code, None)
        return Catalogue(types.values()).with_carried(carried.values())

    def with_carried(self, types: Iterable[LicenceType]) -> Catalogue:
        """Return a catalogue that knows ``types`` by their codes, before its own of that code.

        For definitions that come with another document than a catalogue: two regions may call
        their own types by one name, so a name stays with whoever has it here, and is given to a
        carried type only where no other asks for it.  Of two under one code the later counts.
        """
        catalogue = Catalogue()
        catalogue._own, catalogue._own_names = self._own, self._own_names
        catalogue._carried = {one.code: one for one in types}
        catalogue._by_code = self._own | catalogue._carried
        asked: dict[str, list[LicenceType]] = {}
        for one in catalogue._carried.values():
            for name in {one.name, *one.aliases}:
                asked.setdefault(name, []).append(one)
        free = {name: askers[0] for name, askers in asked.items() if len(askers) == 1}
        catalogue._by_name = free | {
            name: catalogue._by_code[one.code] for name, one in self._own_names.items()
        }
        return catalogue

    def __iter__(self) -> Iterator[LicenceType]:
        return iter(self._by_code.values())

    def __len__(self) -> int:
        return len(self._by_code)

    def __contains__(self, name_or_code: object) -> bool:
        return isinstance(name_or_code, str) and self.get(name_or_code) is not None

    def _near(self, text: str) -> list[str]:
        asked = text[:100]
        known = list(self._by_code) if asked.isascii() else list(self._by_name)
        return difflib.get_close_matches(asked, known, n=3, cutoff=0.5)


@cache
def builtin() -> Catalogue:
    """Return the licence types that come with this library; read at the first call only."""
    folder = files("ecert.model").joinpath("types")
    found = sorted(
        (entry for entry in folder.iterdir() if entry.name.endswith(".json")),
        key=lambda entry: entry.name,
    )
    return Catalogue(LicenceType.read(entry.read_bytes(), where=entry.name) for entry in found)


def _conflict(
    zh: str, en: str, what: str, first: LicenceType, second: LicenceType
) -> CatalogueError:
    return CatalogueError(
        f"{zh}“{what}”由两个证照类型使用：{first.name}（{first.code}）和{second.name}（{second.code}）",
        f'two licence types claim the {en} "{what}": {first.code} and {second.code}',
        where="目录",
        fix_zh="请更名或删去其中一个",
        fix_en="rename or remove one of them",
    )


def _not_newer(known: LicenceType, offered: LicenceType) -> CatalogueError:
    return CatalogueError(
        f"“{offered.name}”的定义是第{offered.version}版，现行为第{known.version}版，内容不同",
        f"this definition (version {offered.version}) differs from version {known.version} in use",
        where=offered.code,
        fix_zh=f"修改定义时请把版本提高到{known.version + 1}",
        fix_en=f"raise the version to {known.version + 1} when a definition changes",
    )
