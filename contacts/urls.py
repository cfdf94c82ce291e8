from django.urls import path

from contacts.views.access import access
from contacts.views.list import ContactList

app_name = "contacts"
urlpatterns = [
    path("contacts/", ContactList.as_view(), name="list"),
    path("customers/<int:pk>/access/", access, name="access"),
]
