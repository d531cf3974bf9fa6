"""The regions of a row: one entry for each pair of issuing and accepting region."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ecert import limits
from ecert.errors import FormatError, RegionError
from ecert.interop.workbook.layout import BOTH_WAYS, ONE_WAY
from ecert.model.region_names import regions_named
from ecert.quoting import shown_name

if TYPE_CHECKING:
    from ecert.interop.workbook.sheet_row import SheetRow


class RegionPairs:
    """Reads the regions of rows.

    Args:
        within: The parties, as far as they are known: where several regions have one name, the
            one that lies in a party is meant.
    """

    def __init__(self, within: tuple[str, ...] = ()) -> None:
        self._within = within
        self._known: dict[str, tuple[str, ...] | RegionError] = {}
        self._unknown = 0

    def of(self, row: SheetRow) -> list[tuple[str, str]]:
        """Return issuing and accepting region of every entry that a row stands for.

        What is wrong is noted, and nothing returned.
        """
        sources, targets, both = self._sides(row)
        if both:
            if sources or targets:
                row.fault("regions", FormatError(
                    "互认地区与颁发地区、认可地区只填一种", "either both regions, or each side's",
                    fix_zh="请清空其中一种", fix_en="Empty one of them",
                ))  # fmt: skip
            elif len(both) < 2:
                row.fault("regions", FormatError(
                    "至少写两个地区", "at least two regions are needed",
                    fix_zh="请把双方都写上，如 四川省、重庆市", fix_en="Name both of them",
                ))  # fmt: skip
            sources, targets = both, both
        elif not row.has("regions"):
            for key, found in (("source_region", sources), ("target_region", targets)):
                if not found:
                    row.miss(key)
        if len(sources) * len(targets) > limits.MAX_LIST_ROWS:
            row.fault("target_region", FormatError(
                "地区组合过多", "too many pairs of regions",
                fix_zh="请分成几行，或写上级地区", fix_en="Name the region above them",
            ))  # fmt: skip
            return []
        pairs = [(one, other) for one in sources for other in targets if one != other]
        if not pairs and sources and targets and not both:
            column = "target_region" if row.has("target_region") else "regions"
            row.fault(column, FormatError("两地相同", "both sides are the same region"))
        if self._is_both_ways(row):
            pairs += [(other, one) for one, other in pairs]
        return list(dict.fromkeys(pairs))

    def _sides(self, row: SheetRow) -> tuple[list[str], list[str], list[str]]:
        """Return the issuing and the accepting regions, or those that are both."""
        sources, targets = self._named(row, "source_region"), self._named(row, "target_region")
        both = self._named(row, "regions")
        if sources and not targets:
            # 颁发地区 beside 互认地区: where it is issued, and where it is recognised.
            return sources, both, []
        return sources, targets, both

    @staticmethod
    def _is_both_ways(row: SheetRow) -> bool:
        text = row.text("direction")
        if text not in BOTH_WAYS | ONE_WAY:
            row.fault("direction", FormatError(
                f"“{shown_name(text)}”不是方向", f'"{shown_name(text)}" is no direction',
                fix_zh="请填单向或双向", fix_en="Write 单向 (one way) or 双向 (both ways)",
            ))  # fmt: skip
        return text in BOTH_WAYS

    def _named(self, row: SheetRow, key: str) -> list[str]:
        codes: list[str] = []
        for text in row.texts(key):
            known = self._known.get(text)
            if known is None:
                known = self._known[text] = self._find(text)
            if isinstance(known, RegionError):
                row.fault(key, known)
            else:
                codes += known
        return list(dict.fromkeys(codes))

    def _find(self, text: str) -> tuple[str, ...] | RegionError:
        # A list of nonsense is refused anyway; comparing all of it would take minutes.
        suggesting = self._unknown < limits.MAX_SUGGESTED_NAMES
        try:
            return regions_named(text, within=self._within, suggesting=suggesting)
        except RegionError as error:
            self._unknown += 1
            return error
