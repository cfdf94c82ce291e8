"""Tick boxes in an order that people choose: templates/lists/ordered.html, with static/js/ordered.js or without."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Choice:
    """A column or a filter that may be shown. `fixed` ones always are."""

    key: str
    label: str
    chosen: bool
    fixed: bool = False


def chosen_first(labels: Mapping[str, str], chosen: Iterable[str]) -> list[Choice]:
    """All of `labels` (by key): the chosen ones in their order, then the others."""
    ticked = [key for key in dict.fromkeys(chosen) if key in labels]
    others = [key for key in labels if key not in set(ticked)]
    return [
        *(Choice(key, labels[key], True) for key in ticked),
        *(Choice(key, labels[key], False) for key in others),
    ]


def as_sent(known: dict[str, Choice], order: Iterable[str], chosen: Iterable[str]) -> list[Choice]:
    """The known ones in the order that was sent, ticked as sent; what was not sent comes last."""
    ticked = set(chosen)
    keys = [key for key in dict.fromkeys(order) if key in known]
    fixed = [key for key, choice in known.items() if choice.fixed]
    rest = [key for key in known if key not in keys]
    in_order = dict.fromkeys([*fixed, *keys, *rest])
    return [
        Choice(key, known[key].label, known[key].fixed or key in ticked, known[key].fixed) for key in in_order
    ]


def moved_as_asked(choices: list[Choice], asked: str) -> list[Choice]:
    """`asked` is what the pressed button says: "up:email", "down:email"."""
    direction, _, key = asked.partition(":")
    return moved(choices, key, direction)


def moved(choices: list[Choice], key: str, direction: str) -> list[Choice]:
    """With the one named `key` a place further "up" or "down"; fixed ones stay at the top."""
    at = next((place for place, choice in enumerate(choices) if choice.key == key), None)
    if at is None or choices[at].fixed:
        return choices
    to = at - 1 if direction == "up" else at + 1
    if not 0 <= to < len(choices) or choices[to].fixed:
        return choices
    changed = list(choices)
    changed[at], changed[to] = changed[to], changed[at]
    return changed
