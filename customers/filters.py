"""What customers can be narrowed by, and what each filter offers."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from django.db.models import (
    BooleanField,
    Exists,
    ExpressionWrapper,
    F,
    OuterRef,
    Q,
    QuerySet,
    TextField,
    Value,
)
from django.db.models.functions import Coalesce, Concat, NullIf, Trim

from customers.models import Customer, CustomerQuerySet
from lists.columns import customer_groups
from lists.filters import ME, NOTHING, ChoicesFilter, ListFilter, Option, SearchFilter
from marketing.models import Channel, Entry, Segment, Status
from tenants.kept import Kept
from tenants.models import Membership, User

ENTRIES: dict[str, type[Entry]] = {"segment": Segment, "status": Status, "channel": Channel}
MANAGERS = ("responsible_manager", "service_manager")

RETIRED = ExpressionWrapper(Q(retired_at__isnull=False), BooleanField())

ENABLED, DISABLED, ALL = "active", "disabled", "all"


class StateFilter(ChoicesFilter):
    """Enabled customers unless one asks for the disabled ones or for all."""

    single = True
    default = [ENABLED]
    included = True

    def words(self, value: Any) -> str:
        return ""  # the noun says it

    def apply(self, queryset: QuerySet[Any], value: Any) -> QuerySet[Any]:
        assert isinstance(queryset, CustomerQuerySet)
        if value == [DISABLED]:
            return queryset.disabled()
        return queryset if value == [ALL] else queryset.active()


def customer_filters() -> dict[str, ListFilter]:
    """Besides the filters that the columns declare."""
    return {
        "q": SearchFilter(
            label="Search",
            compared="name, reference, e-mail, phone, street, postal code or city, of contacts too",
        ),
        "state": StateFilter("disabled_at", "Disabled"),
    }


def noun(chosen: Any, number: int) -> str:
    """What the rows are: "customers", "disabled customer"."""
    word = "customer" if number == 1 else "customers"
    state = chosen.get("state")
    if state == [DISABLED]:
        return f"disabled {word}"
    return f"{word}, disabled ones too" if state == [ALL] else word


def customer_options(user: User) -> dict[str, Sequence[Option]]:
    """By filter, in the tenant's order. One query for all that the tenant defines.

    Retired entries are offered as long as customers have them.
    """
    offered = as_options(OF_THE_LIST)
    members = _members(offered.pop("member"), user)
    return {
        **offered,
        "state": [
            Option(ENABLED, "Left out"),
            Option(DISABLED, "Only these"),
            Option(ALL, "Shown too"),
        ],
        "kind": [Option(value, label, value) for value, label in Customer.Kind.choices],
        **{name: [*offered[name], NOTHING] for name in ENTRIES},
        **dict.fromkeys(MANAGERS, members),
    }


def as_options(rows: Kept) -> dict[str, list[Option]]:
    """By filter, in the tenant's order. One query."""
    found: dict[str, list[Option]] = defaultdict(list)
    for name, _, label, pk, colour, retired in sorted(rows.rows(), key=lambda row: row[:4]):
        found[name].append(Option(str(pk), f"{label} (retired)" if retired else label, pk, colour))
    return found


def _offered(*more: QuerySet[Any, Any]) -> QuerySet[Any, Any]:
    first, *others = [_entries(name, model) for name, model in ENTRIES.items()]
    return first.union(*others, _memberships(), *more, all=True)


def _entries(name: str, model: type[Entry]) -> QuerySet[Any, Any]:
    used = Exists(Customer.objects.filter(**{name: OuterRef("pk")}))
    return (
        model.objects.filter(Q(retired_at=None) | used)
        .order_by()
        .values_list(Value(name), "position", "name", "pk", "colour", RETIRED)
    )


def _memberships() -> QuerySet[Any, Any]:
    return (
        Membership.objects.current()
        .order_by()
        .values_list(Value("member"), Value(0), PERSON_NAME, "pk", Value(""), Value(False))
    )


def person_name(path: str) -> Coalesce:
    """SQL for the name of the person that `path` leads to ("user__"), or else the e-mail address."""
    text = TextField()
    full = Concat(F(f"{path}first_name"), Value(" "), F(f"{path}last_name"), output_field=text)
    return Coalesce(NullIf(Trim(full), Value("")), F(f"{path}email"), output_field=text)


PERSON_NAME = person_name("user__")
# Segments, statuses and channels, and members ("member"); of the list also what its other groups offer.
OF_THE_TENANT = Kept(_offered)
OF_THE_LIST = Kept(lambda: _offered(*(group.options() for group in customer_groups() if group.options)))


def _members(members: list[Option], user: User) -> list[Option]:
    """Me first, then the others by name, then nobody."""
    own = user.membership
    me = [Option(ME, "Me", own.pk, said="me")] if own else []
    everybody = sorted(members, key=lambda option: option.label.casefold())
    return [*me, *everybody, Option("none", "Nobody", said="nobody")]
