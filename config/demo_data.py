"""The companies, people and customers of the demonstration. All invented but Northwind's, which is Microsoft's."""

from dataclasses import dataclass, field
from pathlib import Path

from django.contrib.auth.hashers import make_password
from django.db import transaction

from company.opening import open_tenant
from config import demo_customers
from history.models import Operation
from history.operations import operation
from imports import runs
from tenants.context import tenant
from tenants.models import Membership, Tenant, User
from tenants.roles import Role

PASSWORD = "demo"  # noqa: S105 - printed for everybody to see
NORTHWIND_FILE = Path(__file__).parent / "demo" / "northwind-customers.csv"


@dataclass(frozen=True)
class Person:
    email: str
    first_name: str
    last_name: str
    roles: dict[str, Role] = field(hash=False)  # by company

    @property
    def describes(self) -> str:
        return ", ".join(
            f"{role.label.lower()} of {COMPANIES[slug]['name']}" for slug, role in self.roles.items()
        )


COMPANIES = {
    "northwind": {
        "name": "Northwind Traders",
        "country": "US",
        "currency": "USD",
        "timezone": "America/Los_Angeles",
        "customer_link_template": "https://crm.northwind.example/customers/{reference}",
    },
    "globex": {
        "name": "Globex",
        "country": "DE",
        "currency": "EUR",
        "timezone": "Europe/Berlin",
    },
}

PEOPLE = [
    Person("owner@northwind.example", "Andrew", "Fuller", {"northwind": Role.OWNER}),
    Person("admin@northwind.example", "Laura", "Callahan", {"northwind": Role.ADMIN}),
    Person("manager@northwind.example", "Steven", "Buchanan", {"northwind": Role.MANAGER}),
    Person("agent@northwind.example", "Nancy", "Davolio", {"northwind": Role.AGENT}),
    Person("viewer@northwind.example", "Anne", "Dodsworth", {"northwind": Role.VIEWER}),
    Person("owner@globex.example", "Grace", "Okafor", {"globex": Role.OWNER}),
    Person("admin@globex.example", "Tomás", "Herrera", {"globex": Role.ADMIN}),
    Person("manager@globex.example", "Meike", "Lindqvist", {"globex": Role.MANAGER}),
    Person("agent@globex.example", "Jonas", "Weber", {"globex": Role.AGENT}),
    Person("viewer@globex.example", "Aisha", "Rahman", {"globex": Role.VIEWER}),
    Person("both@example.com", "Robin", "Hale", {"northwind": Role.MANAGER, "globex": Role.AGENT}),
]


def is_seeded() -> bool:
    return Tenant.objects.filter(slug__in=COMPANIES).exists()


@transaction.atomic
def seed(*, customers: int, import_northwind: bool) -> None:
    """Everything or nothing: a demo that is stopped meanwhile starts again from the beginning."""
    users = _make_users()
    companies = {slug: _open(slug, users) for slug in COMPANIES}
    if import_northwind:
        _import_northwind(companies["northwind"], users["manager@northwind.example"])
    with tenant(companies["globex"]):
        demo_customers.generate(customers, by=users["manager@globex.example"])


def _make_users() -> dict[str, User]:
    password = make_password(PASSWORD)  # once: it is slow on purpose
    users = {}
    for person in PEOPLE:
        user = User(
            email=person.email, first_name=person.first_name, last_name=person.last_name, password=password
        )
        user.full_clean()
        user.save()
        users[person.email] = user
    return users


def _open(slug: str, users: dict[str, User]) -> Tenant:
    people = [person for person in PEOPLE if slug in person.roles]
    owner = next(person for person in people if person.roles[slug] == Role.OWNER)
    company = open_tenant(slug=slug, owner=users[owner.email], **COMPANIES[slug])
    summary = f"{len(people) - 1} people joined"
    with tenant(company), operation(Operation.Kind.PEOPLE, by=users[owner.email], summary=summary):
        for person in people:
            if person is not owner:
                Membership.objects.create(tenant=company, user=users[person.email], role=person.roles[slug])
    return company


def _import_northwind(company: Tenant, user: User) -> None:
    """Through the product's own import, so that the history shows it."""
    with tenant(company):
        run = runs.begin(NORTHWIND_FILE.name, [NORTHWIND_FILE.read_bytes()], by=user)
        runs.check(run, runs.settings_of(run, user), by=user)
        runs.approve(run, by=user)
