"""The columns of a customer. Everything that shows, filters, exports or imports customers reads these."""

from functools import partial

from customers import cells
from customers.fields import language_choices
from customers.models import Customer
from lists.cells import choice, day, email, number, phone, yes_no
from lists.columns import Column, ColumnGroup
from lists.composed_filters import HELD, EmailFilter, PhoneFilter, TextFilter
from lists.dates import objection_to_past_day
from lists.filters import ChoicesFilter, YesNoFilter
from lists.format_widgets import DateWidget, WholeNumberWidget
from lists.numbers import objection_to_count
from lists.range_filters import DayFilter, NumberFilter, PeriodFilter
from lists.widgets import (
    ChoiceWidget,
    EmailWidget,
    EntryWidget,
    KnownWidget,
    MemberWidget,
    PhoneWidget,
    TextWidget,
    WebsiteWidget,
    YesNoWidget,
)
from marketing.models import Channel, Segment, Status
from tenants.timezones import known_timezones

# Other words for the kinds of customers, as files have them.
KINDS = {
    **dict.fromkeys(("business", "organisation", "organization", "firm", "b2b"), Customer.Kind.COMPANY),
    **dict.fromkeys(("person", "private", "private person", "consumer", "b2c"), Customer.Kind.INDIVIDUAL),
}
# Of companies, as statistics have them: micro, small, medium and large ones.
SIZES = {"..9": "Up to 9", "10..49": "10 to 49", "50..249": "50 to 249", "250..": "250 or more"}


def timezone_names() -> list[tuple[str, str]]:
    return [(name, name) for name in known_timezones()]


def width(field: str) -> int | None:
    """The longest text the customer's field takes."""
    return Customer._meta.get_field(field).max_length  # type: ignore[union-attr]


CUSTOMER = ColumnGroup(
    "Customer",
    (
        Column(
            key="name",
            label="Customer name",
            expression="name",
            beside={"kind": "kind", "disabled_at": "disabled_at"},
            card="name",
            order="sort_name",
            filter=partial(TextFilter, "name", "Customer name", folded="sort_name", ways=HELD),
            shown=1,
            cell=cells.name,
            synonyms=(
                "company name",
                "company",
                "customer",
                "account name",
                "client",
                "full name",
                "organisation",
            ),
            help="The name as it stands on invoices.",
            widget=partial(TextWidget, width("name")),
            attribute="name",
            mandatory=True,
            example="John Doe",
        ),
        Column(
            key="kind",
            label="Kind",
            expression="kind",
            cell=choice,
            filter=partial(ChoicesFilter, "kind", "Kind", shown=False),
            synonyms=("type", "customer type"),
            help="company or individual.",
            widget=partial(ChoiceWidget, Customer.Kind, KINDS),
            attribute="kind",
            example="individual",
        ),
        Column(
            key="reference",
            label="Reference",
            expression="reference",
            card="end",
            order="reference_key",
            filter=partial(TextFilter, "reference", "Reference", folded="reference_key"),
            shown=3,
            synonyms=(
                "customer id",
                "account reference id",
                "account id",
                "external id",
                "id",
                "customer no",
                "number",
                "ref",
                "customer reference",
            ),
            help="The customer's ID in your CRM or other system; two customers can't share one.",
            widget=partial(TextWidget, width("reference")),
            attribute="reference",
            example="C-1001",
        ),
        Column(
            key="email",
            label="E-mail",
            expression="email",
            card="meta",
            order="email_key",
            filter=EmailFilter,
            shown=6,
            cell=email,
            synonyms=("mail", "e-mail address", "email address"),
            widget=partial(EmailWidget, width("email")),
            attribute="email",
            example="john.doe@example.com",
        ),
        Column(
            key="phone",
            label="Phone",
            expression="phone",
            cell=phone,
            filter=partial(PhoneFilter, "phone", "Phone"),
            synonyms=("telephone", "phone number", "tel", "mobile"),
            help="With country code (+49 30 …), or as written in the customer's country.",
            widget=partial(PhoneWidget, width("phone")),
            attribute="phone",
            example="(+1) 212 555 0100",
        ),
        Column(
            key="website",
            label="Website",
            expression="website",
            synonyms=("web", "url", "homepage", "web site", "web address"),
            widget=partial(WebsiteWidget, width("website")),
            attribute="website",
            example="https://example.com",
        ),
        Column(
            key="language",
            label="Language",
            expression="language",
            synonyms=("preferred language",),
            help="As a code (de) or in English (German).",
            widget=partial(KnownWidget, language_choices, "German"),
            attribute="language",
            example="en",
        ),
        Column(
            key="timezone",
            label="Time zone",
            expression="timezone",
            synonyms=("timezone",),
            help="As Europe/Berlin.",
            widget=partial(KnownWidget, timezone_names, "Europe/Berlin"),
            attribute="timezone",
            example="America/New_York",
        ),
        Column(
            key="employees",
            label="Employees",
            expression="employees",
            numeric=True,
            cell=number,
            filter=partial(NumberFilter, "employees", "Employees", offered=SIZES),
            synonyms=(
                "number of employees",
                "no. of employees",
                "employee count",
                "headcount",
                "company size",
                "staff",
                "team size",
                "mitarbeiter",
                "anzahl mitarbeiter",
            ),
            help="How many people work there; a whole number.",
            widget=partial(WholeNumberWidget, objection_to_count),
            attribute="employees",
            example="12",
        ),
    ),
)

