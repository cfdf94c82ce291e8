from django.db import migrations

MARKED = "[øđðłħıŧŋæœþ]"
PLAIN = (
    "replace(replace(replace(translate(name_key, 'øđðłħıŧŋ', 'oddlhitn'), 'æ', 'ae'), 'œ', 'oe'), 'þ', 'th')"
)


def update(table: str) -> str:
    """Entries whose plain name another one has already keep theirs."""
    return (
        f"UPDATE {table} AS entry SET name_key = {PLAIN} WHERE name_key ~ '{MARKED}' AND NOT EXISTS "  # noqa: S608
        f"(SELECT 1 FROM {table} AS other WHERE other.tenant_id = entry.tenant_id "
        f"AND other.id <> entry.id AND other.name_key = {PLAIN.replace('name_key', 'entry.name_key')})"
    )


class Migration(migrations.Migration):
    """Names of entries are compared without the marks of letters such as ø and ł."""

    dependencies = [("marketing", "0002_retired_never_default")]
    operations = [
        migrations.RunSQL(update(f"marketing_{name}"), migrations.RunSQL.noop)
        for name in ("segment", "status", "channel")
    ]
