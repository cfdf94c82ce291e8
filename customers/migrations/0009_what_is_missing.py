from django.db import migrations, models


class Migration(migrations.Migration):
    """Customers that lack something are found and counted in an index of theirs alone."""

    dependencies = [
        ('customers', '0008_email_keys'),
        ('history', '0002_long_operations'),
        ('marketing', '0003_unmarked_letters'),
        ('tenants', '0002_cache_entry'),
    ]

    operations = [
        migrations.AddIndex(
            model_name='customer',
            index=models.Index(condition=models.Q(models.Q(('traits__contains', ['lacks:contact']), ('traits__contains', ['alone']), _connector='OR'), ('kind', 'company')), fields=['tenant', 'disabled_at'], name='customers_no_contact'),
        ),
        migrations.AddIndex(
            model_name='customer',
            index=models.Index(condition=models.Q(models.Q(('traits__contains', ['lacks:primary']), ('traits__contains', ['alone']), _connector='OR'), ('kind', 'company')), fields=['tenant', 'disabled_at'], name='customers_no_primary'),
        ),
        migrations.AddIndex(
            model_name='customer',
            index=models.Index(condition=models.Q(('traits__contains', ['lacks:address']), ('traits__contains', ['alone']), _connector='OR'), fields=['tenant', 'disabled_at'], name='customers_no_address'),
        ),
        migrations.AddIndex(
            model_name='customer',
            index=models.Index(condition=models.Q(('traits__contains', ['lacks:billing']), ('traits__contains', ['alone']), _connector='OR'), fields=['tenant', 'disabled_at'], name='customers_no_billing'),
        ),
    ]
