"""What a chart shows. The drawing is in templates/lists/bars.html and upright_bars.html."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Bar:
    """One bar: what it counts, how many, and the list that shows them."""

    label: str
    number: int
    address: str
    colour: str = ""
    short: str = ""  # the label, where there is little room
    below: str = ""  # what stands under the short label


@dataclass(frozen=True)
class Chart:
    """Bars, and what they are: "Customers by status", of a "Status" each."""

    title: str
    heading: str
    bars: Sequence[Bar]
