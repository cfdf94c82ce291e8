"""The reasons that stand beside rows with errors, and what they say in a file that comes back."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from imports.choices import REASON
from lists.mapping import plain
from lists.sheets import Row
from lists.widgets import shortened

# What the reader of a file finds wrong can't be told from the cells that it hands on, and less from what a spreadsheet
# program saves of them. So it is taken back by a person only. Plain letters, which every program writes as they are.
UNTIL_EMPTIED = "Once the row is right, empty the cell with this reason."
LONGEST = 10_000  # characters of a reason that comes back


def is_reason(heading: str) -> bool:
    """Whether it is the heading that we give the reasons."""
    return plain(heading) == plain(REASON)


def reasons_at(headings: Sequence[str]) -> int:
    """In which column they stand; behind the last where there are none."""
    return next((at for at, heading in enumerate(headings) if is_reason(heading)), len(headings))


def with_reasons(rows: Iterator[Row], headings: Sequence[str]) -> Iterator[Row]:
    """The rows as they were read. One that could not be read, and whose reason still says so, has that problem as a
    whole, in place of those that were found again."""
    places = [at for at, heading in enumerate(headings) if is_reason(heading)]
    return _with_reasons(rows, places) if places else rows


def _with_reasons(rows: Iterator[Row], places: Sequence[int]) -> Iterator[Row]:
    for row in rows:
        for at in places:
            said, until, _ = row.cells[at].partition(UNTIL_EMPTIED)
            if until:
                again = [place for place, found in row.problems.items() if place is None or found in said]
                for place in again:
                    del row.problems[place]
                row.problems[None] = f"{shortened(said, LONGEST)}{until}"
        yield row


def in_words(said: Sequence[tuple[str, str, str]], row: Row) -> str:
    """The reason for the cell of a row: what was found wrong when it was read, and behind it what its values are.
    `said` are the column's key, '' for the row as a whole, its label, and the message."""
    found = set(row.problems.values())
    read = [
        (message if not key else f"{label}: {message}").removesuffix(UNTIL_EMPTIED).rstrip()
        for key, label, message in said
        if message in found
    ]
    others = [f"{label}: {message}" for _, label, message in said if message not in found]
    return " ".join([*filter(None, read), UNTIL_EMPTIED, *others] if read else others)
