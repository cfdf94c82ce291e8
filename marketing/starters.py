"""The lists a new company starts with; it changes them as it likes."""

from typing import Any

from marketing.models import Channel, Segment, Status
from tenants.colours import Colour

STARTING: dict[type[Any], list[tuple[str, Colour]]] = {
    Segment: [
        ("Small business", Colour.TEAL),
        ("Mid-market", Colour.BLUE),
        ("Enterprise", Colour.INDIGO),
        ("Private", Colour.PINK),
    ],
    Status: [
        ("Active", Colour.GREEN),
        ("Lead", Colour.BLUE),
        ("Paused", Colour.AMBER),
        ("Former", Colour.GREY),
    ],
    Channel: [
        ("Direct", Colour.GREY),
        ("Website", Colour.BLUE),
        ("Referral", Colour.GREEN),
        ("Trade fair", Colour.PURPLE),
        ("Partner", Colour.ORANGE),
    ],
}


def fill_lists() -> None:
    """Add the starting entries; the first of each list is the default."""
    for model, entries in STARTING.items():
        model.objects.bulk_create(
            [
                model(name=name, colour=colour, position=position, is_default=position == 0)
                for position, (name, colour) in enumerate(entries)
            ]
        )
