"""Charts as SVG. Positions are attributes, for the content policy allows no inline style."""

from __future__ import annotations

from typing import Any

from django import template

from lists.charts import Chart

register = template.Library()

ROW = 32  # pixels
BAR_WIDTH = 40  # per cent of the chart, from 38 on; the label stands before, the number behind
ABOVE, TALLEST, BELOW = 20, 120, 36  # pixels: for the number, the bar, its labels


@register.inclusion_tag("lists/bars.html")
def bars(chart: Chart) -> dict[str, Any]:
    """Bars that lie, each a link, with the same numbers as a table."""
    longest = _largest(chart)
    return {
        "chart": chart,
        "height": ROW * len(chart.bars),
        "bars": [
            {
                "bar": bar,
                "y": ROW * index,
                "middle": ROW * index + ROW // 2,
                "width": f"{bar.number / longest * BAR_WIDTH:.2f}%",
            }
            for index, bar in enumerate(chart.bars)
        ],
    }


@register.inclusion_tag("lists/upright_bars.html")
def upright_bars(chart: Chart) -> dict[str, Any]:
    """Bars that stand, for what comes one after the other; each a link, with the same numbers as a table."""
    tallest, step = _largest(chart), 100 / max(len(chart.bars), 1)
    heights = [bar.number / tallest * TALLEST for bar in chart.bars]
    return {
        "chart": chart,
        "height": ABOVE + TALLEST + BELOW,
        "ground": ABOVE + TALLEST,
        "width": f"{step:.2f}%",
        "bar_width": f"{step * 0.6:.2f}%",
        "bars": [
            {
                "bar": bar,
                "left": f"{step * index:.2f}%",
                "bar_left": f"{step * (index + 0.2):.2f}%",
                "middle": f"{step * (index + 0.5):.2f}%",
                "top": f"{ABOVE + TALLEST - height:.1f}",
                "height": f"{height:.1f}",
                "number": brief(bar.number),
            }
            for index, (bar, height) in enumerate(zip(chart.bars, heights, strict=True))
        ],
    }


def brief(number: int) -> str:
    """With three digits at the most: "950", "1.2k", "25k", "3.4M"."""
    for size, letter in ((1_000_000, "M"), (1_000, "k")):
        if number >= size - size // 2_000:  # what would be written "1000k" is "1M"
            shown = f"{number / size:.1f}" if number < 10 * size else f"{number / size:.0f}"
            return f"{shown.removesuffix('.0')}{letter}"
    return str(number)


def _largest(chart: Chart) -> int:
    return max((bar.number for bar in chart.bars), default=0) or 1
