from django.core.management.commands.migrate import Command as Migrate

from tenants.management.commands._owner import AsOwner


class Command(AsOwner, Migrate):
    pass
