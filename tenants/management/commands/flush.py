from django.core.management.commands.flush import Command as Flush

from tenants.management.commands._owner import AsOwner


class Command(AsOwner, Flush):
    pass
