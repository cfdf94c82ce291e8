"""Tables that hold no tenant's rows, or are read before a tenant is known, with the reason for each.

Every other table must have the tenant policy; tests/isolation compares this list with the database.
"""

OUTSIDE_POLICY = {
    "tenants_tenant": "looked up by its address before it becomes active",
    "tenants_user": "people sign in once and may belong to several tenants",
    "tenants_membership": "decides whether a person may enter the tenant",
    "tenants_invitation": "opened by a person who is not yet a member",
    "account_emailaddress": "sign-in addresses of people",
    "account_emailconfirmation": "sign-in addresses of people",
    "mfa_authenticator": "second factors of people",
    "cache_entry": "counters of failed sign-ins",
    "django_session": "sessions of people",
    "django_content_type": "names of models",
    "auth_permission": "names of permissions",
    "auth_group": "Django's own, unused: roles are memberships",
    "auth_group_permissions": "Django's own, unused: roles are memberships",
    "django_admin_log": "Django's own, kept empty: the admin writes operations",
    "django_migrations": "which migrations ran",
    "procrastinate_jobs": "the queue; arguments are ids only",
    "procrastinate_events": "the queue",
    "procrastinate_periodic_defers": "the queue",
    "procrastinate_workers": "the queue",
}
