"""What somebody says of an import: the file, what its columns are, and how it is done."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from django import forms
from django.forms.boundfield import BoundField
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from imports.choices import PERSON, Choices, Match, Mode
from imports.fields import fields_for, importable_columns
from imports.formats import Kind, Teller, kinds_for
from imports.matching import left_out, missing, parts_of_names, said_of
from imports.models import ImportRun
from imports.settings_form import SettingsForm, initial_of
from imports.subjects import SUBJECTS
from lists.files import refuse_too_large
from lists.mapping import rivals
from lists.sheets import FileRefused
from tenants.models import User

SAMPLES = 3  # so many of a column's first values are shown
TELL = ("reference", "email", "name", *PERSON)  # the columns that tell which customer a row is
Options = list[tuple[str, list[tuple[str, str]]]]  # key and label of our columns, by group


class UploadForm(forms.Form):
    subject = forms.ChoiceField(
        label="What the rows are",
        choices=ImportRun.Subject.choices,
        widget=forms.RadioSelect,
        initial=ImportRun.Subject.CUSTOMERS,
        required=False,
    )
    file = forms.FileField(
        label="CSV or Excel file",
        widget=forms.FileInput(attrs={"accept": ".csv,.tsv,.txt,.xlsx"}),
        error_messages={
            "required": "Choose a file.",
            "missing": "Choose a file.",
            "empty": "The file is empty.",
            "invalid": "Choose a file.",
            "max_length": "The file's name is too long. Shorten it.",
        },
    )

    def clean_subject(self) -> str:
        return self.cleaned_data["subject"] or ImportRun.Subject.CUSTOMERS

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        try:
            refuse_too_large(file.size)
        except FileRefused as refusal:
            raise forms.ValidationError(str(refusal)) from refusal
        return file


def options_for(user: User, subject: str) -> Options:
    """What a column of the file may be."""
    fields = fields_for(user, subject)
    groups = [
        (group.label, [(one.key, one.label) for one in group.columns if one.key in fields])
        for group in SUBJECTS[subject].groups()
    ]
    first, *rest = [(label, columns) for label, columns in groups if columns]
    if parts := parts_of_names(subject):
        rest.insert(0, ("A person's name in parts", [(key, PERSON[key]) for key in PERSON if key in parts]))
    return [first, *rest]


class KeySelect(forms.Select):
    """Says what one column of the file is. All of them offer the same, which is written once (`offered`): with many
    columns, an option by a template each takes seconds."""

    offered = ""

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
        chosen = format_html('value="{}"', value or "")
        context = self.get_context(name, None, attrs)["widget"]["attrs"]
        given = mark_safe("".join(format_html(' {}="{}"', *pair) for pair in context.items()))  # noqa: S308
        listed = mark_safe(self.offered.replace(chosen, f"{chosen} selected", 1))  # noqa: S308
        return format_html('<select name="{}"{}>{}</select>', name, given, listed)


def written(options: Options, kinds: Mapping[str, Kind]) -> str:
    """The options, as HTML. Those of `kinds` are marked: a column that is one is asked for its format."""
    marked = {key: format_html(' data-written="{}"', kind.kind) for key, kind in kinds.items()}
    groups = [
        format_html(
            '<optgroup label="{}">{}</optgroup>',
            label,
            mark_safe(  # noqa: S308
                "".join(
                    format_html('<option value="{}"{}>{}</option>', key, marked.get(key, ""), name)
                    for key, name in columns
                )
            ),
        )
        for label, columns in options
    ]
    return "".join(['<option value="">Don’t import</option>', *groups])


class FormatField(forms.ChoiceField):
    """In which format a column's values are written. One of another kind says nothing: it was chosen for what the
    column was before."""

    def __init__(self, kind: Kind, kinds: Iterable[Kind], *, initial: str) -> None:
        choices = [(key, str(one)) for key, one in kind.formats.items()]
        super().__init__(label=kind.asked, choices=choices, required=False, initial=initial)
        self.others = {key for other in kinds for key in other.formats} - set(kind.formats)

    def to_python(self, value: Any) -> str:
        return "" if value in self.others else super().to_python(value)


@dataclass(frozen=True)
class Reading:
    """How a column's first values would be read in a format, '' for those that can't be; and how many of all can."""

    key: str
    values: list[tuple[str, str]]
    fitting: int


@dataclass(frozen=True)
class FormatChoice:
    """The choice of the format in which a column's values are written. `doubt` is what they leave open, `change` why it
    is not the one of the last time."""

    kind: Kind
    field: BoundField
    readings: list[Reading]
    filled: int  # values of the column
    doubt: str
    change: str


@dataclass(frozen=True)
class Heading:
    """A column of the file as the page shows it, beside the choice of what it is."""

    said: str  # its name where it is left out
    samples: list[str]
    field: BoundField
    format: FormatChoice | None


class ColumnsForm(SettingsForm):
    """What the columns of the file are, and how it is imported. Begins with what `choices` say."""

    def __init__(self, data: Any = None, *, run: ImportRun, user: User, choices: Choices) -> None:
        columns = {f"column_{at}": key for at, key in choices.columns.items()}
        super().__init__(data, initial={**initial_of(choices), **columns}, label_suffix="")
        self.run, self.user, self.before = run, user, choices
        self.remembered: Choices | None = None  # what was decided last about such a file, where that is said
        self.is_of_customers = run.subject == ImportRun.Subject.CUSTOMERS
        if self.is_of_customers:
            self.offer(user)
        else:
            for name in self.OF_CUSTOMERS:
                del self.fields[name]
        options = options_for(user, run.subject)
        self.labels = {key: label for _, known in options for key, label in known}
        self.kinds = kinds_for(user, run.subject)
        self.teller = Teller(run)
        self._offer_columns(options)
        self._offer_formats()

    def _offer_columns(self, options: Options) -> None:
        offered = written(options, self.kinds)
        known: list[Any] = [("", ""), *options]
        for at, heading in enumerate(self.run.headings):
            field = forms.ChoiceField(choices=known, required=False, label=heading or f"Column {at + 1}")
            field.widget = KeySelect()
            field.widget.offered = offered
            self.fields[f"column_{at}"] = field

    def _offer_formats(self) -> None:
        """For the columns that are of a kind which has them, or look like one, where there is anything to choose."""
        columns, kinds = self.columns, set(self.kinds.values())
        self.formatted = {
            at: kind
            for at in range(len(self.run.headings))
            if (kind := self.kinds.get(columns.get(at, "")) or self.teller.looks_like(at, kinds))
            and self.teller.told(at, kind).is_asked
        }
        for at, kind in self.formatted.items():
            before = self.before.formats.get(at, "")
            self.fields[f"format_{at}"] = FormatField(
                kind, kinds, initial=before if before in kind.formats else self.teller.best(at, kind)
            )

    # What the page shows

    @property
    def headings(self) -> Iterator[Heading]:
        for at, name in enumerate(said_of(self.run.headings)):
            samples = [one for one in self.teller.profile(at).get("samples", ()) if one.strip()]
            yield Heading(name, samples[:SAMPLES], self[f"column_{at}"], self._format_of(at, samples))

    def _format_of(self, at: int, samples: list[str]) -> FormatChoice | None:
        kind = self.formatted.get(at)
        if kind is None:
            return None
        told, blank = self.teller.told(at, kind), self.counting_as_empty
        values = [one for one in samples if one.strip().casefold() not in blank][:SAMPLES]
        readings = [
            Reading(key, [(one, kind.meant(one, key)) for one in values], told.fits[key])
            for key in kind.formats
        ]
        filled = self.teller.values(at, blank)
        return FormatChoice(kind, self[f"format_{at}"], readings, filled, told.doubt, self._change(at))

    @property
    def counting_as_empty(self) -> set[str]:
        """As they stand in the form now, in small letters."""
        return {word.strip().casefold() for word in (self["blank_words"].value() or "").split(",")}

    def _change(self, at: int) -> str:
        kind, last = self.formatted[at], self.remembered.formats.get(at, "") if self.remembered else ""
        told = self.teller.told(at, kind)
        if last not in kind.formats or not told.refutes(last):
            return ""
        if told.fits[last] < told.number:
            return f"Last time it was {kind.formats[last].label}, which these values are not."
        now = kind.formats[self.teller.best(at, kind)].label
        return f"Last time it was {kind.formats[last].label}; these values tell that they are {now}."

    @property
    def columns(self) -> dict[int, str]:
        """The key of our column by position in the file, as it stands in the form now."""
        said = {at: self[f"column_{at}"].value() for at in range(len(self.run.headings))}
        return {at: key for at, key in said.items() if key in self.labels}

    @property
    def left_out(self) -> list[str]:
        return left_out(self.run.headings, self.columns)

    @property
    def rivals(self) -> list[str]:
        """Which is read of headings that are or mean the same."""
        ours = importable_columns(self.user, self.run.subject)
        return list(rivals(self.run.headings, ours, self.columns))

    # What was sent

    def clean(self) -> dict[str, Any]:
        sent = self.cleaned_data
        self.chosen = {at: key for at in range(len(self.run.headings)) if (key := sent.get(f"column_{at}"))}
        self._refuse_two_for_one()
        self._refuse_a_second_name()
        if not self.errors and self.is_of_customers:
            self._refuse_what_tells_nothing(sent["match"], sent["mode"])
        elif not self.errors:
            self._refuse_what_lacks()
        return sent

    def _refuse_two_for_one(self) -> None:
        at: dict[str, list[int]] = {}
        for position, key in self.chosen.items():
            at.setdefault(key, []).append(position)
        for key, positions in at.items():
            if key in PERSON or len(positions) == 1:
                continue
            for position in positions:
                others = " and ".join(f"“{self.run.headings[one]}”" for one in positions if one != position)
                self.add_error(
                    f"column_{position}", f"{others} is the {self.labels[key]} too. Choose one of them."
                )

    def _refuse_a_second_name(self) -> None:
        """The parts of a person's name are a name; beside that of a customer, that of its primary contact."""
        keys = set(self.chosen.values())
        made = "contact_name" if self.is_of_customers else "name"
        if {"name", made} <= keys and keys & set(PERSON):
            message = f"The parts of a person’s name make the {self.labels[made]}, which another column is."
            for position, key in self.chosen.items():
                if key in PERSON:
                    self.add_error(f"column_{position}", message)

    def _refuse_what_tells_nothing(self, match: str, mode: str) -> None:
        keys = set(self.chosen.values())
        lacking = missing(Choices(columns=self.chosen), self.user)
        if not self.chosen:
            self.add_error(None, "Choose what at least one of the columns is.")
        elif mode != Mode.UPDATE and lacking:
            self.add_error(
                None,
                f"No column is the {lacking[0]}, and new customers must have one. Choose the column that holds it, "
                "or only update those who are there.",
            )
        elif not keys & set(TELL):
            self.add_error(
                None,
                "No column tells which customer a row stands for. Choose a reference, an e-mail address or a name.",
            )
        if match == Match.EMAIL and "email" not in keys:
            self.add_error("match", f"No column is the {self.labels.get('email', 'e-mail address')}.")

    def _refuse_what_lacks(self) -> None:
        for label in missing(Choices(columns=self.chosen), self.user, self.run.subject):
            self.add_error(None, f"No column is the {label}. Choose the column that holds it.")

    def choices(self) -> Choices:
        """What was decided. Of a valid form."""
        sent = self.cleaned_data
        # Where there was nothing to choose, what was known remains: the next file may leave it open.
        known = {at: one for at, one in self.before.formats.items() if at not in self.formatted}
        formats = {at: said for at in self.chosen if (said := sent.get(f"format_{at}") or known.get(at))}
        return replace(self.decided(self.chosen, self.before), formats=formats)


class ApproveForm(forms.Form):
    """Whether the rows with errors, if there are any, may be left out. `plan` is the check that made the plan shown."""

    plan = forms.IntegerField(widget=forms.HiddenInput)
    leave_out = forms.BooleanField(required=False)

    def __init__(self, data: Any = None, *, run: ImportRun) -> None:
        super().__init__(data, initial={"plan": run.checking_id}, label_suffix="")
        self.errors_in_plan = int(run.plan["counts"]["error"])
        if not self.errors_in_plan:
            del self.fields["leave_out"]

    def clean_leave_out(self) -> bool:
        if not self.cleaned_data["leave_out"]:
            raise forms.ValidationError(
                "Say that these rows may be left out, or correct them and upload the file again."
            )
        return True
