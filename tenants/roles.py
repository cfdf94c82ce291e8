"""Who may do what: one role per membership, one matrix from role to Django permissions."""

from django.db import models


class Role(models.TextChoices):
    OWNER = "owner", "Owner"
    ADMIN = "admin", "Admin"
    MANAGER = "manager", "Manager"
    AGENT = "agent", "Agent"
    VIEWER = "viewer", "Viewer"


DESCRIPTIONS = {
    Role.OWNER: "Everything, and the company itself",
    Role.ADMIN: "Everything but the owners: settings, people, the admin pages",
    Role.MANAGER: "Also deletes, imports, exports and edits in bulk",
    Role.AGENT: "Adds and edits customers",
    Role.VIEWER: "Reads",
}

LISTS = ("segment", "status", "channel")
BEHIND = ("contact", "address")  # what belongs to a customer
NAMED = ("savedview", "exporttemplate")  # what people name and keep for themselves

VIEWER = {
    "customers.view_customer",
    "history.view_operation",
    *(f"marketing.view_{name}" for name in LISTS),
    "contacts.view_contact",
    "contacts.view_address",
    *(f"lists.{action}_{name}" for action in ("view", "add", "change", "delete") for name in NAMED),
}
AGENT = VIEWER | {
    "customers.add_customer",
    "customers.change_customer",
    "contacts.view_access",
    *(f"contacts.{action}_{name}" for action in ("add", "change", "delete") for name in BEHIND),
}
MANAGER = AGENT | {
    "customers.delete_customer",
    "customers.import_customer",
    "customers.export_customer",
    "customers.bulk_edit_customer",
    "contacts.export_contact",
    "lists.share_savedview",  # and templates of exports
}
ADMIN = MANAGER | {
    "customers.restore_customer",
    "lists.manage_savedview",  # and templates
    "tenants.view_tenant",
    "tenants.change_tenant",
    "tenants.view_membership",
    "tenants.add_membership",
    "tenants.change_membership",
    "tenants.delete_membership",
    *(f"marketing.{action}_{name}" for action in ("add", "change", "delete") for name in LISTS),
}
OWNER = ADMIN | {"tenants.change_owner"}

PERMISSIONS: dict[str, frozenset[str]] = {
    Role.VIEWER: frozenset(VIEWER),
    Role.AGENT: frozenset(AGENT),
    Role.MANAGER: frozenset(MANAGER),
    Role.ADMIN: frozenset(ADMIN),
    Role.OWNER: frozenset(OWNER),
}
STAFF = frozenset({Role.OWNER, Role.ADMIN})  # who may open the admin pages
