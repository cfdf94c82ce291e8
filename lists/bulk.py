"""What can be done to many rows of a list at once. A list names its actions in `ListDeclaration.bulk`."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import reduce
from operator import or_
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet
from django.urls import reverse

from history.belonging import belonging, take_out_whole
from history.models import Operation, TrackedModel, TrackedQuerySet
from history.traces import counted
from lists.filters import Option
from lists.models import Selection
from tenants.models import Membership

Answer = Mapping[str, Any]  # what the action's form was given, as it is kept with the selection
KEEP = "keep"


@dataclass(frozen=True)
class Effects:
    """What else happens to the rows, in sentences; `is_strong` where that must be confirmed strongly."""

    lines: Sequence[str] = ()
    is_strong: bool = False


@dataclass(frozen=True, kw_only=True)
class BulkAction:
    """One button of the bar. `permission` is what it takes besides that to select."""

    key: str
    label: str
    icon: str
    permission: str
    is_danger: bool = False

    def address(self, selection: Selection) -> str:
        """Where the button leads."""
        return reverse("lists:bulk", args=[selection.list, selection.pk, self.key])


@dataclass(frozen=True, kw_only=True)
class LeadsTo(BulkAction):
    """Leads to a page that takes the selection in its address."""

    url_name: str

    def address(self, selection: Selection) -> str:
        return f"{reverse(self.url_name)}?selection={selection.pk}"


@dataclass(frozen=True, kw_only=True)
class RowsAction(BulkAction):
    """Changes the selected rows, all of them as one operation of the kind `kind`."""

    kind: str
    button: str  # of the question
    changing: str = "Will change"
    already: str = ""  # of rows that it leaves alone: "Have it already",
    had: str = ""  # and once it is done: "had it already"
    intro: str = ""  # below the question
    deed: str = ""  # what was done to the rows: "deleted"
    asks_value: bool = False  # whether it depends on what is asked which rows it changes

    def form(self, data: Any, by: Membership) -> forms.Form:
        """What it asks. What it cleans is kept as JSON and asked to be valid again when a worker comes to it."""
        return forms.Form(data)

    def changes(self, rows: QuerySet[Any], answer: Answer) -> QuerySet[Any]:
        """Those of `rows` that it would change."""
        return rows

    def write(self, rows: QuerySet[Any], answer: Answer) -> int:
        """Change them, all of which it changes. Returns how many there were."""
        raise NotImplementedError

    def effects(self, model: type[TrackedModel], ids: QuerySet[Any, Any]) -> Effects:
        return Effects()

    def question(self, rows: str) -> str:
        raise NotImplementedError

    def summary(self, form: forms.Form, rows: str) -> str:
        """What the operation says of itself; `rows` are the selected ones in words."""
        return ""

    def done(self, form: forms.Form, rows: str) -> str:
        """What is said when it is done; `rows` are the changed ones in words."""
        return f"{rows} {'was' if rows.startswith('1 ') else 'were'} {self.deed}."


class FieldsForm(forms.Form):
    """A value for each field, of those that are offered. With several fields each may be left as it is."""

    def __init__(self, data: Any, *, offered: Mapping[str, tuple[str, Sequence[Option], str]]) -> None:
        super().__init__(data)
        self.offered = offered
        self.several = len(offered) > 1
        first = (KEEP, "Leave as it is") if self.several else ("", "Choose one")
        for name, (label, options, hint) in offered.items():
            self.fields[name] = forms.ChoiceField(
                label=label,
                required=not self.several,
                choices=[first, *((option.value, option.label) for option in options)],
                initial=first[0],
                error_messages={"invalid_choice": "This is no longer there. Choose another."},
            )
            if hint:
                self.fields[name].widget.attrs["data-combo"] = hint

    def clean(self) -> dict[str, Any]:
        cleaned = {name: value or KEEP for name, value in (super().clean() or {}).items()}
        if not self.errors and set(cleaned.values()) == {KEEP}:
            raise ValidationError("Choose at least one.", code="nothing")
        return cleaned

    def words(self) -> str:
        """ "status set to Lead" """
        chosen = []
        for name, (label, options, _) in self.offered.items():
            value = self.cleaned_data[name]
            if value != KEEP:
                text = next(option.label for option in options if option.value == value)
                chosen.append(f"{label[:1].lower()}{label[1:]} set to {text}")
        return ", ".join(chosen)


@dataclass(frozen=True, kw_only=True)
class SetFields(RowsAction):
    """Gives fields a value. `fields` are names and labels; `options` is what each offers, given who asks;
    `hints` name those that are searched by typing, and what stands in them."""

    fields: Mapping[str, str]
    options: Callable[[Membership], Mapping[str, Sequence[Option]]]
    title: str  # "Set the status"
    hints: Mapping[str, str] = field(default_factory=dict)
    kind: str = Operation.Kind.BULK_EDIT
    already: str = "Have it already"
    had: str = "had it already"
    asks_value: bool = True

    def form(self, data: Any, by: Membership) -> FieldsForm:
        options = self.options(by)
        return FieldsForm(
            data,
            offered={
                name: (label, options[name], self.hints.get(name, "")) for name, label in self.fields.items()
            },
        )

    def changes(self, rows: QuerySet[Any], answer: Answer) -> QuerySet[Any]:
        return rows.filter(reduce(or_, (_differs(*item) for item in self.values(answer).items())))

    def write(self, rows: QuerySet[Any], answer: Answer) -> int:
        return rows.update(**self.values(answer))

    def values(self, answer: Answer) -> dict[str, Any]:
        """What the rows are to hold, by column. Options say it in their own words: a row's id, "none", "yes"."""
        return {name: _held(answer[name]) for name in self.fields if answer[name] != KEEP}

    def question(self, rows: str) -> str:
        return f"{self.title} of {rows}"

    def summary(self, form: forms.Form, rows: str) -> str:
        assert isinstance(form, FieldsForm)
        words = form.words()
        return f"{words[:1].upper()}{words[1:]} for {rows}"

    def done(self, form: forms.Form, rows: str) -> str:
        return f"{self.summary(form, rows)}."


