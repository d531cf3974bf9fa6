"""Write ``ecert/model/regions.csv`` (GB/T 2260 with its history) from python-stdnum's data.

Source: ``stdnum/cn/loc.dat`` of python-stdnum (a development dependency), which is read
from the eight pages of Chinese Wikipedia named in its head (中华人民共和国行政区划代码).  Only
facts are taken: code, name and years.  Rerun after an update of python-stdnum::

    python scripts/make_regions.py            # writes the file
    python scripts/make_regions.py --check    # exit 1 where the file is not up to date

Columns: code, name, level, from, to, successor.  The source knows years only: ``from`` is
written as 1 January and ``to`` as 31 December of the year, so in a year of change the old and
the new code are both in force.  Empty ``from``: before the source's earliest year (1980 or
so) or unknown.  Empty ``to``: still in force.  A code that changed its name has one row for
each name.  ``successor`` is the one code under which the whole place went on; it is filled
for Chongqing (50) and Sichuan (51) only, and empty where a place was divided.
"""

from __future__ import annotations

import csv
import io
import re
import sys
from importlib import resources
from pathlib import Path
from typing import NamedTuple

TARGET = Path(__file__).parent.parent / "ecert" / "model" / "regions.csv"
WITH_SUCCESSORS = ("50", "51")

# The source has a few names on the mainland in traditional characters.
SIMPLIFIED = str.maketrans("達區嶺員會", "达区岭员会")

# Codes of no place of their own, which only group others.
GROUPS = re.compile("市辖区|市区|市|县|.*直辖.*行政单位")

# Successors that name and year do not tell, one line per kind; "" where the place was divided.
_BY_HAND = """
500105江北区>500157 500112渝北区>500157 500234开县>500154
510200重庆市>500000 510222巴县>510219 510224江北县>510218
511202龙宝区>500101 511203天城区>500101 511204五桥区>500101 511402枳城区>500102 511403李渡区>500102
510111金牛区> 510124郫县>510117 510126彭县>510182 510127灌县>519003 510128崇庆县>510184
510621德阳县>510602 510724安县>510705 511021内江县>511011 511125峨眉县>519004
511521宜宾县>511504 511721达县>511703
512100永川地区>510200 512325石柱土家族自治县>513521 512327彭水苗族土家族自治县>513525
512328黔江土家族苗族自治县>513523 512329酉阳土家族苗族自治县>513524
512330秀山土家族苗族自治县>513522
512401内江市>511002 512501宜宾市>511502 512631丹稜县>511131 512634金口河工农区>511113
512801绵阳市>510702 512827广元县>510802 512832遂宁县>510902 512932华云工农区>512902
512800绵阳地区> 512900南充地区> 513000达川地区>511700 513001达川市>511702 513031邻水县>513624
513101雅安市>511802 513421西昌县>513401 513701巴中市>511902 513821眉山县>511402
513901资阳市>512002
"""
SUCCESSORS = {
    (item[:6], item[6:].partition(">")[0]): item.partition(">")[2] for item in _BY_HAND.split()
}


class Row(NamedTuple):
    """One line of the file; years as text, empty where the source has none."""

    code: str
    name: str
    level: str
    since: str
    until: str


def read_rows(source: str) -> list[Row]:
    """Return every name of every code, by code and time."""
    rows: list[Row] = []
    province = ""
    for line in source.splitlines():
        match = re.fullmatch(r'( *)(\d+) (?:province|county)="([^"]*)"', line)
        if match is None:
            if line and not line.startswith("#"):
                raise ValueError(f"a line of another form: {line!r}")
        elif not match[1]:
            province = match[2]
        else:
            rows.extend(_names(province + match[2], match[3]))
    return sorted(rows, key=lambda row: (row.code, row.until or "9999"))


def _names(code: str, text: str) -> list[Row]:
    rows = []
    for part in text.split(","):
        match = re.fullmatch(r"(?:\[(\d*)-(\d*)\])?(\D+)", part)
        if match is None:
            raise ValueError(f"{code}: a name of another form: {part!r}")
        since, until, name = match[1] or "", match[2] or "", match[3]
        # "[1983-1982]" stands for a name that ended before the source's first table.
        if since and until and since > until:
            since = ""
        rows.append(Row(code, name.translate(SIMPLIFIED), level_of(code), since, until))
    return rows


def level_of(code: str) -> str:
    """Return province, city or county, told by the zeros at the end."""
    if code.endswith("0000"):
        return "province"
    return "city" if code.endswith("00") else "county"


def successor_of(row: Row, rows: list[Row]) -> str:
    """Return the one code under which the place of an ended row went on, or nothing."""
    if not row.until or row.code[:2] not in WITH_SUCCESSORS or GROUPS.fullmatch(row.name):
        return ""
    if (row.code, row.name) in SUCCESSORS:
        return SUCCESSORS[row.code, row.name]
    for year in (row.until, str(int(row.until) + 1)):
        begun = [other for other in rows if other.since == year and other != row]
        if any(other.code == row.code for other in begun):
            return row.code
        moved = {other.code for other in begun if _same_place(row, other)}
        if moved:
            return moved.pop() if len(moved) == 1 else ""
    return ""


def _same_place(old: Row, new: Row) -> bool:
    return (
        new.code[:2] in WITH_SUCCESSORS
        and new.level == old.level
        and stem(new.name) == stem(old.name)
    )


def stem(name: str) -> str:
    """Return the name without what kind of region it is."""
    return re.sub(r"(土家族苗族|苗族土家族|土家族)?自治县$|(地区|市|县|区)$", "", name)


def render(rows: list[Row]) -> str:
    """Return the file's text."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(("code", "name", "level", "from", "to", "successor"))
    for row in rows:
        writer.writerow(
            (
                row.code,
                row.name,
                row.level,
                f"{row.since}-01-01" if row.since else "",
                f"{row.until}-12-31" if row.until else "",
                successor_of(row, rows),
            )
        )
    return out.getvalue()


def main() -> int:
    """Write the file, or with ``--check`` compare it."""
    source = resources.files("stdnum").joinpath("cn/loc.dat").read_text(encoding="utf-8")
    text = render(read_rows(source))
    if "--check" in sys.argv[1:]:
        return int(TARGET.read_text(encoding="utf-8") != text)
    TARGET.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
