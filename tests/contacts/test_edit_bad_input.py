"""Nonsense in any field of a contact or an address is refused at that field, with all else that was typed kept."""

from __future__ import annotations

import pytest
from django.test import Client

from contacts.models import LONGEST_TEXT, Address, Contact
from customers.models import Customer
from tenants.context import tenant
from tests.contacts.entries import edit_url, sent, shown

CONTACT = ["name", "job_title", "relation", "email", "phone", "language", "notes"]
ADDRESS = [
    "label", "country", "street", "district", "city", "region", "postal_code", "phone", "access_name",
    "access_phone", "access_email", "access_relation", "access_instructions",
]  # fmt: skip
NONSENSE = {"nul": "a\x00b", "control": "a\x07b", "long": "x" * (LONGEST_TEXT + 1)}
FIELDS = [*(f"contacts-0-{name}" for name in CONTACT), *(f"addresses-0-{name}" for name in ADDRESS)]


@pytest.mark.parametrize("nonsense", NONSENSE.values(), ids=NONSENSE)
def test_nonsense_is_refused_and_nothing_is_saved(
    nonsense: str, alder: Customer, maria: Contact, depot: Address, agent: Client
) -> None:
    data = shown(agent, alder)
    fields = [name for name in FIELDS if name in data]
    assert len(fields) > 15
    for name in fields:
        answer = agent.post(edit_url(alder), {**data, "addresses-0-label": "Typed meanwhile", name: nonsense})
        assert answer.status_code == 422, name
        assert f'id="id_{name}_error"' in answer.content.decode(), name
        assert sent(answer)["addresses-0-label"] == (
            nonsense if name.endswith("label") else "Typed meanwhile"
        ), name
        with tenant(alder.tenant):
            maria.refresh_from_db()
            depot.refresh_from_db()
        assert depot.label == "Depot", name
        assert maria.name == "Maria Anders", name
