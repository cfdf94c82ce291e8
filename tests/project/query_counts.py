"""How many queries a page asks of the database, sessions and sign-in included, savepoints not.

Exact on purpose: when a number changes, `test_query_counts` shows the queries, and whoever changed it decides.
"""

QUERIES = {
    "dashboard": 7,
    "customers:list": 7,
    "contacts:list": 7,
    "customers:create": 11,
    "customers:detail": 11,
    "customers:update": 11,
    "customers:marketing": 8,
    "customers:history": 10,
    "contacts:customer-tab": 6,
}
