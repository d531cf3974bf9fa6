"""What an office has decided about names of types, kept in its workspace."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from ecert.errors import CatalogueError, FormatError
from ecert.interop.workbook.choices import TypeChoices
from ecert.model.catalogue import builtin
from ecert.workspace.recognition_choices import FILE, made_choices, read_choices, write_choices

if TYPE_CHECKING:
    from pathlib import Path

AT = datetime(2026, 11, 22, tzinfo=UTC)
DRIVING = "111000009999999986001"


def test_choices_are_remembered(tmp_path: Path) -> None:
    assert read_choices(tmp_path) == TypeChoices()
    made = made_choices({"驾 照": "机动车驾驶证"}, builtin(), by="", at=AT)
    write_choices(tmp_path, TypeChoices(choices=made))
    again = read_choices(tmp_path)
    assert [(one.name, one.type, one.by, one.at) for one in again.choices] == [
        ("驾照", DRIVING, "-", AT)
    ]
    assert [path.name for path in tmp_path.iterdir()] == [FILE]


def test_what_cannot_be_chosen() -> None:
    for chosen, error in (
        ({"驾照": "没有的证"}, CatalogueError),
        ({"律师执业证": DRIVING}, FormatError),
        ({"\u200b": DRIVING}, FormatError),
    ):
        with pytest.raises(error):
            made_choices(chosen, builtin(), by="王", at=AT)


def test_a_damaged_record_is_told(tmp_path: Path) -> None:
    (tmp_path / FILE).write_bytes(b"[]")
    with pytest.raises(FormatError, match="已损坏"):
        read_choices(tmp_path)
