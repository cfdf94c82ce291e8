"""How a file is imported, and what new customers get: asked of an import, and of a timed one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.forms.boundfield import BoundField

from customers.models import Customer
from imports.choices import Blanks, Choices, Match, Mode, Unknown
from imports.runs import may_add_entries
from imports.starts import LISTS, usual_starts
from tenants.models import Membership, User

MOST_WORDS, LONGEST_WORD = 50, 19


class SettingsForm(forms.Form):
    """Call `offer` when it is made, or leave `OF_CUSTOMERS` out. `initial_of` is what it begins with."""

    match = forms.ChoiceField(
        label="Which customer a row stands for is told by",
        choices=Match.LABELS.items(),
        widget=forms.RadioSelect,
        required=False,
    )
    mode = forms.ChoiceField(
        label="What to do", choices=Mode.LABELS.items(), widget=forms.RadioSelect, required=False
    )
    blanks = forms.ChoiceField(
        label="An empty cell, where something is there",
        choices=Blanks.LABELS.items(),
        widget=forms.RadioSelect,
        required=False,
    )
    blank_words = forms.CharField(
        label="Words that count as empty",
        required=False,
        max_length=1_000,
        help_text="Parted by commas. Capital or small letters don’t matter.",
    )
    unknown = forms.ChoiceField(
        label="A segment, status or channel that you don’t have",
        choices=Unknown.LABELS.items(),
        widget=forms.RadioSelect,
        required=False,
    )
    kind = forms.ChoiceField(label="Kind", required=False)
    segment: Any = forms.ModelChoiceField(None, required=False)
    status: Any = forms.ModelChoiceField(None, required=False)
    channel: Any = forms.ModelChoiceField(None, label="Attracting channel", required=False)
    responsible_manager: Any = forms.ModelChoiceField(None, required=False)

    DEFAULTS = ("segment", "status", "channel", "responsible_manager")  # of new customers; `kind` besides
    OF_CUSTOMERS = (
        "match",
        "unknown",
        "kind",
        *DEFAULTS,
    )  # others are found in one way, and begin with nothing

    def offer(self, user: User) -> None:
        """What this person may choose from."""
        if not may_add_entries(user):
            del self.fields["unknown"]
        self.usual = usual_starts(user)
        kinds: Any = self.fields["kind"]
        kinds.choices = [("", f"{self.usual['kind']} (usual)"), *Customer.Kind.choices]
        rows = {name: model.objects.offered() for name, model in LISTS.items()}
        for name, offered in {**rows, "responsible_manager": Membership.objects.current()}.items():
            field: Any = self.fields[name]
            field.queryset = offered
            field.empty_label = f"{self.usual[name]} (usual)" if name in self.usual else "None"

    @property
    def settings(self) -> list[BoundField]:
        names = ("match", "mode", "blanks", "blank_words", "unknown")
        return [self[name] for name in names if name in self.fields]

    @property
    def starts(self) -> list[BoundField]:
        """What new customers get where the file says nothing."""
        return [self[name] for name in ("kind", *self.DEFAULTS) if name in self.fields]

    def gives(self, name: str) -> bool:
        """Whether new customers get a value of this field, be it the usual one."""
        return name in self.usual or (name in self.DEFAULTS and bool(self[name].value()))

    def clean_blank_words(self) -> list[str]:
        words = [word.strip() for word in self.cleaned_data["blank_words"].split(",")]
        words = list(dict.fromkeys(word for word in words if word))
        if len(words) > MOST_WORDS:
            raise forms.ValidationError(f"These are {len(words)} words; {MOST_WORDS} can be given.")
        if long := next((word for word in words if len(word) > LONGEST_WORD), None):
            raise forms.ValidationError(
                f"“{long}” is too long: such a word has {LONGEST_WORD} letters at most."
            )
        return words

    def decided(self, columns: Mapping[int, str], before: Choices | None = None) -> Choices:
        """What was decided, of the same place in the file as before. Of a valid form."""
        sent = self.cleaned_data
        defaults = {f"{name}_id": sent[name].pk for name in self.DEFAULTS if sent.get(name)}
        return Choices(
            columns=dict(columns),
            **(before or Choices()).place,
            match=sent.get("match") or Match.REFERENCE,
            mode=sent["mode"] or Mode.BOTH,
            blanks=sent["blanks"] or Blanks.KEEP,
            blank_words=tuple(sent["blank_words"]),
            unknown=sent.get("unknown") or Unknown.ERROR,
            kind=sent.get("kind", ""),
            defaults=defaults,
        )


def initial_of(choices: Choices) -> dict[str, Any]:
    return {
        "match": choices.match,
        "mode": choices.mode,
        "blanks": choices.blanks,
        "blank_words": ", ".join(choices.blank_words),
        "unknown": choices.unknown,
        "kind": choices.kind,
        **{name: choices.defaults.get(f"{name}_id") for name in SettingsForm.DEFAULTS},
    }
