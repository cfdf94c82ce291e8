from django.db import migrations, models


class Migration(migrations.Migration):
    """The rows of an operation are read in the order of their ids, a part at a time."""

    dependencies = [
        ('history', '0006_rows_of_operations'),
        ('marketing', '0003_unmarked_letters'),
        ('tenants', '0002_cache_entry'),
    ]

    operations = [
        migrations.RemoveIndex(
            model_name='historicalchannel',
            name='marketing_channel_oper',
        ),
        migrations.RemoveIndex(
            model_name='historicalsegment',
            name='marketing_segment_oper',
        ),
        migrations.RemoveIndex(
            model_name='historicalstatus',
            name='marketing_status_oper',
        ),
        migrations.AddIndex(
            model_name='historicalchannel',
            index=models.Index(fields=['tenant', 'operation', 'id'], name='marketing_channel_oper'),
        ),
        migrations.AddIndex(
            model_name='historicalsegment',
            index=models.Index(fields=['tenant', 'operation', 'id'], name='marketing_segment_oper'),
        ),
        migrations.AddIndex(
            model_name='historicalstatus',
            index=models.Index(fields=['tenant', 'operation', 'id'], name='marketing_status_oper'),
        ),
    ]