WORDS = {"none": None, "yes": True, "no": False}


def _held(value: str) -> Any:
    return WORDS[value] if value in WORDS else int(value)


def _differs(name: str, value: Any) -> Q:
    return Q(**{f"{name}__isnull": False}) if value is None else ~Q(**{name: value})


@dataclass(frozen=True, kw_only=True)
class DeleteRows(RowsAction):
    """Deletes the rows and all that belongs to them."""

    kind: str = Operation.Kind.DELETE
    changing: str = "Will be deleted"
    deed: str = "deleted"
    is_danger: bool = True

    def write(self, rows: QuerySet[Any], answer: Answer) -> int:
        assert isinstance(rows, TrackedQuerySet)
        return take_out_whole(rows)

    def effects(self, model: type[TrackedModel], ids: QuerySet[Any, Any]) -> Effects:
        """How many have something that belongs to them, and what. One query for each model, and one more."""
        owners = {
            part: part.objects.order_by().filter(**{f"{part.told_below}__in": ids}).values(part.told_below)
            for part in reversed(belonging(model))
        }
        found = {part: number for part, rows in owners.items() if (number := rows.count())}
        if not found:
            return Effects()
        first, *others = (owners[part] for part in found)
        number = first.union(*others).count() if others else first.distinct().count()
        kinds = " or ".join(str(part._meta.verbose_name_plural) for part in found)
        what = ", ".join(counted(part, each) for part, each in found.items())
        have = f"{counted(model, number)} {'has' if number == 1 else 'have'} {kinds}"
        return Effects([f"{have}, which are deleted too: {what}."], is_strong=True)

    def question(self, rows: str) -> str:
        return f"Delete {rows}?"

    def summary(self, form: forms.Form, rows: str) -> str:
        return rows
