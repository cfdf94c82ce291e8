"""The customer's tab Contacts & addresses: settings.CUSTOMER_TABS."""

from contacts.behind import count
from customers.tabs import Tab

CONTACTS = Tab(
    slug="contacts",
    title="Contacts & addresses",
    url_name="contacts:customer-tab",
    permission="contacts.view_contact",
    count=count,
)
