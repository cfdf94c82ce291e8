from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    """The rows of an operation are read in the order of their ids, a part at a time."""

    dependencies = [
        ('history', '0005_undone_again'),
        ('tenants', '0002_cache_entry'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveIndex(
            model_name='historicalmembership',
            name='tenants_membership_oper',
        ),
        migrations.RemoveIndex(
            model_name='historicaltenant',
            name='tenants_tenant_oper',
        ),
        migrations.AddIndex(
            model_name='historicalmembership',
            index=models.Index(fields=['tenant', 'operation', 'id'], name='tenants_membership_oper'),
        ),
        migrations.AddIndex(
            model_name='historicaltenant',
            index=models.Index(fields=['tenant', 'operation', 'id'], name='tenants_tenant_oper'),
        ),
    ]
