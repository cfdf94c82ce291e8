"""The list of customers, declared."""

from django.urls import reverse

from customers.filters import customer_filters, customer_options, noun
from customers.models import Customer
from lists.columns import customer_groups
from lists.declaration import ListDeclaration

CUSTOMERS = ListDeclaration(
    name="customers",
    title="Customers",
    queryset=Customer.objects.all,
    groups=customer_groups,
    link=lambda pk: reverse("customers:detail", args=[pk]),
    noun=noun,
    sort="name",
    permission="customers.view_customer",
    url_name="customers:list",
    filters=customer_filters,
    options=customer_options,
)
