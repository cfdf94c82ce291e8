"""The rows of a file that were not imported, as they were given, with the reasons beside: to be corrected and
uploaded again."""

from __future__ import annotations

import csv
import tempfile
from collections.abc import Iterator, Sequence
from io import TextIOWrapper
from typing import IO

from django.db.models import Q

from imports.choices import REASON
from imports.files import spool_path
from imports.models import ImportRun, PlanRow
from imports.plan_page import labels_for, remarks
from imports.reasons import in_words, is_reason, reasons_at, with_reasons
from imports.report import LEFT
from lists.cells_text import escape, unescape
from lists.exports import BOM
from lists.sheets import Row, filled_end
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
    given, behind = _places(run.headings)
    writer.writerow([*(_safe(run.headings[at]) for at in given), REASON])
    for row, why in _rows(run, user):
        surplus = [*(row.cells[at] for at in behind), *row.surplus]
        cells = [*(row.cells[at] for at in given), why, *surplus[: filled_end(surplus)]]
        writer.writerow(map(_safe, cells))
    text.detach()
    file.seek(0)
    return file


def _places(headings: Sequence[str]) -> tuple[list[int], list[int]]:
    """Which columns stand before the reasons, and which behind: those without a heading that stood there already."""
    end = reasons_at(headings)
    columns = [(at, heading) for at, heading in enumerate(headings) if not is_reason(heading)]
    return (
        [at for at, heading in columns if heading or at < end],
        [at for at, heading in columns if not heading and at > end],
    )


def _safe(cell: str) -> str:
    """What means the same when it is imported, and is no formula when it is opened. Lone signs, such as the "-" that
    stands for nothing, are none."""
    return escape(unescape(cell)) if any(map(str.isalnum, cell)) else cell


def _rows(run: ImportRun, user: User) -> Iterator[tuple[Row, str]]:
    """They, and why. The file is gone through once, beside the plan's rows."""
    labels = labels_for(user, run.subject)
    wanted = _wanted(run)
    planned = next(wanted, None)
    for row in with_reasons(read_spool(spool_path(run)), run.headings):
        if planned is None:
            return
        if row.number == planned.number:
            said = [(one.key, one.label, one.message) for one in remarks(planned, planned.problems, labels)]
            yield row, planned.reason or in_words(said, row)
            planned = next(wanted, None)


def _wanted(run: ImportRun) -> Iterator[PlanRow]:
    """In the order of the file."""
    rows = PlanRow.objects.filter(Q(action=PlanRow.Action.ERROR) | Q(outcome__in=LEFT), run=run)
    columns = ("number", "problems", "reason")
    after = 0
    while found := list(rows.filter(number__gt=after).order_by("number").only(*columns)[:CHUNK]):
        yield from found
        after = found[-1].number
