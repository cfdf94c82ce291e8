from django.db import migrations

STOPPED = ('cancelled', 'failed')


def mark(apps, schema_editor):
    """Say anew what is undone. An undo of an undo came later than that one, so the latest is looked at first."""
    operations = apps.get_model('history', 'Operation').objects
    undone = set()
    for undo, original, state in operations.exclude(undoes=None).order_by('-id').values_list('id', 'undoes_id', 'state'):
        if undo not in undone and state not in STOPPED:
            undone.add(original)
    operations.filter(is_undone=True).exclude(id__in=undone).update(is_undone=False)
    operations.filter(is_undone=False, id__in=undone).update(is_undone=True)


class Migration(migrations.Migration):
    """What an undo that was stopped has left is not undone, and may be undone."""

    dependencies = [
        ('history', '0008_personal_operations'),
    ]

    operations = [
        migrations.RunPython(mark, migrations.RunPython.noop),
    ]
