"""Which column of a file is which of ours, told by its heading."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import count, dropwhile

from lists.columns import Column, ColumnGroup
from tenants.fields import fold

FAR = 1_000  # how near a name is to a column that also names its group
SHOWN = 5  # columns of the file that a notice names


@dataclass
class Mapping:
    """What was found out about a heading."""

    columns: dict[int, Column] = field(default_factory=dict)  # by position in the file
    ignored: list[str] = field(default_factory=list)  # headings that are no column of ours

    @property
    def keys(self) -> set[str]:
        return {column.key for column in self.columns.values()}


def plain(heading: str) -> str:
    """A heading as compared: "Customer ID", "customerID" and "customer_id" are one."""
    return "".join(char for char in fold(heading) if char.isalnum())


def match_headings(
    headings: Sequence[str], columns: Iterable[Column], groups: Iterable[ColumnGroup] = ()
) -> Mapping:
    """Find the column of each heading. Of two headings for one column the one nearer to its label is taken.

    A column of one of the `groups` may also be called by the group and what it is there: "Billing address ZIP".
    """
    known = _known_names(columns := list(columns))
    for name, column in _names_in_groups(columns, groups):
        known.setdefault(name, (FAR, column))
    claims: dict[str, list[tuple[int, int]]] = {}
    mapping = Mapping()
    for position, heading in enumerate(headings):
        if plain(heading) in known:
            rank, column = known[plain(heading)]
            claims.setdefault(column.key, []).append((rank, position))
            mapping.columns[position] = column
        else:
            mapping.ignored.append(heading or f"column {position + 1} (without a heading)")
    for claimed in claims.values():
        for _, loser in sorted(claimed)[1:]:
            del mapping.columns[loser]
            mapping.ignored.append(headings[loser])
    return mapping


def rivals(headings: Sequence[str], columns: Iterable[Column], read: dict[int, str]) -> Iterator[str]:
    """Says which is read of headings that are the same, or mean the same column of ours. `read` is what was decided:
    keys of our columns by position in the file."""
    known = {name: column for name, (_, column) in _known_names(columns).items()}
    readers = {key: at for at, key in read.items()}
    same: dict[str, list[int]] = {}
    others: dict[str, list[int]] = {}  # that mean what another heading is read for
    for at, heading in enumerate(headings):
        if heading:
            same.setdefault(heading, []).append(at)
        column = known.get(plain(heading))
        if at not in read and column and headings[readers.get(column.key, at)] != heading:
            others.setdefault(column.key, []).append(at)
    for heading, places in same.items():
        taken, left = [at for at in places if at in read], [at for at in places if at not in read]
        if taken and left:
            times = "twice" if len(places) == 2 else f"{len(places)} times"
            yield f"“{heading}” stands there {times}: {_places(taken)} read, {_places(left)} not."
    labels = {column.key: column.label for column in known.values()}
    for key, places in others.items():
        named = [f"“{headings[at]}” (column {at + 1})" for at in places]
        reader = readers[key]
        yield (
            f"{_listed(named)} name{'s' * (len(named) == 1)} the {labels[key].lower()} too: "
            f"only “{headings[reader]}” (column {reader + 1}) is read."
        )


def _places(positions: Sequence[int]) -> str:
    if len(positions) == 1:
        return f"column {positions[0] + 1} is"
    return f"columns {_listed([str(at + 1) for at in positions])} are"


def _listed(texts: Sequence[str]) -> str:
    """The first few of them, and how many more there are."""
    shown = list(texts[:SHOWN])
    if len(texts) > SHOWN:
        shown.append(f"{len(texts) - SHOWN} more")
    *most, last = shown
    return f"{', '.join(most)} and {last}" if most else last


def _names_in_groups(
    columns: Iterable[Column], groups: Iterable[ColumnGroup]
) -> Iterator[tuple[str, Column]]:
    """As compared. A name that begins with words of the group's is what comes behind them: "Billing city" is the city
    of the billing address."""
    listed = {column.key: column for column in columns}
    for group in groups:
        words = fold(group.label).split()
        for column in group.columns:
            for name in (column.label, *column.synonyms) if column.key in listed else ():
                said = fold(name).split()
                own = list(dropwhile(words.__contains__, said))
                yield from (
                    (plain(f"{group.label} {' '.join(some)}"), listed[column.key])
                    for some in (own, said)
                    if some
                )


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
