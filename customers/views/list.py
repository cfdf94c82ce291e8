from django.http import HttpRequest, HttpResponse

from tenants.views import permission


@permission("customers.view_customer")
def customers(request: HttpRequest) -> HttpResponse:
    return HttpResponse("Customers")


@permission("customers.export_customer")
def export(request: HttpRequest) -> HttpResponse:
    return HttpResponse("Export")
