from django.db import migrations, models


class Migration(migrations.Migration):
    """The rows of an operation are read in the order of their ids, a part at a time."""

    dependencies = [
        ('customers', '0009_what_is_missing'),
        ('history', '0006_rows_of_operations'),
        ('marketing', '0004_rows_of_operations'),
        ('tenants', '0002_cache_entry'),
    ]

    operations = [
        migrations.RemoveIndex(
            model_name='historicalcustomer',
            name='customers_customer_oper',
        ),
        migrations.AddIndex(
            model_name='historicalcustomer',
            index=models.Index(fields=['tenant', 'operation', 'id'], name='customers_customer_oper'),
        ),
    ]
