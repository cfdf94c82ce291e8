"""The tenant's admin site, with the pages that the apps register on it."""

import contacts.admin
import customers.admin
import history.admin
import imports.admin
import marketing.admin
from tenants.admin import site

__all__ = ["contacts", "customers", "history", "imports", "marketing", "site"]
