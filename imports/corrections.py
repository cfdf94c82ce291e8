"""The rows of a file that were not imported, as they were given, with the reasons beside: to be corrected and
uploaded again."""

from __future__ import annotations

import csv
import tempfile
from collections.abc import Iterator
from io import TextIOWrapper
from typing import IO

from django.db.models import Q

from imports.choices import REASON
from imports.files import spool_path
from imports.models import ImportRun, PlanRow
from imports.plan_page import Remark, labels_for, remarks
from imports.report import LEFT
from lists.cells_text import escape, unescape
from lists.exports import BOM
from lists.mapping import plain
from lists.spool import read_spool
from tenants.models import User

IN_MEMORY = 1024 * 1024  # bytes; more goes to a file that nobody else can open
CHUNK = 2_000  # rows


def corrections(run: ImportRun, user: User) -> IO[bytes]:
    """A CSV file of them, at its beginning. Raises FileNotFoundError when what was read of the file is gone."""
    spool_path(run).stat()
    file = tempfile.SpooledTemporaryFile(max_size=IN_MEMORY)  # noqa: SIM115  the answer closes it
    text = TextIOWrapper(file, encoding="utf-8", newline="", write_through=True)
    text.write(BOM)
    writer = csv.writer(text)
    kept = [at for at, heading in enumerate(run.headings) if plain(heading) != plain(REASON)]
    writer.writerow([*(_safe(run.headings[at]) for at in kept), REASON])
    writer.writerows([*(_safe(cells[at]) for at in kept), _safe(why)] for cells, why in _rows(run, user))
    text.detach()
    file.seek(0)
    return file


def _safe(cell: str) -> str:
    """What means the same when it is imported, and is no formula when it is opened. Lone signs, such as the "-" that
    stands for nothing, are none."""
    return escape(unescape(cell)) if any(map(str.isalnum, cell)) else cell


def _rows(run: ImportRun, user: User) -> Iterator[tuple[list[str], str]]:
    """Cells and reasons. The file is gone through once, beside the plan's rows."""
    wanted = _reasons(run, user)
    number, why = next(wanted, (None, ""))
    for row in read_spool(spool_path(run)):
        if number is None:
            return
        if row.number == number:
            yield row.cells, why
            number, why = next(wanted, (None, ""))


def _reasons(run: ImportRun, user: User) -> Iterator[tuple[int, str]]:
    """By number of the row, in order."""
    labels = labels_for(user, run.subject)
    rows = PlanRow.objects.filter(Q(action=PlanRow.Action.ERROR) | Q(outcome__in=LEFT), run=run)
    columns = ("number", "problems", "reason")
    after = 0
    while found := list(rows.filter(number__gt=after).order_by("number").only(*columns)[:CHUNK]):
        for row in found:
            yield row.number, row.reason or " ".join(map(_in_words, remarks(row, row.problems, labels)))
        after = found[-1].number


def _in_words(remark: Remark) -> str:
    return f"{remark.label}: {remark.message}"
