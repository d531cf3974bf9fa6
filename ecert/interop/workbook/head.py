"""The head of a list: what 清单信息 says, what is given beside it, what follows from it."""

from __future__ import annotations

import re
from dataclasses import dataclass, fields
from datetime import UTC, date, datetime, time
from typing import TYPE_CHECKING, Any, Final

from ecert.errors import EcertError, FormatError
from ecert.interop.recognition import RecognitionList
from ecert.interop.workbook.faults import WHOLE_SHEET
from ecert.interop.workbook.layout import FORM, HEAD, INFO, head_keys
from ecert.model.calendar import SHANGHAI
from ecert.model.region_names import regions_named
from ecert.sheets.table import normal_heading
from ecert.sheets.values import day_of
from ecert.trust.document import EVERYONE

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from ecert.interop.decision import ListInForce
    from ecert.interop.workbook.faults import Findings
    from ecert.interop.workbook.rows import SheetRows
    from ecert.interop.workbook.sheet_row import SheetRow
    from ecert.sheets.table import NumberedRow
    from ecert.sheets.values import Raw

_NUMBER: Final = re.compile(r"[\u4e00-\u9fffA-Za-z]{1,20}[〔\[（(][0-9]{4}[〕\]）)][0-9]{1,5}号")
_YES: Final = {"是": True, "否": False, "true": True, "false": False, "样例": True}
_NAMES: Final = {key: name for key, name, *_ in HEAD}


@dataclass(frozen=True, slots=True, kw_only=True)
class HeadGiven:
    """What is said about a list beside its workbook; it counts more than what stands there.

    Attributes:
        title: Formal title.
        list_id: Stays with the list through all its versions.
        document_number: Document number (文号).
        owner: The region that speaks.
        parties: The regions that agree.
        audience: The regions that it is for.
        version: Rises by one with each issue.
        issued: When it was made.
        expires: When it is no longer good.
        previous: SHA-256 of the predecessor's payload.
        notice_days: Days between the notice of a change and the change.
        sample: Whether it is an invented sample.
        retired: Whether it is a list without entries, which recognises nothing.
        valid_from: First day of entries that name none.
        is_next: Whether version and predecessor follow the list in force, whatever stands there.
    """

    title: str | None = None
    list_id: str | None = None
    document_number: str | None = None
    owner: str | None = None
    parties: tuple[str, ...] | None = None
    audience: tuple[str, ...] | None = None
    version: int | None = None
    issued: datetime | None = None
    expires: datetime | None = None
    previous: str | None = None
    notice_days: int | None = None
    sample: bool | None = None
    retired: bool | None = None
    valid_from: date | None = None
    is_next: bool = False


_GIVEN: Final = tuple(
    field.name for field in fields(HeadGiven) if field.name not in {"valid_from", "is_next"}
)


