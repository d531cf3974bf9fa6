"""Reading a table whole, for tests."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from ecert.errors import TableError
from ecert.sheets.reading import open_table
from tests.unit.sheets.handmade import HEADINGS

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from ecert.sheets.table import Row


@pytest.fixture
def read() -> Callable[..., list[Row]]:
    """Return all rows of a file."""

    def read(path: Path, **options: Any) -> list[Row]:
        with open_table(path, headings=HEADINGS, **options) as table:
            return list(table.rows())

    return read


@pytest.fixture
def refused(read: Callable[..., list[Row]]) -> Callable[..., TableError]:
    """Return the error that a file is refused with."""

    def refused(path: Path, **options: Any) -> TableError:
        with pytest.raises(TableError) as caught:
            read(path, **options)
        assert caught.value.zh
        assert caught.value.en.isascii()
        assert caught.value.where.startswith(path.name)
        return caught.value

    return refused
