"""The contacts and the addresses of a customer on the page that edits it: settings.CUSTOMER_SECTIONS.

Each entry of the form has a number of its own and a hidden id, blank for a new one; which numbers there are is
read from what was sent, so that an entry may be taken out of the page. At most one entry has the flag
(primary contact, billing address): `holder` is whose it was when the page was shown.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, ClassVar, Generic, TypeVar

from django.db.models import Count
from django.template.loader import render_to_string
from django.utils.functional import cached_property
from django.utils.safestring import SafeString

from contacts.fields import options_of
from contacts.forms import AGAIN, AddressForm, ContactForm, EntryForm
from contacts.models import Address, Contact
from customers.models import Customer
from customers.sections import Mistake, is_asking
from history.models import TrackedModel
from tenants.models import Membership

Row = TypeVar("Row", bound=TrackedModel)
SHOWN = 50  # entries that the page opens with
MOST = 200  # entries that are taken at once
ID = re.compile(r"[1-9][0-9]{0,17}")


class Entries(Generic[Row]):
    """All entries of one kind, saved together."""

    slug: ClassVar[str]
    title: ClassVar[str]
    one: ClassVar[str]  # "contact": what ?contact=5 and ?add=contact ask for
    icon: ClassVar[str]
    empty: ClassVar[str]  # what belongs here, where nothing is
    flag: ClassVar[str]
    flagged: ClassVar[str]  # "the primary contact"
    list_id: ClassVar[str]  # of the fields' shared list
    entry_template: ClassVar[str]
    form_class: ClassVar[type[EntryForm[Any]]]
    model: ClassVar[type[TrackedModel]]

    def __init__(self, customer: Customer, data: Any, by: Membership) -> None:
        self.customer, self.data, self.by = customer, data, by
        self.asking = is_asking(data)
        self.winner: EntryForm[Row] | None = None  # gets the flag
        self.loser: EntryForm[Row] | None = None  # gives it away, and is on the page
        self.hidden_loser: Row | None = None  # gives it away, and is not
        self.too_many = False
        self.holder: int | None = None
        self.forms: list[EntryForm[Row]] = [] if data is None else self.read()
        if data is not None and data.get("add") == self.one:
            self.add()
        self.number()

    # What is shown

    def open(self, asked: Mapping[str, str]) -> None:
        rows = list(self.ordered()[:SHOWN])
        named = self.named(asked.get(self.one, ""), rows)
        if named and named not in rows:
            rows.append(named)
        self.holder = next((row.pk for row in rows if getattr(row, self.flag)), None)
        self.forms = [self.form(place, row, data=None) for place, row in enumerate(rows)]
        for form in self.forms:
            if named and form.row_id == named.pk:
                form.focus()
        if asked.get("add") == self.one:
            self.add()
        self.number()

    def named(self, asked: str, rows: list[Row]) -> Row | None:
        """The row with that id, of those or another one of the customer."""
        if not ID.fullmatch(asked):
            return None
        listed = next((row for row in rows if row.pk == int(asked)), None)
        found: Row | None = listed or self.rows().filter(pk=int(asked)).first()
        return found

    def add(self) -> None:
        """One more blank entry, which gets the focus."""
        if len(self.forms) >= MOST:
            self.too_many = True
            return
        place = max((self.place(form) for form in self.forms), default=-1) + 1
        added = self.form(place, None, data=None)
        added.focus()
        self.forms.append(added)

    def place(self, form: EntryForm[Row]) -> int:
        return int(str(form.prefix).rpartition("-")[2])

    def number(self) -> None:
        for number, form in enumerate(self.forms, 1):
            form.number = number

    def form(self, place: int, row: Row | None, *, data: Any) -> EntryForm[Row]:
        new = row is None
        instance: Any = self.model(customer=self.customer) if new else row  # type: ignore[misc]  # both models have one
        initial = self.start() if new and data is None else None
        return self.form_class(
            data, instance=instance, prefix=f"{self.slug}-{place}", by=self.by, initial=initial
        )

    def start(self) -> dict[str, Any]:
        """What a new entry starts with."""
        return {self.flag: self.first_has_flag() and not self.forms and not self.total}

    def first_has_flag(self) -> bool:
        return True

    @property
    def more(self) -> int:
        """How many entries the page leaves out."""
        kept = sum(1 for form in self.forms if form.row_id)
        return max(self.total - kept, 0) if kept >= SHOWN else 0

    @cached_property
    def total(self) -> int:
        count: int = self.rows().count()
        return count

    def rows(self) -> Any:
        rows: Any = self.model.objects
        return rows.filter(customer=self.customer)

    def ordered(self) -> Any:
        raise NotImplementedError

    def render(self) -> SafeString:
        context = {"section": self, "customer": self.customer, "options": options_of(self.list_id)}
        return render_to_string("contacts/section.html", context)

    __str__ = __html__ = render

    # What was sent

    def read(self) -> list[EntryForm[Row]]:
        """An entry for each that was sent. Rows are this customer's or nobody's; held until the answer is there."""
        holder = self.data.get(f"{self.slug}-holder", "")
        self.holder = int(holder) if ID.fullmatch(holder) else None
        sent = self.sent()
        ids = {key for key in sent.values() if key}
        rows = self.rows().filter(pk__in=ids).order_by("pk")
        found = {row.pk: row for row in (rows if self.asking else rows.select_for_update(of=("self",)))}
        deletions = self.deletions(ids - set(found))
        forms = [
            self.form(place, found[key], data=self.data)
            if key in found
            else self.gone(place, key, deletions)
            if key
            else self.form(place, None, data=self.data)
            for place, key in sent.items()
        ]
        return [form for form in forms if form and not (form.row_id is None and form.is_removed)]

    def sent(self) -> dict[int, int | None]:
        """Place → id, None for a new one."""
        name = re.compile(rf"{self.slug}-(0|[1-9][0-9]{{0,3}})-id")
        places = sorted(int(match[1]) for key in self.data if (match := name.fullmatch(key)))
        self.too_many = len(places) > MOST
        sent: dict[int, int | None] = {}
        for place in places[:MOST]:
            key = self.data[f"{self.slug}-{place}-id"]
            number = int(key) if ID.fullmatch(key) else None
            if number is None or number not in sent.values():
                sent[place] = number
        return sent

    def deletions(self, ids: set[int]) -> dict[int, Any]:
        """Id → how the row was before somebody deleted it, with the operation that did."""
        if not ids:
            return {}
        history: Any = self.model.history
        deleted = history.filter(id__in=ids, customer_id=self.customer.pk, history_type="-")
        versions = deleted.select_related("operation__by").order_by("history_id")
        return {version.id: version for version in versions}  # of one deleted again, the latest

    def gone(self, place: int, key: int, deletions: Mapping[int, Any]) -> EntryForm[Row] | None:
        """An entry whose row is no more: None where nothing was typed into it, else it becomes a new one."""
        version = deletions.get(key)
        if version and not self.form(place, version.instance, data=self.data).has_changed():
            return None
        form = self.form(place, None, data=self.data)
        form.sent_id = key
        form.gone = f"{(version and version.operation.by) or 'Somebody'} deleted this {self.one} meanwhile."
        return form

    def forgive(self) -> None:
        for form in self.forms:
            form.forgive()

    # Whether it can be saved

    def is_valid(self) -> bool:
        for form in self.forms:
            form.check_entry()
        self.decide()
        return not self.too_many and not any(form.is_wrong for form in self.forms)

    @property
    def living(self) -> list[EntryForm[Row]]:
        return [form for form in self.forms if not form.is_removed and not form.is_blank]

    def decide(self) -> None:
        """Who gets the flag: who was ticked since the page was shown. Two of them are one too many."""
        ticked = [form for form in self.living if form.is_ticked and not self.held(form)]
        for late in ticked[1:]:
            late.add_error(
                self.flag,
                f"Only one can be {self.flagged}. {ticked[0].heading} is ticked as well: untick one.",
            )
        if ticked:
            self.hand_over(ticked[0], self.current())
            return
        unticked = [form for form in self.living if self.held(form) and not form.is_ticked and form.had_flag]
        self.lose(unticked[0] if unticked else None)

    def held(self, form: EntryForm[Row]) -> bool:
        return form.row_id is not None and form.row_id == self.holder

    def current(self) -> Row | None:
        """Who has the flag now."""
        row: Row | None = self.rows().filter(**{self.flag: True}).first()
        return row

    def hand_over(self, form: EntryForm[Row], holder: Row | None) -> None:
        if holder is None or holder.pk == form.row_id:
            self.win(form)
            return
        here = next((one for one in self.forms if one.row_id == holder.pk), None)
        if holder.pk != self.holder and not (here and here.is_removed):
            self.tell(form, holder)
            return
        self.win(form)
        if here is None:
            self.hidden_loser = holder
        elif not here.is_removed:
            self.lose(here)

    def win(self, form: EntryForm[Row]) -> None:
        if not form.had_flag:
            self.winner = form
        setattr(form.instance, self.flag, True)

    def lose(self, form: EntryForm[Row] | None) -> None:
        if form:
            self.loser = form
            setattr(form.instance, self.flag, False)

    def tell(self, form: EntryForm[Row], holder: Row) -> None:
        """That somebody else gave the flag to another one."""
        form.add_error(self.flag, f"“{holder}” was made {self.flagged} meanwhile. {AGAIN}")
        self.show_holder(form, holder)

    def show_holder(self, form: EntryForm[Row], holder: Row | None) -> None:
        """The page has seen who has the flag, so that saving again gives it to this entry."""
        self.holder = holder.pk if holder else None
        for one in self.forms:
            if one.is_bound:
                one.tick(one is form or self.held(one))

    @property
    def mistakes(self) -> list[Mistake]:
        found = [Mistake(f"#{self.slug}", self.title, f"At most {MOST} at once.")] if self.too_many else []
        for form in self.forms:
            if not form.is_wrong:
                continue
            for error in form.non_field_errors():
                found.append(Mistake(f"#{form.anchor}", form.heading, str(error)))
            for name in dict.fromkeys(form.names()):
                if name in form.errors:
                    label = f"{form.heading}, {form.called(name)}"
                    found.append(Mistake(f"#{form[name].id_for_label}", label, str(form.errors[name][0])))
        return found

    # Saving it

    @property
    def removed(self) -> list[int]:
        return [form.row_id for form in self.forms if form.is_removed and form.row_id]

    @property
    def changed(self) -> list[EntryForm[Row]]:
        """Who gives the flag away first: the database lets nobody have it as well, not for a moment."""
        changed = [form for form in self.living if form.is_changed or form in (self.loser, self.winner)]
        return sorted(changed, key=lambda form: form is not self.loser)

    def has_changed(self) -> bool:
        return bool(self.removed or self.changed)

    def try_save(self) -> list[Row] | None:
        if self.removed:
            self.rows().filter(pk__in=self.removed).delete()
        if self.hidden_loser:
            setattr(self.hidden_loser, self.flag, False)
            self.hidden_loser.save(update_fields=[self.flag])
        saved = []
        for form in self.changed:
            row = form.try_save()
            if row is None:
                self.show_holder(form, self.current())
                return None
            saved.append(row)
        return saved

    def warnings(self) -> list[str]:
        return [warning for form in self.changed if form.is_changed for warning in form.warnings()]


class Contacts(Entries[Contact]):
    slug = "contacts"
    title = "Contacts"
    one = "contact"
    icon = "contact"
    empty = "Nobody yet. Add the people you deal with, and choose what each of them receives."
    flag = "is_primary"
    flagged = "the primary contact"
    list_id = "languages"
    entry_template = "contacts/contact_entry.html"
    form_class = ContactForm
    model = Contact

    def first_has_flag(self) -> bool:
        """An individual is their own primary contact."""
        return self.customer.kind == Customer.Kind.COMPANY

    def ordered(self) -> Any:
        return self.rows().primary_first()

    def start(self) -> dict[str, Any]:
        return {**super().start(), "relation": Contact.usual_relation(self.customer.kind)}

    def warnings(self) -> list[str]:
        return [*super().warnings(), *self.same_addresses()]

    def same_addresses(self) -> list[str]:
        """E-mail addresses that were typed just now and that two contacts have."""
        typed = {form.instance.email_key for form in self.changed if "email" in form.changed_data} - {""}
        if not typed:
            return []
        contacts = self.rows().filter(email_key__in=typed).order_by("email_key")
        twice = contacts.values("email_key").annotate(of=Count("id")).filter(of__gt=1)
        return [
            f"{found['of']} contacts have the same e-mail address: {found['email_key']}." for found in twice
        ]


class Addresses(Entries[Address]):
    slug = "addresses"
    title = "Addresses"
    one = "address"
    icon = "map-pin"
    empty = "No address yet. Add where invoices go, where you deliver or work, and who lets you in."
    flag = "is_billing"
    flagged = "the billing address"
    list_id = "countries"
    entry_template = "contacts/address_entry.html"
    form_class = AddressForm
    model = Address

    def ordered(self) -> Any:
        return self.rows().billing_first()

    def start(self) -> dict[str, Any]:
        return {**super().start(), "country": self.by.tenant.country}


def contacts(customer: Customer, data: Any, by: Membership) -> Contacts | None:
    return Contacts(customer, data, by) if by.user.has_perm("contacts.change_contact") else None


def addresses(customer: Customer, data: Any, by: Membership) -> Addresses | None:
    return Addresses(customer, data, by) if by.user.has_perm("contacts.change_address") else None
