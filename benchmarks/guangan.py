"""Makes the stock of licences of a city: 216 types and 204,525 rows, some of them bad.

The figures are Guang'an's (广安); every name, number, body and licence type of the region's own is
invented.  The same seed gives the same bytes.  ``python benchmarks/guangan.py FOLDER`` writes
``types/*.json`` and ``stock.csv``.
"""

from __future__ import annotations

import argparse
import csv
import random
from collections import deque
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path
from typing import TYPE_CHECKING, Final

from guangan_faults import FAULTS, Row, spoil
from guangan_people import ADDRESSES, Party, body, person, person_name
from guangan_types import licence_types, write_types

from ecert.model.catalogue import builtin

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from ecert.model.catalogue import FieldSpec, LicenceType

ROWS: Final = 204_525
BAD_ROWS: Final = 500
SEED: Final = 511600
COMMON: Final = (
    "序号", "证照类型", "证照类型代码", "证照编号", "持证主体", "持证主体代码",
    "有效期起始日期", "有效期截止日期", "证照颁发日期",
)  # fmt: skip
# A file has a column for what the types require, and for this many other fields of each.
_OPTIONAL_FIELDS: Final = 2
_YEARS: Final = 10
_LAST_YEAR: Final = 2036
_REMEMBERED: Final = 50
_SEVERAL: Final = 0.03
_TEXTS: Final[Mapping[str, Sequence[str]]] = {
    "民族": ("汉族", "土家族", "苗族"),
    "国籍": ("中国",),
    "类型": ("有限责任公司", "个人独资企业"),
    "业务范围": ("普通货物储存", "农产品初加工", "文化用品销售", "环境监测服务"),
    "经营范围": ("道路普通货物运输", "文化用品销售", "农产品初加工"),
    "号牌颜色": ("黄色", "蓝色", "绿色"),
}
_PLACES: Final = frozenset(
    {"住址", "住所", "坐落", "地址", "经营场所", "经营场所地址", "执业地点", "发卡地区"}
)
_NAMES: Final = frozenset({"法定代表人", "负责人", "核准人"})


@dataclass(frozen=True, slots=True)
class Stock:
    """What a file of stock is to hold.

    Attributes:
        rows: Its rows, without the heading.
        bad: How many of them are bad, in every way in turn.
        seed: What it is drawn from.
        first: Number of the first row, so that a second file has other licences than the first.
    """

    rows: int = ROWS
    bad: int = BAD_ROWS
    seed: int = SEED
    first: int = 0


@dataclass(frozen=True, slots=True)
class Written:
    """What a file of stock holds.

    Attributes:
        rows: Its rows, without the heading.
        faults: What is wrong with the bad rows, by their number as a spreadsheet counts.
        types: How many rows each type has, by its code; good ones only.
    """

    rows: int
    faults: Mapping[int, str]
    types: Mapping[str, int]

    @property
    def good(self) -> int:
        """Rows that nothing is wrong with."""
        return self.rows - len(self.faults)


def all_types(seed: int = SEED) -> list[LicenceType]:
    """Return the 216 types: those that come along, and the region's own."""
    return [*builtin(), *licence_types(seed)]


def write_stock(path: Path, stock: Stock, *, encoding: str = "utf-8") -> Written:
    """Write a file of stock; it is never in memory.

    Args:
        path: The file.
        stock: What it is to hold.
        encoding: ``utf-8`` or ``gb18030``, as offices have them.
    """
    maker = _Maker(stock)
    faults: dict[int, str] = {}
    types: dict[str, int] = {}
    with path.open("w", encoding=encoding, newline="") as file:
        writer = csv.writer(file)
        writer.writerow(maker.headings)
        # The heading is row 1.
        for number, (values, of, fault) in enumerate(maker.rows(), start=2):
            writer.writerow(values)
            if fault:
                faults[number] = fault
            else:
                types[of.code] = types.get(of.code, 0) + 1
    return Written(stock.rows, faults, types)


