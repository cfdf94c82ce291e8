"""One contact or address as it is typed in, as an entry of the customer's edit page."""

from __future__ import annotations

import json
from typing import Any, ClassVar, TypeVar

from django import forms
from django.core.exceptions import ValidationError
from django.forms import BoundField
from django.http import QueryDict

from contacts.fields import CountryField, ListedField, ListedLanguageField, RegionSelect
from contacts.models import ACCESS, COMMUNICATIONS, VIEW_ACCESS, Address, Contact
from contacts.postal import PARTS, layout, one_line, part, problems, tidy_postal_code, tidy_region
from contacts.rendering import EntryRenderer
from customers.fields import LongSelect, MailField, ParagraphField, PhoneField, is_visible
from history.forms import TrackedModelForm
from history.models import TrackedModel
from tenants.countries import country_code
from tenants.models import Membership
from tenants.phones import parse

Row = TypeVar("Row", bound=TrackedModel)
AGAIN = "Save again to make it this one instead."
MANY = 15  # regions, more of which are searched for


class FlagField(forms.BooleanField):
    """What one entry of many may have. Who has it is decided among all of them, so it is no change of one."""

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        return {"data-flag": True}

    def has_changed(self, initial: Any, data: Any) -> bool:
        return False


class EntryForm(TrackedModelForm[Row]):
    """An entry: of a row that is kept, or a new one. `flag` is the field that one entry of a customer may have."""

    default_renderer = EntryRenderer
    flag: ClassVar[str]
    noun: ClassVar[str]
    given: ClassVar[frozenset[str]]  # what a new entry starts with; alone it makes no entry

    def __init__(self, *args: Any, by: Membership, **kwargs: Any) -> None:
        self.by = by
        super().__init__(*args, **kwargs)
        row = self.instance if self.instance.pk else None
        self.row_id: int | None = row.pk if row else None  # a refused save leaves an id on the instance
        self.sent_id = self.row_id
        self.gone = ""  # who deleted the row since the page was shown
        self.title = str(row) if row else ""
        self.note = self.note_of(row) if row else ""
        self.number = 0  # its place on the page, from 1
        self.had_flag = bool(row and getattr(row, self.flag))
        self.initial.setdefault(self.flag, self.had_flag)
        self.is_named = False  # asked for: open and with the focus
        self.is_removed = self.is_bound and self.add_prefix("remove") in self.data
        self.left_alone = False
        self.keep_present()

    def focus(self) -> None:
        """Open, with the focus in its first field."""
        self.is_named = True
        self.visible_fields()[0].field.widget.attrs["autofocus"] = True

    def note_of(self, row: Row) -> str:
        """What stands beside the name of an entry that is closed."""
        return ""

    def keep_present(self) -> None:
        for name, field in self.fields.items():
            if isinstance(field, ListedField):
                field.keep(str(self.initial.get(name) or ""))
            if isinstance(field, PhoneField):
                field.country = self.phone_country

    @property
    def phone_country(self) -> str:
        return self.by.tenant.country

    @property
    def heading(self) -> str:
        return f"{self.noun} {self.number}"

    @property
    def anchor(self) -> str:
        return f"{self.noun.lower()}-{self.row_id}" if self.row_id else f"new-{self.prefix}"

    @property
    def is_added(self) -> bool:
        return self.is_named and self.row_id is None and not self.is_bound

    def called(self, name: str) -> str:
        """The field, in the summary of errors."""
        return str(self[name].label)

    def names(self) -> list[str]:
        """The fields in the order in which the page shows them."""
        return list(self.fields)

    @property
    def is_ticked(self) -> bool:
        return bool(self[self.flag].value())

    @property
    def is_blank(self) -> bool:
        """Whether a new entry holds nothing but what it started with."""
        return self.row_id is None and not set(self.changed_data) - self.given

    @property
    def is_changed(self) -> bool:
        """Whether there is something to save, the flag apart."""
        if self.row_id is None:
            return self.is_bound and not self.is_blank
        return self.is_bound and self.has_changed() and not self.left_alone

    @property
    def is_wrong(self) -> bool:
        return bool(self._errors)

    @property
    def is_open(self) -> bool:
        return self.is_named or self.row_id is None or self.is_wrong or self.is_changed

    def check_entry(self) -> None:
        """As is_valid(), of what is to be saved or deleted only."""
        if self.gone:
            self.sent_id = None  # told now: the next time it is a new one
            self.add_error(None, f"{self.gone} Save again to add it as a new one, or remove it.")
        elif self.is_removed:
            self.check_removal()
        elif self.is_changed:
            self.full_clean()
        else:
            self.forgive()  # not saved, so nothing about it is wrong

    def check_removal(self) -> None:
        """Nobody's change is deleted unseen."""
        self.forgive()
        if self.now is not None and self.data.get(self.add_prefix("seen")) != str(self.now):
            who = self.instance.last_operation.by or "Somebody"
            self._take_over([])
            self.add_error(None, f"{who} changed this meanwhile. Save again to delete it all the same.")

    def tick(self, ticked: bool) -> None:
        """Show the form again with the flag as somebody else left it."""
        data = self.data.copy() if isinstance(self.data, QueryDict) else dict(self.data)
        data.pop(self.add_prefix(self.flag), None)
        if ticked:
            data[self.add_prefix(self.flag)] = "on"
        self.data = data

    def tracked_names(self) -> list[str]:
        return [name for name in super().tracked_names() if name != self.flag]

    def clean(self) -> dict[str, Any]:
        """What somebody else changed is no conflict where nothing was typed: theirs stays."""
        self.taken_over: list[str] = []
        changed = set(self.changed_data)
        try:
            return super().clean()
        except ValidationError as conflict:
            if conflict.code == "conflict" and changed <= set(self.taken_over):
                self.left_alone = True
                return self.cleaned_data
            raise

    def _take_over(self, names: list[str]) -> None:
        self.taken_over = names
        super()._take_over(names)

    def save(self, commit: bool = True) -> Row:
        """Only the flag where nothing else changed: what the row holds may be older than today's rules."""
        if self.row_id is not None and not self.is_changed:
            self.instance.save(update_fields=[self.flag])
            return self.instance
        return super().save(commit)

    def warnings(self) -> list[str]:
        """What the person should know about what was saved."""
        numbers = [name for name, field in self.fields.items() if isinstance(field, PhoneField)]
        changed = [self.cleaned_data[name] for name in numbers if name in self.changed_data]
        country = self.phone_country
        return [
            f"{self.instance}: the phone number is kept as typed: “{number}” is no number that can be dialled "
            "from elsewhere."
            for number in changed
            if number and not parse(number, country)
        ]


