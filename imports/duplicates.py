"""Rows of one file that stand for the same customer, contact or address, or may do: told once all rows are planned.

The plan's rows are asked, so that nothing is kept in memory of them, however many there are.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.db import connection

from contacts.sheets import ANY_CONTACT, Entry
from customers.models import Customer
from imports.drafting import BATCH, label
from imports.models import ImportRun

# Two rows for one customer, or for one contact: the first of them counts.
_SAME = """
WITH told AS (
    SELECT number, CASE WHEN %(customers)s AND action IN ('update', 'unchanged', 'skip')
                            AND customer_id IS NOT NULL
                        THEN 'c:' || customer_id ELSE key END AS who
    FROM imports_planrow
    WHERE tenant_id = %(tenant)s AND run_id = %(run)s AND action <> 'error'
), ranked AS (
    SELECT number, first_value(number) OVER (PARTITION BY who ORDER BY number) AS first FROM told WHERE who <> ''
)
SELECT number, first FROM ranked WHERE first <> number
"""
_REFUSE = """
UPDATE imports_planrow AS plan SET action = 'error', writes = '{}', diff = '[]', warnings = '[]',
    problems = jsonb_build_array(jsonb_build_array('', '', replace(%(message)s, '#', refused.first::text)))
FROM unnest(%(numbers)s::integer[], %(firsts)s::integer[]) AS refused(number, first)
WHERE plan.tenant_id = %(tenant)s AND plan.run_id = %(run)s AND plan.number = refused.number
"""
# Of rows that write one e-mail address, the first that is there already, or else the first, stands for all of them.
_ALIKE = """
WITH told AS (
    SELECT number, action, CASE WHEN %(customers)s THEN 0 ELSE customer_id END AS owner,
        writes->%(label)s->>'email_key' AS email
    FROM imports_planrow
    WHERE tenant_id = %(tenant)s AND run_id = %(run)s AND action IN ('create', 'update')
), ranked AS (
    SELECT number, action,
        first_value(number) OVER (PARTITION BY owner, email ORDER BY action = 'create', number) AS first
    FROM told WHERE email <> ''
)
SELECT number, first FROM ranked WHERE first <> number AND action = 'create'
"""
_WARN = """
UPDATE imports_planrow AS plan SET warnings = warnings || jsonb_build_array(jsonb_build_array(
    'email', writes->%(label)s->>'email', replace(%(message)s, '#', warned.first::text)))
FROM unnest(%(numbers)s::integer[], %(firsts)s::integer[]) AS warned(number, first)
WHERE plan.tenant_id = %(tenant)s AND plan.run_id = %(run)s AND plan.number = warned.number
"""
SAME_CUSTOMER = (
    "This is the same customer as in row #. Leave one of the rows out, or give each its own reference."
)
SAME_ENTRY = "This is the same {} as in row #. Leave one of the rows out, or give each its own {}."
ALIKE_ROW = "Row # has this e-mail address too. If both are the same {}, leave one of the rows out."


def refuse_duplicates(run: ImportRun, entry: Entry | None) -> None:
    """Rows of the plan for whom an earlier row stands are errors."""
    message = SAME_ENTRY.format(entry.model._meta.verbose_name, entry.tells) if entry else SAME_CUSTOMER
    _say_of_rows(_SAME, _REFUSE, run, customers=entry is None, message=message)


def warn_of_alike(run: ImportRun, entry: Entry | None) -> None:
    """Rows that add whom another row may be: with the same e-mail address, and a reference or name of their own."""
    if entry not in (None, ANY_CONTACT):
        return
    model = entry.model if entry else Customer
    message = ALIKE_ROW.format(model._meta.verbose_name)
    _say_of_rows(_ALIKE, _WARN, run, customers=entry is None, label=label(model), message=message)


def _say_of_rows(question: str, statement: str, run: ImportRun, **values: Any) -> None:
    """Ask which rows follow which, and have it said of each."""
    values |= {"tenant": run.tenant_id, "run": run.pk}
    for found in _asked(question, values):
        with connection.cursor() as cursor:
            cursor.execute(statement, {**values, "numbers": list(found), "firsts": list(found.values())})


def _asked(question: str, values: dict[str, Any]) -> Iterator[dict[int, int]]:
    """By number of a row, that of the row that it follows; a batch at a time."""
    with connection.chunked_cursor() as cursor:
        cursor.execute(question, values)
        while found := dict(cursor.fetchmany(BATCH)):
            yield found
