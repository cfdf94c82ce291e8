"""What a chart shows. The drawing is in templates/lists/bars.html."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Bar:
    """One bar: what it counts, how many, and the list that shows them."""

    label: str
    number: int
    address: str
    colour: str = ""
