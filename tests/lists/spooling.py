"""Uploads that are spooled and read again."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

import pytest

from lists.sheets import FileRefused, Row
from lists.spool import Spooled, read_spool, spool


class Read(NamedTuple):
    found: Spooled
    rows: list[Row]

    @property
    def cells(self) -> list[tuple[int, list[str]]]:
        """With the rows' numbers."""
        return [(row.number, row.cells) for row in self.rows]


def read(data: bytes, *, start: int = 0, **options: Any) -> Read:
    """What is read of an upload, and its rows after the first `start` ones. Nothing else is left beside it."""
    with TemporaryDirectory() as folder:
        upload, target = Path(folder, "upload"), Path(folder, "rows")
        upload.write_bytes(data)
        try:
            found = spool(upload, target, **options)
        except BaseException:
            assert list(Path(folder).iterdir()) == [upload]
            raise
        assert sorted(Path(folder).iterdir()) == [target, upload]
        return Read(found, list(read_spool(target, start)))


def refusal(data: bytes, **options: Any) -> str:
    with pytest.raises(FileRefused) as caught:
        read(data, **options)
    return str(caught.value)


Change = Callable[[bytes], bytes]
