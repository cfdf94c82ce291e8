"""Freezing a selection, looking at what an action would do to it, and doing it: at once or by a worker."""

from __future__ import annotations

from collections.abc import Collection
from contextlib import nullcontext
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from django import forms
from django.contrib.postgres.expressions import ArraySubquery
from django.db import IntegrityError
from django.db.models import BigIntegerField, F, Func, IntegerField, QuerySet

from history.long import BATCH, Refused, ask_for, in_one_go
from history.models import Operation
from history.operations import operation
from lists.bulk import Answer, Effects, RowsAction
from lists.declaration import ListDeclaration, list_named
from lists.listing import Listing
from lists.models import Selection
from tenants.database import TooSlow, at_most, joining_at_once
from tenants.models import Membership, User
from tenants.numbers import grouped

MANY = 10_000  # rows; more are joined at once
COUNTING = 20_000  # milliseconds that each of the numbers may take


class Unnest(Func):
    function = "unnest"
    set_returning = True
    output_field = BigIntegerField()


def freeze(listing: Listing, ids: Collection[int] | None, *, without: Collection[int] = ()) -> Selection:
    """Keep which rows are selected: those of `ids` that there are, or all that the list shows at this moment but for
    those of `without`.

    Three statements whatever the number of rows, of which one reads them.
    """
    declaration = listing.declaration
    rows = listing.matches.queryset if ids is None else declaration.queryset().filter(pk__in=ids)
    if without:
        rows = rows.exclude(pk__in=without)
    made = Selection.objects.create(
        list=declaration.name,
        by=listing.user,
        ids=[],
        number=0,
        query=listing.address(selecting=False, **listing.place).removeprefix("?"),
    )
    kept = Selection.objects.filter(pk=made.pk)
    kept.update(ids=ArraySubquery(rows.order_by("pk").values("pk")))
    length = Func(F("ids"), function="cardinality", output_field=IntegerField())
    made.number = kept.values_list(length, flat=True).get()
    chosen = listing.filterset.chosen if ids is None else {}
    noun = declaration.noun(chosen, made.number)
    left_out = f"; without {grouped(len(without))} of them" if without else ""
    made.words = f"{grouped(made.number)} {noun}{f'{listing.narrowed}{left_out}' if ids is None else ''}"
    kept.update(number=made.number, words=made.words)
    return made


@dataclass(frozen=True)
class Numbers:
    """How many rows an action would change, how many it would leave as they are, how many are no longer there.

    `changing` and `unchanged` are None while it is not known what the rows are to become.
    """

    changing: int | None
    unchanged: int | None
    gone: int
    effects: Effects = field(default_factory=Effects)


@dataclass(frozen=True)
class Bulk:
    """An action on a selection. `by` is who asks for it."""

    declaration: ListDeclaration
    action: RowsAction
    selection: Selection
    by: Membership

    @cached_property
    def rows(self) -> QuerySet[Any]:
        """Those of the selected rows that are still there."""
        return self.declaration.queryset().filter(pk__in=self._ids)

    @property
    def _ids(self) -> QuerySet[Any, Any]:
        return Selection.objects.filter(pk=self.selection.pk).values(row=Unnest("ids"))

    def numbers(self, answer: Answer | None) -> Numbers:
        """What it would do now. Two queries, and those of the effects; they take COUNTING at most, or say so."""
        try:
            with at_most(COUNTING), joining_at_once() if self.selection.number > MANY else nullcontext():
                return self._numbers(answer)
        except TooSlow:
            words = "So many that counting what changes takes too long. It is counted while it is done."
            return Numbers(None, None, 0, Effects([words], is_strong=self.action.is_danger))

    def _numbers(self, answer: Answer | None) -> Numbers:
        there = self.rows.count()
        gone = self.selection.number - there
        if answer is None:
            return Numbers(None, None, gone)
        changing = self.action.changes(self.rows, answer).count()
        return Numbers(changing, there - changing, gone, self.action.effects(self.rows.model, self._ids))

    def words(self, number: int) -> str:
        """ "40 customers" """
        return f"{grouped(number)} {self.declaration.noun({}, number)}"

    @property
    def is_long(self) -> bool:
        """Whether it takes longer than a request should."""
        return self.selection.number > BATCH

    def summary(self, form: forms.Form, changed: int | None = None) -> str:
        """What the operation says of itself: of the selected rows, or of how many of them were changed so far."""
        selected = self.selection.words
        if changed is None or changed == self.selection.number:
            return self.action.summary(form, selected)
        return self.action.summary(form, f"{grouped(changed)} of {selected}")

    def start(self, form: forms.Form) -> Operation | None:
        """Do it, or have a worker do it. `form` is valid. None when there was nothing to change.

        Raises Refused, and then nothing has changed. Hold the selection: it is done once.
        """
        self.selection.action, self.selection.answer = self.action.key, dict(form.cleaned_data)
        if self.is_long:
            return self._ask_for(self.summary(form))
        with operation(self.action.kind, by=self.by.user) as running:
            running.total = self.selection.number
            self._keep(running)
            in_one_go(running, self.batch)
        return running if running.touched else None

    def _ask_for(self, summary: str) -> Operation:
        from lists.tasks import carry_out

        asked = ask_for(self.action.kind, by=self.by.user, total=self.selection.number, summary=summary)
        self._keep(asked)
        carry_out.later(operation_id=asked.pk)
        return asked

    def _keep(self, done: Operation) -> None:
        self.selection.operation = done
        self.selection.save(update_fields=["operation", "action", "answer"])

    def batch(self, running: Operation) -> bool:
        """A Step (history/long.py): the next thousand of the frozen rows. Raises Refused."""
        form = self.action.form(self.selection.answer, self.by)
        if not form.is_valid():
            raise Refused("What was chosen is no longer there. What was done until then stays.")
        ids = self.selection.part(running.position, BATCH)
        rows = self.declaration.queryset().filter(pk__in=ids)
        there = rows.count()
        try:
            changed = self.action.write(self.action.changes(rows, form.cleaned_data), form.cleaned_data)
        except IntegrityError as error:
            raise Refused("Something else depends on one of the rows, or has just been deleted.") from error
        running.position += len(ids)
        for name, number in (
            ("changed", changed),
            ("unchanged", max(there - changed, 0)),
            ("gone", len(ids) - there),
        ):
            running.counts[name] = running.counts.get(name, 0) + number
        running.summary = self.summary(form, running.counts["changed"])
        return running.position < self.selection.number


def bulk_of(running: Operation) -> Bulk:
    """What a worker is to carry on. Raises Refused when whoever asked for it may not do such things any more."""
    selection = Selection.objects.defer("ids").get(operation=running)
    declaration = list_named(selection.list)
    action = (
        next((one for one in declaration.bulk() if one.key == selection.action), None)
        if declaration
        else None
    )
    if declaration is None or not isinstance(action, RowsAction):
        raise Refused("This can't be done any longer.")
    by = running.by
    if by is None or not may(by, declaration, action) or by.membership is None:
        raise Refused("Whoever asked for it may no longer do this. What was done until then stays.")
    return Bulk(declaration, action, selection, by.membership)


def may(user: User, declaration: ListDeclaration, action: RowsAction) -> bool:
    needed = {declaration.permission, declaration.bulk_permission, action.permission} - {""}
    return user.has_perms(needed)
