import lists.dates
from django.db import migrations, models


class Migration(migrations.Migration):
    """Since when somebody is a customer, which they bring along; of those of whom it is known, in a small index."""

    dependencies = [
        ('customers', '0011_with_and_without_a_city'),
        ('history', '0005_undone_again'),
        ('marketing', '0003_unmarked_letters'),
        ('tenants', '0002_cache_entry'),
    ]

    operations = [
        migrations.AddField(
            model_name='customer',
            name='customer_since',
            field=models.DateField(blank=True, help_text='The first day, here or in the system that you used before.', null=True, validators=[lists.dates.refuse_no_past_day]),
        ),
        migrations.AddField(
            model_name='historicalcustomer',
            name='customer_since',
            field=models.DateField(blank=True, help_text='The first day, here or in the system that you used before.', null=True, validators=[lists.dates.refuse_no_past_day]),
        ),
        migrations.AddIndex(
            model_name='customer',
            index=models.Index(condition=models.Q(('customer_since__isnull', False)), fields=['tenant', 'customer_since', 'disabled_at'], name='customers_of_since'),
        ),
    ]
