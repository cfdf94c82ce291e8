"""What contacts can be narrowed by, and customers by their contacts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db.models import Exists, Func, OuterRef, Q, QuerySet, Subquery, TextField, Value
from django.db.models.lookups import Exact

from contacts.models import COMMUNICATIONS, Address, Contact
from customers.filters import ALL, DISABLED, StateFilter, customer_options
from customers.models import Customer
from lists.filters import ChoicesFilter, ListFilter, Option, SearchFilter
from tenants.context import require_tenant_id
from tenants.countries import country_name, country_options
from tenants.fields import fold
from tenants.models import Tenant, User


class ReceivesFilter(ChoicesFilter):
    """Contacts that receive one of the chosen communications."""

    options = [
        Option(field.removeprefix("receives_"), label, field) for field, label in COMMUNICATIONS.items()
    ]

    def words(self, value: Any) -> str:
        return super().words(value).lower()

    def apply(self, queryset: QuerySet[Any], value: Any) -> QuerySet[Any]:
        return queryset.filter(self.receives(value))

    def receives(self, value: Any) -> Q:
        """Whether a contact receives any of them."""
        fields = [str(self.by_value[item].key) for item in value]
        return Q(*((field, True) for field in fields), _connector=Q.OR)


class ReceivingFilter(ReceivesFilter):
    """Customers with a contact that receives one of the chosen communications."""

    def apply(self, queryset: QuerySet[Any], value: Any) -> QuerySet[Any]:
        contacts = Contact.objects.filter(self.receives(value), customer=OuterRef("pk"))
        return queryset.filter(Exists(contacts))


class MissingFilter(ChoicesFilter):
    """Customers without something: any of what is chosen. A person is their own contact."""

    BEHIND: ClassVar[dict[str, tuple[str, type[Contact | Address], dict[str, bool]]]] = {
        "contact": ("Contact", Contact, {}),
        "primary": ("Primary contact", Contact, {"is_primary": True}),
        "address": ("Address", Address, {}),
        "billing": ("Billing address", Address, {"is_billing": True}),
    }
    options = [Option(value, label) for value, (label, _, _) in BEHIND.items()]

    def words(self, value: Any) -> str:
        labels = [self.by_value[item].label.lower() for item in value]
        return f"without {' or '.join(labels)}"

    def apply(self, queryset: QuerySet[Any], value: Any) -> QuerySet[Any]:
        return queryset.filter(Q(*map(self.lacking, value), _connector=Q.OR))

    def lacking(self, item: str) -> Q:
        without = Q(~Exists(self.behind(item)))
        own = self.BEHIND[item][1] is Contact
        return without & Q(kind=Customer.Kind.COMPANY) if own else without

    def behind(self, item: str) -> QuerySet[Any]:
        """What a customer who does not lack `item` has."""
        _, model, of = self.BEHIND[item]
        return model.objects.filter(customer=OuterRef("pk"), **of)


class CountryFilter(ChoicesFilter):
    """Customers by the country of their billing address."""

    def offer(self, options: Sequence[Option]) -> None:
        named = [Option(one.label, country_name(one.label), one.label) for one in options]
        super().offer(sorted(named, key=lambda one: fold(one.label)))

    def apply(self, queryset: QuerySet[Any], value: Any) -> QuerySet[Any]:
        addresses = Address.objects.filter(is_billing=True, country__in=value, customer=OuterRef("pk"))
        return queryset.filter(Exists(addresses))


class Those(Func):
    """Those of some texts for which a condition on `Those.EACH` holds: a row of each."""

    set_returning = True
    arg_joiner = ") AS each WHERE ("
    template = "unnest(ARRAY(SELECT each FROM unnest(%(expressions)s)))"
    output_field = TextField()
    EACH = Func(template="each", output_field=TextField())


def countries_in_use() -> QuerySet[Any, Any]:
    """The countries of the billing addresses, as a group's options. Each of the world's is looked up in the index,
    so it costs the same however many addresses there are."""
    codes = Value([country.code for country in country_options()], ArrayField(TextField()))
    # The first from here on, of which only the index knows the order: for an equal one, the planner may read all.
    next_one = Address.objects.filter(is_billing=True, country__gte=Those.EACH).order_by("country")
    used = Exact(Subquery(next_one.values("country")[:1]), Those.EACH)
    here = Tenant.objects.filter(pk=require_tenant_id()).order_by()
    return here.values_list(Value("country"), Value(0), Those(codes, used), Value(0), Value(""), Value(False))


class PrimaryFilter(ChoicesFilter):
    """Primary contacts, or the others."""

    options = [Option("yes", "Primary contacts", True), Option("no", "Others", False)]
    single = True

    def words(self, value: Any) -> str:
        return "primary contacts" if value == ["yes"] else "not primary"


class RelationFilter(ChoicesFilter):
    options = [Option(value, label, value) for value, label in Contact.Relation.choices]


class CustomerStateFilter(StateFilter):
    """Contacts of customers that are not disabled, unless one asks for the others or for all."""

    def apply(self, queryset: QuerySet[Any], value: Any) -> QuerySet[Any]:
        if value == [ALL]:
            return queryset
        return queryset.filter(customer__disabled_at__isnull=value != [DISABLED])


def contact_filters() -> dict[str, ListFilter]:
    """Besides those that the columns declare."""
    return {
        "segment": ChoicesFilter("customer__segment", "Segment"),
        "status": ChoicesFilter("customer__status", "Status"),
        "q": SearchFilter(label="Search"),
        "state": CustomerStateFilter("customer__disabled_at", "Disabled"),
    }


def contact_options(user: User) -> dict[str, Sequence[Option]]:
    """Of the customers' segments, statuses and state. One query."""
    offered = customer_options(user)
    return {name: offered[name] for name in ("segment", "status", "state")}


def noun(chosen: Any, number: int) -> str:
    """What the rows are: "contacts", "contact of disabled customers"."""
    word = "contact" if number == 1 else "contacts"
    state = chosen.get("state")
    if state == [DISABLED]:
        return f"{word} of disabled customers"
    return f"{word}, those of disabled customers too" if state == [ALL] else word
