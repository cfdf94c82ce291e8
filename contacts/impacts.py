"""What is deleted along with a customer: settings.CUSTOMER_IMPACTS."""

from contacts.models import Address, Contact
from customers.models import Customer
from customers.profile import Impact


def contacts(customer: Customer) -> Impact:
    return Impact("contact", "contacts", Contact.objects.filter(customer=customer).count())


def addresses(customer: Customer) -> Impact:
    return Impact("address", "addresses", Address.objects.filter(customer=customer).count())
