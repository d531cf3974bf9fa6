"""An invented table of matters, as large as Guang'an's catalogue (43,207) and no more like it."""

from __future__ import annotations

import csv
import random
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

MATTERS = 43_207
SEED = 20261122
HEADING = ("事项编码", "事项名称", "行政区划", "实施主体", "所需证照", "纸质材料", "是否免提交")
REGIONS = ("511600", "511602", "511603", "511621", "511622", "511623", "511681")
DEPARTMENTS = tuple(
    f"{name}局（样例）"
    for name in (
        "公安", "民政", "司法", "财政", "人力资源和社会保障", "自然资源和规划", "生态环境",
        "住房和城乡建设", "交通运输", "水务", "农业农村", "商务", "文化广播电视和旅游",
        "卫生健康", "应急管理", "审计", "市场监督管理", "体育", "统计", "医疗保障", "林业",
        "行政审批", "税务", "残疾人联合", "公积金管理",
    )
)  # fmt: skip
_ACTS = (
    "申请",
    "变更",
    "延续",
    "注销",
    "补领",
    "换领",
    "登记",
    "备案",
    "核查",
    "查询",
    "确认",
    "年审",
)
_OBJECTS = (
    "机动车驾驶证",
    "食品经营许可证",
    "营业执照",
    "不动产权证书",
    "道路运输证",
    "社会保障卡",
    "护士执业证书",
    "律师执业证",
    "残疾人证",
    "图书馆借书证",
    "居民身份证",
    "房屋租赁合同",
    "公共场所卫生许可",
    "取水许可",
    "林木采伐许可",
    "公积金提取",
    "养老保险待遇",
    "城镇户外广告设置",
)
_TYPES = (
    "居民身份证",
    "营业执照",
    "机动车驾驶证",
    "不动产权证书",
    "社会保障卡",
    "道路运输证",
    "食品经营许可证",
    "残疾人证",
    "居民身份证或社会保障卡",
    "营业执照（本地）",
    "身份证原件及复印件",
)
_PAPERS = ("申请表", "承诺书", "授权委托书", "合同原件")


def rows(count: int = MATTERS, seed: int = SEED) -> Iterator[tuple[str, ...]]:
    """Yield the rows below the heading; a fourth of the matters, about, needs paper."""
    chance = random.Random(seed)
    for number in range(count):
        region = REGIONS[number % len(REGIONS)]
        paper = chance.choice(_PAPERS) if chance.random() < 0.25 else ""
        needs = chance.sample(_TYPES, chance.randint(1, 4))
        # One name would not be two needs.
        between = chance.choice(("、", "；", "，", "\n"))
        yield (
            f"{region}{number:06d}SL",
            f"{chance.choice(_OBJECTS)}{chance.choice(_ACTS)}（样例{number:05d}）",
            region,
            chance.choice(DEPARTMENTS),
            between.join(needs),
            paper,
            "否" if paper else "是",
        )


def write(path: Path, count: int = MATTERS) -> None:
    """Write the table as CSV."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(HEADING)
        writer.writerows(rows(count))


if __name__ == "__main__":
    write(Path(sys.argv[1]))
