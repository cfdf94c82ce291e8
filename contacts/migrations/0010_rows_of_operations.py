from django.db import migrations, models


class Migration(migrations.Migration):
    """The rows of an operation are read in the order of their ids, a part at a time."""

    dependencies = [
        ('contacts', '0009_email_keys'),
        ('customers', '0007_contacts_and_addresses_counted'),
        ('history', '0006_rows_of_operations'),
        ('tenants', '0002_cache_entry'),
    ]

    operations = [
        migrations.RemoveIndex(
            model_name='historicaladdress',
            name='contacts_address_oper',
        ),
        migrations.RemoveIndex(
            model_name='historicalcontact',
            name='contacts_contact_oper',
        ),
        migrations.AddIndex(
            model_name='historicaladdress',
            index=models.Index(fields=['tenant', 'operation', 'id'], name='contacts_address_oper'),
        ),
        migrations.AddIndex(
            model_name='historicalcontact',
            index=models.Index(fields=['tenant', 'operation', 'id'], name='contacts_contact_oper'),
        ),
    ]
