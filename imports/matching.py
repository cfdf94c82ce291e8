"""Which column of a file is which of ours: by its heading, and where that says nothing, by what its cells look like."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from contacts.sheets import OF_CUSTOMER
from customers.models import Customer
from imports.choices import FIRST_NAME, LAST_NAME, Choices, Match, Mode
from imports.fields import importable_columns
from imports.formats import settled, without_strange
from imports.models import ImportRun, Matching, headings_key
from imports.reasons import is_reason
from imports.subjects import SUBJECTS
from lists.columns import Column
from lists.headings import is_value
from lists.mapping import match_headings, plain
from tenants.models import User

Subject = ImportRun.Subject
NAMES = {
    FIRST_NAME: (
        "first name",
        "firstname",
        "given name",
        "forename",
        "vorname",
        "prénom",
        "contact first name",
    ),
    LAST_NAME: (
        "last name",
        "lastname",
        "surname",
        "family name",
        "nachname",
        "nom de famille",
        "contact last name",
    ),
}
# What a column without a heading of ours is, by what nine in ten of its cells look like.
BY_CONTENT = {
    "email": ("email",),
    "website": ("website",),
    "phone": ("phone",),
    "country": ("billing_country", "country"),
}


def proposed(run: ImportRun, user: User) -> Choices:
    """What to begin with: as it was decided last for a file with these headings, or else as it looks."""
    return propose(run, user, remembered(run))


def propose(run: ImportRun, user: User, decided: Choices | None) -> Choices:
    """As it was decided, as far as that can be for this file and person; where nothing was, as it looks."""
    headings = run.headings
    if decided is not None:
        known = {column.key for column in importable_columns(user, run.subject)} | parts_of_names(run.subject)
        columns = {at: key for at, key in decided.columns.items() if key in known and at < len(headings)}
        kept = replace(decided, columns=columns, **run.decided.place)
        return settled(run, without_strange(run, kept, user), user)
    assert run.found is not None
    columns = match(headings, run.found["profiles"], importable_columns(user, run.subject), run.subject)
    kind = usual_kind(columns.values(), run.subject)
    return settled(run, Choices(columns=columns, kind=kind, **run.decided.place), user)


def usual_kind(keys: Iterable[str], subject: str) -> str:
    """What new customers of a file with these columns are: individuals where it has last names and no other; '' for
    the company's usual."""
    found = set(keys)
    people = subject == Subject.CUSTOMERS and "name" not in found and LAST_NAME in found
    return str(Customer.Kind.INDIVIDUAL) if people else ""


def remembered(run: ImportRun) -> Choices | None:
    """What was decided last about files with these headings."""
    kept = Matching.objects.filter(subject=run.subject, headings_key=headings_key(run.headings)).first()
    return None if kept is None else Choices.from_json(kept.choices)


def parts_of_names(subject: str) -> set[str]:
    """What may be matched besides columns: an address has no name, and a contact no name beside those parts."""
    return set() if subject == Subject.ADDRESSES else set(NAMES)


def match(
    headings: Sequence[str],
    profiles: Sequence[Mapping[str, Any]],
    columns: Sequence[Column],
    subject: str = Subject.CUSTOMERS,
) -> dict[int, str]:
    """The key of our column by position in the file."""
    matched = match_headings(headings, columns, SUBJECTS[subject].groups())
    found = {at: column.key for at, column in matched.columns.items()}
    parts = parts_of_names(subject)
    if subject == Subject.CONTACTS and "name" in found.values():
        parts = set()
    words = {plain(word): key for key, known in NAMES.items() if key in parts for word in known}
    for at, heading in enumerate(headings):
        if at not in found and plain(heading) in words and words[plain(heading)] not in found.values():
            found[at] = words[plain(heading)]
    importable = {column.key for column in columns}
    for at, profile in enumerate(profiles):
        for key in BY_CONTENT.get(profile["looks_like"], ()):
            if at not in found and key in importable and key not in found.values() and profile["filled"]:
                found[at] = key
    return found


