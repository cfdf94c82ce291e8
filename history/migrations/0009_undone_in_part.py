from django.db import migrations

STOPPED = ('cancelled', 'failed')


def mark(apps, schema_editor):
    """Say anew what is undone. An undo of an undo came later than that one, so the latest is looked at first."""
    with schema_editor.connection.cursor() as cursor:
        cursor.execute('SELECT tenant_id, id, undoes_id, state FROM history_operation WHERE undoes_id IS NOT NULL ORDER BY id DESC')
        undone = set()
        for tenant, undo, original, state in cursor.fetchall():
            if (tenant, undo) not in undone and state not in STOPPED:
                undone.add((tenant, original))
        cursor.execute('SELECT tenant_id, id FROM history_operation WHERE is_undone')
        wrong = undone ^ set(cursor.fetchall())
        cursor.executemany('UPDATE history_operation SET is_undone = NOT is_undone WHERE tenant_id = %s AND id = %s', sorted(wrong))


class Migration(migrations.Migration):
    """What an undo that was stopped has left is not undone, and may be undone."""

    dependencies = [
        ('history', '0008_personal_operations'),
    ]

    operations = [
        migrations.RunPython(mark, migrations.RunPython.noop),
    ]
