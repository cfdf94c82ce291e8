from __future__ import annotations

from typing import Any

from django import forms

from company.choices import (
    country_choices,
    currency_choices,
    language_choices,
    timezone_choices,
    with_current,
)
from company.holdings import Holding
from company.people import roles_to_give
from tenants.forms import ModelForm
from tenants.models import Membership, Tenant
from tenants.roles import DESCRIPTIONS, Role

# What a company may ask for besides the name, which is always asked for.
MANDATORY_CHOICES = [
    ("reference", "Reference"),
    ("email", "E-mail"),
    ("phone", "Phone"),
    ("segment", "Segment"),
    ("status", "Status"),
    ("channel", "Attracting channel"),
    ("responsible_manager", "Responsible manager"),
]
COMBO = {"data-combo": ""}
CHOOSE = "Choose who takes over"


class ProfileForm(ModelForm[Tenant]):
    """The company's profile. `mandatory_fields` always holds "name", which is not offered."""

    country = forms.ChoiceField(
        label="Default country",
        widget=forms.Select(COMBO),
        help_text="For phone numbers and addresses that name no country.",
    )
    currency = forms.ChoiceField(widget=forms.Select(COMBO))
    timezone = forms.ChoiceField(
        label="Time zone",
        widget=forms.Select(COMBO),
        help_text="Dates and times are shown in it, to everybody.",
    )
    language = forms.ChoiceField(
        label="Dates and numbers",
        help_text="How they are written here and in exports. The pages themselves are in English.",
    )
    mandatory_fields = forms.MultipleChoiceField(
        label="Mandatory for a customer, besides the name",
        required=False,
        choices=MANDATORY_CHOICES,
        widget=forms.CheckboxSelectMultiple,
        help_text="Asked for when a customer is added, changed or imported. Customers you have stay as they are.",
    )

    class Meta:
        model = Tenant
        fields = [
            "name",
            "country",
            "currency",
            "timezone",
            "language",
            "customer_link_template",
            "mandatory_fields",
        ]
        widgets = {"customer_link_template": forms.TextInput({"inputmode": "url", "spellcheck": "false"})}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial["mandatory_fields"] = [
            name for name in self.initial["mandatory_fields"] if name in dict(MANDATORY_CHOICES)
        ]
        offered: dict[str, Any] = {
            "country": country_choices(),
            "currency": currency_choices(),
            "timezone": timezone_choices(),
            "language": language_choices(),
        }
        for name, choices in offered.items():
            self.fields[name].choices = with_current(choices, self.initial[name])  # type: ignore[attr-defined]

    def clean_mandatory_fields(self) -> list[str]:
        return ["name", *self.cleaned_data["mandatory_fields"]]

    def changes(self) -> str:
        """What a valid form changes, for people: "Currency: USD → EUR; Time zone: UTC → Europe/Berlin"."""
        return "; ".join(
            f"{self[name].label}: {self._told(self.initial[name])} → {self._told(self.data_of(name))}"
            for name in self.changed_data
        )

    def data_of(self, name: str) -> Any:
        """What was chosen, without the name of the customer, which is always mandatory."""
        value = self.cleaned_data[name]
        return value[1:] if name == "mandatory_fields" else value

    def _told(self, value: Any) -> str:
        if isinstance(value, list):
            return ", ".join(dict(MANDATORY_CHOICES)[name] for name in value) or "none"
        return str(value) or "none"


class RoleForm(forms.Form):
    """A role, among those that `by` may give. `kept` is offered too: the role the member has."""

    role = forms.ChoiceField(widget=forms.RadioSelect)

    def __init__(self, *args: Any, by: Membership, kept: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offered = [role for role in Role if role in roles_to_give(by) or role == kept]
        choices = [(role.value, f"{role.label} – {DESCRIPTIONS[role]}") for role in offered]
        self.fields["role"].choices = choices  # type: ignore[attr-defined]


class InviteForm(RoleForm):
    email = forms.EmailField(label="E-mail", max_length=254)
    role = forms.ChoiceField(initial=Role.AGENT)

    field_order = ["email", "role"]


class HandOverForm(forms.Form):
    """Who takes over each thing that a member holds; a field per holding."""

    NOBODY = "nobody"

    def __init__(
        self, *args: Any, member: Membership, held: list[tuple[Holding, int]], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.others = {
            str(other.pk): other for other in Membership.objects.current() if other.pk != member.pk
        }
        for holding, count in held:
            nobody = [] if holding.needs_somebody(member.tenant) else [(self.NOBODY, "Nobody")]
            people = [(key, f"{other} ({other.user.email})") for key, other in self.others.items()]
            self.fields[holding.name] = forms.ChoiceField(
                label=f"{holding.label}: {count:,}",
                choices=[("", CHOOSE), *nobody, *people],
                widget=forms.Select({"data-combo": CHOOSE}),
            )

    def heirs(self) -> dict[str, Membership | None]:
        """The choices of a valid form, by the holding's name; None is nobody."""
        return {name: self.others.get(value) for name, value in self.cleaned_data.items()}
