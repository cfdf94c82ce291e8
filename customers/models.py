from __future__ import annotations

from typing import Any, ClassVar, Self

from django.contrib.postgres.indexes import GinIndex, OpClass
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q, Value
from django.db.models.functions import Concat
from django.urls import reverse
from django.utils import timezone

from history.models import Operation, TrackedModel, TrackedQuerySet
from history.operations import operation
from lists.dates import refuse_no_past_day
from lists.numbers import refuse_no_count
from lists.search import every_word, exactly, phone_digits, searchable, wanted_exactly
from marketing.models import Channel, Segment, Status
from tenants.base import TenantManager
from tenants.constraints import CompositeForeignKey
from tenants.fields import (
    ComparedTextField,
    DerivedTextField,
    PlainTextField,
    SettledCount,
    SettledMarks,
    SettledTextField,
    TenantForeignKey,
    fold,
)
from tenants.models import Membership, User, fold_email


def reference_key(reference: str) -> str:
    """A reference as compared: two that differ only in case or blanks are one."""
    return " ".join(reference.casefold().split())


def refuse_non_object(value: Any) -> None:
    if not isinstance(value, dict):
        raise ValidationError('Give a JSON object: {"key": "value"}.', code="json_object")


ALONE = "alone"  # the trait of a customer on whom nothing hangs
# Those of what is missing, which other apps find out (contacts/traits.py).
LACKS_CONTACT, LACKS_PRIMARY = "lacks:contact", "lacks:primary"
LACKS_ADDRESS, LACKS_BILLING = "lacks:address", "lacks:billing"


def nothing_behind() -> list[str]:
    return [ALONE]


def lacking(trait: str) -> Q:
    """Customers without that. A person is their own contact."""
    without = Q(traits__contains=[trait]) | Q(traits__contains=[ALONE])
    return without & Q(kind="company") if trait in (LACKS_CONTACT, LACKS_PRIMARY) else without


class CustomerQuerySet(TrackedQuerySet["Customer"]):
    def active(self) -> Self:
        return self.filter(disabled_at=None)

    def disabled(self) -> Self:
        return self.exclude(disabled_at=None)

    def search(self, text: str) -> Self:
        """Customers in whose searchable text every word of `text` occurs; '=' first asks for what is one of its
        values."""
        exact = wanted_exactly(text)
        if exact is None:
            return every_word(self, text)
        return self.filter(Q(reference_key=reference_key(exact)) | exactly(exact, behind="contributed_words"))

    def like(self, customer: Customer) -> Self:
        """Other customers with the same name, or the same e-mail address."""
        same = Q(sort_name=fold(customer.name))
        if customer.email:
            same |= Q(email_key=fold_email(customer.email))
        return self.filter(same).exclude(pk=customer.pk)

    def by_reference(self, reference: str) -> Self:
        return self.filter(reference_key=reference_key(reference))


