"""The matters of an office (事项清单): by code, by name or alias, and by search."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ecert.errors import MatterError
from ecert.interop.matters.search import MatterSearch
from ecert.interop.recognition import matter_key
from ecert.limits import MAX_MATTERS
from ecert.model.regions import covers, name_of
from ecert.quoting import shown_name

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from ecert.interop.matters.matter import Matter

# Past its cache: tens of thousands of names would push out those that windows ask for.
_key = matter_key.__wrapped__
_SHOWN = 3
_LISTED = 20


class MatterCatalogue:
    """Matters by code, name and alias; immutable.

    A code stands for one matter; a name may stand for several, in different regions.

    Args:
        matters: The matters.

    Raises:
        MatterError: Two have one code, or there are too many.
    """

    __slots__ = ("_by_code", "_by_name", "_more", "_search")

    def __init__(self, matters: Iterable[Matter] = ()) -> None:
        self._by_code: dict[str, Matter] = {}
        self._by_name: dict[str, Matter] = {}
        self._more: dict[str, list[Matter]] = {}
        for matter in matters:
            if self._by_code.setdefault(matter.code, matter) is not matter:
                raise MatterError(
                    "两个事项使用同一编码", "two matters have one code", where=matter.code
                )
            for name in matter.names:
                self._claim(_key(name), matter)
        if len(self._by_code) > MAX_MATTERS:
            raise MatterError(
                f"事项超过{MAX_MATTERS:,}项", f"there are more than {MAX_MATTERS:,} matters",
                where="事项清单",
            )  # fmt: skip
        self._search = MatterSearch(tuple(self._by_code.values()))

    def _claim(self, key: str, matter: Matter) -> None:
        first = self._by_name.setdefault(key, matter)
        if first is not matter:
            # Names that several have are few; for the others no list is made.
            same = self._more.setdefault(key, [first])
            if matter not in same:
                same.append(matter)

    def get(self, code: str) -> Matter | None:
        """Return the matter of that code, or None."""
        return self._by_code.get(code)

    def named(self, name: str) -> tuple[Matter, ...]:
        """Return the matters of that name or alias; width and spaces at its ends are the same."""
        key = matter_key(name)
        first = self._by_name.get(key)
        return () if first is None else tuple(self._more.get(key, (first,)))

    def require(self, text: str, region: str | None = None) -> Matter:
        """Return the one matter of that code, name or alias.

        Args:
            text: Code, name or alias.
            region: Only what is handled in this region counts; of those, the nearest to it.

        Raises:
            MatterError: There is none, or there are several; the message names some.
            RegionError: ``region`` does not have its form.
        """
        coded = self.get(text)
        found = (coded,) if coded is not None else self.named(text)
        if region is not None and found:
            here = _nearest(found, region)
            if not here:
                raise _elsewhere(found, region)
            found = here
        if len(found) == 1:
            return found[0]
        raise self._several(text, found) if found else self._unknown(text)

    def search(self, text: str, *, limit: int = _LISTED) -> tuple[Matter, ...]:
        """Return the matters that fit ``text`` best: words, part of a code, pinyin initials.

        Raises:
            MatterError: The text is too long.
        """
        return self._search.find(text, limit)

    def with_matters(self, more: Iterable[Matter]) -> MatterCatalogue:
        """Return a catalogue with ``more`` matters; one of the same code takes its place.

        Raises:
            MatterError: Two of ``more`` have one code, or there are too many.
        """
        new = MatterCatalogue(more)
        return MatterCatalogue((self._by_code | new._by_code).values())

    def __iter__(self) -> Iterator[Matter]:
        return iter(self._by_code.values())

    def __len__(self) -> int:
        return len(self._by_code)

    def __contains__(self, code: object) -> bool:
        return code in self._by_code

    def _several(self, text: str, found: tuple[Matter, ...]) -> MatterError:
        codes = [f"{one.code}（{one.region}）" for one in found[:_SHOWN]]
        return MatterError(
            f"名为“{shown_name(text)}”的事项有{len(found)}项",
            f'{len(found)} matters are called "{shown_name(text)}"',
            where="事项",
            fix_zh=f"请写事项编码，如{'、'.join(codes)}",
            fix_en=f"Give the code, such as {', '.join(codes)}",
        )

    def _unknown(self, text: str) -> MatterError:
        near = [one.name for one in self.search(text[:100], limit=_SHOWN) if one.name != text]
        return MatterError(
            f"事项清单中没有“{shown_name(text)}”（共{len(self)}项）",
            f'no matter "{shown_name(text)}" (there are {len(self)})',
            where="事项",
            fix_zh=f"是否为“{'”或“'.join(near)}”？" if near else "请核对名称，或先导入事项清单",
            fix_en=f"perhaps {' or '.join(near)}?"
            if near
            else "check the name, or import it first",
        )


def _elsewhere(found: tuple[Matter, ...], region: str) -> MatterError:
    regions = dict.fromkeys(one.region for one in found[:_SHOWN])
    return MatterError(
        f"“{found[0].name}”由{'、'.join(map(name_of, regions))}办理，不在{name_of(region)}办理",
        f"{found[0].code} is handled in {', '.join(regions)}, not in {region}",
        where="事项",
        fix_zh="请核对地区，或改用本地区的事项",
        fix_en="Compare the region, or take a matter of this one",
    )


def _nearest(found: Iterable[Matter], region: str) -> tuple[Matter, ...]:
    here = [one for one in found if covers(one.region, region)]
    # Of two that cover the place, the lower region is the longer without its zeros.
    most = max((len(one.region.rstrip("0")) for one in here), default=0)
    return tuple(one for one in here if len(one.region.rstrip("0")) == most)
