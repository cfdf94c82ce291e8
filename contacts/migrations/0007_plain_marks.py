from django.db import migrations

FANCY, PLAIN = "‘’“”„‐–—", "''\"\"\"---"


def plain(table: str, *columns: str) -> migrations.RunSQL:
    """Those columns as tenants.fields.fold has them now."""
    sets = ", ".join(f"{column} = translate({column}, %s, %s)" for column in columns)
    sql = f"UPDATE {table} SET {sets} WHERE concat({', '.join(columns)}) ~ %s"  # noqa: S608
    params = [FANCY, PLAIN] * len(columns)
    return migrations.RunSQL([(sql, [*params, f"[{FANCY}]"])], migrations.RunSQL.noop)


class Migration(migrations.Migration):
    """O’Connor is found as O'Connor: the quotes and dashes of typesetters are compared as plain ones."""

    dependencies = [("contacts", "0006_small_indexes")]
    operations = [
        plain("contacts_contact", "sort_name", "own_words", "customer_words"),
        plain("contacts_address", "own_words"),
    ]
