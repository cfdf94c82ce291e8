"""How many queries a page asks of the database, sessions and sign-in included, savepoints not.

Exact on purpose: when a number changes, `test_query_counts` shows the queries, and whoever changed it decides.
"""

QUERIES = {
    "dashboard": 8,
    "customers:list": 7,
    "contacts:list": 7,
    "customers:create": 12,
    "customers:detail": 9,
    "customers:update": 10,
    "customers:marketing": 8,
    "customers:history": 9,
}
