"""A verdict in words and as plain values.  Only reads; decides nothing."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from enum import Enum
from typing import TYPE_CHECKING, Any, NamedTuple

from ecert.interop.conditions import Age, Equals, OneOf
from ecert.model.calendar import SHANGHAI
from ecert.reasons import Language, Outcome
from ecert.verify.remarks import of_all, of_window

if TYPE_CHECKING:
    from ecert.verify.acting import ActingAgent
    from ecert.verify.recognised import Basis, RecognisedLicence
    from ecert.verify.uses import ListUse
    from ecert.verify.verdict import Part, Verdict


# These survive a GBK console; a tick mark does not.
GLYPHS = {
    Outcome.ACCEPTED: "√",
    Outcome.NOT_RECOGNISED: "△",
    Outcome.REFUSED: "×",
    Outcome.UNDETERMINED: "?",
}


def explain(verdict: Verdict, language: Language) -> str:
    """Return ``verdict`` as several lines of text."""
    lines = [f"{GLYPHS[verdict.outcome]} {_outcome(verdict.outcome, language)}"]
    if verdict.demo:
        lines.append(
            "  【演示密钥，不得作为办理依据】"
            if language == "zh"
            else "  [demonstration keys: no basis for business]"
        )
    if len(verdict.parts) == 1:
        lines += [f"  {line}" for line in _part(verdict.parts[0], language)]
    else:
        lines += _several(verdict, language)
    lines += [f"  {line}" for line in _footer(verdict, language)]
    return "\n".join(lines)


def _several(verdict: Verdict, language: Language) -> list[str]:
    """Tell each part on its own, after what is to be said of all."""
    lines = [f"  {line}" for line in of_all(verdict, language)]
    for number, part in enumerate(verdict.parts, start=1):
        lines.append(f"  [{number}] {GLYPHS[part.outcome]} {_outcome(part.outcome, language)}")
        if part.about is None:
            lines.append(
                "  证照：种类未证实" if language == "zh" else "  Licence: of unproven type"
            )
        lines += [f"  {line}" for line in _part(part, language)]
    return lines


def _outcome(outcome: Outcome, language: Language) -> str:
    return outcome.zh if language == "zh" else outcome.en


def _part(part: Part, language: Language) -> list[str]:
    zh = language == "zh"
    lines = []
    if part.accepted:
        lines += _licence(part.licence, language)
    elif part.about is not None:
        about = part.about
        lines += [
            f"证照：{about.type_name}（{about.region_name}）" if zh
            else f"Licence: {about.type_name} ({about.region_name})",
            f"颁发机构：{about.issuer_name}" if zh else f"Issuer: {about.issuer_name}",
        ]  # fmt: skip
    reasons = sorted({f.reason for f in part.findings}, key=lambda reason: reason.rank)
    headline = part.reason
    for reason in [headline, *(reason for reason in reasons if reason is not headline)]:
        text = reason.zh if zh else reason.en
        number = reason.number
        lines.append(f"原因：{text}（{number}）" if zh else f"Reason: {text} ({number})")
    for finding in part.findings:
        condition = finding.facts.get("condition")
        if isinstance(condition, Equals | OneOf | Age):
            told = condition.told(language)
            lines.append(f"条件：{told}" if zh else f"Condition: {told}")
    lines += [line for finding in part.findings for line in of_window(finding.facts, language)]
    step = part.next_step(language)
    lines.append(f"下一步：{step}" if zh else f"Next: {step}")
    return lines


def _licence(licence: RecognisedLicence, language: Language) -> list[str]:
    zh = language == "zh"
    until = _day(licence.valid_until, language)
    rows = [
        ("证照" if zh else "Licence", f"{licence.type_name}（{licence.region_name}）"
         if zh else f"{licence.type_name} ({licence.region_name})"),
        ("颁发机构" if zh else "Issuer", licence.issuer_name),
    ]  # fmt: skip
    if licence.purpose is not None:
        copy = licence.purpose
        rows += [
            ("加注件，仅限用于" if zh else "Purpose copy, only for", copy.purpose),
            ("加注件制作者" if zh else "Made by", copy.maker),
        ]
    rows += [_holder(name, number, language) for name, number in licence.holders]
    if licence.agent is not None:
        rows += _acting(licence.agent, enterprise=licence.enterprise, language=language)
    if licence.portrait is not None:
        rows.append(("照片", "请与本人比对") if zh else ("Portrait", "compare it with the person"))
    if licence.number is not None:
        rows.append(("证照编号" if zh else "Licence number", licence.number))
    rows += list(licence.fields.items())
    rows.append(("有效期至" if zh else "Valid until", until))
    if licence.basis is not None:
        basis = licence.basis
        version, entry, number = basis.list_version, basis.entry, basis.document_number
        told_zh = f"{basis.list_title} 第{version}版 第{entry}项（{number}）"
        told_en = f"{basis.list_title}, version {version}, entry {entry} ({number})"
        if basis.sample:
            told_zh += "【样例，不得作为办理依据】"
            told_en += " [a sample: no basis for business]"
        rows.append(("依据", told_zh) if zh else ("Basis", told_en))
        if basis.note:
            rows.append(("提示" if zh else "Note", basis.note))
        rows += _precedence(basis, language)
    colon = "：" if zh else ": "
    return [f"{label}{colon}{text}" for label, text in rows]


def _holder(name: str | None, number: str | None, language: Language) -> tuple[str, str]:
    zh = language == "zh"
    shown = name or ("（未出示姓名）" if zh else "(name not shown)")
    if number:
        last = f"号码后四位 {number}" if zh else f"number ends in {number}"
        if len(number) > 4:
            last = f"号码 {number}" if zh else f"number {number}"
        shown += f"（{last}）" if zh else f" ({last})"
    return "持证主体" if zh else "Holder", shown


def _acting(agent: ActingAgent, *, enterprise: bool, language: Language) -> list[tuple[str, str]]:
    """Tell who shows the licence for its holder, for what and until when."""
    until = agent.until.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M")
    if language == "zh":
        matters = "所有事项" if agent.matters == ("*",) else "、".join(agent.matters)
        who = "经办人" if enterprise else "代办人"
        return [
            (who, f"{agent.name}（号码后四位 {agent.number}）"),
            ("委托", f"{matters}，{until} 前有效"),
        ]
    matters = "all matters" if agent.matters == ("*",) else ", ".join(agent.matters)
    return [
        ("Agent", f"{agent.name} (number ends in {agent.number})"),
        ("Mandate", f"{matters}; ends {until} (Asia/Shanghai)"),
    ]


# So many other entries are told in words; `to_dict` has them all.
_TOLD_ENTRIES = 3


def _precedence(basis: Basis, language: Language) -> list[tuple[str, str]]:
    """Tell which other entries recognise the licence, and why they did not speak."""
    zh = language == "zh"
    lines = []
    for other in basis.also[:_TOLD_ENTRIES]:
        rule = other.rule.told(language)
        if zh:
            name = f"{other.list_title} 第{other.list_version}版 第{other.entry}项"
            why = "、".join(reason.zh for reason in other.passed_over)
            lines.append(f"{name}在先（{rule}），因{why}未采用" if why else f"先于{name}（{rule}）")
        else:
            name = f"{other.list_title}, version {other.list_version}, entry {other.entry}"
            why = "; ".join(reason.en for reason in other.passed_over)
            lines.append(
                f"{name} comes first ({rule}) but was passed over: {why}"
                if why
                else f"before {name} ({rule})"
            )
    more = len(basis.also) - _TOLD_ENTRIES
    if more > 0:
        lines.append(f"另有 {more} 项也予以认可" if zh else f"{more} more entries recognise it")
    return [("优先级" if zh else "Precedence", line) for line in lines]


def _footer(verdict: Verdict, language: Language) -> list[str]:
    zh = language == "zh"
    when = verdict.at.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M:%S")
    lines = [f"核验时间：{when}" if zh else f"Checked at: {when} (Asia/Shanghai)"]
    lines += [_list_line(use, verdict.at, language) for use in verdict.lists_used]
    return lines


def _list_line(use: ListUse, at: datetime, language: Language) -> str:
    kind_zh, kind_en = _KINDS[use.kind]
    number, (unit_zh, unit_en) = _age(use.age_seconds(at))
    # The version of a status list is its time of issue, which the age tells already.
    version = "" if use.kind == "status-list" else f" 第{use.version}版"
    if language == "zh":
        return f"{kind_zh}：{use.name}{version}（{number} {unit_zh}前签发）"
    version = version and f", version {use.version}"
    return f"{kind_en}: {use.name}{version} (issued {number} {unit_en} ago)"


_KINDS = {
    "trust-list": ("可信名单", "Trust list"),
    "status-list": ("状态表", "Status list"),
    "recognition-list": ("互认清单", "Recognition list"),
    "withdrawal-notice": ("撤回通知", "Withdrawal notice"),
}


def _age(seconds: int) -> tuple[int, tuple[str, str]]:
    minutes = max(seconds, 0) // 60
    if minutes < 60:
        return minutes, ("分钟", "min")
    if minutes < 48 * 60:
        return minutes // 60, ("小时", "h")
    return minutes // (24 * 60), ("天", "days")


def _day(day: date | None, language: Language) -> str:
    if day is None:
        return "长期" if language == "zh" else "no end"
    return day.isoformat()


def to_dict(verdict: Verdict) -> dict[str, Any]:
    """Return ``verdict`` as plain values for JSON."""
    return {
        "outcome": verdict.outcome.value,
        "reason": verdict.reason.value,
        "number": verdict.reason.number,
        "headline": {"zh": verdict.outcome.zh, "en": verdict.outcome.en},
        "at": _moment(verdict.at),
        "region": verdict.region,
        "matter": verdict.matter,
        "demo": verdict.demo,
        "one_holder": verdict.one_holder,
        "parts": [_part_dict(part) for part in verdict.parts],
        "lists_used": [
            _plain_fields(use) | {"age_seconds": use.age_seconds(verdict.at)}
            for use in verdict.lists_used
        ],
    }


def _part_dict(part: Part) -> dict[str, Any]:
    reason = part.reason
    result: dict[str, Any] = {
        "outcome": part.outcome.value,
        "reason": reason.value,
        "number": reason.number,
        "wording": {"zh": reason.zh, "en": reason.en},
        "next": {"zh": part.next_step("zh"), "en": part.next_step("en")},
        "findings": [
            {
                "check": finding.check,
                "reason": finding.reason.value,
                "number": finding.reason.number,
                "facts": {name: _plain(value) for name, value in finding.facts.items()},
            }
            for finding in part.findings
        ],
        "about": None if (about := part.about) is None else _plain_fields(about),
    }
    if part.accepted:
        licence = part.licence
        # That there is one, not the picture itself: these values end in files and logs.
        result["licence"] = _plain_fields(licence) | {"portrait": licence.portrait is not None}
    return result


def _plain_fields(value: NamedTuple) -> dict[str, Any]:
    return {name: _plain(getattr(value, name)) for name in value._fields}


def _plain(value: Any) -> Any:
    if value is None or type(value) in (str, int, bool, float):  # most are, so it is asked first
        return value
    if isinstance(value, date):
        return _moment(value) if isinstance(value, datetime) else value.isoformat()
    if hasattr(value, "_fields"):
        return _plain_fields(value)
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, Equals | OneOf | Age):
        return value.model_dump(mode="json", exclude_none=True)
    if isinstance(value, (tuple, list)):
        return [_plain(item) for item in value]
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    return value


def _moment(moment: datetime) -> str:
    return moment.astimezone(SHANGHAI).isoformat(timespec="seconds")
