"""The list of customers, declared."""

from customers.bulk import BULK_EDIT, actions
from customers.filters import customer_filters, customer_options, noun
from customers.models import Customer
from lists.columns import customer_groups
from lists.declaration import ListDeclaration
from tenants.addresses import row_address

CUSTOMERS = ListDeclaration(
    name="customers",
    title="Customers",
    queryset=Customer.objects.all,
    groups=customer_groups,
    link=lambda pk: row_address("customers:detail", pk),
    noun=noun,
    sort="name",
    permission="customers.view_customer",
    url_name="customers:list",
    export_permission="customers.export_customer",
    export_url_name="customers:export",
    filters=customer_filters,
    options=customer_options,
    bulk=actions,
    bulk_permission=BULK_EDIT,
)
