from django.db import migrations, models

# Until now each operation was undone once, so undos stand in chains: the last one stands, the one before does not, …
MARK = """
WITH RECURSIVE undone AS (
    SELECT last.tenant_id, last.undoes_id AS id, true AS is_undone FROM history_operation AS last
    WHERE undoes_id IS NOT NULL AND NOT EXISTS (
        SELECT FROM history_operation AS later WHERE later.tenant_id = last.tenant_id AND later.undoes_id = last.id
    )
    UNION ALL
    SELECT undo.tenant_id, undo.undoes_id, NOT undone.is_undone FROM undone
    JOIN history_operation AS undo ON undo.tenant_id = undone.tenant_id AND undo.id = undone.id
    WHERE undo.undoes_id IS NOT NULL
)
UPDATE history_operation SET is_undone = true FROM undone
WHERE undone.is_undone AND history_operation.tenant_id = undone.tenant_id AND history_operation.id = undone.id
"""


class Migration(migrations.Migration):
    """An operation whose undo was undone stands again, and may be undone once more."""

    dependencies = [
        ('history', '0004_makes_settled'),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name='operation',
            name='history_operation_undone_once',
        ),
        migrations.AddField(
            model_name='operation',
            name='is_undone',
            field=models.BooleanField(default=False, editable=False),
        ),
        migrations.AddIndex(
            model_name='operation',
            index=models.Index(condition=models.Q(('undoes__isnull', False)), fields=['tenant', 'undoes'], name='history_operation_undoes'),
        ),
        migrations.RunSQL(MARK, migrations.RunSQL.noop),
    ]