class Customer(TrackedModel):
    """A company or a person that buys from the tenant: who is named on invoices."""

    class Kind(models.TextChoices):
        COMPANY = "company", "Company"
        INDIVIDUAL = "individual", "Individual"

    kind = models.CharField(max_length=10, choices=Kind.choices, default=Kind.COMPANY)
    name = PlainTextField("customer name", max_length=200)
    reference = PlainTextField(
        max_length=100, blank=True, default="", help_text="The customer's ID in your CRM or other system."
    )
    email = models.EmailField("e-mail", max_length=254, blank=True, default="")
    phone = PlainTextField(max_length=40, blank=True, default="")
    website = models.URLField(max_length=500, blank=True, default="")
    language = models.CharField(max_length=16, blank=True, default="")
    timezone = models.CharField("time zone", max_length=64, blank=True, default="")
    customer_since = models.DateField(
        null=True,
        blank=True,
        validators=[refuse_no_past_day],
        help_text="The first day, here or in the system that you used before.",
    )
    employees = models.PositiveIntegerField(
        null=True, blank=True, validators=[refuse_no_count], help_text="How many people work there."
    )
    segment = TenantForeignKey(
        Segment, on_delete=models.PROTECT, null=True, blank=True, related_name="customers"
    )
    status = TenantForeignKey(
        Status, on_delete=models.PROTECT, null=True, blank=True, related_name="customers"
    )
    channel = TenantForeignKey(
        Channel,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="customers",
        verbose_name="attracting channel",
    )
    responsible_manager = TenantForeignKey(
        Membership, on_delete=models.PROTECT, null=True, blank=True, related_name="responsible_for"
    )
    service_manager = TenantForeignKey(
        Membership, on_delete=models.PROTECT, null=True, blank=True, related_name="services"
    )
    receive_promotional_emails = models.BooleanField("receive promotional e-mails", default=False)
    communications_enabled = models.BooleanField("send e-mails to this customer", default=True)
    auto_charge = models.BooleanField("charge invoices automatically", default=False)
    tax_exempt = models.BooleanField("tax exempt", default=False)
    custom = models.JSONField(default=dict, blank=True, editable=False)
    custom_data = models.JSONField(default=dict, blank=True, validators=[refuse_non_object])
    disabled_at = models.DateTimeField("disabled", null=True, blank=True, editable=False)
    disabled_reason = models.CharField(max_length=500, blank=True, default="", editable=False)

    reference_key = ComparedTextField(source="derive_reference_key", of=["reference"])
    sort_name = ComparedTextField(source="derive_sort_name", of=["name"])
    email_key = ComparedTextField(source="derive_email_key", of=["email"])
    phone_digits = phone_digits()
    own_words = DerivedTextField(source="derive_own_words", of=["name", "reference", "email", "phone"])
    contributed_words = SettledTextField()  # of contacts, addresses and whatever else hangs on the customer
    traits = SettledMarks(
        default=nothing_behind, db_default=[ALONE]
    )  # what is so of those, to be filtered by
    contact_count = SettledCount()
    address_count = SettledCount()
    # Of the billing address; '' without one. The city as it is compared.
    billing_city = SettledTextField(db_collation="C")
    billing_country = SettledTextField()
    search = models.GeneratedField(
        expression=Concat("own_words", Value("\n"), "contributed_words", output_field=models.TextField()),
        output_field=models.TextField(),
        db_persist=True,
    )

    objects: ClassVar = TenantManager.from_queryset(CustomerQuerySet)()

    class Meta(TrackedModel.Meta):
        ordering = ["sort_name", "id"]
        permissions = [
            ("import_customer", "Can import customers"),
            ("export_customer", "Can export customers"),
            ("bulk_edit_customer", "Can edit customers in bulk"),
            ("restore_customer", "Can bring back deleted customers"),
        ]
        constraints = [
            *TrackedModel.Meta.constraints,
            models.UniqueConstraint(
                fields=["tenant", "reference_key"],
                condition=~Q(reference_key=""),
                name="customers_customer_reference",
                violation_error_code="reference_taken",
                violation_error_message="Another customer has this reference.",
            ),
            models.CheckConstraint(condition=~Q(name=""), name="customers_customer_named"),
            *(
                CompositeForeignKey(field=field, to=to, name=f"customers_customer_{field}_fk")
                for field, to in [
                    ("segment", "marketing.Segment"),
                    ("status", "marketing.Status"),
                    ("channel", "marketing.Channel"),
                    ("responsible_manager", "tenants.Membership"),
                    ("service_manager", "tenants.Membership"),
                ]
            ),
        ]
        indexes = [
            *(
                models.Index(fields=["tenant", field, "sort_name", "id"], name=f"customers_by_{name}")
                for name, field in [
                    ("segment", "segment"),
                    ("status", "status"),
                    ("channel", "channel"),
                    ("manager", "responsible_manager"),
                    ("service", "service_manager"),
                ]
            ),
            models.Index(
                fields=["tenant", "disabled_at", "sort_name", "id"],
                name="customers_disabled",
                condition=Q(disabled_at__isnull=False),
            ),
            # Orders and beginnings, which also count: of a name's, a period or a number the rows may be many.
            *(
                models.Index(
                    fields=["tenant", field, "id"], include=["disabled_at"], name=f"customers_by_{name}"
                )
                for name, field in [
                    ("name", "sort_name"),
                    ("reference", "reference_key"),
                    ("email", "email_key"),
                    ("created", "created_at"),
                    ("updated", "updated_at"),
                    ("contacts", "contact_count"),
                    ("addresses", "address_count"),
                    ("city", "billing_city"),
                    ("phone", "phone_digits"),
                ]
            ),
            # Small ones, for counting: what is the same is kept once.
            models.Index(fields=["tenant", "disabled_at"], name="customers_of_state"),
            *(
                models.Index(fields=["tenant", field, "disabled_at"], name=f"customers_of_{name}")
                for name, field in [
                    ("kind", "kind"),
                    ("segment", "segment"),
                    ("status", "status"),
                    ("channel", "channel"),
                    ("manager", "responsible_manager"),
                    ("service", "service_manager"),
                    ("promotion", "receive_promotional_emails"),
                    ("country", "billing_country"),
                ]
            ),
            *(
                models.Index(
                    fields=["tenant", field, "disabled_at"],
                    name=f"customers_of_{name}",
                    condition=Q(**{f"{field}__isnull": False}),
                )
                for name, field in [("since", "customer_since"), ("size", "employees")]
            ),
            *(
                models.Index(
                    fields=["tenant", "disabled_at"], name=f"customers_{name}_phone", condition=condition
                )
                for name, condition in [("without", Q(phone="")), ("with", Q(phone__gt=""))]
            ),
            # Which companies lack one is no matter of chance, so that the planner would guess too many.
            *(
                models.Index(
                    fields=["tenant", "disabled_at"], name=f"customers_no_{name}", condition=lacking(trait)
                )
                for name, trait in [
                    ("contact", LACKS_CONTACT),
                    ("primary", LACKS_PRIMARY),
                    ("address", LACKS_ADDRESS),
                    ("billing", LACKS_BILLING),
                ]
            ),
            # Words, traits and choices together: a bitmap of two indexes that begin with the tenant is never made.
            GinIndex(
                F("tenant"),
                OpClass(F("search"), "gin_trgm_ops"),
                OpClass(F("traits"), "jsonb_path_ops"),
                *map(F, ("segment", "status", "channel", "responsible_manager", "service_manager", "kind")),
                *map(F, ("receive_promotional_emails", "billing_country")),
                name="customers_found",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("customers:detail", args=[self.pk])

    def derive_reference_key(self) -> str:
        return reference_key(self.reference)

    def derive_sort_name(self) -> str:
        return fold(self.name)

    def derive_email_key(self) -> str:
        return fold_email(self.email)

    def derive_own_words(self) -> str:
        return searchable(self.name, self.reference, self.email, phone=self.phone)

    @property
    def is_disabled(self) -> bool:
        return self.disabled_at is not None

    def disable(self, *, by: User, reason: str) -> None:
        """Take the customer out of daily use, for as long as is wanted. Once disabled, nothing happens."""
        if self.is_disabled:
            return
        with operation(Operation.Kind.DISABLE, by=by, summary=reason):
            self.disabled_at, self.disabled_reason = timezone.now(), reason
            self.save(update_fields=["disabled_at", "disabled_reason"])

    def enable(self, *, by: User) -> None:
        if not self.is_disabled:
            return
        with operation(Operation.Kind.ENABLE, by=by):
            self.disabled_at, self.disabled_reason = None, ""
            self.save(update_fields=["disabled_at", "disabled_reason"])

    def remove(self, *, by: User) -> Operation:
        """Delete the customer for everyone; what was there stays in the history of the operation returned."""
        with operation(Operation.Kind.DELETE, by=by, summary=self.name) as running:
            self.delete()
        return running
