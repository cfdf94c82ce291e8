"""A page that fails leaves nothing behind, however late it fails."""

from typing import Any

import pytest
from django.http import HttpRequest, HttpResponse
from django.template import engines
from django.template.response import TemplateResponse
from django.test import Client
from django.urls import include, path

from customers.models import Customer
from history.models import Operation
from history.operations import operation
from tenants.context import tenant
from tenants.models import Tenant
from tenants.views import permission


def write(request: HttpRequest) -> None:
    with operation(Operation.Kind.ADD, by=request.user):  # type: ignore[arg-type]
        Customer.objects.create(name="Half done")


@permission("customers.add_customer")
def raises(request: HttpRequest) -> HttpResponse:
    write(request)
    raise ValueError("after writing")


@permission("customers.add_customer")
def answers_500(request: HttpRequest) -> HttpResponse:
    write(request)
    return HttpResponse(status=500)


@permission("customers.add_customer")
def breaks_in_its_template(request: HttpRequest) -> HttpResponse:
    write(request)
    return TemplateResponse(request, engines["django"].from_string("{% load ui %}{% icon 'no such icon' %}"))


@permission("customers.add_customer")
def answers_200(request: HttpRequest) -> HttpResponse:
    write(request)
    return HttpResponse("done")


urlpatterns = [
    path("raises/", raises),
    path("answers-500/", answers_500),
    path("breaks-in-its-template/", breaks_in_its_template),
    path("answers-200/", answers_200),
    path("", include("config.urls_tenant")),
]


@pytest.fixture
def with_failing_pages(settings: Any) -> None:
    settings.TENANT_URLCONF = __name__


def written(company: Tenant) -> tuple[int, int]:
    with tenant(company):
        return Customer.objects.count(), Operation.objects.count()


@pytest.mark.parametrize("page", ["raises", "answers-500", "breaks-in-its-template"])
def test_a_failing_page_writes_nothing(
    with_failing_pages: None, acme: Tenant, agent: Client, page: str
) -> None:
    before = written(acme)
    agent.raise_request_exception = False
    assert agent.post(f"/acme/{page}/").status_code == 500
    assert written(acme) == before


def test_a_page_that_works_writes(with_failing_pages: None, acme: Tenant, agent: Client) -> None:
    assert agent.post("/acme/answers-200/").status_code == 200
    assert written(acme)[0] == 1
