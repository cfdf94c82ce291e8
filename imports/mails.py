"""What the owner of a timed import is told, when it is over or waits for somebody."""

from __future__ import annotations

from django.conf import settings
from django.core.mail import EmailMessage
from django.template.loader import render_to_string
from django.urls import reverse

from history.long import as_its_people_read
from imports import unattended
from imports.models import ImportRun, Schedule
from imports.report import counts
from tenants.context import tenant
from tenants.models import Membership, Tenant
from tenants.roles import Role

Stage = ImportRun.Stage
# What the subject says of it.
CAME_TO = {
    Stage.DONE: "is done",
    Stage.READY: "waits for approval",
    Stage.MATCHING: "waits for you",
    Stage.CANCELLED: "was cancelled",
}


def tell_owner(tenant_id: int, run_id: int) -> None:
    """Raises SMTPException and OSError where no mail can be sent."""
    with tenant(tenant_id), as_its_people_read(tenant_id):
        mail = _mail(Tenant.objects.get(pk=tenant_id), unattended.as_it_is(ImportRun(pk=run_id)))
    mail.send()


def _mail(company: Tenant, run: ImportRun) -> EmailMessage:
    schedule = run.schedule
    context = {
        "company": company,
        "run": run,
        "name": schedule or run.name,
        "came_to": came_to(run),
        "why": why(run),
        "counts": list(counts(run)),
        "link": link(company, run),
        "next_at": schedule and schedule.clocks.get().next_at,
        "waiting": waiting(run),
    }
    subject = " ".join(render_to_string("imports/mail/timed_subject.txt", context).split())
    body = render_to_string("imports/mail/timed.txt", context)
    return EmailMessage(subject, body, to=recipients(run))


def waiting(run: ImportRun) -> list[Schedule]:
    """What comes after it and has not begun, as it is not done."""
    if run.schedule is None or run.stage == Stage.DONE:
        return []
    return list(Schedule.objects.filter(after=run.schedule, is_active=True))


def came_to(run: ImportRun) -> str:
    if run.stage == Stage.MATCHING and not run.held:
        return "failed"
    return CAME_TO.get(Stage(run.stage), "failed")


def why(run: ImportRun) -> str:
    """Why it is not done, '' if it is."""
    if run.held:
        return run.held
    asked = (run.operation, run.checking, run.reading)
    return next((operation.error for operation in asked if operation and operation.error), "")


def recipients(run: ImportRun) -> list[str]:
    """Its owner; the company's owners when that one has left."""
    members = Membership.objects.current().filter(user__is_active=True)
    own = members.filter(user=run.by) or members.filter(role=Role.OWNER)
    return [member.user.email for member in own]


def link(company: Tenant, run: ImportRun) -> str:
    path = reverse("imports:detail", urlconf=settings.TENANT_URLCONF, args=[run.pk])
    return f"{settings.PUBLIC_URL.rstrip('/')}/{company.slug}{path}"
