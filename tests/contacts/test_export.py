"""The list of contacts as a file."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

import pytest
from django.test import Client

from contacts.models import Contact
from history.models import Operation
from tenants.context import tenant
from tenants.models import User
from tests.contacts.conftest import add_contact

EXPORT = "/acme/contacts/export/"


def exported(client: Client, query: str = "", **form: Any) -> Any:
    sent = {"chosen": ["name", "customer", "receives", "primary"], "format": "csv", "delimiter": ",", **form}
    return client.post(f"{EXPORT}{query}", sent)


@pytest.fixture
def contacts(maria: Contact, people: dict[str, User]) -> Contact:
    by = people["manager"]
    add_contact(maria.customer, by, name="=Bert", receives_invoices=True, receives_promotions=True)
    add_contact(maria.customer, by, name="Zoë Zander", email="zoe@alder.example")
    return maria


def test_managers_export_the_contacts_they_see(contacts: Contact, manager: Client) -> None:
    page = manager.get("/acme/contacts/?q=alder").content.decode()
    assert f'href="{EXPORT}?q=alder"' in page
    rows = list(csv.reader(io.StringIO(exported(manager, "?sort=-name").content.decode())))
    assert [row[0] for row in rows] == ["Name", "Zoë Zander", "Maria Anders", "'=Bert"]
    assert rows[3] == ["'=Bert", "Alder Bikes", "Invoices; Promotions", "no"]
    assert rows[1][2:] == ["", "no"]
    (only,) = json.loads(exported(manager, "?q=zoe@", format="json").content)
    assert only == {"name": "Zoë Zander", "customer": "Alder Bikes", "receives": "", "primary": False}
    with tenant(contacts.tenant):
        assert Operation.objects.filter(kind="export").count() == 2


def test_others_have_no_button_and_get_no_file(contacts: Contact, agent: Client) -> None:
    page = agent.get("/acme/contacts/").content.decode()
    assert EXPORT not in page
    assert "/acme/exports/" not in page
    assert exported(agent).status_code == 403
