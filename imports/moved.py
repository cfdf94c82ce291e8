"""What is no longer as it was when the plan was made, of the rows that are written next. It is left alone, and told.

Nothing is joined: for a company that is new to the planner's statistics, two sets of a thousand are joined as if each
had one row, which takes minutes. What the plan's rows name is read first, and then looked up by its ids.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from django.db import connection
from django.db.models import Model

from contacts.sheets import Entry
from customers.models import Customer
from imports.drafting import displaced, label
from imports.models import PlanRow
from lists.columns import customer_groups
from lists.parts import Part

if TYPE_CHECKING:
    from imports.writing import Table

Outcome = PlanRow.Outcome
MOVED = "Somebody changed this {} after the file was checked. Check the row again."
FLAG_MOVED = "Somebody changed which is {} after the file was checked. Check the row again."
ADDED = "Somebody added this {} after the file was checked. Check the row again."
GONE = "The customer was deleted after the file was checked."
TAKEN = "Somebody else added a customer with this reference after the file was checked."

Reasons = dict[int, str]  # by the row's number


def moved(values: dict[str, Any], into: Sequence[Table], entry: Entry | None) -> dict[int, tuple[str, str]]:
    """Outcome and reason of the rows of the batch that write what is not as it was, or whose customer is not.

    From here on nothing of it moves: everybody holds the customer before what belongs to it (history/holding.py).
    """
    found: Reasons = {}
    changed = MOVED.format((entry.model if entry else Customer)._meta.verbose_name)
    gone = _customers_moved(values, changed)
    found |= _references_taken(values)
    for table in into:
        if table.model is not Customer:
            rows = _planned(values, table, entry)
            found |= dict.fromkeys(_written_since(values, table, rows), changed)
            if entry is None:
                found |= dict.fromkeys(_added_to(table, rows), changed)
            elif table.label == label(entry.model):
                found |= _added_alike(values, table, entry, rows) | _flags_moved(values, table, entry, rows)
    return {number: (Outcome.MOVED, reason) for number, reason in {**found, **gone}.items()}


def _asked(statement: str, values: dict[str, Any], **more: Any) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, {**values, **more})
        rows: list[tuple[Any, ...]] = cursor.fetchall()
        return rows


_OF_BATCH = (
    "FROM imports_planrow WHERE tenant_id = %(tenant)s AND run_id = %(run)s AND number = ANY(%(numbers)s)"
)
_CUSTOMERS = f"""
SELECT number, customer_id, seen {_OF_BATCH} AND (action = 'update' OR NOT writes ? 'customers.customer')
"""
_HOLD = """
SELECT id, last_operation_id FROM customers_customer
WHERE tenant_id = %(tenant)s AND id = ANY(%(ids)s) ORDER BY id FOR NO KEY UPDATE
"""


def _customers_moved(values: dict[str, Any], changed: str) -> Reasons:
    """Holds the customers who are there. Of a contact's customer nothing is `seen`: it may have changed."""
    rows = _asked(_CUSTOMERS, values)
    ids = sorted({customer for _, customer, _ in rows})
    there = dict(_asked(_HOLD, values, ids=ids)) if ids else {}
    found = {number: GONE for number, customer, _ in rows if customer not in there}
    return found | {
        number: changed
        for number, customer, seen in rows
        if customer in there and seen not in (None, there[customer])
    }


_REFERENCES = f"""
SELECT number, customer_id, writes->'customers.customer'->>'reference_key' {_OF_BATCH}
    AND writes->'customers.customer'->>'reference_key' <> ''
"""
_HAVE_REFERENCES = """
SELECT reference_key, id FROM customers_customer
WHERE tenant_id = %(tenant)s AND reference_key <> '' AND reference_key = ANY(%(keys)s)
"""


def _references_taken(values: dict[str, Any]) -> Reasons:
    rows = _asked(_REFERENCES, values)
    taken = dict(_asked(_HAVE_REFERENCES, values, keys=[key for *_, key in rows])) if rows else {}
    return {number: TAKEN for number, customer, key in rows if taken.get(key, customer) != customer}


class _Planned(NamedTuple):
    """What a row of the plan writes to one table. `alike` and `flag` are those of an entry."""

    number: int
    customer: int
    id: int
    new: bool
    seen: int | None
    displaced: int | None
    flag: bool | None
    alike: list[str]


