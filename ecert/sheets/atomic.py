"""Files that appear whole or not at all."""

from __future__ import annotations

import contextlib
import os
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING

from ecert.errors import TableError

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def atomic_file(path: Path) -> Iterator[IO[bytes]]:
    """Give a file to write to, which takes the place of ``path`` when the block ends well.

    It is flushed to the disk before it is renamed; an error leaves what was there before and
    nothing else.  Only its owner may read it: tables hold personal data.

    Raises:
        TableError: The folder refuses.
    """
    try:
        descriptor, name = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".tmp", dir=path.parent)
    except OSError as error:
        raise _refused(path, error) from error
    half = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        half.replace(path)
    except OSError as error:
        half.unlink(missing_ok=True)
        raise _refused(path, error) from error
    except BaseException:
        half.unlink(missing_ok=True)
        raise
    _flush_folder(path.parent)


def _flush_folder(folder: Path) -> None:
    # Windows opens no folder; there the rename is durable on its own terms.
    with contextlib.suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _refused(path: Path, error: OSError) -> TableError:
    why = error.strerror or type(error).__name__
    return TableError(
        f"无法写入（{why}）",
        f"cannot be written ({why})",
        where=path.name,
        fix_zh="请检查文件夹的权限和磁盘空间，并关闭正在打开该文件的程序",
        fix_en="Check the folder's permissions and the disk, and close programs that hold the file",
    )
