"""Licence types of the region's own: 205 invented ones, defined by an invented authority."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Any, Final

import orjson

from ecert.model.catalogue import LicenceType
from ecert.model.codes import make_uscc

if TYPE_CHECKING:
    from pathlib import Path

OWN_TYPES: Final = 205
AUTHORITY: Final = "广安市示例证照管理局"
CODE: Final = make_uscc("11", "511600", "MB000001")
_TYPES_EACH: Final = 999
_SUBJECTS: Final = (
    "示例仓储", "示例屠宰", "示例苗圃", "示例渡口", "示例沼气", "示例印章", "示例拍卖", "示例典当",
    "示例测绘", "示例勘察", "示例爆破", "示例消杀", "示例供水", "示例供气", "示例保洁", "示例停车",
    "示例户外广告", "示例民宿", "示例游泳场", "示例校车", "示例托育", "示例养老", "示例殡葬",
    "示例育种", "示例兽药", "示例饲料", "示例采砂", "示例林木", "示例渔船", "示例电梯", "示例锅炉",
    "示例气瓶", "示例吊装", "示例辐射", "示例排水", "示例夜市", "示例演出", "示例书报", "示例放映",
    "示例导游", "示例代驾",
)  # fmt: skip
_KINDS: Final = ("许可证", "备案证", "资格证", "登记证", "合格证")
_POOL: Final[tuple[dict[str, Any], ...]] = (
    {"name": "业务范围", "short": "KZ_YWFW", "kind": "text", "max_chars": 120},
    {"name": "等级", "short": "KZ_DJ", "kind": "text", "max_chars": 10,
     "values": ["甲级", "乙级", "丙级"]},
    {"name": "经营场所地址", "short": "KZ_JYCSDZ", "kind": "text", "max_chars": 100},
    {"name": "负责人", "short": "KZ_FZR", "kind": "text", "max_chars": 60},
    {"name": "备案号", "short": "KZ_BAH", "kind": "code", "max_chars": 40},
    {"name": "设备编码", "short": "KZ_SBBM", "kind": "code", "max_chars": 40},
    {"name": "作业项目", "short": "KZ_ZYXM", "kind": "code", "max_chars": 20,
     "values": ["A", "N1", "N2", "Q1", "Q2"], "joined": True},
    {"name": "首次核发日期", "short": "KZ_SCHFRQ", "kind": "date"},
    {"name": "最近检查日期", "short": "KZ_ZJJCRQ", "kind": "date"},
    {"name": "从业人数", "short": "KZ_CYRS", "kind": "integer", "max_chars": 6},
    {"name": "床位数", "short": "KZ_CWS", "kind": "integer", "max_chars": 6},
    {"name": "车辆数", "short": "KZ_CLS", "kind": "integer", "max_chars": 6},
    {"name": "设施面积（平方米）", "short": "KZ_SSMJ", "kind": "decimal", "max_chars": 12},
    {"name": "注册资金（万元）", "short": "KZ_ZCZJ", "kind": "decimal", "max_chars": 12},
    {"name": "评定结果", "short": "KZ_PDJG", "kind": "text", "max_chars": 10,
     "values": ["合格", "基本合格", "不合格"]},
    {"name": "核准人", "short": "KZ_HZR", "kind": "text", "max_chars": 60},
    {"name": "说明事项", "short": "KZ_SMSX", "kind": "text", "max_chars": 200},
)  # fmt: skip
_HOLDERS: Final = (
    (["natural-person"], 1), (["legal-person"], 1), (["natural-person", "legal-person"], 1),
    (["natural-person"], 4),
)  # fmt: skip
_VALIDITIES: Final[tuple[dict[str, Any], ...]] = (
    {"rule": "fixed", "max_years": 5}, {"rule": "fixed", "max_years": 10},
    {"rule": "either", "max_years": 10}, {"rule": "open"},
)  # fmt: skip


def licence_types(seed: int, count: int = OWN_TYPES) -> list[LicenceType]:
    """Return the definitions; of more than 999 the later have another authority's code."""
    return [LicenceType.read(text) for text in _definitions(seed, count)]


def write_types(folder: Path, seed: int) -> list[Path]:
    """Write the definitions as files for ``ecert type add``, and return them."""
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for number, text in enumerate(_definitions(seed, OWN_TYPES), start=1):
        path = folder / f"{CODE}{number:03d}.json"
        path.write_bytes(text)
        written.append(path)
    return written


def _definitions(seed: int, count: int) -> list[bytes]:
    chance = random.Random(f"{seed}/types")
    names = [f"{subject}{kind}" for subject in _SUBJECTS for kind in _KINDS]
    rounds = -(-count // len(names))
    names += [
        f"{name}（{again}类）" for again in range(2, rounds + 1) for name in names[:OWN_TYPES]
    ]
    return [
        orjson.dumps(_definition(number, name, chance), option=orjson.OPT_INDENT_2)
        for number, name in enumerate(names[:count], start=1)
    ]


def _authority(number: int) -> str:
    """Return the code of the authority that defines so many types; a type's has three digits."""
    return CODE if number <= _TYPES_EACH else make_uscc("11", "511600", "MB000002")


def _definition(number: int, name: str, chance: random.Random) -> dict[str, Any]:
    authority = _authority(number)
    chosen = sorted(chance.sample(range(len(_POOL)), chance.randint(3, 10)))
    # One field in three is required, and the first, which the shortest code tells, always.
    fields = [
        {
            **_POOL[place], "key": key, "required": key == 1 or chance.random() < 0.33,
            "disclosable": key != 1,
        }
        for key, place in enumerate(chosen, start=1)
    ]  # fmt: skip
    leading = fields[0]["name"]
    classes, most = chance.choice(_HOLDERS)
    shown = [{"name": field["name"]} for field in fields]
    return {
        "code": f"{authority}{(number - 1) % _TYPES_EACH + 1:03d}", "code_status": "provisional",
        "code_source": "示例：编造的类型，供测量用。", "name": name, "version": 1,
        "defining_authority": {"code": authority, "name": AUTHORITY},
        "holder_classes": classes, "max_holders": most, "number_rule": "free",
        "number_label": "证书编号", "validity": chance.choice(_VALIDITIES),
        "leading_field": leading, "fields": fields,
        "profiles": [
            {"name": "minimal", "number": 1, "holder_number": "last4", "holder_name": "full",
             "fields": shown[:1]},
            {"name": "full", "number": 2, "holder_number": "full", "holder_name": "full",
             "licence_number": True, "fields": shown},
        ],
    }  # fmt: skip
