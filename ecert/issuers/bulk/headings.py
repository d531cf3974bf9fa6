"""What offices call the columns of a list of licences."""

from __future__ import annotations

from enum import StrEnum
from functools import cache
from typing import Final

from ecert.model.metadata import METADATA
from ecert.sheets.table import normal_heading


class Meaning(StrEnum):
    """What a column is, beside the fields of a licence type."""

    TYPE = "type"
    TYPE_CODE = "type-code"
    NUMBER = "number"
    HOLDER = "holder"
    HOLDER_NUMBER = "holder-number"
    HOLDER_NUMBER_TYPE = "holder-number-type"
    HOLDER_NUMBER_TYPE_CODE = "holder-number-type-code"
    VALID_FROM = "valid-from"
    VALID_UNTIL = "valid-until"
    ISSUED_ON = "issued-on"
    # Of stock that was issued before (归集).
    LICENCE_ID = "licence-id"
    STATE = "state"
    VERSION = "version"
    ISSUER = "issuer"
    ISSUER_CODE = "issuer-code"
    # Our own two columns in an annotated copy, and running numbers.
    IGNORED = "ignored"

    @property
    def zh(self) -> str:
        """Its name in Chinese."""
        return _NAMES_ZH[self]


_NAMES_ZH: Final = {
    Meaning.TYPE: "证照类型",
    Meaning.TYPE_CODE: "证照类型代码",
    Meaning.NUMBER: "证照编号",
    Meaning.HOLDER: "持证主体",
    Meaning.HOLDER_NUMBER: "持证主体代码",
    Meaning.HOLDER_NUMBER_TYPE: "持证主体代码类型",
    Meaning.HOLDER_NUMBER_TYPE_CODE: "持证主体代码类型代码",
    Meaning.VALID_FROM: "有效期起始日期",
    Meaning.VALID_UNTIL: "有效期截止日期",
    Meaning.ISSUED_ON: "证照颁发日期",
    Meaning.LICENCE_ID: "证照标识",
    Meaning.STATE: "证照状态",
    Meaning.VERSION: "版本号",
    Meaning.ISSUER: "证照颁发机构",
    Meaning.ISSUER_CODE: "证照颁发机构代码",
    Meaning.IGNORED: "不使用",
}

# Elements of GB/T 36903 with all the names that `ecert.model.metadata` knows for them.
_ELEMENTS: Final = {
    "ZZMC": Meaning.TYPE,
    "ZZLXDM": Meaning.TYPE_CODE,
    "ZZBH": Meaning.NUMBER,
    "ZZBS": Meaning.LICENCE_ID,
    "ZZBFJG": Meaning.ISSUER,
    "ZZBFJGDM": Meaning.ISSUER_CODE,
    "ZZBFRQ": Meaning.ISSUED_ON,
    "CZZT": Meaning.HOLDER,
    "CZZTDM": Meaning.HOLDER_NUMBER,
    "CZZTDMLX": Meaning.HOLDER_NUMBER_TYPE,
    "CZZTDMLXDM": Meaning.HOLDER_NUMBER_TYPE_CODE,
    "ZZYXQQSRQ": Meaning.VALID_FROM,
    "ZZYXQJZRQ": Meaning.VALID_UNTIL,
}
# What offices write; without 证照 before it where that is common.
_SYNONYMS: Final = {
    Meaning.TYPE: (
        "证照类型 证照名称 证件名称 证件类型名称 证照种类 证照类型名称 证书名称 "
        "certificate_type_name"
    ),
    Meaning.TYPE_CODE: "证照类型代码 类型代码 证照目录编码",
    Meaning.NUMBER: (
        "证照编号 证号 证照号 证照号码 证书编号 证书号 证件编号 编号 许可证号 许可证编号 牌证号"
    ),
    Meaning.HOLDER: (
        "持证主体 持证主体名称 持证人 持证人姓名 持证人名称 持有人 持有人姓名 姓名 名称 "
        "单位名称 企业名称 权利人 holder"
    ),
    Meaning.HOLDER_NUMBER: (
        "持证主体代码 持证主体证件号码 持证主体身份证件号码 持证人证件号码 持证人代码 "
        "持证人身份证号 证件号码 证件号 身份证件号码 身份证号 身份证号码 公民身份号码 "
        "统一社会信用代码 社会信用代码 信用代码 权利人证件号"
    ),
    Meaning.HOLDER_NUMBER_TYPE: (
        "持证主体代码类型 证件类型 证件种类 身份证件类型 持证主体证件类型"
    ),
    Meaning.HOLDER_NUMBER_TYPE_CODE: "持证主体代码类型代码 证件类型代码",
    Meaning.VALID_FROM: (
        "有效期起始日期 证照有效期起始日期 有效期起始 有效期起 有效期自 有效起始日期 "
        "有效期开始日期 生效日期 起始日期 有效期限起"
    ),
    Meaning.VALID_UNTIL: (
        "有效期截止日期 证照有效期截止日期 有效期截止 有效期止 有效期至 有效截止日期 "
        "有效期结束日期 截止日期 到期日期 失效日期 有效期限止 有效期限至"
    ),
    Meaning.ISSUED_ON: "证照颁发日期 颁发日期 发证日期 签发日期 制证日期",
    Meaning.LICENCE_ID: "证照标识 电子证照标识 证照标识码 电子证照标识码",
    Meaning.STATE: "状态 证照状态 ZZZT",
    Meaning.VERSION: "版本 版本号 证照版本 证照版本号 certificate_version",
    Meaning.ISSUER: "证照颁发机构 颁发机构 发证机关 发证机构 签发机关",
    Meaning.ISSUER_CODE: "证照颁发机构代码 发证机关代码 发证机构代码",
    Meaning.IGNORED: "行号 原因 序号",
}


@cache
def known_headings() -> dict[str, Meaning]:
    """Return what each heading means, by its normal form."""
    found = {
        normal_heading(name): _ELEMENTS[element.short]
        for element in METADATA
        if element.short in _ELEMENTS
        for name in (element.short, element.zh, element.long, *element.aliases)
        if name
    }
    return found | {
        normal_heading(name): meaning
        for meaning, names in _SYNONYMS.items()
        for name in names.split()
    }
