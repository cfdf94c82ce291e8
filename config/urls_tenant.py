from django.urls import URLPattern, URLResolver, include, path

from config.admin import site
from customers.views.dashboard import dashboard

urlpatterns: list[URLPattern | URLResolver] = [
    path("", dashboard, name="dashboard"),
    path("customers/", include("customers.urls")),
    path("", include("contacts.urls")),
    path("operations/", include("history.urls")),
    path("lists/", include("lists.urls")),
    path("settings/", include("company.urls")),
    path("settings/", include("marketing.urls")),
    path("admin/", site.urls),
]
