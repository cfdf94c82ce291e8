"""The list of all customers' contacts, and its export."""

from contacts.list import CONTACTS
from lists.export_views import ExportView
from lists.views import ListView


class ContactList(ListView):
    permission = "contacts.view_contact"
    declaration = CONTACTS
    template_name = "contacts/list.html"


class ContactExport(ExportView):
    permission = "contacts.export_contact"
    declaration = CONTACTS
