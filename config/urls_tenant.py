from django.urls import URLPattern, URLResolver, include, path

from customers.views.dashboard import dashboard

urlpatterns: list[URLPattern | URLResolver] = [
    path("", dashboard, name="dashboard"),
    path("customers/", include("customers.urls")),
    path("settings/", include("company.urls")),
    path("settings/", include("marketing.urls")),
]
