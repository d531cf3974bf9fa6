"""Entries of a recognition list in words: lines of a list, and the value of each attribute."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ecert.interop.entry import ALL
from ecert.interop.mapping import Constant, Copy, DateForm, Masking, Rename, ValueTable
from ecert.model.regions import name_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from ecert.interop.entry import Entry, Side
    from ecert.interop.mapping import FieldMap
    from ecert.model.catalogue import Catalogue
    from ecert.reasons import Language

# What the parts of an entry are called.
ATTRIBUTES: Final = {
    "source.region": ("颁发地区", "issuing region"),
    "source.type": ("颁发方类型", "type there"),
    "source.name": ("颁发方名称", "its name there"),
    "target.region": ("认可地区", "accepting region"),
    "target.type": ("认可方类型", "type here"),
    "target.name": ("认可方名称", "its name here"),
    "issuers": ("颁发机构", "issuers"),
    "matters": ("事项", "matters"),
    "conditions": ("条件", "conditions"),
    "fields": ("照面信息对照", "field mapping"),
    "required": ("必备项", "required fields"),
    "valid_from": ("起始日期", "first day"),
    "valid_until": ("截止日期", "last day"),
    "withdrawn": ("撤回", "withdrawal"),
    "lead": ("牵头部门", "lead department"),
    "basis": ("依据", "basis"),
    "note": ("备注", "note"),
}


def type_name(side: Side, catalogue: Catalogue) -> str:
    """Return what a side calls its type; the code where nobody knows a name."""
    known = catalogue.get(side.type)
    return side.name or (side.type if known is None else known.name)


def both_types(entry: Entry, catalogue: Catalogue) -> str:
    """Return the names of both types, once where they are the same."""
    return " → ".join(
        dict.fromkeys(type_name(side, catalogue) for side in (entry.source, entry.target))
    )


def entry_line(entry: Entry, catalogue: Catalogue) -> str:
    """Return an entry as one line: id, regions, types, matters."""
    source, target = entry.source, entry.target
    return (
        f"{entry.id}  {name_of(source.region)} → {name_of(target.region)}  "
        f"{both_types(entry, catalogue)}  {'、'.join(entry.matters)}"
    )


def summary(entry: Entry, language: Language, catalogue: Catalogue) -> str:
    """Return what an entry recognises: regions and matters, and conditions where it has some."""
    way = f"{name_of(entry.source.region)} → {name_of(entry.target.region)}"
    parts = [way]
    for name in ("matters", "conditions") if entry.conditions else ("matters",):
        value = attribute_value(entry, name, language, catalogue)
        parts.append(f"{attribute_name(name, language)}{_word(language, '：', ': ')}{value}")
    return _word(language, "，", ", ").join(parts)


def attribute_name(attribute: str, language: Language) -> str:
    """Return what an attribute of an entry is called."""
    return ATTRIBUTES[attribute][0 if language == "zh" else 1]


def attribute_value(entry: Entry, attribute: str, language: Language, catalogue: Catalogue) -> str:
    """Return the value of an attribute in words.

    Args:
        entry: The entry.
        attribute: One of `ATTRIBUTES`.
        language: Of everything but names.
        catalogue: Where type names are looked up.
    """
    side, _, part = attribute.partition(".")
    if part:
        return _side(getattr(entry, side), part, language, catalogue)
    return _VALUES[attribute](entry, language)


def _side(side: Side, part: str, language: Language, catalogue: Catalogue) -> str:
    if part == "region":
        return f"{name_of(side.region)}（{side.region}）"
    if part == "type":
        known = catalogue.get(side.type)
        return side.type if known is None else f"{known.name}（{side.type}）"
    return side.name or _word(language, "同类型定义", "as defined")


def _word(language: Language, zh: str, en: str) -> str:
    return zh if language == "zh" else en


def _none(language: Language) -> str:
    return _word(language, "无", "none")


def _all(values: Sequence[str], language: Language) -> str:
    return _word(language, "全部", "all") if ALL in values else _joined(values, language)


def _joined(values: Sequence[str], language: Language) -> str:
    return _word(language, "、", ", ").join(values) or _none(language)


def _conditions(entry: Entry, language: Language) -> str:
    told = [condition.told(language) for condition in entry.conditions]
    return _word(language, "；", "; ").join(told) or _none(language)


def _withdrawn(entry: Entry, language: Language) -> str:
    if entry.withdrawn is None:
        return _none(language)
    day, basis = entry.withdrawn.on.isoformat(), entry.withdrawn.basis
    note = f"；{entry.withdrawn.note}" if entry.withdrawn.note else ""
    return _word(language, f"依{basis}{note}，自{day}起", f"from {day} on ({basis}{note})")


def _fields(entry: Entry, language: Language) -> str:
    return told_lines(entry.fields, language)


_VALUES: Final[dict[str, Callable[[Entry, Language], str]]] = {
    "issuers": lambda entry, language: _all(entry.issuers, language),
    "matters": lambda entry, language: _all(entry.matters, language),
    "conditions": _conditions,
    "fields": _fields,
    "required": lambda entry, language: _joined(entry.required, language),
    "valid_from": lambda entry, _: entry.valid_from.isoformat(),
    "valid_until": lambda entry, language: (
        _word(language, "长期", "no end")
        if entry.valid_until is None
        else entry.valid_until.isoformat()
    ),
    "withdrawn": _withdrawn,
    "lead": lambda entry, language: entry.lead or _none(language),
    "basis": lambda entry, _: entry.basis,
    "note": lambda entry, language: entry.note or _none(language),
}


def told_lines(lines: Sequence[FieldMap] | None, language: Language) -> str:
    """Return lines of a field comparison in words; None is all fields as they are."""
    if lines is None:
        return _word(language, "照面信息原样", "all fields as they are")
    told = [told_line(line, language) for line in lines]
    return _word(language, "；", "; ").join(told) or _none(language)


def told_line(line: FieldMap, language: Language) -> str:
    """Return one line of a field comparison in words."""
    if isinstance(line, Copy):
        return _word(language, f"{line.source}照抄", f"{line.source} copied")
    if isinstance(line, Constant):
        return _word(language, f"{line.target}固定为{line.value}", f"{line.target}: {line.value}")
    way = line.source if line.source == line.target else f"{line.source}→{line.target}"
    if isinstance(line, Rename):
        return way
    return f"{way}{_how(line, language)}"


def _how(line: ValueTable | DateForm | Masking, language: Language) -> str:
    if isinstance(line, DateForm):
        return _word(language, f"（日期写作{line.form}）", f" (written {line.form})")
    if isinstance(line, Masking):
        return _word(language, f"（脱敏{line.mask}）", f" (masked {line.mask})")
    pairs = [f"{value}→{other}" for value, other in line.values.items()]
    if line.default is not None:
        pairs.append(_word(language, f"其他→{line.default}", f"others→{line.default}"))
    return _word(language, f"（{'，'.join(pairs)}）", f" ({', '.join(pairs)})")