MARKETING = ColumnGroup(
    "Marketing",
    (
        Column(
            key="segment",
            label="Segment",
            expression="segment__name",
            filter=partial(ChoicesFilter, "segment", "Segment", sorted_by="sort_name"),
            shown=4,
            synonyms=("customer segment", "industry"),
            help="One of your segments, by its name.",
            widget=partial(EntryWidget, Segment),
            attribute="segment",
        ),
        Column(
            key="status",
            label="Status",
            expression="status__name",
            beside={"colour": "status__colour"},
            card="status",
            filter=partial(ChoicesFilter, "status", "Status", sorted_by="sort_name"),
            shown=2,
            cell=cells.status,
            synonyms=("customer status", "state of customer"),
            help="One of your statuses, by its name.",
            widget=partial(EntryWidget, Status),
            attribute="status",
        ),
        Column(
            key="channel",
            label="Attracting channel",
            expression="channel__name",
            filter=partial(
                ChoicesFilter, "channel", "Attracting channel", shown=False, sorted_by="sort_name"
            ),
            synonyms=("channel", "attraction channel", "source", "lead source"),
            help="One of your attracting channels, by its name.",
            widget=partial(EntryWidget, Channel),
            attribute="channel",
        ),
        Column(
            key="responsible_manager",
            label="Responsible manager",
            expression="responsible_manager__user__email",
            beside={
                "first": "responsible_manager__user__first_name",
                "last": "responsible_manager__user__last_name",
            },
            filter=partial(
                ChoicesFilter, "responsible_manager", "Responsible manager", sorted_by="sort_name"
            ),
            shown=7,
            cell=cells.manager,
            synonyms=("manager", "account manager", "owner", "responsible"),
            help="E-mail address of the member who looks after the customer.",
            widget=MemberWidget,
            attribute="responsible_manager",
        ),
        Column(
            key="service_manager",
            label="Service manager",
            expression="service_manager__user__email",
            beside={"first": "service_manager__user__first_name", "last": "service_manager__user__last_name"},
            filter=partial(
                ChoicesFilter, "service_manager", "Service manager", shown=False, sorted_by="sort_name"
            ),
            cell=cells.manager,
            synonyms=("service owner",),
            help="E-mail address of the member who serves the customer.",
            widget=MemberWidget,
            attribute="service_manager",
        ),
        Column(
            key="receive_promotional_emails",
            label="Receive promotional e-mails",
            expression="receive_promotional_emails",
            cell=yes_no,
            filter=partial(
                YesNoFilter,
                "receive_promotional_emails",
                "Promotional e-mails",
                said=("receiving promotional e-mails", "not receiving promotional e-mails"),
                shown=False,
            ),
            synonyms=("newsletter", "marketing consent", "promotional emails"),
            help="yes or no.",
            widget=YesNoWidget,
            attribute="receive_promotional_emails",
            example="no",
        ),
    ),
)

DATES = ColumnGroup(
    "Dates",
    (
        Column(
            key="customer_since",
            label="Customer since",
            expression="customer_since",
            filter=partial(
                DayFilter, "customer_since", "Customer since", said="became customers", shown=False
            ),
            cell=day,
            synonyms=("since", "client since", "member since", "start date", "joined", "kunde seit"),
            help="The first day; none to come, and none before 1900.",
            widget=partial(DateWidget, objection_to_past_day),
            attribute="customer_since",
            example="2019-05-14",
        ),
        Column(
            key="created_at",
            label="Added",
            expression="created_at",
            order="created_at",
            filter=partial(PeriodFilter, "created_at", "Added"),
            cell=day,
        ),
        Column(
            key="updated_at",
            label="Changed",
            expression="updated_at",
            order="updated_at",
            filter=partial(PeriodFilter, "updated_at", "Changed"),
            shown=8,
            cell=day,
        ),
        Column(
            key="disabled_at",
            label="Disabled",
            expression="disabled_at",
            filter=partial(PeriodFilter, "disabled_at", "Disabled on", said="disabled", lifts="state"),
            cell=day,
        ),
    ),
)
