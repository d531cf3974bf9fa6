"""Workbooks written by hand, so that they can hold what no office program would write."""

from __future__ import annotations

import io
import zipfile
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

HEADINGS = ("姓名", "证号", "日期")

_SHEET_NS = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_REL = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_WORKBOOK = (
    '<?xml version="1.0"?><workbook xmlns="{ns}" xmlns:r="{rel}"><sheets>'
    '<sheet name="表" sheetId="1" r:id="rId1"/></sheets></workbook>'
)
_RELATIONS = (
    '<?xml version="1.0"?>'
    '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
    '<Relationship Id="rId1" Type="{rel}/worksheet" Target="worksheets/sheet1.xml"/>'
    "</Relationships>"
)
_ROOT = (
    '<?xml version="1.0"?>'
    '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
    '<Relationship Id="rId1" Type="{rel}/officeDocument" Target="xl/workbook.xml"/>'
    "</Relationships>"
)
_OFFICE = "urn:oasis:names:tc:opendocument:xmlns:"
_CONTENT = (
    '<?xml version="1.0"?><office:document-content'
    f' xmlns:office="{_OFFICE}office:1.0" xmlns:table="{_OFFICE}table:1.0"'
    f' xmlns:text="{_OFFICE}text:1.0" xmlns:calcext="urn:org:documentfoundation:names'
    ':experimental:calc:xmlns:calcext:1.0"><office:body><office:spreadsheet>'
    '<table:table table:name="表">{rows}</table:table>'
    "</office:spreadsheet></office:body></office:document-content>"
)


def zipped(parts: dict[str, str | bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def sheet_xml(rows: str, prolog: str = "") -> str:
    return (
        f'<?xml version="1.0"?>{prolog}<worksheet xmlns="{_SHEET_NS}">'
        f"<sheetData>{rows}</sheetData></worksheet>"
    )


def xlsx_parts(rows: str, *, prolog: str = "") -> dict[str, str | bytes]:
    return {
        "_rels/.rels": _ROOT.format(rel=_REL),
        "xl/workbook.xml": _WORKBOOK.format(ns=_SHEET_NS, rel=_REL),
        "xl/_rels/workbook.xml.rels": _RELATIONS.format(rel=_REL),
        "xl/worksheets/sheet1.xml": sheet_xml(rows, prolog),
    }


def text_cell(reference: str, text: str) -> str:
    return f'<c r="{reference}" t="inlineStr"><is><t>{text}</t></is></c>'


def heading_row(row: int = 1) -> str:
    cells = "".join(text_cell(f"{'ABC'[place]}{row}", text) for place, text in enumerate(HEADINGS))
    return f'<row r="{row}">{cells}</row>'


def write_xlsx(path: Path, rows: str, *, prolog: str = "") -> Path:
    path.write_bytes(zipped(xlsx_parts(rows, prolog=prolog)))
    return path


def ods_text(text: str, times: int = 1) -> str:
    repeated = f' table:number-columns-repeated="{times}"' if times > 1 else ""
    return (
        f'<table:table-cell office:value-type="string"{repeated}>'
        f"<text:p>{text}</text:p></table:table-cell>"
    )


def ods_row(*cells: str, times: int = 1) -> str:
    repeated = f' table:number-rows-repeated="{times}"' if times > 1 else ""
    return f"<table:table-row{repeated}>{''.join(cells)}</table:table-row>"


def ods_heading() -> str:
    return ods_row(*(ods_text(text) for text in HEADINGS))


def write_ods(path: Path, rows: str) -> Path:
    parts: dict[str, str | bytes] = {
        "mimetype": "application/vnd.oasis.opendocument.spreadsheet",
        "META-INF/manifest.xml": '<?xml version="1.0"?><manifest/>',
        "content.xml": _CONTENT.replace("{rows}", rows),
    }
    path.write_bytes(zipped(parts))
    return path
