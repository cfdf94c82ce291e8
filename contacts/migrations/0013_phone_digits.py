from django.db import migrations, models


class Migration(migrations.Migration):
    """Contacts are found by how their phone begins."""

    dependencies = [
        ('contacts', '0012_where_customers_are_billed'),
        ('customers', '0014_by_where_they_are_billed'),
        ('history', '0008_personal_operations'),
        ('tenants', '0002_cache_entry'),
    ]

    operations = [
        migrations.AddField(
            model_name='contact',
            name='phone_digits',
            field=models.GeneratedField(db_persist=True, expression=models.Func(models.F('phone'), models.Value('\\D'), models.Value(''), models.Value('g'), function='regexp_replace'), output_field=models.TextField(db_collation='C')),
        ),
        migrations.AddIndex(
            model_name='contact',
            index=models.Index(fields=['tenant', 'phone_digits', 'id'], include=('customer_disabled',), name='contacts_by_phone'),
        ),
    ]
