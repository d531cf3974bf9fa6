"""The closed list of what a recognition list is linted for: number, severity, wording, the way out.

Codes and numbers are stable API; a number is never used again.  L1 the list as a whole, L2 codes,
L3 fields, L4 conditions and show profiles, L5 entries beside each other, L6 days.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from ecert.reasons import Language


class Severity(StrEnum):
    """What a finding stops: an error forbids signing, a warning asks a person to look."""

    ERROR = "error"
    WARNING = "warning"

    @property
    def zh(self) -> str:
        """The office's word for it."""
        return "错误" if self is Severity.ERROR else "提醒"


class RuleWording(NamedTuple):
    """What is the matter, and how to mend it."""

    number: str
    severity: Severity
    zh: str
    en: str
    fix_zh: str
    fix_en: str


class Rule(StrEnum):
    """One rule of the linter."""

    CONTENT = "content"
    OVERSTEPS = "oversteps"
    DIRECTION_EMPTY = "direction-empty"
    PARTY_NOT_ADDRESSED = "party-not-addressed"
    VERSION_NOT_NEXT = "version-not-next"
    REGION_UNKNOWN = "region-unknown"
    REGION_ENDED = "region-ended"
    TYPE_UNKNOWN = "type-unknown"
    TYPE_PROVISIONAL = "type-provisional"
    ISSUER_CODE = "issuer-code"
    ISSUER_ELSEWHERE = "issuer-elsewhere"
    ISSUER_OUTSIDE = "issuer-outside"
    MATTER_UNKNOWN = "matter-unknown"
    SOURCE_FIELD_UNKNOWN = "source-field-unknown"
    TARGET_FIELD_UNKNOWN = "target-field-unknown"
    REQUIRED_UNKNOWN = "required-unknown"
    TARGET_FIELD_UNMAPPED = "target-field-unmapped"
    KIND_WRONG = "kind-wrong"
    KIND_DOUBTFUL = "kind-doubtful"
    TARGET_VALUE = "target-value"
    TABLE_INCOMPLETE = "table-incomplete"
    TABLE_OPEN = "table-open"
    TABLE_VALUE_UNUSED = "table-value-unused"
    VALUES_NOT_SHARED = "values-not-shared"
    CONDITION_FIELD_UNKNOWN = "condition-field-unknown"
    CONDITION_NOT_SHOWN = "condition-not-shown"
    CONDITION_VALUE = "condition-value"
    CONDITIONS_UNMEETABLE = "conditions-unmeetable"
    REQUIRED_NOT_SHOWN = "required-not-shown"
    CONTRADICTION = "contradiction"
    OVERLAP = "overlap"
    ONE_WAY = "one-way"
    NOT_COMPARED = "not-compared"
    DATES_REVERSED = "dates-reversed"
    LIST_EXPIRED = "list-expired"
    LIFE_TOO_LONG = "life-too-long"
    FROM_FUTURE = "from-future"
    ENTRY_LAPSED = "entry-lapsed"
    ENTRY_NEVER = "entry-never"
    NOTICE_TOO_SHORT = "notice-too-short"

    @property
    def wording(self) -> RuleWording:
        """Number, severity and words."""
        return _RULES[self]

    @property
    def number(self) -> str:
        """Its number, as it can be read over the telephone: L301."""
        return self.wording.number

    @property
    def severity(self) -> Severity:
        """Whether it forbids signing."""
        return self.wording.severity

    def told(self, language: Language = "zh") -> str:
        """Return what is the matter, in words."""
        return self.wording.zh if language == "zh" else self.wording.en


_E, _W = Severity.ERROR, Severity.WARNING

