from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, ClassVar, Generic, TypeVar

from django import forms
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db import IntegrityError, models, transaction
from django.forms.models import ModelChoiceField
from django.forms.renderers import TemplatesSetting
from django.forms.utils import ErrorDict

from tenants.base import TenantModel
from tenants.fields import DerivedTextField
from tenants.models import Membership

Row = TypeVar("Row", bound=models.Model)

if TYPE_CHECKING:

    class ModelForm(forms.ModelForm[Row]):
        pass

else:  # Django's own is generic for type checkers only

    class ModelForm(forms.ModelForm, Generic[Row]):
        pass


class FormRenderer(TemplatesSetting):
    """Forms are rendered by our own templates; a form's summary of errors comes first."""

    form_template_name = "django/forms/form.html"
    formset_template_name = "django/forms/formset.html"
    field_template_name = "django/forms/field.html"


class TenantModelForm(ModelForm[Row]):
    """A form for a row of the active tenant.

    Choices are the tenant's own, per-tenant unique constraints are checked before saving, and the race that
    remains becomes the same error on the field.
    """

    # constraint name → (field that shows the error, its text or a function of this form giving it)
    refusals: ClassVar[Mapping[str, tuple[str, str | Callable[[Any], Any]]]] = {}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            if isinstance(field, ModelChoiceField) and name in {
                f.name for f in self._meta.model._meta.fields
            }:
                field.queryset = self.choices_for(name)

    def choices_for(self, name: str) -> models.QuerySet[Any]:
        """What the field offers: the tenant's rows. Narrow it in a subclass."""
        related: Any = self._meta.model._meta.get_field(name).related_model
        if related is Membership:
            return Membership.objects.current()
        if not issubclass(related, TenantModel):
            raise TypeError(
                f"{name} refers to {related}, which belongs to no tenant: override choices_for()."
            )
        rows: models.QuerySet[Any] = related._default_manager.all()
        return rows

    def _get_validation_exclusions(self) -> set[str]:
        """Django leaves out constraints on fields that the form lacks: not these, the product fills them in."""
        derived = {f.name for f in self._meta.model._meta.fields if isinstance(f, DerivedTextField)}
        return super()._get_validation_exclusions() - {"tenant"} - derived  # type: ignore[misc,no-any-return]

    def _update_errors(self, errors: ValidationError) -> None:
        """A constraint that `refusals` names shows on its field, though somebody was faster only just now: after
        the field itself was cleaned. Django tells constraints apart by their messages alone."""
        found = getattr(errors, "error_dict", {})
        unnamed = [error for error in found.pop(NON_FIELD_ERRORS, []) if not self._refuse_as_named(error)]
        if unnamed:
            found[NON_FIELD_ERRORS] = unnamed
        if found or not hasattr(errors, "error_dict"):
            super()._update_errors(errors)  # type: ignore[misc]  # unknown to the stubs

    def _refuse_as_named(self, error: ValidationError) -> bool:
        for constraint in self._meta.model._meta.constraints:
            named = constraint.name in self.refusals
            if named and constraint.get_violation_error_message() == error.message:
                self.refuse(constraint.name)
                return True
        return False

    def forgive(self) -> None:
        """Show what was typed without saying what is wrong: nobody asked to save it yet."""
        self._errors = ErrorDict()
        self.cleaned_data = {}

    def try_save(self) -> Row | None:
        """The saved row; None, with the error on the form, when somebody else was faster.

        Call it on a valid form, inside an operation.
        """
        try:
            with transaction.atomic():
                return self.save()
        except IntegrityError as error:
            constraint = self._broken_constraint(error)
            if constraint is None:
                raise
            self.refuse(constraint)
            return None

    def _broken_constraint(self, error: IntegrityError) -> str | None:
        """The one of `refusals` that the row broke, or None for another.

        The database names it; but a partition's or a shard's unique index has a name of its own, so the
        constraints are asked then.
        """
        diagnosis = getattr(error.__cause__, "diag", None)
        named = getattr(diagnosis, "constraint_name", None)
        if named in self.refusals:
            return str(named)
        for constraint in self._meta.model._meta.constraints:
            if constraint.name in self.refusals:
                try:
                    constraint.validate(self._meta.model, self.instance)
                except ValidationError:
                    return constraint.name
        return None

    def refuse(self, constraint: str) -> None:
        field, message = self.refusals[constraint]
        self.add_error(field, message(self) if callable(message) else message)
