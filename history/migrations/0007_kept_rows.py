import django.db.models.deletion
import tenants.constraints
import tenants.context
import tenants.fields
from django.db import migrations, models


class Migration(migrations.Migration):
    """Which rows an undo left as they were, and why."""

    dependencies = [
        ('history', '0006_rows_of_operations'),
        ('tenants', '0002_cache_entry'),
    ]

    operations = [
        migrations.CreateModel(
            name='KeptRow',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('place', models.BigIntegerField(editable=False)),
                ('model', models.CharField(editable=False, max_length=80)),
                ('row', models.BigIntegerField(editable=False)),
                ('reason', models.TextField(editable=False)),
                ('operation', tenants.fields.TenantForeignKey(db_constraint=False, db_index=False, editable=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='kept_rows', to='history.operation')),
                ('tenant', models.ForeignKey(db_index=False, default=tenants.context.current_tenant_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenants.tenant')),
                ('touched', tenants.fields.TenantForeignKey(db_constraint=False, db_index=False, editable=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='history.operation')),
            ],
            options={
                'abstract': False,
                'base_manager_name': 'objects',
                'constraints': [models.UniqueConstraint(fields=('tenant', 'id'), name='history_keptrow_tenant_id'), tenants.constraints.TenantPolicy(name='history_keptrow_tenant'), tenants.constraints.CompositeForeignKey(field='operation', name='history_keptrow_operation_fk', to='history.Operation'), tenants.constraints.CompositeForeignKey(field='touched', name='history_keptrow_touched_fk', to='history.Operation'), models.UniqueConstraint(fields=('tenant', 'operation', 'place'), name='history_keptrow_place')],
            },
        ),
    ]
