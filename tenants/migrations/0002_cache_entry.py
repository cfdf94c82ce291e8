from django.db import migrations


class Migration(migrations.Migration):
    """The cache that all processes share. Unlogged: losing it costs nothing but a few counters."""

    dependencies = [("tenants", "0001_initial")]
    operations = [
        migrations.RunSQL(
            "CREATE UNLOGGED TABLE cache_entry ("
            "cache_key varchar(255) PRIMARY KEY, value text NOT NULL, expires timestamptz NOT NULL);"
            "CREATE INDEX cache_entry_expires ON cache_entry (expires)",
            "DROP TABLE cache_entry",
        )
    ]
