"""The lists a new company starts with; it changes them as it likes."""

from marketing.models import Channel, Colour, Entry, Segment, Status

STARTING = {
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
            [_entry(model, name, colour, position) for position, (name, colour) in enumerate(entries)]
        )


def _entry(model: type[Entry], name: str, colour: str, position: int) -> Entry:
    return model(name=name, colour=colour, position=position, is_default=position == 0)
