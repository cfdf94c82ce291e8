"""What a sheet that is imported has a row for: a customer, a contact of one, an address of one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from contacts.sheets import ADDRESS_SHEET, ANY_ADDRESS, ANY_CONTACT, CONTACT_SHEET, Entry
from imports.models import ImportRun
from lists.columns import ColumnGroup, customer_groups
from tenants.models import User
from tenants.numbers import grouped

MAY = "customers.import_customer"


@dataclass(frozen=True)
class Subject:
    """`groups` are the sheet's columns; `entry` is what a row is where it belongs to a customer who is there. One row
    is called `noun` ("a customer"), several are called `many`; `about` says what they are."""

    groups: Callable[[], Sequence[ColumnGroup]]
    noun: str
    many: str
    about: str
    entry: Entry | None = None

    @property
    def one(self) -> str:
        return self.noun.partition(" ")[2]

    def counted(self, number: int) -> str:
        """ "91 customers" """
        return f"{grouped(number)} {self.one if number == 1 else self.many}"

    @property
    def permissions(self) -> frozenset[str]:
        """What somebody must be allowed to do who imports it."""
        if self.entry is None:
            return frozenset({MAY})
        meta = self.entry.model._meta
        return frozenset({MAY, *(f"{meta.app_label}.{act}_{meta.model_name}" for act in ("add", "change"))})

    def may_be_imported_by(self, user: User) -> bool:
        return user.has_perms(self.permissions)


SUBJECTS: dict[str, Subject] = {
    ImportRun.Subject.CUSTOMERS: Subject(
        customer_groups,
        noun="a customer",
        many="customers",
        about="A row for each, with its billing address and primary contact.",
    ),
    ImportRun.Subject.CONTACTS: Subject(
        lambda: CONTACT_SHEET,
        noun=ANY_CONTACT.noun,
        many="contacts",
        about="A row for each, many to a customer who is there: found by its reference, or else by its name.",
        entry=ANY_CONTACT,
    ),
    ImportRun.Subject.ADDRESSES: Subject(
        lambda: ADDRESS_SHEET,
        noun=ANY_ADDRESS.noun,
        many="addresses",
        about="A row for each, many to a customer who is there: found by its reference, or else by its name.",
        entry=ANY_ADDRESS,
    ),
}
