import django.contrib.postgres.indexes
import django.db.models.functions.text
from django.db import migrations, models

import tenants.fields


class Migration(migrations.Migration):
    """A customer is also found by what belongs to it: its own words, and those that other rows contribute."""

    dependencies = [("customers", "0001_initial")]

    operations = [
        migrations.RemoveIndex("customer", "customers_search"),
        migrations.RenameField("customer", "search", "own_words"),
        migrations.AlterField(
            "customer",
            "own_words",
            tenants.fields.DerivedTextField(
                blank=True,
                default="",
                editable=False,
                of=("name", "reference", "email", "phone"),
                source="derive_own_words",
            ),
        ),
        migrations.AddField(
            "customer",
            "contributed_words",
            tenants.fields.SettledTextField(blank=True, default="", editable=False),
        ),
        migrations.AddField(
            "customer",
            "search",
            models.GeneratedField(
                db_persist=True,
                expression=django.db.models.functions.text.Concat(
                    "own_words", models.Value("\n"), "contributed_words", output_field=models.TextField()
                ),
                output_field=models.TextField(),
            ),
        ),
        migrations.AddIndex(
            "customer",
            django.contrib.postgres.indexes.GinIndex(
                models.F("tenant"),
                django.contrib.postgres.indexes.OpClass(models.F("search"), "gin_trgm_ops"),
                name="customers_search",
            ),
        ),
    ]
