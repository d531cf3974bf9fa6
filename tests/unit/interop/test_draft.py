"""Drafts: the very bytes that are signed, and what they were made of beside them."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import pytest

from ecert import limits
from ecert.errors import DocumentRefusedError, FormatError
from ecert.interop import draft
from ecert.interop.draft import digest_of, read_draft, read_source, source_path, write_draft
from tests.unit.interop.regions import AT, entry, recognition_list

if TYPE_CHECKING:
    from pathlib import Path

    from ecert.interop.recognition import RecognitionList

LIST = recognition_list(entry("1"))


def write(path: Path, document: RecognitionList = LIST) -> None:
    write_draft(
        path, document, file="a.xlsx", sha256="0" * 64, sheet="表", rows=1, notes=("甲",), at=AT
    )


def test_the_file_s_hash_is_the_digest_that_is_signed(tmp_path: Path) -> None:
    path = tmp_path / "draft.json"
    write(path)
    assert hashlib.sha256(path.read_bytes()).hexdigest() == digest_of(LIST)
    assert read_draft(path) == LIST
    source = read_source(path)
    assert source is not None
    assert (source.file, source.rows, source.notes) == ("a.xlsx", 1, ("甲",))
    assert source_path(path).name == "draft.source.json"


def test_a_source_of_another_draft_says_nothing(tmp_path: Path) -> None:
    path = tmp_path / "draft.json"
    write(path)
    path.write_bytes(recognition_list(entry("2")).to_payload())
    assert read_source(path) is None
    write(path)
    source_path(path).write_bytes(b"{}")
    assert read_source(path) is None
    source_path(path).unlink()
    assert read_source(path) is None


def test_a_list_that_contradicts_itself_is_no_draft(tmp_path: Path) -> None:
    path = tmp_path / "draft.json"
    with pytest.raises(DocumentRefusedError):
        write(path, recognition_list(entry("1"), entry("1")))
    assert list(tmp_path.iterdir()) == []
    path.write_bytes(b"[]")
    with pytest.raises(DocumentRefusedError):
        read_draft(path)


def test_a_draft_is_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "draft.json"
    write(path)
    size = path.stat().st_size
    monkeypatch.setattr(draft, "MAX_ENVELOPE_BYTES", size)
    assert read_draft(path) == LIST
    monkeypatch.setattr(draft, "MAX_ENVELOPE_BYTES", size - 1)
    with pytest.raises(FormatError, match="文件过大"):
        read_draft(path)
    assert limits.MAX_ENVELOPE_BYTES == 8 << 20
