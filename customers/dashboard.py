"""What the dashboard tells: how many customers of which kind, added when; who changed lately, which are mine."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import Any, ClassVar
from urllib.parse import urlencode

from django.db.models import Count, QuerySet, Value
from django.db.models.functions import TruncMonth
from django.utils import timezone
from django.utils.formats import date_format

from customers.filters import ENTRIES, OF_THE_TENANT, as_options
from customers.models import Customer
from history.answers import Answer, Question
from lists.charts import Bar, Chart
from lists.filters import NOTHING, Option
from lists.paging import COUNTED, count_up_to
from tenants.database import TooSlow, at_most
from tenants.models import Membership

SHOWN = 8
MOST_BARS = 10
MONTHS = 12
COUNTING = 10_000  # milliseconds that counting all customers may take
ADDED = "Added by month"
TITLES = {
    "status": ("By status", "Status"),
    "segment": ("By segment", "Segment"),
    "channel": ("By attracting channel", "Attracting channel"),
}


@dataclass(frozen=True)
class Numbers:
    """How many enabled customers there are: in all, by what they are marked with, and by the month of their start."""

    total: int
    by: Mapping[str, Mapping[int | None, int]]
    added: Mapping[date, int]


@dataclass
class Overview:
    """The numbers, found when they are asked for or as they were found before.

    Finding them reads every customer: at a million from half a second to several. So they are kept until something
    changes, and a page of a tenant with many customers shows the last ones, or none, and asks for them afterwards.
    """

    question: Question = field(default_factory=lambda: Question(f"dashboard:{timezone.localdate()}"))
    answer: Answer | None = None
    TITLES: ClassVar = [ADDED, *(title for title, _ in TITLES.values())]
    too_slow: bool = False

    @classmethod
    def at_hand(cls) -> Overview:
        """As far as it takes no time: of a tenant with few customers, all of it."""
        found = cls()
        found.answer = found.question.last
        if not found.question.holds and count_up_to(Customer.objects.active(), COUNTED).exact:
            found.find()
        return found

    @classmethod
    def found(cls) -> Overview:
        """As it is now, unless finding it takes too long."""
        found = cls()
        found.answer = found.question.last
        if not found.question.holds:
            found.find()
        return found

    def find(self) -> None:
        try:
            with at_most(COUNTING):
                self.answer = self.question.ask(count)
        except TooSlow:
            self.too_slow = True

    @property
    def is_behind(self) -> bool:
        """Whether something has changed since, or nothing is known yet."""
        return not self.question.holds and not self.too_slow

    @property
    def is_empty(self) -> bool:
        return self.answer is not None and not self.answer.value.total and not self.is_behind

    def charts(self, list_address: str) -> list[Chart]:
        """By what customers are marked with. One query."""
        if self.answer is None:
            return []
        numbers: Numbers = self.answer.value
        offered = as_options(OF_THE_TENANT)
        return [
            Chart(title, heading, list(bars(numbers.by[name], name, offered[name], list_address)))
            for name, (title, heading) in TITLES.items()
        ]

    def months(self, list_address: str) -> Chart | None:
        if self.answer is None:
            return None
        numbers: Numbers = self.answer.value
        return Chart(ADDED, "Month", [month(*of, list_address) for of in numbers.added.items()])


def count() -> Numbers:
    """Two queries. Each part of them reads one index alone, which has what it asks for."""
    enabled = Customer.objects.active()
    by: dict[str, Counter[int | None]] = {name: Counter() for name in ENTRIES}
    for name, key, number in _together({name: (enabled, name) for name in ENTRIES}):
        by[name][key] += number
    months = last_months(timezone.localdate())
    lately = Customer.objects.filter(
        created_at__gte=timezone.make_aware(datetime.combine(months[0], time.min))
    )
    # Less the disabled ones, who are few: no index has both the day and the state of all.
    parts = {"all": (lately, TruncMonth("created_at")), "not": (lately.disabled(), TruncMonth("created_at"))}
    added: Counter[date] = Counter()
    for name, moment, number in _together(parts):
        added[timezone.localtime(moment).date()] += number if name == "all" else -number
    return Numbers(by["status"].total(), by, {month: added[month] for month in months})


def _together(parts: Mapping[str, tuple[QuerySet[Customer], Any]]) -> QuerySet[Any, Any]:
    """Of each part its name, and how many rows it has of each value of its expression. One query."""
    first, *others = [
        rows.order_by().values_list(Value(name), by).annotate(number=Count("*"))
        for name, (rows, by) in parts.items()
    ]
    return first.union(*others, all=True)


def last_months(today: date) -> list[date]:
    """The first days of this month and of those before it, the earliest first."""
    last = today.year * 12 + today.month - 1
    return [date(number // 12, number % 12 + 1, 1) for number in range(last - MONTHS + 1, last + 1)]


def bars(
    counted: Mapping[int | None, int], name: str, offered: Iterable[Option], list_address: str
) -> Iterable[Bar]:
    """In the tenant's order, those without an entry last; of too many the smallest as one."""
    shown = [option for option in (*offered, NOTHING) if counted.get(option.key)]
    largest = sorted(shown, key=lambda option: -counted[option.key])
    few = largest if len(shown) <= MOST_BARS else largest[: MOST_BARS - 1]
    for option in shown:
        if option in few:
            address = f"{list_address}?{urlencode({name: option.value})}"
            yield Bar(option.label, counted[option.key], address, option.colour or "grey")
    rest = [option for option in shown if option not in few]
    if rest:
        address = f"{list_address}?{urlencode({name: [option.value for option in rest]}, doseq=True)}"
        yield Bar(f"{len(rest)} others", sum(counted[option.key] for option in rest), address, "grey")


def month(first: date, number: int, list_address: str) -> Bar:
    """A bar for the customers who were added from this day on to the month's end."""
    following = date(first.year + first.month // 12, first.month % 12 + 1, 1)
    last = date.fromordinal(following.toordinal() - 1)
    return Bar(
        label=date_format(first, "YEAR_MONTH_FORMAT"),
        number=number,
        address=f"{list_address}?{urlencode({'created_at': f'{first}..{last}'})}",
        short=date_format(first, "M"),
        below=str(first.year) if first.month == 1 else "",
    )


def recently_changed() -> QuerySet[Any, Any]:
    return _lines(Customer.objects.active())


def recently_changed_of(member: Membership) -> QuerySet[Any, Any]:
    return _lines(Customer.objects.active().filter(responsible_manager=member))


def _lines(customers: QuerySet[Customer]) -> QuerySet[Any, Any]:
    return customers.order_by("-updated_at", "-id").values(
        "pk", "name", "kind", "updated_at", "status__name", "status__colour"
    )[:SHOWN]