class ContactForm(EntryForm[Contact]):
    flag = "is_primary"
    noun = "Contact"
    given = frozenset({"relation", "is_primary"})
    refusals: ClassVar = {
        "contacts_contact_primary": (
            "is_primary",
            "Somebody made another contact the primary one just now. " + AGAIN,
        ),
    }

    is_primary = FlagField(required=False, label="Primary contact")

    class Meta:
        model = Contact
        fields = ["name", "job_title", "relation", "email", "phone", "language", *COMMUNICATIONS, "notes"]
        field_classes = {
            "email": MailField,
            "phone": PhoneField,
            "language": ListedLanguageField,
            "notes": ParagraphField,
        }
        widgets = {"relation": LongSelect, "notes": forms.Textarea(attrs={"rows": 2})}
        labels = COMMUNICATIONS

    def note_of(self, row: Contact) -> str:
        return row.job_title or row.get_relation_display()

    def clean_name(self) -> str:
        name: str = self.cleaned_data["name"]
        if not is_visible(name):
            raise ValidationError("Give a name that can be read.", code="invisible")
        return name

    @property
    def communications(self) -> list[BoundField]:
        return [self[name] for name in COMMUNICATIONS]


class AddressForm(EntryForm[Address]):
    """What a country requires is insisted on when the address is new or a part of it is changed."""

    flag = "is_billing"
    noun = "Address"
    given = frozenset({"country", "is_billing"})
    refusals: ClassVar = {
        "contacts_address_billing": (
            "is_billing",
            "Somebody made another one the billing address just now. " + AGAIN,
        ),
    }

    is_billing = FlagField(required=False, label="Billing address")

    class Meta:
        model = Address
        fields = ["label", "country", *PARTS, "phone", "is_site", *ACCESS]
        field_classes = {
            "country": CountryField,
            "street": ParagraphField,
            "phone": PhoneField,
            "access_phone": PhoneField,
            "access_email": MailField,
            "access_instructions": ParagraphField,
        }
        widgets = {
            "street": forms.Textarea(attrs={"rows": 2}),
            "access_relation": LongSelect,
            "access_instructions": forms.Textarea(attrs={"rows": 2}),
        }
        labels = {
            "access_name": "Name",
            "access_phone": "Phone",
            "access_email": "E-mail",
            "access_relation": "Relation",
            "access_instructions": "Instructions",
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not self.by.user.has_perm(VIEW_ACCESS):
            for name in ACCESS:
                del self.fields[name]
        self.was_site = self.row_id is not None and self.instance.is_site
        self.had_access = (
            "access_name" in self.fields and self.row_id is not None and self.instance.has_access
        )
        country = self.country
        for name in PARTS:
            one, field = part(name, country), self.fields[name]
            field.label = one.label
            if one.choices:
                field.widget = RegionSelect(one.choices, self.value_of(name))
                if len(one.choices) > MANY:
                    field.widget.attrs["data-combo"] = "Type to search"
        self.mark_required(True)
        # Another country has other parts: the scripts ask for these, and for nothing else of the page. Of one
        # that was searched for it is told twice, as it is chosen and, by the browser, as the focus leaves.
        parts = f"#{self.prefix}-parts"
        self.fields["country"].widget.attrs |= {
            "hx-post": "",
            "hx-trigger": "change changed",
            "hx-vals": json.dumps({"refresh": self.prefix}),
            "hx-target": parts,
            "hx-select": parts,
            "hx-swap": "outerHTML",
        }

    def note_of(self, row: Address) -> str:
        return one_line(row.parts) if row.label else ""

    def called(self, name: str) -> str:
        label = super().called(name)
        return f"access {label[:1].lower()}{label[1:]}" if name in ACCESS else label

    @property
    def country(self) -> str:
        """The country whose parts are shown: as typed where that is one, else ''."""
        typed = self.value_of("country")
        return country_code(typed) or (typed if typed == self.initial.get("country") else "")

    @property
    def phone_country(self) -> str:
        return self.country or self.by.tenant.country

    def value_of(self, name: str) -> str:
        """What the field shows."""
        return str((self.data.get(self.add_prefix(name)) if self.is_bound else self.initial.get(name)) or "")

    @property
    def parts(self) -> list[BoundField]:
        """The country's parts in its order, and what else there is a value of."""
        used = [one.name for one in layout(self.country)]
        others = [name for name in PARTS if name not in used and self.value_of(name)]
        return [self[name] for name in [*used, *others]]

    def names(self) -> list[str]:
        parts = [field.name for field in self.parts]
        return ["label", "country", *parts, *(name for name in super().names() if name not in parts)]

    @property
    def access(self) -> list[BoundField]:
        return [self[name] for name in ACCESS if name in self.fields]

    @property
    def shows_access(self) -> bool:
        return any(field.value() or (self.is_wrong and field.errors) for field in self.access)

    @property
    def insists(self) -> bool:
        return self.row_id is None or bool(set(self.changed_data) & {"country", *PARTS})

    def mark_required(self, country_too: bool) -> None:
        required = {one.name for one in layout(self.country) if one.required} if country_too else set()
        self.fields["country"].required = country_too
        for name in PARTS:
            self.fields[name].required = name in required

    def full_clean(self) -> None:
        if self.is_bound:
            self.mark_required(self.insists)
        super().full_clean()
        self.mark_required(True)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if self.insists and "country" in cleaned:
            country = cleaned["country"]
            for name, tidied in (("region", tidy_region), ("postal_code", tidy_postal_code)):
                if cleaned.get(name):
                    cleaned[name] = tidied(cleaned[name], country)
        return cleaned

    def warnings(self) -> list[str]:
        doubts = problems(self.instance.parts) if self.insists else []
        return [*super().warnings(), *(f"{self.instance}: {doubt.message}" for doubt in doubts)]
