"""What people name for themselves and share: saved views, templates of exports."""

from __future__ import annotations

from typing import Any, ClassVar, TypeVar

from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest
from django.shortcuts import get_object_or_404

from history.forms import TrackedModelForm
from lists.models.named import Named
from tenants.models import User

Row = TypeVar("Row", bound=Named)

TAKEN = "{} another {} with this name. Choose a different name."


def taken(form: NamedForm[Any]) -> str:
    """For `refusals`, under the name of the constraint that no two names are the same."""
    return TAKEN.format(
        "You have" if form.instance.owner_id == form.user.pk else "Whoever made it has", form.what
    )


class NamedForm(TrackedModelForm[Row]):
    """The name; for those who may share, whether everybody has it. Who may not can still stop sharing."""

    what: ClassVar[str]  # it is, where another one has its name: "template"

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user
        self.may_share = user.has_perm("lists.share_savedview")
        if not (self.may_share or self.instance.is_shared):
            del self.fields["is_shared"]

    def clean_is_shared(self) -> bool:
        wanted: bool = self.cleaned_data["is_shared"]
        if wanted and not self.may_share and not self.initial["is_shared"]:
            raise ValidationError("Sharing takes a manager.", code="share")
        return wanted

    def _get_validation_exclusions(self) -> set[str]:
        """The name is one person's and one list's, though neither is asked for."""
        return super()._get_validation_exclusions() - {"list", "owner"}


def to_change(request: HttpRequest, rows: QuerySet[Row], pk: int) -> Row:
    """That one of `rows`, held where it is about to be changed. Raises Http404, and PermissionDenied for what the
    person may only use."""
    held = rows.select_for_update(of=("self",)) if request.method == "POST" else rows
    found = get_object_or_404(held, pk=pk)
    if not found.may_be_changed_by(request.user):  # type: ignore[arg-type]  # a member
        raise PermissionDenied("Somebody else made it.")
    return found
