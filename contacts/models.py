"""Everyone and every place behind a customer."""

from __future__ import annotations

from typing import ClassVar, Self

from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models import F, Q, Value
from django.db.models.functions import Concat

from customers.models import Customer
from history.models import TrackedModel, TrackedQuerySet
from lists.search import every_word, exactly, phone_digits, searchable, wanted_exactly
from tenants.base import TenantManager
from tenants.constraints import CompositeForeignKey
from tenants.fields import (
    ComparedTextField,
    DerivedTextField,
    PlainTextField,
    SettledFlag,
    SettledTextField,
    TenantForeignKey,
    fold,
)
from tenants.models import fold_email

# What a contact may receive: the field that says so, and what it is called.
COMMUNICATIONS = {
    "receives_invoices": "Invoices",
    "receives_payment_reminders": "Payment reminders",
    "receives_service_notices": "Service notices",
    "receives_product_news": "Product news",
    "receives_promotions": "Promotions",
}
LONGEST_TEXT = 20_000  # characters of a text of several lines
# What is known about who gives access to an address; only some people may see it.
ACCESS = ("access_name", "access_phone", "access_email", "access_relation", "access_instructions")
VIEW_ACCESS = "contacts.view_access"
SAYS_HOW_TO_GET_IN = ~Q(access_name="", access_phone="", access_email="", access_instructions="")


class ContactQuerySet(TrackedQuerySet["Contact"]):
    def search(self, text: str) -> Self:
        """Contacts in whose searchable text, or their customer's name and reference, every word occurs; '=' first
        asks for what is one of its values."""
        exact = wanted_exactly(text)
        return every_word(self, text) if exact is None else self.filter(exactly(exact))

    def primary_first(self) -> Self:
        """As a customer's page lists them."""
        return self.order_by("-is_primary", "sort_name", "id")


class Contact(TrackedModel):
    """A person at a customer, or with access to what belongs to it."""

    class Relation(models.TextChoices):
        EMPLOYEE = "employee", "Employee"
        TENANT = "tenant", "Tenant"
        LETTING_AGENT = "letting_agent", "Letting agent"
        OTHER = "other", "Other"

    customer = TenantForeignKey(Customer, on_delete=models.CASCADE, related_name="contacts")
    name = PlainTextField(max_length=200)
    job_title = PlainTextField(max_length=200, blank=True, default="")
    relation = models.CharField(max_length=20, choices=Relation.choices, default=Relation.EMPLOYEE)
    email = models.EmailField("e-mail", max_length=254, blank=True, default="")
    phone = PlainTextField(max_length=40, blank=True, default="")
    language = models.CharField(max_length=16, blank=True, default="")
    notes = models.TextField(max_length=LONGEST_TEXT, blank=True, default="")
    is_primary = models.BooleanField("primary contact", default=False)
    receives_invoices = models.BooleanField("receives invoices", default=False)
    receives_payment_reminders = models.BooleanField("receives payment reminders", default=False)
    receives_service_notices = models.BooleanField("receives service notices", default=False)
    receives_product_news = models.BooleanField("receives product news", default=False)
    receives_promotions = models.BooleanField("receives promotions", default=False)

    sort_name = ComparedTextField(source="derive_sort_name", of=["name"])
    email_key = ComparedTextField(source="derive_email_key", of=["email"])
    phone_digits = phone_digits()
    own_words = DerivedTextField(source="derive_own_words", of=["name", "email", "phone"])
    # The customer's name and reference: found and sorted by.
    customer_words = SettledTextField(db_collation="C")
    customer_disabled = SettledFlag()
    search = models.GeneratedField(
        expression=Concat("own_words", Value("\n"), "customer_words", output_field=models.TextField()),
        output_field=models.TextField(),
        db_persist=True,
    )

    told_below = "customer"

    objects: ClassVar = TenantManager.from_queryset(ContactQuerySet)()

    class Meta(TrackedModel.Meta):
        ordering = ["sort_name", "id"]
        permissions = [("export_contact", "Can export contacts")]
        constraints = [
            *TrackedModel.Meta.constraints,
            CompositeForeignKey(
                field="customer", to="customers.Customer", name="contacts_contact_customer_fk"
            ),
            models.CheckConstraint(condition=~Q(name=""), name="contacts_contact_named"),
            models.UniqueConstraint(
                fields=["tenant", "customer"],
                condition=Q(is_primary=True),
                name="contacts_contact_primary",
                violation_error_code="primary_taken",
                violation_error_message="Another contact is the primary one.",
            ),
        ]
        indexes = [
            models.Index(
                fields=["tenant", "customer", "-is_primary", "sort_name", "id"],
                include=["customer_disabled"],
                name="contacts_of_customer",
            ),
            # Orders and beginnings, which also count: of a name's or a period the rows may be many.
            *(
                models.Index(
                    fields=["tenant", field, "id"], include=["customer_disabled"], name=f"contacts_by_{name}"
                )
                for name, field in [
                    ("name", "sort_name"),
                    ("email", "email_key"),
                    ("customer", "customer_words"),
                    ("created", "created_at"),
                    ("updated", "updated_at"),
                    ("phone", "phone_digits"),
                ]
            ),
            *(
                models.Index(
                    fields=["tenant", "customer"], name=f"contacts_{field}"[:30], condition=Q(**{field: True})
                )
                for field in COMMUNICATIONS
            ),
            models.Index(fields=["tenant", "customer_disabled"], name="contacts_of_state"),
            *(
                models.Index(fields=["tenant", field, "customer_disabled"], name=f"contacts_of_{field}")
                for field in ("relation", "is_primary")
            ),
            *(
                models.Index(
                    fields=["tenant", "customer_disabled"], name=f"contacts_{name}", condition=condition
                )
                for name, condition in [
                    ("without_phone", Q(phone="")),
                    ("with_phone", Q(phone__gt="")),
                ]
            ),
            GinIndex(F("tenant"), OpClass(F("search"), "gin_trgm_ops"), name="contacts_search"),
        ]

    def __str__(self) -> str:
        return self.name

    def derive_sort_name(self) -> str:
        return fold(self.name)

    def derive_email_key(self) -> str:
        return fold_email(self.email)

    def derive_own_words(self) -> str:
        return searchable(self.name, self.email, phone=self.phone)

    @classmethod
    def usual_relation(cls, kind: str) -> Relation:
        """What a new contact most probably is to a customer of that kind."""
        company = kind == Customer.Kind.COMPANY
        return cls.Relation.EMPLOYEE if company else cls.Relation.OTHER

    @property
    def communications(self) -> list[str]:
        """What the contact receives, in words."""
        return [label for field, label in COMMUNICATIONS.items() if getattr(self, field)]


