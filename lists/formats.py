"""What ways of writing the values of a column have in common, be they dates (lists/dates.py) or numbers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True)
class Format:
    """One way of writing the values of a column, and an example that is written so."""

    label: str
    example: str

    def __str__(self) -> str:
        return f"{self.label} ({self.example})"


class Told(Protocol):
    """What all values of a column tell of the format in which they are written."""

    @property
    def fits(self) -> Mapping[str, int]:
        """How many can be read, by format."""

    @property
    def number(self) -> int:
        """How many can be read in whichever format reads most."""

    @property
    def is_sure(self) -> bool:
        """Whether they say which format is meant, or it doesn't matter."""

    @property
    def is_asked(self) -> bool:
        """Whether there is anything to choose."""

    @property
    def doubt(self) -> str:
        """What they leave open, '' for nothing."""

    def best(self, usual: str) -> str:
        """The format that they tell, or else the one to begin with. `usual` is the company's."""

    def refutes(self, chosen: str) -> bool:
        """Whether they say that they are written otherwise than in that format."""
