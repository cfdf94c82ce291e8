"""What one operation did to each of its rows, and of very many rows kept small."""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import overload


@dataclass(frozen=True, slots=True)
class Trace:
    """What one operation did to one row.

    `before` is the row's version before it (a history_id), None where none is known; `touched` the latest
    operation by which another one wrote the row since, None for nobody, and `fate` what that did: '+', '~' or '-'.
    What was undone since touched nothing. Where the row was written since and is nevertheless untouched, `last` is the
    operation that wrote it last. `through` says which row was touched where it is not this one, but one that it stays
    with: "its customer".
    """

    id: int
    before: int | None
    touched: int | None = None
    fate: str = ""
    deleted: bool = False
    last: int | None = None
    through: str = ""

    @property
    def is_gone(self) -> bool:
        """Whether somebody has deleted the row itself since."""
        return self.fate == "-" and not self.through

    @property
    def deed(self) -> str:
        """What was done to the row since, or to the one that it stays with."""
        return f"{self.through} was {self._deed}" if self.through else self._deed

    @property
    def _deed(self) -> str:
        if self.fate == "-":
            return "deleted again" if self.deleted else "deleted since"
        return "brought back since" if self.deleted or self.fate == "+" else "edited since"


FATES = ("", "+", "~", "-")


class TraceList(Sequence[Trace]):
    """Traces of very many rows, in the order of their ids: an operation may have millions, and as objects each takes
    300 bytes instead of 25."""

    def __init__(self, traces: Iterable[Trace] = ()) -> None:
        # Of each trace its id, `before`, and `touched` or `last`, of which it has one at most; 0 for None.
        self._numbers = array("q")
        # Of each its fate's place; 4 more where the row was deleted, 8 where touched.
        self._marks = array("b")
        self._through: dict[int, str] = {}  # by id; of few
        for trace in traces:
            self.append(trace)

    def append(self, trace: Trace) -> None:
        self._numbers.extend((trace.id, trace.before or 0, trace.touched or trace.last or 0))
        self._marks.append(FATES.index(trace.fate) + 4 * trace.deleted + 8 * bool(trace.touched))
        if trace.through:
            self._through[trace.id] = trace.through

    def __len__(self) -> int:
        return len(self._marks)

    @overload
    def __getitem__(self, at: int) -> Trace: ...
    @overload
    def __getitem__(self, at: slice) -> list[Trace]: ...
    def __getitem__(self, at: int | slice) -> Trace | list[Trace]:
        if isinstance(at, slice):
            return [self[place] for place in range(*at.indices(len(self)))]
        mark, first = self._marks[at], 3 * (at % len(self))
        key, before, wrote = self._numbers[first : first + 3]
        touched, last = (wrote, None) if mark >= 8 else (None, wrote or None)
        through = self._through.get(key, "")
        return Trace(key, before or None, touched, FATES[mark % 4], bool(mark & 4), last, through)

    def untouched_ids(self, start: int, stop: int) -> list[int]:
        """The ids of those that nobody touched since, of a part of them."""
        ids, marks = self._numbers[3 * start : 3 * stop : 3], self._marks[start:stop]
        return [key for key, mark in zip(ids, marks, strict=True) if mark < 8]

    def of(self, key: int) -> Trace | None:
        """That of the row with this id; they are in the order of their ids."""
        at = bisect_left(range(len(self)), key, key=lambda place: self._numbers[3 * place])
        return self[at] if at < len(self) and self._numbers[3 * at] == key else None

    def written_since(self) -> Iterator[Trace]:
        """Those that somebody touched since, also such as are gone."""
        if max(self._marks, default=0) < 8:
            return iter(())  # of a million nobody has touched any, mostly: none is looked at
        return (one for one in self if one.touched)

    def untouched(self) -> TraceList:
        """Those that nobody touched since."""
        return TraceList(one for one in self if not one.touched) if max(self._marks, default=0) >= 8 else self