# A customer who will be new brings only what is new.
_PLANNED = f"""
SELECT number, customer_id, (writes->%(label)s->>'id')::bigint, (writes->%(label)s->>'new')::boolean,
    (writes->%(label)s->>'seen')::bigint, (writes->%(displaced)s->>'id')::bigint,
    (writes->%(label)s->>%(flag)s)::boolean,
    ARRAY(SELECT lower(coalesce(writes->%(label)s->>name, '')) FROM unnest(%(alike)s::text[]) AS name)
{_OF_BATCH} AND writes ? %(label)s AND (action = 'update' OR NOT writes ? 'customers.customer')
"""  # noqa: S608


def _planned(values: dict[str, Any], table: Table, entry: Entry | None) -> list[_Planned]:
    of_entry = {
        "displaced": displaced(table.model),
        "flag": entry.flag if entry else "",
        "alike": list(entry.alike) if entry else [],
    }
    return [_Planned(*row) for row in _asked(_PLANNED, values, label=table.label, **of_entry)]


_LAST_WRITTEN = """
SELECT id, last_operation_id FROM {table} WHERE tenant_id = %(tenant)s AND id = ANY(%(ids)s)
"""


def _written_since(values: dict[str, Any], table: Table, rows: list[_Planned]) -> Iterator[int]:
    """Those that write what others have written; what another row of this plan wrote has not moved."""
    there = [row for row in rows if not row.new]
    if there:
        ids = [row.id for row in there]
        written = dict(_asked(_LAST_WRITTEN.format(table=table.name), values, ids=ids))
        yield from (
            row.number for row in there if written.get(row.id, 0) not in (row.seen, values["operation"])
        )


def _added_to(table: Table, rows: list[_Planned]) -> Iterator[int]:
    """Those that add to a customer what somebody has added meanwhile."""
    adding = [row for row in rows if row.new]
    for part in parts_of(table.model) if adding else ():
        owner = f"{part.owner}_id"
        there = part.rows().filter(**{f"{owner}__in": [row.customer for row in adding]}).order_by()
        taken = set(there.values_list(owner, flat=True))
        yield from (row.number for row in adding if row.customer in taken)


def parts_of(model: type[Model]) -> list[Part]:
    return [group.part for group in customer_groups() if group.part and group.part.model is model]


_ALIKE = """
SELECT customer_id, ARRAY[{names}] FROM {table}
WHERE tenant_id = %(tenant)s AND customer_id = ANY(%(customers)s) AND last_operation_id <> %(operation)s
    AND lower({first}) = ANY(%(firsts)s)
"""


def _added_alike(values: dict[str, Any], table: Table, entry: Entry, rows: list[_Planned]) -> Reasons:
    """Those that somebody has added meanwhile."""
    adding = [row for row in rows if row.new and any(row.alike)]
    if not adding:
        return {}
    names = ", ".join(f"lower({name})" for name in entry.alike)
    statement = _ALIKE.format(table=table.name, names=names, first=entry.alike[0])
    firsts = list({row.alike[0] for row in adding})
    there = _asked(statement, values, customers=_customers(adding), firsts=firsts)
    known = {(customer, *alike) for customer, alike in there}
    reason = ADDED.format(entry.model._meta.verbose_name)
    return {row.number: reason for row in adding if (row.customer, *row.alike) in known}


_HOLDERS = """
SELECT customer_id, id FROM {table} WHERE tenant_id = %(tenant)s AND customer_id = ANY(%(customers)s) AND {flag}
"""


def _flags_moved(values: dict[str, Any], table: Table, entry: Entry, rows: list[_Planned]) -> Reasons:
    """Those whose customer has given the flag to another meanwhile."""
    wanting = [row for row in rows if row.flag]
    if not wanting:
        return {}
    statement = _HOLDERS.format(table=table.name, flag=entry.flag)
    holders = dict(_asked(statement, values, customers=_customers(wanting)))
    reason = FLAG_MOVED.format(entry.flagged)
    return {
        row.number: reason
        for row in wanting
        if holders.get(row.customer, row.id) not in (row.id, row.displaced)
    }


def _customers(rows: Collection[_Planned]) -> list[int]:
    return list({row.customer for row in rows})