# One row a rule.
_RULES: Final = {
    rule: RuleWording(*row)
    for rule, row in {
        Rule.CONTENT: (
            "L101", _E, "清单自相矛盾", "the list contradicts itself",
            "请按提示改正该项", "Mend the place named"),
        Rule.OVERSTEPS: (
            "L102", _E, "超出缔约地区的权限", "it says more than its parties may say",
            "只写缔约地区有权约定的地区和类型", "Keep to the regions and types of the parties"),
        Rule.DIRECTION_EMPTY: (
            "L103", _W, "这个方向没有任何条目", "there is no entry in this direction",
            "如属单向认可请确认，否则请补充条目", "Confirm that this is meant, or add entries"),
        Rule.PARTY_NOT_ADDRESSED: (
            "L104", _E, "缔约地区不在发送范围内，无法启用", "a party is not in the audience",
            "请把该地区加入 audience", "Add the region to the audience"),
        Rule.VERSION_NOT_NEXT: (
            "L105", _E, "版本号不高于现行版", "the version is not above the one in force",
            "请使用现行版之后的版本号", "Use a version above the one in force"),
        Rule.REGION_UNKNOWN: (
            "L201", _E, "行政区划代码不存在或已停用", "the region code is unknown or has ended",
            "请核对行政区划代码（GB/T 2260）", "Compare with GB/T 2260"),
        Rule.REGION_ENDED: (
            "L202", _W, "行政区划代码已停用，只对旧证照有效",
            "the region code has ended: it means old licences only",
            "请确认只认可旧证照，并补充现行代码的条目",
            "Confirm that, and add an entry for the code now in force"),
        Rule.TYPE_UNKNOWN: (
            "L203", _E, "证照类型代码未知，清单也没有附带定义",
            "the type code is unknown, and the list carries no definition of it",
            "请核对代码，或先导入该类型的定义，或随清单附带",
            "Check the code, import the definition, or let the list carry it"),
        Rule.TYPE_PROVISIONAL: (
            "L204", _W, "证照类型代码是暂定的", "the type code is provisional",
            "正式代码公布后请更换", "Replace it when the official code is published"),
        Rule.ISSUER_CODE: (
            "L205", _E, "颁发机构代码不是有效的统一社会信用代码", "the issuer's code is no USCC",
            "请核对统一社会信用代码", "Check the code"),
        Rule.ISSUER_ELSEWHERE: (
            "L206", _E, "颁发机构登记在另一省份", "the issuer is registered in another province",
            "请核对代码，或改到该省的条目", "Check the code, or move it to that province's entry"),
        Rule.ISSUER_OUTSIDE: (
            "L207", _W, "颁发机构登记在颁发地区之外",
            "the issuer is registered outside the issuing region",
            "请核对代码与颁发地区", "Compare the code with the issuing region"),
        Rule.MATTER_UNKNOWN: (
            "L208", _W, "事项不在事项目录中", "the matter is not in the matter catalogue",
            "请使用事项目录中的名称", "Use the name in the matter catalogue"),
        Rule.SOURCE_FIELD_UNKNOWN: (
            "L301", _E, "颁发方的类型没有这个照面信息项", "the source type has no such field",
            "请使用颁发方类型定义中的名称", "Use a name from the source type's definition"),
        Rule.TARGET_FIELD_UNKNOWN: (
            "L302", _E, "认可方的类型没有这个照面信息项", "the target type has no such field",
            "请使用认可方类型定义中的名称", "Use a name from the target type's definition"),
        Rule.REQUIRED_UNKNOWN: (
            "L303", _E, "必备项不是认可方类型的照面信息项",
            "a required field is none of the target's",
            "请使用认可方类型定义中的名称", "Use a name from the target type's definition"),
        Rule.TARGET_FIELD_UNMAPPED: (
            "L304", _E, "认可方类型的必填项没有对照",
            "nothing gives a field that the target type must have",
            "请补充对照，或给出固定值", "Map it, or give a constant"),
        Rule.KIND_WRONG: (
            "L305", _E, "操作与照面信息项的种类不符", "the operation does not fit the field's kind",
            "请更换操作，或改用同种类的项", "Use another operation or field"),
        Rule.KIND_DOUBTFUL: (
            "L306", _W, "操作与照面信息项的种类可能不符",
            "the operation may not fit the field's kind",
            "请用实际证照核对结果", "Try it on real licences"),
        Rule.TARGET_VALUE: (
            "L307", _E, "给出的值不是认可方该项允许的值",
            "the target's field does not allow the value",
            "请使用该项允许的值", "Use a value that the field allows"),
        Rule.TABLE_INCOMPLETE: (
            "L308", _W, "值表缺少颁发方可能出现的值", "the value table lacks values of the source",
            "请补充，或设默认值；否则这些证照不被认可",
            "Add them or a default; else such licences are not recognised"),
        Rule.TABLE_OPEN: (
            "L309", _W, "颁发方该项的值不限，值表没有默认值",
            "the source's values are open, and the table has no default",
            "请确认表外的值都不认可，或设默认值",
            "Confirm that all others are refused, or add a default"),
        Rule.TABLE_VALUE_UNUSED: (
            "L310", _W, "值表中有颁发方不会出现的值",
            "the table has values that the source never has",
            "请核对写法", "Check the spelling"),
        Rule.VALUES_NOT_SHARED: (
            "L311", _W, "照抄的值有些不是认可方允许的",
            "some copied values are none of the target's",
            "请改用值表", "Use a value table"),
        Rule.CONDITION_FIELD_UNKNOWN: (
            "L401", _E, "条件所看的项，颁发方的类型没有",
            "the source type lacks the field of a condition",
            "请使用颁发方类型定义中的名称", "Use a name from the source type's definition"),
        Rule.CONDITION_NOT_SHOWN: (
            "L402", _W, "条件所看的项，minimal 亮证范围不完整展示",
            "the profile minimal does not show the condition's field in full",
            "窗口须请持证人改用 full 亮证", "The window must ask for the profile full"),
        Rule.CONDITION_VALUE: (
            "L403", _W, "条件要求的值，颁发方不会出现", "the source never has the value asked for",
            "请核对写法", "Check the spelling"),
        Rule.CONDITIONS_UNMEETABLE: (
            "L404", _W, "各项条件不可能同时满足", "the conditions cannot be met together",
            "请删改其中一项", "Remove or change one of them"),
        Rule.REQUIRED_NOT_SHOWN: (
            "L405", _W, "必备项在 minimal 亮证范围中不展示",
            "the profile minimal does not show a required field",
            "窗口须请持证人改用 full 亮证", "The window must ask for the profile full"),
        Rule.CONTRADICTION: (
            "L501", _E, "两条优先级相同而结果不同",
            "two entries of equal precedence differ in their answer",
            "请合并，或分开地区、机构、事项、日期",
            "Merge them, or part them by region, issuer, matter or day"),
        Rule.OVERLAP: (
            "L502", _W, "两条的范围有重叠", "two entries overlap",
            "请确认是有意的，或删去多余的一条", "Confirm that this is meant, or remove one"),
        Rule.ONE_WAY: (
            "L503", _W, "只有单向，没有反方向的条目", "there is no entry for the way back",
            "如属单向认可请确认，否则请补充", "Confirm that this is meant, or add one"),
        Rule.NOT_COMPARED: (
            "L504", _E, "条目过多，没有全部互相比较",
            "there are too many entries to compare each with the others",
            "请先改正已列出的重叠，或分成几份清单",
            "Mend the overlaps that are told, or make several lists of it"),
        Rule.DATES_REVERSED: (
            "L601", _E, "截止时间不晚于签发时间", "the end is not after the beginning",
            "请核对日期", "Check the dates"),
        Rule.LIST_EXPIRED: (
            "L602", _E, "清单已过期", "the list has expired",
            "请重新确定有效期", "Set a new term"),
        Rule.LIFE_TOO_LONG: (
            "L603", _E, "清单有效期过长", "the list lives too long",
            "请缩短有效期，到期前再发新版", "Shorten it, and issue a new version in time"),
        Rule.FROM_FUTURE: (
            "L604", _W, "签发时间在将来，到时才能启用", "the list is dated in the future",
            "请核对签发时间", "Check the date of issue"),
        Rule.ENTRY_LAPSED: (
            "L605", _W, "条目已到期", "the entry has lapsed",
            "请延长或删去", "Prolong or remove it"),
        Rule.ENTRY_NEVER: (
            "L606", _W, "条目在清单有效期内一天也不生效",
            "the entry never holds while the list lives",
            "请核对起止日期", "Check its dates"),
        Rule.NOTICE_TOO_SHORT: (
            "L607", _W, "生效早于约定的提前通知期",
            "it takes effect before the agreed notice is over",
            "请推迟生效，或确认各方同意", "Let it begin later, or confirm that all parties agree"),
    }.items()
}  # fmt: skip
