from django.db import migrations, models

# Of views and templates, and all that undoes such a one, or an undo of it, …
MARK = """
WITH RECURSIVE personal AS (
    SELECT tenant_id, id FROM history_operation WHERE kind = 'keep'
    UNION ALL
    SELECT undo.tenant_id, undo.id FROM personal
    JOIN history_operation AS undo ON undo.tenant_id = personal.tenant_id AND undo.undoes_id = personal.id
)
UPDATE history_operation SET is_personal = true FROM personal
WHERE history_operation.tenant_id = personal.tenant_id AND history_operation.id = personal.id
"""


class Migration(migrations.Migration):
    """What people name for themselves is theirs, however often it was undone."""

    dependencies = [
        ('history', '0007_kept_rows'),
    ]

    operations = [
        migrations.AddField(
            model_name='operation',
            name='is_personal',
            field=models.BooleanField(default=False, editable=False),
        ),
        migrations.RunSQL(MARK, migrations.RunSQL.noop),
    ]
