"""The rows beside a customer that sheets of customers bring along: the primary contact, the billing address."""

from __future__ import annotations

from contacts import postal
from contacts.models import Address, AddressQuerySet, Contact, ContactQuerySet
from customers.models import Customer
from lists.parts import Part, Values


class PrimaryContact(Part):
    """An individual without one is their own: the columns show the customer's name, e-mail and phone."""

    model = Contact
    owner = "customer"
    takes = ("kind", "name", "email", "phone")

    def rows(self) -> ContactQuerySet:
        found: ContactQuerySet = Contact.objects.filter(is_primary=True)
        return found

    def make(self, owner: Values) -> Values:
        return {"is_primary": True, "relation": Contact.usual_relation(owner["kind"])}

    def stand_in(self, owner: Values) -> Values | None:
        if owner["kind"] != Customer.Kind.INDIVIDUAL:
            return None
        return {name: owner[name] for name in ("name", "email", "phone")}

    def complete(self, row: Values, owner: Values) -> None:
        """An individual's contact without a name is the customer, who keeps e-mail and phone."""
        if owner["kind"] != Customer.Kind.INDIVIDUAL:
            return
        row["name"] = row["name"] or owner["name"]
        if row["name"] == owner["name"]:
            row["email"] = row["email"] or owner["email"]
            row["phone"] = row["phone"] or owner["phone"]

    def problems(self, row: Values, owner: Values) -> list[tuple[str, str]]:
        if row["name"]:
            return []
        return [("name", "The contact has no name. Fill it in, or empty the contact's other cells.")]


class BillingAddress(Part):
    model = Address
    owner = "customer"

    def rows(self) -> AddressQuerySet:
        found: AddressQuerySet = Address.objects.filter(is_billing=True)
        return found

    def make(self, owner: Values) -> Values:
        return {"is_billing": True}

    def warnings(self, row: Values, owner: Values) -> list[tuple[str, str]]:
        """What the address's country would not accept; a form insists on what an import only mentions."""
        if not row["country"]:
            return [("country", "The address has no country, so it can't be checked. Fill it in.")]
        return [(problem.part, problem.message) for problem in postal.problems(row)]


PRIMARY_CONTACT = PrimaryContact()
BILLING_ADDRESS = BillingAddress()
