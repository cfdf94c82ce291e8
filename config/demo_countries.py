"""The countries of the demonstration customers: what people there are called, and where they are."""

from __future__ import annotations

import random
import re
from dataclasses import dataclass

from tenants.fields import fold


@dataclass(frozen=True)
class Place:
    """A city. In its postal code every # stands for a digit and every @ for a letter."""

    city: str
    code: str
    region: str = ""


@dataclass(frozen=True)
class Places:
    """Where the customers of a country are. `street` is written with a name of `streets` and a number."""

    street: str
    streets: list[str]
    cities: list[Place]


PLACES = {
    "DE": Places(
        "{street} {number}",
        ["Lindenstr.", "Am Hafen", "Schillerstr.", "Marktplatz", "Goethestr.", "Bahnhofstr.", "Mühlenweg"],
        [
            Place("Berlin", "10###"), Place("Hamburg", "20###"), Place("München", "80###"),
            Place("Köln", "50###"), Place("Leipzig", "041##"), Place("Stuttgart", "70###"),
        ],
    ),
    "FR": Places(
        "{number} {street}",
        ["rue des Lilas", "avenue Foch", "rue Victor Hugo", "quai du Port", "boulevard Carnot"],
        [
            Place("Paris", "7501#"), Place("Lyon", "6900#"), Place("Marseille", "1300#"),
            Place("Lille", "59000"), Place("Nantes", "44000"),
        ],
    ),
    "GB": Places(
        "{number} {street}",
        ["Mill Lane", "High Street", "Station Road", "King George Street", "Church Walk", "Queensway"],
        [
            Place("London", "N1 #@@"), Place("London", "SE10 #@@"), Place("Manchester", "M1 #@@"),
            Place("Leeds", "LS2 #@@"), Place("Bristol", "BS1 #@@"), Place("Edinburgh", "EH3 #@@"),
        ],
    ),
    "PL": Places(
        "ul. {street} {number}",
        ["Kwiatowa", "Polna", "Mickiewicza", "Długa", "Ogrodowa"],
        [
            Place("Warszawa", "00-###"), Place("Kraków", "30-###"), Place("Gdańsk", "80-###"),
            Place("Wrocław", "50-###"),
        ],
    ),
    "US": Places(
        "{number} {street}",
        ["Maple Ave", "2nd St", "Lakeview Blvd", "Oak Ridge Rd", "Main St", "Jefferson Way"],
        [
            Place("New York", "100##", "NY"), Place("Boston", "021##", "MA"), Place("Chicago", "606##", "IL"),
            Place("Seattle", "981##", "WA"), Place("Portland", "972##", "OR"),
        ],
    ),
    "DK": Places(
        "{street} {number}",
        ["Nørregade", "Vesterbrogade", "Strandvejen", "Søndergade", "Havnegade"],
        [
            Place("København K", "11##"), Place("Aarhus C", "8000"), Place("Odense C", "5000"),
            Place("Aalborg", "9000"),
        ],
    ),
}  # fmt: skip


@dataclass(frozen=True)
class Country:
    code: str
    share: int
    language: str
    timezone: str
    phone: str  # a digit for each #
    forms: list[str]
    first_names: list[str]
    last_names: list[str]
    places: list[str]

    def name(self, dice: random.Random) -> str:
        return f"{dice.choice(self.first_names)} {dice.choice(self.last_names)}"

    def telephone(self, dice: random.Random) -> str:
        """A number whose subscriber part does not begin with 0 or 1."""
        at = self.phone.index("#")
        digits = [str(dice.randrange(2, 10)), *(str(dice.randrange(10)) for _ in self.phone[at + 1 :])]
        return self.phone[:at] + "".join(digits)


COUNTRIES = [
    Country(
        "DE", 46, "de", "Europe/Berlin", "+4930#######", ["GmbH", "AG", "KG", "e. K.", "GmbH & Co. KG"],
        ["Anna", "Emil", "Frieda", "Jürgen", "Käthe", "Lukas", "Mia", "Sören", "Uwe", "Zeynep"],
        [
            "Albrecht", "Arndt", "Bauer", "Becker", "Brandt", "Busch", "Engel", "Fuchs", "Großmann", "Heinrich",
            "Jäger", "Kühn", "Lorenz", "Müller", "Öztürk", "Pohl", "Roth", "Schäfer", "Vogel", "Weiß", "Ziegler",
        ],
        ["Alpen", "Elbe", "Harz", "Isar", "Nord", "Rhein", "Saale", "Spree"],
    ),
    Country(
        "FR", 14, "fr", "Europe/Paris", "+331########", ["SA", "SARL", "SAS"],
        ["Amélie", "Benoît", "Chloé", "Gérard", "Inès", "Loïc"],
        ["Aubert", "Chevalier", "Dubois", "Fontaine", "Garçon", "Lefèvre", "Marchand", "Moreau", "Noël", "Périer"],
        ["Azur", "Garonne", "Loire", "Lumière", "Rhône"],
    ),
    Country(
        "GB", 14, "en", "Europe/London", "+44207#######", ["Ltd", "plc", "LLP"],
        ["Amelia", "George", "Harriet", "Oliver", "Priya", "Rhys"],
        ["Abbott", "Ashworth", "Chapman", "Fairbanks", "Hughes", "O'Connor", "Patel", "Pritchard", "Whitfield"],
        ["Albion", "Kingsway", "Northgate", "Severn", "Thames"],
    ),
    Country(
        "PL", 10, "pl", "Europe/Warsaw", "+4822#######", ["sp. z o.o.", "S.A."],
        ["Agnieszka", "Grażyna", "Łukasz", "Paweł"],
        ["Adamczyk", "Dąbrowska", "Kowalczyk", "Nowak", "Piotrowski", "Wiśniewski", "Zając", "Żak"],
        ["Bałtyk", "Śląsk", "Tatry", "Wisła"],
    ),
    Country(
        "US", 9, "en", "America/New_York", "+1212#######", ["Inc.", "LLC", "Corp."],
        ["James", "Linda", "Marcus", "Maria"],
        ["Alvarez", "Bennett", "Cole", "Delgado", "Foster", "Johnson", "Kim", "Nguyen", "Ramirez"],
        ["Hudson", "Lakeside", "Liberty", "Summit"],
    ),
    Country(
        "DK", 7, "da", "Europe/Copenhagen", "+4533######", ["A/S", "ApS"],
        ["Åse", "Freja", "Niels", "Søren"],
        ["Bach", "Dahl", "Kjær", "Lund", "Møller", "Nygård", "Sørensen", "Ægir"],
        ["Fjord", "Havn", "Nordsø", "Øresund"],
    ),
]  # fmt: skip


def choose_country(dice: random.Random) -> Country:
    return dice.choices(COUNTRIES, [country.share for country in COUNTRIES])[0]


def slug(text: str) -> str:
    """As a part of an e-mail address."""
    return "-".join(re.findall(r"[a-z0-9]+", fold(text).replace("'", "")))
