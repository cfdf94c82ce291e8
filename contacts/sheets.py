"""What can be imported in sheets that have a row for each contact, or for each address, of customers who are there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, ClassVar

from django.db.models import QuerySet

from contacts import parts
from contacts.columns import BILLING_ADDRESS
from contacts.list import CONTACT
from contacts.models import Address, Contact
from contacts.search import carried
from lists.cells import text, yes_no
from lists.columns import Column, ColumnGroup
from lists.parts import Part, Values
from lists.widgets import YesNoWidget
from tenants.fields import fold, tidy


class Entry(Part):
    """One row of many that a customer has, found by what tells it from the customer's others.

    At most one of them has the flag; `flagged` is what that one is. `told_by` are the attributes that tell it: the
    first, which people know as `tells`, and where that is blank the others. `renamed` says whether one with another
    first may be meant all the same. Two that are alike in the columns `alike` are one and the same.
    """

    owner = "customer"
    takes = ("kind", "sort_name", "reference_key", "disabled_at")
    noun: ClassVar[str]
    flag: ClassVar[str]
    flagged: ClassVar[str]
    told_by: ClassVar[tuple[str, ...]]
    tells: ClassVar[str]
    renamed: ClassVar[bool]
    alike: ClassVar[tuple[str, ...]]

    def rows(self) -> QuerySet[Any]:
        rows: QuerySet[Any] = self.model._default_manager.order_by()
        return rows

    def tell(self, values: Mapping[str, str]) -> tuple[str, str]:
        """What tells it first, and what then, as compared; '' for nothing. Given what `told_by` names."""
        raise NotImplementedError

    def called(self, row: Values) -> str:
        raise NotImplementedError


class AnyContact(Entry):
    model = Contact
    noun = "a contact"
    flag = "is_primary"
    flagged = "the primary contact"
    told_by = ("email", "name")
    tells = "e-mail address"
    renamed = True  # the same name at the same customer: the address is new
    alike = ("email", "sort_name")

    def make(self, owner: Values) -> Values:
        """Also what it carries of the customer (contacts/search.py), so that it isn't written twice."""
        return {"relation": Contact.usual_relation(owner["kind"]), **carried(owner)}

    def tell(self, values: Mapping[str, str]) -> tuple[str, str]:
        return tidy(values["email"]).casefold(), fold(values["name"])

    def called(self, row: Values) -> str:
        return str(row["name"])

    def problems(self, row: Values, owner: Values) -> list[tuple[str, str]]:
        return [] if row["name"] else [("name", "The contact has no name. Fill it in.")]


class AnyAddress(Entry):
    model = Address
    noun = "an address"
    flag = "is_billing"
    flagged = "the billing address"
    told_by = ("label", "street", "postal_code")
    tells = "label"
    renamed = False  # flats of one house have one street and one code
    alike = ("label", "street", "postal_code")

    def make(self, owner: Values) -> Values:
        return {}

    def tell(self, values: Mapping[str, str]) -> tuple[str, str]:
        """A postal code is compared without what stands between its letters and digits."""
        code = "".join(char for char in fold(values["postal_code"]) if char.isalnum())
        place = f"{fold(values['street'])}\n{code}"
        return fold(values["label"]), place if place != "\n" else ""

    def called(self, row: Values) -> str:
        return Address.called(row["label"], row["street"], row["city"], row["country"])

    def warnings(self, row: Values, owner: Values) -> list[tuple[str, str]]:
        return parts.BILLING_ADDRESS.warnings(row, owner)


ANY_CONTACT, ANY_ADDRESS = AnyContact(), AnyAddress()

# What finds the customer, in every such sheet.
OF_CUSTOMER = ("customer_reference", "customer")
_contact = {column.key: column for column in CONTACT.columns if column.widget}
CUSTOMER = ColumnGroup("Customer", tuple(_contact[key] for key in OF_CUSTOMER))

CONTACT_SHEET = (
    CUSTOMER,
    ColumnGroup(
        "Contact",
        tuple(column for key, column in _contact.items() if key not in OF_CUSTOMER),
        part=ANY_CONTACT,
    ),
)


def _of_any_address(column: Column) -> Column:
    """The billing address's column as that of any address."""
    label = column.label.removeprefix("Billing ")
    return replace(
        column,
        key=column.key.removeprefix("billing_"),
        label=f"{label[:1].upper()}{label[1:]}",
        heading="",
        expression=column.attribute,
        filter=None,
        beside={},
        guarded={},
        cell=text,
        help=column.help.replace("the billing address", "the address"),
        synonyms=(column.label, *(word for word in column.synonyms if word != "billing address")),
        shown=0,
    )


BILLING = Column(
    key="billing",
    label="Billing address",
    expression="is_billing",
    cell=yes_no,
    synonyms=("is billing address", "is billing", "billing"),
    help="yes for the address that stands on invoices: one of the customer's.",
    widget=YesNoWidget,
    attribute="is_billing",
    example="yes",
)

ADDRESS_SHEET = (
    CUSTOMER,
    ColumnGroup(
        "Address",
        (*(_of_any_address(column) for column in BILLING_ADDRESS.columns), BILLING),
        part=ANY_ADDRESS,
    ),
)
