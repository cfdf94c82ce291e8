"""What an undo left as it was, written down when that is decided: a row may be edited again, or go."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice

from django.db import connection

from history.models import KeptRow, Operation
from history.traces import Left

AT_A_TIME = 10_000  # rows that one statement writes

WRITE = f"""
INSERT INTO {KeptRow._meta.db_table} (tenant_id, operation_id, place, model, "row", touched_id, reason)
SELECT %s, %s, %s + place, model, "row", touched, reason
FROM unnest(%s::text[], %s::bigint[], %s::bigint[], %s::text[])
WITH ORDINALITY AS kept (model, "row", touched, reason, place)
"""  # noqa: S608  the name comes from the model


def write_down(undo: Operation, rows: Iterable[Left]) -> int:
    """Keep those rows in their order, and answer how many they are. A statement for every AT_A_TIME."""
    number = 0
    for some in _portions(rows):
        models, ids, touched, reasons = map(list, zip(*some, strict=True))
        labels = [model._meta.label_lower for model in models]
        with connection.cursor() as cursor:
            cursor.execute(WRITE, [undo.tenant_id, undo.pk, number, labels, ids, touched, reasons])
        number += len(some)
    return number


def _portions(rows: Iterable[Left]) -> Iterator[list[Left]]:
    left = iter(rows)
    while some := list(islice(left, AT_A_TIME)):
        yield some
