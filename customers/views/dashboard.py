from django.http import HttpRequest, HttpResponse

from tenants.views import permission


@permission("customers.view_customer")
def dashboard(request: HttpRequest) -> HttpResponse:
    return HttpResponse("Dashboard")
