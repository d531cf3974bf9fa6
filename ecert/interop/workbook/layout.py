"""The sheets and columns of a recognition list's workbook, with the names that offices use."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from ecert.sheets.table import normal_heading

FORM: Final = "ecert 互认清单工作簿 1"
"""Stands in 清单信息 of our own workbooks: cells follow the rules of `texts`."""


@dataclass(frozen=True, slots=True)
class SheetColumn:
    """One column of a sheet.

    Attributes:
        key: What it holds.
        heading: Its heading in our own workbooks.
        synonyms: Other headings that offices use, between spaces.
        width: Its width in characters.
        hint: What is shown while a cell of the column is filled in.
        wraps: Whether long text is broken into lines.
    """

    key: str
    heading: str
    synonyms: str = ""
    width: int = 16
    hint: str = ""
    wraps: bool = False


@dataclass(frozen=True, slots=True)
class SheetPlan:
    """One sheet.

    Attributes:
        title: Its name.
        columns: Its columns.
        needed: Keys of the columns that must be there.
    """

    title: str
    columns: tuple[SheetColumn, ...]
    needed: tuple[str, ...] = ()

    @property
    def headings(self) -> list[str]:
        """Every heading that is known, our own first."""
        own = [column.heading for column in self.columns]
        return own + [name for column in self.columns for name in column.synonyms.split()]

    def keys(self) -> dict[str, str]:
        """Return what each heading means, by its normal form."""
        known = {
            normal_heading(name): column.key
            for column in self.columns
            for name in column.synonyms.split()
        }
        return known | {normal_heading(column.heading): column.key for column in self.columns}

    def heading(self, key: str) -> str:
        """Return our own heading of a column."""
        return next(column.heading for column in self.columns if column.key == key)


_LIST_HINT: Final = "多项之间用顿号；名称中含顿号、逗号的，整项加英文双引号"

INFO: Final = SheetPlan(
    "清单信息",
    (
        SheetColumn("item", "项目", "信息项 名称", 18),
        SheetColumn("value", "内容", "填写内容 值", 46, wraps=True),
        SheetColumn("explanation", "填写要求", "说明 备注", 60, wraps=True),
    ),
    ("item", "value"),
)
ENTRIES: Final = SheetPlan(
    "互认条目",
    (
        SheetColumn("id", "条目编号", "编号 条目号 清单条目编号", 12, "各版不变，不重复使用"),
        SheetColumn(
            "source_region", "颁发地区",
            "颁发地 签发地 签发地区 持证地 持证地区 发证地 发证地区 颁证地 来源地区 出证地",
            16, "名称或行政区划代码；多个地区用顿号",
        ),
        SheetColumn(
            "source_name", "证照名称",
            "证照类型 证件名称 证件类型 证照种类 电子证照名称 证照类型名称 证书名称 证照 "
            "颁发地证照名称 互认证照名称 互认证照",
            20, "颁发地的叫法",
        ),
        SheetColumn(
            "source_type", "证照类型代码", "类型代码 证照目录编码 颁发地证照类型代码", 26,
            "21位，以文本填写；名称与目录一致的可不填",
        ),
        SheetColumn(
            "target_region", "认可地区",
            "认可地 使用地 使用地区 互认地 用证地 用证地区 应用地区 适用地区 应用地", 16,
            "名称或行政区划代码；多个地区用顿号",
        ),
        SheetColumn(
            "target_name", "认可地证照名称",
            "对应证照名称 对应证照 使用地证照名称 认可地名称", 20, "认可地的叫法；不填同左",
        ),
        SheetColumn(
            "target_type", "认可地证照类型代码", "对应证照类型代码 使用地证照类型代码", 26,
            "不填表示与颁发地是同一类型",
        ),
        SheetColumn("regions", "互认地区", "互认范围 互认区域 合作地区", 16, "相互认可的地区"),
        SheetColumn("direction", "方向", "互认方向 认可方向 互认方式", 8, "单向或双向；不填为单向"),
        SheetColumn(
            "issuers", "颁发机构代码",
            "颁发机构 发证机构 发证机关 签发机构 证照颁发机构 证照颁发机构代码 发证机关代码", 22,
            "统一社会信用代码；全部表示不限",
        ),
        SheetColumn(
            "matters", "适用事项",
            "应用场景 事项 使用场景 适用场景 应用事项 互认事项 事项或应用场景 亮证场景 "
            "适用事项及场景 事项名称 适用场景及事项",
            30, "事项或应用场景；全部表示不限。" + _LIST_HINT, wraps=True,
        ),
        SheetColumn("fields", "照面信息对照", "对照方式", 14, "原样，或按对照表"),
        SheetColumn("required", "必备项", "必备照面信息 必备信息", 20, "认可地的照面信息项。"
                    + _LIST_HINT, wraps=True),
        SheetColumn(
            "valid_from", "起始日期", "生效日期 开始日期 启用日期 实施日期 执行日期 有效期起", 14,
            "如 2026-01-01",
        ),
        SheetColumn(
            "valid_until", "截止日期",
            "有效期至 终止日期 失效日期 有效期止 有效期限 期限 有效期", 14,
            "最后一天；长期的填“长期”",
        ),
        SheetColumn("withdrawn_on", "撤回日期", "", 14, "自这一天起不再认可"),
        SheetColumn("withdrawn_basis", "撤回依据", "", 20, "撤回文件的文号"),
        SheetColumn("withdrawn_note", "撤回说明", "", 16),
        SheetColumn(
            "lead", "牵头部门",
            "责任单位 责任部门 牵头单位 主管部门 业务主管部门 牵头责任单位 牵头部门单位", 20,
        ),
        SheetColumn(
            "basis", "依据", "文件依据 政策依据 法律依据 设定依据 依据文件", 26,
            "文件及文号；不填为本清单文号", wraps=True,
        ),
        SheetColumn("note", "备注", "说明 备注说明", 26, wraps=True),
        SheetColumn("ignored", "序号", "行号 原因"),
    ),
    ("matters",),
)  # fmt: skip
_ENTRY: Final = SheetColumn("entry", "条目编号", "编号 条目号", 12, "互认条目表中的编号")
_TARGET: Final = SheetColumn("target", "认可地信息项", "认可地照面信息 认可地字段", 20)
FIELDS: Final = SheetPlan(
    "照面信息对照",
    (
        _ENTRY,
        SheetColumn("op", "操作", "对照方式", 10, "照录、更名、固定值、值表、日期、脱敏"),
        SheetColumn("source", "颁发地信息项", "颁发地照面信息 颁发地字段", 20, "固定值不填"),
        SheetColumn("target", "认可地信息项", "认可地照面信息 认可地字段", 20, "照录不填"),
        SheetColumn("value", "固定值", "", 20, "操作为固定值时填写", wraps=True),
        SheetColumn("default", "其他值", "其余值", 20, "值表中没有的值一律写作", wraps=True),
        SheetColumn("form", "日期写法", "日期格式", 16),
        SheetColumn("mask", "脱敏方式", "", 12),
    ),
    ("entry", "op"),
)
VALUES: Final = SheetPlan(
    "值表",
    (
        _ENTRY,
        _TARGET,
        SheetColumn("old", "颁发地取值", "原值", 26, wraps=True),
        SheetColumn("new", "认可地取值", "对应值", 26, wraps=True),
    ),
    ("entry", "target", "old", "new"),
)
CONDITIONS: Final = SheetPlan(
    "条件",
    (
        _ENTRY,
        SheetColumn("number", "条件序号", "序号", 10, "同一条件的各行用同一序号"),
        SheetColumn("op", "条件类型", "类型", 10, "等于、属于、年龄"),
        SheetColumn("field", "颁发地信息项", "颁发地照面信息 照面信息", 20),
        SheetColumn("value", "取值", "值", 26, "属于的每个值写一行", wraps=True),
        SheetColumn("at_least", "最小周岁", "", 10),
        SheetColumn("at_most", "最大周岁", "", 10),
        SheetColumn("on", "计算日期", "", 14, "不填为核验当天"),
    ),
    ("entry", "number", "op", "field"),
)
MATTERS: Final = SheetPlan(
    "事项",
    (_ENTRY, SheetColumn("matter", "适用事项", "事项 应用场景", 46, wraps=True)),
    ("entry", "matter"),
)
ISSUERS: Final = SheetPlan(
    "颁发机构",
    (_ENTRY, SheetColumn("issuer", "颁发机构代码", "统一社会信用代码", 24)),
    ("entry", "issuer"),
)
TYPES: Final = SheetPlan(
    "证照类型定义",
    (
        SheetColumn("code", "证照类型代码", "", 26),
        SheetColumn("name", "证照名称", "", 24),
        SheetColumn("version", "定义版本", "", 10),
        SheetColumn("fields", "照面信息", "", 40, wraps=True),
        SheetColumn("definition", "定义", "定义（JSON）", 60, "请勿改动"),
    ),
    ("code", "definition"),
)
EXAMPLE_TITLE: Final = "填写样例"
EXPLANATION_TITLE: Final = "填写说明"
PARTS: Final = (FIELDS, VALUES, CONDITIONS, MATTERS, ISSUERS, TYPES)
"""The sheets beside 清单信息 and 互认条目; each may be absent."""
FAULTS_TITLE: Final = "错误清单"
"""The first sheet of an annotated copy."""
EXPLAINING: Final = (EXAMPLE_TITLE, EXPLANATION_TITLE)
"""Sheets that are never read."""

# The lines of 清单信息: key, what it is called, other names, what is asked.
HEAD: Final[tuple[tuple[str, str, str, str], ...]] = (
    ("form", "版式", "", "请勿改动"),
    ("title", "清单名称", "清单标题 标题 名称", "正式名称"),
    ("list_id", "清单标识", "清单编号 清单代码", "小写字母、数字和连字符，各版不变，如 chuan-yu"),
    ("document_number", "文号", "发文字号 文件号", "印发文件的文号"),
    ("owner", "发布地区", "牵头地区", "名称或行政区划代码，须是缔约地区之一"),
    ("parties", "缔约地区", "签署地区 互认地区 参与地区", "各方都要签名；多个地区用顿号"),
    ("audience", "发送地区", "适用范围", "不填为缔约地区；全国表示不限"),
    ("version", "版本号", "版本", "从1起，每版加1；不填时由命令给出"),
    ("issued", "制作时间", "签发时间 印发日期 制定日期", "如 2026-01-01；不填为检查清单的时间"),
    ("expires", "失效时间", "有效期至 到期时间", "如 2027-01-01，到时即失效；不填时由命令给出"),
    ("previous", "上一版摘要", "", "第一版不填；由系统填写"),
    ("notice_days", "变更提前通知天数", "提前通知天数", "没有约定的不填"),
    ("retired", "停用整份清单", "", "是或否；停用的清单没有条目，启用后一律不认可"),
    ("sample", "样例", "是否样例", "是或否；样例不得作为办理依据"),
)


def head_keys() -> dict[str, str]:
    """Return what each line of 清单信息 means, by its normal form."""
    found: dict[str, str] = {}
    for key, name, synonyms, _ in HEAD:
        found |= {normal_heading(one): key for one in (name, *synonyms.split())}
    return found


# What people write for operations and conditions, our own words first.
OPERATIONS: Final = {
    "copy": "照录",
    "rename": "更名",
    "constant": "固定值",
    "table": "值表",
    "date": "日期",
    "mask": "脱敏",
}
CONDITION_KINDS: Final = {"equals": "等于", "one-of": "属于", "age": "年龄"}
MASK_NAMES: Final = {
    "none": "不脱敏",
    "last4": "末四位",
    "name": "姓名",
    "phone": "电话",
    "year": "年份",
    "hidden": "隐藏",
}
DATE_FORMS: Final = ("YYYY-MM-DD", "YYYYMMDD", "YYYY年MM月DD日")
ALL_WORDS: Final = frozenset({"全部", "所有", "不限", "全部事项", "所有事项", "全部机构", "*"})
"""What people write where nothing is excluded; the first is ours."""
AS_IS: Final = "原样"
BY_TABLE: Final = "按对照表"
BOTH_WAYS: Final = frozenset({"双向", "互认", "相互", "双向互认", "相互认可", "双方互认"})
ONE_WAY: Final = frozenset({"", "单向", "单向认可"})
