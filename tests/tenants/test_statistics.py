import pytest
from django.db import connection

from customers.models import Customer
from tenants.context import tenant
from tenants.database import refresh_statistics
from tenants.models import Tenant, User
from tests.customers.conftest import add_customer


@pytest.mark.django_db(transaction=True)
def test_the_planner_learns_what_the_tables_hold(acme: Tenant, people: dict[str, User]) -> None:
    for number in range(3):
        add_customer(acme, people["manager"], name=f"Customer {number}")
    refresh_statistics()
    with tenant(acme), connection.cursor() as cursor:
        assert Customer.objects.count() == 3
        cursor.execute("SELECT reltuples FROM pg_class WHERE relname = 'customers_customer'")
        assert cursor.fetchone() == (3,)