def looks_like_a_row(run: ImportRun, user: User) -> bool:
    """Whether what was taken for the heading is a row: none of it is a heading of ours, and some of it values."""
    known = match(run.headings, [], importable_columns(user, run.subject), run.subject)
    return not known and any(map(is_value, run.headings))


def said_of(headings: Sequence[str]) -> list[str]:
    """As what they are spoken of; '' for the one that we add to rows with errors."""
    return [
        "" if is_reason(heading) else heading or f"column {at + 1} (without a heading)"
        for at, heading in enumerate(headings)
    ]


def left_out(headings: Sequence[str], columns: Mapping[int, str]) -> list[str]:
    """The headings that are not imported."""
    return [said for at, said in enumerate(said_of(headings)) if said and at not in columns]


def columns_named(
    headings: Sequence[str], wanted: Mapping[str, str], user: User, subject: str = Subject.CUSTOMERS
) -> dict[int, str]:
    """The columns that `wanted` gives by their headings, by position; '' is one that is not read. Raises ValueError."""
    known = {*parts_of_names(subject), "", *(column.key for column in importable_columns(user, subject))}
    found = {}
    for heading, key in wanted.items():
        if key not in known:
            raise ValueError(
                f"There is no column {key!r}. The columns are: {', '.join(sorted(known - {''}))}."
            )
        at = _position(headings, heading)
        if at is None:
            raise ValueError(no_column(headings, heading))
        found[at] = key
    return found


def formats_named(headings: Sequence[str], wanted: Mapping[str, str]) -> dict[int, str]:
    """The formats that `wanted` gives by headings, by position. Raises ValueError."""
    found = {}
    for heading, chosen in wanted.items():
        at = _position(headings, heading)
        if at is None:
            raise ValueError(no_column(headings, heading))
        found[at] = chosen
    return found


def no_column(headings: Sequence[str], wanted: str) -> str:
    return f"The file has no column “{wanted}”. It has: {', '.join(filter(None, headings))}."


def _position(headings: Sequence[str], wanted: str) -> int | None:
    if wanted in headings:
        return headings.index(wanted)
    return next((at for at, heading in enumerate(headings) if plain(heading) == plain(wanted)), None)


def overridden(columns: Mapping[int, str], named: Mapping[int, str]) -> dict[int, str]:
    """The columns with those of `named` in place of what they were, and of others that were the same."""
    taken = set(named.values()) - set(NAMES)
    rest = {at: key for at, key in columns.items() if key not in taken}
    return {at: key for at, key in sorted({**rest, **named}.items()) if key}


def refusal(choices: Choices, user: User, subject: str = Subject.CUSTOMERS) -> str:
    """Why a file can't be imported so, '' if it can."""
    lacking = missing(choices, user, subject)
    if lacking and subject != Subject.CUSTOMERS:
        return f"No column of the file is the {lacking[0].lower()}, which every row must have."
    if lacking and choices.mode != Mode.UPDATE:
        return f"No column of the file is the {lacking[0].lower()}, which new customers must have."
    if choices.match == Match.EMAIL and "email" not in choices.keys:
        return "No column of the file is the e-mail address, by which customers are to be found."
    return ""


# What a file must have: of each line one, of which the first is asked for.
NAME = ("name", FIRST_NAME, LAST_NAME)
REQUIRED: dict[str, tuple[tuple[str, ...], ...]] = {
    Subject.CUSTOMERS: (NAME,),
    Subject.CONTACTS: (OF_CUSTOMER, (*NAME, "email")),
    Subject.ADDRESSES: (OF_CUSTOMER,),
}


def missing(choices: Choices, user: User, subject: str = Subject.CUSTOMERS) -> list[str]:
    """What the file must have and nothing was matched to, as labels."""
    labels = {column.key: column.label for column in importable_columns(user, subject)}
    return [labels[keys[0]] for keys in REQUIRED[subject] if not choices.keys & set(keys)]


def remember(run: ImportRun, choices: Choices) -> None:
    Matching.objects.update_or_create(
        subject=run.subject,
        headings_key=headings_key(run.headings),
        defaults={"choices": choices.as_json()},
    )
