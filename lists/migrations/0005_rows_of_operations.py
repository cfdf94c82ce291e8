from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    """The rows of an operation are read in the order of their ids, a part at a time."""

    dependencies = [
        ('history', '0006_rows_of_operations'),
        ('lists', '0004_manage_views'),
        ('tenants', '0002_cache_entry'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveIndex(
            model_name='historicalexporttemplate',
            name='lists_exporttemplate_oper',
        ),
        migrations.RemoveIndex(
            model_name='historicalsavedview',
            name='lists_savedview_oper',
        ),
        migrations.AddIndex(
            model_name='historicalexporttemplate',
            index=models.Index(fields=['tenant', 'operation', 'id'], name='lists_exporttemplate_oper'),
        ),
        migrations.AddIndex(
            model_name='historicalsavedview',
            index=models.Index(fields=['tenant', 'operation', 'id'], name='lists_savedview_oper'),
        ),
    ]
