from django.urls import path

from contacts.views.access import access

app_name = "contacts"
urlpatterns = [
    path("customers/<int:pk>/access/", access, name="access"),
]
