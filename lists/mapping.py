"""Which column of a file is which of ours, told by its heading."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import count

from lists.columns import Column
from tenants.fields import fold


@dataclass
class Mapping:
    """What was found out about a heading."""

    columns: dict[int, Column] = field(default_factory=dict)  # by position in the file
    ignored: list[str] = field(default_factory=list)  # headings that are no column of ours
    notices: list[str] = field(default_factory=list)

    @property
    def keys(self) -> set[str]:
        return {column.key for column in self.columns.values()}


def plain(heading: str) -> str:
    """A heading as compared: "Customer ID", "customerID" and "customer_id" are one."""
    return "".join(char for char in fold(heading) if char.isalnum())


def match_headings(headings: Sequence[str], columns: Iterable[Column]) -> Mapping:
    """Find the column of each heading. Of two headings for one column the one nearer to its label is taken."""
    known = _known_names(columns)
    claims: dict[str, list[tuple[int, int]]] = {}
    mapping = Mapping()
    for position, heading in enumerate(headings):
        if plain(heading) in known:
            rank, column = known[plain(heading)]
            claims.setdefault(column.key, []).append((rank, position))
            mapping.columns[position] = column
        else:
            mapping.ignored.append(heading or f"column {position + 1} (without a heading)")
    for rivals in claims.values():
        (_, winner), *losers = sorted(rivals)
        for _, loser in losers:
            column = mapping.columns.pop(loser)
            mapping.ignored.append(headings[loser])
            mapping.notices.append(
                f"Both “{headings[winner]}” and “{headings[loser]}” (column {loser + 1}) name the "
                f"{column.label.lower()}: “{headings[winner]}” (column {winner + 1}) is read, the other is not."
            )
    return mapping


def _known_names(columns: Iterable[Column]) -> dict[str, tuple[int, Column]]:
    """Column by compared name, with how near the name is to the column: 0 is the column's own."""
    known: dict[str, tuple[int, Column]] = {}
    listed = list(columns)
    for own in (True, False):  # another column's synonym never hides a column's own name
        for column in listed:
            names = (column.label, column.key) if own else column.synonyms
            for rank, name in zip(count(0 if own else 2), names, strict=False):
                known.setdefault(plain(name), (rank, column))
    return known
