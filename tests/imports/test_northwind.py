"""The whole Northwind file goes in: where each column lands, and every warning about it."""

from __future__ import annotations

from typing import Any

import pytest

from contacts.models import Address, Contact
from customers.models import Customer
from history.models import Operation
from tenants.context import tenant
from tenants.models import Tenant, User
from tests.imports.loading import Outcome as ImportOutcome
from tests.imports.loading import import_customers, plan_import
from tests.imports.test_first import NORTHWIND
from tests.imports.test_parts import counts

People = dict[str, User]


@pytest.fixture(autouse=True)
def _in_acme(acme: Tenant, people: People) -> Any:
    with tenant(acme):
        yield


def address_of(reference: str) -> dict[str, str]:
    """The parts of the customer's billing address that hold anything."""
    address = Address.objects.get(customer__reference=reference, is_billing=True)
    return {name: value for name, value in address.parts.items() if value}


@pytest.fixture
def northwind(people: People) -> ImportOutcome:
    return import_customers(NORTHWIND.read_bytes(), by=people["manager"], file_name="northwind.csv")


def told(outcome: ImportOutcome, column: str) -> dict[str, str]:
    """The warnings of that column: message by the customer's reference."""
    names = {change.row: change.name for change in outcome.changes}
    references = dict(Customer.objects.values_list("name", "reference"))
    found = [warning for warning in outcome.warnings if warning.column == column]
    assert len({warning.row for warning in found}) == len(found)
    return {references[names[warning.row]]: warning.message for warning in found}


def test_every_column_of_the_northwind_file_lands_somewhere_but_the_fax(northwind: ImportOutcome) -> None:
    assert (northwind.rows, northwind.created, northwind.failed, northwind.errors) == (91, 91, 0, [])
    assert northwind.ignored_columns == ["fax"]
    assert dict(northwind.columns) == {
        "customerID": "Reference",
        "companyName": "Customer name",
        "contactName": "Primary contact",
        "contactTitle": "Contact job title",
        "address": "Billing street",
        "city": "Billing city",
        "region": "Billing region",
        "postalCode": "Billing postal code",
        "country": "Billing country",
        "phone": "Phone",
    }
    assert Contact.objects.filter(is_primary=True).count() == 91
    assert Address.objects.filter(is_billing=True).count() == 91
    assert not Address.objects.filter(country="").exists()


def test_northwinds_contacts_and_addresses_are_as_in_the_file(northwind: ImportOutcome) -> None:
    contact = Contact.objects.get(customer__reference="WILMK")
    assert (contact.name, contact.job_title) == ("Matti Karttunen", "Owner/Marketing Assistant")
    assert (contact.email, contact.phone, contact.relation) == ("", "", Contact.Relation.EMPLOYEE)
    assert address_of("AROUT") == {
        "street": "120 Hanover Sq.",
        "city": "London",
        "postal_code": "WA1 1DP",
        "country": "GB",
    }
    assert address_of("GREAL")["country"] == "US"
    assert (address_of("GROSR")["country"], address_of("GROSR")["region"]) == ("VE", "Distrito Federal")
    assert address_of("BERGS")["postal_code"] == "S-958 22"
    assert address_of("ANATR")["postal_code"] == "05021"
    assert address_of("MEREP")["region"] == "QC"  # Québec
    assert address_of("HUNGO") == {
        "street": "8 Johnstown Road",
        "city": "Cork",
        "region": "Co. Cork",
        "country": "IE",
    }
    assert address_of("BLONP")["street"] == "24, place Kléber"


def test_northwinds_warnings_name_what_is_missing_and_what_is_odd(northwind: ImportOutcome) -> None:
    regions = told(northwind, "Billing region")
    assert set(regions) == set(
        Customer.objects.filter(addresses__country__in=["ES", "IT", "MX"]).values_list("reference", flat=True)
    )
    assert regions["FRANS"] == "Province is missing. Addresses in Italy have one: add it."
    assert regions["ANATR"] == "State is missing. Addresses in Mexico have one: add it."
    codes = told(northwind, "Billing postal code")
    assert set(codes) == {
        *("BOTTM", "LAUGB"),  # of another province than British Columbia
        *("CONSH", "EASTC"),  # there is no WX
        *("FURIB", "PRINI"),  # of old: four digits
        *("HANAR", "QUEDE", "RICAR"),  # of São Paulo, not of Rio
    }
    assert "is not a postal code of Portugal" in codes["FURIB"]
    as_typed = Customer.objects.exclude(phone__startswith="+").values_list("reference", flat=True)
    phones = told(northwind, "Phone")
    assert set(phones) == set(as_typed)
    assert phones["ANATR"].startswith("No valid telephone number (country: Mexico). It is kept as typed")
    assert len(northwind.warnings) == len(regions) + len(codes) + len(phones)


def test_northwinds_import_is_one_operation_for_contacts_and_addresses_too(northwind: ImportOutcome) -> None:
    running = Operation.objects.get(kind="import")
    assert running.counts["warnings"] == len({warning.row for warning in northwind.warnings})
    for model in (Contact, Address):
        records = model.history.filter(operation=running)
        assert set(records.values_list("history_type", flat=True)) == {"+"}
        assert records.count() == 91
    assert Customer.objects.search("karttunen").get().reference == "WILMK"


def test_northwind_again_changes_nothing_and_warns_of_nothing(
    northwind: ImportOutcome, people: People
) -> None:
    again = import_customers(NORTHWIND.read_bytes(), by=people["admin"], file_name="northwind.csv")
    assert (counts(again), again.written, again.warnings) == ((0, 0, 91, 0), False, [])
    assert Contact.history.count() == Address.history.count() == 91


def test_a_plan_writes_no_contact(people: People) -> None:
    plan = plan_import(NORTHWIND.read_bytes(), by=people["manager"], file_name="northwind.csv")
    assert (plan.created, len(plan.warnings) > 0) == (91, True)
    assert (Contact.objects.count(), Address.objects.count()) == (0, 0)
