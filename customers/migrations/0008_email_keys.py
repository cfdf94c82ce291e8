import django.contrib.postgres.indexes
import tenants.fields
from django.db import migrations, models

# Each row is written once: the second time, its foreign keys would wait for the end, and no index could be made.
FILL = "UPDATE customers_customer SET email_key = lower(email) WHERE email ~ '^[ -~]+$'"


def fill_others(apps, schema_editor):
    """lower() may know no letters but ours."""
    rows = apps.get_model("customers", "Customer").objects
    for row in rows.filter(email__regex="[^ -~]").only("email"):
        rows.filter(pk=row.pk).update(email_key=row.email.strip().casefold())


class Migration(migrations.Migration):
    """E-mail addresses as compared, and what the list is sorted by letter by letter, whatever the server's collation:
    then an index has what begins alike. Each order also counts. Words, traits and choices share one index, which is
    made last: nearly every row is written once more.
    """

    dependencies = [
        ('customers', '0007_contacts_and_addresses_counted'),
        ('history', '0002_long_operations'),
        ('marketing', '0003_unmarked_letters'),
        ('tenants', '0002_cache_entry'),
    ]

    operations = [
        migrations.RemoveIndex(
            model_name='customer',
            name='customers_by_name',
        ),
        migrations.RemoveIndex(
            model_name='customer',
            name='customers_by_email',
        ),
        migrations.RemoveIndex(
            model_name='customer',
            name='customers_by_created',
        ),
        migrations.RemoveIndex(
            model_name='customer',
            name='customers_by_updated',
        ),
        migrations.RemoveIndex(
            model_name='customer',
            name='customers_by_reference',
        ),
        migrations.RemoveIndex(
            model_name='customer',
            name='customers_search',
        ),
        migrations.RemoveIndex(
            model_name='customer',
            name='customers_choices',
        ),
        migrations.AddField(
            model_name='customer',
            name='email_key',
            field=tenants.fields.ComparedTextField(blank=True, db_collation='C', default='', editable=False, of=('email',), source='derive_email_key'),
        ),
        migrations.AlterField(
            model_name='customer',
            name='reference_key',
            field=tenants.fields.ComparedTextField(blank=True, db_collation='C', default='', editable=False, of=('reference',), source='derive_reference_key'),
        ),
        migrations.AlterField(
            model_name='customer',
            name='sort_name',
            field=tenants.fields.ComparedTextField(blank=True, db_collation='C', default='', editable=False, of=('name',), source='derive_sort_name'),
        ),
        migrations.RunSQL(FILL, migrations.RunSQL.noop),
        migrations.RunPython(fill_others, migrations.RunPython.noop),
        migrations.AddIndex(
            model_name='customer',
            index=models.Index(fields=['tenant', 'sort_name', 'id'], include=('disabled_at',), name='customers_by_name'),
        ),
        migrations.AddIndex(
            model_name='customer',
            index=models.Index(fields=['tenant', 'reference_key', 'id'], include=('disabled_at',), name='customers_by_reference'),
        ),
        migrations.AddIndex(
            model_name='customer',
            index=models.Index(fields=['tenant', 'email_key', 'id'], include=('disabled_at',), name='customers_by_email'),
        ),
        migrations.AddIndex(
            model_name='customer',
            index=models.Index(fields=['tenant', 'created_at', 'id'], include=('disabled_at',), name='customers_by_created'),
        ),
        migrations.AddIndex(
            model_name='customer',
            index=models.Index(fields=['tenant', 'updated_at', 'id'], include=('disabled_at',), name='customers_by_updated'),
        ),
        migrations.AddIndex(
            model_name='customer',
            index=django.contrib.postgres.indexes.GinIndex(models.F('tenant'), django.contrib.postgres.indexes.OpClass(models.F('search'), 'gin_trgm_ops'), django.contrib.postgres.indexes.OpClass(models.F('traits'), 'jsonb_path_ops'), models.F('segment'), models.F('status'), models.F('channel'), models.F('responsible_manager'), models.F('service_manager'), models.F('kind'), models.F('receive_promotional_emails'), name='customers_found'),
        ),
    ]
