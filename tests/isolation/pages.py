"""A URL configuration of pages that go wrong, or say what they see, to be served inside a tenant."""

from django.db import connection
from django.http import HttpRequest, HttpResponse, HttpResponseServerError, JsonResponse
from django.template import engines
from django.template.response import TemplateResponse
from django.urls import path

from history.operations import operation
from marketing.models import Segment
from tenants.context import current_tenant_id, tenant
from tenants.models import Tenant


def write(request: HttpRequest) -> None:
    with operation("edit", by=None):
        Segment.objects.create(name="Written")


def fine(request: HttpRequest) -> HttpResponse:
    write(request)
    return HttpResponse("done")


def raises(request: HttpRequest) -> HttpResponse:
    write(request)
    raise ValueError("a programming error")


def raises_inside_the_operation(request: HttpRequest) -> HttpResponse:
    with operation("edit", by=None):
        Segment.objects.create(name="Written")
        raise ValueError("a programming error")


def answers_500(request: HttpRequest) -> HttpResponse:
    write(request)
    return HttpResponseServerError("sorry")


def answers_503(request: HttpRequest) -> HttpResponse:
    write(request)
    return HttpResponse("come back later", status=503)


def template_raises(request: HttpRequest) -> TemplateResponse:
    """The view is done when its template, rendered later, fails."""
    write(request)
    template = engines["django"].from_string("{% include missing %}")
    return TemplateResponse(request, template, {"missing": "no/such/template.html"})


def database_error(request: HttpRequest) -> HttpResponse:
    write(request)
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 / 0")
    return HttpResponse("never")


def refused_form(request: HttpRequest) -> HttpResponse:
    write(request)
    return HttpResponse("please correct", status=422)


def what_it_sees(request: HttpRequest) -> JsonResponse:
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('app.tenant_id'), pg_backend_pid()")
        database, backend = cursor.fetchone()
    return JsonResponse(
        {
            "context": current_tenant_id(),
            "database": int(database),
            "backend": backend,
            "segments": list(Segment.objects.values_list("name", flat=True)),
        }
    )


def looks_elsewhere(request: HttpRequest, slug: str) -> JsonResponse:
    """Works for another tenant within the request, as a job might, and comes back."""
    with tenant(Tenant.objects.get(slug=slug)):
        there = list(Segment.objects.order_by().values_list("tenant_id", flat=True).distinct())
    here = list(Segment.objects.order_by().values_list("tenant_id", flat=True).distinct())
    return JsonResponse({"there": there, "here": here})


BROKEN = {
    "raises": raises,
    "raises-inside-the-operation": raises_inside_the_operation,
    "answers-500": answers_500,
    "answers-503": answers_503,
    "template-raises": template_raises,
    "database-error": database_error,
}

urlpatterns = [
    path("fine/", fine),
    path("refused-form/", refused_form),
    path("what-it-sees/", what_it_sees),
    path("looks-elsewhere/<slug:slug>/", looks_elsewhere),
    *(path(f"{name}/", view) for name, view in BROKEN.items()),
]
