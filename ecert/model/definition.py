"""Prove that the definition of a licence type does not contradict itself."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Final

from ecert.errors import CatalogueError, FormatError, USCCError
from ecert.model.characters import require_visible
from ecert.model.codes import parse_uscc
from ecert.model.field_values import code_faults, text_faults
from ecert.model.holders import HOLDER_ID_TYPES
from ecert.model.masks import MASKS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from ecert.model.field_spec import FieldSpec
    from ecert.model.licence_type import LicenceType, ShowProfile

# The profile that every type has, and its number on the wire.
MINIMAL: Final = "minimal"
MINIMAL_NUMBER: Final = 1

# What is wrong, in Chinese and in English.
Fault = tuple[str, str]


def require_sound(licence_type: LicenceType) -> None:
    """Require that a definition does not contradict itself.

    Raises:
        CatalogueError: It does; every fault is told.
    """
    faults = [
        *_code_faults(licence_type),
        *_name_faults(licence_type),
        *_holder_faults(licence_type),
        *(fault for spec in licence_type.fields for fault in _field_faults(spec)),
        *(fault for one in licence_type.profiles for fault in _profile_faults(licence_type, one)),
        *_minimal_faults(licence_type),
    ]
    if faults:
        raise CatalogueError(
            "；".join(zh for zh, _ in faults),
            "; ".join(en for _, en in faults),
            where=f"证照类型定义“{licence_type.name}”",
        )


def _code_faults(licence_type: LicenceType) -> Iterator[Fault]:
    prefix = licence_type.code[:18]
    try:
        parse_uscc(prefix)
    except USCCError as error:
        yield (
            f"证照类型代码前18位不是统一社会信用代码（{error.zh}）",
            f"the type code does not begin with a USCC ({error.en})",
        )
    if prefix != licence_type.defining_authority.code:
        yield (
            "证照类型代码前18位与定义机构代码不同",
            "the type code does not begin with the code of the defining authority",
        )


def _name_faults(licence_type: LicenceType) -> Iterator[Fault]:
    specs, profiles = licence_type.fields, licence_type.profiles
    names = [licence_type.name, *licence_type.aliases]
    yield from _repeated("证照名称或别名", "name or alias", names)
    yield from _repeated("照面信息编号", "field key", [spec.key for spec in specs])
    field_names = [name for spec in specs for name in (spec.name, spec.short)]
    yield from _repeated("照面信息名称或短名", "field name or short name", field_names)
    yield from _repeated("亮证范围名称", "profile name", [one.name for one in profiles])
    yield from _repeated("亮证范围编号", "profile number", [one.number for one in profiles])
    labels = [*names, licence_type.number_label, licence_type.defining_authority.name]
    for name in [*labels, *field_names, *(one.name for one in profiles)]:
        try:
            require_visible(name, FormatError, where="")
        except FormatError as error:
            yield f"名称中{error.zh}", f"in a name, {error.en}"
        if name != name.strip():
            yield f"名称“{name.strip()}”首尾有空格", f'spaces at the ends of "{name.strip()}"'


def _holder_faults(licence_type: LicenceType) -> Iterator[Fault]:
    yield from _repeated("持证主体类型", "holder class", licence_type.holder_classes)
    for kind in licence_type.holder_number_types or ():
        if kind not in HOLDER_ID_TYPES:
            yield f"没有持证主体代码类型“{kind}”", f'no kind of holder\'s number "{kind}"'
    if licence_type.validity.rule == "open" and licence_type.validity.max_years is not None:
        yield "长期有效的证照不能有最长年限", "a type without a last day has no max_years"


def _field_faults(spec: FieldSpec) -> Iterator[Fault]:
    yield from _mask_faults(spec, spec.mask)
    if spec.values is None:
        if spec.joined:
            yield f"“{spec.name}”连写但没有值表", f'"{spec.name}" is joined but has no values'
        return
    if spec.kind not in ("text", "code") or not spec.values:
        yield f"“{spec.name}”的值表不适用", f'"{spec.name}" cannot have these values'
        return
    yield from _repeated(f"“{spec.name}”的值", f'value of "{spec.name}"', spec.values)
    check = code_faults if spec.kind == "code" else text_faults
    for value in spec.values:
        for fault in check(value, spec.name, spec.max_chars):
            yield f"“{spec.name}”的值：{fault.zh}", f'a value of "{spec.name}": {fault.en}'
    if spec.joined and _one_begins_another(spec.values):
        yield (
            f"“{spec.name}”连写的值不能互为开头",
            f'of the joined values of "{spec.name}" one begins another',
        )


def _profile_faults(licence_type: LicenceType, profile: ShowProfile) -> Iterator[Fault]:
    named = [one.name for one in profile.fields]
    yield from _repeated(f"亮证范围“{profile.name}”的项", f'field of "{profile.name}"', named)
    specs = {spec.name: spec for spec in licence_type.fields}
    for one in profile.fields:
        if one.name not in specs:
            yield (
                f"亮证范围“{profile.name}”中的“{one.name}”不是照面信息",
                f'"{one.name}" in profile "{profile.name}" is not a field',
            )
        elif one.mask is not None:
            yield from _mask_faults(specs[one.name], one.mask)


def _minimal_faults(licence_type: LicenceType) -> Iterator[Fault]:
    leading = licence_type.leading_field
    if leading is not None and leading not in {spec.name for spec in licence_type.fields}:
        yield f"主项“{leading}”不是照面信息", f'the leading field "{leading}" is not a field'
    minimal = next((one for one in licence_type.profiles if one.name == MINIMAL), None)
    if minimal is None or minimal.number != MINIMAL_NUMBER:
        yield "缺少1号亮证范围 minimal", "profile 1, minimal, is missing"
        return
    # A clerk compares name and last four characters with an identity card.
    if (minimal.holder_name, minimal.holder_number) != ("full", "last4"):
        yield (
            "亮证范围 minimal 应显示姓名全称和代码后四位",
            "profile minimal tells the full name and the last four of the number",
        )
    if leading is None:
        return
    told = next((one for one in minimal.fields if one.name == leading), None)
    spec = next((one for one in licence_type.fields if one.name == leading), None)
    if told is None:
        yield f"亮证范围 minimal 缺少主项“{leading}”", f'profile minimal lacks "{leading}"'
    elif spec is not None and (told.mask or spec.mask) == "hidden":
        yield (
            f"亮证范围 minimal 不能隐藏主项“{leading}”",
            f'profile minimal hides "{leading}"',
        )


def _mask_faults(spec: FieldSpec, mask: str) -> Iterator[Fault]:
    if mask not in MASKS:
        yield f"“{spec.name}”的脱敏方式“{mask}”不存在", f'"{spec.name}": no mask "{mask}"'
    elif mask == "year" and spec.kind != "date":
        yield f"“{spec.name}”不是日期，不能只显示年份", f'"{spec.name}" is no date to mask'


def _repeated(zh: str, en: str, items: Sequence[object]) -> Iterator[Fault]:
    seen: set[object] = set()
    for item in items:
        if item in seen:
            yield f"{zh}重复：{item}", f"{en} repeated: {item}"
        seen.add(item)


def _one_begins_another(values: Iterable[str]) -> bool:
    ordered = sorted(values)
    return any(second.startswith(first) for first, second in itertools.pairwise(ordered))
