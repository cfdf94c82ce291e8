"""What the demo's companies hold."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.db import transaction
from django.db.models import Count
from django.utils import timezone
from pytest_django.plugin import DjangoDbBlocker

from company.opening import open_tenant
from config import demo_customers, demo_data
from config.demo_countries import PLACES
from contacts.models import COMMUNICATIONS, Address, Contact
from contacts.postal import problems
from customers.models import Customer
from history.models import Operation
from tenants.context import tenant
from tenants.models import Membership, Tenant, User
from tenants.phones import parse
from tenants.roles import Role
from tests.people import add_member, make_user

pytestmark = pytest.mark.django_db

REFERENCES = {"tenant", "customer", "last_operation"}


class TestSeeding:
    @pytest.fixture(autouse=True)
    def seeded(self) -> None:
        assert not demo_data.is_seeded()
        demo_data.seed(customers=5, import_northwind=True)
        assert demo_data.is_seeded()

    def test_every_role_is_there_in_both_companies_and_one_person_belongs_to_both(self) -> None:
        for slug in ("northwind", "globex"):
            for role in Role:
                found = Membership.objects.get(tenant__slug=slug, user__email=f"{role}@{slug}.example")
                assert found.role == role
                assert found.user.check_password("demo")
        assert Membership.objects.filter(user__email="both@example.com").count() == 2

    def test_northwinds_customers_came_in_through_the_import(self) -> None:
        with tenant(Tenant.objects.get(slug="northwind")):
            manager = User.objects.get(email="manager@northwind.example")
            brought = Operation.objects.get(kind=Operation.Kind.IMPORT)
            assert (brought.source, brought.by) == ("northwind-customers.csv", manager)
            assert Customer.objects.count() == 91
            assert Customer.history.filter(operation=brought).count() == 91
            alfreds = Customer.objects.get(reference="ALFKI")
            assert alfreds.name == "Alfreds Futterkiste"
            assert alfreds.responsible_manager
            assert alfreds.responsible_manager.user == manager
            assert all(getattr(alfreds, name).is_default for name in ("segment", "status", "channel"))
            assert not Customer.objects.filter(phone="NULL").exists()
            assert Contact.objects.filter(is_primary=True).count() == 91
            assert alfreds.contacts.get().name == "Maria Anders"
            assert alfreds.addresses.get().postal_code == "12209"


@pytest.fixture(scope="class")
def company(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Tenant]:
    """Acme with a person of every role and 200 customers, made once for all tests of them."""
    with django_db_blocker.unblock(), transaction.atomic():
        acme = open_tenant(slug="acme", name="Acme", owner=make_user("owner@acme.example"), country="DE")
        people = {role: make_user(f"{role}@acme.example") for role in Role if role != Role.OWNER}
        for role, user in people.items():
            add_member(acme, user, role)
        with tenant(acme):
            demo_customers.generate(200, by=people[Role.MANAGER])
        yield acme
        transaction.set_rollback(True)


class TestGenerating:
    @pytest.fixture
    def acme(self, company: Tenant, db: None) -> Tenant:
        return company

    @pytest.fixture
    def made(self, acme: Tenant) -> list[Customer]:
        with tenant(acme):
            return list(Customer.objects.order_by("pk"))

    def test_every_customer_is_one_that_the_form_would_accept(
        self, acme: Tenant, made: list[Customer]
    ) -> None:
        assert len(made) == 200
        with tenant(acme):
            for customer in made:
                customer.full_clean()
                assert not customer.phone or parse(customer.phone, "") == customer.phone

    def test_their_contacts_and_addresses_are_ones_that_the_form_would_accept(
        self, acme: Tenant, made: list[Customer]
    ) -> None:
        with tenant(acme):
            for contact in Contact.objects.all():
                contact.clean_fields(exclude=REFERENCES)
                assert not contact.phone or parse(contact.phone, "") == contact.phone
            for address in Address.objects.all():
                address.clean_fields(exclude=REFERENCES)
                assert problems(address.parts) == []
                assert not address.access_phone or parse(address.access_phone, "") == address.access_phone

    def test_there_is_something_to_see_of_everything(self, acme: Tenant, made: list[Customer]) -> None:
        with tenant(acme):
            contacts = Customer.objects.annotate(number=Count("contacts")).values_list("number", flat=True)
            assert set(contacts) == {0, 1, 2, 3}
            addresses = Customer.objects.annotate(number=Count("addresses")).values_list("number", flat=True)
            assert {0, 1, 2} <= set(addresses)
            assert Address.objects.filter(is_site=True).with_access().exists()
            assert set(Address.objects.values_list("country", flat=True)) == set(PLACES)
            assert len(set(Contact.objects.values_list("relation", flat=True))) > 1
            for field in COMMUNICATIONS:
                assert Contact.objects.filter(**{field: True}).exists(), field
            found = Contact.objects.select_related("customer").first()
            assert found
            assert found.customer in Customer.objects.search(found.name)
            assert found.created_at == found.customer.created_at == found.history.get().history_date

    def test_they_have_a_past(self, acme: Tenant, made: list[Customer]) -> None:
        now = timezone.now()
        with tenant(acme):
            assert min(customer.created_at for customer in made) < now - timedelta(days=365)
            assert all(customer.created_at <= customer.updated_at <= now for customer in made)
            for customer in made[:20]:
                first = customer.history.earliest()
                assert (first.history_type, first.history_date) == ("+", customer.created_at)
                assert first.operation.at == customer.created_at
            disabled = Customer.objects.disabled().first()
            assert disabled
            assert disabled.disabled_reason
            assert disabled.history.latest().disabled_at == disabled.disabled_at

    def test_they_are_spread_over_what_one_can_filter_by(self, acme: Tenant, made: list[Customer]) -> None:
        for name in ("kind", "segment_id", "status_id", "channel_id", "responsible_manager_id"):
            assert len({getattr(customer, name) for customer in made}) > 1, name
        viewer = Membership.objects.get(tenant=acme, role=Role.VIEWER)
        assert viewer.pk not in {customer.responsible_manager_id for customer in made}

    def test_they_are_the_same_every_time(
        self, acme: Tenant, made: list[Customer], globex: Tenant, bob: User
    ) -> None:
        with tenant(globex):
            demo_customers.generate(200, by=bob)
            again = list(Customer.objects.order_by("pk").values_list("name", "reference"))
            addresses = list(Address.objects.order_by("pk").values_list("street", "postal_code"))
        assert [(customer.name, customer.reference) for customer in made] == again
        with tenant(acme):
            assert list(Address.objects.order_by("pk").values_list("street", "postal_code")) == addresses


@pytest.mark.parametrize("count", [0, 1, 79])
def test_any_number_will_do(acme: Tenant, people: dict[str, User], count: int) -> None:
    with tenant(acme):
        demo_customers.generate(count, by=people["manager"])
        assert Customer.objects.count() == count
