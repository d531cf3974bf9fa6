"""Catalogue and metadata as rows."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from ecert.errors import CatalogueError
from ecert.issuers.queries import MAX_PAGE_ROWS
from ecert.model.licence import LicenceState
from ecert.model.metadata import canonical_name
from tests.unit.issuers.stock.samples import TYPE, existing, licence_id, number, take

if TYPE_CHECKING:
    from ecert.issuers.issuer import Issuer
    from ecert.issuers.stock.export import Export


def _rows(export: Export) -> list[dict[str, Any]]:
    names = [one.name for one in export.columns]
    return [dict(zip(names, row, strict=True)) for row in export.rows]


def test_metadata_by_the_short_names_of_the_standard(issuer: Issuer) -> None:
    take(issuer, existing(licence_id=licence_id(issuer), state=LicenceState.SUSPENDED))
    [row] = _rows(issuer.stock.metadata())
    assert row["ZZBS"] == str(licence_id(issuer))
    assert (row["ZZMC"], row["ZZBH"], row["CZZT"]) == (TYPE, number(), "张伟")
    assert (row["ZZBFRQ"], row["ZZYXQJZRQ"], row["ZZZT"]) == ("20220105", "20320104", "暂扣")
    assert row["FZJGSSXZQHDM"] == "511600"
    assert json.loads(row["extend_info"])["KZ_ZJCX"] == "C1"


def test_metadata_by_the_long_names_of_the_national_platform(issuer: Issuer) -> None:
    take(issuer, existing(licence_id=licence_id(issuer)))
    [row] = _rows(issuer.stock.metadata(names="long"))
    assert row["certificate_identifier"] == str(licence_id(issuer))
    assert row["certificate_validate_end"] == "20320104"
    assert row["status"] == "issued"
    elements = [name for name in row if name.startswith("certificate_") and "area" not in name]
    assert {canonical_name(name) for name in elements} >= {"ZZMC", "ZZBS", "CZZT", "CZZTDM"}


def test_the_fields_of_one_type_are_columns(issuer: Issuer) -> None:
    take(issuer, existing())
    export = issuer.stock.metadata(type_name=TYPE)
    assert {one.name: one.zh for one in export.columns}["KZ_ZJCX"] == "准驾车型"
    [row] = _rows(export)
    assert row["KZ_ZJCX"] == "C1"
    assert "extend_info" not in row
    assert _rows(issuer.stock.metadata(type_name="食品经营许可证")) == []
    with pytest.raises(CatalogueError):
        issuer.stock.metadata(type_name="没有的证")


def test_no_column_has_no_name_or_the_name_of_another(issuer: Issuer) -> None:
    exports = [issuer.stock.catalogue(), issuer.stock.metadata(names="long")]
    exports += [issuer.stock.metadata(type_name=one.code) for one in issuer.catalogue]
    for export in exports:
        names = [one.name for one in export.columns]
        assert all(names)
        assert len(set(names)) == len(names)


def test_the_cursor_gives_what_was_recorded_since(issuer: Issuer) -> None:
    take(issuer, *(existing(serial, licence_id=licence_id(issuer, serial)) for serial in (1, 2, 3)))
    first = issuer.stock.metadata()
    assert len(_rows(first)) == 3
    assert _rows(issuer.stock.metadata(after_entry=int(first.cursor))) == []
    issuer.suspend(licence_id(issuer, 2), reason="酒驾", document="广公决〔2026〕9号")
    take(issuer, existing(4, licence_id=licence_id(issuer, 4)))
    second = issuer.stock.metadata(after_entry=int(first.cursor))
    assert [row["ZZBS"] for row in _rows(second)] == [
        str(licence_id(issuer, 2)), str(licence_id(issuer, 4)),
    ]  # fmt: skip
    assert int(second.cursor) > int(first.cursor)


def test_what_is_recorded_while_it_is_read_comes_again_next_time(issuer: Issuer) -> None:
    take(issuer, *(existing(serial) for serial in range(1, 4)))
    export = issuer.stock.metadata()
    next(export.rows)
    take(issuer, existing(4))
    list(export.rows)
    again = _rows(issuer.stock.metadata(after_entry=int(export.cursor)))
    assert [row["ZZBH"] for row in again] == [number(4)]


def test_pages_join_without_gaps(issuer: Issuer) -> None:
    many = MAX_PAGE_ROWS + 3
    take(issuer, *(existing(serial % 1000, licence_id=licence_id(issuer, serial))
                   for serial in range(many)))  # fmt: skip
    numbers = [row["ZZBS"] for row in _rows(issuer.stock.metadata())]
    assert numbers == [str(licence_id(issuer, serial)) for serial in range(many)]


def test_an_entry_for_every_type(issuer: Issuer) -> None:
    take(issuer, existing(1), existing(2, state=LicenceState.REVOKED))
    rows = {row["证照名称"]: row for row in _rows(issuer.stock.catalogue())}
    assert set(rows) == {one.name for one in issuer.catalogue}
    row = rows[TYPE]
    assert row["证照类型代码"] == issuer.catalogue.require(TYPE).code
    assert row["证照颁发机构"] == "四川省广安市公安局"
    assert row["在库有效数"] == 1
    assert "KZ_ZJCX" in row["照面信息短名"]
