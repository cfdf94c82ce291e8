import lists.numbers
from django.db import migrations, models


class Migration(migrations.Migration):
    """How many people work at a customer; of those of whom it is known, in a small index."""

    dependencies = [
        ('customers', '0014_by_where_they_are_billed'),
    ]

    operations = [
        migrations.AddField(
            model_name='customer',
            name='employees',
            field=models.PositiveIntegerField(blank=True, help_text='How many people work there.', null=True, validators=[lists.numbers.refuse_no_count]),
        ),
        migrations.AddField(
            model_name='historicalcustomer',
            name='employees',
            field=models.PositiveIntegerField(blank=True, help_text='How many people work there.', null=True, validators=[lists.numbers.refuse_no_count]),
        ),
        migrations.AddIndex(
            model_name='customer',
            index=models.Index(condition=models.Q(('employees__isnull', False)), fields=['tenant', 'employees', 'disabled_at'], name='customers_of_size'),
        ),
    ]
