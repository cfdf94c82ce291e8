"""Contacts and addresses for the demonstration customers: people and places of their countries."""

from __future__ import annotations

import random
from typing import Any

from config.demo_countries import PLACES, Country, slug
from contacts.models import Address, Contact
from customers.models import Customer

LETTERS = "ABDEFGHJLNPQRSTUWXYZ"  # those that British postcodes end in
TITLES = [
    "Buyer", "Head of purchasing", "Managing director", "Office manager", "Owner", "Operations manager",
    "Project lead", "Sales manager",
]  # fmt: skip
BOOKKEEPERS = ["Accounts payable", "Bookkeeper", "Finance manager"]
SITES = ["Warehouse", "Branch", "Workshop", "Depot", "Showroom"]
FLATS = ["Flat 2", "Holiday home", "Garage", ""]
INSTRUCTIONS = [
    "Ring twice, the bell is quiet.",
    "The key is with the porter until 18:00.",
    "Gate code from the office; call an hour ahead.",
    "Beware of the dog. Use the entrance in the yard.",
]


def people_at(customer: Customer, country: Country, dice: random.Random) -> list[Contact]:
    """None to three contacts, the first of them primary. An individual is mostly their own."""
    if customer.kind == Customer.Kind.INDIVIDUAL:
        return [_agent(customer, country, dice)] if dice.random() < 0.06 else []
    number = dice.choices([0, 1, 2, 3], [12, 58, 22, 8])[0]
    found = [_person(customer, country, dice, is_primary=not place) for place in range(number)]
    for second in found[1:2]:
        second.job_title = dice.choice(BOOKKEEPERS)
        second.receives_invoices = second.receives_payment_reminders = True
    return found


def places_of(customer: Customer, country: Country, dice: random.Random) -> list[Address]:
    """None to three addresses, the first of them for billing."""
    if dice.random() < 0.1:
        return []
    company = customer.kind == Customer.Kind.COMPANY
    sites = dice.choices([0, 1, 2], [80, 15, 5] if company else [92, 8, 0])[0]
    billing = _address(
        customer, country, dice, is_billing=True, label="Head office" if sites and company else ""
    )
    return [billing, *(_site(customer, country, dice) for _ in range(sites))]


def _person(customer: Customer, country: Country, dice: random.Random, **values: Any) -> Contact:
    name = country.name(dice)
    domain = customer.email.partition("@")[2]
    email = f"{slug(name).replace('-', '.')}@{domain}" if domain and dice.random() < 0.85 else ""
    return Contact(
        customer=customer,
        name=name,
        job_title=dice.choice(TITLES) if dice.random() < 0.8 else "",
        email=email,
        phone=country.telephone(dice) if dice.random() < 0.6 else "",
        language=country.language if dice.random() < 0.5 else "",
        receives_invoices=bool(email) and dice.random() < 0.3,
        receives_service_notices=bool(email) and dice.random() < 0.5,
        receives_product_news=bool(email) and dice.random() < 0.25,
        receives_promotions=bool(email) and customer.receive_promotional_emails and dice.random() < 0.5,
        **values,
    )


def _agent(customer: Customer, country: Country, dice: random.Random) -> Contact:
    contact = _person(customer, country, dice)
    contact.relation = dice.choice([Contact.Relation.LETTING_AGENT, Contact.Relation.TENANT])
    contact.job_title, contact.email = "", ""
    return contact


def _address(customer: Customer, country: Country, dice: random.Random, **values: Any) -> Address:
    places = PLACES[country.code]
    place = dice.choice(places.cities)
    return Address(
        customer=customer,
        street=places.street.format(street=dice.choice(places.streets), number=dice.randrange(1, 190)),
        city=place.city,
        region=place.region,
        postal_code="".join(_letter(char, dice) for char in place.code),
        country=country.code,
        **values,
    )


def _letter(char: str, dice: random.Random) -> str:
    if char == "#":
        return str(dice.randrange(1, 10))
    return dice.choice(LETTERS) if char == "@" else char


def _site(customer: Customer, country: Country, dice: random.Random) -> Address:
    """Where the work is done; often somebody else has the key."""
    company = customer.kind == Customer.Kind.COMPANY
    site = _address(customer, country, dice, is_site=True, label=dice.choice(SITES if company else FLATS))
    if dice.random() < 0.6:
        site.access_name, site.access_phone = country.name(dice), country.telephone(dice)
        site.access_relation = dice.choice(Address.AccessRelation.values)
        site.access_instructions = dice.choice(INSTRUCTIONS) if dice.random() < 0.7 else ""
    return site
