"""In which format the values of a column are written: told by all of them, chosen by a person, remembered.

Which formats there are, and what the values tell of it, says the column's widget (lists/format_widgets.py).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from imports.choices import Choices
from imports.fields import fields_for
from imports.models import ImportRun
from lists.format_widgets import FormatWidget
from lists.formats import Format, Told
from tenants.context import require_tenant_id
from tenants.models import Tenant, User

Kind = type[FormatWidget]


def kinds_for(user: User, subject: str) -> dict[str, Kind]:
    """The widgets of the columns that have formats, by key of our column."""
    widgets = {key: type(one.widget) for key, one in fields_for(user, subject).items()}
    return {key: kind for key, kind in widgets.items() if issubclass(kind, FormatWidget)}


class Teller:
    """Tells the formats of a file's columns. The company is asked how it writes once, and only where that matters."""

    def __init__(self, run: ImportRun) -> None:
        self.profiles: list[Mapping[str, Any]] = run.found["profiles"] if run.found else []

    @cached_property
    def language(self) -> str:
        return str(Tenant.objects.values_list("language", flat=True).get(pk=require_tenant_id()))

    def profile(self, at: int) -> Mapping[str, Any]:
        return self.profiles[at] if at < len(self.profiles) else {}

    def values(self, at: int, blank_words: Iterable[str]) -> int:
        """How many cells of the column hold anything but a word that counts as empty."""
        profile = self.profile(at)
        words: Mapping[str, int] = profile.get("words", {})
        blank = sum(words.get(word, 0) for word in {word.casefold() for word in blank_words})
        return int(profile.get("filled", 0)) - blank

    def told(self, at: int, kind: Kind) -> Told:
        return kind.told(self.profile(at))

    def best(self, at: int, kind: Kind) -> str:
        told = self.told(at, kind)
        return told.best("" if told.is_sure else kind.usual(self.language))

    def looks_like(self, at: int, kinds: Iterable[Kind]) -> Kind | None:
        """As what at least half of the column's values can be read, of those that are to be asked for a format."""
        filled = self.profile(at).get("filled", 0)
        told = ((kind, self.told(at, kind)) for kind in kinds if filled)
        return next((kind for kind, one in told if one.is_asked and one.number * 2 >= filled), None)


def settled(run: ImportRun, choices: Choices, user: User) -> Choices:
    """With the format of each column that has one: as it was chosen, or else as its values tell, if that is asked."""
    kinds, teller = kinds_for(user, run.subject), Teller(run)
    formats = {}
    for at, kind in ((at, kinds[key]) for at, key in choices.columns.items() if key in kinds):
        chosen = choices.formats.get(at, "")
        if chosen in kind.formats:
            formats[at] = chosen
        elif teller.told(at, kind).is_asked:
            formats[at] = teller.best(at, kind)
    return replace(choices, formats=formats)


def without_strange(run: ImportRun, choices: Choices, user: User) -> Choices:
    """What was chosen for another file, without formats in which this one's values are not written."""
    kinds, teller = kinds_for(user, run.subject), Teller(run)
    kept = {
        at: chosen
        for at, chosen in choices.formats.items()
        if (kind := kinds.get(choices.columns.get(at, ""))) and not teller.told(at, kind).refutes(chosen)
    }
    return replace(choices, formats=kept)


def objection(run: ImportRun, choices: Choices, user: User) -> str:
    """Why somebody has to say in which format a column is written before the file is imported, '' for nothing."""
    kinds, teller = kinds_for(user, run.subject), Teller(run)
    for at, kind in ((at, kinds[key]) for at, key in choices.columns.items() if key in kinds):
        chosen, told, heading = (
            choices.formats.get(at, ""),
            teller.told(at, kind),
            run.headings[at] or f"Column {at + 1}",
        )
        if chosen not in kind.formats and told.doubt:
            return f"“{heading}”: {told.doubt} Say how they are written."
        if chosen in kind.formats and told.refutes(chosen):
            return (
                f"“{heading}”: the {kind.nouns} are not written as {kind.formats[chosen].label} any longer."
            )
    return ""


@dataclass(frozen=True)
class Written:
    """A column of the file and the format in which it is read."""

    heading: str
    format: Format
    told: Told

    @property
    def doubt(self) -> str:
        return self.told.doubt


def written(run: ImportRun, user: User) -> Iterator[Written]:
    """Of the columns that have formats and hold anything, as it was decided."""
    decided = run.decided
    if not decided.formats:
        return
    kinds, teller = kinds_for(user, run.subject), Teller(run)
    for at, chosen in sorted(decided.formats.items()):
        kind = kinds.get(decided.columns.get(at, ""))
        if kind and chosen in kind.formats and teller.values(at, decided.blank_words):
            heading = run.headings[at] or f"Column {at + 1}"
            yield Written(heading, kind.formats[chosen], teller.told(at, kind))
