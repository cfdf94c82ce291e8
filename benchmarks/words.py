"""What the made-up customers are called and where they are: word lists from which some words are drawn often and
most seldom, as in real files. Each word comes with the form in which it is compared."""

from __future__ import annotations

import random
from itertools import accumulate
from typing import NamedTuple

from tenants.fields import fold

# Words of which it is known how many customers have them: see benchmarks.rows.
RARE, MEDIUM, BROAD = "Zephyrine", "Meridian", "Group"
RARE_CITY, MEDIUM_CITY, BROAD_CITY = "Reykjavík", "Luleå", "Berlin"
NOWHERE = "qxvjzk"  # no customer has it
NOWHERE_OF_COMMON_LETTERS = "landberger"  # nor this, though its letters are everywhere


class Word(NamedTuple):
    text: str
    folded: str


class Place(NamedTuple):
    city: str
    folded: str
    country: str
    prefix: str  # of the postal code


class Drawn:
    """A list from which the nth entry is drawn in proportion to 1 / (n + 3)."""

    def __init__(self, entries: list[Word]) -> None:
        self.entries = entries
        self.weights = list(accumulate(1 / (place + 3) for place in range(len(entries))))

    def draw(self, dice: random.Random, number: int) -> list[Word]:
        return dice.choices(self.entries, cum_weights=self.weights, k=number)


def words(texts: list[str]) -> list[Word]:
    return [Word(text, fold(text)) for text in texts]


# fmt: off
HEADS = [
    "Al", "Bar", "Cor", "Dan", "El", "Fal", "Gar", "Hol", "Ist", "Jor", "Kal", "Lin", "Mar", "Nor", "Or", "Pel",
    "Quin", "Ros", "Sal", "Tor", "Ul", "Var", "Wes", "Yar", "Zan", "Bäl", "Ås", "Łuk", "Ør", "Mün",
]
MIDDLES = ["", "en", "o", "ing", "am"]
TAILS = [
    "berg", "dale", "ford", "heim", "kirk", "lund", "mark", "nau", "ov", "pool", "rath", "sen", "stad", "thal",
    "ton", "vik", "wald", "wick", "yr", "zell", "ström", "gård", "hof", "by",
]
TRADES = words([
    "Logistics", "Optics", "Foods", "Energy", "Textiles", "Robotics", "Dental", "Press", "Timber", "Travel",
    "Software", "Pharma", "Brewing", "Ceramics", "Marine", "Steel", "Media", "Farms", "Motors", "Design",
    "Insurance", "Solar", "Printing", "Catering", "Cleaning", "Security", "Tools", "Paper", "Plastics", "Gardens",
])
FORMS = words(["GmbH", "Ltd", "Inc.", "AG", "AB", "BV", "S.A.", "ApS"])
FIRST_NAMES = words([
    "Anna", "Emil", "Frieda", "Jürgen", "Käthe", "Lukas", "Mia", "Sören", "Uwe", "Zeynep", "Amélie", "Benoît",
    "Chloé", "Gérard", "Inès", "Loïc", "Amelia", "George", "Harriet", "Oliver", "Priya", "Rhys", "Agnieszka",
    "Łukasz", "Paweł", "James", "Linda", "Marcus", "Maria", "Åse", "Freja", "Niels", "Søren", "Tomás", "Aisha",
    "Robin", "Ingrid", "Olga", "Pedro", "Wei",
])
JOBS = ["Buyer", "Head of purchasing", "Managing director", "Office manager", "Owner", "Project lead", ""]
STREETS = words([
    "Lindenstr.", "Am Hafen", "Schillerstr.", "Marktplatz", "Bahnhofstr.", "High Street", "Mill Lane", "Main St",
    "rue Victor Hugo", "Storgatan", "Vesterbrogade", "Polna", "Długa", "Station Road", "Oak Ridge Rd",
])
CITIES = [
    ("Hamburg", "DE", "20"), ("London", "GB", "N1"), ("Paris", "FR", "75"), ("München", "DE", "80"),
    ("Warszawa", "PL", "00"), ("New York", "US", "10"), ("Stockholm", "SE", "11"), ("København", "DK", "11"),
    ("Wien", "AT", "10"), ("Zürich", "CH", "80"), ("Amsterdam", "NL", "10"), ("Madrid", "ES", "28"),
    ("Milano", "IT", "20"), ("Köln", "DE", "50"), ("Leeds", "GB", "LS"), ("Lyon", "FR", "69"),
    ("Gdańsk", "PL", "80"), ("Boston", "US", "02"), ("Göteborg", "SE", "41"), ("Aarhus", "DK", "80"),
    ("Graz", "AT", "80"), ("Basel", "CH", "40"), ("Utrecht", "NL", "35"), ("Sevilla", "ES", "41"),
    ("Torino", "IT", "10"), ("Leipzig", "DE", "04"), ("Bristol", "GB", "BS"), ("Nantes", "FR", "44"),
]
# fmt: on


def _stems() -> list[Word]:
    made = [f"{head}{middle}{tail}" for head in HEADS for middle in MIDDLES for tail in TAILS]
    random.Random(1).shuffle(made)
    return words(made)


def place(city: str, country: str, prefix: str) -> Place:
    return Place(city, fold(city), country, prefix)


STEMS = Drawn(_stems())
LAST_NAMES = Drawn(STEMS.entries[::-1])
FIRST = Drawn(FIRST_NAMES)
TRADE = Drawn(TRADES)
PLACES = [place(*city) for city in CITIES]
PLACE_WEIGHTS = list(accumulate(1 / (rank + 3) for rank in range(len(PLACES))))
EVERYWHERE = place(BROAD_CITY, "DE", "10")
SOMEWHERE = place(MEDIUM_CITY, "SE", "97")
HARDLY = place(RARE_CITY, "IS", "10")
