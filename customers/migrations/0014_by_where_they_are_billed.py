import django.contrib.postgres.indexes
from django.db import migrations, models


class Migration(migrations.Migration):
    """Customers are counted, found and sorted by where they are billed, and found by how their phone begins."""

    dependencies = [
        ('customers', '0013_where_they_are_billed'),
        ('history', '0005_undone_again'),
        ('marketing', '0003_unmarked_letters'),
        ('tenants', '0002_cache_entry'),
    ]

    operations = [
        migrations.AddIndex(
            model_name='customer',
            index=models.Index(fields=['tenant', 'billing_city', 'id'], include=('disabled_at',), name='customers_by_city'),
        ),
        migrations.AddIndex(
            model_name='customer',
            index=models.Index(fields=['tenant', 'billing_country', 'disabled_at'], name='customers_of_country'),
        ),
        migrations.AddIndex(
            model_name='customer',
            index=models.Index(fields=['tenant', 'phone_digits', 'id'], include=('disabled_at',), name='customers_by_phone'),
        ),
        migrations.AddIndex(
            model_name='customer',
            index=django.contrib.postgres.indexes.GinIndex(models.F('tenant'), django.contrib.postgres.indexes.OpClass(models.F('search'), 'gin_trgm_ops'), django.contrib.postgres.indexes.OpClass(models.F('traits'), 'jsonb_path_ops'), models.F('segment'), models.F('status'), models.F('channel'), models.F('responsible_manager'), models.F('service_manager'), models.F('kind'), models.F('receive_promotional_emails'), models.F('billing_country'), name='customers_found'),
        ),
    ]