class HeadReader:
    """Puts the head of a list together.

    Args:
        given: What is said beside the workbook.
        findings: Where faults and assumptions are noted.
    """

    def __init__(self, given: HeadGiven, findings: Findings) -> None:
        self._given = given
        self._findings = findings
        self._sheet = ""
        self._cells: dict[str, SheetRow] = {}
        self.values: dict[str, Any] = {
            name: value for name in _GIVEN if (value := getattr(given, name)) is not None
        }

    @property
    def is_ours(self) -> bool:
        """Whether the workbook is of our own form, and cells follow its rules."""
        row = self._cells.get("form")
        return row is not None and row.text("value") == FORM

    @property
    def slot(self) -> str:
        """The slot of the list, as far as its head is known."""
        return f"{RecognitionList.TYP}:{self.values.get('owner')}:{self.values.get('list_id')}"

    def read(self, rows: SheetRows) -> None:
        """Read the sheet 清单信息; what it says is understood by `settle`."""
        known = head_keys()
        self._sheet = rows.sheet
        for row in rows:
            item = row.text("item")
            key = known.get(normal_heading(item))
            if key is None:
                if item or row.has("value"):
                    row.fault("item", FormatError("没有这一项", "there is no such item",
                              fix_zh="请对照模板", fix_en="Compare with the template"))  # fmt: skip
            elif key in self._cells:
                row.fault("item", FormatError("这一项写了两次", "this item stands there twice"))
            else:
                self._cells[key] = row

    def settle(self) -> None:
        """Understand what the sheet says, where nothing is given beside it."""
        for key, row in self._cells.items():
            if key == "form" or key in self.values or not row.has("value"):
                continue
            try:
                value = _understood(key, row)
            except EcertError as error:
                row.fault("value", error)
                continue
            if value is not None:
                self.values[key] = value

    def guess(self, above: Iterable[NumberedRow]) -> None:
        """Take title and document number from the lines above a table, and say so."""
        lines = [texts for _, values in above if (texts := [str(one).strip() for one in values
                 if isinstance(one, str) and one.strip()])]  # fmt: skip
        alone = [line[0] for line in lines if len(line) == 1]
        if "title" not in self.values and alone:
            self.values["title"] = "".join(alone[0].split())
            title = self.values["title"]
            self._findings.tell(f"清单名称取自表格上方：{title}", f"title, from above: {title}")
        if "document_number" not in self.values:
            found = _NUMBER.search(" ".join(text for line in lines for text in line))
            if found is not None:
                self.values["document_number"] = found[0]
                self._findings.tell(
                    f"文号取自表格上方：{found[0]}", f"document number, from above: {found[0]}"
                )

    def follow(self, lists: Mapping[str, ListInForce], *, at: datetime, regions: set[str]) -> None:
        """Fill in what follows from the entries, the list in force and the time, and say so."""
        values = self.values
        if "parties" not in values and len(regions) > 1:
            values["parties"] = tuple(sorted(regions))
            told = "、".join(values["parties"])
            self._findings.tell(f"缔约地区取自条目：{told}", f"parties, from the entries: {told}")
        if "parties" in values:
            values.setdefault("audience", values["parties"])
        held = lists.get(self.slot)
        if held is not None:
            self._follow_list(held)
        if "issued" not in values or self._given.is_next:
            values["issued"] = self._given.issued or at.astimezone(UTC).replace(microsecond=0)
        if "version" not in values:
            values["version"] = 1
            self._findings.tell("版本号按第1版", "version: taken to be the first")
        self._require()

    def require_entries(self, rows: int) -> None:
        """Require rows of entries, unless the list says that it is retired; note it otherwise."""
        retired = self.values.pop("retired", False)
        if retired and rows:
            error = FormatError("停用的清单不应有条目", "a retired list has no entries")
        elif not retired and not rows:
            error = FormatError(
                "没有一个条目", "there are no entries",
                fix_zh="请填写；要停用整份清单，请在“停用整份清单”填是",
                fix_en="Fill them in; a list that is to be retired says so",
            )  # fmt: skip
        else:
            return
        self._findings.add(*self.column("retired"), error)

    def column(self, key: str) -> tuple[str, int, int | None, str]:
        """Return where an item stands: sheet, row, column and its name."""
        row = self._cells.get(key)
        name = _NAMES.get(key, key)
        return (self._sheet, WHOLE_SHEET, None, name) if row is None else row.place("value", name)

    def _follow_list(self, held: ListInForce) -> None:
        values, now = self.values, held.document.version
        if self._given.is_next or "version" not in values:
            if self._given.version is None:
                values["version"] = now + 1
            if self._given.previous is None:
                values["previous"] = held.digest
            self._findings.tell(
                f"接续现行第{now}版：版本号{values['version']}，上一版摘要{values['previous'][:8]}…",
                f"follows version {now} in force: version {values['version']}",
            )
        elif values["version"] <= now:
            self._findings.tell(
                f"现行清单已是第{now}版，此表写的是第{values['version']}版；改版请加 --next",
                f"version {now} is in force, this says {values['version']}; --next follows it",
            )

    def _require(self) -> None:
        options = {"list_id": "--list-id", "document_number": "--document-number"}
        faults = len(self._findings.faults)
        for key in ("title", "list_id", "document_number", "owner", "parties", "expires"):
            if key == "parties" and faults:
                continue  # they follow from the entries, once these are right
            if key not in self.values and not self._is_faulty(key):
                option = options.get(key, f"--{key}")
                self._findings.add(
                    *self.column(key),
                    FormatError("没有填写", "it is missing",
                                fix_zh=f"请在“{INFO.title}”表中填写，或用 {option} 给出",
                                fix_en=f"Fill it in, or give it with {option}"),
                )  # fmt: skip

    def _is_faulty(self, key: str) -> bool:
        row = self._cells.get(key)
        return row is not None and row.faulty


def read_moment(raw: Raw) -> datetime:
    """Return the moment in a cell: with its zone, or by the clock of Shanghai; days begin there.

    Raises:
        FormatError: It is none.
    """
    if isinstance(raw, datetime):
        return raw.replace(tzinfo=SHANGHAI).astimezone(UTC)
    day = day_of(raw)
    if day is not None:
        return datetime.combine(day, time.min, SHANGHAI).astimezone(UTC)
    try:
        moment = datetime.fromisoformat(raw.strip()) if isinstance(raw, str) else None
    except ValueError:
        moment = None
    if moment is None:
        raise FormatError(
            "不是时间",
            "it is not a moment",
            fix_zh="请写成 2026-01-01，或 2026-01-01 08:00:00",
            fix_en="Write it like 2026-01-01, or 2026-01-01 08:00:00",
        )
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=SHANGHAI)
    return moment.astimezone(UTC)


def _understood(key: str, row: SheetRow) -> Any:
    if key in {"issued", "expires"}:
        return read_moment(row.raw("value"))
    if key in {"parties", "audience"}:
        return tuple(region for text in row.texts("value") for region in _regions(text))
    if key == "owner":
        return _owner(row.text("value"))
    if key in {"version", "notice_days"}:
        return row.integer("value")
    if key in {"sample", "retired"}:
        answer = _YES.get(row.text("value").casefold())
        if answer is None:
            raise FormatError("应填是或否", "yes or no is needed (是, 否)")
        return answer
    return row.text("value") or None


def _regions(text: str) -> tuple[str, ...]:
    return (EVERYONE,) if text in {"全国", "不限", "全部"} else regions_named(text)


def _owner(text: str) -> str | None:
    found = regions_named(text) if text else ()
    if len(found) > 1:
        raise FormatError("只能填一个地区", "one region is needed")
    return found[0] if found else None
