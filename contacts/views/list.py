"""The list of all customers' contacts."""

from contacts.list import CONTACTS
from lists.views import ListView


class ContactList(ListView):
    permission = "contacts.view_contact"
    declaration = CONTACTS
    template_name = "contacts/list.html"