class AddressQuerySet(TrackedQuerySet["Address"]):
    def billing_first(self) -> Self:
        """As a customer's page lists them: the first is the customer's primary address."""
        return self.order_by("-is_billing", "id")

    def with_access(self) -> Self:
        """Those of which it is known who gives access."""
        return self.filter(SAYS_HOW_TO_GET_IN)


class Address(TrackedModel):
    """A place of a customer. Its parts are those of contacts.postal; `country` is an ISO code or ''."""

    class AccessRelation(models.TextChoices):
        TENANT = "tenant", "Tenant"
        LETTING_AGENT = "letting_agent", "Letting agent"
        NEIGHBOUR = "neighbour", "Neighbour"
        OTHER = "other", "Other"

    customer = TenantForeignKey(Customer, on_delete=models.CASCADE, related_name="addresses")
    label = PlainTextField(
        max_length=100, blank=True, default="", help_text="Head office, warehouse, flat 3…"
    )
    country = models.CharField(max_length=2, blank=True, default="")
    street = models.TextField("street address", max_length=500, blank=True, default="")
    district = PlainTextField(max_length=200, blank=True, default="")
    city = PlainTextField(max_length=200, blank=True, default="")
    region = PlainTextField(max_length=200, blank=True, default="")
    postal_code = PlainTextField(max_length=40, blank=True, default="")
    sorting_code = PlainTextField(max_length=40, blank=True, default="")
    phone = PlainTextField(max_length=40, blank=True, default="")
    is_billing = models.BooleanField("billing address", default=False)
    is_site = models.BooleanField("site address", default=False)
    access_name = PlainTextField("access contact", max_length=200, blank=True, default="")
    access_phone = PlainTextField("access phone", max_length=40, blank=True, default="")
    access_email = models.EmailField("access e-mail", max_length=254, blank=True, default="")
    access_relation = models.CharField(
        "access contact is", max_length=20, choices=AccessRelation.choices, blank=True, default=""
    )
    access_instructions = models.TextField(max_length=LONGEST_TEXT, blank=True, default="")

    own_words = DerivedTextField(source="derive_own_words", of=["street", "city", "postal_code"])

    told_below = "customer"

    objects: ClassVar = TenantManager.from_queryset(AddressQuerySet)()

    class Meta(TrackedModel.Meta):
        ordering = ["id"]
        verbose_name_plural = "addresses"
        permissions = [("view_access", "Can see who gives access to an address")]
        constraints = [
            *TrackedModel.Meta.constraints,
            CompositeForeignKey(
                field="customer", to="customers.Customer", name="contacts_address_customer_fk"
            ),
            models.UniqueConstraint(
                fields=["tenant", "customer"],
                condition=Q(is_billing=True),
                name="contacts_address_billing",
                violation_error_code="billing_taken",
                violation_error_message="Another address is the billing address.",
            ),
        ]
        indexes = [
            models.Index(fields=["tenant", "customer", "-is_billing", "id"], name="addresses_of_customer"),
            models.Index(
                fields=["tenant", "country", "customer"],
                name="addresses_by_country",
                condition=Q(is_billing=True),
            ),
            models.Index(
                fields=["tenant", "customer"], name="addresses_with_access", condition=SAYS_HOW_TO_GET_IN
            ),
        ]

    def __str__(self) -> str:
        return self.called(self.label, self.street, self.city, self.country)

    @staticmethod
    def called(label: str, street: str, city: str, country: str) -> str:
        return label or ", ".join(filter(None, (*street.splitlines()[:1], city, country)))

    def derive_own_words(self) -> str:
        return searchable(self.street, self.postal_code, self.city)

    @property
    def has_access(self) -> bool:
        """Whether it is known how to get in."""
        return bool(self.access_name or self.access_phone or self.access_email or self.access_instructions)

    @property
    def parts(self) -> dict[str, str]:
        """As contacts.postal takes them."""
        names = ("street", "district", "city", "region", "postal_code", "sorting_code", "country")
        return {name: str(getattr(self, name)) for name in names}
