from django.urls import include, path

from company import account_views, invitation_views
from config import health

urlpatterns = [
    path("", account_views.home, name="home"),
    path("accounts/", include("company.account_urls")),
    path("invitations/<str:token>/", invitation_views.invitation, name="invitation"),
    path("livez", health.livez, name="livez"),
    path("readyz", health.readyz, name="readyz"),
]
