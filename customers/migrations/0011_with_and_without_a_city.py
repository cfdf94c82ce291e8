from django.db import migrations, models


class Migration(migrations.Migration):
    """Customers with a city and those without are counted in an index of theirs alone."""

    dependencies = [
        ('customers', '0010_rows_of_operations'),
        ('history', '0002_long_operations'),
        ('marketing', '0003_unmarked_letters'),
        ('tenants', '0002_cache_entry'),
    ]

    operations = [
        migrations.AddIndex(
            model_name='customer',
            index=models.Index(condition=models.Q(('traits__contains', ['lacks:city']), ('traits__contains', ['alone']), _connector='OR'), fields=['tenant', 'disabled_at'], name='customers_no_city'),
        ),
        migrations.AddIndex(
            model_name='customer',
            index=models.Index(condition=models.Q(('traits__contains', ['lacks:city']), ('traits__contains', ['alone']), _connector='OR', _negated=True), fields=['tenant', 'disabled_at'], name='customers_with_city'),
        ),
    ]