class _Maker:
    def __init__(self, stock: Stock) -> None:
        self._stock = stock
        self._chance = random.Random(f"{stock.seed}/{stock.first}")
        own = licence_types(stock.seed)
        random.Random(stock.seed).shuffle(own)
        # The commonest first: those that come along are what most people have.
        self._types = [*builtin(), *own]
        self._places = {name: place for place, name in enumerate(COMMON)}
        self._fields: dict[str, list[tuple[int, FieldSpec]]] = {}
        for one in self._types:
            specs = _columns_of(one)
            for spec in specs:
                self._places.setdefault(spec.name, len(self._places))
            self._fields[one.code] = [(self._places[spec.name], spec) for spec in specs]
        self.headings = tuple(self._places)
        # The number of a licence grows with its type; a file that follows begins beyond.
        self._counts = dict.fromkeys(self._fields, stock.first)

    def rows(self) -> Iterator[tuple[list[str], LicenceType, str]]:
        """Yield the cells of every row, its type, and what is wrong with it, if anything is."""
        stock, chance = self._stock, self._chance
        bad = set(random.Random(stock.seed).sample(range(1, stock.rows), stock.bad))
        # As Zipf found of words: the tenth type has a tenth of the licences of the first.
        weights = list(accumulate(1 / rank for rank in range(1, len(self._types) + 1)))
        recent: deque[Row] = deque(maxlen=_REMEMBERED)
        spoilt = 0
        for position in range(stock.rows):
            of = chance.choices(self._types, cum_weights=weights)[0]
            row = self._row(position, of)
            if position in bad:
                fault = spoil(row, FAULTS[spoilt % len(FAULTS)], recent, self._types, chance)
                spoilt += 1
                yield row.values, of, fault
                continue
            recent.append(row)
            yield row.values, of, ""

    def _row(self, position: int, of: LicenceType) -> Row:
        chance = self._chance
        count = self._counts[of.code]
        self._counts[of.code] = count + 1
        holders = self._holders(of, count)
        number = holders[0].number
        if of.number_rule == "free":
            number = f"GA{of.code[-6:]}-{count:07d}"
        start, end = self._validity(of)
        values = [""] * len(self._places)
        values[: len(COMMON)] = (
            str(position + 1), of.name, of.code if chance.random() < 0.5 else "", number,
            "^".join(one.name for one in holders), "^".join(one.number for one in holders),
            start, end, start,
        )  # fmt: skip
        for place, spec in self._fields[of.code]:
            if spec.required or chance.random() < 0.6:
                values[place] = self._value(spec)
        return Row(values, self._places, of)

    def _holders(self, of: LicenceType, count: int) -> list[Party]:
        classes = {one.value for one in of.holder_classes}
        is_person = "natural-person" in classes
        if is_person and "legal-person" in classes:
            is_person = self._chance.random() < 0.5
        # Each type begins elsewhere in the list of people, so that many have several licences.
        first = count + int(of.code[-3:]) * 1_000
        many = is_person and of.max_holders > 1 and self._chance.random() < _SEVERAL
        make = person if is_person else body
        return [make(first + 50_000_000 * each) for each in range(2 + count % 2 if many else 1)]

    def _validity(self, of: LicenceType) -> tuple[str, str]:
        chance = self._chance
        # None begins after the stock was taken.
        year, month, day = chance.randint(2024, 2026), chance.randint(1, 10), chance.randint(2, 28)
        start = f"{year}-{month:02d}-{day:02d}"
        rule = of.validity.rule
        if rule == "open" or (rule == "either" and chance.random() < 0.2):
            return start, "长期"
        most = min(of.validity.max_years or _YEARS, _YEARS, _LAST_YEAR - year)
        return start, self._written(year + chance.randint(min(3, most), most), month, day - 1)

    def _written(self, year: int, month: int, day: int) -> str:
        form = self._chance.random()
        if form < 0.7:
            return f"{year}-{month:02d}-{day:02d}"
        if form < 0.8:
            return f"{year}年{month}月{day}日"
        return f"{year}/{month}/{day}" if form < 0.9 else f"{year}{month:02d}{day:02d}"

    def _value(self, spec: FieldSpec) -> str:
        chance = self._chance
        if spec.values is not None:
            return chance.choice(spec.values)
        if spec.kind == "date":
            return self._written(chance.randint(1990, 2024), chance.randint(1, 12), 15)
        if spec.kind == "integer":
            return str(chance.randint(1, 480))
        if spec.kind == "decimal":
            return f"{chance.randint(10, 90_000) / 100:.2f}"
        if spec.kind == "code":
            return f"川X{chance.randrange(10**6):06d}"
        if spec.name in _PLACES:
            return chance.choice(ADDRESSES)
        if spec.name in _NAMES:
            return person_name(chance.randrange(10**6))
        return chance.choice(_TEXTS.get(spec.name, ("一般", "示例", "见附页")))


def _columns_of(of: LicenceType) -> list[FieldSpec]:
    required = [spec for spec in of.fields if spec.required]
    others = [spec for spec in of.fields if not spec.required]
    # The region's own types are read in full.
    is_own = of.code_source.startswith("示例")
    return required + (others if is_own else others[:_OPTIONAL_FIELDS])


def main() -> None:
    """Write types and stock into a folder."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--rows", type=int, default=ROWS)
    parser.add_argument("--bad", type=int, help="bad rows; by default in proportion")
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--encoding", choices=("utf-8", "gb18030"), default="utf-8")
    options = parser.parse_args()
    bad = bad_rows(options.rows) if options.bad is None else options.bad
    options.folder.mkdir(parents=True, exist_ok=True)
    write_types(options.folder / "types", options.seed)
    stock = Stock(options.rows, bad, options.seed)
    written = write_stock(options.folder / "stock.csv", stock, encoding=options.encoding)
    print(f"{written.rows} rows of {len(written.types)} types, {len(written.faults)} of them bad")


def bad_rows(rows: int) -> int:
    """Return how many of so many rows are bad: as many in proportion, and one of every kind."""
    return min(max(len(FAULTS), round(rows * BAD_ROWS / ROWS)), rows // 2)


if __name__ == "__main__":
    main()
