from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    """The rows of an operation are read in the order of their ids, a part at a time."""

    dependencies = [
        ('history', '0006_rows_of_operations'),
        ('imports', '0005_timed_imports'),
        ('tenants', '0002_cache_entry'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveIndex(
            model_name='historicalschedule',
            name='imports_schedule_oper',
        ),
        migrations.AddIndex(
            model_name='historicalschedule',
            index=models.Index(fields=['tenant', 'operation', 'id'], name='imports_schedule_oper'),
        ),
    ]
