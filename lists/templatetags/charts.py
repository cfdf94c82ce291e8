"""Charts as SVG. Positions are attributes, for the content policy allows no inline style."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import template

from lists.charts import Bar

register = template.Library()

ROW = 32  # pixels
BAR_WIDTH = 40  # per cent of the chart, from 38 on; the label stands before, the number behind


@register.inclusion_tag("lists/bars.html")
def bars(rows: Sequence[Bar], title: str, heading: str) -> dict[str, Any]:
    """Bars that lie, each a link, with the same numbers as a table. `heading` is over the labels of the table."""
    longest = max((bar.number for bar in rows), default=0) or 1
    return {
        "title": title,
        "heading": heading,
        "height": ROW * len(rows),
        "bars": [
            {
                "bar": bar,
                "y": ROW * index,
                "middle": ROW * index + ROW // 2,
                "width": f"{bar.number / longest * BAR_WIDTH:.2f}%",
            }
            for index, bar in enumerate(rows)
        ],
    }
