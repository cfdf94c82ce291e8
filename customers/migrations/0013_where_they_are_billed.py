from django.db import migrations, models

import tenants.fields


class Migration(migrations.Migration):
    """City and country of the billing address, to be filled (contacts) before they are indexed, and a phone's digits."""

    dependencies = [
        ('customers', '0012_customer_since'),
        ('history', '0005_undone_again'),
        ('marketing', '0003_unmarked_letters'),
        ('tenants', '0002_cache_entry'),
    ]

    operations = [
        migrations.RemoveIndex(model_name='customer', name='customers_no_city'),
        migrations.RemoveIndex(model_name='customer', name='customers_with_city'),
        migrations.RemoveIndex(model_name='customer', name='customers_found'),
        migrations.AddField(
            model_name='customer',
            name='billing_city',
            field=tenants.fields.SettledTextField(blank=True, db_collation='C', default='', editable=False),
        ),
        migrations.AddField(
            model_name='customer',
            name='billing_country',
            field=tenants.fields.SettledTextField(blank=True, default='', editable=False),
        ),
        migrations.AddField(
            model_name='customer',
            name='phone_digits',
            field=models.GeneratedField(db_persist=True, expression=models.Func(models.F('phone'), models.Value('\\D'), models.Value(''), models.Value('g'), function='regexp_replace'), output_field=models.TextField(db_collation='C')),
        ),
    ]
