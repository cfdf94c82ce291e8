import django.contrib.postgres.indexes
import django.db.models.functions.text
import tenants.fields
from django.db import migrations, models

# Each row is written once: the second time, its foreign keys would wait for the end, and no index could be made.
FILL = "UPDATE contacts_contact SET email_key = lower(email) WHERE email ~ '^[ -~]+$'"


def fill_others(apps, schema_editor):
    """lower() may know no letters but ours."""
    rows = apps.get_model("contacts", "Contact").objects
    for row in rows.filter(email__regex="[^ -~]").only("email"):
        rows.filter(pk=row.pk).update(email_key=row.email.strip().casefold())


class Migration(migrations.Migration):
    """E-mail addresses as compared, and what the list is sorted by letter by letter, whatever the server's collation:
    then an index has what begins alike. Each order also counts. The searchable text and its index are made last: nearly
    every row is written once more.
    """

    dependencies = [
        ('contacts', '0008_counts_of_customers'),
        ('customers', '0007_contacts_and_addresses_counted'),
        ('history', '0002_long_operations'),
        ('tenants', '0002_cache_entry'),
    ]

    operations = [
        migrations.RemoveIndex(
            model_name='contact',
            name='contacts_search',
        ),
        migrations.RemoveField(  # for no column may change of which another one is made
            model_name='contact',
            name='search',
        ),
        migrations.RemoveIndex(
            model_name='contact',
            name='contacts_of_customer',
        ),
        migrations.RemoveIndex(
            model_name='contact',
            name='contacts_by_name',
        ),
        migrations.RemoveIndex(
            model_name='contact',
            name='contacts_by_email',
        ),
        migrations.RemoveIndex(
            model_name='contact',
            name='contacts_by_customer',
        ),
        migrations.RemoveIndex(
            model_name='contact',
            name='contacts_by_updated',
        ),
        migrations.RemoveIndex(
            model_name='contact',
            name='contacts_by_created',
        ),
        migrations.AddField(
            model_name='contact',
            name='email_key',
            field=tenants.fields.ComparedTextField(blank=True, db_collation='C', default='', editable=False, of=('email',), source='derive_email_key'),
        ),
        migrations.AlterField(
            model_name='contact',
            name='customer_words',
            field=tenants.fields.SettledTextField(blank=True, db_collation='C', default='', editable=False),
        ),
        migrations.AlterField(
            model_name='contact',
            name='sort_name',
            field=tenants.fields.ComparedTextField(blank=True, db_collation='C', default='', editable=False, of=('name',), source='derive_sort_name'),
        ),
        migrations.RunSQL(FILL, migrations.RunSQL.noop),
        migrations.RunPython(fill_others, migrations.RunPython.noop),
        migrations.AddIndex(
            model_name='contact',
            index=models.Index(fields=['tenant', 'customer', '-is_primary', 'sort_name', 'id'], include=('customer_disabled',), name='contacts_of_customer'),
        ),
        migrations.AddIndex(
            model_name='contact',
            index=models.Index(fields=['tenant', 'sort_name', 'id'], include=('customer_disabled',), name='contacts_by_name'),
        ),
        migrations.AddIndex(
            model_name='contact',
            index=models.Index(fields=['tenant', 'email_key', 'id'], include=('customer_disabled',), name='contacts_by_email'),
        ),
        migrations.AddIndex(
            model_name='contact',
            index=models.Index(fields=['tenant', 'customer_words', 'id'], include=('customer_disabled',), name='contacts_by_customer'),
        ),
        migrations.AddIndex(
            model_name='contact',
            index=models.Index(fields=['tenant', 'created_at', 'id'], include=('customer_disabled',), name='contacts_by_created'),
        ),
        migrations.AddIndex(
            model_name='contact',
            index=models.Index(fields=['tenant', 'updated_at', 'id'], include=('customer_disabled',), name='contacts_by_updated'),
        ),
        migrations.AddField(
            model_name='contact',
            name='search',
            field=models.GeneratedField(db_persist=True, expression=django.db.models.functions.text.Concat('own_words', models.Value('\n'), 'customer_words', output_field=models.TextField()), output_field=models.TextField()),
        ),
        migrations.AddIndex(
            model_name='contact',
            index=django.contrib.postgres.indexes.GinIndex(models.F('tenant'), django.contrib.postgres.indexes.OpClass(models.F('search'), name='gin_trgm_ops'), name='contacts_search'),
        ),
    ]
