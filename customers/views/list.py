"""The list of customers and its export."""

from customers.list import CUSTOMERS
from lists.export_views import ExportView
from lists.views import ListView


class CustomerList(ListView):
    permission = "customers.view_customer"
    declaration = CUSTOMERS
    template_name = "customers/list.html"


class CustomerExport(ExportView):
    permission = "customers.export_customer"
    declaration = CUSTOMERS
