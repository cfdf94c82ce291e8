from django.urls import path

from contacts.views.access import access
from contacts.views.delete import delete_address, delete_contact
from contacts.views.list import ContactExport, ContactList
from contacts.views.tab import customer_tab

app_name = "contacts"
urlpatterns = [
    path("contacts/", ContactList.as_view(), name="list"),
    path("contacts/export/", ContactExport.as_view(), name="export"),
    path("customers/<int:pk>/contacts/", customer_tab, name="customer-tab"),
    path("customers/<int:pk>/contacts/<int:contact>/delete/", delete_contact, name="delete-contact"),
    path("customers/<int:pk>/addresses/<int:address>/delete/", delete_address, name="delete-address"),
    path("customers/<int:pk>/access/", access, name="access"),
]
