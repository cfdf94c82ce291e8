from django.db import migrations, models


class Migration(migrations.Migration):
    """A timed import keeps how the dates of its file are written."""

    dependencies = [
        ('imports', '0006_rows_of_operations'),
    ]

    operations = [
        migrations.AddField(
            model_name='historicalschedule',
            name='formats',
            field=models.JSONField(default=dict, editable=False),
        ),
        migrations.AddField(
            model_name='schedule',
            name='formats',
            field=models.JSONField(default=dict, editable=False),
        ),
    ]
