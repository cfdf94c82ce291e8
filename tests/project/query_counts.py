"""How many queries a page asks of the database, sessions and sign-in included, savepoints not.
One of each full page is for the saved views in its frame.

Exact on purpose: when a number changes, `test_query_counts` shows the queries, and whoever changed it decides.
"""

QUERIES = {
    "dashboard": 12,  # 9 as long as nothing has changed since the last time
    "charts": 11,
    "jump": 4,  # of what it asks besides: customers/test_jump.py
    "customers:list": 8,
    "contacts:list": 8,
    "customers:create": 12,
    "customers:detail": 12,
    "customers:update": 12,
    "customers:marketing": 9,
    "customers:history": 11,
    "history:rows": 9,  # of rows whose changes are not told: history/test_operation_rows.py
    "history:kept": 9,
    "contacts:customer-tab": 7,
    "imports:list": 5,
    "imports:detail": 7,
    "imports:columns": 12,
    "imports:create": 7,
    "timed:list": 7,
    "timed:edit": 15,
}
